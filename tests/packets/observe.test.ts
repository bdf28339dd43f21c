// What a host can see: info blocks, enumeration, the trace ring, pools; what it can move: memory
// into a fresh instance.

import assert from "node:assert/strict";
import { createCore } from "../../host/node/builds.js";
import { Cause, Constant, Counter, Pool, State } from "../../host/core/generated/abi.js";
import { active, greet, listenerOn, passive, reach, synReceived } from "./support/peer.js";
import { createRig, onAllProfiles, packetTest, type Rig, hasFeature } from "./support/rig.js";
import { tcpFrame } from "./support/frame.js";
import { test } from "node:test";

packetTest("info of a connection: the variables of RFC 9293 3.3.1", (rig) => {
  const peer = passive(rig, { ts: true, ws: 3, win: 1000 });
  peer.write(100);
  peer.expect({ flags: "PA", len: 100 });
  peer.send({ data: 30, ack: 1 });
  const info = (name: Parameters<Rig["info"]>[1]) => rig.info(peer.handle, name);
  assert.deepEqual(
    [info("state"), info("pool"), info("localPort"), info("remotePort"), info("handle")],
    [State.ESTABLISHED, Pool.TCB, 80, rig.wrapPort, peer.handle],
  );
  assert.deepEqual([info("iss"), info("irs")], [peer.ourIss, peer.iss]);
  assert.deepEqual([info("sndUna"), info("sndNxt")], [peer.ours(1), peer.ours(101)]);
  assert.equal(info("rcvNxt"), (peer.iss + 31) >>> 0);
  assert.deepEqual([info("sendQueue"), info("receiveQueue")], [100, 30]);
  assert.deepEqual([info("sndWnd"), info("sndScale"), info("timestamps")], [8000, 3, 1]);
  assert.equal(info("ackTimerMs"), 40);
  assert.equal(info("timerMs"), 200);
  rig.advance(40);
  peer.expect();
  peer.read(30);
});

onAllProfiles("frames, bytes and segments are counted, each way", (rig) => {
  greet(rig);
  const peer = passive(rig); // 3 segments: two in, one out
  peer.write(100);
  peer.expect({ flags: "PA", len: 100 });
  peer.expectAfter(200, { flags: "PA", seq: 1, len: 100 });
  peer.send();
  rig.inject(tcpFrame(10, { sourcePort: 5, destinationPort: 99, flags: "S", seq: 1, ack: 0 }));
  const reset = rig.take("a RST").view;
  assert.ok(reset.kind === "tcp" && reset.flags === "RA");
  const counted = (names: (keyof typeof Counter)[]) => names.map((n) => rig.counter(Counter[n]));
  assert.deepEqual(counted(["TCP_SEGMENTS_IN", "TCP_SEGMENTS_OUT"]), [4, 4]);
  assert.deepEqual(counted(["RX_FRAMES", "TX_FRAMES"]), [5, 6]); // the ARP exchange, and our announcement
  assert.deepEqual(counted(["TCP_TIMEOUT_RETRANSMITS", "TCP_NO_CONNECTION"]), [1, 1]);
  assert.ok(rig.counter(Counter.RX_BYTES) >= 4 * 54 + 42);
});

packetTest("enumerate: listeners, TCBs, SYN cache, TIME-WAIT, each once", (rig) => {
  listenerOn(rig);
  passive(rig, { peerPort: 2000 });
  synReceived(rig, { peerPort: 2001 });
  const done = passive(rig, { peerPort: 2002 });
  rig.call.close(done.handle);
  rig.pump();
  done.expect({ flags: "FA" });
  done.send({ flags: "FA" });
  done.expect();
  for (const pool of [Pool.LISTENER, Pool.TCB, Pool.SYN_CACHE, Pool.TIME_WAIT]) {
    assert.equal(rig.records(pool).length, 1, `pool ${pool}`);
  }
  const [entry] = rig.records(Pool.TIME_WAIT);
  assert.equal(entry?.remotePort, 2002);
  assert.ok((entry?.timerMs ?? 0) > 59_000 && (entry?.timerMs ?? 0) <= 60_128);
});

packetTest("trace: every change of state, with its cause", (rig) => {
  rig.trace.take();
  const peer = passive(rig);
  peer.send({ flags: "FA" });
  peer.expect();
  rig.call.close(peer.handle);
  rig.pump();
  peer.expect({ flags: "FA" });
  peer.send();
  const changes = rig.trace.take().map(({ from, to, cause }) => [from, to, cause]);
  assert.deepEqual(changes, [
    [State.CLOSED, State.LISTEN, Cause.USER],
    [State.LISTEN, State.SYN_RECEIVED, Cause.SYN],
    [State.SYN_RECEIVED, State.ESTABLISHED, Cause.ACK],
    [State.ESTABLISHED, State.CLOSE_WAIT, Cause.FIN],
    [State.CLOSE_WAIT, State.LAST_ACK, Cause.USER],
    [State.LAST_ACK, State.CLOSED, Cause.ACK],
  ]);
  assert.equal(rig.trace.lost(), 0);
});

