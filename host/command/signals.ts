// How a verb is told to stop: the first SIGINT, SIGTERM or SIGHUP, or the end of whoever reads stdout; a second
// SIGINT ends the process at once.

import { deferred } from "./deferred.js";
import { EXIT_FAILURE, EXIT_INTERRUPTED } from "./exit.js";

export interface StopSignals {
  readonly asked: Promise<void>;
  release(): void;
}

/** `leave` gives the terminal back before a second Ctrl-C ends the process. */
export function createStopSignals(leave: () => void): StopSignals {
  const { promise, resolve } = deferred<void>();
  let interrupted = false;

  function interrupt(): void {
    if (interrupted) {
      leave();
      process.exit(EXIT_INTERRUPTED);
    }
    interrupted = true;
    resolve();
  }

  function terminate(): void {
    resolve();
  }

  /** `mote serve | head -1`, or a terminal that was closed: whoever read has gone. */
  function unread(error: NodeJS.ErrnoException): void {
    if (error.code !== "EPIPE" && error.code !== "EIO") process.exit(EXIT_FAILURE);
    resolve();
  }

  process.on("SIGINT", interrupt);
  process.on("SIGTERM", terminate);
  process.on("SIGHUP", terminate);
  process.stdout.on("error", unread);
  return {
    asked: promise,
    release() {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", terminate);
      process.off("SIGHUP", terminate);
    },
  };
}
