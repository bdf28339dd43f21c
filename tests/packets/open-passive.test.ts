// Passive open: LISTEN and SYN-RECEIVED (RFC 9293 sections 3.10.7.2 and 3.10.7.4), SYN+ACK retries.

import assert from "node:assert/strict";
import { Constant, Counter, Option, Pool } from "../../host/core/generated/abi.js";
import { readGlobal } from "../../host/core/records.js";
import {
  greet,
  listenerOn,
  makePeer,
  passive,
  queued,
  reach,
  State,
  synReceived,
  Errno,
  Event,
} from "./support/peer.js";
import { onAllProfiles, packetTest, type Rig } from "./support/rig.js";
import { OUR_ADDRESS, peerAddress } from "./support/frame.js";

const listening = reach["LISTEN"]!;

packetTest("syn in LISTEN: SYN+ACK at once, with MSS, without what was not offered", (rig) => {
  const peer = listening(rig);
  peer.sendSyn();
  const reply = peer.expect({
    flags: "SA",
    mss: 1460,
    ws: null,
    ts: null,
    win: 65535,
    immediate: true,
  });
  assert.ok(reply.seq > 0xffffff00, "our numbers wrap in this test");
  assert.equal(rig.used(Pool.SYN_CACHE), 1);
  assert.equal(rig.used(Pool.TCB), 0);
  assert.equal(rig.used(Pool.RECEIVE_RING), 0);
});

packetTest("syn in LISTEN: timestamps and window scale are answered in kind", (rig) => {
  const peer = listening(rig, { ts: true, ws: 7 });
  peer.sendSyn("S", { ts: { val: 0xfffffff0 } });
  peer.expect({ flags: "SA", ws: 0, ts: { ecr: 0xfffffff0 } });
});

packetTest("syn in LISTEN: options switched off are not accepted", (rig) => {
  rig.call.setOption(0, Option.TIMESTAMPS, 0);
  rig.call.setOption(0, Option.WINDOW_SCALE, 0);
  const peer = listening(rig, { ts: true, ws: 7 });
  peer.sendSyn();
  peer.expect({ flags: "SA", ws: null, ts: null });
});

packetTest("ack in LISTEN: RST with its number", (rig) => {
  const peer = listening(rig);
  peer.send({ seq: 5, ack: 1234 });
  peer.expect({ flags: "R", seq: 1234, immediate: true });
});

packetTest("syn+ack in LISTEN: RST", (rig) => {
  const peer = listening(rig);
  peer.send({ flags: "SA", seq: 0, ack: 99 });
  peer.expect({ flags: "R", seq: 99 });
});

packetTest("rst in LISTEN: ignored", (rig) => {
  const peer = listening(rig);
  peer.send({ flags: "R", seq: 0 });
  peer.send({ flags: "RA", seq: 0, ack: 1 });
  rig.expectNothing();
  assert.equal(rig.counter(Counter.DROP_TCP_RST), 2);
});

packetTest("fin without syn or ack in LISTEN: dropped", (rig) => {
  const peer = listening(rig);
  peer.send({ flags: "F", seq: 0 });
  rig.expectNothing();
  assert.equal(rig.counter(Counter.DROP_TCP_NO_ACK), 1);
});

packetTest("syn in CLOSED: RST+ACK that the sender believes", (rig) => {
  const peer = makePeer(rig);
  peer.send({ flags: "S", data: 10, seq: 0 });
  peer.expect({ flags: "RA", seq: 0, ack: 11 });
});

packetTest("ack in CLOSED: RST with its number", (rig) => {
  const peer = makePeer(rig);
  peer.send({ seq: 3, ack: 77, data: 4 });
  peer.expect({ flags: "R", seq: 77 });
});

packetTest("rst in CLOSED: ignored", (rig) => {
  const peer = makePeer(rig);
  peer.send({ flags: "R", seq: 0 });
  rig.expectNothing();
});

