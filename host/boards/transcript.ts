// What a packet script makes of the core: every call with its arguments, the bytes that the host wrote before it, its
// result, and a checksum of all memory after it. A board that is given the same calls must answer the same, each time.

import { crc32 } from "node:zlib";
import type { Core, ProfileName } from "../core/core.js";
import { createCore } from "../node/builds.js";
import { Constant, type CoreExports } from "../core/generated/abi.js";
import { runText, type ScriptResult } from "../packetdrill/runner.js";

export interface Write {
  readonly at: number;
  readonly bytes: Buffer;
}

export interface Step {
  readonly name: string;
  readonly given: readonly number[];
  readonly writes: readonly Write[];
  readonly result: number;
  /** CRC of IEEE 802.3 over all memory that the profile touches; undefined: not looked at here. */
  readonly memory: number | undefined;
}

export interface Transcript {
  readonly script: string;
  readonly verdict: ScriptResult;
  readonly steps: readonly Step[];
}

/** After these all memory is compared. */
const SUMMED = new Set(["receive", "close", "takeEvents", "initialise"]);
/** Bytes apart that still count as one write. */
const NEAR = 8;

/** Calls of a core, written down from now on. */
function recorded(exports: CoreExports, steps: Step[]): CoreExports {
  const memory = new Uint8Array(exports.memory.buffer);
  const end = exports.constant(Constant.MEMORY_BYTES) >>> 0;
  const before = Buffer.from(memory.subarray(0, end));
  const calls = Object.entries(exports).map(([name, call]) => {
    if (typeof call !== "function") return [name, call] as const;
    return [
      name,
      (...given: number[]) => {
        const writes = changes(before, memory, end);
        const result = ((call as (...words: number[]) => number | undefined)(...given) ?? 0) >>> 0;
        // Every host asks for the places of a build; the answers are part of the first script's memory anyhow.
        if (name === "constant") return result | 0;
        before.set(memory.subarray(0, end));
        const words = given.map((value) => value >>> 0);
        // Whatever differs once stays different: to look at it now and then is enough, and a sum takes its time.
        const memory32 = SUMMED.has(name) ? crc32(before) : undefined;
        steps.push({ name, given: words, writes, result, memory: memory32 });
        return result | 0;
      },
    ] as const;
  });
  return Object.fromEntries(calls) as unknown as CoreExports;
}

/** What the host has written since the last call. */
function changes(before: Buffer, memory: Uint8Array, end: number): Write[] {
  const writes: Write[] = [];
  if (before.compare(memory, 0, end) === 0) return writes;
  for (let at = 0; at < end; at++) {
    if (before[at] === memory[at]) continue;
    let last = at;
    for (let i = at + 1; i < end && i - last <= NEAR; i++) if (before[i] !== memory[i]) last = i;
    writes.push({ at, bytes: Buffer.from(memory.subarray(at, last + 1)) });
    at = last;
  }
  return writes;
}

/** Runs a script on this machine and writes down what it did. `instead`: what is called in place of the module. */
export async function recordScript(
  script: string,
  text: string,
  profile: ProfileName,
  instead: (exports: CoreExports) => CoreExports = (exports) => exports,
): Promise<Transcript> {
  const steps: Step[] = [];
  let made: Core | undefined;
  const core = async () => {
    made = await createCore(profile, "release", (exports) => recorded(instead(exports), steps));
    return made;
  };
  const verdict = await runText(script, text, { profile, core });
  if (made === undefined) throw new Error(`${script} did not run: ${verdict.problem?.message}`);
  return { script, verdict, steps };
}

/** The steps of any work with a core. */
export async function recordWork(
  profile: ProfileName,
  work: (core: Core) => void | Promise<void>,
): Promise<Step[]> {
  const steps: Step[] = [];
  await work(await createCore(profile, "release", (exports) => recorded(exports, steps)));
  return steps;
}
