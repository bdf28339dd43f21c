// Urgent data sent (RFC 9293 section 3.8.5, RFC 6093): in line, of any length, told by a pointer to the
// byte behind them. Urgent data received: events.test.ts and threats-tcp.test.ts.

import assert from "node:assert/strict";
import { Commit } from "../../host/core/generated/abi.js";
import { passive, type Peer, shutdown } from "./support/peer.js";
import { pattern } from "./support/pattern.js";
import { onAllProfiles, packetTest, type Rig } from "./support/rig.js";

/** Four segments fit into the ring of every profile. */
const MSS = 256;

/** Queues pattern bytes from a number on; urgent: all up to their end. Nothing leaves yet. */
function queue(rig: Rig, peer: Peer, at: number, length: number, urgent: boolean): void {
  for (let done = 0; done < length;) {
    const room = rig.call.sendSpan(peer.handle);
    const part = Math.min(room, length - done);
    assert.ok(part > 0, `room for ${length - done} bytes: ${room}`);
    rig.core.memory.set(pattern(at + done, part), rig.core.spanPointer());
    done += part;
    const bits = urgent && done === length ? Commit.URGENT : 0;
    assert.equal(rig.call.commit(peer.handle, part | bits), 0);
  }
}

onAllProfiles(
  "commit with URGENT: URG, and a pointer behind the last byte (MUST-30, MUST-62)",
  (rig) => {
    const peer = passive(rig);
    queue(rig, peer, 1, 20, true);
    rig.pump();
    assert.equal(peer.expect({ flags: "PAU", len: 20 }).urg, 20);
    peer.send();
    peer.write(0);
    queue(rig, peer, 21, 5, false);
    rig.pump();
    assert.equal(peer.expect({ flags: "PA", len: 5 }).urg, 0);
  },
);

onAllProfiles("urgent data of several segments: each tells how far it goes (MUST-31)", (rig) => {
  const peer = passive(rig, { mss: MSS });
  queue(rig, peer, 1, 2.5 * MSS, true);
  queue(rig, peer, 2.5 * MSS + 1, 1.5 * MSS, false);
  rig.pump();
  assert.equal(peer.expect({ flags: "AU", len: MSS }).urg, 2.5 * MSS);
  assert.equal(peer.expect({ flags: "AU", len: MSS }).urg, 1.5 * MSS);
  assert.equal(peer.expect({ flags: "AU", len: MSS }).urg, 0.5 * MSS);
  assert.equal(peer.expect({ flags: "PA", len: MSS }).urg, 0);
  rig.sent.splice(0);
});

onAllProfiles("what is queued in front of urgent data is urgent with it", (rig) => {
  const peer = passive(rig);
  rig.hold(() => {
    queue(rig, peer, 1, 10, false);
    queue(rig, peer, 11, 10, true);
  });
  assert.equal(peer.expect({ flags: "PAU", len: 20 }).urg, 20);
});

onAllProfiles("a second urgent mark moves the pointer", (rig) => {
  const peer = passive(rig, { win: 20 });
  queue(rig, peer, 1, 20, true);
  rig.pump();
  assert.equal(peer.expect({ flags: "PAU", len: 20 }).urg, 20);
  queue(rig, peer, 21, 30, true);
  peer.send({ win: 100 });
  assert.equal(peer.expect({ flags: "PAU", len: 30 }).urg, 30);
});

onAllProfiles("with the window shut the peer is told at once, without data", (rig) => {
  const peer = passive(rig, { win: 0 });
  queue(rig, peer, 1, 20, true);
  rig.pump();
  assert.equal(peer.expect({ flags: "AU", len: 0 }).urg, 20);
  peer.send({ win: 1000 });
  assert.equal(peer.expect({ flags: "PAU", len: 20 }).urg, 20);
});

onAllProfiles(
  "urgent data sent again, and acknowledgments beside them, are urgent still",
  (rig) => {
    const peer = passive(rig);
    queue(rig, peer, 1, 20, true);
    rig.pump();
    peer.expect({ flags: "PAU", len: 20 });
    assert.equal(peer.expectAfter(200, { flags: "PAU", seq: 1, len: 20 }).urg, 20);
    peer.send();
    peer.send({ data: 10 });
    peer.expectAfter(40, { flags: "A" });
  },
);

onAllProfiles("urgent data, then FIN", (rig) => {
  const peer = passive(rig);
  rig.hold(() => {
    queue(rig, peer, 1, 20, true);
    rig.call.shutdown(peer.handle);
  });
  assert.equal(peer.expect({ flags: "FPAU", len: 20 }).urg, 20);
  peer.send();
});

packetTest("a pointer further off than 16 bits can say", (rig) => {
  const peer = passive(rig, { mss: 1460, ws: 4, ts: true, win: 8191 });
  queue(rig, peer, 1, 65_535, false);
  rig.pump();
  for (let got = 0; got < 65_535;) {
    const flight = rig.sent.splice(0);
    assert.ok(flight.length > 0);
    for (const { view } of flight) got += view.kind === "tcp" ? view.data.length : 0;
    peer.ack = got + 1;
    peer.send();
  }
  queue(rig, peer, 65_536, 65_535, false);
  rig.call.commit(peer.handle, 0);
  queueMore(rig, peer);
});

/** Nothing fits into a full ring: the mark goes to the end of what is there. */
function queueMore(rig: Rig, peer: Peer): void {
  rig.hold(() => {
    const room = rig.call.sendSpan(peer.handle);
    assert.equal(room, 1);
    rig.core.memory.set(pattern(131_071, 1), rig.core.spanPointer());
    assert.equal(rig.call.commit(peer.handle, 1 | Commit.URGENT), 0);
  });
  const { view } = rig.take("the first of them");
  assert.ok(view.kind === "tcp" && view.flags.includes("U"));
  assert.equal(view.urg, 65_535);
  rig.sent.splice(0);
  peer.ack = rig.info(peer.handle, "sndNxt") - peer.ourIss;
  peer.send();
  rig.sent.splice(0);
}

onAllProfiles("a mark on nothing says nothing", (rig) => {
  const peer = passive(rig);
  assert.ok(rig.call.sendSpan(peer.handle) > 0);
  assert.equal(rig.call.commit(peer.handle, Commit.URGENT), 0);
  rig.pump();
  rig.expectNothing();
  shutdown(peer);
});
