// The other end of one connection, played by the test. Sequence numbers are relative to the two
// initial ones: 0 is the SYN. Data are a pattern of their position, so that every byte that passes,
// either way, is checked without a word in the test.

import assert from "node:assert/strict";
import { State, StateName } from "../../../host/core/generated/abi.js";
import {
  mssOption,
  NOP,
  peerAddress,
  sackOption,
  sackPermittedOption,
  scaleOption,
  tcpFrame,
  type TcpView,
  timestampOption,
  type Timestamps,
} from "./frame.js";
import { controls, type Expected, judge } from "./judge.js";
import { pattern, readSpans, writeSpans } from "./pattern.js";
import type { Rig } from "./rig.js";
import { describeView } from "./text.js";

/** 256 numbers before the wrap. */
const PEER_ISS = 0xffffff00;
const PEER_CLOCK = 0xfffff000;
/** States in which the window matters to the peer. */
const RECEIVING = new Set<number>([State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2]);

export interface OpenOptions {
  /** Last byte of the peer's address. */
  peer?: number;
  /** Address when it is not 192.0.2.peer: frames then come from the peer's MAC all the same. */
  from?: number[];
  localPort?: number;
  peerPort?: number;
  iss?: number;
  /** MSS option of the peer's SYN; 0: none. */
  mss?: number;
  /** Window scale option of the peer's SYN. */
  ws?: number;
  /** The peer offers timestamps. */
  ts?: boolean;
  /** The peer offers selective acknowledgments. */
  sack?: boolean;
  win?: number;
  backlog?: number;
}

export interface SegmentFields {
  flags?: string;
  /** Relative; the default is what comes next, and moves it. */
  seq?: number;
  /** Relative; the default acknowledges all that was expected. */
  ack?: number;
  /** Bytes of the pattern. */
  data?: number;
  win?: number;
  urg?: number;
  options?: number[];
  /** Blocks of the stack's data; relative. */
  sacks?: [number, number][];
  /** Default: as negotiated. null: without, though negotiated. */
  ts?: Partial<Timestamps> | null;
}

export interface Peer {
  readonly rig: Rig;
  readonly options: OpenOptions;
  readonly localPort: number;
  readonly peerPort: number;
  readonly address: number[];
  handle: number;
  listener: number;
  iss: number;
  /** Our (the stack's) initial sequence number. */
  ourIss: number;
  /** Next number that the peer sends, and next that it expects; relative. */
  seq: number;
  ack: number;
  win: number;
  timestamps: boolean;
  /** Last timestamp seen from the stack. */
  tsSeen: number;
  segment(fields?: SegmentFields): Uint8Array;
  /** Injects a segment. */
  send(fields?: SegmentFields): void;
  sendSyn(flags?: string, fields?: SegmentFields): void;
  expect(expected?: Expected): TcpView;
  /** The next frame comes exactly so many ms from now. */
  expectAfter(ms: number, expected?: Expected): TcpView;
  /** Writes pattern bytes through spans. */
  write(length: number): void;
  /** Reads, and compares with the pattern, exactly so many bytes. */
  read(length: number): void;
  state(): number;
  expectState(state: number): void;
  /** Bits of the events, cleared. */
  events(): number;
  /** The absolute number of a relative one of the stack's. */
  ours(relative: number): number;
}

const listeners = new WeakMap<Rig, Map<number, number>>();

/** The listener of a port, made when it is first asked for. */
export function listenerOn(rig: Rig, port = 80, backlog = 8): number {
  const known = listeners.get(rig) ?? new Map<number, number>();
  listeners.set(rig, known);
  const handle = known.get(port) ?? rig.call.listen(0, port, backlog);
  assert.ok(handle > 0, `listen on port ${port}: ${handle}`);
  known.set(port, handle);
  return handle;
}

