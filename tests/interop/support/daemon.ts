// Programs that serve: started in the foreground, in the test's namespace or another host's, ready
// when they say so, ended by their process id and waited for. Some are only unpacked (tools/lib/
// system.mjs), with libraries of their own.

import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { start } from "../../command/support/process.js";
import { BOUND } from "./programs.js";

const UNPACKED = fileURLToPath(new URL("../../../../build/system/", import.meta.url));
const GRACE_MS = 2_000;

export interface Daemon {
  readonly pid: number;
  /** All that it has written. */
  readonly log: string;
  /** Resolves when it has written such a line; fails after 10 s. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
  /** It hears nothing for a while: SIGSTOP, SIGCONT. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** The words that run a program, wherever it is, with these variables. */
export function program(name: string, variables: Readonly<Record<string, string>> = {}): string[] {
  const path = ["usr/bin", "usr/sbin"]
    .map((folder) => join(UNPACKED, folder, name))
    .find((file) => existsSync(file));
  const libraries = path === undefined ? {} : { LD_LIBRARY_PATH: librariesOf() };
  const set = Object.entries({ ...variables, ...libraries });
  return ["env", ...set.map(([key, value]) => `${key}=${value}`), path ?? name];
}

function librariesOf(): string {
  const folder = join(UNPACKED, "usr/lib");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => name.endsWith("-gnu"))
    .map((name) => join(folder, name))
    .join(":");
}

/** Starts one; resolves when it has written what `ready` matches, to either output. */
export async function startDaemon(
  t: TestContext,
  words: readonly string[],
  ready: RegExp,
): Promise<Daemon> {
  const [first, ...rest] = BOUND;
  const path = "PATH=$PATH:/usr/sbin:/sbin";
  const process = start(t, first, [...rest, "sh", "-c", `${path} exec "$@" 2>&1`, "sh", ...words]);
  const { child, ended } = process;

  async function stop(): Promise<void> {
    child.kill("SIGCONT");
    child.kill("SIGTERM");
    const late = Symbol("late");
    if ((await Promise.race([ended, delay(GRACE_MS, late, { ref: false })])) === late) {
      child.kill("SIGKILL");
      await ended;
    }
  }

  t.after(stop);
  await process.seen(ready);
  return {
    pid: child.pid!,
    get log() {
      return process.out;
    },
    seen: (pattern) => process.seen(pattern),
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    stop,
  };
}

/** A folder that goes when the test is over. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mote-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
