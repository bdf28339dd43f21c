// The simulated board (simulated.c): lines in, lines out, under the sanitizers for addresses and undefined behaviour.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { Profile } from "../../static/support/module.js";
import { COMMON, compileNative } from "./native.js";

const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"];
const folder = mkdtempSync(join(tmpdir(), "mote-simulated-"));
after(() => rmSync(folder, { recursive: true }));

/** The program of a profile, compiled when it is first needed. */
const programs = new Map<Profile, Promise<string>>();
function programOf(profile: Profile): Promise<string> {
  const known = programs.get(profile);
  if (known !== undefined) return known;
  const program = compileNative(profile, folder, {
    name: `simulated-${profile}`,
    sources: [...COMMON, "../tests/boards/support/simulated.c"],
    flags: ["-O1", ...SANITIZERS],
    link: ["-Wl,--wrap=mote_constant"],
  });
  programs.set(profile, program);
  return program;
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
export const frameLine = (bytes: Uint8Array): string => `frame ${hex(bytes)}`;

/** Plays the lines; what was printed, line by line. */
export async function play(profile: Profile, ...lines: readonly string[]): Promise<string[]> {
  const program = await programOf(profile);
  const { stdout, stderr, status } = spawnSync(program, {
    input: lines.map((line) => `${line}\n`).join(""),
    encoding: "utf8",
    maxBuffer: 1 << 24,
  });
  assert.equal(stderr, "", "no sanitizer has complained");
  assert.equal(status, 0);
  return stdout.split("\n").slice(0, -1);
}

/** Frames that the driver took. */
export function sentIn(lines: readonly string[]): Uint8Array[] {
  const frames = lines.filter((line) => line.startsWith("sent "));
  return frames.map((line) => Uint8Array.from(Buffer.from(line.slice(5), "hex")));
}

/** The number behind a word, of its last line. */
export function lastNumber(lines: readonly string[], word: string): number {
  const line = lines.filter((each) => each.startsWith(`${word} `)).at(-1);
  assert.ok(line !== undefined, `no line ${word}`);
  return Number(line.split(" ")[1]);
}
