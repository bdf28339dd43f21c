// Connections as a script sees them and as they are on the wire. A script counts our sequence
// numbers from its own SYN and our timestamps from the first it shows; the peer's numbers are the
// script's as they stand. The bytes of a stream are a pattern of their sequence numbers, so that
// every byte that arrives is checked.

import type { LiveTcp } from "./live.js";
import { SYN, type TcpOption } from "./script.js";

export interface Connection {
  readonly localPort: number;
  readonly remotePort: number;
  /** Our initial sequence number, in the script and on the wire; unknown until our SYN. */
  isn: { script: number; live: number } | undefined;
  /** The peer's; unknown until its first SYN. */
  remoteIsn: number | undefined;
  /** Timestamps of ours: the script's value and the live one. */
  timestamps: Map<number, number>;
  firstTimestamp: { script: number; live: number } | undefined;
  /** What the script wrote, and how much of the peer's stream it has read. */
  written: Stream;
  readBytes: number;
  /** A SYN came where a new connection may begin: our next SYN has a number of its own. */
  mayRestart: boolean;
}

export function createConnection(localPort: number, remotePort: number): Connection {
  return {
    localPort,
    remotePort,
    isn: undefined,
    remoteIsn: undefined,
    timestamps: new Map(),
    firstTimestamp: undefined,
    written: createStream(),
    readBytes: 0,
    mayRestart: false,
  };
}

/** Our SYN was seen: from here on its numbers are known. */
export function learnIsn(connection: Connection, script: number, live: number): void {
  if (connection.isn && !connection.mayRestart) return;
  if (connection.isn) {
    const { localPort, remotePort, remoteIsn } = connection;
    Object.assign(connection, createConnection(localPort, remotePort), { remoteIsn });
  }
  connection.isn = { script, live };
  connection.mayRestart = false;
}

export interface Stream {
  length(): number;
  append(bytes: Uint8Array): void;
  /** A part of what was appended; shorter where the stream ends. */
  part(from: number, length: number): Uint8Array;
}

function createStream(): Stream {
  let bytes = new Uint8Array(0);
  let used = 0;
  return {
    length: () => used,
    append(more) {
      if (used + more.length > bytes.length) {
        const larger = new Uint8Array(2 * (used + more.length));
        larger.set(bytes.subarray(0, used));
        bytes = larger;
      }
      bytes.set(more, used);
      used += more.length;
    },
    part: (from, length) => bytes.subarray(from, Math.min(from + length, used)),
  };
}

/** Bytes of the peer's stream from this number on. */
export function remoteBytes(seq: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    bytes[i] = (Math.imul(seq + i, 0x9e3779b1) >>> 24) ^ ((seq + i) & 255);
  }
  return bytes;
}

/** Bytes that a script writes without saying which. */
export function writtenBytes(at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (at + i) * 7 + ((at + i) >>> 8);
  return bytes;
}

/** What is added to a number of our stream as the script has it. */
export function localOffset({ isn }: Connection): number {
  return isn ? (isn.live - isn.script) >>> 0 : 0;
}

/** A segment of ours with the script's numbers. */
export function toScript(live: LiveTcp, connection: Connection | undefined): LiveTcp {
  if (!connection) return live;
  const isFirst = connection.isn === undefined && (live.flags & SYN) !== 0;
  const offset = isFirst ? live.seq : localOffset(connection);
  const options = live.options.map((option) => timestampToScript(option, connection));
  return { ...live, seq: (live.seq - offset) >>> 0, options };
}

function timestampToScript(option: TcpOption, { firstTimestamp }: Connection): TcpOption {
  if (option.kind !== "TS" || option.val === undefined || !firstTimestamp) return option;
  const val = (option.val - firstTimestamp.live + firstTimestamp.script) >>> 0;
  return { ...option, val };
}
