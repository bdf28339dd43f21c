// A cable between two commands on this machine, without rights: a Unix socket with QEMU's stream of frames. Whoever
// comes first waits at its path for the other; then the path is gone, and the cable lives on.

import { lstatSync, unlinkSync } from "node:fs";
import type { Link } from "../../link/link.js";
import { listenQemuLink, openQemuLink } from "../../link/qemu.js";
import { deferred } from "../deferred.js";
import { codeOf, CommandError } from "../exit.js";

export interface CableEvents {
  /** The other end has gone. */
  onEnd(error: Error | null): void;
  /** This is the first end. */
  waits?(line: string): void;
  /** Nobody wants the cable any more. */
  readonly stop?: Promise<void>;
}

export interface Cable {
  readonly link: Link;
  /** This end waited for the other. */
  readonly isFirst: boolean;
}

/** Both ends may come at the same moment: the one that loses finds the other. */
const TRIES = 5;

/** Rejects with ECANCELED when it was stopped before there was another end. */
export async function openCable(path: string, events: CableEvents): Promise<Cable> {
  for (let tries = 1; ; tries++) {
    try {
      return { link: await openQemuLink(path, { onEnd: events.onEnd }), isFirst: false };
    } catch (cause) {
      const code = codeOf(cause);
      if (code !== "ENOENT" && code !== "ECONNREFUSED") throw unusable(path, cause);
      // Refused twice: the socket of a command that was killed.
      if (code === "ECONNREFUSED" && tries > 1) removeSocket(path);
    }
    try {
      return { link: await waitAt(path, events), isFirst: true };
    } catch (cause) {
      if (codeOf(cause) === "ECANCELED") throw cause;
      if (codeOf(cause) !== "EADDRINUSE" || tries === TRIES) throw unusable(path, cause);
    }
  }
}

async function waitAt(path: string, { onEnd, waits, stop }: CableEvents): Promise<Link> {
  const arrived = deferred<Link>();
  const listener = await listenQemuLink(path, arrived.resolve, { onEnd });
  waits?.(`Waiting at cable:${path} for the other end.`);
  void stop?.then(() => arrived.reject(new CommandError("ECANCELED", "nobody came")));
  try {
    return await arrived.promise;
  } finally {
    listener.close();
  }
}

function removeSocket(path: string): void {
  if (lstatSync(path).isSocket()) unlinkSync(path);
}

function unusable(path: string, cause: unknown): CommandError {
  const code = codeOf(cause) || "EIO";
  const why = code === "EADDRINUSE" || code === "ENOTSOCK" ? "something else is there" : code;
  return new CommandError(code, `no cable at ${path}: ${why}`, undefined, { cause });
}