packetTest("trace: an ABORT that the peer does not hear of", (rig) => {
  const peer = reach["LAST-ACK"]!(rig);
  rig.trace.take();
  rig.call.abort(peer.handle);
  const changes = rig.trace.take().map(({ from, to, cause }) => [from, to, cause]);
  assert.deepEqual(changes, [[State.LAST_ACK, State.CLOSED, Cause.ABORT]]);
});

packetTest("trace ring full: the oldest are lost, and counted", (rig) => {
  rig.trace.take();
  const records = rig.core.constant(Constant.TRACE_RECORDS);
  for (let i = 0; i < records; i++) {
    synReceived(rig, { peerPort: 2000 + (i % 60000) }).send({ flags: "R" });
  }
  const lost = rig.trace.lost();
  assert.equal(rig.trace.take().length, records);
  assert.equal(lost, 2 * records + 1 - records);
});

packetTest("trace ring of size 0: nothing, and no loss", { profile: "tiny" }, (rig) => {
  passive(rig);
  assert.deepEqual(rig.trace.take(), []);
  assert.equal(rig.trace.lost(), 0);
});

packetTest("pools: capacity, level and high-water mark", (rig) => {
  const peers = [2000, 2001, 2002].map((peerPort) => passive(rig, { peerPort }));
  for (const peer of peers.slice(1)) rig.call.abort(peer.handle);
  rig.pump();
  rig.sent.splice(0);
  assert.equal(rig.used(Pool.TCB), 1);
  assert.equal(rig.pool(Pool.TCB).highWater, 3);
  assert.equal(rig.pool(Pool.TCB).capacity, rig.core.constant(Constant.TCBS));
});

packetTest(
  "immediate reply or marked work: replies come with receive, the rest with transmit",
  (rig) => {
    const peer = passive(rig);
    peer.send({ seq: 100, data: 10 });
    peer.expect({ ack: 1, immediate: true });
    peer.send({ flags: "S", seq: 50 });
    peer.expect({ ack: 1, immediate: true });
    peer.send({ data: 99 });
    peer.expect({ ack: 110, immediate: true });
    peer.seq = 110;
    peer.send({ data: 1460 });
    peer.send({ data: 1460 });
    peer.expect({ immediate: false });
    peer.read(109 + 2920);
    rig.sent.splice(0);
  },
);

for (const profile of ["tiny", "esp32", "desktop"] as const) {
  test(`snapshot of an open connection: a fresh instance goes on with it: ${profile}`, async () => {
    const rig = await createRig({ profile });
    const peer = passive(rig, { ts: hasFeature(profile, "extensions") });
    peer.send({ seq: 101, data: 50 });
    peer.expect({ ack: 1 });
    peer.write(100);
    peer.expect({ flags: "PA", len: 100 });
    const other = await createCore(profile);
    other.memory.set(rig.core.memory);
    const frame = peer.segment({ seq: 1, data: 100 });
    const results = [rig.core, other].map((core) => {
      core.rx.set(frame);
      const length = core.exports.receive(0, frame.length);
      return Buffer.from(core.tx(length).slice()).toString("hex");
    });
    assert.equal(results[0], results[1]);
    // A hole that is filled is told at once; where none is remembered the data are plain.
    const holes = hasFeature(profile, "reassembly");
    assert.equal(results[0] !== "", holes);
    assert.equal(other.exports.receiveSpan(peer.handle), holes ? 150 : 100);
    rig.call.receiveSpan(peer.handle);
    const end = rig.core.constant(Constant.MEMORY_BYTES);
    const same = Buffer.compare(rig.core.memory.subarray(0, end), other.memory.subarray(0, end));
    assert.equal(same, 0, "the same memory after the same calls");
    rig.call.abort(peer.handle);
  });
}

packetTest("seed again after a restore: connections go on, numbers to come differ", (rig) => {
  const peer = passive(rig, { peerPort: 2000 });
  rig.core.seed(new Uint8Array(32).fill(9));
  peer.send({ data: 10 });
  peer.expectAfter(40);
  peer.read(10);
  const next = active(rig, { peerPort: 2001, localPort: 4000 });
  next.expectState(State.ESTABLISHED);
});
