// Programs in processes of their own: what only the end of a process, or an uncaught error, shows.

import { spawn } from "node:child_process";
import type { TestContext } from "node:test";
import type { Module } from "./modules.js";

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const KILL_AFTER_MS = 12_000;

/** Runs lines of a module, in which `net` and `once` are there already, until the process ends by itself. */
export function runProgram(t: TestContext, module: Module, source: string): Promise<Outcome> {
  const head = `import { once } from "node:events"; import net from ${JSON.stringify(module.specifier)};\n`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", head + source], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const killer = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
  t.after(() => child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((done) =>
    child.on("close", (code, signal) => {
      clearTimeout(killer);
      done({ code, signal, stdout, stderr });
    }),
  );
}
