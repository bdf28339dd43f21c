// Runs a program and keeps what it prints; without the variables that a test runner or npm leaves behind.

import { spawn } from "node:child_process";
import { delimiter, dirname } from "node:path";

export interface Ended {
  /** Exit code, or the name of the signal. */
  readonly status: number | string;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly cwd: string;
  /** The Node that `node` means in there; default: the one that runs this. */
  readonly node?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Goes into standard input. */
  readonly input?: string;
}

const LIMIT_MS = 120_000;
const UNWANTED =
  /^(npm_|NODE_OPTIONS$|NODE_TEST_CONTEXT$|NODE_V8_COVERAGE$|NODE_PATH$|FORCE_COLOR$|MOTE_)/;

export function environmentFor({ node = process.execPath, env = {} }: Partial<RunOptions>) {
  const kept = Object.entries(process.env).filter(([name]) => !UNWANTED.test(name));
  const path = [dirname(node), process.env.PATH].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path, ...env };
}

/** Ends when the program does; after two minutes it is killed. */
export function run(
  program: string,
  words: readonly string[],
  options: RunOptions,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      cwd: options.cwd,
      env: environmentFor(options),
      stdio: ["pipe", "pipe", "pipe"],
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ status: code ?? signal ?? "unknown", out, err }));
    child.stdin.end(options.input ?? "");
  });
}

/** The same, for what has to end well: its standard output. */
export async function succeed(
  program: string,
  words: readonly string[],
  options: RunOptions,
): Promise<string> {
  const { status, out, err } = await run(program, words, options);
  if (status === 0) return out;
  throw new Error(`${[program, ...words].join(" ")} ended with ${status}\n${out}${err}`);
}
