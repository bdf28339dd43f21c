// Hostile TCP, by its label. Each: no answer or the RFC's, the counter of its reason, another
// connection not touched, no leak.

import { guarded } from "./support/threat.js";
import assert from "node:assert/strict";
import { Constant, Counter, Event, Pool } from "../../host/core/generated/abi.js";
import { tcpFrame, type TcpFields, mssOption, NOP, timestampOption } from "./support/frame.js";
import {
  bystander,
  greet,
  listenerOn,
  makePeer,
  passive,
  type Peer,
  State,
  stillWorks,
  synSent,
} from "./support/peer.js";
import { onAllProfiles, type Rig } from "./support/rig.js";

type Hit = (rig: Rig, peer: Peer, raw: (fields?: Partial<TcpFields>) => void) => void;

/** The attack is on one open connection; `raw` sends a segment for it with any field changed. */
function threat(label: string, what: string, counter: number | null, attack: Hit): void {
  onAllProfiles(`${label} ${what}`, (rig) => {
    const witness = bystander(rig);
    const peer = passive(rig);
    stillWorks(witness);
    guarded(rig, label, counter, () =>
      attack(rig, peer, (fields) => rig.inject(tcpFrame(10, { ...basic(peer), ...fields }))),
    );
    stillWorks(witness);
    peer.expectState(State.ESTABLISHED);
    assert.equal(rig.call.receiveSpan(peer.handle), -1, "nothing was delivered");
    peer.send({ data: 7 });
    rig.advance(40);
    peer.expect();
    peer.read(7);
  });
}

/** A good segment with four bytes, in the window. */
function basic(peer: Peer): TcpFields {
  return {
    sourcePort: peer.peerPort,
    destinationPort: peer.localPort,
    seq: (peer.iss + peer.seq) >>> 0,
    ack: peer.ours(peer.ack),
    flags: "PA",
    data: [1, 2, 3, 4],
  };
}

threat(
  "TCP-1",
  "data offset below five words or beyond the segment",
  Counter.DROP_TCP_MALFORMED,
  (_rig, _peer, raw) => {
    for (const offset of [0, 1, 2, 3, 4, 7, 10, 15]) raw({ offset });
  },
);

threat("TCP-2", "wrong checksum (MUST-3)", Counter.DROP_TCP_CHECKSUM, (_rig, _peer, raw) => {
  for (const checksum of [0, 1, 0xffff, 0xabcd]) raw({ checksum });
});

threat("TCP-3", "no flag at all", Counter.DROP_TCP_NO_ACK, (_rig, _peer, raw) =>
  raw({ flags: "" }),
);

threat(
  "TCP-3",
  "all flags, SYN with FIN, SYN with RST",
  Counter.DROP_TCP_MALFORMED,
  (_rig, _peer, raw) => {
    for (const flags of [0xff, "SF", "SFA", "SR", "SRA", "SFRPAU"]) raw({ flags });
  },
);

onAllProfiles("TCP-3 flags that make no sense, to a listener: no answer, or a RST", (rig) => {
  listenerOn(rig);
  for (let flags = 0; flags < 256; flags++) {
    const peer = makePeer(rig, { peerPort: 1000 + flags });
    rig.inject(tcpFrame(10, { ...basic(peer), flags, data: [] }));
    for (const { view } of rig.sent.splice(0)) {
      assert.ok(view.kind === "tcp");
      const isSyn = (flags & 0x17) === 2;
      if (!isSyn) assert.ok(view.flags.includes("R"), `flags ${flags} drew <${view.flags}>`);
    }
  }
  rig.advance(20_000);
  rig.sent.splice(0);
  assert.equal(rig.used(Pool.SYN_CACHE), 0);
});

threat("TCP-4", "port 0 at either end", Counter.DROP_TCP_MALFORMED, (_rig, _peer, raw) => {
  raw({ sourcePort: 0 });
  raw({ destinationPort: 0 });
  raw({ sourcePort: 0, destinationPort: 0, flags: "S" });
});

onAllProfiles("TCP-5 numbers that wrap at 2^32, both ways", (rig) => {
  for (const [i, iss] of [0xffffffff, 0xfffffffe, 0x7fffffff, 0x80000000, 0].entries()) {
    const peer = passive(rig, { iss, peerPort: 2000 + i });
    peer.send({ data: 100 });
    peer.expectAfter(40);
    peer.read(100);
    peer.write(100);
    peer.expect({ flags: "PA", len: 100 });
    peer.send({ flags: "R" });
    rig.call.close(peer.handle);
  }
});

threat(
  "TCP-6",
  "option of length 0, 1 or past the header: the segment counts, the option does not",
  Counter.TCP_BAD_OPTION,
  (rig, peer) => {
    for (const options of [
      [2, 0, 0, 0],
      [2, 1, 0, 0],
      [8, 0, 0, 0],
      [253, 0, 1, 1],
      [253, 1, 1, 1],
      [253, 200, 1, 1],
      [1, 1, 1, 8],
      [3, 40, 0, 0],
    ]) {
      peer.send({ options });
    }
    assert.equal(rig.counter(Counter.TCP_BAD_OPTION), 8);
  },
);

