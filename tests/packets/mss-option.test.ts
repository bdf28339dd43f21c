// Option.MSS: the user's own limit of segments that are sent, and of what a SYN announces.

import assert from "node:assert/strict";
import { Errno, Option } from "../../host/core/generated/abi.js";
import { makePeer, passive, type Peer } from "./support/peer.js";
import { hasFeature, onAllProfiles, packetTest } from "./support/rig.js";

const { EBADF, EINVAL, ENOPROTOOPT } = Errno;

const mss = (peer: Peer) => peer.rig.option(peer.handle, Option.MSS);
const limit = (peer: Peer, value: number) =>
  peer.rig.call.setOption(peer.handle, Option.MSS, value);

onAllProfiles("MSS: of connections alone, and not in every build", (rig) => {
  const peer = passive(rig, { mss: 400 });
  assert.equal(mss(peer), 400);
  assert.equal(limit(peer, 300), hasFeature(rig.profile, "extensions") ? 0 : -ENOPROTOOPT);
  for (const handle of [0, peer.listener])
    assert.equal(rig.call.setOption(handle, Option.MSS, 300), -ENOPROTOOPT);
  assert.equal(rig.call.setOption(peer.handle + 0x10000, Option.MSS, 300), -EBADF);
});

packetTest("MSS: segments of an open connection get smaller, and never larger", (rig) => {
  const peer = passive(rig);
  assert.equal(mss(peer), 1460);
  for (const value of [0, 1, 63, 65_536, -1]) assert.equal(limit(peer, value), -EINVAL);
  assert.equal(mss(peer), 1460);
  assert.equal(limit(peer, 65_535), 0);
  assert.equal(mss(peer), 1460);
  assert.equal(limit(peer, 100), 0);
  peer.write(250);
  peer.expect({ flags: "A", len: 100 });
  peer.expect({ flags: "A", seq: 101, len: 100 });
  peer.send({ ack: 201 });
  peer.expect({ flags: "PA", seq: 201, len: 50 });
  assert.equal(limit(peer, 200), 0);
  assert.equal(mss(peer), 100);
});

packetTest("MSS: set before the SYN leaves, it is announced, and holds", (rig) => {
  const peer = makePeer(rig, { ts: true });
  rig.putAddress(peer.address);
  peer.handle = rig.call.connect(4, peer.peerPort, 0, peer.localPort);
  assert.equal(mss(peer), 1460);
  assert.equal(limit(peer, 500), 0);
  rig.pump();
  peer.expect({ flags: "S", ack: 0, mss: 500 });
  peer.sendSyn("SA");
  peer.expect();
  assert.equal(mss(peer), 500 - 12, "less the timestamps of each segment (RFC 6691)");
  peer.write(1000);
  peer.expect({ flags: "A", len: 488 });
  peer.expect({ flags: "A", seq: 489, len: 488 });
});
