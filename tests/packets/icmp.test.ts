// ICMP (RFC 792, RFC 1122 section 3.2.2): echo, the errors that we send, and those about what we
// sent (RFC 5927).

import assert from "node:assert/strict";
import { Counter, Errno, Event } from "../../host/core/generated/abi.js";
import { icmpFrame, ipFrame, OUR_ADDRESS, peerMac, word16 } from "./support/frame.js";
import {
  active,
  bystander,
  crossed,
  passive,
  quoted,
  shutdown,
  type Peer,
  State,
  stillWorks,
  synSent,
} from "./support/peer.js";
import { onAllProfiles, packetTest } from "./support/rig.js";

onAllProfiles("echo request: the same bytes back, from the address asked", (rig) => {
  for (const length of [0, 1, 56, 1472]) {
    const data = Uint8Array.from({ length }, (_, i) => i & 255);
    rig.inject(icmpFrame(10, { type: 8, rest: 0x12340001, data }));
    const reply = rig.expectIcmp({ type: 0, code: 0, rest: 0x12340001, toMac: peerMac(10) });
    assert.deepEqual(reply.source, OUR_ADDRESS);
    assert.deepEqual([...reply.data], [...data]);
  }
  assert.equal(rig.counter(Counter.ICMP_ECHO_REPLIES), 4);
});

packetTest("echo request with TTL 1: answered", (rig) => {
  rig.inject(icmpFrame(10, { type: 8 }, { ttl: 1 }));
  rig.expectIcmp({ type: 0 });
});

packetTest("udp to us: port unreachable that quotes it (RFC 1122 3.2.2.1)", (rig) => {
  const udp = [...word16(1000), ...word16(53), 0, 8, 0, 0];
  const frame = ipFrame(10, { protocol: 17 }, udp);
  rig.inject(frame);
  const { data } = rig.expectIcmp({ type: 3, code: 3, rest: 0 });
  assert.deepEqual([...data], [...frame.subarray(14, 42)]);
});

packetTest("protocol nobody speaks: protocol unreachable", (rig) => {
  rig.inject(ipFrame(10, { protocol: 99 }, [1, 2, 3, 4, 5, 6, 7, 8]));
  rig.expectIcmp({ type: 3, code: 2 });
});

packetTest("unreachables: ten a second", (rig) => {
  for (let i = 0; i < 30; i++) rig.inject(ipFrame(10, { protocol: 99 }, [i]));
  assert.equal(rig.sent.splice(0).length, 10);
  assert.equal(rig.counter(Counter.ICMP_RATE_LIMITED), 20);
  rig.advance(1000);
  rig.inject(ipFrame(10, { protocol: 99 }, [1]));
  rig.expectIcmp({ type: 3 });
});

/** A router's error about a segment of ours with a relative number. */
function quote(peer: Peer, type: number, code: number, seq: number, rest = 0): void {
  peer.rig.inject(icmpFrame(20, { type, code, rest, data: quoted(peer, seq) }));
}

for (const code of [2, 3]) {
  packetTest(`unreachable code ${code} in SYN-SENT: ECONNREFUSED at once (SHLD-26)`, (rig) => {
    const peer = synSent(rig);
    quote(peer, 3, code, 0);
    assert.equal(rig.error(peer.handle), Errno.ECONNREFUSED);
  });
}

for (const [type, code] of [
  [3, 0],
  [3, 1],
  [3, 5],
  [11, 0],
  [12, 0],
] as const) {
  packetTest(`icmp ${type}/${code} in SYN-SENT: soft, goes on (MUST-56)`, (rig) => {
    const peer = synSent(rig);
    quote(peer, type, code, 0);
    peer.expectState(State.SYN_SENT);
    assert.equal(peer.events() & Event.SOFT_ERROR, Event.SOFT_ERROR);
    assert.equal(rig.error(peer.handle), Errno.EHOSTUNREACH);
  });
}

for (const code of [0, 1, 2, 3, 5]) {
  packetTest(
    `unreachable code ${code} in ESTABLISHED: soft, seen by the user (RFC 5927 5.2, SHLD-25)`,
    (rig) => {
      const peer = active(rig);
      const other = bystander(rig);
      peer.write(10);
      peer.expect({ flags: "PA", len: 10 });
      quote(peer, 3, code, 1);
      peer.expectState(State.ESTABLISHED);
      assert.equal(peer.events() & Event.SOFT_ERROR, Event.SOFT_ERROR);
      assert.equal(other.events(), 0, "only the one quoted (MUST-54)");
      stillWorks(other);
    },
  );
}

packetTest("icmp error whose number is not in flight: ignored (RFC 5927 4.1)", (rig) => {
  const peer = passive(rig);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  for (const seq of [0, 11, 5000, -5000]) quote(peer, 3, 1, seq);
  assert.equal(peer.events() & Event.SOFT_ERROR, 0);
  assert.equal(rig.counter(Counter.DROP_ICMP_UNRELATED), 4);
});

packetTest("source quench: dropped (MUST-55, RFC 6633)", (rig) => {
  const peer = passive(rig);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  const cwnd = rig.info(peer.handle, "cwnd");
  quote(peer, 4, 0, 1);
  assert.equal(rig.info(peer.handle, "cwnd"), cwnd);
  assert.equal(peer.events() & Event.SOFT_ERROR, 0);
});

packetTest("fragmentation needed: smaller segments, what was lost again", (rig) => {
  const peer = passive(rig);
  peer.write(1460);
  peer.expect({ flags: "PA", len: 1460 });
  quote(peer, 3, 4, 1, 1000);
  peer.expect({ seq: 1, len: 960 });
  peer.expect({ seq: 961, len: 500 });
  peer.expectState(State.ESTABLISHED);
});