for (const [what, options] of [
  ["of length 0", [2, 0, 2, 4, 2, 88]],
  ["past the header", [30, 30, 2, 4, 2, 88]],
] as const) {
  onAllProfiles(`TCP-6 option ${what} in a SYN: a handshake all the same (MUST-7)`, (rig) => {
    const peer = makePeer(rig, { mss: 0 });
    listenerOn(rig);
    peer.sendSyn("S", { options: [...options] });
    peer.expect({ flags: "SA" });
    peer.send();
    assert.ok(rig.call.accept(listenerOn(rig)) > 0);
  });
}

onAllProfiles("TCP-6 unknown option before MSS: skipped by its length (MUST-6, MUST-68)", (rig) => {
  const peer = makePeer(rig, { mss: 0 });
  const listener = listenerOn(rig);
  peer.sendSyn("S", { options: [253, 4, 9, 9, ...mssOption(300)] });
  peer.expect({ flags: "SA" });
  peer.send();
  assert.equal(rig.info(rig.call.accept(listener), "sndMss"), 300);
});

onAllProfiles("TCP-6 options at odd places (MUST-64)", { needs: "extensions" }, (rig) => {
  const peer = makePeer(rig, { mss: 0 });
  const listener = listenerOn(rig);
  peer.sendSyn("S", {
    options: [
      ...NOP,
      ...mssOption(300),
      ...NOP,
      ...NOP,
      ...timestampOption({ val: 0xffffe123, ecr: 0 }),
      0,
    ],
  });
  peer.expect({ flags: "SA", ts: { ecr: 0xffffe123 } });
  peer.timestamps = true;
  peer.send();
  assert.equal(rig.info(rig.call.accept(listener), "sndMss"), 288);
});

for (const [what, options, size] of [
  ["MSS of length 3", [2, 3, 5, 1], 536],
  ["MSS of length 6", [2, 6, 5, 180, 0, 0], 536],
  ["MSS 0", mssOption(0), 536],
  ["MSS 1", mssOption(1), 64],
  ["MSS 65535", mssOption(65535), 1460],
] as const) {
  onAllProfiles(`TCP-7 ${what}: segments of ${size}, or half a small ring`, (rig) => {
    const peer = makePeer(rig, { mss: 0 });
    const listener = listenerOn(rig);
    peer.sendSyn("S", { options: [...options] });
    peer.expect({ flags: "SA" });
    peer.send();
    const largest = Math.min(size, rig.core.constant(Constant.SEND_RING_BYTES) / 2);
    assert.equal(rig.info(rig.call.accept(listener), "sndMss"), largest);
  });
}

onAllProfiles("TCP-7 MSS and window scale without a SYN say nothing", (rig) => {
  const peer = passive(rig, { mss: 300 });
  peer.send({ options: [...mssOption(100), 3, 3, 7, 1] });
  assert.equal(rig.info(peer.handle, "sndMss"), 300);
  assert.equal(rig.info(peer.handle, "sndScale"), 0);
});

onAllProfiles(
  "TCP-8 window scale of 15 and more counts as 14, of a wrong length not at all",
  { needs: "extensions" },
  (rig) => {
    const listener = listenerOn(rig);
    for (const [i, [options, scale]] of (
      [
        [[3, 3, 15], 14],
        [[3, 3, 255], 14],
        [[3, 2], 0],
        [[3, 4, 5, 5], 0],
      ] as const
    ).entries()) {
      const peer = makePeer(rig, { peerPort: 2000 + i });
      peer.sendSyn("S", { options: [...options] });
      peer.expect({ flags: "SA" });
      peer.send();
      const handle = rig.call.accept(listener);
      assert.equal(rig.info(handle, "sndScale"), scale);
      rig.call.abort(handle);
      rig.pump();
      rig.sent.splice(0);
    }
  },
);

onAllProfiles("TCP-9 MSS option cut off by the end of the header: as if there were none", (rig) => {
  const listener = listenerOn(rig);
  for (const [i, options] of [
    [1, 1, 1, 2],
    [1, 1, 2, 4],
    [1, 2, 4, 5],
  ].entries()) {
    const peer = makePeer(rig, { mss: 0, peerPort: 2000 + i });
    peer.sendSyn("S", { options });
    peer.expect({ flags: "SA" });
    peer.send();
    const handle = rig.call.accept(listener);
    assert.equal(
      rig.info(handle, "sndMss"),
      Math.min(536, rig.core.constant(Constant.SEND_RING_BYTES) / 2),
    );
    rig.call.abort(handle);
    rig.pump();
    rig.sent.splice(0);
  }
});

