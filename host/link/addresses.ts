// Which addresses to take when nobody chose: a /30 out of 198.18.0.0/15, the range that RFC 2544
// sets aside for benchmarks, so that no real network is shadowed. Blocks that touch an address or
// a route of this machine are passed over.

import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { addressToNumber, numberToAddress, parsePrefix } from "../core/address.js";

/** A block of four addresses of which two are used. */
export interface AddressBlock {
  /** The stack's address: the second of the block, with prefix length. */
  stack: string;
  /** The host's address: the first of the block, with prefix length. */
  host: string;
}

/** First and last number of a range of addresses, both in it. */
export type Range = readonly [first: number, last: number];

const FIRST_BLOCK = addressToNumber("198.18.0.0");
const LAST_BLOCK = addressToNumber("198.19.255.252");
const BLOCK_ADDRESSES = 4;

/** The range that a prefix covers. */
export function rangeOf(address: string, prefixLength: number): Range {
  const size = 2 ** (32 - prefixLength);
  const first = Math.floor(addressToNumber(address) / size) * size;
  return [first, first + size - 1];
}

/** Routes out of the text of /proc/net/route; the default route covers everything and is left out. */
export function parseRoutes(text: string, ignoreDevice?: string): Range[] {
  const ranges: Range[] = [];
  for (const line of text.split("\n").slice(1)) {
    const [device, destination, , , , , , mask] = line.trim().split(/\s+/);
    if (!destination || !mask || device === ignoreDevice) continue;
    const first = fromLittleEndianHex(destination);
    const maskBits = fromLittleEndianHex(mask);
    if (maskBits !== 0) ranges.push([first, first + (2 ** 32 - 1 - maskBits)]);
  }
  return ranges;
}

/** Ranges that this machine's interfaces and routes use; those of `ignoreDevice` do not count. */
export function rangesInUse(ignoreDevice?: string): Range[] {
  const ranges: Range[] = [];
  for (const [device, entries] of Object.entries(networkInterfaces())) {
    if (device === ignoreDevice) continue;
    for (const entry of entries ?? []) {
      if (entry.family !== "IPv4" || !entry.cidr) continue;
      const { address, prefixLength } = parsePrefix(entry.cidr);
      ranges.push(rangeOf(address, prefixLength));
    }
  }
  let routes = "";
  try {
    routes = readFileSync("/proc/net/route", "utf8");
  } catch {
    // Only Linux has this file; elsewhere the interfaces have to do.
  }
  return ranges.concat(parseRoutes(routes, ignoreDevice));
}

/** true when the prefix touches one of the ranges. */
export function overlaps(prefix: string, used: readonly Range[]): boolean {
  const { address, prefixLength } = parsePrefix(prefix);
  const [first, last] = rangeOf(address, prefixLength);
  return used.some((range) => first <= range[1] && range[0] <= last);
}

/** The first /30 of 198.18.0.0/15 that touches none of the ranges. Throws EADDRNOTAVAIL. */
export function chooseAddresses(used: readonly Range[] = rangesInUse()): AddressBlock {
  for (let first = FIRST_BLOCK; first <= LAST_BLOCK; first += BLOCK_ADDRESSES) {
    const clash = used.find((range) => first <= range[1] && range[0] <= first + 3);
    if (!clash) {
      return {
        host: `${numberToAddress(first + 1)}/30`,
        stack: `${numberToAddress(first + 2)}/30`,
      };
    }
    // Jump over the whole range: a route for 198.18.0.0/16 costs one step, not 16,384.
    const past = Math.floor(clash[1] / BLOCK_ADDRESSES) * BLOCK_ADDRESSES;
    first = Math.max(first, past);
  }
  const error = new Error(
    "every block of 198.18.0.0/15 is in use on this machine; choose one with --address",
  );
  throw Object.assign(error, { code: "EADDRNOTAVAIL" });
}

/** The other host of a point-to-point block: .1 for .2 and .2 for .1 in a /30. */
export function peerAddress(prefix: string): string {
  const { address, prefixLength } = parsePrefix(prefix);
  const own = addressToNumber(address);
  const [first, last] = rangeOf(address, prefixLength);
  const candidate = own === first + 1 ? first + 2 : first + 1;
  if (candidate >= last) {
    const error = new Error(
      `${prefix} has no second host address; take a prefix of /30 or shorter`,
    );
    throw Object.assign(error, { code: "EINVAL" });
  }
  return `${numberToAddress(candidate)}/${prefixLength}`;
}

function fromLittleEndianHex(hex: string): number {
  const bytes = hex.match(/../g) ?? [];
  return bytes.reduceRight((value, byte) => value * 256 + parseInt(byte, 16), 0);
}
