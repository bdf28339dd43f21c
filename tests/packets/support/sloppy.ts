// A peer that half does its job on a bad line: it sends in pieces of any size and goes back when
// nothing moves, reads slowly, and every frame, either way, may be lost, doubled or late.

import assert from "node:assert/strict";
import type { Random } from "../../static/support/random.js";
import type { Peer } from "./endpoint.js";
import type { TcpView } from "./frame.js";
import { pattern } from "./pattern.js";

export interface Line {
  /** Percent of the frames, each way. */
  loss: number;
  duplicate: number;
  /** Frames are late by 1 to so many ms. */
  jitterMs: number;
}

export interface Sloppy {
  /** Numbers of ours that the stack has acknowledged, and of its that came in order; relative. */
  readonly acknowledged: number;
  readonly received: number;
  readonly ended: boolean;
  /** One moment: sends, repeats, hands over what is due, and takes what the stack has sent. */
  tick(): void;
}

const GO_BACK_MS = 400;
const FLIGHT = 3000;

/** The peer has `total` bytes and then a FIN to send. */
export function makeSloppy(peer: Peer, total: number, line: Line, random: Random): Sloppy {
  const { rig } = peer;
  const late: { atMs: number; happen: () => void }[] = [];
  let una = 1;
  let next = 1;
  let offered = 0;
  let progressMs = 0;
  let received = 1;
  let edge = 1;
  let ended = false;

  /** On its way: perhaps never, perhaps twice. */
  const travel = (happen: () => void) => {
    const copies = random.percent(line.loss) ? 0 : random.percent(line.duplicate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      late.push({ atMs: rig.now() + 1 + random.below(line.jitterMs), happen });
    }
  };
  const send = (flags: string, seq: number, data: number) => {
    edge = Math.max(edge, received + random.pick([0, 300, 2000, 2000]));
    const win = Math.max(0, edge - received);
    const frame = peer.segment({ flags, seq, data, ack: received, win });
    travel(() => rig.inject(frame));
  };

  function sendMore(): void {
    if (rig.now() - progressMs > GO_BACK_MS) {
      next = una;
      progressMs = rig.now();
      offered = Math.max(offered, 1); // what opened the window may be lost: a probe
    }
    const limit = Math.min(una + Math.min(offered, FLIGHT), total + 1);
    for (let pieces = 0; next < limit && pieces < 4; pieces++) {
      const length = Math.min(1 + random.below(500), limit - next);
      send("A", next, length);
      next += length;
    }
    if (next === total + 1 && offered > 0) send("FA", next++, 0);
  }

  function take(view: TcpView): void {
    assert.ok(!view.flags.includes("R"), "no reset on the way");
    const ack = (view.ack - peer.iss) | 0;
    if (ack > una) {
      una = ack;
      next = Math.max(next, una);
      progressMs = rig.now();
    }
    offered = view.win;
    if (view.ts) peer.tsSeen = view.ts.val;
    const seq = (view.seq - peer.ourIss) | 0;
    const same = Buffer.compare(view.data, pattern(seq, view.data.length)) === 0;
    assert.ok(same, `bytes ${seq} to ${seq + view.data.length} are those written`);
    const end = seq + view.data.length;
    // What lies beyond the window that was offered is not kept.
    if (seq <= received) received = Math.max(received, Math.min(end, Math.max(edge, received)));
    if (view.flags.includes("F") && end === received && !ended) {
      ended = true;
      received++;
    }
    if (view.data.length > 0 || view.flags.includes("F")) send("A", Math.min(next, total + 2), 0);
  }

  return {
    get acknowledged() {
      return una;
    },
    get received() {
      return received;
    },
    get ended() {
      return ended;
    },
    tick() {
      sendMore();
      if (random.percent(5)) send("A", Math.min(next, total + 2), 0); // a window update
      for (let i = late.length - 1; i >= 0; i--) {
        if ((late[i]?.atMs ?? 0) <= rig.now()) late.splice(i, 1)[0]?.happen();
      }
      for (const { view } of rig.sent.splice(0)) {
        if (view.kind === "tcp") travel(() => take(view));
      }
    },
  };
}
