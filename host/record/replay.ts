// Does everything of a recording again, call by call, on a fresh instance of the same module: what comes out must be
// what came out then, and at the end the memory must be the same to the last byte.

import { PROFILES, VARIANTS, type Core } from "../core/core.js";
import { Constant } from "../core/generated/abi.js";
import { unpackPages } from "../snapshot/pages.js";
import { createCore, originOf } from "../node/builds.js";
import { digestOf } from "./digest.js";
import { recordingError } from "./errors.js";
import { decodeStart, DIGEST_BYTES, END, type RecordingHead } from "./format.js";
import { inputOf, type InputOf } from "./inputs.js";

/** One call that was done again. */
export interface ReplayedCall {
  /** From 0. */
  readonly index: number;
  readonly name: string;
  readonly args: readonly number[];
  readonly result: number;
  /** What it took from memory beside its arguments; null: nothing. Valid until the next step. */
  readonly bytes: Uint8Array | null;
}

/**
 * How it ended: "whole" with the same memory; "cut": the recording was not closed, and there is nothing to compare;
 * "trapped": its last call trapped, and has done so again.
 */
export type ReplayEnd = "whole" | "cut" | "trapped";

export interface Replay {
  readonly head: RecordingHead;
  readonly core: Core;
  /** The next call; null: there is none. Throws ERR_REPLAY_DIVERGED, ERR_RECORDING_CORRUPT. */
  step(): ReplayedCall | null;
  /** All that is left, which nobody looks at; how many calls there were in all. Throws the same. */
  run(): number;
  /** null: not yet. */
  readonly end: ReplayEnd | null;
  /** Bytes of the recording that are done. */
  readonly doneBytes: number;
  /** Which call has trapped, and with what; "": none. */
  readonly trap: string;
}

type Call = (...args: number[]) => number;
type Calls = Readonly<Record<string, Call>>;

/** A call by its number. */
interface Numbered {
  readonly name: string;
  readonly call: Call;
  readonly count: number;
  readonly input: InputOf | null;
}