threat("TCP-10", "SACK blocks: bad count, reversed, outside the window", null, (rig, peer) => {
  for (const options of [
    [5, 2],
    [5, 9, 1, 2, 3, 4, 5, 6, 7],
    [5, 10, 0, 0, 0, 9, 0, 0, 0, 1],
    [5, 10, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
    [5, 34, ...new Array<number>(32).fill(0x55)],
  ]) {
    peer.send({ options });
  }
  assert.equal(rig.info(peer.handle, "sndUna"), rig.info(peer.handle, "sndNxt"));
});

onAllProfiles(
  "TCP-10 SACK blocks on a duplicate ACK: nothing is freed, nothing sent too early",
  (rig) => {
    const peer = passive(rig, { mss: 100 });
    greet(rig);
    peer.write(300);
    rig.sent.splice(0);
    peer.ack = 301;
    for (let i = 0; i < 2; i++)
      peer.send({ ack: 1, options: [5, 10, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff] });
    assert.equal(rig.info(peer.handle, "sendQueue"), 300);
    rig.sent.splice(0);
    peer.send();
  },
);

threat(
  "TCP-11",
  "timestamps of a wrong length: not taken",
  Counter.TCP_BAD_OPTION,
  (_rig, peer) => {
    for (const options of [
      [8, 2],
      [8, 9, 1, 2, 3, 4, 5, 6, 7],
      [8, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9],
    ])
      peer.send({ options });
  },
);

onAllProfiles("TCP-11 timestamps of a wrong length in a SYN: not agreed", (rig) => {
  const peer = makePeer(rig);
  listenerOn(rig);
  peer.sendSyn("S", { options: [8, 8, 1, 2, 3, 4, 5, 6] });
  peer.expect({ flags: "SA", ts: null });
});

threat("TCP-12", "forty bytes of NOP, and EOL with rubbish behind it", null, (_rig, peer) => {
  peer.send({ options: new Array<number>(40).fill(1) });
  peer.send({ options: [0, ...new Array<number>(39).fill(0xff)] });
});

threat("TCP-13", "MD5 and AO, malformed or not asked for: skipped", null, (_rig, peer) => {
  for (const options of [
    [19, 18, ...new Array<number>(16).fill(1)],
    [19, 4, 1, 1],
    [19, 2],
    [29, 4, 0, 0],
    [29, 16, ...new Array<number>(14).fill(2)],
  ]) {
    peer.send({ options });
  }
});

onAllProfiles("TCP-14 urgent pointer 0: no trap, the data are delivered", (rig) => {
  const witness = bystander(rig);
  const peer = passive(rig);
  peer.send({ flags: "UA", urg: 0, data: 10 });
  peer.expectAfter(40);
  peer.read(10);
  stillWorks(witness);
});

onAllProfiles(
  "TCP-14 urgent pointer beyond the data and the window: told once, data in line",
  (rig) => {
    const peer = passive(rig);
    peer.send({ flags: "UA", urg: 65535, data: 10 });
    assert.equal(peer.events() & Event.URGENT, Event.URGENT);
    peer.expectAfter(40);
    peer.read(10);
    peer.send({ flags: "UA", urg: 65525, data: 10 });
    peer.expectAfter(40);
    peer.read(10);
    peer.expectState(State.ESTABLISHED);
  },
);

onAllProfiles(
  "TCP-14 urgent pointer that changes when the segment comes again: never moves back",
  (rig) => {
    const peer = passive(rig);
    peer.send({ flags: "UA", urg: 200, data: 10 });
    const up = rig.info(peer.handle, "rcvUp");
    peer.send({ flags: "UA", urg: 1, seq: 1, data: 10 });
    rig.sent.splice(0);
    assert.equal(rig.info(peer.handle, "rcvUp"), up);
    peer.read(10);
  },
);

onAllProfiles(
  "TCP-14 URG in a SYN and in the SYN+ACK of our connect: a connection like any other",
  (rig) => {
    listenerOn(rig);
    const one = makePeer(rig, { peerPort: 2000 });
    one.sendSyn("S", { urg: 0 });
    one.expect({ flags: "SA" });
    const urgent = makePeer(rig, { peerPort: 2001 });
    rig.inject(tcpFrame(10, { ...basic(urgent), flags: "SU", urg: 65535, data: [] }));
    assert.equal(rig.sent.splice(0).length, 1);
    const ours = synSent(rig, { peerPort: 2002, localPort: 4000 });
    ours.sendSyn("SA", { urg: 0 });
    ours.expect();
    const flagged = synSent(rig, { peerPort: 2003, localPort: 4001 });
    rig.inject(flagged.segment({ flags: "SAU", seq: 0, ack: 1, urg: 3 }));
    flagged.seq = 1;
    flagged.expect();
    flagged.expectState(State.ESTABLISHED);
  },
);

onAllProfiles("TCP-14 urgent data over two segments: each byte once, in order", (rig) => {
  const peer = passive(rig);
  peer.send({ flags: "UA", urg: 30, data: 20 });
  peer.send({ flags: "UA", urg: 10, data: 20 });
  peer.expectAfter(40);
  peer.read(40);
});

onAllProfiles(
  "TCP-15 urgent pointer without data, and larger than the data: no underflow",
  (rig) => {
    const peer = passive(rig);
    for (const urg of [0, 1, 100, 65535]) peer.send({ flags: "UA", urg });
    peer.send({ flags: "UA", urg: 65535, data: 1 });
    peer.expectAfter(40);
    peer.read(1);
    peer.expectState(State.ESTABLISHED);
  },
);
