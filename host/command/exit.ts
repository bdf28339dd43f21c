// How the command ends: the exit codes (one table, shown by --help and in the guides) and the two
// kinds of error that people see. A UsageError is about the command line, a CommandError about the
// machine; both carry one line of what happened and, where there is one, the command that helps.

export const EXIT_OK = 0;
export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;
export const EXIT_INTERRUPTED = 130;

/** Every exit code with its meaning, in the order of --help. */
export const exitCodes: readonly (readonly [number, string])[] = [
  [EXIT_OK, "done, or stopped by Ctrl-C, SIGTERM or SIGHUP"],
  [EXIT_FAILURE, "it could not start or go on: no device, no rights, a port in use ..."],
  [EXIT_USAGE, "bad command line; nothing was started"],
  [EXIT_INTERRUPTED, "stopped at once by a second Ctrl-C; connections were cut off"],
];

/** The command line is wrong: one line, exit code 2. */
export class UsageError extends Error {
  readonly code = "MOTE_USAGE";
}

/** Something on this machine is in the way: what, and the command that helps (`hint`); exit code 1. */
export class CommandError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
}

/** The `code` of an error, or "" where it has none. */
export function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return String(error.code);
}

/** The message of whatever was thrown, on one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\n\s*/g, " ").trim();
}
