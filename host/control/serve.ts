// The control socket of a stack in this thread, as programs ask for it.

import type { Stack } from "../core/stack.js";
import { createCalling } from "./calls.js";
import type { ControlService } from "./protocol.js";
import { openControl, type ControlServer } from "./server.js";

/** How a stack is found by `mote netstat`. */
export interface ControlOptions {
  /** 1 to 32 letters, digits, dots, hyphens and underscores. Default "mote", or with a number where that is taken. */
  name?: string;
  /** Who listens where, to be named beside connections. Default: nobody. */
  services?: () => readonly ControlService[];
}

/**
 * Opens a control socket: programs of this user can look at the stack from then on, until close(). Rejects with
 * EADDRINUSE (a stack has this name), EPERM (the folder or the socket belongs to somebody else, or is open to others),
 * ENAMETOOLONG, EINVAL, ENOTSUP (Windows) and what the file system says.
 */
export async function serveControl(
  stack: Stack,
  { name, services = () => [] }: ControlOptions = {},
): Promise<ControlServer> {
  return openControl({ name, ask: createCalling(stack, services) });
}
