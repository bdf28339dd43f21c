// How the doctor looks at the machine. It changes nothing: it reads, looks for programs, and lets `unshare` try.

import { spawnSync } from "node:child_process";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";

/** Of the machine, what is asked for; tests hand in their own. */
export interface Probe {
  readonly platform: string;
  /** "20.19.0". */
  readonly nodeVersion: string;
  readonly userId: number;
  exists(path: string): boolean;
  /** null: it is not there, or not for us. */
  read(path: string): string | null;
  /** Names in a folder; none where there is none. */
  list(path: string): string[];
  /** "" or the errno: opened for reading and writing, and closed. */
  open(path: string): string;
  /** Where a program is; null: nowhere in PATH. */
  find(program: string): string | null;
  /** It ran, and ended with 0. */
  succeeds(program: string, words: readonly string[]): boolean;
  /** A module of the package, or beside it, can be loaded. */
  loads(name: string): Promise<boolean>;
}

const LIMIT_MS = 10_000;

export const machineProbe: Probe = {
  platform: process.platform,
  nodeVersion: process.versions.node,
  userId: process.getuid?.() ?? -1,
  exists: existsSync,
  read: (path) => orElse(() => readFileSync(path, "utf8"), null),
  list: (path) => orElse(() => readdirSync(path), []),
  open(path) {
    try {
      closeSync(openSync(path, "r+"));
      return "";
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? "EIO";
    }
  },
  find,
  succeeds: (program, words) =>
    spawnSync(program, words, { stdio: "ignore", timeout: LIMIT_MS }).status === 0,
  async loads(name) {
    try {
      await import(name);
      return true;
    } catch {
      return false;
    }
  },
};

function orElse<Value>(work: () => Value, otherwise: Value): Value {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

function find(program: string): string | null {
  const endings = process.platform === "win32" ? [".exe", ".cmd", ".bat"] : [""];
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const places = folders.flatMap((folder) => endings.map((end) => join(folder, program + end)));
  const isProgram = (path: string) => orElse(() => (accessSync(path, constants.X_OK), true), false);
  return places.find(isProgram) ?? null;
}
