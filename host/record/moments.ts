// A replay as moments that people can follow: each call with the frames that it took or gave, the changes of state it
// brought, and those of control blocks.

import type { Core } from "../core/core.js";
import { Constant } from "../core/generated/abi.js";
import { readConnections, readTraces, type ConnectionInfo } from "../core/observe.js";
import { createTraceReader, endOfTrace } from "../core/trace.js";
import type { Direction } from "../link/pcapng.js";
import type { Replay, ReplayedCall } from "./replay.js";

/** A frame that crossed the core's boundary. */
export interface RecordedFrame {
  /** Microseconds since 1970. */
  readonly timeUs: number;
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly direction: Direction;
}

/** One change of state. */
export interface Transition {
  /** "7 ↔ 49152": our port and the peer's. */
  readonly ports: string;
  readonly from: string;
  readonly to: string;
  /** null: the build keeps no trace. */
  readonly cause: string | null;
}

/** One variable of one control block. */
export interface Variable {
  readonly ports: string;
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface Moment {
  readonly call: ReplayedCall;
  /** Of the stack's clock, since the recording began, microseconds. */
  readonly atUs: number;
  readonly frames: readonly RecordedFrame[];
  readonly transitions: readonly Transition[];
  readonly variables: readonly Variable[];
}

/** Those of RFC 9293 section 3.3.1 that segments move, congestion control and time. */
const WATCHED = [
  ...(["sndUna", "sndNxt", "sndWnd", "rcvNxt", "rcvAdv", "cwnd", "ssthresh"] as const),
  ...(["srttUs", "rtoMs", "retries", "sendQueue", "receiveQueue"] as const),
] as const;

/** Calls that bring nothing to see by themselves. */
const SILENT = new Set(["advance", "nextDeadline", "nextEvent", "takeEvents", "expire"]);

export const isSilent = ({ name }: ReplayedCall): boolean => SILENT.has(name);

export function* momentsOf(replay: Replay, withVariables: boolean): Generator<Moment> {
  const { core, head } = replay;
  const changes = createTransitions(core);
  const variables = withVariables ? createVariables(core) : () => [];
  const time = createTime();
  for (let call; (call = replay.step()) !== null;) {
    if (call.name === "advance") time.tell(call.args[0]!, call.args[1]!);
    const timeUs = head.startedAtMs * 1000 + time.us();
    yield {
      call,
      atUs: time.us(),
      frames: framesOf(core, call, timeUs),
      transitions: changes(),
      variables: variables(),
    };
  }
}

/** Both clocks wrap; microseconds are exact within their 71 minutes, and milliseconds say which. */
function createTime() {
  let first: number | null = null;
  let ms = 0;
  let lastMs = 0;
  let fractionUs = 0;
  return {
    tell(nowMs: number, nowUs: number): void {
      if (first === null) first = lastMs = nowMs;
      ms += (nowMs - lastMs) >>> 0;
      lastMs = nowMs;
      fractionUs = (nowUs >>> 0) % 1000;
    },
    us: () => ms * 1000 + (ms === 0 ? 0 : fractionUs),
  };
}

function framesOf({ memory, constant }: Core, call: ReplayedCall, timeUs: number): RecordedFrame[] {
  const { name, result, bytes } = call;
  const frames: RecordedFrame[] = [];
  if (name === "receive" && bytes !== null && bytes.length > 0)
    frames.push({ timeUs, bytes, length: bytes.length, direction: "rx" });
  if ((name === "receive" || name === "transmit") && result > 0) {
    const at = constant(Constant.TX_FRAME);
    frames.push({ timeUs, bytes: memory.slice(at, at + result), length: result, direction: "tx" });
  }
  return frames;
}

const portsOf = ({ localPort, remotePort }: { localPort: number; remotePort: number }): string =>
  `${localPort} ↔ ${remotePort}`;

/** From the trace ring; where a build has none, from what its records were and are. */
function createTransitions(core: Core): () => Transition[] {
  if (core.constant(Constant.TRACE_RECORDS) > 0) {
    // A memory that it begins with has a ring of before.
    const reader = createTraceReader(core, { taken: endOfTrace(core), lost: 0 });
    return () =>
      readTraces(reader).map((each) => {
        const { from, to, cause } = each;
        return { ports: portsOf(each), from, to, cause };
      });
  }
  let known = new Map(readConnections(core).map((each) => [portsOf(each), each.state as string]));
  return () => {
    const now = new Map(readConnections(core).map((each) => [portsOf(each), each.state as string]));
    const changes: Transition[] = [];
    for (const ports of new Set([...known.keys(), ...now.keys()])) {
      const [from, to] = [known.get(ports) ?? "CLOSED", now.get(ports) ?? "CLOSED"];
      if (from !== to) changes.push({ ports, from, to, cause: null });
    }
    known = now;
    return changes;
  };
}

function createVariables(core: Core): () => Variable[] {
  let known = new Map<string, ConnectionInfo>();
  return () => {
    const tcbs = readConnections(core).filter(({ pool }) => pool === "tcb");
    const now = new Map(tcbs.map((each) => [portsOf(each), each]));
    const changes: Variable[] = [];
    for (const [ports, info] of now) {
      const before = known.get(ports);
      if (before === undefined) continue;
      for (const name of WATCHED) {
        const [from, to] = [before[name], info[name]];
        if (from !== to) changes.push({ ports, name, from, to });
      }
    }
    known = now;
    return changes;
  };
}
