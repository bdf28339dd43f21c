// How a verb is told to stop: the first SIGINT, SIGTERM or SIGHUP, or the end of whoever reads stdout; a second
// SIGINT ends the process at once.

import { deferred } from "./deferred.js";
import { EXIT_FAILURE, EXIT_INTERRUPTED } from "./exit.js";

/** A signal has come, or whoever reads stdout has gone. */
export type StopReason = "signal" | "unread";

export interface StopSignals {
  readonly asked: Promise<void>;
  /** Why; null: nobody has asked yet. */
  readonly reason: StopReason | null;
  release(): void;
}

/** `leave` gives the terminal back before a second Ctrl-C ends the process. */
export function createStopSignals(leave: () => void): StopSignals {
  const { promise, resolve } = deferred<void>();
  let interrupted = false;
  let reason: StopReason | null = null;

  function stop(why: StopReason): void {
    reason ??= why;
    resolve();
  }

  function interrupt(): void {
    if (interrupted) {
      leave();
      process.exit(EXIT_INTERRUPTED);
    }
    interrupted = true;
    stop("signal");
  }

  function terminate(): void {
    stop("signal");
  }

  /** `mote serve | head -1`, or a terminal that was closed: whoever read has gone. */
  function unread(error: NodeJS.ErrnoException): void {
    if (error.code !== "EPIPE" && error.code !== "EIO") process.exit(EXIT_FAILURE);
    stop("unread");
  }

  process.on("SIGINT", interrupt);
  process.on("SIGTERM", terminate);
  process.on("SIGHUP", terminate);
  process.stdout.on("error", unread);
  return {
    asked: promise,
    get reason() {
      return reason;
    },
    release() {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", terminate);
      process.off("SIGHUP", terminate);
    },
  };
}
