// Where a stack in user mode may go: a list of rules HOST:PORTS, checked when it is made. A rule with a name
// lets through the addresses that the name was found to have; who finds them is the forwarder of names.

import { addressToNumber, isAddress } from "../../core/address.js";
import { TCP, UDP } from "./packet.js";

/** Addresses that a name has, as numbers. */
type Learned = Map<number, { untilMs: number }>;

interface Rule {
  /** null: both. */
  readonly protocol: number | null;
  readonly firstPort: number;
  readonly lastPort: number;
  /** Lowest and highest address; null: of a name. */
  readonly range: readonly [number, number] | null;
  /** Lower case; null: addresses. With a dot in front: whatever is below it. */
  readonly name: string | null;
  readonly learned: Learned;
}

export interface AllowList {
  isAllowed(protocol: number, address: number, port: number): boolean;
  /** A name has these addresses, for so long. */
  learn(name: string, addresses: readonly number[], forMs: number): void;
  /** Some rule is about a name. */
  readonly hasNames: boolean;
}

/** HOST, PORT or "*", and a protocol or both. */
export interface Endpoint {
  readonly host: string;
  readonly firstPort: number;
  readonly lastPort: number;
  readonly protocol: number | null;
}

/** Of a name: more addresses than a lookup has, and a bound for names whose addresses change all the time. */
const MOST_LEARNED = 256;

const LOOPBACK = rangeOf("127.0.0.0", 8);
const LINK_LOCAL = rangeOf("169.254.0.0", 16);
const THIS_NETWORK = rangeOf("0.0.0.0", 8);
const FIRST_MULTICAST = addressToNumber("224.0.0.0");

export const HOST_LOOPBACK = "127.0.0.1";
const SYNTAX =
  'HOST:PORTS, as in "10.0.0.0/8:443", "localhost:*", "*.example.org:80-90" or "192.0.2.1:53/udp"';

export function createAllowList(words: readonly string[], nowMs: () => number): AllowList {
  const rules = words.map(parseRule);
  return {
    hasNames: rules.some(({ name }) => name !== null),
    isAllowed(protocol, address, port) {
      if (isIn(THIS_NETWORK, address) || address >= FIRST_MULTICAST) return false;
      return rules.some(
        (rule) =>
          (rule.protocol ?? protocol) === protocol &&
          port >= rule.firstPort &&
          port <= rule.lastPort &&
          holds(rule, address, nowMs()),
      );
    },
    learn(name, addresses, forMs) {
      for (const rule of rules) {
        if (!isNamed(rule, name.toLowerCase())) continue;
        for (const address of addresses) {
          // At the end again: the map keeps the order.
          rule.learned.delete(address);
          rule.learned.set(address, { untilMs: nowMs() + forMs });
        }
        for (const address of rule.learned.keys()) {
          if (rule.learned.size <= MOST_LEARNED) break;
          rule.learned.delete(address);
        }
      }
    },
  };
}

function holds({ range, learned }: Rule, address: number, nowMs: number): boolean {
  for (const special of [LOOPBACK, LINK_LOCAL]) {
    // This machine itself, and what clouds tell a machine about itself, only where a rule is about just that.
    if (isIn(special, address))
      return range !== null && isWithin(range, special) && isIn(range, address);
  }
  if (range !== null) return isIn(range, address);
  return (learned.get(address)?.untilMs ?? -Infinity) > nowMs;
}

function isNamed({ name: wanted }: Rule, name: string): boolean {
  if (wanted === null) return false;
  return wanted.startsWith(".") ? name.endsWith(wanted) : name === wanted;
}

function parseRule(word: string): Rule {
  const { host, ...rest } = parseEndpoint(word);
  const learned: Learned = new Map();
  if (host === "*") return { ...rest, range: [0, 2 ** 32 - 1], name: null, learned };
  if (host === "localhost")
    return { ...rest, range: rangeOf(HOST_LOOPBACK, 32), name: null, learned };
  const [address = "", length, ...more] = host.split("/");
  if (isAddress(address) && more.length === 0) {
    return { ...rest, range: rangeOf(address, prefixOf(word, length)), name: null, learned };
  }
  const name = host.replace(/^\*(?=\.)/, "").toLowerCase();
  if (isName(name.replace(/^\./, ""))) return { ...rest, range: null, name, learned };
  throw invalid(word, `"${host}" is neither an IPv4 address nor a name`);
}

/** HOST:PORT, HOST:FIRST-LAST or HOST:*, with /tcp or /udp behind it. Throws EINVAL. */
export function parseEndpoint(word: string): Endpoint {
  const [, host = "", first = "", last, protocol] =
    /^(.+):(\*|\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp))?$/.exec(word) ?? [];
  if (host === "" || (first === "*" && last !== undefined))
    throw invalid(word, "it does not read so");
  if (host.includes(":")) throw invalid(word, "only IPv4 addresses are let through");
  const firstPort = first === "*" ? 0 : Number(first);
  const lastPort = first === "*" ? 65_535 : Number(last ?? first);
  if (firstPort > lastPort || lastPort > 65_535) throw invalid(word, "ports are from 0 to 65535");
  const number = protocol === "tcp" ? TCP : UDP;
  return { host, firstPort, lastPort, protocol: protocol === undefined ? null : number };
}

export function isName(text: string): boolean {
  return (
    text.length <= 253 &&
    text.split(".").every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label))
  );
}

function prefixOf(word: string, length = "32"): number {
  if (/^\d{1,2}$/.test(length) && Number(length) <= 32) return Number(length);
  throw invalid(word, "a prefix length is from 0 to 32");
}

function rangeOf(address: string, prefixLength: number): readonly [number, number] {
  const size = 2 ** (32 - prefixLength);
  const first = Math.floor(addressToNumber(address) / size) * size;
  return [first, first + size - 1];
}

function isIn([first, last]: readonly [number, number], address: number): boolean {
  return address >= first && address <= last;
}

function isWithin(inner: readonly [number, number], outer: readonly [number, number]): boolean {
  return inner[0] >= outer[0] && inner[1] <= outer[1];
}

function invalid(word: string, what: string): Error {
  const text = `the rule "${word}" cannot be read: ${what}; a rule is ${SYNTAX}`;
  return Object.assign(new Error(text), { code: "EINVAL" });
}
