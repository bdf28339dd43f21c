// Our data: segment size, PSH, Nagle, the peer's window plain and scaled, TTL and DSCP.

import assert from "node:assert/strict";
import { Constant, Errno, Event, Option, Pool } from "../../host/core/generated/abi.js";
import { active, passive, shutdown } from "./support/peer.js";
import { onAllProfiles, packetTest } from "./support/rig.js";

packetTest("write in ESTABLISHED: leaves at once with PSH (MUST-60, MUST-61)", (rig) => {
  const peer = passive(rig);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10, immediate: false });
  assert.equal(rig.info(peer.handle, "sendQueue"), 10);
  peer.send();
  assert.equal(rig.info(peer.handle, "sendQueue"), 0);
  assert.equal(rig.used(Pool.SEND_RING), 0);
});

packetTest("a large write: full segments, PSH on the last (SHLD-28)", (rig) => {
  const peer = passive(rig);
  peer.write(4000);
  peer.expect({ flags: "A", len: 1460 });
  peer.expect({ flags: "A", len: 1460 });
  rig.expectNothing("the rest waits for the ACK (Nagle)");
  peer.send();
  peer.expect({ flags: "PA", len: 1080 });
});

for (const [mss, largest] of [
  [0, 536],
  [600, 600],
  [1460, 1460],
  [9000, 1460],
  [1, 64],
] as const) {
  packetTest(
    `peer's MSS ${mss === 0 ? "not given" : mss}: segments of ${largest} (MUST-14..16)`,
    (rig) => {
      const peer = passive(rig, { mss });
      peer.write(2 * largest);
      peer.expect({ len: largest });
      peer.expect({ flags: "PA", len: largest });
    },
  );
}

packetTest("timestamps count against the segment (MUST-16)", (rig) => {
  const peer = passive(rig, { ts: true });
  peer.write(1448 * 2);
  peer.expect({ len: 1448 });
  peer.expect({ flags: "PA", len: 1448 });
});

packetTest("the interface's MTU bounds MSS both ways", { mtu: 576 }, (rig) => {
  const peer = active(rig);
  peer.write(1072);
  peer.expect({ len: 536 });
  peer.expect({ flags: "PA", len: 536 });
});

packetTest("largest segment: half the send ring", { profile: "tiny" }, (rig) => {
  const peer = passive(rig);
  peer.write(1024);
  peer.expect({ len: 512 });
  peer.expect({ flags: "PA", len: 512 });
});

packetTest("small writes with data in flight: held until the ACK (Nagle, SHLD-7)", (rig) => {
  const peer = passive(rig);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  peer.write(10);
  peer.write(20);
  rig.expectNothing();
  peer.send();
  peer.expect({ flags: "PA", len: 30 });
});

packetTest("small writes that make a full segment: it goes, the rest waits (Nagle)", (rig) => {
  const peer = passive(rig);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  peer.write(1000);
  rig.expectNothing();
  peer.write(1000);
  peer.expect({ flags: "A", len: 1460 });
  rig.expectNothing();
  peer.send();
  peer.expect({ flags: "PA", len: 540 });
});

packetTest("small writes with NO_DELAY: leave at once (MUST-17)", (rig) => {
  const peer = passive(rig);
  assert.equal(rig.call.setOption(peer.handle, Option.NO_DELAY, 1), 0);
  for (let i = 0; i < 5; i++) {
    peer.write(10);
    peer.expect({ flags: "PA", len: 10 });
  }
});

packetTest("NO_DELAY as the default of new connections", (rig) => {
  rig.call.setOption(0, Option.NO_DELAY, 1);
  const peer = passive(rig);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
});

packetTest("NO_DELAY set while Nagle holds bytes: they leave", (rig) => {
  const peer = passive(rig);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  peer.write(10);
  rig.expectNothing();
  rig.call.setOption(peer.handle, Option.NO_DELAY, 1);
  rig.pump();
  peer.expect({ flags: "PA", len: 10 });
});

packetTest("fin with small data held back: both leave (no Nagle for the last)", (rig) => {
  const peer = passive(rig);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  peer.write(10);
  rig.call.shutdown(peer.handle);
  rig.pump();
  peer.expect({ flags: "FPA", len: 10 });
});

