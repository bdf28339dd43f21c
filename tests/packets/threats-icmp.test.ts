// Hostile ICMP, by its label: ICMP-1 to ICMP-9.

import assert from "node:assert/strict";
import { Counter } from "../../host/core/generated/abi.js";
import { BROADCAST_MAC, icmpFrame, ipFrame, word16 } from "./support/frame.js";
import { bystander, passive, quoted, State, stillWorks, synSent } from "./support/peer.js";
import { hasFeature, onAllProfiles } from "./support/rig.js";
import { ping, threat } from "./support/threat.js";

threat("ICMP-1", "message shorter than its header", Counter.DROP_ICMP_MALFORMED, (rig) => {
  for (let length = 0; length < 8; length++) {
    rig.inject(ipFrame(10, { protocol: 1 }, [8, 0, 0xf7, 0xff, 0, 0, 0, 0].slice(0, length)));
  }
});

threat("ICMP-1", "wrong checksum", Counter.DROP_ICMP_MALFORMED, (rig) => {
  rig.inject(icmpFrame(10, { type: 8, checksum: 0x1111 }));
});

threat("ICMP-2", "echo reply that nobody asked for, however long", null, (rig) => {
  for (const length of [0, 100, 1472])
    rig.inject(icmpFrame(10, { type: 0, data: new Uint8Array(length) }));
  const asks = hasFeature(rig.profile, "sockets");
  assert.equal(rig.counter(asks ? Counter.DROP_ICMP_UNRELATED : Counter.DROP_ICMP_TYPE), 3);
});

threat(
  "ICMP-3",
  "echo request to broadcast, multicast, or in a broadcast frame",
  Counter.DROP_ICMP_TYPE,
  (rig) => {
    for (const destination of [
      [255, 255, 255, 255],
      [192, 0, 2, 255],
      [224, 0, 0, 1],
    ]) {
      rig.inject(ping({ destination }, { to: BROADCAST_MAC }));
    }
    rig.inject(ping({}, { to: BROADCAST_MAC }));
  },
);

threat("ICMP-3", "no error about what was sent to many", Counter.DROP_IP_PROTOCOL, (rig) => {
  const udp = [...word16(5), ...word16(6), 0, 8, 0, 0];
  rig.inject(
    ipFrame(10, { protocol: 17, destination: [192, 0, 2, 255] }, udp, { to: BROADCAST_MAC }),
  );
  rig.inject(ipFrame(10, { protocol: 17 }, udp, { to: BROADCAST_MAC }));
  rig.inject(ipFrame(10, { protocol: 99, destination: [224, 0, 0, 1] }, udp));
});

onAllProfiles("ICMP-4 the largest echo request: the largest reply, no byte more", (rig) => {
  const data = new Uint8Array(1472).fill(7);
  rig.inject(icmpFrame(10, { type: 8, data }));
  assert.equal(rig.expectIcmp({ type: 0 }).frame.length, 1514);
});

threat(
  "ICMP-5",
  "error that quotes too little, or lies about the header",
  Counter.DROP_ICMP_MALFORMED,
  (rig, witness) => {
    const whole = quoted(witness, witness.ack);
    for (let length = 0; length < 28; length++) {
      rig.inject(icmpFrame(20, { type: 3, code: 3, data: whole.slice(0, length) }));
    }
    for (const first of [0x40, 0x44, 0x4f, 0x65, 0x05]) {
      const data = quoted(witness, witness.ack, (bytes) => (bytes[0] = first));
      rig.inject(icmpFrame(20, { type: 3, code: 3, data }));
    }
  },
);

threat(
  "ICMP-5",
  "error about what is not ours, or not in flight (RFC 5927)",
  Counter.DROP_ICMP_UNRELATED,
  (rig, witness) => {
    witness.events();
    const edits: ((bytes: number[]) => void)[] = [
      () => {}, // nothing is in flight
      (bytes) => (bytes[12] = 10),
      (bytes) => (bytes[19] = 99),
      (bytes) => (bytes[9] = 17),
      (bytes) => (bytes[21] = 1),
      (bytes) => (bytes[23] = 1),
    ];
    for (const edit of edits) {
      rig.inject(icmpFrame(20, { type: 3, code: 1, data: quoted(witness, witness.ack, edit) }));
    }
    assert.equal(witness.events(), 0);
  },
);

onAllProfiles(
  "ICMP-6 fragmentation needed with MTU 0, below 68, or absurd: not believed",
  (rig) => {
    const witness = bystander(rig);
    const peer = passive(rig, { mss: 500 });
    peer.write(400);
    peer.expect({ flags: "PA", len: 400 });
    const size = rig.info(peer.handle, "sndMss");
    for (const rest of [0, 1, 20, 40, 67, 68, 0xffff, 0xffff0000]) {
      rig.inject(icmpFrame(20, { type: 3, code: 4, rest, data: quoted(peer, 1) }));
    }
    rig.expectNothing();
    assert.equal(rig.info(peer.handle, "sndMss"), size);
    peer.expectState(State.ESTABLISHED);
    peer.send();
    stillWorks(witness);
  },
);

threat(
  "ICMP-7",
  "types that nobody needs: redirect, timestamp, mask, unknown",
  Counter.DROP_ICMP_TYPE,
  (rig, witness) => {
    for (const type of [1, 2, 4, 5, 6, 7, 9, 10, 13, 14, 15, 16, 17, 18, 30, 40, 200, 255]) {
      rig.inject(icmpFrame(20, { type, data: quoted(witness, witness.ack) }));
    }
  },
);

threat("ICMP-8", "an error about an error", Counter.DROP_ICMP_UNRELATED, (rig, witness) => {
  for (const type of [3, 11, 12]) {
    const data = quoted(witness, witness.ack, (bytes) => (bytes[9] = 1));
    rig.inject(icmpFrame(20, { type, code: 0, data }));
  }
});

for (const code of [0, 1, 2, 3, 5, 13]) {
  onAllProfiles(`ICMP-9 unreachable code ${code} about an open connection: it lives on`, (rig) => {
    const witness = bystander(rig);
    const peer = passive(rig);
    peer.write(10);
    peer.expect({ flags: "PA", len: 10 });
    witness.events();
    rig.inject(icmpFrame(20, { type: 3, code, data: quoted(peer, 1) }));
    peer.expectState(State.ESTABLISHED);
    peer.send();
    assert.equal(witness.events(), 0);
    stillWorks(witness);
  });
}

onAllProfiles("ICMP-9 unreachable with a guessed number in SYN-SENT: ignored", (rig) => {
  const peer = synSent(rig);
  for (const seq of [1, -1, 5, 0x1000]) {
    rig.inject(icmpFrame(20, { type: 3, code: 3, data: quoted(peer, seq) }));
  }
  peer.expectState(State.SYN_SENT);
  assert.equal(rig.counter(Counter.DROP_ICMP_UNRELATED), 4);
});
