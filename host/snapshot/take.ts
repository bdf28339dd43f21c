// Takes a snapshot of a stack, and writes it to a file that nobody else may read.

import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Core } from "../core/core.js";
import { Constant } from "../core/generated/abi.js";
import { StackInstance } from "../core/instance.js";
import type { Stack } from "../core/stack.js";
import { originOf } from "../node/builds.js";
import { writeAll } from "../node/writeAll.js";
import { packageVersion } from "../version.js";
import { encodeSnapshot, type SnapshotHead } from "./format.js";
import { packPages } from "./pages.js";

/** How stack.snapshot() takes one. */
export interface SnapshotOptions {
  /**
   * true: the stack stops with it, without a word to its peers, and its links are closed: the restored one goes
   * on. false (default): it lives on, and only one of the two may speak.
   */
  stop?: boolean;
}

/** How writeSnapshot() takes one, and where it may put it. */
export interface WriteSnapshotOptions extends SnapshotOptions {
  /** Replaces a file that is there. Default false: throws EEXIST. */
  overwrite?: boolean;
}

/** All of a stack at this moment. Throws EBADF: it is closed, EBUSY: one of its handlers runs. */
export function takeSnapshot(stack: Stack, { stop = false }: SnapshotOptions = {}): Uint8Array {
  const instance = instanceOf(stack);
  const host = instance.saved();
  const { core } = instance;
  const { variant, module } = buildOf(core);
  const memoryBytes = core.constant(Constant.MEMORY_BYTES);
  const bytes = encodeSnapshot({
    head: {
      version: packageVersion(),
      profile: core.profile,
      variant,
      module,
      memoryBytes,
      takenAtMs: Date.now(),
      toldMs: core.told(),
      host,
    },
    pages: packPages(core.memory, memoryBytes),
  });
  if (stop) instance.halt();
  return bytes;
}

function buildOf(core: Core): Pick<SnapshotHead, "variant" | "module"> {
  const origin = originOf(core);
  if (origin?.sha256) return { variant: origin.variant, module: origin.sha256() };
  const text =
    "snapshot ENOTSUP: nobody knows the bytes of the stack's module, to which its memory belongs; " +
    "let the option wasm of createStack() name a file, or give bytes";
  throw Object.assign(new Error(text), { code: "ENOTSUP", syscall: "snapshot" });
}

/**
 * Writes a snapshot to a file with mode 0600: all of it is there under that name, or nothing. The stack stands still
 * meanwhile. Throws EEXIST, and what the file system says; the stack lives on then.
 */
export function writeSnapshot(
  file: string | URL,
  stack: Stack,
  { overwrite = false, stop = false }: WriteSnapshotOptions = {},
): void {
  const path = typeof file === "string" ? file : fileURLToPath(file);
  const bytes = takeSnapshot(stack);
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    writeNew(temporary, bytes);
    if (overwrite) renameSync(temporary, path);
    else nameNew(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
  if (stop) instanceOf(stack).halt();
}

function writeNew(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, "wx", 0o600);
  try {
    writeAll(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A link, unlike a rename, replaces nothing. */
function nameNew(temporary: string, path: string): void {
  try {
    linkSync(temporary, path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "EEXIST") throw cause;
    const text = `snapshot EEXIST: ${path} is there already; overwrite: true replaces it`;
    throw Object.assign(new Error(text, { cause }), { code, path, syscall: "snapshot" });
  }
}

function instanceOf(stack: Stack): StackInstance {
  if (stack instanceof StackInstance) return stack;
  const text = "snapshot EINVAL: this is not a stack that createStack() has made";
  throw Object.assign(new TypeError(text), { code: "EINVAL", syscall: "snapshot" });
}
