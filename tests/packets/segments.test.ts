// SEGMENT ARRIVES (RFC 9293 section 3.10.7.4) as a table: each kind of segment in each synchronized
// state. What matters is what is delivered, what is answered, and which state follows.

import assert from "node:assert/strict";
import { Counter, Event, State, StateName } from "../../host/core/generated/abi.js";
import { type Peer, reach, SYNCHRONIZED } from "./support/peer.js";
import { packetTest, type Rig } from "./support/rig.js";

const STATES = [...SYNCHRONIZED, "TIME-WAIT"];
/** States in which the peer has closed: no more text can come. */
const PEER_CLOSED = new Set(["CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT"]);
/** States with a FIN of ours that is not acknowledged. */
const FIN_OUT = new Set(["FIN-WAIT-1", "CLOSING", "LAST-ACK"]);

/** The peer's numbers as if it had not yet seen our FIN. */
function deaf(peer: Peer, state: string): number {
  return peer.ack - (FIN_OUT.has(state) ? 1 : 0);
}

function each(
  name: string,
  body: (rig: Rig, peer: Peer, state: string) => void,
  states = STATES,
): void {
  for (const state of states) {
    packetTest(`${name} in ${state}`, (rig) => {
      const peer = reach[state]!(rig);
      peer.events();
      body(rig, peer, state);
    });
  }
}

each("data that were all received before", (rig, peer, state) => {
  peer.send({ seq: -20, data: 10, ack: deaf(peer, state) });
  peer.expect({ seq: peer.ack, immediate: true });
  assert.equal(StateName[peer.state()], state);
});

each("data in the window", (rig, peer, state) => {
  peer.send({ seq: peer.seq, data: 10, ack: deaf(peer, state) });
  rig.advance(40);
  assert.ok(rig.sent.splice(0).length <= 2);
  const delivered = rig.call.receiveSpan(peer.handle);
  assert.equal(delivered, PEER_CLOSED.has(state) ? 0 : 10);
  assert.equal(StateName[peer.state()], state);
});

each("segment without ACK", (rig, peer, state) => {
  peer.send({ flags: "P", seq: peer.seq, data: 10 });
  rig.sent.splice(0);
  assert.ok(rig.call.receiveSpan(peer.handle) <= 0, "nothing is delivered");
  assert.equal(StateName[peer.state()], state);
});

each("the last ACK again", (rig, peer, state) => {
  peer.send({ ack: deaf(peer, state) });
  rig.expectNothing();
  assert.equal(StateName[peer.state()], state);
});

each("urgent pointer", (rig, peer, state) => {
  peer.send({ flags: "UA", urg: 10, ack: deaf(peer, state) });
  rig.sent.splice(0);
  const told = (peer.events() & Event.URGENT) !== 0;
  assert.equal(told, !PEER_CLOSED.has(state));
  assert.equal(StateName[peer.state()], state);
});

each("syn+ack", (rig, peer, state) => {
  peer.send({ flags: "SA", seq: 0 });
  rig.sent.splice(0);
  assert.equal(StateName[peer.state()], state);
});

each(
  "silence with our FIN out",
  (rig, peer, state) => {
    rig.advance(200);
    peer.expect({ flags: "FA", seq: peer.ack - 1 });
    rig.advance(400);
    peer.expect({ flags: "FA", seq: peer.ack - 1 });
    assert.equal(StateName[peer.state()], state);
  },
  [...FIN_OUT],
);

each(
  "silence until R2 with our FIN out",
  (rig, peer) => {
    rig.advance(110_000);
    rig.sent.splice(0);
    peer.expectState(State.CLOSED);
    assert.equal(peer.events() & Event.ERROR, Event.ERROR);
    assert.equal(rig.counter(Counter.TCP_TIMEOUTS), 1);
  },
  [...FIN_OUT],
);

each(
  "hours without a segment",
  (rig, peer, state) => {
    rig.advance(4 * 3_600_000);
    rig.expectNothing("no keep-alive by default (MUST-25)");
    assert.equal(StateName[peer.state()], state);
  },
  ["ESTABLISHED", "FIN-WAIT-2", "CLOSE-WAIT"],
);

for (const [state, next] of [
  ["FIN-WAIT-1", "FIN-WAIT-2"],
  ["CLOSING", "TIME-WAIT"],
  ["LAST-ACK", "CLOSED"],
] as const) {
  packetTest(`ack of our FIN in ${state}: ${next}`, (rig) => {
    const peer = reach[state]!(rig);
    peer.send();
    rig.expectNothing();
    assert.equal(StateName[peer.state()], next);
  });
}

for (const [state, next] of [
  ["ESTABLISHED", "CLOSE-WAIT"],
  ["FIN-WAIT-1", "CLOSING"],
  ["FIN-WAIT-2", "TIME-WAIT"],
] as const) {
  packetTest(`fin in ${state}: ${next}, acknowledged at once`, (rig) => {
    const peer = reach[state]!(rig);
    peer.send({ flags: "FA", ack: deaf(peer, state) });
    peer.expect();
    assert.equal(StateName[peer.state()], next);
  });

  packetTest(`fin beyond a hole in ${state}: the state waits for the hole`, (rig) => {
    const peer = reach[state]!(rig);
    peer.send({ flags: "FA", seq: peer.seq + 10, data: 10, ack: deaf(peer, state) });
    peer.expect({ ack: peer.seq });
    assert.equal(StateName[peer.state()], state);
    peer.send({ seq: peer.seq, data: 10, ack: deaf(peer, state) });
    peer.expect({ ack: peer.seq + 21 });
    assert.equal(StateName[peer.state()], next);
    peer.read(20);
  });
}

packetTest(
  "router taken away and given back: a soft error, then the data",
  { router: 254 },
  (rig) => {
    const peer = reach["ESTABLISHED"]!(rig, { peer: 254, from: [203, 0, 113, 5] });
    rig.call.interfaceRouter(0, 0);
    peer.write(10);
    rig.advance(100);
    rig.expectNothing();
    assert.equal(peer.events() & Event.SOFT_ERROR, Event.SOFT_ERROR);
    peer.expectState(State.ESTABLISHED);
    rig.putAddress([192, 0, 2, 254]);
    rig.call.interfaceRouter(0, 4);
    rig.advance(1000);
    assert.ok(rig.sent.length > 0);
    const { view } = rig.sent[0]!;
    assert.ok(view.kind === "tcp" && view.data.length === 10);
    rig.sent.splice(0);
  },
);

packetTest(
  "time in steps of 1 ms or from deadline to deadline: the same frames at the same moments",
  { startMs: 2 ** 32 - 700 },
  async (rig) => {
    const run = (step: number) => {
      const peer = reach["ESTABLISHED"]!(rig, { peerPort: 2000 + step });
      peer.send({ data: 10 });
      peer.write(100);
      const start = rig.now();
      for (let ms = 0; ms < 8000; ms += step) rig.advance(step);
      const frames = rig.sent
        .splice(0)
        .map(
          ({ atMs, view }) => `${atMs - start} ${view.kind === "tcp" ? view.data.length : "arp"}`,
        );
      rig.call.abort(peer.handle);
      rig.pump();
      rig.sent.splice(0);
      return frames;
    };
    const whole = run(8000);
    assert.ok(whole.length >= 6, `${whole.join(", ")}`);
    assert.deepEqual(run(1), whole);
  },
);
