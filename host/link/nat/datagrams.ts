// UDP of a NAT: each association has a socket of the host that is connected to its destination, so that nobody
// else can answer, and a refusal comes back. The carrier's side is one socket for all of them. Ports that are
// published are associations, too: the host's peers stand behind ports of the virtual router.

import { createSocket, type Socket } from "node:dgram";
import { numberToAddress } from "../../core/address.js";
import type { DatagramSocket } from "../../core/socket.js";
import { createFlowTable, type Flow, type FlowKey } from "./flows.js";
import { PROHIBITED, UDP, unreachableFor, type Packet } from "./packet.js";
import type { Counts, Limits, Target, Wire } from "./wire.js";

/** The host's side of an association. */
export interface Peer {
  send(data: Uint8Array): void;
  close(): void;
}

export type DatagramFlow = Flow<Peer>;

export interface Datagrams {
  readonly size: number;
  /** A datagram of the stack: the flow as which it goes to the carrier; null: it is taken care of. */
  outgoing(frame: Uint8Array, packet: Packet): DatagramFlow | null;
  byId(id: number): DatagramFlow | undefined;
  find(key: FlowKey): DatagramFlow | undefined;
  /** An association that begins on the host's side. */
  add(key: FlowKey, peer: Peer): DatagramFlow;
  /** Something came by it that keeps it alive. */
  touch(flow: DatagramFlow): void;
  /** A datagram for the stack. */
  deliver(flow: DatagramFlow, data: Uint8Array): void;
  remove(flow: DatagramFlow): void;
  sweep(nowMs: number): void;
  close(): void;
}

/** Datagrams that wait while a socket is being connected, at most. */
const MOST_WAITING = 16;
/** Bytes that the host's socket may hold. */
const MOST_QUEUED = 256 * 1024;

export function createDatagrams(
  wire: Wire,
  socket: DatagramSocket,
  { limits, counts, router }: { limits: Limits; counts: Counts; router: number },
  hooks: {
    targetOf(protocol: number, packet: Packet): Target | null;
    /** The destination has refused what the flow sent. */
    refuse(flow: FlowKey): void;
  },
): Datagrams {
  const table = createFlowTable<Peer>();

  function remove(flow: DatagramFlow): void {
    table.remove(flow);
    flow.data.close();
  }

  function makeRoom(): void {
    if (table.size < limits.associations) return;
    let oldest: DatagramFlow | undefined;
    for (const flow of table.all()) {
      if (oldest === undefined || flow.usedMs < oldest.usedMs) oldest = flow;
    }
    if (oldest === undefined) return;
    counts.full++;
    remove(oldest);
  }

  function add(key: FlowKey, peer: Peer): DatagramFlow {
    makeRoom();
    counts.opened++;
    wire.watch();
    return table.add(key, peer, wire.clock.now());
  }

  function deliver(flow: DatagramFlow, data: Uint8Array): void {
    try {
      if (socket.send(data, flow.id, numberToAddress(flow.source))) return;
    } catch {
      // Too long, or no ring to lend: lost, as datagrams may be.
    }
    counts.dropped++;
  }

  function open(packet: Packet, target: Target): DatagramFlow {
    const peer = connectPeer(target, {
      message: (data) => deliver(flow, data),
      refused() {
        counts.refused++;
        hooks.refuse(flow);
      },
      dropped: () => void counts.dropped++,
    });
    const flow = add(packet, peer);
    return flow;
  }

  socket.onReadable = () => {
    for (let datagram; (datagram = socket.receive()) !== null;) {
      table.byId(datagram.port)?.data.send(datagram.data);
    }
  };

  return {
    get size() {
      return table.size;
    },
    byId: (id) => table.byId(id),
    find: (key) => table.find(key),
    add,
    touch: (flow) => void (flow.usedMs = wire.clock.now()),
    deliver,
    remove,
    outgoing(frame, packet) {
      const known = table.find(packet);
      if (known !== undefined) {
        known.usedMs = wire.clock.now();
        return known;
      }
      const target = hooks.targetOf(UDP, packet);
      if (target !== null) return open(packet, target);
      counts.denied++;
      wire.toStack(unreachableFor(frame, packet, router, PROHIBITED));
      return null;
    },
    sweep(nowMs) {
      for (const flow of table.all()) {
        if (nowMs - flow.usedMs > limits.associationTimeout) remove(flow);
      }
    },
    close() {
      for (const flow of table.all()) remove(flow);
    },
  };
}

interface PeerEvents {
  message(data: Uint8Array): void;
  refused(): void;
  dropped(): void;
}

function connectPeer({ host, port }: Target, events: PeerEvents): Peer {
  const socket = createSocket("udp4");
  let waiting: Uint8Array[] | null = [];
  let isClosed = false;

  const failed = (): void => {
    if (!isClosed) events.refused();
  };
  socket.on("message", (data) => {
    if (!isClosed) events.message(data);
  });
  socket.on("error", failed);
  socket.once("connect", () => {
    const first = waiting ?? [];
    waiting = null;
    for (const data of first) sendBounded(socket, data, failed, events.dropped);
  });
  socket.connect(port, host);
  return {
    send(data) {
      if (waiting === null) sendBounded(socket, data, failed, events.dropped);
      else if (waiting.length < MOST_WAITING) waiting.push(data);
      else events.dropped();
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      socket.close();
    },
  };
}

function sendBounded(
  socket: Socket,
  data: Uint8Array,
  failed: () => void,
  dropped: () => void,
): void {
  if (socket.getSendQueueSize() > MOST_QUEUED) return dropped();
  socket.send(data, (error) => {
    if (error === null) return;
    if ((error as NodeJS.ErrnoException).code === "ECONNREFUSED") failed();
    else dropped();
  });
}
