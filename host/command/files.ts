// Why files can be neither read nor written, in words, and the rule that nothing is overwritten unasked.

import { CommandError } from "./exit.js";

type Reasons = Readonly<Record<string, string>>;

/** Why a file cannot be read, by the code of the error. */
export const READ_TROUBLE: Reasons = {
  ENOENT: "there is no such file",
  EACCES: "this user may not read it",
  EISDIR: "it is a folder",
};

/** Why one cannot be written. */
export const WRITE_TROUBLE: Reasons = {
  ENOENT: "its folder does not exist",
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EISDIR: "it is a folder",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
};

export function alreadyThere(path: string, cause?: unknown): CommandError {
  const text = `${path} is there already, and nothing is overwritten`;
  return new CommandError("EEXIST", text, "--force overwrites it", { cause });
}
