// Hostile IPv4, by its label: IP4-1 to IP4-9 and IP4-17 to IP4-19.

import assert from "node:assert/strict";
import { Counter } from "../../host/core/generated/abi.js";
import { BROADCAST_MAC, ipFrame, OUR_ADDRESS, OUR_MAC, tcpFrame } from "./support/frame.js";
import { bystander, stillWorks } from "./support/peer.js";
import { hasFeature, onAllProfiles, packetTest } from "./support/rig.js";
import { guarded, ping, synTo, threat } from "./support/threat.js";

threat(
  "IP4-1",
  "total length beyond the frame, below the header, 0",
  Counter.DROP_IP_MALFORMED,
  (rig) => {
    for (const totalBytes of [0, 1, 19, 20000, 65535]) rig.inject(ping({ totalBytes }));
  },
);

threat("IP4-2", "header of less than five words", Counter.DROP_IP_MALFORMED, (rig) => {
  for (const headerWords of [0, 1, 4]) rig.inject(ping({ headerWords }));
});

threat("IP4-3", "header longer than the packet", Counter.DROP_IP_MALFORMED, (rig) => {
  rig.inject(ipFrame(10, { headerWords: 15, protocol: 1 }, [8, 0, 0, 0, 0, 0, 0, 0]));
});

threat("IP4-4", "another version", Counter.DROP_IP_MALFORMED, (rig) => {
  for (const version of [0, 1, 3, 5, 6, 15]) rig.inject(ping({ version }));
});

threat("IP4-5", "wrong header checksum", Counter.DROP_IP_CHECKSUM, (rig) => {
  for (const checksum of [0, 0xffff, 0x1234]) rig.inject(ping({ checksum }));
});

threat("IP4-6", "options of length 0, 1 and past the header", Counter.DROP_IP_MALFORMED, (rig) => {
  const options = [
    [7, 0, 0, 0],
    [7, 1, 0, 0],
    [7, 5, 0, 0],
    [1, 1, 1, 7],
    [68, 255, 0, 0],
    [148, 40, 0, 0],
  ];
  for (const list of options) rig.inject(ping({ options: list }));
});

onAllProfiles("IP4-6 options that are not known: ignored, the packet counts (MUST-50)", (rig) => {
  for (const options of [
    [148, 4, 0, 0],
    [1, 1, 1, 1],
    [30, 2, 0, 0],
    [0, 0, 0, 0],
  ]) {
    rig.inject(ping({ options }));
    rig.expectIcmp({ type: 0 });
  }
});

threat(
  "IP4-7",
  "source routes, well-formed or not, one or several",
  Counter.DROP_IP_SOURCE_ROUTE,
  (rig) => {
    for (const kind of [131, 137]) {
      rig.inject(ping({ options: [kind, 7, 4, 192, 0, 2, 99] }));
      rig.inject(ping({ options: [kind, 3, 4] }));
      rig.inject(ping({ options: [kind, 7, 255, 1, 2, 3, 4, kind, 7, 0, 1, 2, 3, 4] }));
      rig.inject(synTo(rig, { options: [kind, 7, 4, 192, 0, 2, 99] }));
    }
  },
);

onAllProfiles("IP4-8 record route with a pointer past its end: nothing is written", (rig) => {
  for (const pointer of [0, 3, 4, 7, 8, 200, 255]) {
    rig.inject(ping({ options: [7, 7, pointer, 9, 9, 9, 9] }));
    const { data } = rig.expectIcmp({ type: 0 });
    assert.deepEqual([...data], [1, 2, 3, 4]);
  }
});

packetTest("IP4-9 fragments where there is no reassembly", { profile: "tiny" }, (rig) => {
  guarded(rig, "IP4-9", Counter.DROP_IP_FRAGMENT, () => {
    for (const fragment of [0x2000, 0x2001, 0x0001, 0x1fff, 0x3fff]) {
      rig.inject(ping({ fragment }));
      rig.inject(synTo(rig, { fragment }));
    }
  });
});

onAllProfiles("IP4-17 IP in IP: not taken apart", (rig) => {
  const witness = bystander(rig);
  const inner = ping().subarray(14);
  for (const protocol of [4, 41]) {
    rig.inject(ipFrame(10, { protocol }, inner));
    if (hasFeature(rig.profile, "icmpReports")) rig.expectIcmp({ type: 3, code: 2 });
    rig.expectNothing();
  }
  assert.equal(rig.counter(Counter.ICMP_ECHO_REPLIES), 0);
  assert.equal(rig.counter(Counter.DROP_IP_PROTOCOL), 2);
  stillWorks(witness);
});

threat("IP4-18", "sources that no packet has", Counter.DROP_IP_SOURCE, (rig) => {
  const sources = [
    [0, 0, 0, 0],
    [0, 1, 2, 3],
    [255, 255, 255, 255],
    [192, 0, 2, 255],
    [192, 0, 2, 0],
    [224, 0, 0, 1],
    [239, 255, 255, 255],
    [240, 0, 0, 1],
    [127, 0, 0, 1],
    [127, 255, 0, 1],
    OUR_ADDRESS,
  ];
  for (const source of sources) {
    rig.inject(ping({ source }));
    rig.inject(synTo(rig, { source }));
    rig.inject(ipFrame(10, { source, protocol: 17 }, [0, 1, 0, 2, 0, 8, 0, 0]));
  }
  assert.equal(rig.counter(Counter.DROP_IP_SOURCE), 3 * sources.length);
});

threat(
  "IP4-18",
  "LAND: our address and port as the source of a SYN",
  Counter.DROP_IP_SOURCE,
  (rig) => {
    const land = { sourcePort: 81, destinationPort: 81, seq: 1, ack: 0, flags: "S" };
    rig.inject(tcpFrame(10, land, { source: OUR_ADDRESS }));
  },
);

threat("IP4-19", "TCP to broadcast and multicast (MUST-57)", Counter.DROP_TCP_BROADCAST, (rig) => {
  for (const destination of [
    [255, 255, 255, 255],
    [192, 0, 2, 255],
    [192, 0, 2, 0],
    [224, 0, 0, 1],
  ]) {
    for (const to of [OUR_MAC, BROADCAST_MAC]) rig.inject(synTo(rig, { destination }, { to }));
  }
});

threat(
  "IP4-19",
  "TCP to us in a broadcast frame (RFC 1122 3.3.6)",
  Counter.DROP_TCP_BROADCAST,
  (rig) => {
    rig.inject(synTo(rig, {}, { to: BROADCAST_MAC }));
  },
);

threat(
  "IP4-19",
  "to loopback or to strangers, from the wire",
  Counter.DROP_IP_DESTINATION,
  (rig) => {
    for (const destination of [
      [127, 0, 0, 1],
      [127, 1, 1, 1],
      [192, 0, 2, 77],
      [8, 8, 8, 8],
    ]) {
      rig.inject(ping({ destination }));
      rig.inject(synTo(rig, { destination }));
    }
  },
);
