// Does everything of a recording again, call by call, on a fresh instance of the same module: what comes out must be
// what came out then, and at the end the memory must be the same to the last byte.

import { PROFILES, VARIANTS, type Core } from "../core/core.js";
import { createCore, originOf } from "../node/builds.js";
import { digestOf } from "./digest.js";
import { recordingError } from "./errors.js";
import { decodeHead, DIGEST_BYTES, END, type RecordingHead } from "./format.js";
import { inputOf } from "./inputs.js";

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

/** How it ended: "whole" with the same memory; "cut": the recording was not closed, and there is nothing to compare. */
export type ReplayEnd = "whole" | "cut";

export interface Replay {
  readonly head: RecordingHead;
  readonly core: Core;
  /** The next call; null: there is none. Throws ERR_REPLAY_DIVERGED, ERR_RECORDING_CORRUPT. */
  step(): ReplayedCall | null;
  /** null: not yet. */
  readonly end: ReplayEnd | null;
}

type Call = (...args: number[]) => number;
type Calls = Readonly<Record<string, Call>>;

/** Rejects with ERR_RECORDING_FOREIGN, _VERSION, _TRUNCATED, _CORRUPT, _BUILD. */
export async function openReplay(bytes: Uint8Array): Promise<Replay> {
  const { head, at: start } = decodeHead(bytes);
  const { core, calls } = await sameBuild(head);
  const { memory, words } = core;
  const reading = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  let index = 0;
  let end: ReplayEnd | null = null;

  const corrupt = (why: string): Error =>
    recordingError("ERR_RECORDING_CORRUPT", `at byte ${at}, behind call ${index}: ${why}`);

  /** A call as it stands there; null: not all of it does. */
  function read() {
    const place = head.calls[bytes[at]! - 1];
    if (place === undefined) throw corrupt(`no call has the number ${bytes[at]}`);
    const [name, count] = place;
    const call = calls[name];
    if (call === undefined) throw corrupt(`the core has no call ${name}`);
    let next = at + 1;
    if (next + 4 * count > bytes.length) return null;
    const args = Array.from({ length: count }, (_, i) => reading.getInt32(next + 4 * i, true));
    next += 4 * count;
    let taken: Uint8Array | null = null;
    if (inputOf(name) !== null) {
      if (next + 4 > bytes.length) return null;
      const length = reading.getUint32(next, true);
      next += 4;
      if (next + length > bytes.length) return null;
      taken = bytes.subarray(next, next + length);
      next += length;
    }
    // A call that trapped has no result: done again, it traps again.
    const expected = next + 4 > bytes.length ? null : reading.getInt32(next, true);
    return { name, call, args, taken, expected, next: next + 4 };
  }

  function finish(): null {
    const digest = bytes.subarray(at + 1, at + 1 + DIGEST_BYTES);
    if (digest.length < DIGEST_BYTES) return cut();
    if (!digestOf(core).equals(digest)) {
      throw recordingError(
        "ERR_REPLAY_DIVERGED",
        `after ${index} calls the memory is not as it was`,
      );
    }
    end = "whole";
    return null;
  }

  function cut(): null {
    end = "cut";
    return null;
  }

  function step(): ReplayedCall | null {
    if (end !== null) return null;
    if (at >= bytes.length) return cut();
    if (bytes[at] === END) return finish();
    const event = read();
    if (event === null) return cut();
    const { name, call, args, taken, expected } = event;
    if (taken !== null) {
      const input = inputOf(name)!(core.constant, words, args);
      if (input.length !== taken.length) throw corrupt(`${name} takes ${input.length} bytes`);
      memory.set(taken, input.at);
    }
    const result = call(...args) | 0;
    if (expected !== null && result !== expected) {
      const text = `call ${index}, ${name}(${args.join(", ")}), gave ${result}; recorded is ${expected}`;
      throw recordingError("ERR_REPLAY_DIVERGED", text);
    }
    at = event.next;
    return { index: index++, name, args, result, bytes: taken };
  }

  return {
    head,
    core,
    step,
    get end() {
      return end;
    },
  };
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
