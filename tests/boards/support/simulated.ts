// Drivers of boards/drivers on simulated devices (tests/boards/simulated): programs of tests, compiled with the sanitizers
// for addresses and undefined behaviour.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fromRoot } from "../../static/support/module.js";

const { cc } = (await import(pathToFileURL(fromRoot("tools/lib/native.mjs")).href)) as {
  cc(...words: string[]): void;
};

const WARNINGS = ["-Wall", "-Wextra", "-Werror"];
const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const LIMIT_MS = 60_000;

const driver = (name: string) => fromRoot(`boards/drivers/${name}.c`);
const simulated = (name: string) => fromRoot(`tests/boards/simulated/${name}.c`);

/** Compiles a driver as for a board, of which this machine is none: only that it compiles. */
export function compileForBoard(name: string, folder: string): void {
  cc(
    ...WARNINGS,
    "-Wpedantic",
    "-ffreestanding",
    "-Os",
    "-c",
    driver(name),
    "-o",
    join(folder, "board.o"),
  );
}

/** The program of a driver's tests. */
export function compileSimulated(name: string, folder: string): string {
  const program = join(folder, name);
  const include = `-I${fromRoot("boards/drivers")}`;
  const sources = [simulated("common"), simulated(name), driver(name)];
  cc(
    "-g",
    "-O1",
    ...SANITIZERS,
    ...WARNINGS,
    "-DMOTE_SIMULATED",
    include,
    ...sources,
    "-o",
    program,
  );
  return program;
}

/** What the program prints; throws with what it says when it fails. */
export function run(program: string, ...words: string[]): string {
  const ended = spawnSync(program, words, { encoding: "utf8", timeout: LIMIT_MS });
  if (ended.status === 0) return ended.stdout;
  const how = ended.error?.message ?? ended.signal ?? `status ${ended.status}`;
  throw new Error(`${program} ${words.join(" ")}: ${how}\n${ended.stderr}`);
}
