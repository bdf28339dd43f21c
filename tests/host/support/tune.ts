// Variables of the kernel, for scripts and tests in a network namespace of their own.

import { writeFileSync } from "node:fs";

/** Sets a variable of this namespace's kernel; false where /proc/sys is read-only. */
export function tune(name: string, value: string): boolean {
  try {
    writeFileSync(`/proc/sys/net/${name}`, value);
    return true;
  } catch {
    return false;
  }
}
