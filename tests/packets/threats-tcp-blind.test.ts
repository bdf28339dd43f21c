// Hostile TCP beyond single segments, by its label: blind injection, floods, storms, loops.

import assert from "node:assert/strict";
import { Constant, Pool } from "../../host/core/generated/abi.js";
import { readGlobal } from "../../host/core/records.js";
import {
  active,
  bystander,
  makePeer,
  passive,
  State,
  stillWorks,
  synReceived,
  synSent,
} from "./support/peer.js";
import { onAllProfiles, packetTest, type Rig } from "./support/rig.js";

onAllProfiles(
  "TCP-16 a thousand blind RSTs in the window: one challenge ACK, still open",
  (rig) => {
    const witness = bystander(rig);
    const peer = passive(rig);
    const ring = Math.min(rig.core.constant(Constant.RECEIVE_RING_BYTES), 65535);
    for (let i = 1; i <= 1000; i++)
      peer.send({
        flags: "R",
        seq: 1 + ((i * 61) % (ring - 1)) + 1 > ring ? 2 : 2 + ((i * 61) % (ring - 2)),
      });
    peer.expect();
    rig.expectNothing();
    peer.expectState(State.ESTABLISHED);
    stillWorks(witness);
  },
);

onAllProfiles("TCP-20 the same start with other entropy: other numbers", (rig) => {
  const first = synReceived(rig).ourIss;
  const { call, core } = rig;
  call.initialise();
  core.seed(new Uint8Array(32).fill(3));
  rig.putAddress([2, 0, 0, 0, 0, 1]);
  call.interfaceConfigure(0, 1500);
  call.interfaceLink(0, 1);
  rig.putAddress([192, 0, 2, 1]);
  call.addressAdd(0, 4, 24, 0);
  rig.pump();
  rig.sent.splice(0);
  const listener = call.listen(0, 80, 1);
  assert.ok(listener > 0);
  const peer = makePeer(rig);
  peer.sendSyn();
  peer.expect({ flags: "SA" });
  assert.ok(Math.abs((peer.ourIss - first) | 0) > 100_000);
});

/** The local port of a connection to a port of one peer, which is given up at once. */
function localPortFor(rig: Rig, remotePort: number): number {
  rig.putAddress([192, 0, 2, 12]);
  const handle = rig.call.connect(4, remotePort, 0, 0);
  const port = rig.info(handle, "localPort");
  rig.call.abort(handle);
  return port;
}

onAllProfiles("TCP-22 local ports spread over the whole range", (rig) => {
  const high = Array.from({ length: 400 }, (_, i) => (localPortFor(rig, 7 + i) - 49152) >> 12);
  rig.pump();
  rig.sent.splice(0);
  for (let quarter = 0; quarter < 4; quarter++) {
    const share = high.filter((value) => value === quarter).length;
    assert.ok(share > 50 && share < 160, `quarter ${quarter} has ${share} of 400`);
  }
});

packetTest("TCP-22 no port is used again for a peer before many others", (rig) => {
  // The peer may have it in TIME-WAIT still, and would take a SYN for one of the old connection.
  const ports = Array.from({ length: 3000 }, () => localPortFor(rig, 7));
  rig.pump();
  rig.sent.splice(0);
  assert.equal(new Set(ports).size, ports.length);
});

packetTest("TCP-22 initial sequence numbers rise within a millisecond", (rig) => {
  const nowMs = readGlobal(rig.core, "nowMs");
  const issAfter = (us: number): number => {
    rig.call.advance(nowMs, Math.imul(nowMs, 1000) + us);
    rig.putAddress([192, 0, 2, 12]);
    const handle = rig.call.connect(4, 7, 0, 50_000);
    const iss = rig.info(handle, "iss");
    rig.call.abort(handle);
    return iss;
  };
  const first = issAfter(0);
  assert.equal((issAfter(40) - first) | 0, 10);
  assert.equal((issAfter(996) - first) | 0, 249);
  rig.pump();
  rig.sent.splice(0);
});

onAllProfiles(
  "TCP-24 timestamp offsets differ from connection to connection",
  { needs: "extensions" },
  (rig) => {
    const offsets = [2000, 2001, 2002].map((peerPort, i) => {
      const peer = active(rig, { peerPort, localPort: 4000 + i, ts: true });
      return peer.tsSeen;
    });
    for (const [i, one] of offsets.entries()) {
      for (const two of offsets.slice(i + 1)) assert.ok(Math.abs((one - two) | 0) > 1000);
    }
  },
);

