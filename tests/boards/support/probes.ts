// Probes that are no boards of the table: this machine, by either engine, and Python's wasm3.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createConsole } from "../../../host/boards/console.js";
import { openProbe, type Probe } from "../../../host/boards/probe.js";
import { Constant } from "../../../host/core/generated/abi.js";
import { compile, fromRoot, lastingMachine, type Profile } from "../../static/support/module.js";
import { compileNative, type Engine } from "./native.js";
import { providePywasm3 } from "./wasm3.js";

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

/** Python's wasm3, which is neither our C nor edited. */
export function startPythonProbe(t: TestContext, profile: Profile): Promise<Probe> {
  const { call } = lastingMachine(compile(profile));
  const bytes = call("constant", Constant.MEMORY_BYTES);
  const script = fromRoot("tests/boards/support/pywasm3.py");
  const env = { ...process.env, PYTHONPATH: providePywasm3(), PYTHONDONTWRITEBYTECODE: "1" };
  return startProcess(
    t,
    "python3",
    [script, fromRoot(`build/${profile}.wasm`), String(bytes)],
    env,
  );
}

function startProcess(
  t: TestContext,
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Probe> {
  const child = spawn(program, words, { env, stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  return openProbe(createConsole(child.stdin, child.stdout));
}
