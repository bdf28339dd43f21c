// Where the body goes: stdout, or a file that is there only when somebody has asked for it.

import { createWriteStream, existsSync } from "node:fs";
import type { Writable } from "node:stream";
import { codeOf, CommandError } from "../exit.js";
import type { GetOptions } from "./options.js";

/** Before anything is fetched. */
export function checkOutput({ output, force }: GetOptions): void {
  if (output === undefined || force || !existsSync(output)) return;
  throw new CommandError("EEXIST", `${output} is there already`, "--force overwrites it");
}

/** The file, opened. It is never one that was there, without --force. */
export async function openOutput(path: string, force: boolean): Promise<Writable> {
  const file = createWriteStream(path, { flags: force ? "w" : "wx" });
  try {
    await new Promise<void>((resolve, reject) => {
      file.once("open", () => resolve()).once("error", reject);
    });
    return file;
  } catch (cause) {
    const code = codeOf(cause);
    const text = `${path} cannot be written: ${code}`;
    throw new CommandError(code, text, undefined, { cause });
  }
}
