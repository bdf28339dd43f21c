// A recording done again, for programs: what happened in it, in a form that a test can hold against what it should be.

import { readFileSync } from "node:fs";
import { createConversations } from "../dissect/conversations.js";
import { dissect } from "../dissect/packet.js";
import { numberToAddress } from "../core/address.js";
import { flagLetters } from "../dissect/tcp.js";
import { digestOf } from "./digest.js";
import { parseUntil, type SeenSegment } from "./events.js";
import { momentsOf, type Moment } from "./moments.js";
import { openReplay, type ReplayEnd } from "./replay.js";

/** How far a recording is played. */
export interface ReplayOptions {
  /**
   * A number of seconds ("2.5"), or an event: "state=CLOSE_WAIT", "segment=12", "call=1000", "syn", "fin", "rst",
   * "retransmission", "zero-window", "drop". Default: to its end.
   */
  until?: string;
}

/** What happened in a recording. */
export interface ReplayReport {
  /**
   * "whole": to the end, and the memory is the same; "cut": the recording was not closed; "trapped": the core traps as it did;
   * "until": stopped where it was to.
   */
  readonly outcome: ReplayEnd | "until";
  /** Calls of the core. */
  readonly calls: number;
  /** Changes of state: "7 ↔ 49152: SYN-SENT → ESTABLISHED, SYN-ACK". */
  readonly states: readonly string[];
  /** TCP segments, numbers relative to the SYNs: "in 198.18.0.2:7 > 198.18.0.1:49152 [S.] seq 0 ack 1 win 65535 length 0". */
  readonly segments: readonly string[];
  /** SHA-256 of the core's memory, in hex. */
  readonly memory: string;
}

/**
 * Does a recording again on a fresh core: a file (a path or URL), or its bytes. Rejects with ERR_RECORDING_FOREIGN, _VERSION,
 * _TRUNCATED, _CORRUPT, _BUILD (another build of the core), ERR_REPLAY_DIVERGED, EINVAL (no such event), and what the
 * file system says.
 */
export async function replayRecording(
  source: Uint8Array | string | URL,
  { until }: ReplayOptions = {},
): Promise<ReplayReport> {
  const at = until === undefined ? null : parseUntil(until);
  const isFile = typeof source === "string" || source instanceof URL;
  const replay = await openReplay(isFile ? readFileSync(source) : source);
  const { core, head } = replay;
  const isReached = at?.(core) ?? (() => null);
  const follow = createFollower();
  const states: string[] = [];
  const segments: string[] = [];
  let calls = 0;
  let outcome: ReplayReport["outcome"] | null = null;
  for (const moment of momentsOf(replay, false)) {
    calls++;
    const frames = follow(moment);
    states.push(...moment.transitions.map(transitionText));
    segments.push(...frames.map(segmentText).filter((text) => text !== null));
    if (isReached(moment, frames) === null) continue;
    outcome = "until";
    break;
  }
  const memory = digestOf(core, head.snapshot ?? "all").toString("hex");
  return { outcome: outcome ?? replay.end ?? "cut", calls, states, segments, memory };
}

interface DirectedSegment extends SeenSegment {
  readonly direction: "in" | "out";
}

function createFollower(): (moment: Moment) => DirectedSegment[] {
  const conversations = createConversations();
  let number = 0;
  return ({ frames }) =>
    frames.map(({ bytes, length, timeUs, direction }) => {
      const packet = dissect(bytes, length);
      const segment = conversations.follow(++number, timeUs, packet);
      return { packet, segment, direction: direction === "rx" ? "in" : "out" };
    });
}

const transitionText = ({ ports, from, to, cause }: Moment["transitions"][number]): string =>
  `${ports}: ${from} → ${to}${cause === null ? "" : `, ${cause}`}`;

/** null: no TCP. */
function segmentText({ packet: { ip, tcp }, segment, direction }: DirectedSegment): string | null {
  if (ip === null || tcp === null || segment === null) return null;
  const from = `${numberToAddress(ip.source)}:${tcp.sourcePort}`;
  const to = `${numberToAddress(ip.destination)}:${tcp.destinationPort}`;
  const { sequence, acknowledgment, windowBytes, words } = segment;
  const numbers = `seq ${sequence} ack ${acknowledgment} win ${windowBytes} length ${tcp.dataBytes}`;
  const notes = words.map((word) => ` [${word}]`).join("");
  return `${direction} ${from} > ${to} [${flagLetters(tcp.flags)}] ${numbers}${notes}`;
}