onAllProfiles("a full send ring: EAGAIN, WRITABLE after the ACK", (rig) => {
  const peer = passive(rig, { win: 200 });
  const ring = rig.core.constant(Constant.SEND_RING_BYTES);
  peer.write(ring);
  assert.equal(rig.call.sendSpan(peer.handle), -Errno.EAGAIN);
  assert.equal(peer.events() & Event.WRITABLE, 0);
  rig.advance(300);
  for (let turns = 0; turns < 20; turns++) {
    rig.sent.splice(0);
    peer.ack = (rig.info(peer.handle, "sndNxt") - peer.ourIss) | 0;
    peer.send();
  }
  assert.equal(peer.events() & Event.WRITABLE, Event.WRITABLE);
  assert.ok(rig.call.sendSpan(peer.handle) > 0);
  rig.sent.splice(0);
  rig.call.abort(peer.handle);
  rig.pump();
  rig.sent.splice(0);
});

packetTest("the peer's window is never exceeded", (rig) => {
  const peer = passive(rig, { win: 3000 });
  peer.write(10_000);
  peer.expect({ len: 1460 });
  peer.expect({ len: 1460 });
  rig.expectNothing("80 bytes are not worth a segment");
  peer.send();
  peer.expect({ len: 1460 });
  peer.expect({ len: 1460 });
  rig.expectNothing();
});

packetTest("a window of 0x8000 and more is a positive number (MUST-1)", (rig) => {
  const peer = passive(rig, { win: 0x9000 });
  assert.equal(rig.info(peer.handle, "sndWnd"), 0x9000);
  peer.write(1460);
  peer.expect({ flags: "PA", len: 1460 });
});

packetTest("scaled window: what a segment offers is shifted, what a SYN offers is not", (rig) => {
  const peer = passive(rig, { ws: 7, win: 2 });
  assert.equal(rig.info(peer.handle, "sndWnd"), 256);
  assert.equal(rig.info(peer.handle, "sndScale"), 7);
  peer.write(300);
  peer.expect({ len: 256 });
});

packetTest("window scale above 14 counts as 14", (rig) => {
  const peer = passive(rig, { ws: 15, win: 1 });
  assert.equal(rig.info(peer.handle, "sndScale"), 14);
  assert.equal(rig.info(peer.handle, "sndWnd"), 16384);
});

packetTest("window scale not offered by the peer: none on either side", (rig) => {
  const peer = active(rig);
  assert.equal(rig.info(peer.handle, "rcvScale"), 0);
  assert.equal(rig.info(peer.handle, "sndWnd"), 65535);
});

packetTest("a window of at least half the largest: used when it is all there is", (rig) => {
  const peer = passive(rig, { win: 1000 });
  peer.write(4000);
  peer.expect({ len: 1000 });
  peer.send({ win: 600 });
  peer.expect({ len: 600 });
});

packetTest("TTL and DSCP of a connection are on its packets (MUST-48, MUST-49, SHLD-21)", (rig) => {
  const peer = passive(rig);
  rig.call.setOption(peer.handle, Option.TTL, 7);
  rig.call.setOption(peer.handle, Option.DSCP, 46);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10, ttl: 7, tos: 46 << 2 });
  rig.call.setOption(peer.handle, Option.DSCP, 8);
  peer.send();
  peer.write(10);
  peer.expect({ flags: "PA", len: 10, tos: 32 });
});

packetTest("our packets may not be fragmented: DF (RFC 7323 5.7)", (rig) => {
  const peer = passive(rig);
  peer.write(10);
  assert.equal(peer.expect({ flags: "PA", len: 10 }).fragment, 0x4000);
});

packetTest("write in CLOSE-WAIT and shutdown: all arrives before the FIN", (rig) => {
  const peer = passive(rig);
  peer.send({ flags: "FA" });
  peer.expect();
  peer.write(3000);
  shutdownAfter();
  peer.expect({ len: 1460 });
  peer.expect({ len: 1460 });
  peer.expect({ flags: "FPA", len: 80 });

  function shutdownAfter(): void {
    rig.sent.splice(2); // what would have left alone
    rig.call.shutdown(peer.handle);
    rig.pump();
  }
});

onAllProfiles("a stream across the wrap of our numbers", (rig) => {
  const peer = passive(rig, { mss: 400 });
  for (let round = 0; round < 10; round++) {
    peer.write(400);
    const segment = peer.expect({ flags: "PA", len: 400 });
    if (round === 1) assert.ok(segment.seq < 1000, "our numbers have wrapped");
    peer.send();
  }
  shutdown(peer);
});
