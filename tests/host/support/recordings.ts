// Captures of our own stacks in runs where much goes wrong, under virtual time, so that each is the same every time.

import { createStack } from "../../../host/node/createStack.js";
import type { ProfileName, Stack } from "../../../host/core/stack.js";
import { runFor, runVirtual } from "../../../host/core/virtual.js";
import { createVirtualClock } from "../../../host/link/clock.js";
import { impair, type Impairments } from "../../../host/link/impair.js";
import { MemoryLink } from "../../../host/link/memory.js";
import { createPcapngWriter } from "../../../host/link/pcapng.js";
import { tee } from "../../../host/link/tee.js";
import { A, B, entropy, pattern, transfer } from "./pair.js";

export interface RecordingOptions {
  readonly impairments?: Impairments;
  readonly profiles?: readonly [ProfileName, ProfileName];
  /** Where it is taken: what A sends before the line can lose it (default), or what B hears behind the line. */
  readonly at?: "a" | "b";
}

export interface Stage {
  readonly a: Stack;
  readonly b: Stack;
  run(until: () => boolean): void;
  wait(ms: number): void;
}

/** The bytes of a pcapng file of whatever `play` does between two stacks. */
export async function record(
  { impairments = {}, profiles = ["desktop", "desktop"], at = "a" }: RecordingOptions,
  play: (stage: Stage) => void,
): Promise<Buffer> {
  const clock = createVirtualClock(1000);
  const chunks: Buffer[] = [];
  const writer = createPcapngWriter((bytes) => chunks.push(Buffer.from(bytes)));
  const [endA, endB] = MemoryLink.pair();
  const line = impair(endA, { ...impairments, clock });
  const make = (index: 0 | 1): Promise<Stack> =>
    createStack({ profile: profiles[index], clock, loop: false, entropy: entropy(index) });
  const [a, b] = [await make(0), await make(1)];
  const [linkA, linkB] =
    at === "a" ? [tee(line, writer, { clock }), endB] : [line, tee(endB, writer, { clock })];
  a.attach(linkA, { mac: "02:00:00:00:00:01", addresses: [`${A}/30`] });
  b.attach(linkB, { mac: "02:00:00:00:00:02", addresses: [`${B}/30`] });
  const virtual = { clock, stacks: [a, b] };
  play({
    a,
    b,
    run: (until) => void runVirtual(virtual, until),
    wait: (ms) => runFor(virtual, ms),
  });
  a.close();
  b.close();
  return Buffer.concat(chunks);
}

const PORT = 80;

/** So many bytes each way, and both close. */
export function exchange(bytes: number, connections = 1): (stage: Stage) => void {
  return ({ a, b, run, wait }) => {
    const moved: ReturnType<typeof transfer>[] = [];
    b.listen({ port: PORT }, (connection) => {
      moved.push(transfer(connection, pattern(bytes, 2)));
    });
    for (let index = 0; index < connections; index++) {
      moved.push(transfer(a.connect({ host: B, port: PORT }), pattern(bytes, 3)));
    }
    const isOver = ({ ended, error }: (typeof moved)[number]): boolean => ended || error !== null;
    run(() => moved.length === 2 * connections && moved.every(isOver));
    wait(2_000);
  };
}

/** The receiver reads nothing for a while, and again later: the window closes, is probed, and opens. */
export function stall(bytes: number, stalledMs: number): (stage: Stage) => void {
  return ({ a, b, wait }) => {
    const got = { bytes: 0 };
    const into = Buffer.alloc(4096);
    let pull = (): void => undefined;
    b.listen({ port: PORT }, (connection) => {
      pull = () => {
        for (let length; (length = connection.read(into)) > 0;) got.bytes += length;
      };
    });
    transfer(a.connect({ host: B, port: PORT }), pattern(bytes, 5));
    while (got.bytes < bytes) {
      wait(stalledMs);
      pull();
    }
    wait(1_000);
  };
}

/** A connection that says nothing for a minute, with keepalive. */
export function silence(ms: number): (stage: Stage) => void {
  return ({ a, b, run, wait }) => {
    b.listen({ port: PORT }, () => undefined);
    const connection = a.connect({ host: B, port: PORT });
    connection.setOption("KEEP_ALIVE", 1);
    connection.setOption("KEEP_IDLE_SECONDS", 5);
    connection.setOption("KEEP_INTERVAL_SECONDS", 2);
    run(() => connection.state === "ESTABLISHED");
    connection.write(Buffer.from("hello"));
    wait(ms);
    connection.abort();
    wait(100);
  };
}

/** A port where nobody listens; then one connection after another between the same two ports. */
export function again(times: number): (stage: Stage) => void {
  return ({ a, b, run, wait }) => {
    const refused = a.connect({ host: B, port: 81 });
    let error = "";
    refused.onError = ({ code }) => (error = code ?? "");
    run(() => error !== "");
    b.listen({ port: PORT }, (connection) => {
      connection.onReadable = () => undefined;
    });
    for (let time = 0; time < times; time++) {
      const connection = a.connect({ host: B, port: PORT, localPort: 40_000 });
      run(() => connection.state === "ESTABLISHED");
      connection.write(Buffer.from(`time ${time}`));
      wait(500);
      connection.abort();
      wait(500);
    }
  };
}
