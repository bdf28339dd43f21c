// A frame on one line, in the form that people know from tcpdump; with -v its fields on lines of their own, with -X
// its bytes below.

import { formatAddress, formatMac, numberToAddress } from "../../core/address.js";
import type { Arp } from "../../dissect/ethernet.js";
import { LEAST_TYPE, TYPE_ARP, TYPE_IPV4, TYPE_IPV6 } from "../../dissect/ethernet.js";
import { hex16 } from "../../dissect/bytes.js";
import { icmpText } from "../../dissect/icmp.js";
import {
  headerSumIsRight,
  isFragment,
  messageSumIsRight,
  payloadSumIsRight,
  protocolName,
  type Ipv4,
} from "../../dissect/ip.js";
import type { Packet } from "../../dissect/packet.js";
import { serviceOf } from "../../dissect/udp.js";
import type { Paint } from "../style.js";
import { hexLines } from "./hex.js";
import type { Form, Note } from "./notes.js";
import { segmentText, wordsText } from "./segmentText.js";
import { clockText } from "./time.js";

export interface LineOptions {
  readonly hex: boolean;
  readonly verbose: boolean;
  readonly absolute: boolean;
}

export function createLines(
  options: LineOptions,
  paint: Paint,
  line: (text: string) => void,
): Form {
  return {
    add(note) {
      line(frameText(note, options, paint));
      if (!options.hex) return;
      const { bytes, ethernet } = note.packet;
      for (const text of hexLines(bytes.subarray(ethernet?.payloadAt ?? 0))) line(text);
    },
    end: () => undefined,
  };
}

function frameText(note: Note, options: LineOptions, paint: Paint): string {
  const { packet, frame, segment } = note;
  const time = paint("dim", clockText(frame.timeUs));
  const words = segment === null ? "" : wordsText(segment.words, paint);
  const cut = packet.bytes.length < packet.length ? [`(${packet.bytes.length} bytes kept)`] : [];
  const more = [words, ...cut].filter((part) => part !== "").map((part) => ` ${part}`);
  if (!options.verbose) return `${time} ${packetText(note, options)}${more.join("")}`;
  const [first, ...rest] = verboseLines(note, options);
  const last = rest.length === 0 ? `${first}${more.join("")}` : first;
  const below = rest.map((text, index) => {
    return `\n    ${text}${index === rest.length - 1 ? more.join("") : ""}`;
  });
  return `${time} ${last}${below.join("")}`;
}

/** All but the time and the words. */
function packetText(note: Note, options: LineOptions): string {
  const { packet } = note;
  const { ethernet, arp, ip, ipv6, problem } = packet;
  if (ethernet === null) return `[|${problem}], length ${packet.length}`;
  const tags = ethernet.vlans.map((vlan) => `vlan ${vlan}, `).join("");
  if (arp !== null) return `${tags}${arpText(arp, payloadBytes(packet))}`;
  if (ip !== null) return `${tags}IP ${ipText(note, ip, options)}`;
  if (ipv6 !== null) {
    const { source, destination, nextHeader } = ipv6;
    const ends = `${formatAddress(source)} > ${formatAddress(destination)}`;
    return `${tags}IP6 ${ends}: ${protocolName(nextHeader)}, length ${ipv6.payloadBytes}`;
  }
  if (problem !== null) return `${tags}[|${problem}], length ${payloadBytes(packet)}`;
  const { type } = ethernet;
  if (type < LEAST_TYPE) return `${tags}802.3, length ${type}`;
  return `${tags}ethertype ${hex16(type)}, length ${payloadBytes(packet)}`;
}

const payloadBytes = ({ length, ethernet }: Packet): number => length - ethernet!.payloadAt;

const UNKNOWN_MAC = "00:00:00:00:00:00";

/** RFC 5227: a probe comes from nobody, an announcement asks for its own sender. */
function arpText({ operation, sender, senderMac, target, targetMac }: Arp, length: number): string {
  const [from, about] = [numberToAddress(sender), numberToAddress(target)];
  const [mac, wanted] = [formatMac(senderMac), formatMac(targetMac)];
  const asked = wanted === UNKNOWN_MAC ? about : `${about} (${wanted})`;
  const text = (): string => {
    if (operation === 1 && sender === 0) return `Probe ${about}`;
    if (operation === 1 && sender === target) return `Announcement ${about}`;
    if (operation === 1) return `Request who-has ${asked} tell ${from}`;
    return operation === 2 ? `Reply ${from} is-at ${mac}` : `operation ${operation}`;
  };
  return `ARP, ${text()}, length ${length}`;
}

