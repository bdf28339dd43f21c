// Windows that shut, shrink and open in small steps: probes, silly windows, what is sent again.

import assert from "node:assert/strict";
import { Counter, Errno, Option } from "../../host/core/generated/abi.js";
import { greet, passive, State } from "./support/peer.js";
import { onAllProfiles, packetTest } from "./support/rig.js";

packetTest("a window opened in tiny steps: no tiny segments (MUST-38)", (rig) => {
  const peer = passive(rig, { win: 4000 });
  peer.write(8000);
  peer.expect({ len: 1460 });
  peer.expect({ len: 1460 });
  peer.send({ win: 0 });
  rig.expectNothing();
  for (let win = 10; win <= 100; win += 10) {
    peer.send({ win });
    rig.expectNothing(`nothing into a window of ${win}`);
  }
  peer.send({ win: 2000 });
  peer.expect({ len: 1460 });
});

packetTest("a window too small for long: the override sends what fits", (rig) => {
  const peer = passive(rig, { win: 8000 });
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  peer.send({ win: 100 });
  peer.write(500);
  rig.expectNothing();
  peer.expectAfter(200, { len: 100 });
});

packetTest("shut window: probes after RTO, 2 RTO, 4 RTO ... 60 s (SHLD-29, SHLD-30)", (rig) => {
  const peer = passive(rig);
  greet(rig);
  peer.send({ win: 0 });
  peer.write(100);
  rig.expectNothing();
  let wait = 200;
  for (let probe = 0; probe < 12; probe++) {
    peer.expectAfter(wait, { seq: 1, len: 1 });
    peer.send({ ack: 1, win: 0 });
    wait = Math.min(2 * wait, 60_000);
  }
  assert.equal(rig.counter(Counter.TCP_PROBES), 12);
});

packetTest("shut window: open for ever while probes are answered (MUST-37)", (rig) => {
  const peer = passive(rig);
  greet(rig);
  peer.send({ win: 0 });
  peer.write(100);
  for (let minutes = 0; minutes < 120; minutes++) {
    rig.advance(60_000);
    for (const { view } of rig.sent.splice(0)) {
      assert.ok(view.kind === "tcp" && view.data.length <= 1);
      peer.send({ ack: 1, win: 0 });
    }
  }
  peer.expectState(State.ESTABLISHED);
  peer.send({ ack: 1, win: 65535 });
  peer.expect({ seq: 1, flags: "PA", len: 100 });
});

onAllProfiles("shut window while the link was down: probes once it is up (MUST-36)", (rig) => {
  const peer = passive(rig);
  greet(rig);
  peer.send({ win: 0 });
  rig.call.interfaceLink(0, 0);
  peer.write(100); // there is no way: a timer runs already when the window is looked at
  rig.advance(5000);
  rig.call.interfaceLink(0, 1);
  for (let minutes = 0; minutes < 5; minutes++) {
    rig.advance(60_000);
    assert.ok(rig.sent.length > 0, "a probe in each minute");
    for (const { view } of rig.sent.splice(0)) {
      if (view.kind === "tcp") peer.send({ ack: 1, win: 0 });
    }
  }
  peer.expectState(State.ESTABLISHED);
  assert.ok(rig.counter(Counter.TCP_PROBES) >= 5);
});

packetTest("shut window: probes without an answer end at R2", (rig) => {
  const peer = passive(rig);
  greet(rig);
  peer.send({ win: 0 });
  peer.write(100);
  rig.advance(99_000);
  rig.sent.splice(0);
  peer.expectState(State.ESTABLISHED);
  rig.advance(60_000);
  rig.sent.splice(0);
  assert.equal(rig.error(peer.handle), Errno.ETIMEDOUT);
});

packetTest("shut window, the peer takes the probe's byte: the next probe has the next", (rig) => {
  const peer = passive(rig);
  greet(rig);
  peer.send({ win: 0 });
  peer.write(100);
  peer.expectAfter(200, { seq: 1, len: 1 });
  peer.send({ ack: 2, win: 0 });
  rig.advance(200);
  peer.expect({ seq: 2, len: 1 });
});

packetTest("a probe due while the neighbour is unknown: it leaves once ARP has answered", (rig) => {
  const peer = passive(rig);
  peer.send({ win: 0 });
  peer.write(100);
  peer.expectAfter(200, { seq: 1, len: 1 });
});

packetTest("shut window opens: the data go at once", (rig) => {
  const peer = passive(rig);
  greet(rig);
  peer.send({ win: 0 });
  peer.write(100);
  rig.advance(100);
  peer.send({ win: 1000 });
  peer.expect({ flags: "PA", len: 100 });
});

packetTest(
  "the ACK that opened the window is lost: the answer to a probe opens it (MUST-36)",
  (rig) => {
    const peer = passive(rig);
    greet(rig);
    peer.send({ win: 0 });
    peer.write(100);
    peer.expectAfter(200, { seq: 1, len: 1 });
    peer.send({ ack: 2, win: 5000 });
    peer.expect({ flags: "PA", seq: 2, len: 99 });
  },
);

packetTest("window shut while all data are in flight: probes (MUST-35)", (rig) => {
  const peer = passive(rig);
  peer.write(100);
  peer.expect({ flags: "PA", len: 100 });
  rig.advance(10);
  peer.send({ ack: 1, win: 0 });
  rig.advance(2000);
  assert.ok(rig.sent.length >= 2, "something is sent into the shut window");
  for (const { view } of rig.sent.splice(0))
    assert.ok(view.kind === "tcp" && view.seq === peer.ours(1));
  peer.expectState(State.ESTABLISHED);
});

