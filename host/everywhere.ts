// What the package offers wherever it runs: the types of a stack, links inside the process and over WebSockets,
// wrappers around them, clocks. Nothing that is reached from here imports a module of Node's or uses one of its
// globals.

export type {
  AddressOptions,
  AddressStateName,
  AttachOptions,
  BindOptions,
  ConnectOptions,
  InterfaceInfo,
  ListenOptions,
  ProfileName,
  ServiceName,
  Stack,
  StackOptions,
  VariantName,
} from "./core/stack.js";
export type { WasmSource } from "./core/wasm.js";
export type {
  KeepAliveOptions,
  StreamConnectOptions,
  StreamListener,
  StreamListenerInfo,
  StreamListenOptions,
  StreamOptions,
  StreamSocket,
  StreamSocketInfo,
} from "./portable/types.js";
export type { AutoOptions, LeaseInfo, LeaseStateName } from "./core/lease.js";
export type { Hosts } from "./core/hosts.js";
export type { LookupError } from "./core/lookup.js";
export type { OnLookup } from "./core/names.js";
export type { RouteInfo, RouteOptions } from "./core/routing.js";
export type { TimeInfo } from "./core/timeOfDay.js";
export type { Connection, Listener } from "./core/connection.js";
export type { StateChange } from "./core/stateChanges.js";
export type { Datagram, DatagramSocket, SocketProtocol } from "./core/socket.js";
export type {
  ConnectionInfo,
  CounterName,
  OptionName,
  PoolLevels,
  PoolName,
  StateName,
  TraceEntry,
} from "./core/observe.js";
export type { StackError } from "./core/errors.js";
export { runFor, runVirtual, settle, type VirtualRun } from "./core/virtual.js";
export type { Link } from "./link/link.js";
export { MemoryLink, type MemoryLinkOptions } from "./link/memory.js";
export { createSwitch, type Switch, type SwitchOptions } from "./link/switch.js";
export { impair, type ImpairedLink, type Impairments } from "./link/impair.js";
export { tee, type TeeOptions } from "./link/tee.js";
export { createPcapngWriter, type CaptureWriter, type PcapngOptions } from "./link/pcapng.js";
export {
  createWebSocketLink,
  openWebSocketLink,
  type OpenWebSocketOptions,
  type WebSocketConstructor,
  type WebSocketEvent,
  type WebSocketLike,
  type WebSocketLink,
  type WebSocketLinkOptions,
} from "./link/webSocket.js";
export { createPcapLink, type PcapLink, type PcapLinkOptions } from "./link/replay.js";
export { readCapture, type CaptureError, type CapturedFrame } from "./link/captureReader.js";
export { createVirtualClock, realClock, type Clock, type VirtualClock } from "./link/clock.js";
