// CLOSE, ABORT, FIN and RST in every state (RFC 9293 sections 3.6, 3.10.4, 3.10.5 and 3.10.7.4), and
// orphans.

import assert from "node:assert/strict";
import { Constant, Counter, Option, Pool, StateName } from "../../host/core/generated/abi.js";
import {
  Errno,
  Event,
  listenerOn,
  passive,
  type Peer,
  reach,
  shutdown,
  State,
  SYNCHRONIZED,
} from "./support/peer.js";
import { onAllProfiles, packetTest, type Rig, hasFeature } from "./support/rig.js";

const open = (rig: Rig, state: string) => reach[state]!(rig);

packetTest("fin in ESTABLISHED: CLOSE-WAIT, ACK at once, PEER_CLOSED, end of the stream", (rig) => {
  const peer = passive(rig);
  peer.send({ flags: "FA", data: 10 });
  peer.expect();
  peer.expectState(State.CLOSE_WAIT);
  assert.equal(peer.events(), Event.PEER_CLOSED | Event.READABLE);
  peer.read(10);
  assert.equal(rig.call.receiveSpan(peer.handle), 0);
});

packetTest("data to send in CLOSE-WAIT: goes on", (rig) => {
  const peer = open(rig, "CLOSE-WAIT");
  peer.write(100);
  peer.expect({ flags: "PA", len: 100 });
  peer.send();
  shutdown(peer);
  peer.expectState(State.LAST_ACK);
});

packetTest("shutdown in ESTABLISHED: FIN, EPIPE for more, reading goes on", (rig) => {
  const peer = passive(rig);
  shutdown(peer);
  peer.expectState(State.FIN_WAIT_1);
  assert.equal(rig.call.sendSpan(peer.handle), -Errno.EPIPE);
  assert.equal(rig.call.shutdown(peer.handle), -Errno.EPIPE);
  peer.send({ data: 20 });
  peer.expectState(State.FIN_WAIT_2);
  peer.expectAfter(40);
  peer.read(20);
});

packetTest("shutdown with data queued: the FIN follows the last byte in one segment", (rig) => {
  const peer = passive(rig);
  rig.hold(() => {
    peer.write(100);
    rig.call.shutdown(peer.handle);
  });
  peer.expect({ flags: "FPA", len: 100 });
});

packetTest("shutdown with more queued than the window: the FIN waits for its turn", (rig) => {
  const peer = passive(rig, { win: 1000, mss: 500 });
  rig.hold(() => {
    peer.write(1500);
    rig.call.shutdown(peer.handle);
  });
  peer.expect({ flags: "A", len: 500 });
  peer.expect({ flags: "A", len: 500 });
  rig.expectNothing();
  peer.send();
  peer.expect({ flags: "FPA", len: 500 });
});

packetTest("ack of the fin in FIN-WAIT-1: FIN-WAIT-2", (rig) => {
  const peer = open(rig, "FIN-WAIT-1");
  peer.send();
  rig.expectNothing();
  peer.expectState(State.FIN_WAIT_2);
});

packetTest("fin without the ack of ours in FIN-WAIT-1: CLOSING, then TIME-WAIT", (rig) => {
  const peer = open(rig, "FIN-WAIT-1");
  peer.send({ flags: "FA", ack: peer.ack - 1 });
  peer.expect();
  peer.expectState(State.CLOSING);
  peer.send();
  peer.expectState(State.TIME_WAIT);
  rig.expectNothing();
});

packetTest("fin with the ack of ours in FIN-WAIT-1: TIME-WAIT", (rig) => {
  const peer = open(rig, "FIN-WAIT-1");
  peer.send({ flags: "FA" });
  peer.expect();
  peer.expectState(State.TIME_WAIT);
});

packetTest("fin with data in FIN-WAIT-2: delivered, TIME-WAIT, CLOSED", (rig) => {
  const peer = open(rig, "FIN-WAIT-2");
  peer.events();
  peer.send({ flags: "FA", data: 25 });
  peer.expect();
  peer.expectState(State.TIME_WAIT);
  assert.equal(peer.events(), Event.READABLE | Event.PEER_CLOSED | Event.CLOSED);
  peer.read(25);
  assert.equal(rig.call.receiveSpan(peer.handle), 0);
});

