// A DHCP server in frames (RFC 2131, 2132), on a port of its own: it has one address to give, and notes
// every message that it hears.

import type { Link } from "../../../host/link/link.js";
import { arpFrame, decode, udpFrame, word32, type UdpView } from "../../packets/support/frame.js";

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

export function serveDhcp(link: Link, options: DhcpServerOptions): DhcpServer {
  const { leaseSeconds = 3600, mtu } = options;
  const server: DhcpServer = { heard: [], give: options.give, silent: false };
  const buffer = new Uint8Array(1514);

  function reply(question: UdpView, type: string): void {
    const { data } = question;
    const message = new Uint8Array(300);
    message.set([2, 1, 6, 0, ...data.subarray(4, 8)]);
    if (type !== "NAK") message.set(bytes(server.give), 16);
    message.set(data.subarray(28, 44), 28);
    const lease = [51, 4, ...word32(leaseSeconds)];
    const rest =
      type === "NAK"
        ? []
        : [1, 4, 255, 255, 255, 0, 3, 4, ...bytes(SERVER), 6, 4, ...bytes(SERVER), ...lease];
    if (mtu !== undefined) rest.push(26, 2, mtu >> 8, mtu & 255);
    const head = [0x63, 0x82, 0x53, 0x63, 53, 1, NAMES.indexOf(type), 54, 4, ...bytes(SERVER)];
    message.set([...head, ...rest, 42, 4, ...bytes(SERVER), 255], 236);
    const ip = { source: bytes(SERVER), destination: BROADCAST };
    const udp = { sourcePort: 67, destinationPort: 68, data: message };
    link.write(udpFrame(STATION, udp, ip, { to: BROADCAST_MAC }));
  }

  function hear(question: UdpView): void {
    const found = optionsOf(question.data);
    const type = NAMES[found.get(53)?.[0] ?? 0]!;
    const hostName = Buffer.from(found.get(12) ?? []).toString("latin1");
    const ciaddr = question.data.subarray(12, 16).join(".");
    server.heard.push({ type, hostName, ciaddr });
    if (server.silent) return;
    const wanted = found.get(50)?.join(".") ?? ciaddr;
    if (type === "DISCOVER") reply(question, "OFFER");
    else if (type === "REQUEST") reply(question, wanted === server.give ? "ACK" : "NAK");
  }

  link.onReadable = () => {
    for (let length; (length = link.read(buffer)) > 0;) {
      const view = decode(buffer.slice(0, length));
      if (view.kind === "udp" && view.destinationPort === 67) hear(view);
      if (view.kind !== "arp" || view.operation !== 1) continue;
      if (view.target.join(".") !== SERVER) continue;
      const { sender, senderMac } = view;
      const fields = { operation: 2, sender: bytes(SERVER), target: sender, targetMac: senderMac };
      link.write(arpFrame(STATION, fields, { to: senderMac }));
    }
  };
  return server;
}
