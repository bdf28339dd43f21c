// Two stacks on one cable under virtual time, and what tests do with them.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { ProfileName, Stack } from "../../../host/core/stack.js";
import { createStack } from "../../../host/node/createStack.js";
import type { Connection } from "../../../host/core/connection.js";
import { runVirtual, settle, type VirtualRun } from "../../../host/core/virtual.js";
import { createVirtualClock } from "../../../host/link/clock.js";
import { impair, type Impairments } from "../../../host/link/impair.js";
import { MemoryLink } from "../../../host/link/memory.js";
import type { RecordOptions } from "../../../host/record/record.js";

export const A = "198.18.0.1";
export const B = "198.18.0.2";

export interface PairOptions {
  profiles?: [ProfileName, ProfileName];
  impairments?: Impairments;
  capacity?: number;
  startMs?: number;
  /** Entropy, from this number on. Default 0. */
  seed?: number;
  /** Writes down what comes into a and b. */
  record?: readonly [RecordOptions, RecordOptions];
}

export interface Pair extends VirtualRun {
  a: Stack;
  b: Stack;
  run(until: () => boolean): number;
  close(): void;
}

/** The same 32 bytes for the same number, never all zero. */
export const entropy = (number: number) =>
  createHash("sha256").update(`entropy ${number}`).digest();

export async function createPair(options: PairOptions = {}): Promise<Pair> {
  const { profiles = ["desktop", "desktop"], impairments, capacity, startMs = 1000 } = options;
  const { seed = 0, record } = options;
  const clock = createVirtualClock(startMs);
  const [endA, endB] = MemoryLink.pair({ capacity });
  const linkA = impairments ? impair(endA, { ...impairments, clock }) : endA;
  const make = (index: number) =>
    createStack({
      profile: profiles[index],
      clock,
      loop: false,
      entropy: entropy(seed + index),
      ...(record && { record: record[index] }),
    });
  const [a, b] = [await make(0), await make(1)];
  a.attach(linkA, { mac: "02:00:00:00:00:01", addresses: [`${A}/30`] });
  b.attach(endB, { mac: "02:00:00:00:00:02", addresses: [`${B}/30`] });
  const run: VirtualRun = { clock, stacks: [a, b] };
  return {
    ...run,
    a,
    b,
    run: (until) => runVirtual(run, until),
    close() {
      a.close();
      b.close();
    },
  };
}

/** Bytes that look random and are the same each time. */
export function pattern(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed | 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Both directions of one connection: sends all of `out`, then FIN, and gathers what comes. */
export interface Transfer {
  readonly received: () => Buffer;
  readonly ended: boolean;
  readonly closed: boolean;
  readonly error: NodeJS.ErrnoException | null;
}

export function transfer(connection: Connection, out: Uint8Array): Transfer {
  const chunks: Buffer[] = [];
  const into = Buffer.alloc(16 * 1024);
  const state = {
    received: () => Buffer.concat(chunks),
    ended: false,
    closed: false,
    error: null as NodeJS.ErrnoException | null,
  };
  let sent = 0;
  let finished = false;

  function push(): void {
    sent += connection.write(out.subarray(sent));
    if (sent === out.length && !finished) {
      finished = true;
      connection.shutdown();
    }
  }
  function pull(): void {
    for (let length; (length = connection.read(into)) >= 0;) {
      if (length === 0) {
        state.ended = true;
        return;
      }
      chunks.push(Buffer.from(into.subarray(0, length)));
    }
  }
  connection.onConnect = push;
  connection.onWritable = push;
  connection.onReadable = pull;
  connection.onClosed = () => (state.closed = true);
  connection.onError = (error) => (state.error = error);
  if (connection.state !== "SYN-SENT") push();
  return state;
}

const IDLE_POOLS = /^(tcb|receive_ring|send_ring|reassembly|syn_cache|time_wait)$/;

/** Every pool of connections is empty again. Lets TIME-WAIT pass first. */
export function assertIdle(pair: Pair): void {
  const used = () =>
    pair.stacks.flatMap((stack) =>
      stack.pools().filter(({ name, used: count }) => IDLE_POOLS.test(name) && count > 0),
    );
  runVirtual(pair, () => used().length === 0);
  settle(pair);
  assert.deepEqual(used(), []);
}
