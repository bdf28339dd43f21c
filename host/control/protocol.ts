// What is spoken over a control socket: lines of JSON, first a greeting of the stack, then requests of the client
// and an answer to each, or a first answer, items and an end. This file has the words, and how much of them there may be.

import type {
  ConnectionInfo,
  CounterName,
  OptionName,
  PoolLevels,
  TraceEntry,
} from "../core/observe.js";
import type { SocketInfo } from "../core/socketRecords.js";
import type { FlightLevels } from "../record/flight.js";
import type { InterfaceInfo, ProfileName } from "../core/stack.js";
import type { StateChange } from "../core/stateChanges.js";
import type { Failure, TestEvent } from "../iperf3/events.js";
import type { Settings } from "../iperf3/settings.js";
import type { EchoAnswer } from "../probe/echo.js";
import type { PingPlan } from "../probe/pinger.js";
import type { Summary } from "../probe/tally.js";
import type { Hop, TracePlan } from "../probe/tracer.js";

/** Rises when a line of before means something else; what is added is no new version. */
export const CONTROL_VERSION = 1;

/** The longest request, bytes without its end. */
export const MOST_REQUEST_BYTES = 16 * 1024;
/** The longest answer that a client takes: thousands of connections have a few megabytes. */
export const MOST_ANSWER_BYTES = 64 * 1024 * 1024;

/** The first line of each connection. */
export interface Greeting {
  readonly motetcp: number;
  readonly name: string;
  readonly pid: number;
  /** Of the package. */
  readonly version: string;
}

