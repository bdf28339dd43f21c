import { writeSync } from "node:fs";

/** Writes all of it: writeSync() may take less at a time. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}