/** Rejects with ERR_RECORDING_FOREIGN, _VERSION, _TRUNCATED, _CORRUPT, _BUILD. */
export async function openReplay(recording: Uint8Array): Promise<Replay> {
  const start = decodeStart(recording);
  // Views of a Buffer are Buffers, which cost several times as much, and there is one for each frame.
  const bytes = new Uint8Array(recording.buffer, recording.byteOffset, recording.byteLength);
  const { head } = start;
  const { core, calls } = await sameBuild(head);
  if (start.pages !== null) fillMemory(core, start.pages);
  const numbered = numberCalls(head, calls);
  const { memory, words, constant } = core;
  const reading = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let { at } = start;
  let index = 0;
  let end: ReplayEnd | null = null;
  let trap = "";
  // The call that was done last: in variables, because most are looked at by nobody.
  const args = [0, 0, 0, 0];
  let done: Numbered | null = null;
  let result = 0;
  let takenAt = 0;
  let takenBytes = -1;

  const corrupt = (why: string): Error =>
    recordingError("ERR_RECORDING_CORRUPT", `at byte ${at}, behind call ${index}: ${why}`);

  function called(): Numbered {
    const number = bytes[at]!;
    const found = numbered[number - 1];
    if (found === undefined) throw corrupt(`no call has the number ${number}`);
    if (found !== null) return found;
    throw corrupt(`the core has no call ${head.calls[number - 1]![0]}`);
  }

  /** Puts what it takes where the core finds it; where that ends, -1: not all of it is there. */
  function take({ name, input }: Numbered, from: number): number {
    takenBytes = -1;
    if (input === null) return from;
    if (from + 4 > bytes.length) return -1;
    const length = reading.getUint32(from, true);
    takenAt = from + 4;
    if (takenAt + length > bytes.length) return -1;
    const place = input(constant, words, args);
    if (place.length !== length) throw corrupt(`${name} takes ${place.length} bytes`);
    memory.set(bytes.subarray(takenAt, takenAt + length), place.at);
    takenBytes = length;
    return takenAt + length;
  }

  /** Does the next call; false: there is none. */
  function doNext(): boolean {
    if (end !== null) return false;
    if (at >= bytes.length) return cut();
    if (bytes[at] === END) return finish();
    const next = called();
    const { call, count } = next;
    const behind = at + 1 + 4 * count;
    if (behind > bytes.length) return cut();
    for (let i = 0; i < count; i++) args[i] = reading.getInt32(at + 1 + 4 * i, true);
    for (let i = count; i < args.length; i++) args[i] = 0;
    const resultAt = take(next, behind);
    if (resultAt < 0) return cut();
    const hasResult = resultAt + 4 <= bytes.length;
    try {
      result = call(args[0]!, args[1]!, args[2]!, args[3]!) | 0;
    } catch (cause) {
      return trapped(next, cause, hasResult);
    }
    if (hasResult && result !== reading.getInt32(resultAt, true)) {
      const text = `${wordsOf(next)}, gave ${result}; recorded is ${reading.getInt32(resultAt, true)}`;
      throw recordingError("ERR_REPLAY_DIVERGED", text);
    }
    at = resultAt + 4;
    index++;
    done = next;
    return true;
  }

  const wordsOf = ({ name, count }: Numbered): string =>
    `call ${index}, ${name}(${args.slice(0, count).join(", ")})`;

  /** A call that trapped has no result: done again, it traps again. */
  function trapped(next: Numbered, cause: unknown, hasResult: boolean): false {
    const text = `${wordsOf(next)}, traps: ${(cause as Error).message}`;
    if (hasResult) {
      const other = `${text}; it did not when it was recorded`;
      throw recordingError("ERR_REPLAY_DIVERGED", other, cause);
    }
    end = "trapped";
    trap = text;
    return false;
  }

  function finish(): false {
    const digest = bytes.subarray(at + 1, at + 1 + DIGEST_BYTES);
    if (digest.length < DIGEST_BYTES) return cut();
    if (!digestOf(core, head.snapshot ?? "all").equals(digest)) {
      throw recordingError(
        "ERR_REPLAY_DIVERGED",
        `after ${index} calls the memory is not as it was`,
      );
    }
    end = "whole";
    return false;
  }

  function cut(): false {
    end = "cut";
    return false;
  }

  return {
    head,
    core,
    step() {
      if (!doNext()) return null;
      const { name, count } = done!;
      const taken = takenBytes < 0 ? null : bytes.subarray(takenAt, takenAt + takenBytes);
      return { index: index - 1, name, args: args.slice(0, count), result, bytes: taken };
    },
    run() {
      while (doNext());
      return index;
    },
    get end() {
      return end;
    },
    get doneBytes() {
      return at;
    },
    get trap() {
      return trap;
    },
  };
}

/** null: the core does not have it. */
function numberCalls({ calls: table }: RecordingHead, calls: Calls): (Numbered | null)[] {
  return table.map(([name, count]) => {
    const call = calls[name];
    return call === undefined ? null : { name, call, count, input: inputOf(name) };
  });
}

function fillMemory(core: Core, pages: Uint8Array): void {
  const packed = Buffer.from(pages.buffer, pages.byteOffset, pages.byteLength);
  try {
    unpackPages(packed, core.memory, core.constant(Constant.MEMORY_BYTES));
  } catch (cause) {
    const text = "the memory that it begins with is not as this version writes it";
    throw recordingError("ERR_RECORDING_CORRUPT", text, cause);
  }
}

async function sameBuild(head: RecordingHead): Promise<{ core: Core; calls: Calls }> {
  const profile = PROFILES.find((name) => name === head.profile);
  const variant = VARIANTS.find((name) => name === head.variant);
  if (profile === undefined || variant === undefined) {
    const text = `its module, with the SHA-256 ${head.module}, is none of the package`;
    throw recordingError("ERR_RECORDING_BUILD", text);
  }
  let calls!: Calls;
  const core = await createCore(profile, variant, (exports) => {
    calls = exports as unknown as Calls;
    // The first call of the recording does it: each one moves generations.
    return { ...exports, initialise: () => 0 };
  });
  const module = originOf(core)?.sha256?.() ?? "";
  if (module === head.module) return { core, calls };
  const text =
    `it is of another build of the core: its module has the SHA-256 ${head.module}, ` +
    `the one here ${module}; replay it with MoteTCP ${head.version}`;
  throw recordingError("ERR_RECORDING_BUILD", text);
}
