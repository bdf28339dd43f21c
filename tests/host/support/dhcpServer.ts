// A small DHCP server (RFC 2131, 2132): it has one address to give, and notes every message that it hears.
// Its answers go to all who listen.

import type { Link } from "../../../host/link/link.js";
import { arpFrame, decode, udpFrame, word32, type ArpView } from "../../packets/support/frame.js";

export const SERVER = "198.18.0.254";
/** Number of its MAC. */
const STATION = 254;
const BROADCAST = [255, 255, 255, 255];
const BROADCAST_MAC = [...BROADCAST, 255, 255];

const NAMES = ["", "DISCOVER", "OFFER", "REQUEST", "DECLINE", "ACK", "NAK", "RELEASE", "INFORM"];

export interface DhcpMessage {
  readonly type: string;
  readonly hostName: string;
  readonly ciaddr: string;
}

export interface DhcpServer {
  readonly heard: DhcpMessage[];
  /** The address that it gives. */
  give: string;
  /** It says nothing. */
  silent: boolean;
  /** The answer to a message, which all may hear; null: none. */
  answer(question: Uint8Array): Uint8Array | null;
}

export interface DhcpServerOptions {
  readonly give: string;
  readonly leaseSeconds?: number;
  readonly mtu?: number;
}

const bytes = (address: string): number[] => address.split(".").map(Number);

/** The options of a message by their codes. */
function optionsOf(data: Uint8Array): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (let at = 240; at < data.length && data[at] !== 255;) {
    if (data[at] === 0) {
      at++;
      continue;
    }
    const length = data[at + 1]!;
    found.set(data[at]!, data.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return found;
}

export function createDhcpServer(options: DhcpServerOptions): DhcpServer {
  const { give, leaseSeconds = 3600, mtu } = options;

  function reply(question: Uint8Array, type: string): Uint8Array {
    const message = new Uint8Array(300);
    message.set([2, 1, 6, 0, ...question.subarray(4, 8)]);
    if (type !== "NAK") message.set(bytes(server.give), 16);
    message.set(question.subarray(28, 44), 28);
    const head = [0x63, 0x82, 0x53, 0x63, 53, 1, NAMES.indexOf(type), 54, 4, ...bytes(SERVER)];
    const peers = [3, 6, 42].flatMap((code) => [code, 4, ...bytes(SERVER)]);
    const lease = [1, 4, 255, 255, 255, 0, 51, 4, ...word32(leaseSeconds)];
    const size = mtu === undefined ? [] : [26, 2, mtu >> 8, mtu & 255];
    message.set([...head, ...(type === "NAK" ? [] : [...lease, ...peers, ...size]), 255], 236);
    return message;
  }

  const server: DhcpServer = {
    heard: [],
    give,
    silent: false,
    answer(question) {
      const found = optionsOf(question);
      const type = NAMES[found.get(53)?.[0] ?? 0]!;
      const hostName = Buffer.from(found.get(12) ?? []).toString("latin1");
      const ciaddr = question.subarray(12, 16).join(".");
      server.heard.push({ type, hostName, ciaddr });
      if (server.silent) return null;
      const wanted = found.get(50)?.join(".") ?? ciaddr;
      if (type === "DISCOVER") return reply(question, "OFFER");
      return type === "REQUEST" ? reply(question, wanted === server.give ? "ACK" : "NAK") : null;
    },
  };
  return server;
}

/** The server on a port of a switch, in frames. */
export function serveDhcp(link: Link, options: DhcpServerOptions): DhcpServer {
  const server = createDhcpServer(options);
  const buffer = new Uint8Array(1514);

  function answerArp({ sender, senderMac }: ArpView): void {
    const fields = { operation: 2, sender: bytes(SERVER), target: sender, targetMac: senderMac };
    link.write(arpFrame(STATION, fields, { to: senderMac }));
  }

  function answerDhcp(question: Uint8Array): void {
    const data = server.answer(question);
    if (data === null) return;
    const ip = { source: bytes(SERVER), destination: BROADCAST };
    const udp = { sourcePort: 67, destinationPort: 68, data };
    link.write(udpFrame(STATION, udp, ip, { to: BROADCAST_MAC }));
  }

  link.onReadable = () => {
    for (let length; (length = link.read(buffer)) > 0;) {
      const view = decode(buffer.slice(0, length));
      if (view.kind === "udp" && view.destinationPort === 67) answerDhcp(view.data);
      const asks = view.kind === "arp" && view.operation === 1;
      if (asks && view.target.join(".") === SERVER) answerArp(view);
    }
  };
  return server;
}
