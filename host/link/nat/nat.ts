// The virtual router of user mode: what the stack sends to other addresses than the router's goes, under an
// address of the carrier's own and a port that stands for the flow, to the carrier, and back the same way.
// Addresses, ports and checksums change in the frames; the core knows nothing of it. What no rule lets
// through is answered with a RST or an ICMP error.

import { addressToNumber, numberToAddress } from "../../core/address.js";
import type { Stack } from "../../core/stack.js";
import type { Clock } from "../clock.js";
import { ETHERNET_HEADER_BYTES } from "../link.js";
import { HOST_LOOPBACK, type AllowList } from "./allow.js";
import { createDatagrams, type Datagrams } from "./datagrams.js";
import type { FlowKey } from "./flows.js";
import { createForwards, type Forwards } from "./forwards.js";
import { createFragments } from "./fragments.js";
import { NAME_PORT } from "./names.js";
import {
  ACK,
  emptyPacket,
  ICMP,
  isEchoRequest,
  PROHIBITED,
  readPacket,
  refusalOf,
  resetFor,
  rewrite,
  RST,
  SYN,
  TCP,
  tcpFlags,
  UDP,
  unreachableFor,
  type Change,
  type Packet,
} from "./packet.js";
import { createStreams, type Streams } from "./streams.js";
import type { Counts, Limits, Target, Wire } from "./wire.js";

/** The carrier's address for what is translated: one that no host has (RFC 7600). */
export const NAT_ADDRESS = "192.0.0.8";
/** At which the carrier takes it. */
const NAT_PORT = 1;
const FIRST_MULTICAST = addressToNumber("224.0.0.0");
/** How often it is looked whose time is over, at most. */
const SWEEP_MS = 5_000;

export interface NatOptions {
  readonly carrier: Stack;
  /** Whose packets are translated, and the router between it and the host. */
  readonly stack: string;
  readonly router: string;
  /** Numbers of the first and last address of their network. */
  readonly block: readonly [number, number];
  readonly mtu: number;
  readonly clock: Clock;
  readonly allow: AllowList;
  /** Questions for names are answered by the carrier. */
  readonly answersNames: boolean;
  readonly limits: Limits;
  readonly counts: Counts;
  /** Frames to either side. */
  toStack(frame: Uint8Array): void;
  toCarrier(frame: Uint8Array): void;
}

export interface Nat {
  readonly streams: Streams;
  readonly datagrams: Datagrams;
  readonly forwards: Forwards;
  /** A frame of the stack: what goes to the carrier, valid until the next call; null: nothing. */
  outgoing(frame: Uint8Array): Uint8Array | null;
  /** A frame of the carrier, changed in place; false: it is for nobody. */
  incoming(frame: Uint8Array, length: number): boolean;
  close(): void;
}

