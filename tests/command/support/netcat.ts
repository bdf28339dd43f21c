// A netcat as a person uses it: a process with something on stdin, whatever comes on stdout, remarks on stderr. Ours
// (`mote nc`) and Debian's.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import type { TestContext } from "node:test";
import { until } from "../../host/support/until.js";
import { cleanEnvironment, main } from "./process.js";

export const sha256 = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

export interface Netcat {
  readonly child: ChildProcess;
  readonly out: Buffer;
  readonly text: string;
  readonly err: string;
  /** Exit code, or the name of the signal. */
  readonly ended: Promise<number | string>;
  /** Its stdin. */
  write(bytes: string | Uint8Array): void;
  /** The end of its stdin, after these bytes. */
  end(bytes?: string | Uint8Array): void;
  /** stdout matches. */
  hears(pattern: RegExp): Promise<void>;
  /** stderr matches. */
  says(pattern: RegExp): Promise<void>;
}

/** Ends with the test, and with this process. */
const BOUND = ["setpriv", "--pdeathsig", "KILL", "--"] as const;
const LIMIT_MS = 15_000;

/** `mote` with these words, in an environment without proxies. */
export const mote = (t: TestContext, ...words: string[]): Netcat =>
  talk(t, [process.execPath, main, ...words]);

/** Debian's netcat. */
export const debian = (t: TestContext, ...words: string[]): Netcat => talk(t, ["nc", ...words]);

export function talk(
  t: TestContext,
  command: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Netcat {
  const [program, ...bound] = BOUND;
  const child = spawn(program, [...bound, ...command], { env: cleanEnvironment(env) });
  const chunks: Buffer[] = [];
  let err = "";
  child.stdout.on("data", (bytes: Buffer) => chunks.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => (err += String(bytes)));
  // Who ends without reading everything is judged by the exit code.
  child.stdin.on("error", () => undefined);
  let code: number | string | undefined;
  const ended = new Promise<number | string>((resolve) => {
    child.once("close", (status, signal) => resolve((code = status ?? signal ?? "unknown")));
  });
  t.after(() => child.kill("SIGKILL"));
  const netcat = {
    child,
    ended,
    get out() {
      return Buffer.concat(chunks);
    },
    get text() {
      return netcat.out.toString("latin1");
    },
    get err() {
      return err;
    },
    write: (bytes: string | Uint8Array) => void child.stdin.write(bytes),
    end: (bytes: string | Uint8Array = "") => void child.stdin.end(bytes),
    hears: (pattern: RegExp) => seen(() => netcat.text, pattern),
    says: (pattern: RegExp) => seen(() => err, pattern),
  };

  async function seen(text: () => string, pattern: RegExp): Promise<void> {
    await until(() => pattern.test(text()) || code !== undefined, String(pattern), LIMIT_MS);
    if (pattern.test(text())) return;
    throw new Error(`${command.join(" ")} ended with ${code}: no ${pattern} in ${text()}; ${err}`);
  }

  return netcat;
}