packetTest("ack of the fin in LAST-ACK: CLOSED in good order", (rig) => {
  const peer = open(rig, "LAST-ACK");
  peer.events();
  peer.send();
  rig.expectNothing();
  peer.expectState(State.CLOSED);
  assert.equal(peer.events(), Event.CLOSED);
  assert.equal(rig.error(peer.handle), 0);
  assert.equal(rig.call.receiveSpan(peer.handle), 0);
  assert.equal(rig.call.close(peer.handle), 0);
  assert.equal(rig.used(Pool.TCB), 0);
});

packetTest("fin in FIN-WAIT-1 lost: sent again by the timer", (rig) => {
  const peer = open(rig, "FIN-WAIT-1");
  peer.expectAfter(200, { flags: "FA", seq: peer.ack - 1 });
  peer.expectAfter(400, { flags: "FA", seq: peer.ack - 1 });
  peer.send();
  peer.expectState(State.FIN_WAIT_2);
});

packetTest("data and fin lost: both sent again in one segment", (rig) => {
  const peer = passive(rig);
  peer.write(50);
  peer.expect({ flags: "PA", len: 50 });
  shutdown(peer);
  const again = peer.expectAfter(200, { flags: "FPA", seq: 1, len: 50 });
  assert.equal(again.data.length, 50);
});

for (const state of ["CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT"]) {
  packetTest(`fin again in ${state}: acknowledged again`, (rig) => {
    const peer = open(rig, state);
    rig.advance(100);
    peer.send({ flags: "FA", seq: peer.seq - 1, ack: peer.ack - (state === "CLOSING" ? 1 : 0) });
    peer.expect({ seq: peer.ack });
    if (state !== "LAST-ACK") peer.expectState(peer.state());
  });
}

for (const state of SYNCHRONIZED) {
  packetTest(`exact rst in ${state}: CLOSED`, (rig) => {
    const peer = open(rig, state);
    peer.events();
    peer.send({ flags: "R" });
    rig.expectNothing();
    peer.expectState(State.CLOSED);
    const mute = state === "CLOSING" || state === "LAST-ACK";
    assert.equal(peer.events() & Event.CLOSED, Event.CLOSED);
    assert.equal(rig.error(peer.handle), mute ? 0 : Errno.ECONNRESET);
    assert.equal(rig.counter(Counter.TCP_RESETS_RECEIVED), 1);
  });

  packetTest(`rst with data in ${state}: CLOSED (SHLD-2)`, (rig) => {
    const peer = open(rig, state);
    peer.send({ flags: "R", data: 30 });
    rig.expectNothing();
    peer.expectState(State.CLOSED);
  });

  packetTest(`abort in ${state}`, (rig) => {
    const peer = open(rig, state);
    assert.equal(rig.call.abort(peer.handle), 0);
    assert.equal(peer.state(), -Errno.EBADF, "the handle is gone at once");
    rig.pump();
    const silent = state === "CLOSING" || state === "LAST-ACK";
    if (!silent) peer.expect({ flags: "RA", seq: peer.ack });
    rig.expectNothing();
    assert.equal(rig.counter(Counter.TCP_RESETS_SENT), silent ? 0 : 1);
    assert.equal(rig.used(Pool.TCB), 0);
  });
}

packetTest("close in ESTABLISHED: FIN, the handle is gone, the rings too", (rig) => {
  const peer = passive(rig);
  assert.equal(rig.call.close(peer.handle), 0);
  assert.equal(peer.state(), -Errno.EBADF);
  rig.pump();
  peer.expect({ flags: "FA" });
  assert.equal(rig.used(Pool.RECEIVE_RING), 0);
  peer.send();
  peer.send({ flags: "FA" });
  peer.expect();
  assert.equal(rig.used(Pool.TCB), 0);
  assert.equal(rig.used(Pool.TIME_WAIT), 1);
});