export function createNat(options: NatOptions): Nat {
  const { carrier, clock, allow, limits, counts, block } = options;
  const [stack, router] = [options.stack, options.router].map(addressToNumber) as [number, number];
  const outside = addressToNumber(NAT_ADDRESS);
  const scratch = new Uint8Array(options.mtu + ETHERNET_HEADER_BYTES);
  const mac = macOf(carrier);
  const [packet, returning] = [emptyPacket(), emptyPacket()];
  const [sent, returned] = [createFragments(), createFragments()];
  const forwards = createForwards();
  /** The stack's MAC, for what is told it much later. */
  const station = new Uint8Array(6);
  let cancelSweep: (() => void) | null = null;
  let isClosed = false;

  const wire: Wire = {
    clock,
    toStack: options.toStack,
    fromStack(frame) {
      const translated = outgoing(frame);
      if (translated !== null) options.toCarrier(translated);
    },
    watch: () => void (cancelSweep ??= clock.after(sweepMs(limits), sweep)),
  };

  function sweep(): void {
    cancelSweep = null;
    const nowMs = clock.now();
    streams.sweep(nowMs);
    datagrams.sweep(nowMs);
    if (!isClosed && streams.size + datagrams.size > 0) wire.watch();
  }

  /** The router stands for the host itself, but for the ports that lead elsewhere. */
  function targetOf(
    protocol: number,
    { destination, destinationPort: port }: Packet,
  ): Target | null {
    if (port === 0) return null;
    if (destination === router) {
      const forward = forwards.find(protocol, port);
      if (forward !== null) return forward;
      const isAllowed = allow.isAllowed(protocol, addressToNumber(HOST_LOOPBACK), port);
      return isAllowed ? { host: HOST_LOOPBACK, port } : null;
    }
    const isInside = destination >= block[0] && destination <= block[1];
    if (isInside || !allow.isAllowed(protocol, destination, port)) return null;
    return { host: numberToAddress(destination), port };
  }

  function refuse(flow: FlowKey): void {
    wire.toStack(refusalOf({ from: mac, to: station }, flow));
  }

  const streams = createStreams(wire, limits, counts, targetOf);
  const socket = carrier.bind({ port: NAT_PORT, address: NAT_ADDRESS });
  const datagrams = createDatagrams(wire, socket, { limits, counts, router }, { targetOf, refuse });
  const { connections: backlog } = limits;
  carrier.listen({ port: NAT_PORT, address: NAT_ADDRESS, backlog }, (connection) =>
    streams.accept(connection),
  );

  function translated(frame: Uint8Array, change: Change): Uint8Array {
    scratch.set(frame);
    const copy = scratch.subarray(0, frame.length);
    if (packet.isFragment && packet.first) sent.remember(packet, change);
    rewrite(copy, packet, change);
    return copy;
  }

  const toCarrier = ({ source, id }: FlowKey & { id: number }): Change => {
    return { source, destination: outside, sourcePort: id, destinationPort: NAT_PORT };
  };

  function outgoingStream(frame: Uint8Array): Uint8Array | null {
    const flow = streams.outgoing(frame, packet);
    if (flow) return translated(frame, toCarrier(flow));
    if (flow === null) return null;
    // A published port's connection is the carrier's own.
    if (packet.destination === router) return frame;
    if (!(tcpFlags(frame, packet) & RST)) wire.toStack(resetFor(frame, packet));
    return null;
  }

  function outgoingDatagram(frame: Uint8Array): Uint8Array | null {
    const { destination, destinationPort } = packet;
    const isQuestion =
      options.answersNames && destination === router && destinationPort === NAME_PORT;
    if (isQuestion && forwards.find(UDP, NAME_PORT) === null) return frame;
    station.set(frame.subarray(6, 12));
    const flow = datagrams.outgoing(frame, packet);
    return flow && translated(frame, toCarrier(flow));
  }

  function outgoing(frame: Uint8Array): Uint8Array | null {
    if (!readPacket(frame, frame.length, packet)) return frame;
    const { source, destination, protocol } = packet;
    const isElsewhere = destination >= FIRST_MULTICAST || destination === block[1];
    // Nobody but this function sends to the address that it puts in place of others.
    if (isElsewhere || !isFor(frame, mac)) return destination === outside ? null : frame;
    if (frame.length > scratch.length) return null;
    // Under nobody else's address.
    if (source !== stack) return destination === router ? frame : null;
    if (!packet.first) {
      const change = sent.find(packet);
      if (change !== undefined) return translated(frame, change);
      if (destination === router) return frame;
      counts.dropped++;
      return null;
    }
    if (protocol === TCP) return outgoingStream(frame);
    if (protocol === UDP) return outgoingDatagram(frame);
    if (destination === router) return frame;
    if (protocol === ICMP && !isEchoRequest(frame, packet)) return null;
    counts.denied++;
    wire.toStack(unreachableFor(frame, packet, router, PROHIBITED));
    return null;
  }

  /** What a frame of the carrier becomes; undefined: nothing. */
  function returnOf(): Change | undefined {
    if (!returning.first) return returned.find(returning);
    const isStream = returning.protocol === TCP;
    if (!isStream && returning.protocol !== UDP) return undefined;
    const id = returning.destinationPort;
    const flow = isStream ? streams.byId(id) : datagrams.byId(id);
    if (flow === undefined) return undefined;
    if (isStream) flow.usedMs = clock.now();
    const change = {
      source: flow.destination,
      destination: flow.source,
      sourcePort: flow.destinationPort,
      destinationPort: flow.sourcePort,
    };
    if (returning.isFragment) returned.remember(returning, change);
    return change;
  }

  return {
    streams,
    datagrams,
    forwards,
    outgoing,
    incoming(frame, length) {
      if (!readPacket(frame, length, returning)) return true;
      if (returning.source === outside) {
        const change = returnOf();
        if (change !== undefined) rewrite(frame, returning, change);
        return change !== undefined;
      }
      const isOpening = returning.protocol === TCP && returning.first && streams.size > 0;
      if (isOpening && (tcpFlags(frame, returning) & (SYN | ACK)) === SYN) {
        // A port of the router's that a flow had leads to a published port now.
        streams.forget(turned(returning));
      }
      return true;
    },
    close() {
      isClosed = true;
      cancelSweep?.();
      streams.close();
      datagrams.close();
    },
  };
}

const turned = (packet: Packet): FlowKey => ({
  source: packet.destination,
  destination: packet.source,
  sourcePort: packet.destinationPort,
  destinationPort: packet.sourcePort,
});

function isFor(frame: Uint8Array, mac: Uint8Array): boolean {
  for (let i = 0; i < 6; i++) if (frame[i] !== mac[i]) return false;
  return true;
}

function macOf(carrier: Stack): Uint8Array {
  const { mac = "" } = carrier.interfaces()[0] ?? {};
  return Uint8Array.from(mac.split(":"), (part) => parseInt(part, 16));
}

/** Often enough for the shortest of them. */
function sweepMs({ connectTimeout, idleTimeout, associationTimeout }: Limits): number {
  return Math.min(SWEEP_MS, Math.min(connectTimeout, idleTimeout, associationTimeout) / 2);
}
