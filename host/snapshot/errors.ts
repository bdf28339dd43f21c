// What can be wrong with a snapshot, each with a code of its own.

/** The `code` of an error about a snapshot: not one at all, of a newer format, cut off, damaged, of another build. */
export type SnapshotErrorCode =
  | "ERR_SNAPSHOT_FOREIGN"
  | "ERR_SNAPSHOT_VERSION"
  | "ERR_SNAPSHOT_TRUNCATED"
  | "ERR_SNAPSHOT_CORRUPT"
  | "ERR_SNAPSHOT_BUILD";

export function snapshotError(code: SnapshotErrorCode, text: string, cause?: unknown): Error {
  const error = new Error(`restore ${code}: ${text}`, { cause });
  return Object.assign(error, { code, syscall: "restore" });
}

/** An argument that makes no sense. */
export function badArgument(text: string): Error {
  return Object.assign(new RangeError(`restore EINVAL: ${text}`), { code: "EINVAL" });
}
