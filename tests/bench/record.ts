// `npm run bench -- --record`: what writing a run down costs. Bulk between two stacks in this process, one of which has a
// flight recorder, in turns with the same without; a recording into a file beside a raw write of the same bytes; and a replay
// beside the core's own time for the same calls.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Socket } from "node:net";
import { createCore } from "../../host/node/builds.js";
import { createStack } from "../../host/nodeStack.js";
import type { Link } from "../../host/link/link.js";
import { MemoryLink } from "../../host/link/memory.js";
import { writeAll } from "../../host/node/writeAll.js";
import { DEFAULT_FLIGHT_MIB } from "../../host/record/limits.js";
import { DIGEST_BYTES } from "../../host/record/format.js";
import { inputOf } from "../../host/record/inputs.js";
import { openReplay } from "../../host/record/replay.js";
import type { RecordOptions } from "../../host/record/record.js";
import { aligned, median } from "./report.js";

const BULK_BYTES = 150e6;
/** Of each, in a round. */
const SLICES = 3;
const REPLAY_BYTES = 100e6;
const CHUNK_BYTES = 65_536;
const PORT = 7;

interface Recorded {
  readonly receiver?: RecordOptions;
  readonly sender?: RecordOptions;
}

/** Two stacks; moves bytes from one to the other. */
interface Ends {
  /** Seconds of CPU: other programs count less there than on a clock. */
  bulk(bytes: number): Promise<number>;
  close(): void;
}

async function open({ receiver, sender }: Recorded): Promise<Ends> {
  const [one, two] = MemoryLink.pair({ capacity: 1024 });
  const make = (link: Link, address: string, record: RecordOptions | undefined) =>
    createStack({ link, addresses: [address], ...(record === undefined ? {} : { record }) });
  const to = await make(one, "198.18.0.1/30", receiver);
  const from = await make(two, "198.18.0.2/30", sender);
  const server = to.net.createServer().listen(PORT);
  return {
    async bulk(bytes) {
      const began = process.cpuUsage();
      const received = new Promise<void>((done) => {
        server.once("connection", (socket) => void socket.on("end", done).resume());
      });
      fill(from.net.connect(PORT, "198.18.0.1"), bytes);
      await received;
      const { user, system } = process.cpuUsage(began);
      return (user + system) / 1e6;
    },
    close() {
      server.close();
      from.close();
      to.close();
    },
  };
}

/** Once, from the beginning to the end of both stacks. */
async function bulk(bytes: number, recorded: Recorded): Promise<number> {
  const ends = await open(recorded);
  const seconds = await ends.bulk(bytes);
  ends.close();
  return seconds;
}

/** Bulk with and without, of stacks that have been there for a while: their memory has been touched. */
async function flightRatio(rounds: number, recorded: Recorded): Promise<number> {
  const [without, with_] = [await open({}), await open(recorded)];
  const slice = (ends: Ends) => () => ends.bulk(BULK_BYTES);
  const ratio = await ratioOf(SLICES * rounds, slice(without), slice(with_));
  for (const ends of [without, with_]) ends.close();
  return 1 / ratio;
}

function fill(socket: Socket, bytes: number): void {
  const chunk = Buffer.alloc(CHUNK_BYTES, 0x6d);
  let sent = 0;
  const write = (): void => {
    while (sent < bytes) {
      sent += chunk.length;
      if (!socket.write(chunk)) return;
    }
    socket.end();
  };
  socket.on("connect", write).on("drain", write).resume();
}

/** Of runs that change places: the median of what one round's second is to its first. */
async function ratioOf(
  rounds: number,
  plain: () => Promise<number>,
  other: () => Promise<number>,
): Promise<number> {
  const ratios: number[] = [];
  await plain();
  await other();
  for (let round = 0; round < rounds; round++) {
    // There and back: what changes steadily meanwhile favours neither.
    if (round % 2 === 0) {
      const first = await plain();
      ratios.push((await other()) / first);
    } else {
      const first = await other();
      ratios.push(first / (await plain()));
    }
  }
  return median(ratios);
}

/** A recording of each end of a transfer. */
async function recordings(): Promise<Buffer[]> {
  const parts: [Buffer[], Buffer[]] = [[], []];
  const into = (all: Buffer[]): RecordOptions => ({
    to: (bytes) => void all.push(Buffer.from(bytes)),
  });
  await bulk(REPLAY_BYTES, { receiver: into(parts[0]), sender: into(parts[1]) });
  return parts.map((all) => Buffer.concat(all));
}

