// A chain of routers and a host behind them, in frames: answers echo requests by their TTL.

import type { Link } from "../../../host/link/link.js";
import { arpFrame, decode, icmpFrame, type IcmpView } from "../../packets/support/frame.js";

export interface RoutersOptions {
  /** Of the host behind them. */
  readonly address: string;
  /** The first is on the segment; null: it says nothing, but passes on. */
  readonly routers: readonly (string | null)[];
  /** The last says that there is no such host. */
  readonly unreachable?: boolean;
  /** The host answers twice. */
  readonly twice?: boolean;
}

/** Number of the first router's MAC. */
const STATION = 253;
const FIRST_TTL = 64;

const bytes = (address: string): number[] => address.split(".").map(Number);

export function serveRouters(link: Link, options: RoutersOptions): void {
  const { address, routers, unreachable = false, twice = false } = options;
  const buffer = new Uint8Array(1514);

  function send(
    request: IcmpView,
    from: string,
    hops: number,
    icmp: { type: number; code: number; rest: number; data: Uint8Array },
  ): void {
    const ip = { source: bytes(from), destination: request.source, ttl: FIRST_TTL - hops };
    link.write(icmpFrame(STATION, icmp, ip, { to: request.fromMac }));
  }

  function refuse(request: IcmpView, router: number, type: number, code: number): void {
    const from = routers[router];
    if (!from) return;
    send(request, from, router, { type, code, rest: 0, data: request.frame.subarray(14, 42) });
  }

  function answer(request: IcmpView): void {
    if (request.destination.join(".") !== address) return;
    if (request.ttl <= routers.length) return refuse(request, request.ttl - 1, 11, 0);
    if (unreachable) return refuse(request, routers.length - 1, 3, 1);
    const reply = { type: 0, code: 0, rest: request.rest, data: request.data };
    for (let i = 0; i < (twice ? 2 : 1); i++) send(request, address, routers.length, reply);
  }

  link.onReadable = () => {
    for (let length; (length = link.read(buffer)) > 0;) {
      const view = decode(buffer.slice(0, length));
      if (view.kind === "icmp" && view.type === 8) answer(view);
      if (view.kind !== "arp" || view.operation !== 1) continue;
      if (view.target.join(".") !== routers[0]) continue;
      const { sender, senderMac, target } = view;
      const fields = { operation: 2, sender: target, target: sender, targetMac: senderMac };
      link.write(arpFrame(STATION, fields, { to: senderMac }));
    }
  };
}
