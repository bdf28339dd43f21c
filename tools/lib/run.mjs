// Starts programs and keeps what they print; and runs several of them, a few at a time.

import { spawn } from "node:child_process";
import { ROOT } from "./files.mjs";

/** Variables that would change what a child does: left by a debugger or by a test runner. */
const UNWANTED = [
  "NODE_OPTIONS",
  "NODE_TEST_CONTEXT",
  "NODE_V8_COVERAGE",
  "NODE_PATH",
  "FORCE_COLOR",
];

export function cleanEnvironment(extra = {}) {
  const env = { ...process.env, ...extra };
  for (const name of UNWANTED) delete env[name];
  return env;
}

/** Runs Node with a script; resolves to its exit code and everything it printed. */
export function runNode(script, args, { onOutput, env = {}, cwd = ROOT, timeoutMs = 0 } = {}) {
  return new Promise((settle) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd,
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      env: cleanEnvironment(env),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk) => {
      output += chunk;
      onOutput?.(chunk);
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    child.on("error", (error) => settle({ code: 1, output: `${output}${error.message}\n` }));
    child.on("close", (code, signal) => {
      settle({ code: code ?? 1, output: signal ? `${output}ended by ${signal}\n` : output });
    });
  });
}

/** Runs the jobs in order, `width` of them at once. */
export async function runAll(jobs, width) {
  const queue = [...jobs];
  const worker = async () => {
    while (queue.length > 0) await queue.shift()();
  };
  await Promise.all(Array.from({ length: Math.min(width, jobs.length) }, worker));
}
