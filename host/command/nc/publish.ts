// Where a listener is found: at the stack's address, in user mode at a port of this machine.

import { defaultHostPort } from "../../link/user.js";
import { codeOf, CommandError } from "../exit.js";
import type { Station } from "../network/station.js";
import type { Note } from "./notes.js";
import type { NcOptions } from "./options.js";

/** Says it with -v; without there is only one place where it can be: PORT, in user mode below 1024 PORT + 8000. */
export async function publishPort(
  { link, from, user }: Station,
  { host, port, udp }: NcOptions,
  note: Note,
): Promise<void> {
  const place = `${host ?? from}:${port}`;
  if (user === undefined) {
    note(`listening at ${place} on ${link}`);
    return;
  }
  const wanted = defaultHostPort(port);
  try {
    const { hostAddress, hostPort } = await user.publish(port, wanted, udp ? "udp" : "tcp");
    note(`listening at ${hostAddress}:${hostPort}, for ${place} of the stack`);
  } catch (cause) {
    if (codeOf(cause) !== "EADDRINUSE") throw cause;
    const text = `port ${wanted} of 127.0.0.1 is in use by another program (EADDRINUSE)`;
    throw new CommandError("EADDRINUSE", text, undefined, { cause });
  }
}
