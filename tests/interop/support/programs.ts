// Programs that the tests run: bounded in time, without the proxies of whoever runs the tests, and
// ended by the kernel should the test process die.

import { spawn } from "node:child_process";
import { cleanEnvironment } from "../../command/support/process.js";

/** What a program is started through, so that it never outlives this process. */
export const BOUND = ["setpriv", "--pdeathsig", "KILL", "--"] as const;
/** The same without any capability: still this user, with no right to make a TAP device. */
export const POWERLESS = [
  ...BOUND.slice(0, -1),
  "--bounding-set=-all",
  "--inh-caps=-all",
  "--no-new-privs",
  "--",
] as const;

export interface Outcome {
  /** Exit code, or the name of the signal. */
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
  readonly tookMs: number;
}

export interface RunOptions {
  /** Written to its standard input, one piece after the other; then comes the end. */
  readonly input?: readonly (string | Uint8Array)[];
  /** Between two pieces. */
  readonly pauseMs?: number;
  readonly limitMs?: number;
}

/** Runs a program to its end; "SIGKILL" when it took longer than the limit. */
export async function run(
  [program = "", ...words]: readonly string[],
  { input = [], pauseMs = 10, limitMs = 20_000 }: RunOptions = {},
): Promise<Outcome> {
  const startMs = performance.now();
  const [first, ...rest] = BOUND;
  const child = spawn(first, [...rest, program, ...words], {
    env: cleanEnvironment(),
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk) => out.push(chunk));
  child.stderr.on("data", (chunk) => err.push(chunk));
  // A program that ends without reading everything is judged by its exit code.
  child.stdin.on("error", () => undefined);
  const code = new Promise<number | string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => resolve(status ?? signal ?? "unknown"));
  });
  for (const [index, piece] of input.entries()) {
    if (index > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    child.stdin.write(piece);
  }
  child.stdin.end();
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString("latin1");
  return {
    code: await code,
    out: text(out),
    err: text(err),
    tookMs: performance.now() - startMs,
  };
}

/** Its stdout; throws unless it ended with exit code 0. */
export async function output(words: readonly string[], options?: RunOptions): Promise<string> {
  const { code, out, err } = await run(words, options);
  if (code === 0) return out;
  throw new Error(`${words.join(" ")}: exit code ${code}; ${out}${err}`);
}
