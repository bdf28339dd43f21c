// TCP of a NAT: a SYN of the stack waits until the host has connected, and is handed to the carrier then, so
// that a destination that refuses is refused to the stack, too. The carrier's connection is joined to the
// host's socket. What is over is remembered for a while: its last segments still go to the carrier.

import type { Socket } from "node:net";
import type { Connection } from "../../core/connection.js";
import { carry } from "../carry.js";
import { kernelNet } from "../../kernelNet.js";
import { createFlowTable, type Flow, type FlowKey } from "./flows.js";
import { ACK, FIN, resetFor, RST, SYN, TCP, tcpFlags, type Packet } from "./packet.js";
import type { Counts, Limits, Target, Wire } from "./wire.js";

/** connecting: the host does, the SYN waits. opening: the carrier has the SYN. */
type State = "connecting" | "opening" | "open" | "over";

interface Stream {
  state: State;
  sinceMs: number;
  /** The stack has sent a RST: its ports may come again at once. */
  isReset: boolean;
  isLate: boolean;
  /** The latest copy of the SYN, while it waits. */
  syn: Uint8Array | null;
  readonly socket: Socket;
}

type StreamFlow = Flow<Stream>;

export interface Streams {
  /** Connections that are not over. */
  readonly active: number;
  readonly size: number;
  /**
   * A segment of the stack: the flow as which it goes to the carrier; null: it is taken care of; undefined: it
   * is nobody's.
   */
  outgoing(frame: Uint8Array, packet: Packet): (FlowKey & { id: number }) | null | undefined;
  byId(id: number): StreamFlow | undefined;
  /** The carrier has taken a connection; its peer's port is the flow's number. */
  accept(connection: Connection): void;
  /** The carrier opens a connection of its own with these ends. */
  forget(key: FlowKey): void;
  sweep(nowMs: number): void;
  close(): void;
}

/** What is over stays for as long as segments of it may be under way, or until so many others are over. */
const LINGER_MS = 120_000;
const MOST_OVER = 1024;

export function createStreams(
  wire: Wire,
  limits: Limits,
  counts: Counts,
  targetOf: (protocol: number, packet: Packet) => Target | null,
): Streams {
  const table = createFlowTable<Stream>();
  /** In the order of their ends. */
  const over = new Set<StreamFlow>();
  let isClosed = false;

  function remove(flow: StreamFlow): void {
    over.delete(flow);
    table.remove(flow);
  }

  /** false: turned away. */
  function open(frame: Uint8Array, packet: Packet): void {
    const target = targetOf(TCP, packet);
    const isFull = table.size - over.size >= limits.connections;
    if (target === null || isFull) {
      if (target === null) counts.denied++;
      else counts.full++;
      return wire.toStack(resetFor(frame, packet));
    }
    const socket = kernelNet.connect({ ...target, allowHalfOpen: true, noDelay: true });
    const syn = Uint8Array.from(frame);
    const nowMs = wire.clock.now();
    const stream: Stream = {
      ...{ state: "connecting", sinceMs: nowMs, isReset: false, isLate: false },
      ...{ syn, socket },
    };
    const flow = table.add(packet, stream, nowMs);
    const answer = resetFor(syn, packet);
    socket.on("error", () => undefined);
    socket.once("connect", () => handIn(flow));
    socket.once("close", () => ended(flow, answer));
    wire.watch();
  }

  /** The host has connected: the SYN goes on. Should it find no room, the stack sends it again. */
  function handIn({ data }: StreamFlow): void {
    const { syn } = data;
    if (data.state !== "connecting" || syn === null) return;
    data.state = "opening";
    data.sinceMs = wire.clock.now();
    data.syn = null;
    counts.opened++;
    wire.fromStack(syn);
  }

  function ended(flow: StreamFlow, answer: Uint8Array): void {
    const { data } = flow;
    if (isClosed) return;
    if (data.state === "connecting" && !data.isReset) {
      if (data.isLate) counts.timedOut++;
      else counts.refused++;
      wire.toStack(answer);
    }
    if (data.state === "connecting") return remove(flow);
    data.state = "over";
    data.sinceMs = wire.clock.now();
    over.add(flow);
    if (over.size > MOST_OVER) for (const oldest of over) return remove(oldest);
  }

  function isWaiting({ state }: Stream): boolean {
    return state === "connecting" || state === "opening";
  }

  return {
    get active() {
      return table.size - over.size;
    },
    get size() {
      return table.size;
    },
    byId: (id) => table.byId(id),
    outgoing(frame, packet) {
      const flags = tcpFlags(frame, packet);
      const isSyn = (flags & (SYN | ACK | RST | FIN)) === SYN;
      let flow = table.find(packet);
      if (flow !== undefined && isSyn && (flow.data.state === "over" || flow.data.isReset)) {
        remove(flow);
        flow = undefined;
      }
      if (flow === undefined) return isSyn ? (open(frame, packet), null) : undefined;
      const { data } = flow;
      flow.usedMs = wire.clock.now();
      if (data.state === "connecting" && isSyn) data.syn = Uint8Array.from(frame);
      if (flags & RST) {
        data.isReset = true;
        if (isWaiting(data)) data.socket.destroy();
      }
      return data.state === "connecting" ? null : flow;
    },
    accept(connection) {
      const flow = table.byId(connection.remotePort);
      if (flow === undefined || flow.data.state !== "opening") return connection.abort();
      flow.data.state = "open";
      // Whether to wait for more has been decided by the ends: what comes is passed on.
      connection.setOption("NO_DELAY", 1);
      carry(flow.data.socket, connection);
    },
    forget(key) {
      const flow = table.find(key);
      if (flow === undefined) return;
      flow.data.socket.destroy();
      remove(flow);
    },
    sweep(nowMs) {
      for (const flow of table.all()) {
        const { data } = flow;
        if (isWaiting(data) && nowMs - data.sinceMs > limits.connectTimeout) {
          data.isLate = true;
          data.socket.destroy();
        } else if (data.state === "open" && nowMs - flow.usedMs > limits.idleTimeout) {
          counts.timedOut++;
          data.socket.resetAndDestroy();
        } else if (data.state === "over" && nowMs - data.sinceMs > LINGER_MS) remove(flow);
      }
    },
    close() {
      isClosed = true;
      for (const flow of table.all()) {
        const { socket, state } = flow.data;
        remove(flow);
        if (state === "connecting") socket.destroy();
        else socket.resetAndDestroy();
      }
    },
  };
}