packetTest("ack in SYN-RECEIVED: ESTABLISHED, queued, ACCEPT", (rig) => {
  const peer = synReceived(rig);
  assert.equal(rig.call.accept(peer.listener), -Errno.EAGAIN);
  peer.send();
  rig.expectNothing();
  assert.equal(rig.call.nextEvent(), peer.listener);
  assert.equal(rig.call.takeEvents(peer.listener), Event.ACCEPT);
  peer.handle = rig.call.accept(peer.listener);
  peer.expectState(State.ESTABLISHED);
  assert.equal(rig.used(Pool.SYN_CACHE), 0);
  assert.equal(rig.counter(Counter.TCP_PASSIVE_OPENS), 1);
});

packetTest("data with the ack in SYN-RECEIVED: delivered", (rig) => {
  const peer = synReceived(rig);
  peer.send({ flags: "PA", data: 30 });
  peer.handle = rig.call.accept(peer.listener);
  peer.expectAfter(40);
  peer.read(30);
});

packetTest("fin with the ack in SYN-RECEIVED: CLOSE-WAIT", (rig) => {
  const peer = synReceived(rig);
  peer.send({ flags: "FA", data: 10 });
  peer.expect();
  peer.handle = rig.call.accept(peer.listener);
  peer.expectState(State.CLOSE_WAIT);
  peer.read(10);
  assert.equal(rig.call.receiveSpan(peer.handle), 0);
});

packetTest("data with the syn in LISTEN: not kept, the peer sends it again", (rig) => {
  const peer = listening(rig);
  peer.send({ flags: "S", seq: 0, data: 20 });
  peer.seq = 1;
  peer.expect({ flags: "SA", ack: 1 });
  peer.send({ data: 20 });
  peer.handle = rig.call.accept(peer.listener);
  peer.expectAfter(40);
  peer.read(20);
});

packetTest("syn again in SYN-RECEIVED: the same SYN+ACK again", (rig) => {
  const peer = synReceived(rig);
  rig.advance(300);
  peer.send({ flags: "S", seq: 0 });
  peer.expect({ flags: "SA", seq: 0, immediate: true });
  assert.equal(rig.used(Pool.SYN_CACHE), 1);
});

packetTest("syn in the window in SYN-RECEIVED: back to LISTEN", (rig) => {
  const peer = synReceived(rig);
  peer.send({ flags: "S", seq: 100 });
  rig.expectNothing();
  assert.equal(rig.used(Pool.SYN_CACHE), 0);
  peer.seq = 0;
  peer.ack = 0;
  peer.sendSyn();
  peer.expect({ flags: "SA" });
});

packetTest("syn out of the window in SYN-RECEIVED: acknowledged, nothing changes", (rig) => {
  const peer = synReceived(rig);
  peer.send({ flags: "S", seq: -5000 });
  peer.expect({ seq: 1, ack: 1 });
  peer.send();
  assert.ok(rig.call.accept(peer.listener) > 0);
});

packetTest("wrong ack in SYN-RECEIVED: RST with its number, the handshake goes on", (rig) => {
  const peer = synReceived(rig);
  peer.send({ ack: 2 });
  peer.expect({ flags: "R", seq: 2 });
  peer.send({ ack: 0 });
  peer.expect({ flags: "R", seq: 0 });
  peer.send();
  assert.ok(rig.call.accept(peer.listener) > 0);
});

packetTest("segment without ack in SYN-RECEIVED: dropped", (rig) => {
  const peer = synReceived(rig);
  peer.send({ flags: "P", data: 4, seq: 1 });
  rig.expectNothing();
  assert.equal(rig.counter(Counter.DROP_TCP_NO_ACK), 1);
});

packetTest("data out of the window in SYN-RECEIVED: acknowledged, not taken", (rig) => {
  const peer = synReceived(rig);
  peer.send({ seq: 70000, data: 10 });
  peer.expect({ seq: 1, ack: 1 });
  assert.equal(rig.used(Pool.TCB), 0);
});

packetTest("exact rst in SYN-RECEIVED: silently back to LISTEN", (rig) => {
  const peer = synReceived(rig);
  peer.send({ flags: "R" });
  rig.expectNothing();
  assert.equal(rig.used(Pool.SYN_CACHE), 0);
  assert.equal(rig.call.nextEvent(), 0);
  assert.equal(rig.state(peer.listener), State.LISTEN);
});

