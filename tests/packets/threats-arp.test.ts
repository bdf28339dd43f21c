// Hostile input below IP, by its label: ARP-1 to ARP-7.

import assert from "node:assert/strict";
import { Counter, Pool } from "../../host/core/generated/abi.js";
import {
  arpFrame,
  BROADCAST_MAC,
  ethernetFrame,
  OUR_ADDRESS,
  OUR_MAC,
  peerAddress,
} from "./support/frame.js";
import { bystander, greet, listenerOn, stillWorks } from "./support/peer.js";
import { onAllProfiles } from "./support/rig.js";
import { ping, threat } from "./support/threat.js";

threat("ARP-1", "runt frames", Counter.DROP_RUNT, (rig) => {
  for (let length = 0; length < 34; length++) rig.inject(ping().subarray(0, length));
});

threat(
  "ARP-2",
  "EtherType below 1536 (802.3 length) and unknown",
  Counter.FOREIGN_ETHERTYPE,
  (rig) => {
    for (const type of [0, 46, 1500, 0x05ff, 0x8100, 0x86dd, 0xffff])
      rig.inject(ping({}, { type }));
  },
);

threat("ARP-3", "frame longer than the buffer", Counter.DROP_OVERSIZE, (rig) => {
  for (const length of [rig.core.frameBytes + 1, 0x10000 * 4, 0x7fffffff, -1]) {
    assert.equal(rig.call.receive(0, length), 0);
  }
});

threat(
  "ARP-4",
  "malformed ARP: lengths, types, operation, truncated",
  Counter.DROP_ARP_MALFORMED,
  (rig) => {
    const lies = [
      { hardwareBytes: 5 },
      { hardwareBytes: 0 },
      { hardwareBytes: 255 },
      { protocolBytes: 16 },
      { protocolBytes: 0 },
      { hardware: 6 },
      { protocol: 0x86dd },
      { operation: 0 },
      { operation: 3 },
      { operation: 9 },
      { operation: 0xffff },
    ];
    for (const fields of lies) {
      rig.inject(arpFrame(10, fields, { to: OUR_MAC }));
      rig.expectNothing();
    }
    const whole = arpFrame(10);
    for (let length = 14; length < 42; length++) rig.inject(whole.subarray(0, length));
    assert.ok(rig.counter(Counter.DROP_ARP_MALFORMED) >= 30);
  },
);

threat("ARP-5", "reply that nobody asked for", Counter.DROP_ARP_UNSOLICITED, (rig) => {
  rig.inject(arpFrame(66, { operation: 2, sender: peerAddress(67) }));
  rig.inject(arpFrame(66, { operation: 2, sender: peerAddress(11) })); // the bystander's address
});

threat("ARP-5", "reply for our own address", Counter.ARP_CONFLICT, (rig) => {
  rig.inject(arpFrame(66, { operation: 2, sender: OUR_ADDRESS }));
});

threat("ARP-6", "sender that no host can be", Counter.DROP_ARP_SENDER, (rig) => {
  rig.inject(arpFrame(66, { senderMac: BROADCAST_MAC }));
  rig.inject(arpFrame(66, { senderMac: [1, 0, 0x5e, 0, 0, 1] }));
  const senders = [
    [224, 0, 0, 1],
    [255, 255, 255, 255],
    [192, 0, 2, 255],
    [127, 0, 0, 1],
    [240, 0, 0, 1],
  ];
  for (const sender of senders) rig.inject(arpFrame(66, { sender }));
  assert.equal(rig.counter(Counter.DROP_ARP_SENDER), 7);
});

onAllProfiles("ARP-7 a flood of neighbours: a live peer stays in the cache", (rig) => {
  const live = bystander(rig);
  greet(rig, 11);
  for (let round = 0; round < 300; round++) {
    rig.inject(arpFrame(20 + (round % 200)));
    rig.sent.splice(0);
    if (round % 20 === 0) rig.advance(1000);
  }
  assert.ok(rig.used(Pool.NEIGHBOUR) <= rig.pool(Pool.NEIGHBOUR).capacity);
  const requests = rig.counter(Counter.ARP_REQUESTS);
  stillWorks(live);
  assert.equal(rig.counter(Counter.ARP_REQUESTS), requests, "it did not have to be asked again");
});

onAllProfiles("a frame of every length and EtherType: no trap, no answer", (rig) => {
  listenerOn(rig);
  for (let length = 0; length <= 1514; length += 7) {
    for (const type of [0x0800, 0x0806]) {
      rig.inject(ethernetFrame(10, { type, padTo: length }, []).subarray(0, length));
    }
  }
  rig.expectNothing();
});
