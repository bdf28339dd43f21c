// What the package offers on Node: what it offers everywhere, stacks with sockets of Node's shape, links of the
// system, snapshots, metrics and the loop in a thread of its own.

export * from "./everywhere.js";
export { createStack, createStackSync, type NodeExtras, type NodeStack } from "./nodeStack.js";
export type { NodeStackOptions } from "./node/createStack.js";
export type { RecordOptions } from "./record/record.js";
export type { RecordingSink } from "./record/recorder.js";
export {
  recordStack,
  writeRecording,
  type RecordStackOptions,
  type WriteRecordingOptions,
} from "./record/stackRecordings.js";
export {
  replayRecording,
  type ReplayOptions,
  type ReplayReport,
} from "./record/replayRecording.js";
export type { StackRecording } from "./record/running.js";
export type { ReplayEnd } from "./record/replay.js";
export type { RecordingCode } from "./record/errors.js";
export { keepAddresses } from "./net/secure.js";
export type { Attachable, AttachServerOptions } from "./net/attach.js";
export type { ConnectorOptions, UndiciConnect, UndiciTarget } from "./net/agent.js";
export type { NetModule, StackSocketExtras } from "./net/module.js";
export type { DgramModule, DgramSocket, StackDgramExtras } from "./dgram/module.js";
export {
  inspectSnapshot,
  restoreStack,
  type RestoredFrom,
  type RestoredStack,
  type RestoreOptions,
  type SnapshotInfo,
  type SnapshotSource,
} from "./snapshot/restore.js";
export { writeSnapshot, type SnapshotOptions, type WriteSnapshotOptions } from "./snapshot/take.js";
export type { SnapshotErrorCode } from "./snapshot/errors.js";
export type {
  ConnectionHandlers,
  Restored,
  RestoredConnection,
  RestoredListener,
  RestoredSocket,
  SocketHandlers,
} from "./core/restored.js";
export { metricsFor, openMetrics, type MetricsText } from "./metrics/metrics.js";
export { serveControl, type ControlOptions } from "./control/serve.js";
export type { ControlServer } from "./control/server.js";
export type { ControlService } from "./control/protocol.js";
export { runDedicated, type Dedicated, type DedicatedOptions } from "./node/dedicated.js";
export type { RunningServices, ServiceContext, StartServices } from "./core/services.js";
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
export { openPcapLink } from "./link/pcapFile.js";
export type { ByteSink, Direction } from "./link/pcapng.js";
export { createPcapngFile } from "./link/pcapngFile.js";
export {
  chooseAddresses,
  overlaps,
  rangesInUse,
  type AddressBlock,
  type Range,
} from "./link/addresses.js";