packetTest("inexact rst in SYN-RECEIVED: challenge ACK in the window, silence outside", (rig) => {
  const peer = synReceived(rig);
  peer.send({ flags: "R", seq: 2 });
  peer.expect({ seq: 1, ack: 1 });
  peer.send({ flags: "R", seq: 70000 });
  rig.expectNothing();
  assert.equal(rig.used(Pool.SYN_CACHE), 1);
});

packetTest("no ack in SYN-RECEIVED: SYN+ACK after 1, 2 and 4 s, RST after 8", (rig) => {
  greet(rig);
  const peer = synReceived(rig);
  peer.expectAfter(1000, { flags: "SA", seq: 0 });
  peer.expectAfter(2000, { flags: "SA", seq: 0 });
  peer.expectAfter(4000, { flags: "SA", seq: 0 });
  peer.expectAfter(8000, { flags: "R", seq: 1 });
  assert.equal(rig.used(Pool.SYN_CACHE), 0);
  assert.equal(rig.counter(Counter.TCP_HANDSHAKE_TIMEOUTS), 1);
});

packetTest(
  "no ack in SYN-RECEIVED from an unknown neighbour: asked for after 1 s, SYN+ACK after 2",
  (rig) => {
    const peer = synReceived(rig);
    rig.advance(1000);
    assert.equal(rig.counter(Counter.ARP_REQUESTS), 2, "ours at the start, then the peer's");
    peer.expectAfter(1000, { flags: "SA", seq: 0 });
    peer.expectAfter(2000, { flags: "SA", seq: 0 });
  },
);

packetTest("no ack in SYN-RECEIVED: SYN_ACK_RETRIES is obeyed", (rig) => {
  greet(rig);
  rig.call.setOption(0, Option.SYN_ACK_RETRIES, 1);
  const peer = synReceived(rig);
  peer.expectAfter(1000, { flags: "SA", seq: 0 });
  peer.expectAfter(2000, { flags: "R", seq: 1 });
});

packetTest(
  "no ack in SYN-RECEIVED: no RST when the cache overflowed meanwhile",
  { profile: "esp32" },
  (rig) => {
    rig.call.setOption(0, Option.SYN_ACK_RETRIES, 0);
    const peers = Array.from({ length: rig.pool(Pool.SYN_CACHE).capacity }, (_, i) =>
      synReceived(rig, { peerPort: 2000 + i }),
    );
    const last = makePeer(rig, { peerPort: 3000 });
    last.sendSyn();
    rig.expectNothing("no answer when the cache is full");
    rig.advance(2000);
    rig.expectNothing("no backscatter");
    assert.equal(rig.used(Pool.SYN_CACHE), 0);
    assert.equal(rig.counter(Counter.TCP_HANDSHAKE_TIMEOUTS), peers.length);
  },
);

packetTest("SYN+ACKs again to each neighbour of a full table", { profile: "esp32" }, (rig) => {
  const hosts = rig.pool(Pool.NEIGHBOUR).capacity;
  const peers = Array.from({ length: hosts }, (_, i) => {
    greet(rig, 10 + i);
    return synReceived(rig, { peer: 10 + i });
  });
  rig.advance(1000);
  assert.equal(rig.sent.length, hosts);
  for (const peer of peers) peer.expect({ flags: "SA", seq: 0 });
});

packetTest("ack of a SYN+ACK sent again: ESTABLISHED", (rig) => {
  greet(rig);
  const peer = synReceived(rig);
  peer.expectAfter(1000, { flags: "SA", seq: 0 });
  peer.send();
  assert.ok(rig.call.accept(peer.listener) > 0);
  rig.advance(20_000);
  rig.expectNothing();
});

packetTest("close of a listener: handshakes are forgotten, the queue is reset", (rig) => {
  const waiting = queued(rig, { peerPort: 2000 });
  const half = synReceived(rig, { peerPort: 2001 });
  rig.call.close(waiting.listener);
  rig.pump();
  waiting.expect({ flags: "RA", seq: 1 });
  half.send();
  half.expect({ flags: "R", seq: 1 });
  assert.equal(rig.call.accept(waiting.listener), -Errno.EBADF);
});