packetTest("window shut while data are in flight and more wait: probes (MUST-35)", (rig) => {
  const peer = passive(rig, { win: 2000 });
  peer.write(4000);
  peer.expect({ len: 1460 });
  peer.send({ ack: 1, win: 0 });
  rig.advance(2000);
  assert.ok(rig.sent.length >= 2, "something is sent into the shut window");
  rig.sent.splice(0);
});

packetTest(
  "window shrunk to the left of SND.NXT: no new data, what fits is sent again (SHLD-15, SHLD-16)",
  (rig) => {
    const peer = passive(rig, { win: 6000, mss: 1000 });
    peer.write(10_000);
    for (let i = 0; i < 6; i++) peer.expect({ len: 1000 });
    peer.send({ ack: 1001, win: 2000 });
    rig.expectNothing("nothing new beyond the edge");
    peer.expectAfter(200, { seq: 1001, len: 1000 });
    rig.advance(2000);
    for (const { view } of rig.sent.splice(0)) {
      if (view.kind !== "tcp") continue;
      assert.ok(((view.seq - peer.ourIss) | 0) + view.data.length <= 3001, "inside the window");
    }
    peer.ack = 6001;
    peer.send({ win: 6000 });
    peer.expect({ seq: 6001, len: 1000 });
    rig.sent.splice(0);
  },
);

packetTest(
  "window shrunk with data beyond it: no timeout while the peer answers (SHLD-17)",
  (rig) => {
    const peer = passive(rig, { win: 3000, mss: 1000 });
    peer.write(3000);
    rig.sent.splice(0);
    peer.send({ ack: 1, win: 0 });
    for (let minutes = 0; minutes < 10; minutes++) {
      rig.advance(60_000);
      if (rig.sent.splice(0).length > 0) peer.send({ ack: 1, win: 0 });
    }
    peer.expectState(State.ESTABLISHED);
  },
);

packetTest("a window update that is older than the last is not taken", (rig) => {
  const peer = passive(rig);
  peer.send({ data: 10, win: 500 });
  peer.expectAfter(40);
  peer.send({ data: 10, win: 400 });
  peer.expectAfter(40);
  peer.send({ seq: 11, data: 10, win: 60_000 });
  peer.expect();
  assert.equal(rig.info(peer.handle, "sndWnd"), 400);
});

packetTest(
  "abort after a probe of a shut window: the RST has the number the peer waits for",
  (rig) => {
    const peer = passive(rig);
    greet(rig);
    peer.send({ win: 0 });
    peer.write(100);
    peer.expectAfter(200, { seq: 1, len: 1 });
    peer.send({ ack: 1, win: 0 });
    assert.equal(rig.call.abort(peer.handle), 0);
    rig.pump();
    peer.expect({ flags: "RA", seq: 1 });
  },
);

packetTest("window shut and open many times in a moment: nothing is sent again", (rig) => {
  const peer = passive(rig);
  peer.write(14_600);
  for (let i = 0; i < 9; i++) peer.expect({ len: 1460 });
  peer.expect({ flags: "PA", len: 1460 });
  for (let i = 0; i < 20; i++) {
    peer.send({ ack: 1, win: 0 });
    peer.send({ ack: 1 });
  }
  rig.expectNothing("no flight for a bare ACK");
  rig.advance(250);
  peer.expect({ seq: 1, len: 1460 });
  rig.sent.splice(0);
  peer.send();
  peer.expectState(State.ESTABLISHED);
});

packetTest("shut window: probes answered before do not count when the peer is gone", (rig) => {
  const peer = passive(rig, { win: 0 });
  greet(rig);
  rig.call.setOption(peer.handle, Option.R2_SECONDS, 1);
  peer.write(100);
  for (let probe = 0; probe < 4; probe++) {
    rig.advance(rig.info(peer.handle, "rtoMs"));
    peer.expect({ len: 1, seq: 1 });
    peer.send({ ack: 1, win: 0 });
  }
  rig.advance(100_000);
  const unanswered = rig.sent.splice(0).filter(({ view }) => view.kind === "tcp");
  assert.equal(unanswered.length, 3, "R1, however long it takes");
  peer.expectState(State.CLOSED);
});

onAllProfiles(
  "shut window opens after probes: the byte leaves again with what follows it",
  (rig) => {
    greet(rig);
    const peer = passive(rig, { mss: 400, win: 400 });
    peer.write(400);
    peer.expect({ flags: "PA", len: 400 });
    peer.send({ win: 0 });
    peer.write(600);
    for (let probe = 0; probe < 3; probe++) {
      rig.advance(rig.info(peer.handle, "rtoMs"));
      peer.expect({ seq: 401, len: 1 });
      peer.send({ ack: 401, win: 0 });
    }
    peer.send({ ack: 401, win: 800 });
    peer.expect({ seq: 401, len: 400 });
    peer.send();
    peer.expect({ flags: "PA", len: 200 });
    peer.send();
    rig.advance(2000);
    rig.expectNothing();
  },
);

packetTest("shut window opens a little after probes: the byte alone leaves again", (rig) => {
  greet(rig);
  const peer = passive(rig);
  peer.send({ win: 0 });
  peer.write(3000);
  peer.expectAfter(200, { len: 1 });
  peer.send({ ack: 1, win: 0 });
  peer.send({ ack: 1, win: 100 });
  peer.expect({ seq: 1, len: 1 });
  peer.send({ win: 3000 });
  peer.expect({ len: 1460 });
  peer.expect({ len: 1460 });
});
