// Where a listener is found: at the stack's address, in user mode at a port of this machine.

import { defaultHostPort } from "../../link/user.js";
import { codeOf, CommandError } from "../exit.js";
import type { Station } from "./station.js";

export interface Listening {
  /** One of the stack's addresses; undefined: all. */
  readonly host: string | undefined;
  readonly port: number;
  readonly udp: boolean;
}

/** The same for people and for programs. */
interface ListeningEvent {
  readonly event: "listening";
  readonly [fact: string]: unknown;
}

/** Says where; there is only one place where it can be: PORT, in user mode below 1024 PORT + 8000. */
export async function publishPort(
  { link, from, user }: Station,
  { host, port, udp }: Listening,
  note: (line: string, event: ListeningEvent) => void,
): Promise<void> {
  const place = `${host ?? from}:${port}`;
  if (user === undefined) {
    note(`listening at ${place} on ${link}`, { event: "listening", at: place, link });
    return;
  }
  const wanted = defaultHostPort(port);
  try {
    const { hostAddress, hostPort } = await user.publish(port, wanted, udp ? "udp" : "tcp");
    const at = `${hostAddress}:${hostPort}`;
    note(`listening at ${at}, for ${place} of the stack`, {
      event: "listening",
      at: place,
      host: at,
      link,
    });
  } catch (cause) {
    if (codeOf(cause) !== "EADDRINUSE") throw cause;
    const text = `port ${wanted} of 127.0.0.1 is in use by another program (EADDRINUSE)`;
    throw new CommandError("EADDRINUSE", text, undefined, { cause });
  }
}
