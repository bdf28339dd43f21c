// What a filter can ask of a packet. Addresses are those of IPv4 and ARP; fragments behind the first have no ports.

import { addressToNumber, isAddress } from "../../core/address.js";
import { ICMP, IGMP, isFragment, TCP, UDP } from "../ip.js";
import type { Packet } from "../packet.js";
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from "../tcp.js";

export type Predicate = (packet: Packet) => boolean;

export type Direction = "src" | "dst" | "either";

export const direction = { src: "src", dst: "dst" } as const satisfies Record<string, Direction>;

export const wordsOfValues = ["host", "net", "port", "src", "dst"];

const FLAGS: ReadonlyMap<string, number> = new Map([
  ["fin", FIN],
  ["syn", SYN],
  ["rst", RST],
  ["psh", PSH],
  ["push", PSH],
  ["ack", ACK],
  ["urg", URG],
  ["ece", ECE],
  ["cwr", CWR],
]);

const hasFlag =
  (bit: number): Predicate =>
  ({ tcp }) =>
    tcp !== null && (tcp.flags & bit) !== 0;

const isProtocol =
  (protocol: number): Predicate =>
  ({ ip }) =>
    ip !== null && ip.protocol === protocol;

/** Words that stand alone. */
export const kinds: ReadonlyMap<string, Predicate> = new Map<string, Predicate>([
  ["tcp", isProtocol(TCP)],
  ["udp", isProtocol(UDP)],
  ["icmp", isProtocol(ICMP)],
  ["igmp", isProtocol(IGMP)],
  ["arp", ({ arp }) => arp !== null],
  ["ip", ({ ip }) => ip !== null],
  ["ip6", ({ ipv6 }) => ipv6 !== null],
  ["fragment", ({ ip }) => ip !== null && isFragment(ip)],
  ...[...FLAGS].map(([name, bit]): [string, Predicate] => [name, hasFlag(bit)]),
]);

export const kindNames = [...kinds.keys()];

/** Asks one end or the other; a packet without it does not match. */
function ofEnds(
  ends: (packet: Packet) => readonly [number, number] | null,
  side: Direction,
  matches: (value: number) => boolean,
): Predicate {
  return (packet) => {
    const pair = ends(packet);
    if (pair === null) return false;
    const [source, destination] = pair;
    if (side === "src") return matches(source);
    return matches(destination) || (side === "either" && matches(source));
  };
}

function addresses({ ip, arp }: Packet): readonly [number, number] | null {
  if (ip !== null) return [ip.source, ip.destination];
  return arp === null ? null : [arp.sender, arp.target];
}

function ports({ tcp, udp }: Packet): readonly [number, number] | null {
  const transport = tcp ?? udp;
  return transport === null ? null : [transport.sourcePort, transport.destinationPort];
}

/** null: that is no address. */
export function host(text: string, side: Direction): Predicate | null {
  if (!isAddress(text)) return null;
  const wanted = addressToNumber(text);
  return ofEnds(addresses, side, (address) => address === wanted);
}

/** "198.18.0.0/15", also with the last numbers left out: "198.18/15". null: that is no network. */
export function net(text: string, side: Direction): Predicate | null {
  const [, short = "", bits = "x"] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const numbers = short.split(".");
  const full = [...numbers, ...Array.from({ length: 4 - Math.min(4, numbers.length) }, () => "0")];
  const address = full.join(".");
  const length = Number(bits);
  if (!isAddress(address) || !(length <= 32)) return null;
  const block = 2 ** (32 - length);
  const wanted = Math.floor(addressToNumber(address) / block);
  return ofEnds(addresses, side, (number) => Math.floor(number / block) === wanted);
}

/** null: that is no port. */
export function port(text: string, side: Direction): Predicate | null {
  const wanted = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(wanted <= 65_535)) return null;
  return ofEnds(ports, side, (number) => number === wanted);
}

/** "syn,ack" or "syn+ack". null: a name that no flag has. */
export function tcpFlags(text: string, isAny: boolean): Predicate | null {
  const bits = text
    .toLowerCase()
    .split(/[,+]/)
    .map((name) => FLAGS.get(name));
  if (bits.some((bit) => bit === undefined)) return null;
  const wanted = bits.reduce<number>((all, bit) => all | bit!, 0);
  return ({ tcp }) =>
    tcp !== null && (isAny ? (tcp.flags & wanted) !== 0 : (tcp.flags & wanted) === wanted);
}