/** A peer that has not sent anything. */
export function makePeer(rig: Rig, options: OpenOptions = {}): Peer {
  const { peer: number = 10, localPort = 80, peerPort = rig.wrapPort } = options;
  const { iss = PEER_ISS, win = 65535 } = options;
  const address = options.from ?? peerAddress(number);
  let written = 1;
  let readAt = 1;
  let edge: number | undefined;

  const optionsOf = (fields: SegmentFields): number[] => {
    const list = [...(fields.options ?? [])];
    // Timestamps first, as most stacks have them.
    if (fields.ts !== null && (fields.ts !== undefined || peer.timestamps)) {
      const val = fields.ts?.val ?? (PEER_CLOCK + rig.now()) >>> 0;
      list.push(...NOP, ...NOP, ...timestampOption({ val, ecr: fields.ts?.ecr ?? peer.tsSeen }));
    }
    if (fields.sacks) {
      const blocks = fields.sacks.map((block) => block.map(peer.ours) as [number, number]);
      list.push(...NOP, ...NOP, ...sackOption(blocks));
    }
    return list;
  };

  /** SHLD-14: the right edge of the window never moves to the left while data may come. */
  const judgeEdge = ({ ack, win: offered, flags }: TcpView): string | undefined => {
    if (!flags.includes("A") || flags.includes("R")) return undefined;
    const last = edge;
    edge = ((ack - peer.iss) | 0) + offered;
    const mayReceive = peer.handle > 0 && RECEIVING.has(peer.state());
    const isBack = last !== undefined && mayReceive && edge < last;
    return isBack ? `a right edge from ${last} on` : undefined;
  };

  const peer: Peer = {
    rig,
    options,
    localPort,
    peerPort,
    address,
    handle: 0,
    listener: 0,
    iss,
    ourIss: 0,
    seq: 0,
    ack: 0,
    win,
    timestamps: false,
    tsSeen: 0,
    segment(fields = {}) {
      const { flags = "A", seq = peer.seq, ack = peer.ack, data = 0, urg = 0 } = fields;
      const segment = {
        sourcePort: peerPort,
        destinationPort: localPort,
        seq: (peer.iss + seq) >>> 0,
        ack: flags.includes("A") ? (peer.ourIss + ack) >>> 0 : 0,
        flags,
        win: fields.win ?? peer.win,
        urg,
        options: optionsOf(fields),
        data: pattern(seq, data),
      };
      if (fields.seq === undefined) {
        peer.seq += data + (flags.includes("R") ? 0 : controls(flags));
      }
      return tcpFrame(number, segment, { source: address });
    },
    send(fields = {}) {
      rig.inject(peer.segment(fields));
    },
    sendSyn(flags = "S", fields = {}) {
      const { mss = 1460, ws, ts } = options;
      const list = [...(mss > 0 ? mssOption(mss) : []), ...(fields.options ?? [])];
      if (ws !== undefined) list.push(...NOP, ...scaleOption(ws));
      if (options.sack) list.push(...NOP, ...NOP, ...sackPermittedOption);
      if (ts) {
        const ecr = flags.includes("A") ? peer.tsSeen : 0;
        const val = (PEER_CLOCK + rig.now()) >>> 0;
        list.push(
          ...NOP,
          ...NOP,
          ...timestampOption({ ecr, ...fields.ts, val: fields.ts?.val ?? val }),
        );
      }
      peer.send({ ...fields, flags, options: list, ts: null });
      if (flags.includes("A") && ts) peer.timestamps = true;
    },
    expect(expected = {}) {
      const { view, immediate } = rig.take(JSON.stringify(expected));
      const fail = (text: string) =>
        rig.fail(`expected ${text} (${JSON.stringify(expected)}), came ${describeView(view)}`);
      if (view.kind !== "tcp") return fail("a TCP segment");
      const flags = expected.flags ?? "A";
      if (flags.includes("S") && peer.ourIss === 0 && expected.seq === undefined) {
        peer.ourIss = view.seq;
      }
      const problem = judge(peer, view, expected) ?? judgeEdge(view);
      if (problem !== undefined) return fail(problem);
      if ((expected.immediate ?? immediate) !== immediate) return fail(`immediate ${!immediate}`);
      if (view.ts) peer.tsSeen = view.ts.val;
      const end = ((view.seq - peer.ourIss) | 0) + view.data.length + controls(flags);
      if (!flags.includes("R")) peer.ack = Math.max(peer.ack, end);
      return view;
    },
    expectAfter(ms, expected) {
      if (ms > 1) rig.advance(ms - 1);
      rig.expectNothing(`nothing until ${ms} ms have passed`);
      rig.advance(1);
      return peer.expect(expected);
    },
    write(length) {
      writeSpans(rig, peer.handle, written, length);
      written += length;
    },
    read(length) {
      readSpans(rig, peer.handle, readAt, length);
      readAt += length;
    },
    state: () => rig.state(peer.handle),
    expectState(state) {
      const came = peer.state();
      if (came !== state) rig.fail(`expected ${StateName[state]}, is ${StateName[came] ?? came}`);
    },
    events: () => rig.call.takeEvents(peer.handle),
    ours: (relative) => (peer.ourIss + relative) >>> 0,
  };
  return peer;
}