packetTest("close with a byte unread: RST (RFC 9293 3.6.1, RFC 2525 2.17)", (rig) => {
  const peer = passive(rig);
  peer.send({ data: 1 });
  assert.equal(rig.call.close(peer.handle), 0);
  rig.pump();
  peer.expect({ flags: "RA", seq: 1 });
  assert.equal(rig.used(Pool.TCB), 0);
});

packetTest("close in CLOSE-WAIT: LAST-ACK, then nothing is left", (rig) => {
  const peer = open(rig, "CLOSE-WAIT");
  rig.call.close(peer.handle);
  rig.pump();
  peer.expect({ flags: "FA" });
  peer.send();
  assert.equal(rig.used(Pool.TCB), 0);
  assert.equal(rig.used(Pool.TIME_WAIT), 0);
});

for (const state of ["FIN-WAIT-1", "FIN-WAIT-2"]) {
  packetTest(`data after close in ${state}: RST, and counted`, (rig) => {
    const peer = open(rig, state);
    rig.call.close(peer.handle);
    peer.send({ data: 10 });
    // The number that the peer expects, so that it believes the reset.
    const reset = rig.take("RST").view;
    assert.equal(reset.kind === "tcp" && reset.flags.includes("R"), true);
    assert.equal(reset.kind === "tcp" && (reset.seq - peer.ourIss) | 0, peer.ack);
    assert.equal(rig.counter(Counter.TCP_DATA_AFTER_CLOSE), 1);
    assert.equal(rig.used(Pool.TCB), 0);
  });
}

packetTest("orphan in FIN-WAIT-1 without an answer: RST after 60 s", (rig) => {
  const peer = passive(rig);
  rig.call.close(peer.handle);
  rig.pump();
  peer.expect({ flags: "FA" });
  rig.advance(59_999);
  for (const { view } of rig.sent.splice(0)) assert.ok(view.kind === "tcp" && view.flags === "FA");
  assert.equal(rig.used(Pool.TCB), 1);
  rig.advance(1);
  peer.expect({ flags: "RA", seq: 2 });
  assert.equal(rig.used(Pool.TCB), 0);
});

packetTest("orphan whose peer makes progress: lives beyond 60 s", (rig) => {
  const peer = passive(rig, { win: 100, mss: 100 });
  peer.write(1000);
  peer.expect({ len: 100 });
  rig.call.close(peer.handle);
  rig.pump();
  for (let round = 1; round < 9; round++) {
    rig.advance(100);
    peer.send();
    peer.expect({ len: 100 });
  }
  for (let round = 0; round < 3; round++) {
    rig.advance(40_000);
    rig.sent.splice(0);
    if (round === 0) {
      peer.send({ ack: 901 });
      peer.expect({ flags: "PA", seq: 901, len: 100 }); // the FIN waits for a window
    }
  }
  assert.equal(rig.used(Pool.TCB), 0, "60 s after the last progress it is over");
});

packetTest("orphan in FIN-WAIT-2: ends silently after 60 s", (rig) => {
  const peer = passive(rig);
  rig.call.close(peer.handle);
  rig.pump();
  peer.expect({ flags: "FA" });
  peer.send();
  rig.advance(59_999);
  assert.equal(rig.used(Pool.TCB), 1);
  rig.advance(1);
  rig.expectNothing();
  assert.equal(rig.used(Pool.TCB), 0);
});

packetTest("orphan limit: ORPHAN_SECONDS is obeyed", (rig) => {
  rig.call.setOption(0, Option.ORPHAN_SECONDS, 5);
  const peer = passive(rig);
  rig.call.close(peer.handle);
  rig.pump();
  peer.expect({ flags: "FA" });
  peer.send();
  rig.advance(4999);
  assert.equal(rig.used(Pool.TCB), 1);
  rig.advance(1);
  assert.equal(rig.used(Pool.TCB), 0);
});

packetTest("FIN-WAIT-2 after shutdown: no limit", (rig) => {
  const peer = open(rig, "FIN-WAIT-2");
  rig.advance(3_600_000);
  peer.expectState(State.FIN_WAIT_2);
  peer.send({ data: 10 });
  peer.expectAfter(40);
  peer.read(10);
});

