// Active open: SYN-SENT and the simultaneous open (RFC 9293 section 3.10.7.3), SYN retries.

import assert from "node:assert/strict";
import { Counter, Option, Pool } from "../../host/core/generated/abi.js";
import {
  active,
  crossed,
  Errno,
  Event,
  listenerOn,
  makePeer,
  passive,
  simultaneous,
  State,
  synSent,
} from "./support/peer.js";
import { onAllProfiles, packetTest } from "./support/rig.js";

packetTest("connect: SYN with MSS, window scale and timestamps", (rig) => {
  const peer = makePeer(rig);
  rig.putAddress(peer.address);
  peer.handle = rig.call.connect(4, peer.peerPort, 0, 80);
  peer.expectState(State.SYN_SENT);
  rig.expectNothing("nothing before transmit");
  rig.pump();
  const syn = peer.expect({ flags: "S", ack: 0, mss: 1460, ws: 0, ts: { ecr: 0 }, win: 65535 });
  assert.ok(syn.seq > 0xffffff00, "our numbers wrap in this test");
  assert.equal(syn.ack, 0);
});

packetTest("connect: options switched off are not offered", (rig) => {
  rig.call.setOption(0, Option.TIMESTAMPS, 0);
  rig.call.setOption(0, Option.WINDOW_SCALE, 0);
  const peer = makePeer(rig);
  rig.putAddress(peer.address);
  peer.handle = rig.call.connect(4, peer.peerPort, 0, 80);
  rig.pump();
  peer.expect({ flags: "S", ws: null, ts: null });
});

packetTest("syn+ack in SYN-SENT: ESTABLISHED, ACK, CONNECTED", (rig) => {
  const peer = synSent(rig, { ts: true, ws: 2 });
  peer.sendSyn("SA");
  peer.expect({ seq: 1, ack: 1 });
  peer.expectState(State.ESTABLISHED);
  assert.equal(rig.call.nextEvent(), peer.handle);
  assert.equal(peer.events(), Event.CONNECTED | Event.WRITABLE);
  assert.equal(rig.counter(Counter.TCP_ACTIVE_OPENS), 1);
});

packetTest("syn+ack with wrong ack in SYN-SENT: RST with its number, still opening", (rig) => {
  const peer = synSent(rig);
  for (const ack of [0, 2, -100, 100]) {
    peer.send({ flags: "SA", seq: 0, ack });
    peer.expect({ flags: "R", seq: ack });
  }
  peer.expectState(State.SYN_SENT);
});

packetTest("rst that covers the syn in SYN-SENT: ECONNREFUSED", (rig) => {
  const peer = synSent(rig);
  peer.send({ flags: "RA", seq: 0, ack: 1 });
  rig.expectNothing();
  assert.equal(peer.events() & (Event.ERROR | Event.CLOSED), Event.ERROR | Event.CLOSED);
  peer.expectState(State.CLOSED);
  assert.equal(rig.call.sendSpan(peer.handle), -Errno.ECONNREFUSED);
  assert.equal(rig.error(peer.handle), Errno.ECONNREFUSED);
});

packetTest("rst without or with a wrong ack in SYN-SENT: ignored", (rig) => {
  const peer = synSent(rig);
  peer.send({ flags: "R", seq: 0 });
  peer.send({ flags: "RA", seq: 0, ack: 0 });
  peer.send({ flags: "RA", seq: 0, ack: 2 });
  rig.expectNothing();
  peer.expectState(State.SYN_SENT);
});

packetTest("ack without syn in SYN-SENT: nothing", (rig) => {
  const peer = synSent(rig);
  peer.send({ seq: 1, ack: 1, data: 10 });
  rig.expectNothing();
  peer.expectState(State.SYN_SENT);
  assert.equal(rig.counter(Counter.DROP_TCP_SYN), 1);
});

packetTest("data with the syn+ack in SYN-SENT: kept", (rig) => {
  const peer = synSent(rig);
  peer.seq = 1; // the pattern begins behind the SYN
  rig.inject(peer.segment({ flags: "SA", seq: 0, ack: 1, options: [2, 4, 5, 180] }));
  peer.expect();
  peer.send({ data: 10 });
  peer.expectAfter(40);
  peer.read(10);
});

packetTest("data and fin with the syn+ack in SYN-SENT: CLOSE-WAIT, one ACK of all", (rig) => {
  const peer = synSent(rig);
  peer.send({ flags: "SFA", seq: 0, ack: 1 });
  // SYN with FIN is refused as malformed: nobody sends it.
  rig.expectNothing();
  peer.expectState(State.SYN_SENT);
});

packetTest("silence in SYN-SENT: SYN after 1, 2, 4 ... 60 s, the end after 180 s", (rig) => {
  const peer = synSent(rig);
  for (const wait of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000]) {
    peer.expectAfter(wait, { flags: "S", seq: 0, ack: 0 });
  }
  rig.advance(180_000 - 123_000);
  peer.expectState(State.SYN_SENT);
  rig.advance(3000);
  rig.expectNothing();
  peer.expectState(State.CLOSED);
  assert.ok(peer.events() & Event.ERROR);
  assert.equal(rig.error(peer.handle), Errno.ETIMEDOUT);
});

