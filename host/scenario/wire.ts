// The wire between the two hosts. Each frame takes its time; rules of the script lose it or hold it back, and the
// script can put frames of its own on it. Whatever leaves a host is captured there, before the wire does its worst:
// a capture has each frame once.

import { createConversations } from "../dissect/conversations.js";
import { dissect, type Packet } from "../dissect/packet.js";
import { plus } from "../dissect/sequence.js";
import { ACK, RST, SYN, type Tcp } from "../dissect/tcp.js";
import type { VirtualClock } from "../link/clock.js";
import type { Link } from "../link/link.js";
import { createMemoryLinkPair } from "../link/memory.js";
import { wrapLink } from "../link/wrap.js";
import { keyOf, type Event, type Flight } from "./log.js";
import { other, type Side } from "./scenario.js";

/** What becomes of a frame; undefined: nothing out of the ordinary. */
export type Fate = "lost" | { readonly laterMs: number } | undefined;

/** Decides about a frame that `from` has sent. `number`: how many TCP segments that host has sent, from 1; else 0. */
export type Rule = (frame: { from: Side; packet: Packet; number: number }) => Fate;

/** Frames as they left, for a capture. */
export interface SentFrame {
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

export interface Wire {
  /** The link of a host; the one before it, if any, leads nowhere from then on. */
  plug(side: Side): Link;
  /** From now on this is asked about every frame, before those that were added earlier. The result takes it back. */
  rule(rule: Rule): () => void;
  /** Loses the next segments of a host that are so. */
  lose(from: Side, which: (flight: Packet) => boolean, times?: number): void;
  /** Puts a frame on the wire in the name of a host; it arrives a moment later. */
  forge(from: Side, frame: Uint8Array): void;
  /** A host is played by the script: it gets the segments in place of the stack. */
  take(side: Side, handler: (flight: Flight) => void): void;
  /** A host that is played by the script sends. */
  send(from: Side, frame: Uint8Array): void;
  readonly frames: readonly SentFrame[];
  /** TCP segments in the order in which they left. */
  readonly flights: readonly Flight[];
}

export interface WireOptions {
  readonly clock: VirtualClock;
  readonly mtu: number;
  readonly delayMs: number;
  /** Asked before all rules. */
  readonly tamper: Rule | undefined;
  note(event: Event): void;
  /** Before anything is noted: what a stack has done in the meantime. */
  drain(): void;
}

interface Plug {
  /** What is written there, the host reads. */
  readonly end: Link;
  /** Flights in the link, in order; null: a frame that is no segment. */
  readonly coming: (Flight | null)[];
}

export function createWire({ clock, mtu, delayMs, tamper, note, drain }: WireOptions): Wire {
  const rules: Rule[] = tamper === undefined ? [] : [tamper];
  const fixed = rules.length;
  const plugs = new Map<Side, Plug>();
  const takers = new Map<Side, (flight: Flight) => void>();
  const frames: SentFrame[] = [];
  const flights: Flight[] = [];
  const sent = { client: 0, server: 0 };
  /** Initial numbers, by side and conversation. */
  const initial = new Map<string, number>();
  const conversations = createConversations();

  /** Captures a frame where it leaves; null: it is no segment. */
  function depart(from: Side, frame: Uint8Array, isForged: boolean): [Packet, Flight | null] {
    const bytes = frame.slice();
    const atMs = clock.now();
    frames.push({ atMs, bytes });
    const packet = dissect(bytes);
    const segment = conversations.follow(frames.length, atMs * 1000, packet);
    const { tcp } = packet;
    if (tcp === null || segment === null) return [packet, null];
    const rest = { isLost: false, arrivedMs: null };
    const key = keyOf(from, tcp.sourcePort, tcp.destinationPort);
    const numbers = relativeNumbers(from, key, tcp);
    const flight = { from, isForged, atMs, packet, tcp, segment, ...numbers, ...rest };
    flights.push(flight);
    note({ kind: "leaves", side: from, atMs, key, flight });
    return [packet, flight];
  }

  function relativeNumbers(from: Side, key: string, tcp: Tcp) {
    const { sequence, acknowledgment, flags } = tcp;
    const [own, peer] = [`${from} ${key}`, `${other(from)} ${key}`];
    if (flags & SYN) initial.set(own, sequence);
    // A reset of a host that has no connection stands where it is asked to.
    else if (!initial.has(own)) initial.set(own, flags & RST ? sequence : plus(sequence, -1));
    const relative = (number: number, whose: string): number =>
      plus(number, -(initial.get(whose) ?? plus(number, -1)));
    return {
      sequence: relative(sequence, own),
      acknowledgment: flags & ACK ? relative(acknowledgment, peer) : 0,
    };
  }

  function leave(from: Side, frame: Uint8Array, isForged: boolean): void {
    drain();
    const [packet, flight] = depart(from, frame, isForged);
    const number = flight === null || isForged ? 0 : ++sent[from];
    const fate = isForged ? undefined : fateOf({ from, packet, number });
    if (fate === "lost") {
      if (flight !== null) flight.isLost = true;
      return;
    }
    const laterMs = fate === undefined ? 0 : fate.laterMs;
    clock.after(delayMs + laterMs, () => deliver(other(from), packet.bytes, flight));
  }

  function fateOf(frame: Parameters<Rule>[0]): Fate {
    for (const rule of rules) {
      const fate = rule(frame);
      if (fate !== undefined) return fate;
    }
    return undefined;
  }

  function deliver(to: Side, bytes: Uint8Array, flight: Flight | null): void {
    const taker = takers.get(to);
    if (flight !== null && taker !== undefined) {
      arrive(to, flight);
      taker(flight);
      return;
    }
    const plug = plugs.get(to);
    if (plug === undefined) return;
    plug.coming.push(flight);
    plug.end.write(bytes);
  }

  function arrive(side: Side, flight: Flight): void {
    drain();
    const atMs = clock.now();
    flight.arrivedMs = atMs;
    const { destinationPort, sourcePort } = flight.tcp;
    note({ kind: "arrives", side, atMs, key: keyOf(side, destinationPort, sourcePort), flight });
  }

  function plug(side: Side): Link {
    const [near, far] = createMemoryLinkPair({ mtu, capacity: 4096 });
    const coming: (Flight | null)[] = [];
    plugs.set(side, { end: far, coming });
    return wrapLink(near, {
      read(into) {
        const length = near.read(into);
        const flight = length === 0 ? null : (coming.shift() ?? null);
        if (flight !== null) arrive(side, flight);
        return length;
      },
      write(frame) {
        if (plugs.get(side)?.end === far) leave(side, frame, false);
        return true;
      },
    });
  }

  const wire: Wire = {
    plug,
    rule(rule) {
      rules.splice(fixed, 0, rule);
      return () => void rules.splice(rules.indexOf(rule), 1);
    },
    lose(from, which, times = 1) {
      let left = times;
      const remove = wire.rule((frame) => {
        if (frame.from !== from || frame.packet.tcp === null || !which(frame.packet)) return;
        if (--left === 0) remove();
        return "lost";
      });
    },
    forge: (from, frame) => leave(from, frame, true),
    take: (side, handler) => void takers.set(side, handler),
    send: (from, frame) => leave(from, frame, false),
    frames,
    flights,
  };
  return wire;
}
