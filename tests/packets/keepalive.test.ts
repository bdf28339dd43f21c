// Connections that nothing else would end: keepalive (RFC 9293 section 3.8.4), and the limit on
// CLOSE-WAIT.

import assert from "node:assert/strict";
import { Counter, Option, Pool } from "../../host/core/generated/abi.js";
import { readGlobal } from "../../host/core/records.js";
import {
  Errno,
  Event,
  greet,
  passive,
  type Peer,
  queued,
  State,
  synReceived,
} from "./support/peer.js";
import { arpFrame } from "./support/frame.js";
import { onAllProfiles, type Rig } from "./support/rig.js";

const MS = 1000;

/** An established connection with short keepalive times: 60 s idle, 10 s, three probes. */
function watched(rig: Rig, values: readonly number[] = [1, 60, 10, 3]): Peer {
  const peer = passive(rig);
  const options = [
    Option.KEEP_ALIVE,
    Option.KEEP_IDLE_SECONDS,
    Option.KEEP_INTERVAL_SECONDS,
    Option.KEEP_PROBES,
  ];
  options.forEach((option, i) => {
    assert.equal(rig.call.setOption(peer.handle, option, values[i]!), 0);
  });
  return peer;
}

const PROBE = { flags: "A", seq: 0, len: 0 } as const;

onAllProfiles(
  "keepalive is off by default: a day of silence draws nothing (MUST-24, MUST-25)",
  (rig) => {
    const peer = passive(rig);
    rig.advance(86_400 * MS);
    rig.expectNothing();
    peer.expectState(State.ESTABLISHED);
  },
);

onAllProfiles(
  "keepalive: after 2 h by default, each 75 s, and 10 without an answer end it (D6)",
  (rig) => {
    const peer = passive(rig);
    rig.call.setOption(peer.handle, Option.KEEP_ALIVE, 1);
    peer.expectAfter(7_200 * MS, PROBE);
    for (let probe = 2; probe <= 10; probe++) peer.expectAfter(75 * MS, PROBE);
    assert.equal(rig.counter(Counter.TCP_KEEPALIVE_PROBES), 10);
    peer.events();
    peer.expectAfter(75 * MS, { flags: "RA", seq: 1 });
    peer.expectState(State.CLOSED);
    assert.equal(rig.error(peer.handle), Errno.ETIMEDOUT);
    assert.equal(peer.events() & (Event.CLOSED | Event.ERROR), Event.CLOSED | Event.ERROR);
  },
);

onAllProfiles("keepalive: an answer starts the idle time again (MUST-27)", (rig) => {
  const peer = watched(rig);
  for (let round = 0; round < 4; round++) {
    peer.expectAfter(60 * MS, PROBE);
    peer.expectAfter(10 * MS, PROBE);
    peer.send();
  }
  peer.expectState(State.ESTABLISHED);
});

onAllProfiles(
  "keepalive: switched on when the idle time is over: a probe at once, then as ever",
  (rig) => {
    const peer = passive(rig);
    rig.advance(60_010);
    rig.call.setOption(peer.handle, Option.KEEP_IDLE_SECONDS, 60);
    rig.call.setOption(peer.handle, Option.KEEP_ALIVE, 1);
    peer.expectAfter(0, PROBE);
    peer.send();
    peer.expectAfter(60 * MS, PROBE);
    peer.send();
  },
);

onAllProfiles("keepalive: SYN+ACKs sent again are no probes without an answer", (rig) => {
  greet(rig);
  const peer = synReceived(rig);
  peer.expectAfter(1000, { flags: "SA", seq: 0 });
  peer.send();
  peer.handle = rig.call.accept(peer.listener);
  rig.call.setOption(peer.handle, Option.KEEP_ALIVE, 1);
  peer.expectAfter(7_200 * MS, PROBE);
  peer.send();
});

onAllProfiles("keepalive: any segment heard starts the idle time again", (rig) => {
  const peer = watched(rig);
  rig.advance(59 * MS);
  peer.send({ data: 10 });
  peer.expectAfter(40, { flags: "A", seq: 1 });
  peer.read(10);
  rig.advance(59 * MS);
  rig.expectNothing();
  peer.expectAfter(1 * MS - 40, PROBE);
});

