// The other end of a probe's console (boards/common/probe.c): makes the calls of a transcript and compares.

import type { Console } from "./console.js";
import type { Step } from "./transcript.js";

export interface ProbeInfo {
  readonly board: string;
  readonly engine: string;
  readonly profile: string;
  /** Of the module that it runs. */
  readonly sha256: string;
  readonly memoryBytes: number;
  /** Ticks that a measurement takes by itself. */
  readonly overhead: number;
  /** Bytes of its stack, and of the engine's heap, that were ever used. */
  readonly stack: number;
  readonly heap: number;
}

export interface Answer {
  readonly trap: number;
  readonly result: number;
  /** Where the step has one. */
  readonly memory: number | undefined;
  readonly ticks: number;
}

export interface Probe {
  info(): Promise<ProbeInfo>;
  /** Starts the core anew; enum mote_trap. */
  start(): Promise<number>;
  /** Makes the calls of steps; what was answered to each. */
  play(steps: readonly Step[]): Promise<Answer[]>;
}

/** Trap, result, ticks; and the sum of memory where it is asked for. */
const ANSWER_BYTES = 9;
const SUM_BYTES = 4;
/** Steps on their way at a time. The board reads as it answers, and this side always reads. */
const TOGETHER = 256;
const WITHIN_MS = 60_000;

function encode({ name, given, writes, memory }: Step): Buffer {
  const parts: Buffer[] = [];
  for (const { at, bytes } of writes) {
    const head = Buffer.from("W\0\0\0\0\0\0");
    head.writeUInt32LE(at, 1);
    head.writeUInt16LE(bytes.length, 5);
    parts.push(head, bytes);
  }
  const words = Buffer.alloc(4 * given.length);
  given.forEach((value, index) => words.writeUInt32LE(value, 4 * index));
  parts.push(Buffer.from("C"), Buffer.from([name.length]), Buffer.from(name));
  parts.push(Buffer.from([given.length]), words);
  if (memory !== undefined) parts.push(Buffer.from("M"));
  return Buffer.concat(parts);
}

async function readAnswer(console: Console, { memory }: Step): Promise<Answer> {
  const isSummed = memory !== undefined;
  const bytes = await console.read(ANSWER_BYTES + (isSummed ? SUM_BYTES : 0), WITHIN_MS);
  return {
    trap: bytes[0]!,
    result: bytes.readUInt32LE(1),
    ticks: bytes.readUInt32LE(5),
    memory: isSummed ? bytes.readUInt32LE(ANSWER_BYTES) : undefined,
  };
}

/** Waits until the board is there. */
export async function openProbe(console: Console): Promise<Probe> {
  await console.seen(/probe\r\n/);
  console.clear();
  return {
    async info() {
      console.clear();
      console.write("H");
      const [line] = await console.seen(/\{.*\}\r?\n/);
      console.clear();
      return JSON.parse(line) as ProbeInfo;
    },
    async start() {
      console.write("S");
      return (await console.read(1))[0]!;
    },
    async play(steps) {
      const answers: Answer[] = [];
      for (let from = 0; from < steps.length; from += TOGETHER) {
        const part = steps.slice(from, from + TOGETHER);
        console.write(Buffer.concat(part.map(encode)));
        for (const step of part) answers.push(await readAnswer(console, step));
      }
      return answers;
    },
  };
}

/** The first step that a board answered otherwise than the module did; "": none. */
export function firstDifference(steps: readonly Step[], answers: readonly Answer[]): string {
  for (const [index, { name, given, result, memory }] of steps.entries()) {
    const answer = answers[index];
    const call = `step ${index}, ${name}(${given.join(", ")})`;
    if (answer === undefined) return `${call}: no answer`;
    if (answer.trap !== 0) return `${call}: trap ${answer.trap}`;
    if (answer.result !== result) return `${call}: ${answer.result}, not ${result}`;
    if (answer.memory !== memory) return `${call}: other memory`;
  }
  return "";
}
