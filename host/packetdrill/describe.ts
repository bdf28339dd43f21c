// Packets as one line of the dialect, for messages.

import { icmpText } from "./icmpNames.js";
import type { LiveIcmp, LivePacket, LiveTcp } from "./live.js";
import {
  ACK,
  AE,
  CWR,
  ECE,
  FIN,
  PSH,
  RST,
  SYN,
  URG,
  type IpInfo,
  type ScriptPacket,
  type TcpOption,
} from "./script.js";

const LETTERS: readonly (readonly [number, string])[] = [
  [SYN, "S"],
  [FIN, "F"],
  [RST, "R"],
  [PSH, "P"],
  [URG, "U"],
  [ECE, "E"],
  [CWR, "W"],
  [AE, "A"],
  [ACK, "."],
];

export function flagText(flags: number): string {
  const letters = LETTERS.filter(([bit]) => flags & bit).map(([, letter]) => letter);
  return letters.join("") || "-";
}

export function secondsText(us: number): string {
  return (us / 1e6).toFixed(6);
}

export function optionText(option: TcpOption): string {
  switch (option.kind) {
    case "mss":
    case "wscale":
      return `${option.kind} ${option.value}`;
    case "sack":
      return `sack ${option.blocks.map(({ left, right }) => `${left}:${right}`).join(" ")}`;
    case "TS":
      return `TS val ${option.val ?? "..."} ecr ${option.ecr}${option.absoluteEcr ? "!" : ""}`;
    case "bytes":
      return `kind ${option.number} ${Buffer.from(option.bytes).toString("hex")}`.trimEnd();
    default:
      return option.kind;
  }
}

const optionList = (options: readonly TcpOption[]) =>
  options.length === 0 ? "" : ` <${options.map(optionText).join(",")}>`;

function range(start: number, length: number): string {
  return `${start}:${(start + length) >>> 0}(${length})`;
}

/** A packet of the wire whose numbers are already the script's. `inbound`: to the stack. */
export function liveText(packet: LivePacket, inbound: boolean): string {
  const arrow = inbound ? "<" : ">";
  const ip = packet.tos === 0 ? "" : `(tos 0x${packet.tos.toString(16)}) `;
  return `${arrow} ${ip}${packet.kind === "tcp" ? tcpText(packet) : icmpLine(packet)}`;
}

function tcpText(tcp: LiveTcp): string {
  const ack = tcp.flags & ACK ? ` ack ${tcp.ack}` : "";
  const urgent = tcp.flags & URG ? ` urg ${tcp.urgent}` : "";
  const numbers = `${range(tcp.seq, tcp.payload.length)}${ack} win ${tcp.window}${urgent}`;
  return `${flagText(tcp.flags)} ${numbers}${optionList(tcp.options)}`;
}

function icmpLine(icmp: LiveIcmp): string {
  const mtu = icmp.type === 3 && icmp.code === 4 ? ` mtu ${icmp.rest & 0xffff}` : "";
  return icmpText(icmp.type, icmp.code) + mtu;
}

function ipText(ip: IpInfo): string {
  const parts = [
    ip.anyEct ? "ect01" : "",
    ip.tos === undefined ? "" : `tos 0x${ip.tos.toString(16)}`,
    ip.ttl === undefined ? "" : `ttl ${ip.ttl}`,
    ip.dontFragment === undefined ? "" : ip.dontFragment ? "df" : "nodf",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `(${parts.join(", ")}) `;
}

/** A packet as the script has it. */
export function scriptText(packet: ScriptPacket, inbound: boolean): string {
  const arrow = `${inbound ? "<" : ">"} ${ipText(packet.ip)}`;
  if (packet.kind === "icmp") {
    const { type, code, mtu, quoted } = packet;
    const quote = quoted ? ` [${range(quoted.start, quoted.length)}]` : "";
    return arrow + icmpText(type, code) + (mtu === undefined ? "" : ` mtu ${mtu}`) + quote;
  }
  const { flags, seq, ack, window, urgent, options, ports } = packet;
  const mark = seq.mode === "absolute" ? "!" : "";
  const parts = [
    ports ? `${ports.source} > ${ports.destination} ` : "",
    `${flagText(flags)} `,
    seq.mode === "any" ? `...(${seq.length})` : range(seq.start, seq.length) + mark,
    ack === undefined ? "" : ` ack ${ack}${packet.absoluteAck ? "!" : ""}`,
    window === undefined ? "" : ` win ${window}`,
    urgent === undefined ? "" : ` urg ${urgent}`,
    options === undefined ? " <...>" : optionList(options),
  ];
  return arrow + parts.join("");
}
