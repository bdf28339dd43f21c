// Whom a verb asks: an address, or a name that is looked up.

import { isAddress } from "../../core/address.js";
import type { Stack } from "../../core/stack.js";
import { codeOf, CommandError } from "../exit.js";

const WHY: Readonly<Record<string, string>> = {
  ENOTFOUND: "there is no such name",
  ENODATA: "the name has no IPv4 address",
  ETIMEOUT: "no name server answered in time",
  ESERVFAIL: "the name servers could not say",
  EINVAL: "that is neither an address nor a name",
  ENETUNREACH: "no name server is known",
};

/** Throws a CommandError that says why the name leads nowhere. */
export async function findTarget(stack: Stack, host: string): Promise<string> {
  if (isAddress(host)) return host;
  try {
    const [address] = await stack.lookup(host);
    return address!;
  } catch (cause) {
    const code = codeOf(cause);
    const hint = code === "ENETUNREACH" ? "--name-server ADDRESS names one" : undefined;
    throw new CommandError(code, `${host}: ${WHY[code] ?? code}`, hint, { cause });
  }
}

/** What keeps a packet from leaving, for people. */
export function explainSend(cause: unknown, address: string): unknown {
  const code = codeOf(cause);
  if (code === "ENETUNREACH") {
    const text = `${address} is on no network of the stack's, and it knows no router`;
    return new CommandError(code, text, "--router ADDRESS names one", { cause });
  }
  if (code === "EACCES") {
    return new CommandError(code, `${address} is an address of many hosts`, undefined, { cause });
  }
  return cause;
}