function ipText(note: Note, ip: Ipv4, options: LineOptions): string {
  const { tcp, udp, icmp, problem, bytes } = note.packet;
  const [from, to] = [numberToAddress(ip.source), numberToAddress(ip.destination)];
  if (tcp !== null) {
    const ends = `${from}.${tcp.sourcePort} > ${to}.${tcp.destinationPort}`;
    const sum = options.verbose ? sumText(tcp.checksum, payloadSumIsRight(bytes, ip)) : "";
    return `${ends}: ${segmentText(tcp, note.segment!, options.absolute, sum)}`;
  }
  if (udp !== null) {
    const ends = `${from}.${udp.sourcePort} > ${to}.${udp.destinationPort}`;
    const judge = (): boolean | undefined =>
      udp.checksum === 0 ? undefined : payloadSumIsRight(bytes, ip);
    const sum = options.verbose ? `${sumText(udp.checksum, judge())}, ` : "";
    return `${ends}: ${serviceOf(udp)}, ${sum}length ${udp.dataBytes}`;
  }
  if (icmp !== null) {
    const sum = options.verbose ? `${sumText(icmp.checksum, messageSumIsRight(bytes, ip))}, ` : "";
    return `${from} > ${to}: ICMP ${icmpText(icmp)}, ${sum}length ${icmp.bytes}`;
  }
  const what = isFragment(ip) ? fragmentText(ip) : protocolName(ip.protocol);
  return `${from} > ${to}: ${problem === null ? what : `[|${problem}]`}, length ${ip.payloadBytes}`;
}

function fragmentText({ protocol, fragmentOffset, payloadBytes, ...ip }: Ipv4): string {
  const last = fragmentOffset + payloadBytes - 1;
  const more = ip.moreFragments ? "more follow" : "the last";
  const range = `bytes ${fragmentOffset}-${last}`;
  return `${protocolName(protocol)} fragment of id ${ip.identification}, ${range}, ${more}`;
}

function sumText(value: number, isRight: boolean | undefined): string {
  const judged = isRight === undefined ? "not checked" : isRight ? "correct" : "incorrect";
  return `cksum ${hex16(value)} (${judged})`;
}

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [TYPE_IPV4, "IPv4"],
  [TYPE_ARP, "ARP"],
  [TYPE_IPV6, "IPv6"],
]);

/** Stations, the IP header, what it carries; of TCP what relative numbers hide. */
function verboseLines(note: Note, options: LineOptions): string[] {
  const { packet, segment } = note;
  const { ethernet, ip, tcp, bytes, length } = packet;
  const text = packetText(note, options);
  if (ethernet === null) return [text];
  const { source, destination, type } = ethernet;
  const name = TYPE_NAMES.get(type) ?? "unknown";
  const kind = type < LEAST_TYPE ? "802.3" : `ethertype ${name} (${hex16(type)})`;
  const direction = note.frame.direction === null ? "" : `, ${note.frame.direction}`;
  const head = `${formatMac(source)} > ${formatMac(destination)}, ${kind}, length ${length}${direction}:`;
  if (ip === null) return [head, text];
  const lines = [head, headerText(bytes, ip), text.replace(/^(vlan \d+, )*IP /, "$1")];
  if (tcp === null || segment === null) return lines;
  const raw = `raw seq ${tcp.sequence}, ack ${tcp.acknowledgment}, win ${tcp.window}`;
  const shift = segment.shift === null ? "not known" : `<<${segment.shift}`;
  const { id, client } = segment.conversation;
  const opener = `${numberToAddress(client.address)}.${client.port}`;
  const about = `conversation ${id} of ${opener}`;
  return [...lines, `${raw} (scale ${shift}), urg ${tcp.urgent}, ${about}`];
}

function headerText(bytes: Uint8Array, ip: Ipv4): string {
  const flags = [ip.dontFragment ? "DF" : "", ip.moreFragments ? "+" : ""].join("") || "none";
  const optionBytes = ip.payloadAt - ip.at - 20;
  const parts = [
    `tos 0x${ip.tos.toString(16)}`,
    `ttl ${ip.ttl}`,
    `id ${ip.identification}`,
    `offset ${ip.fragmentOffset}`,
    `flags [${flags}]`,
    `proto ${protocolName(ip.protocol)} (${ip.protocol})`,
    `length ${ip.totalBytes}`,
    ...(optionBytes > 0 ? [`options ${optionBytes} bytes`] : []),
    sumText(ip.checksum, headerSumIsRight(bytes, ip)),
  ];
  return `IP (${parts.join(", ")})`;
}