packetTest("fragmentation needed by a single byte: that byte less", (rig) => {
  const peer = passive(rig);
  peer.write(1460);
  peer.expect({ flags: "PA", len: 1460 });
  quote(peer, 3, 4, 1, 1499);
  peer.expect({ seq: 1, len: 1459 });
  assert.equal(rig.info(peer.handle, "sndMss"), 1459);
  peer.ack = 1461;
  peer.send();
  rig.sent.splice(0);
});

/** A flight that a router finds too long. */
function narrow(peer: Peer, mtu: number): void {
  peer.write(1460);
  peer.expect({ flags: "PA", len: 1460 });
  quote(peer, 3, 4, 1, mtu);
  peer.rig.sent.splice(0);
  peer.ack = 1461;
  peer.send();
}

packetTest("the MTU of a path is remembered for what is opened later (RFC 1191)", (rig) => {
  narrow(passive(rig, { peerPort: 2000 }), 1000);
  const later = passive(rig, { peerPort: 2001 });
  assert.equal(rig.info(later.handle, "sndMss"), 960);
  const stamped = passive(rig, { peerPort: 2002, ts: true });
  assert.equal(rig.info(stamped.handle, "sndMss"), 948);
  const elsewhere = passive(rig, { peer: 11, peerPort: 2003 });
  assert.equal(rig.info(elsewhere.handle, "sndMss"), 1460);
  rig.advance(600_000);
  const much = passive(rig, { peerPort: 2004 });
  assert.equal(rig.info(much.handle, "sndMss"), 1460, "ten minutes on it may be wider again");
});

packetTest("paths: the newest word counts, the oldest makes room", (rig) => {
  narrow(passive(rig, { peerPort: 2000 }), 1200);
  rig.advance(1000);
  const again = passive(rig, { peerPort: 2001 });
  again.write(1160);
  again.expect({ flags: "PA", len: 1160 });
  quote(again, 3, 4, 1, 700);
  rig.sent.splice(0);
  again.ack = 1161;
  again.send();
  assert.equal(rig.info(passive(rig, { peerPort: 2002 }).handle, "sndMss"), 660);
  for (let host = 20; host < 36; host++) {
    rig.advance(1000);
    narrow(passive(rig, { peer: host, peerPort: 3000 }), 900);
  }
  assert.equal(rig.info(passive(rig, { peerPort: 2003 }).handle, "sndMss"), 1460);
  for (const host of [20, 35]) {
    const known = passive(rig, { peer: host, peerPort: 3001 });
    assert.equal(rig.info(known.handle, "sndMss"), 860);
  }
});

packetTest("a path that a clock's wrap would make young is forgotten before", (rig) => {
  narrow(passive(rig, { peerPort: 2000 }), 1000);
  rig.advance(2 ** 32 + 1000);
  const later = passive(rig, { peerPort: 2001 });
  assert.equal(rig.info(later.handle, "sndMss"), 1460);
});

packetTest("fragmentation needed without a size: 576 bytes (RFC 1191 5)", (rig) => {
  const peer = passive(rig, { peerPort: 2000 });
  peer.write(1000);
  peer.expect({ flags: "PA", len: 1000 });
  quote(peer, 3, 4, 1, 0);
  peer.expect({ seq: 1, flags: "A", len: 536 });
  peer.expect({ seq: 537, flags: "PA", len: 464 });
  assert.equal(rig.info(passive(rig, { peerPort: 2001 }).handle, "sndMss"), 536);
});

packetTest("fragmentation needed with a larger size: ignored", (rig) => {
  const peer = passive(rig, { mss: 500 });
  peer.write(500);
  peer.expect({ flags: "PA", len: 500 });
  quote(peer, 3, 4, 1, 1400);
  rig.expectNothing();
  assert.equal(rig.info(peer.handle, "sndMss"), 500);
});

for (const [state, open] of [
  ["SYN-SENT", synSent],
  ["SYN-RECEIVED", crossed],
] as const) {
  onAllProfiles(`fragmentation needed about our SYN in ${state}: it opens all the same`, (rig) => {
    const peer = open(rig);
    quote(peer, 3, 4, 0, 200);
    rig.expectNothing("nothing is sent again");
    if (state === "SYN-SENT") {
      peer.sendSyn();
      peer.expect({ flags: "SA", seq: 0 });
    }
    peer.send();
    peer.expectState(State.ESTABLISHED);
    rig.expectNothing("no byte of a ring that is not there");
    peer.write(10);
    peer.expect({ flags: "PA", len: 10 });
    peer.send();
  });
}

packetTest("unreachable, then an orderly end: the stream ends as if nothing had been", (rig) => {
  const peer = passive(rig);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  quote(peer, 3, 1, 1);
  peer.send({ flags: "FA" });
  peer.expect();
  assert.equal(rig.call.receiveSpan(peer.handle), 0);
  shutdown(peer);
  peer.send();
  peer.expectState(State.CLOSED);
  assert.equal(rig.call.receiveSpan(peer.handle), 0);
  assert.equal(rig.error(peer.handle), 0);
});

packetTest("unreachable, then progress, then silence: ETIMEDOUT", (rig) => {
  const peer = passive(rig);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  quote(peer, 3, 1, 1);
  peer.send();
  peer.write(10);
  rig.advance(200_000);
  rig.sent.splice(0);
  peer.expectState(State.CLOSED);
  assert.equal(rig.error(peer.handle), Errno.ETIMEDOUT);
});
