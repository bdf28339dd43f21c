// A lookup of a name, one by one: what is answered without asking anybody, what a record of the core says,
// and errors as Node's dns module has them.

import { formatAddress, isAddress } from "./address.js";
import { readAddresses } from "./addressRecords.js";
import type { Core } from "./core.js";
import { meaningOf } from "./errors.js";
import { Constant, Errno, ErrnoName, LookupField, LookupSize, Reading } from "./generated/abi.js";
import { readField, slotOfTask } from "./records.js";

/** An error of a lookup: `code` is ENOTFOUND, ENODATA, ETIMEOUT, ESERVFAIL ... */
export interface LookupError extends Error {
  code: string;
  syscall: string;
  hostname: string;
}

export function lookupError(code: string, hostname: string): LookupError {
  const syscall = "queryA";
  const error = new Error(`${syscall} ${code} ${hostname}: ${MEANING[code] ?? meaningOf(code)}`);
  return Object.assign(error, { code, syscall, hostname });
}

const MEANING: Readonly<Record<string, string>> = {
  EINVAL: "that is no name",
  ENETUNREACH: "no name server is known",
  ENOBUFS: "too many names are looked up at a time",
};

/** The code of one of the core's numbers; Node's dns module writes ETIMEOUT without the D. */
export function lookupCode(number: number): string {
  return number === Errno.ETIMEDOUT ? "ETIMEOUT" : (ErrnoName[number] ?? "ESERVFAIL");
}

/** As names are compared: without case, and without the dot of the root. */
export const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, "");

/** Addresses are their own names; localhost (RFC 6761 section 6.3) and our own name need no server. */
export function localAnswer(core: Core, name: string, hostName: string): string[] | null {
  if (isAddress(name)) return [name];
  const plain = plainName(name);
  const own = readAddresses(core).filter(({ state }) => state === "VALID");
  const inside = own.filter((each) => each.interface < 0).map(({ address }) => address);
  if (/^(.+\.)?localhost$/.test(plain)) return inside.length > 0 ? inside : null;
  if (hostName === "" || plain !== `${hostName.toLowerCase()}.local`) return null;
  const outside = own.filter((each) => each.interface >= 0).map(({ address }) => address);
  return outside.length > 0 ? outside : inside;
}

/** The name as it is asked for: of names in other scripts the form with xn-- (RFC 5891), "" of what is none. */
export function asciiName(name: string): string {
  if (/^[\x20-\x7e]*$/.test(name)) return name;
  // What divides the parts of a URL stands in no name.
  if (/[\s/\\?#@:%[\]]/.test(name)) return "";
  try {
    return new URL(`http://${name}`).hostname;
  } catch {
    return "";
  }
}

/** Bytes for the name behind a record's addresses. */
const NAME_BYTES = 256;

/** What became of the lookup of a handle: addresses, or the core's number of an error. */
export function readLookup(core: Core, handle: number): { addresses: string[]; error: number } {
  const { constant, memory } = core;
  const addressBytes = constant(Constant.ADDRESS_BYTES);
  const size = LookupSize + Reading.LOOKUP_ADDRESSES * addressBytes + NAME_BYTES;
  const at = constant(Constant.LOOKUP_AREA) + numberOfLookup(core, handle) * size;
  const count = readField(core, at, LookupField.addresses);
  const ends = Array.from(
    { length: Math.min(count, Reading.LOOKUP_ADDRESSES) },
    (_, i) => at + LookupSize + (i + 1) * addressBytes,
  );
  return {
    addresses: ends.map((end) => formatAddress(memory.subarray(end - 4, end))),
    error: readField(core, at, LookupField.error),
  };
}

/** The number of its record: before lookups come the tasks of interfaces. */
function numberOfLookup(core: Core, handle: number): number {
  return slotOfTask(core, handle) - core.interfaces;
}