packetTest("CLOSE-WAIT: no limit by default", (rig) => {
  const peer = open(rig, "CLOSE-WAIT");
  rig.advance(3_600_000);
  peer.expectState(State.CLOSE_WAIT);
});

packetTest("simultaneous close: both in CLOSING, then TIME-WAIT", (rig) => {
  const peer = passive(rig);
  shutdown(peer);
  peer.send({ flags: "FA", ack: 1 });
  peer.expect();
  peer.expectState(State.CLOSING);
  peer.send({ ack: 2 });
  peer.expectState(State.TIME_WAIT);
});

packetTest("data behind the peer's fin in CLOSE-WAIT: ignored", (rig) => {
  const peer = open(rig, "CLOSE-WAIT");
  peer.send({ data: 10, seq: peer.seq });
  rig.sent.splice(0);
  assert.equal(rig.call.receiveSpan(peer.handle), 0);
  peer.expectState(State.CLOSE_WAIT);
});

onAllProfiles("a whole life: open, data both ways, close in good order", (rig) => {
  const peer = passive(rig, { ts: hasFeature(rig.profile, "extensions") });
  peer.send({ flags: "PA", data: 300 });
  peer.expectAfter(40);
  peer.read(300);
  peer.write(300);
  peer.expect({ flags: "PA", len: 300 });
  peer.send({ flags: "FA" });
  peer.expect();
  rig.call.close(peer.handle);
  rig.pump();
  peer.expect({ flags: "FA" });
  peer.send();
  assert.equal(rig.used(Pool.TCB), 0);
  assert.equal(StateName[rig.state(listenerOn(rig))], "LISTEN");
});

onAllProfiles(
  "the states of the peer's end reach the user: FIN is an end, RST an error (MUST-12)",
  (rig) => {
    const ended: Peer = passive(rig, { peerPort: 2000 });
    const reset: Peer = passive(rig, { peerPort: 2001 });
    ended.send({ flags: "FA" });
    ended.expect();
    reset.send({ flags: "R" });
    assert.equal(rig.call.receiveSpan(ended.handle), 0);
    assert.equal(rig.call.receiveSpan(reset.handle), -Errno.ECONNRESET);
  },
);

onAllProfiles(
  "close with a hole open: the block comes back at once",
  { needs: "reassembly" },
  (rig) => {
    const peer = passive(rig);
    peer.send({ seq: 11, data: 10 });
    peer.expect();
    assert.equal(rig.used(Pool.REASSEMBLY), 1);
    assert.equal(rig.call.close(peer.handle), 0);
    rig.pump();
    peer.expect({ flags: "FA" });
    assert.equal(rig.used(Pool.REASSEMBLY), 0);
  },
);

onAllProfiles("close when all was read at a shut window: the peer's FIN is taken", (rig) => {
  const peer = passive(rig);
  const window = Math.min(rig.core.constant(Constant.RECEIVE_RING_BYTES), 65535);
  for (let left = window; left > 0; left -= 512) peer.send({ data: Math.min(left, 512) });
  rig.advance(40);
  assert.equal(rig.info(peer.handle, "rcvWnd"), 0);
  rig.sent.splice(0);
  rig.hold(() => {
    peer.read(window);
    assert.equal(rig.call.close(peer.handle), 0);
  });
  peer.expect({ flags: "FA" });
  peer.send({ flags: "FA" });
  peer.expect({ ack: peer.seq });
});

onAllProfiles(
  "FINs that cross, and the peer's acknowledgment of ours in the same turn as its own: it gets one, too",
  (rig) => {
    const peer = passive(rig);
    shutdown(peer);
    const sent = peer.ack;
    rig.injectBatch([
      peer.segment({ flags: "FA", ack: sent - 1 }),
      peer.segment({ flags: "A", ack: sent }),
    ]);
    peer.expect({ seq: sent });
    peer.expectState(State.TIME_WAIT);
  },
);
