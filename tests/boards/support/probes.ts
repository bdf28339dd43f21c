// Probes that are no boards of the table: this machine, by either engine, and Python's wasm3.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createConsole } from "../../../host/boards/console.js";
import { openProbe, type Probe } from "../../../host/boards/probe.js";
import { fromRoot, type Profile } from "../../static/support/module.js";
import { compileNative, type Engine } from "./native.js";

const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"];

/** The probe's C on this machine, under sanitizers. */
export async function startPosixProbe(
  t: TestContext,
  engine: Engine,
  profile: Profile,
): Promise<Probe> {
  const folder = mkdtempSync(join(tmpdir(), "mote-probe-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const program = await compileNative(profile, folder, {
    engine,
    name: "probe",
    sources: [
      "common/probe.c",
      "common/console.c",
      "posix/board.c",
      fromRoot(`build/aot/${profile}/exports.c`),
    ],
    flags: ["-O1", ...SANITIZERS, `-DMOTE_ENGINE="${engine}"`],
  });
  return startProcess(t, program, []);
}

export function startProcess(
  t: TestContext,
  program: string,
  words: readonly string[],
): Promise<Probe> {
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  return openProbe(createConsole(child.stdin, child.stdout));
}