onAllProfiles(
  "TCP-26 a storm of FINs and ACKs: one answer to a FIN at most, none to an ACK",
  (rig) => {
    const peer = passive(rig);
    peer.send({ flags: "FA" });
    peer.expect();
    for (let i = 0; i < 500; i++) peer.send({ flags: "FA", seq: 1 });
    assert.ok(rig.sent.splice(0).length <= 500);
    for (let i = 0; i < 500; i++) peer.send();
    rig.expectNothing("pure ACKs are not answered");
    peer.expectState(State.CLOSE_WAIT);
  },
);

onAllProfiles(
  "TCP-28 a flood of one-byte holes: bounded memory, then all data",
  { needs: "reassembly" },
  (rig) => {
    const witness = bystander(rig);
    const peer = passive(rig);
    for (let i = 0; i < 200; i++) peer.send({ seq: 3 + 2 * i, data: 1 });
    rig.sent.splice(0);
    assert.equal(rig.used(Pool.REASSEMBLY), 1);
    peer.send({ seq: 1, data: 402 });
    peer.seq = 403;
    rig.sent.splice(0);
    peer.read(402);
    rig.sent.splice(0);
    assert.equal(rig.used(Pool.REASSEMBLY), 0);
    stillWorks(witness);
  },
);

onAllProfiles("TCP-29 the smallest MSS: bounded from below, data still flow", (rig) => {
  const peer = passive(rig, { mss: 48 });
  peer.write(200);
  let sent = 0;
  for (const { view } of rig.sent.splice(0)) {
    assert.ok(view.kind === "tcp" && view.data.length <= 64);
    sent += view.data.length;
  }
  assert.ok(sent > 0);
  peer.ack = 1 + sent;
  peer.send();
  rig.sent.splice(0);
});

onAllProfiles("TCP-32 ACK of what was never sent, in SYN-SENT and SYN-RECEIVED: RST", (rig) => {
  const out = synSent(rig, { peerPort: 2000, localPort: 4000 });
  out.send({ flags: "SA", seq: 0, ack: 100 });
  out.expect({ flags: "R", seq: 100 });
  const into = synReceived(rig, { peerPort: 2001 });
  into.send({ ack: 100 });
  into.expect({ flags: "R", seq: 100 });
});

onAllProfiles("TCP-33 RST to nobody: never answered with RST", (rig) => {
  for (const flags of ["R", "RA", "RPA", "RFA"]) makePeer(rig).send({ flags, seq: 5, ack: 9 });
  rig.expectNothing();
});

onAllProfiles("TCP-34 two ends that disagree: no endless exchange of ACKs", (rig) => {
  const peer = passive(rig);
  let answers = 0;
  peer.send({ seq: -5000, ack: 1 });
  for (let turns = 0; turns < 50 && rig.sent.length > 0; turns++) {
    answers += rig.sent.splice(0).length;
    peer.send({ seq: -5000, ack: 1 });
  }
  assert.equal(answers, 1);
});

onAllProfiles("TCP-37 the peer has restarted: challenge, its RST, then a new connection", (rig) => {
  const old = passive(rig);
  old.send({ flags: "S", seq: 123_456 });
  const challenge = old.expect();
  old.send({ flags: "R", seq: (challenge.ack - old.iss) | 0 });
  old.expectState(State.CLOSED);
  rig.call.close(old.handle);
  passive(rig).expectState(State.ESTABLISHED);
});

onAllProfiles("TCP-27 window 0 held for hours with data queued, then the orphan limit", (rig) => {
  const peer = passive(rig);
  peer.send({ win: 0 });
  peer.write(10);
  for (let hour = 0; hour < 2; hour++) {
    for (let minute = 0; minute < 60; minute++) {
      rig.advance(60_000);
      if (rig.sent.splice(0).length > 0) peer.send({ ack: 1, win: 0 });
    }
  }
  peer.expectState(State.ESTABLISHED);
  rig.call.close(peer.handle);
  rig.advance(120_000);
  rig.sent.splice(0);
  assert.equal(rig.used(Pool.TCB), 0);
});