packetTest("silence in SYN-SENT: SYN_R2_SECONDS is obeyed", (rig) => {
  rig.call.setOption(0, Option.SYN_R2_SECONDS, 5);
  const peer = synSent(rig);
  peer.expectAfter(1000, { flags: "S", seq: 0, ack: 0 });
  peer.expectAfter(2000, { flags: "S", seq: 0, ack: 0 });
  rig.advance(4000);
  assert.equal(rig.error(peer.handle), Errno.ETIMEDOUT);
});

packetTest("close in SYN-SENT: silent, what comes later is reset", (rig) => {
  const peer = synSent(rig);
  assert.equal(rig.call.close(peer.handle), 0);
  rig.advance(5000);
  rig.expectNothing();
  assert.equal(rig.used(Pool.TCB), 0);
  peer.sendSyn("SA", { ack: 1 });
  peer.expect({ flags: "R", seq: 1 });
});

packetTest("abort in SYN-SENT: silent", (rig) => {
  const peer = synSent(rig);
  assert.equal(rig.call.abort(peer.handle), 0);
  rig.advance(5000);
  rig.expectNothing();
});

packetTest("connect to broadcast or multicast: EACCES, no SYN (MUST-46)", (rig) => {
  for (const address of [
    [255, 255, 255, 255],
    [224, 0, 0, 1],
    [192, 0, 2, 255],
  ]) {
    rig.putAddress(address);
    assert.equal(rig.call.connect(4, 7, 0, 0), -Errno.EACCES, address.join("."));
  }
  rig.pump();
  rig.expectNothing();
});

packetTest(
  "connect without a route: ENETUNREACH; interface down: ENETDOWN",
  { router: 0 },
  (rig) => {
    rig.putAddress([203, 0, 113, 5]);
    assert.equal(rig.call.connect(4, 7, 0, 0), -Errno.ENETUNREACH);
    rig.putAddress([192, 0, 2, 254]);
    rig.call.interfaceRouter(0, 4);
    rig.call.interfaceLink(0, 0);
    rig.putAddress([203, 0, 113, 5]);
    assert.equal(rig.call.connect(4, 7, 0, 0), -Errno.ENETDOWN);
    rig.putAddress([192, 0, 2, 10]);
    assert.equal(rig.call.connect(4, 7, rig.address, 0), -Errno.ENETDOWN);
    rig.call.interfaceLink(0, 1);
  },
);

packetTest("connect through the router: its MAC, the peer's address", { router: 254 }, (rig) => {
  const peer = makePeer(rig, { from: [203, 0, 113, 5], peer: 254 });
  rig.putAddress(peer.address);
  peer.handle = rig.call.connect(4, peer.peerPort, 0, 80);
  rig.pump();
  const syn = peer.expect({ flags: "S" });
  assert.deepEqual(syn.toMac, [2, 0, 0, 0, 0, 254]);
});

packetTest("connect with a 4-tuple in use: EADDRINUSE", (rig) => {
  const peer = active(rig);
  rig.putAddress(peer.address);
  assert.equal(rig.call.connect(4, peer.peerPort, 0, 80), -Errno.EADDRINUSE);
  rig.putAddress([192, 0, 2, 12]);
  assert.ok(rig.call.connect(4, peer.peerPort, 0, 80) > 0, "another address is another 4-tuple");
  rig.sent.splice(0);
  rig.advance(0);
  rig.sent.splice(0);
});

packetTest(
  "connect: local ports are random, ephemeral, and none that is listened on (RFC 6056)",
  (rig) => {
    const ports = new Set<number>();
    const listener = rig.call.listen(0, 50000, 1);
    for (let i = 0; i < 200; i++) {
      rig.putAddress([192, 0, 2, 12]);
      const handle = rig.call.connect(4, 7, 0, 0);
      const port = rig.info(handle, "localPort");
      assert.ok(port >= 49152 && port <= 65535 && port !== 50000);
      ports.add(port);
      rig.call.abort(handle);
    }
    rig.pump();
    assert.ok(ports.size > 190, `${ports.size} different ports`);
    rig.call.close(listener);
    rig.sent.splice(0);
  },
);

packetTest(
  "a lost SYN: the first data wait 3 s and go alone (RFC 6298 5.7, RFC 5681 3.1)",
  (rig) => {
    const peer = synSent(rig);
    peer.expectAfter(1000, { flags: "S", seq: 0, ack: 0 });
    peer.sendSyn("SA");
    peer.expect();
    peer.write(4000);
    peer.expect({ flags: "A", len: 1460 });
    rig.expectNothing("one segment in the first flight");
    peer.expectAfter(3000, { flags: "A", seq: 1, len: 1460 });
  },
);