/** What a file costs beyond no recording, beside a raw write of its bytes. */
async function fileRatio(folder: string, rounds: number): Promise<number> {
  const path = join(folder, "run.moterec");
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const plain = await bulk(BULK_BYTES, { receiver: { to: () => undefined } });
    const whole = await bulk(BULK_BYTES, { receiver: { to: path, overwrite: true } });
    const bytes = readFileSync(path);
    const began = process.cpuUsage();
    const fd = openSync(path, "w");
    for (let at = 0; at < bytes.length; at += 4 * CHUNK_BYTES) {
      writeAll(fd, bytes.subarray(at, at + 4 * CHUNK_BYTES));
    }
    closeSync(fd);
    const { user, system } = process.cpuUsage(began);
    ratios.push((whole - plain) / ((user + system) / 1e6));
  }
  return median(ratios);
}

type Call = (...args: number[]) => number;

/** The calls of a recording, taken apart before, on a fresh core: what the core and its inputs cost alone. */
async function ownMs(bytes: Buffer): Promise<number> {
  const replay = await openReplay(bytes);
  const calls: {
    readonly call: string;
    readonly args: readonly number[];
    readonly at: number;
    readonly bytes: Uint8Array | null;
  }[] = [];
  for (let step; (step = replay.step()) !== null;) {
    const input = inputOf(step.name)?.(replay.core.constant, replay.core.words, step.args);
    calls.push({ call: step.name, args: step.args, at: input?.at ?? 0, bytes: step.bytes });
  }
  const { profile, variant } = replay.head as { profile: "desktop"; variant: "release" };
  let functions!: Record<string, Call>;
  const core = await createCore(profile, variant, (exports) => {
    functions = exports as unknown as Record<string, Call>;
    return { ...exports, initialise: () => 0 };
  });
  const began = performance.now();
  for (const { call, args, at, bytes: input } of calls) {
    if (input !== null) core.memory.set(input, at);
    functions[call]!(args[0]!, args[1]!, args[2]!, args[3]!);
  }
  return performance.now() - began;
}

async function replayMs(bytes: Buffer): Promise<number> {
  const replay = await openReplay(bytes);
  const began = performance.now();
  replay.run();
  return performance.now() - began;
}

export async function record(rounds: number, json: string | undefined): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "mote-bench-"));
  try {
    const flight = { flight: DEFAULT_FLIGHT_MIB };
    // Without its end: the comparison of the memory is no call.
    const ends = (await recordings()).map((all) => all.subarray(0, -1 - DIGEST_BYTES));
    const replayed = ends.map(
      (bytes) => () =>
        ratioOf(
          rounds,
          () => ownMs(bytes),
          () => replayMs(bytes),
        ),
    );
    const rates = {
      receiver: await flightRatio(rounds, { receiver: flight }),
      sender: await flightRatio(rounds, { sender: flight }),
      file: await fileRatio(folder, rounds),
      replayReceiver: await replayed[0]!(),
      replaySender: await replayed[1]!(),
    };
    const row = (what: string, value: number, required: string, isReached: boolean) => [
      what,
      value.toFixed(2),
      `${required} ${isReached ? "reached" : "missed"}`,
    ];
    const rows = [
      row(
        "bulk with a flight recorder at the receiver / without",
        rates.receiver,
        ">= 0.95",
        rates.receiver >= 0.95,
      ),
      row(
        "bulk with a flight recorder at the sender / without",
        rates.sender,
        ">= 0.95",
        rates.sender >= 0.95,
      ),
      row("what a file costs / a raw write of its bytes", rates.file, "<= 2.00", rates.file <= 2),
      row(
        "replay of the receiver / its core alone",
        rates.replayReceiver,
        "<= 1.30",
        rates.replayReceiver <= 1.3,
      ),
      row(
        "replay of the sender / its core alone",
        rates.replaySender,
        "<= 1.30",
        rates.replaySender <= 1.3,
      ),
    ];
    console.log(aligned([["CPU time, both stacks in this process", "ratio", "required"], ...rows]));
    if (json === undefined) return;
    writeFileSync(json, `${JSON.stringify({ node: process.version, rounds, rates }, null, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