onAllProfiles("keepalive: not while data are in flight (MUST-26)", (rig) => {
  const peer = watched(rig);
  rig.advance(59 * MS);
  peer.write(10);
  peer.expect({ flags: "PA", seq: 1, len: 10 });
  rig.advance(5 * MS);
  for (const { view } of rig.sent.splice(0)) {
    assert.ok(view.kind === "tcp" && view.data.length === 10, "a retransmission, no probe");
  }
  peer.send();
  assert.equal(rig.counter(Counter.TCP_KEEPALIVE_PROBES), 0);
});

onAllProfiles("keepalive: turned off between probes", (rig) => {
  const peer = watched(rig);
  peer.expectAfter(60 * MS, PROBE);
  rig.call.setOption(peer.handle, Option.KEEP_ALIVE, 0);
  rig.advance(3_600 * MS);
  rig.expectNothing();
  peer.expectState(State.ESTABLISHED);
});

onAllProfiles("keepalive: turned on after long silence: probes at once", (rig) => {
  const peer = passive(rig);
  rig.advance(7_300 * MS);
  rig.call.setOption(peer.handle, Option.KEEP_ALIVE, 1);
  peer.expectAfter(0, PROBE);
});

onAllProfiles("keepalive: as default for what is opened later, also before accept", (rig) => {
  rig.call.setOption(0, Option.KEEP_ALIVE, 1);
  const peer = queued(rig);
  peer.expectAfter(7_200 * MS, PROBE);
  for (let probe = 2; probe <= 10; probe++) peer.expectAfter(75 * MS, PROBE);
  peer.expectAfter(75 * MS, { flags: "RA", seq: 1 });
  assert.equal(rig.used(Pool.TCB), 0, "nobody owns it: the record is free");
});

onAllProfiles("keepalive in CLOSE-WAIT and FIN-WAIT-2", (rig) => {
  const half = watched(rig);
  half.send({ flags: "FA" });
  half.expect();
  half.expectAfter(60 * MS, PROBE);
  half.send();
  rig.call.shutdown(half.handle);
  rig.pump();
  half.expect({ flags: "FA", seq: 1 });
  half.send();
});

onAllProfiles("keepalive: a peer that came back answers with RST: ECONNRESET", (rig) => {
  const peer = watched(rig);
  peer.expectAfter(60 * MS, PROBE);
  peer.send({ flags: "R" });
  peer.expectState(State.CLOSED);
  assert.equal(rig.error(peer.handle), Errno.ECONNRESET);
});

onAllProfiles("the last probe unanswered while the link is down: no RST, ETIMEDOUT", (rig) => {
  const peer = watched(rig);
  rig.call.interfaceLink(0, 0);
  rig.advance(120 * MS);
  rig.expectNothing();
  peer.expectState(State.CLOSED);
  assert.equal(rig.error(peer.handle), Errno.ETIMEDOUT);
  rig.call.interfaceLink(0, 1);
});

onAllProfiles("CLOSE-WAIT lasts for ever by default (C7)", (rig) => {
  const peer = passive(rig);
  peer.send({ flags: "FA" });
  peer.expect();
  rig.advance(86_400 * MS);
  rig.expectNothing();
  peer.expectState(State.CLOSE_WAIT);
});

onAllProfiles("CLOSE-WAIT with a limit: RST, ETIMEDOUT, counted (C7)", (rig) => {
  rig.call.setOption(0, Option.CLOSE_WAIT_SECONDS, 30);
  const peer = passive(rig);
  rig.advance(100 * MS);
  peer.send({ flags: "FA" });
  peer.expect();
  peer.events();
  peer.expectAfter(30 * MS, { flags: "RA", seq: 1 });
  peer.expectState(State.CLOSED);
  assert.equal(rig.error(peer.handle), Errno.ETIMEDOUT);
  assert.equal(rig.counter(Counter.TCP_CLOSE_WAIT_LIMITED), 1);
  assert.equal(rig.call.close(peer.handle), 0);
  assert.equal(rig.used(Pool.TCB), 0);
});

