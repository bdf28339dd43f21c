// Files of recordings: with mode 0600, because they hold keys and all that came in, and in place of another one only
// where that was asked for.

import { closeSync, fchmodSync, openSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { writeAll } from "../node/writeAll.js";

export interface RecordingFile {
  readonly path: string;
  write(bytes: Uint8Array): void;
  close(): void;
}

export const pathOf = (file: string | URL): string =>
  typeof file === "string" ? file : fileURLToPath(file);

/** Throws what the file system says, EEXIST in words. */
export function createFile(path: string, overwrite: boolean): RecordingFile {
  const fd = opened(path, overwrite);
  // One that is overwritten keeps its mode, and others might have been let in.
  fchmodSync(fd, 0o600);
  let isOpen = true;
  return {
    path,
    write: (bytes) => writeAll(fd, bytes),
    close() {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
}

/** All of a file at once: it is there as a whole, or not at all. */
export function writeFile(path: string, parts: readonly Uint8Array[], overwrite: boolean): void {
  const file = createFile(path, overwrite);
  try {
    for (const part of parts) file.write(part);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    file.close();
  }
}

/** Of a name that is taken: with the first number behind it that is not. */
export function writeBeside(path: string, parts: readonly Uint8Array[]): string {
  for (let number = 0; ; number++) {
    const name = number === 0 ? path : `${path}.${number}`;
    try {
      writeFile(name, parts, false);
      return name;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || number === MOST_NAMES) throw error;
    }
  }
}

const MOST_NAMES = 100;

function opened(path: string, overwrite: boolean): number {
  try {
    return openSync(path, overwrite ? "w" : "wx", 0o600);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "EEXIST") throw cause;
    const text = `recording EEXIST: ${path} is there already; overwrite: true replaces it`;
    throw Object.assign(new Error(text, { cause }), { code, path, syscall: "open" });
  }
}
