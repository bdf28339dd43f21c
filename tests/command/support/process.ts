// Runs the built command as a process of its own, the way a person does.

import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TestContext } from "node:test";

export const main = fileURLToPath(new URL("../../../host/command/main.js", import.meta.url));

export interface Running {
  readonly child: ChildProcess;
  readonly out: string;
  readonly err: string;
  /** Resolves when stdout matches; fails when the process ends first, or after `within` ms (10 s). */
  seen(pattern: RegExp, within?: number): Promise<RegExpExecArray>;
  /** Exit code, or the name of the signal. */
  readonly ended: Promise<number | string>;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Program that runs in place of node, with its first arguments. */
  readonly through?: readonly string[];
}

/** Starts `mote` with these words; killed when the test ends. */
export function startMote(
  t: TestContext,
  words: readonly string[],
  options: RunOptions = {},
): Running {
  const [program = process.execPath, ...first] = options.through ?? [];
  const node = options.through === undefined ? [main] : [process.execPath, main];
  return start(t, program, [...first, ...node, ...words], options.env);
}

/** Starts any program the same way. */
export function start(
  t: TestContext,
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = cleanEnvironment(),
): Running {
  const child = spawn(program, words, { env, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  let onOutput = (): void => undefined;
  child.stdout!.on("data", (bytes) => {
    out += String(bytes);
    onOutput();
  });
  child.stderr!.on("data", (bytes) => (err += String(bytes)));
  const ended = new Promise<number | string>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  t.after(() => child.kill("SIGKILL"));

  function seen(pattern: RegExp, within = 10_000): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void =>
        reject(new Error(`${why}: ${pattern} not in ${JSON.stringify(out)}, stderr: ${err}`));
      const timer = setTimeout(fail, within, `after ${within} ms`);
      onOutput = () => {
        const match = pattern.exec(out);
        if (match === null) return;
        clearTimeout(timer);
        resolve(match);
      };
      void ended.then((code) => fail(`ended with ${code}`));
      onOutput();
    });
  }

  return {
    child,
    ended,
    seen,
    get out() {
      return out;
    },
    get err() {
      return err;
    },
  };
}

/** Without proxies, colours and control sockets of whoever runs the tests. */
export function cleanEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/proxy$|^(NO_COLOR|FORCE_COLOR|NODE_OPTIONS|NODE_TEST_CONTEXT|XDG_RUNTIME_DIR)$/i.test(name),
  );
  return { ...Object.fromEntries(kept), ...extra };
}

/** Runs a program to its end; its stdout. */
export function output(program: string, ...words: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: cleanEnvironment(), timeout: 20_000, maxBuffer: 64 * 1024 * 1024 };
    execFile(program, words, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} ${words.join(" ")}: ${error.message} ${stderr}`));
    });
  });
}

/** Skips the test, with the command that helps, where a system program is missing. */
export function needs(t: TestContext, program: string, debianPackage: string): boolean {
  const found = spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
  if (found) return true;
  const advice = `${program} is missing; install it with: apt-get install ${debianPackage}`;
  assert.notEqual(process.env["MOTE_REQUIRE"], "all", advice);
  t.skip(advice);
  return false;
}