packetTest("rst in ESTABLISHED before accept: gone from the queue", (rig) => {
  const peer = queued(rig);
  const next = queued(rig, { peerPort: 2000 });
  peer.send({ flags: "R" });
  next.handle = rig.call.accept(peer.listener);
  assert.equal(rig.info(next.handle, "remotePort"), 2000);
  assert.equal(rig.call.accept(peer.listener), -Errno.EAGAIN);
});

packetTest("accept: in the order of the handshakes", (rig) => {
  for (const peerPort of [2001, 2002, 2003]) queued(rig, { peerPort });
  const listener = listenerOn(rig);
  const order = [1, 2, 3].map(() => rig.info(rig.call.accept(listener), "remotePort"));
  assert.deepEqual(order, [2001, 2002, 2003]);
});

packetTest("listen: a listener of the address goes before one of any (MUST-43)", (rig) => {
  const any = listenerOn(rig);
  const own = rig.call.listen(rig.address, 80, 4);
  assert.ok(own > 0);
  const peer = makePeer(rig);
  peer.sendSyn();
  peer.expect({ flags: "SA" });
  peer.send();
  assert.equal(rig.call.accept(any), -Errno.EAGAIN);
  assert.ok(rig.call.accept(own) > 0);
});

packetTest("listen: the same port twice fails and harms nobody (MUST-41)", (rig) => {
  const peer = passive(rig);
  assert.equal(rig.call.listen(0, 80, 4), -Errno.EADDRINUSE);
  peer.send({ data: 3 });
  peer.expectAfter(40);
  peer.read(3);
});

packetTest("listen: on a port with a handshake of ours pending (MUST-42)", (rig) => {
  const opening = reach["SYN-SENT"]!(rig, { localPort: 80, peerPort: 2000 });
  const other = passive(rig, { peerPort: 2001 });
  other.expectState(State.ESTABLISHED);
  opening.sendSyn("SA");
  opening.expect();
  opening.expectState(State.ESTABLISHED);
});

packetTest("listen: port 0 chooses a free one", (rig) => {
  const handle = rig.call.listen(0, 0, 1);
  const port = rig.info(handle, "localPort");
  assert.ok(port >= 49152 && port <= 65535);
  const second = rig.call.listen(0, 0, 1);
  assert.notEqual(rig.info(second, "localPort"), port);
});

packetTest("syn from a broadcast, multicast or loopback source: ignored (MUST-63)", (rig) => {
  listenerOn(rig);
  for (const from of [
    [192, 0, 2, 255],
    [224, 0, 0, 1],
    [127, 0, 0, 1],
    [0, 0, 0, 0],
    [255, 255, 255, 255],
    OUR_ADDRESS,
  ]) {
    makePeer(rig, { from }).sendSyn();
    rig.expectNothing(`silence for ${from.join(".")}`);
  }
  assert.equal(rig.counter(Counter.DROP_IP_SOURCE), 6);
});

onAllProfiles("the window of the SYN+ACK is what a ring holds", (rig) => {
  const peer = listening(rig);
  peer.sendSyn();
  const ring = rig.core.constant(Constant.RECEIVE_RING_BYTES);
  peer.expect({ flags: "SA", win: Math.min(ring, 65535) });
});

packetTest(
  "initial numbers: grow by 250 a ms for the same 4-tuple, differ for others (RFC 6528)",
  (rig) => {
    const first = synReceived(rig);
    first.send({ flags: "R" });
    rig.advance(400);
    const second = synReceived(rig);
    assert.equal((second.ourIss - first.ourIss) >>> 0, 100_000);
    const other = synReceived(rig, { peerPort: rig.wrapPort + 1 });
    const away = synReceived(rig, { peer: 12 });
    assert.ok(Math.abs((other.ourIss - second.ourIss) | 0) > 10_000);
    assert.ok(Math.abs((away.ourIss - second.ourIss) | 0) > 10_000);
  },
);