onAllProfiles("a limit on CLOSE-WAIT spares who closes in time, and who never was in it", (rig) => {
  rig.call.setOption(0, Option.CLOSE_WAIT_SECONDS, 30);
  const other = passive(rig, { peerPort: 2000 });
  const peer = passive(rig);
  peer.send({ flags: "FA" });
  peer.expect();
  rig.advance(29 * MS);
  rig.call.shutdown(peer.handle);
  rig.pump();
  peer.expect({ flags: "FA", seq: 1 });
  peer.send();
  peer.expectState(State.CLOSED);
  assert.equal(rig.error(peer.handle), 0);
  rig.advance(60 * MS);
  rig.expectNothing();
  other.expectState(State.ESTABLISHED);
});

onAllProfiles(
  "close while the RST of a limit waits to leave: it leaves, then the record goes",
  (rig) => {
    rig.call.setOption(0, Option.CLOSE_WAIT_SECONDS, 30);
    const peer = passive(rig);
    peer.send({ flags: "FA" });
    peer.expect();
    rig.hold(() => {
      rig.call.advance(readGlobal(rig.core, "nowMs") + 30 * MS, 0);
      rig.call.expire();
      assert.equal(rig.error(peer.handle), Errno.ETIMEDOUT);
      rig.call.close(peer.handle);
    });
    rig.pump();
    peer.expect({ flags: "RA", seq: 1 });
    assert.equal(rig.used(Pool.TCB), 0);
  },
);

onAllProfiles(
  "keepalive: a peer whose station answers no ARP any more is gone as well",
  { answersArp: false },
  (rig) => {
    greet(rig);
    const peer = watched(rig, [1, 120, 10, 3]); // by then the station must be asked for
    rig.advance(120 * MS + 3 * 10 * MS);
    peer.expectState(State.CLOSED);
    assert.equal(rig.error(peer.handle), Errno.ETIMEDOUT);
    assert.equal(rig.counter(Counter.TCP_KEEPALIVE_PROBES), 3);
    rig.sent.splice(0); // ARP requests
  },
);

onAllProfiles(
  "keepalive: an ACK that waits for its station is no probe without an answer",
  { answersArp: false },
  (rig) => {
    greet(rig);
    const peer = watched(rig, [1, 10, 75, 2]);
    rig.call.interfaceLink(0, 0); // the station's MAC is forgotten
    rig.call.interfaceLink(0, 1);
    peer.send({ data: 10 });
    rig.advance(11 * MS);
    peer.expectState(State.ESTABLISHED);
    assert.equal(rig.counter(Counter.TCP_KEEPALIVE_PROBES), 1);
    rig.sent.splice(0); // ARP requests
  },
);

onAllProfiles("keepalive: what is heard while it is off answers the probes of before", (rig) => {
  const peer = watched(rig, [1, 60, 10, 2]);
  peer.expectAfter(60 * MS, PROBE);
  peer.expectAfter(10 * MS, PROBE);
  rig.call.setOption(peer.handle, Option.KEEP_ALIVE, 0);
  rig.advance(20 * MS);
  peer.send();
  rig.call.setOption(peer.handle, Option.KEEP_ALIVE, 1);
  peer.expectAfter(60 * MS, PROBE);
  peer.expectState(State.ESTABLISHED);
});

onAllProfiles(
  "keepalive: a probe that waited for its station does not leave in TIME-WAIT",
  { answersArp: false },
  (rig) => {
    greet(rig);
    const peer = watched(rig, [1, 10, 75, 2]);
    rig.call.shutdown(peer.handle);
    rig.pump();
    peer.expect({ flags: "FA" });
    peer.send();
    rig.call.interfaceLink(0, 0); // the station's MAC is forgotten
    rig.call.interfaceLink(0, 1);
    rig.advance(10 * MS);
    peer.send({ flags: "FA" });
    peer.expectState(State.TIME_WAIT);
    rig.sent.splice(0); // an ARP request, and the ACK of the FIN
    rig.inject(arpFrame(10));
    rig.expectArp({ operation: 2 });
    rig.expectNothing();
  },
);