packetTest("syn in SYN-SENT: SYN+ACK with the same number (MUST-10)", (rig) => {
  const peer = synSent(rig);
  peer.sendSyn("S");
  peer.expect({ flags: "SA", seq: 0, ack: 1, mss: 1460, immediate: true });
  peer.expectState(State.SYN_RECEIVED);
});

packetTest("ack in SYN-RECEIVED after a simultaneous open: ESTABLISHED, CONNECTED", (rig) => {
  const peer = crossed(rig);
  peer.send();
  rig.expectNothing();
  peer.expectState(State.ESTABLISHED);
  assert.ok(peer.events() & Event.CONNECTED);
});

packetTest("syn+ack in SYN-RECEIVED after a simultaneous open: ESTABLISHED (figure 8)", (rig) => {
  const peer = crossed(rig);
  peer.sendSyn("SA", { seq: 0 });
  peer.expectState(State.ESTABLISHED);
  rig.sent.splice(0);
});

packetTest("data in SYN-RECEIVED after a simultaneous open: delivered", (rig) => {
  const peer = crossed(rig);
  peer.send({ data: 20 });
  peer.expectState(State.ESTABLISHED);
  peer.expectAfter(40);
  peer.read(20);
});

packetTest("silence in SYN-RECEIVED after a simultaneous open: SYN+ACK again", (rig) => {
  const peer = crossed(rig);
  peer.expectAfter(1000, { flags: "SA", seq: 0 });
  peer.expectAfter(2000, { flags: "SA", seq: 0 });
});

packetTest("rst in SYN-RECEIVED after a simultaneous open: ECONNREFUSED (MUST-11)", (rig) => {
  const peer = crossed(rig);
  peer.send({ flags: "R" });
  assert.equal(rig.error(peer.handle), Errno.ECONNREFUSED);
});

packetTest("wrong ack in SYN-RECEIVED after a simultaneous open: RST with its number", (rig) => {
  const peer = crossed(rig);
  peer.send({ ack: 5 });
  peer.expect({ flags: "R", seq: 5 });
  peer.expectState(State.SYN_RECEIVED);
});

packetTest("close in SYN-RECEIVED after a simultaneous open: FIN once it is open", (rig) => {
  const peer = crossed(rig);
  assert.equal(rig.call.close(peer.handle), 0);
  rig.pump();
  rig.expectNothing();
  peer.send();
  peer.expect({ flags: "FA" });
});

packetTest("abort in SYN-RECEIVED after a simultaneous open: RST", (rig) => {
  const peer = crossed(rig);
  assert.equal(rig.call.abort(peer.handle), 0);
  rig.pump();
  peer.expect({ flags: "RA", seq: 1 });
});

onAllProfiles("data both ways after a simultaneous open", (rig) => {
  const peer = simultaneous(rig);
  peer.write(100);
  peer.expect({ flags: "PA", len: 100 });
  peer.send({ data: 50 });
  peer.expectAfter(40);
  peer.read(50);
});

packetTest("fin in SYN-SENT with nothing else: ignored", (rig) => {
  const peer = synSent(rig);
  peer.send({ flags: "F", seq: 0 });
  rig.expectNothing();
  peer.expectState(State.SYN_SENT);
  assert.equal(rig.counter(Counter.DROP_TCP_SYN), 1);
});

packetTest("user calls in SYN-SENT: ENOTCONN", (rig) => {
  const peer = synSent(rig);
  assert.equal(rig.call.sendSpan(peer.handle), -Errno.ENOTCONN);
  assert.equal(rig.call.receiveSpan(peer.handle), -Errno.ENOTCONN);
  assert.equal(rig.call.shutdown(peer.handle), -Errno.ENOTCONN);
});

packetTest("connect and accept at once keep apart", (rig) => {
  const one = passive(rig, { peerPort: 2000 });
  const two = active(rig, { peerPort: 2001, localPort: 4000 });
  one.write(5);
  one.expect({ flags: "PA", len: 5 });
  two.write(6);
  two.expect({ flags: "PA", len: 6 });
  assert.equal(rig.state(listenerOn(rig)), State.LISTEN);
});

onAllProfiles(
  "simultaneous open with window scale: the window of the SYN+ACK is not scaled (RFC 7323 2.2)",
  { needs: "extensions" },
  (rig) => {
    const peer = simultaneous(rig, { ws: 7, win: 1024 });
    assert.equal(rig.info(peer.handle, "sndWnd"), 1024);
    peer.send({ win: 10 });
    assert.equal(rig.info(peer.handle, "sndWnd"), 1280, "from here on it is");
  },
);

onAllProfiles("open and idle: no timer runs, the host sleeps for ever", (rig) => {
  const peer = active(rig);
  peer.events();
  assert.equal(rig.call.nextDeadline() >>> 0, 0xffffffff);
});
