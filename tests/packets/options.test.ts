// TCP options in segments other than SYNs, and the shape of the header that carries ours.

import assert from "node:assert/strict";
import { EOL, mssOption, NOP, scaleOption } from "./support/frame.js";
import { listenerOn, makePeer, passive, synSent } from "./support/peer.js";
import { hasFeature, onAllProfiles, packetTest } from "./support/rig.js";

const ETHERNET_AND_IP = 34;

onAllProfiles("an MSS option on a segment that is no SYN changes nothing (MUST-65)", (rig) => {
  const peer = passive(rig, { mss: 400 });
  const before = rig.info(peer.handle, "sndMss");
  peer.send({ data: 10, options: [...mssOption(100)] });
  peer.expectAfter(40, {});
  peer.send({ data: 10, options: [...mssOption(9000)] });
  peer.expectAfter(40, {});
  assert.equal(rig.info(peer.handle, "sndMss"), before);
  peer.write(400);
  peer.expect({ flags: "PA", len: 400 });
});

packetTest("a window scale on a segment that is no SYN changes nothing (RFC 7323 2.2)", (rig) => {
  const peer = passive(rig, { ws: 2 });
  peer.send({ data: 10, options: [...scaleOption(9), ...NOP] });
  peer.expectAfter(40, {});
  assert.equal(rig.info(peer.handle, "sndScale"), 2);
});

onAllProfiles(
  "a build without timestamps and scale takes up neither, and offers neither",
  (rig) => {
    if (hasFeature(rig.profile, "extensions")) return;
    const server = makePeer(rig, { peerPort: 2000, ws: 7, ts: true });
    server.listener = listenerOn(rig);
    server.sendSyn();
    server.expect({ flags: "SA", ws: null, ts: null });
    server.send();
    server.handle = rig.call.accept(server.listener);
    const client = synSent(rig, { peerPort: 2001 }, { ws: null, ts: null });
    client.sendSyn("SA", { options: [...scaleOption(7), ...NOP] });
    client.expect({ ts: null });
    for (const peer of [server, client]) {
      peer.send({ data: 10, win: 100, ts: {} });
      peer.expectAfter(40, { ts: null });
      assert.deepEqual(
        [rig.info(peer.handle, "timestamps"), rig.info(peer.handle, "sndWnd")],
        [0, 100],
      );
    }
  },
);

packetTest(
  "our headers are whole words, filled by NOPs or zeros behind an end (MUST-69)",
  (rig) => {
    const seen = new Set<number>();
    for (const offer of [
      {},
      { ws: 1 },
      { ts: true },
      { sack: true },
      { ws: 1, ts: true, sack: true },
    ]) {
      const port = 2000 + seen.size;
      for (const peer of [passive(rig, { ...offer, peerPort: port })]) {
        peer.send({ seq: 101, data: 10 });
        const { frame, data } = peer.expect({ ack: 1, sacks: "sack" in offer ? [[101, 111]] : [] });
        const words = frame[ETHERNET_AND_IP + 12]! >> 4;
        assert.equal(frame.length - data.length, ETHERNET_AND_IP + words * 4);
        seen.add(words);
        peer.send({ flags: "R" });
      }
    }
    const client = synSent(rig, { peerPort: 3000 });
    client.sendSyn("SA");
    client.expect();
    assert.ok(seen.size >= 3, `headers of ${[...seen].join(", ")} words`);
  },
);

onAllProfiles("bytes behind the end of options are not looked at", (rig) => {
  const peer = passive(rig, { mss: 400 });
  peer.send({ data: 10, options: [...EOL, 2, 4, 0] });
  peer.expectAfter(40, {});
});
