// What user mode lets out, as its caller says it: rules, names and limits, with their defaults, and what can be
// seen of it while it runs.

import { lookup as lookupOnHost } from "node:dns/promises";
import { createAllowList, type AllowList } from "./allow.js";
import type { ForwardedPort } from "./forwards.js";
import type { NameLookup } from "./names.js";
import type { Counts, Limits } from "./wire.js";

/** Times are milliseconds. */
export interface OutboundOptions {
  /**
   * Where the stack may go: "HOST:PORTS", with "/tcp" or "/udp" behind it for one of the two. HOST is an IPv4
   * address or prefix, a name, "*.example.org" for all names below one, "localhost", or "*". PORTS is a
   * number, a range as in "80-90", or "*".
   */
  allow: readonly string[];
  /** Answers questions for names at the virtual router's address. Default true. */
  dns?: boolean;
  /** How it finds the IPv4 addresses of a name. Default: as the host does. */
  lookup?: NameLookup;
  /** Connections at a time, 1 to 1000. Default 512. */
  connections?: number;
  /** UDP associations at a time, 1 to 1000: the one not used for longest makes room. Default 256. */
  associations?: number;
  /** How long a connection may take to open. Default 20 s. */
  connectTimeout?: number;
  /** How long an open connection may be silent. Default 2 h 4 min (RFC 5382 REQ-5). */
  idleTimeout?: number;
  /** How long an association lives after its last datagram out. Default 2 min (RFC 4787 REQ-5). */
  associationTimeout?: number;
}

/** What goes out now, and what has been counted. */
export interface OutboundState extends Readonly<Counts> {
  /** Open now, or opening. */
  readonly connections: number;
  readonly associations: number;
  /** Ports of the virtual router that lead elsewhere. */
  readonly forwards: readonly ForwardedPort[];
}

export interface Outbound {
  readonly allow: AllowList;
  /** null: no questions are answered. */
  readonly lookup: NameLookup | null;
  readonly limits: Limits;
}

/** Numbers of the carrier's pools bound what can be asked for. */
const MOST_FLOWS = 1000;

const DEFAULTS: Limits = {
  connections: 512,
  associations: 256,
  connectTimeout: 20_000,
  idleTimeout: 7_440_000,
  associationTimeout: 120_000,
};

/** Without options nothing is let out. Throws EINVAL. */
export function checkOutbound(options: OutboundOptions | undefined, nowMs: () => number): Outbound {
  const { allow = [], dns = true, lookup = lookupByHost, ...asked } = options ?? {};
  const list = createAllowList(allow, nowMs);
  if (!dns && list.hasNames) {
    throw invalid("a rule with a name needs dns: its addresses are those that were asked for");
  }
  const limits: Limits = { ...DEFAULTS, ...withoutUndefined(asked) };
  for (const name of ["connections", "associations"] as const) {
    const value = limits[name];
    if (!(Number.isInteger(value) && value >= 1 && value <= MOST_FLOWS)) {
      throw invalid(`${name} is a whole number from 1 to ${MOST_FLOWS}, not ${value}`);
    }
  }
  for (const name of ["connectTimeout", "idleTimeout", "associationTimeout"] as const) {
    if (!(limits[name] > 0))
      throw invalid(`${name} is a number of ms above 0, not ${limits[name]}`);
  }
  return { allow: list, lookup: options !== undefined && dns ? lookup : null, limits };
}

async function lookupByHost(name: string): Promise<string[]> {
  const found = await lookupOnHost(name, { family: 4, all: true });
  return found.map(({ address }) => address);
}

function withoutUndefined<Type extends object>(values: Type): Partial<Type> {
  const there = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as Partial<Type>;
}

function invalid(text: string): Error {
  return Object.assign(new Error(`outbound: ${text}`), { code: "EINVAL" });
}
