// What the package offers: stacks, links, wrappers around links, clocks and both loops.

export { createStack, createStackSync, type NodeExtras, type NodeStack } from "./nodeStack.js";
export { keepAddresses } from "./net/secure.js";
export type { Attachable, AttachServerOptions } from "./net/attach.js";
export type { ConnectorOptions, UndiciConnect, UndiciTarget } from "./net/agent.js";
export type { NetModule, StackSocketExtras } from "./net/module.js";
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
export type { AutoOptions, LeaseInfo, LeaseStateName } from "./core/lease.js";
export type { Hosts } from "./core/hosts.js";
export type { LookupError } from "./core/lookup.js";
export type { OnLookup } from "./core/names.js";
export type { RouteInfo, RouteOptions } from "./core/routing.js";
export type { TimeInfo } from "./core/timeOfDay.js";
export type { Connection, Listener } from "./core/connection.js";
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
export { runDedicated, type Dedicated, type DedicatedOptions } from "./node/dedicated.js";
export type { RunningServices, ServiceContext, StartServices } from "./core/services.js";
export { runFor, runVirtual, settle, type VirtualRun } from "./core/virtual.js";
export type { Link } from "./link/link.js";
export { MemoryLink, type MemoryLinkOptions } from "./link/memory.js";
export { createSwitch, type Switch, type SwitchOptions } from "./link/switch.js";
export { openTap, TapLink, type TapLinkOptions } from "./link/tap.js";
export {
  openUserLink,
  type PublishedPort,
  type PublishedProtocol,
  type UserLink,
  type UserLinkOptions,
} from "./link/user.js";
export type { ForwardedPort } from "./link/nat/forwards.js";
export type { NameLookup } from "./link/nat/names.js";
export type { OutboundOptions, OutboundState } from "./link/nat/outbound.js";
export {
  listenQemuLink,
  openQemuLink,
  type QemuLinkOptions,
  type QemuListener,
} from "./link/qemu.js";
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
export { openPcapLink } from "./link/pcapFile.js";
export { createPcapLink, type PcapLink, type PcapLinkOptions } from "./link/replay.js";
export { readCapture, type CaptureError, type CapturedFrame } from "./link/captureReader.js";
export { impair, type ImpairedLink, type Impairments } from "./link/impair.js";
export { tee, type TeeOptions } from "./link/tee.js";
export { createPcapngWriter, type CaptureWriter, type PcapngOptions } from "./link/pcapng.js";
export { createPcapngFile } from "./link/pcapngFile.js";
export { createVirtualClock, realClock, type Clock, type VirtualClock } from "./link/clock.js";
export { chooseAddresses, overlaps, rangesInUse, type AddressBlock } from "./link/addresses.js";