export interface ControlRequest {
  /** Stands in the answer again. */
  readonly id: number | string;
  readonly call: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** An error, as it crosses the socket. */
export interface ToldError {
  readonly code: string;
  readonly message: string;
}

/** What becomes of a call. */
export type Outcome = { readonly result: unknown } | { readonly error: ToldError };

/** One line of what becomes of a call: its outcome; behind that, of one that gives many answers, items and an end. */
export type Told = Outcome | { readonly item: unknown } | { readonly end: unknown };

/** `id` is null where the request had none. */
export type Answer = { readonly id: number | string | null } & Told;

/** A call that goes on behind its first answer. */
export interface Running {
  /** What the client says while it goes on. Throws: the arguments are not what they have to be. */
  input?(args: Readonly<Record<string, unknown>>): void;
  /** An item has left: there is room for another. */
  credit(): void;
  /** Ends it; the line with the end follows. */
  cancel(): void;
}

/** Items of a call that are on their way at a time: one is written while the next is made. */
export const ITEMS_UNDER_WAY = 2;

/** Who listens on a port of the stack, for people. */
export interface ControlService {
  /** As in "http". */
  readonly name: string;
  /** Of the stack. */
  readonly port: number;
  /** Of this machine, where another one leads to it. Default: none. */
  readonly hostPort?: number;
}

export interface StackFacts {
  readonly profile: ProfileName;
  /** Without .local; "": none. */
  readonly hostName: string;
  /** Since the control socket was opened, ms. */
  readonly uptimeMs: number;
  readonly turns: number;
}

/** What the trace ring still has. */
export interface History {
  /** Now, on the clock of the entries: ms, the lowest 32 bits. */
  readonly nowMs: number;
  /** Entries that the ring keeps; 0: this build has none. */
  readonly capacity: number;
  /** Entries that have been overwritten so far. */
  readonly overwritten: number;
  /** The oldest first. */
  readonly entries: readonly TraceEntry[];
}

/** Each call with what it gives. */
export interface CallResults {
  info: StackFacts;
  connections: readonly ConnectionInfo[];
  sockets: readonly SocketInfo[];
  counters: Readonly<Record<CounterName, number>>;
  pools: readonly PoolLevels[];
  history: History;
  interfaces: readonly InterfaceInfo[];
  /** Those that the stack has as a whole. */
  options: Readonly<Partial<Record<OptionName, number>>>;
  services: readonly ControlService[];
  resolve: { readonly addresses: readonly string[] };
  recording: RecordingStatus;
  dumpRecording: { readonly path: string };
  stopRecording: { readonly stopped: readonly RecordingFacts[] };
}

/** What calls with one answer take; those that are not here take nothing. */
export interface CallArguments {
  dumpRecording: { file: string; overwrite?: boolean };
  resolve: { name: string };
}

/** A recording that is written. */
export interface RecordingFacts {
  /** Of the file that is written now. */
  readonly path: string;
  /** Of calls, in all of its files. */
  readonly bytes: number;
  /** ms since 1970. */
  readonly startedAtMs: number;
}

/** What is written down of a stack. */
export interface RecordingStatus {
  /** null: there is no flight recorder. */
  readonly flight: FlightLevels | null;
  readonly running: readonly RecordingFacts[];
}

export type CallName = keyof CallResults;

/** A frame, as it crosses the socket. */
export interface FrameItem {
  /** Microseconds since 1970: the stack's clock, beginning at the machine's time of day. */
  readonly timeUs: number;
  readonly interface: number;
  /** rx is into the stack. */
  readonly direction: "rx" | "tx";
  /** On the wire: more than `bytes` where only the beginning was asked for. */
  readonly length: number;
  /** In base64. */
  readonly bytes: string;
}

/** Each call that gives many answers: what it takes, its first answer, its items and its end. */
export interface StreamCalls {
  frames: {
    args: { snap?: number; interface?: number };
    first: { readonly interfaces: readonly InterfaceInfo[] };
    item: { readonly frames: readonly FrameItem[]; readonly dropped: number };
    end: { readonly seen: number; readonly dropped: number; readonly reason: EndReason };
  };
  connect: Lent & {
    args: {
      host: string;
      port: number;
      localAddress?: string;
      localPort?: number;
      options?: OptionValues;
    };
  };
  listen: {
    args: { port: number; address?: string; backlog?: number; options?: OptionValues };
    first: { readonly address: string; readonly port: number };
    item: ArrivedItem;
    end: { readonly reason: EndReason };
  };
  take: Lent & { args: { connection: number } };
  bind: {
    args: {
      port?: number;
      address?: string;
      remoteAddress?: string;
      remotePort?: number;
      options?: OptionValues;
    };
    first: { readonly address: string; readonly port: number };
    /** `taken`: there is room for so many bytes again, each datagram counted with DATAGRAM_COST_BYTES. */
    item: { readonly datagrams: readonly DatagramItem[]; readonly taken: number };
    end: LentEnd;
  };
  ping: {
    args: Partial<PingPlan> & { address: string };
    first: Record<string, never>;
    item: { readonly answer: EchoAnswer };
    end: { readonly summary: Summary | null; readonly error: ToldError | null };
  };
  trace: {
    args: Partial<TracePlan> & { address: string };
    first: Record<string, never>;
    item: { readonly hop: Hop };
    end: { readonly reached: boolean; readonly error: ToldError | null };
  };
  iperf3: {
    /** `address`: the server's, or one of a server's own; the settings are a client's. */
    args: {
      role: "client" | "server";
      address?: string;
      port?: number;
      intervalMs?: number;
      once?: boolean;
      connectMs?: number;
    } & Partial<Settings>;
    first: Record<string, never>;
    item: { readonly event: TestEvent };
    end: { readonly error: Failure | null };
  };
  record: {
    args: { file?: string; overwrite?: boolean; rotate?: number; keep?: number };
    first: RecordingFacts;
    item: RecordingFacts;
    end: RecordingFacts & { readonly reason: EndReason; readonly error?: string };
  };
}

/** Both ends of a connection of the stack. */
export interface Endpoints {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** Bytes that a client may have sent for a connection, and that the stack has not taken. */
export const LENT_WINDOW_BYTES = 256 * 1024;

/** What is sent in one line: in base64 it has to fit into a request. */
export const PIECE_BYTES = 8 * 1024;

/** Of data in a datagram: the longest IPv4 packet has 65,535. */
export const MOST_DATAGRAM_BYTES = 65_507;

/** What a datagram counts beside its bytes. */
export const DATAGRAM_COST_BYTES = 256;

/** A datagram that came for a socket that a client uses. */
export interface DatagramItem {
  readonly address: string;
  readonly port: number;
  /** IPv4 time to live that was left. */
  readonly hops: number;
  /** It went to several hosts. */
  readonly toMany: boolean;
  /** In base64. */
  readonly bytes: string;
}

/** What happens to a connection that a client uses. */
export type LentEvent =
  | ({ readonly type: "connected" } & Endpoints)
  /** In base64. */
  | { readonly type: "data"; readonly bytes: string }
  /** The peer has closed its side. */
  | { readonly type: "end" }
  /** There is room for so many bytes again. */
  | { readonly type: "taken"; readonly bytes: number }
  | ({ readonly type: "state" } & StateChange);

export interface LentEnd {
  /** "over": the connection or socket has ended; "closed": the stack has. */
  readonly reason: EndReason | "over";
  readonly error: { readonly code: string; readonly syscall: string } | null;
}

interface Lent {
  first: Endpoints;
  item: { readonly events: readonly LentEvent[] };
  end: LentEnd;
}

/** Connections that were accepted, and wait to be taken. */
export interface ArrivedItem {
  readonly connections: readonly ({ readonly connection: number } & Endpoints)[];
}

type OptionValues = Partial<Record<OptionName, number>>;

/** Why a call has ended: it was cancelled; the stack was closed; another call or the stack's end stopped it; it failed. */
export type EndReason = "cancelled" | "closed" | "stopped" | "failed";

export type StreamName = keyof StreamCalls;

export const STREAM_NAMES: readonly StreamName[] = [
  "frames",
  "connect",
  "listen",
  "take",
  "bind",
  "ping",
  "trace",
  "iperf3",
  "record",
];

export const isStreamName = (call: string): call is StreamName =>
  (STREAM_NAMES as readonly string[]).includes(call);

export function controlError(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

/** EIO where it has no code. */
export function errorOf(error: unknown): ToldError {
  const { code = "EIO", message } = error as NodeJS.ErrnoException;
  return { code, message };
}