packetTest("initial numbers: differ for each address of ours (RFC 6528)", (rig) => {
  rig.putAddress(peerAddress(2));
  const second = rig.call.addressAdd(0, 4, 24, 0);
  rig.pump();
  rig.expectArp({ operation: 1, target: peerAddress(2) });
  const [one, two] = [rig.address, second].map((address) => {
    rig.putAddress(peerAddress(10));
    const handle = rig.call.connect(4, 2000, address, 3000);
    return rig.info(handle, "iss");
  });
  assert.ok(Math.abs((one! - two!) | 0) > 10_000);
  rig.pump();
  rig.sent.splice(0);
});

packetTest(
  "ack in SYN-RECEIVED when the second SYN+ACK had to wait for ARP: no sample (Karn)",
  { answersArp: false },
  (rig) => {
    const peer = synReceived(rig);
    rig.advance(1005);
    rig.sent.splice(0);
    peer.send();
    const handle = rig.call.accept(peer.listener);
    assert.equal(rig.info(handle, "srttUs"), 0);
  },
);

packetTest("ack in SYN-RECEIVED after a SYN that came twice: no sample (Karn)", (rig) => {
  const peer = synReceived(rig);
  rig.advance(500);
  peer.sendSyn("S", { seq: 0 });
  peer.expect({ flags: "SA", seq: 0 });
  rig.advance(100);
  peer.send();
  const handle = rig.call.accept(peer.listener);
  assert.equal(rig.info(handle, "srttUs"), 0);
});

onAllProfiles("a hundred empty segments out of the window in SYN-RECEIVED: one ACK", (rig) => {
  greet(rig);
  const peer = synReceived(rig);
  for (let i = 0; i < 100; i++) peer.send({ seq: 500_000_000 });
  peer.expect();
  rig.expectNothing("one answer for each SYN+ACK");
  peer.expectAfter(1000, { flags: "SA", seq: 0 });
  peer.send({ seq: 500_000_000 });
  peer.expect();
  peer.send();
  assert.ok(rig.call.accept(peer.listener) > 0);
});

packetTest("a hundred inexact RSTs in SYN-RECEIVED: one ACK", (rig) => {
  const peer = synReceived(rig);
  for (let i = 0; i < 100; i++) peer.send({ flags: "R", seq: 100 });
  peer.expect();
  rig.expectNothing("one answer for each SYN+ACK");
  peer.send();
  assert.ok(rig.call.accept(peer.listener) > 0);
});

packetTest("a hundred empty segments with old timestamps in SYN-RECEIVED: one ACK", (rig) => {
  const peer = synReceived(rig, { ts: true });
  for (let i = 0; i < 100; i++) peer.send({ ts: { val: 0xffff0000 } });
  peer.expect();
  rig.expectNothing("one answer for each SYN+ACK");
  peer.send();
  assert.ok(rig.call.accept(peer.listener) > 0);
});

/** A piece of a long sleep, as docs/abi.md asks for it: transmit is not called. */
function sleepOn(rig: Rig): void {
  const nowMs = readGlobal(rig.core, "nowMs") + 2 ** 30;
  rig.call.advance(nowMs | 0, (nowMs * 1000) | 0);
  while (rig.call.expire() !== 0);
}

onAllProfiles(
  "asleep for 25 days in SYN-RECEIVED: the next handshake is repeated in time",
  { needs: "caches" },
  (rig) => {
    synReceived(rig, { peerPort: 2000 });
    sleepOn(rig);
    sleepOn(rig);
    rig.sleep(2 ** 31 + 5000);
    greet(rig);
    rig.sent.splice(0);
    const next = synReceived(rig, { peerPort: 3000 });
    rig.advance(999);
    rig.sent.splice(0);
    rig.advance(1);
    next.expect({ flags: "SA", seq: 0 });
  },
);

onAllProfiles("listen on an address of ours by its handle", (rig) => {
  const listener = rig.call.listen(rig.address, 79, 1);
  assert.ok(listener > 0, `listen: ${listener}`);
  const peer = makePeer(rig, { localPort: 79 });
  peer.sendSyn();
  peer.expect({ flags: "SA" });
});
