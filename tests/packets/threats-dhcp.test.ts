// Hostile DHCP, by its label: DHCP-1. What a server says is believed only as the answer to a question, whole,
// with values that a lease can have; and however it answers, the questions stay few.

import assert from "node:assert/strict";
import { Counter } from "../../host/core/generated/abi.js";
import { chooseSeed, createRandom } from "../static/support/random.js";
import {
  addresses,
  answer,
  answerFrame,
  answerTo,
  Auto,
  bound,
  dhcpTest,
  EVERYBODY,
  type Fields,
  GIVEN,
  isOurs,
  lease,
  leaseAddress,
  leaseState,
  type Message,
  NOBODY,
  optionBytes,
  requested,
  SERVER_ADDRESS,
  State,
  takeAnnouncements,
  takeMessage,
  Type,
} from "./support/dhcp.js";
import { arpFrame, OUR_MAC, udpFrame, word16, word32 } from "./support/frame.js";
import type { Rig } from "./support/rig.js";

const { DROP_DHCP_MALFORMED, DROP_DHCP_UNRELATED } = Counter;

function discovered(rig: Rig): Message {
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  rig.pump();
  return takeMessage(rig, Type.DISCOVER);
}

/** Each of these, as an offer and as an ack, is dropped under its reason; what is right is taken after it. */
function answerThreat(
  label: string,
  what: string,
  counter: number,
  attacks: readonly Fields[],
): void {
  dhcpTest(`${label} ${what}`, (rig) => {
    const discover = discovered(rig);
    let drops = 0;
    const all = (asked: Message, type: number) => {
      for (const fields of attacks) {
        rig.inject(answerFrame(answerTo(asked, type, fields)));
        assert.equal(rig.counter(counter), ++drops, `${what}: ${JSON.stringify(fields)}`);
        rig.expectNothing("no answer");
      }
    };
    all(discover, Type.OFFER);
    assert.equal(leaseState(rig), State.SELECTING);
    answer(rig, discover, Type.OFFER);
    const request = takeMessage(rig, Type.REQUEST);
    all(request, Type.ACK);
    assert.deepEqual([leaseState(rig), addresses(rig)], [State.REQUESTING, 0]);
    answer(rig, request, Type.ACK);
    assert.equal(leaseState(rig), State.BOUND);
    takeAnnouncements(rig, GIVEN);
  });
}

const raw = (...bytes: number[]): Fields => ({
  raw: [...optionBytes({ 54: SERVER_ADDRESS, 51: word32(100), 1: [255, 255, 255, 0] }), ...bytes],
});

answerThreat("DHCP-1", "option length past the end", DROP_DHCP_MALFORMED, [
  raw(53, 1, 2, 12, 200, 65, 65),
  raw(53, 1, 2, 6, 255),
  raw(53, 1, 2, 6),
  raw(53, 1, 2, 6, 3, 1, 1, 1),
  raw(53, 1, 2, 0, 0, 0, 119),
]);

answerThreat("DHCP-1", "options without an end (255)", DROP_DHCP_MALFORMED, [
  raw(53, 1, 2),
  raw(53, 1, 2, 0, 0, 0, 0),
  { raw: [] },
]);

answerThreat("DHCP-1", "options overloaded into fields that have no end", DROP_DHCP_MALFORMED, [
  { options: { 52: [1] }, file: new Array<number>(128).fill(0) },
  { options: { 52: [2] }, sname: [12, 200, 65] },
  { options: { 52: [3] }, file: [255], sname: new Array<number>(64).fill(7) },
  { options: { 52: [3] }, file: new Array<number>(128).fill(1), sname: [255] },
]);

answerThreat("DHCP-1", "no server identifier, or one that no host has", DROP_DHCP_MALFORMED, [
  { options: { 54: undefined } },
  { options: { 54: [192, 0, 2] } },
  { options: { 54: NOBODY } },
  { options: { 54: EVERYBODY } },
  { options: { 54: [224, 0, 0, 1] } },
  { options: { 54: [127, 0, 0, 1] } },
]);

answerThreat("DHCP-1", "no lease time, or one of 0 s", DROP_DHCP_MALFORMED, [
  { options: { 51: undefined } },
  { options: { 51: word32(0) } },
  { options: { 51: [1] } },
  { options: { 51: [0, 1, 2] } },
]);

answerThreat("DHCP-1", "a mask with holes", DROP_DHCP_MALFORMED, [
  { options: { 1: [255, 0, 255, 0] } },
  { options: { 1: [0, 255, 255, 255] } },
  { options: { 1: [0, 0, 0, 1] } },
]);

answerThreat("DHCP-1", "another operation, hardware or cookie", DROP_DHCP_MALFORMED, [
  { op: 1 },
  { op: 3 },
  { htype: 6 },
  { hlen: 16 },
  { hlen: 255 },
  { cookie: [0, 0, 0, 0] },
  { cookie: [0x63, 0x82, 0x53, 0x62] },
]);

answerThreat("DHCP-1", "XID mismatch, or another station's", DROP_DHCP_UNRELATED, [
  { xid: 0 },
  { xid: 0xffffffff },
  { chaddr: [2, 0, 0, 0, 0, 2] },
  { chaddr: [0, 0, 0, 0, 0, 0] },
]);

answerThreat("DHCP-1", "no message type, or one that servers do not send", DROP_DHCP_UNRELATED, [
  { options: { 53: undefined } },
  ...[0, 1, 3, 4, 7, 8, 13, 18, 255].map((type) => ({ options: { 53: [type] } })),
]);

for (const [what, yiaddr] of [
  ["0.0.0.0", NOBODY],
  ["255.255.255.255", EVERYBODY],
  ["127.0.0.1", [127, 0, 0, 1]],
  ["a group", [224, 0, 0, 9]],
  ["of class E", [240, 1, 2, 3]],
  ["the network's own", [192, 0, 2, 0]],
  ["the network's broadcast", [192, 0, 2, 255]],
] as const) {
  dhcpTest(`DHCP-1 an address that no host has: ${what}`, (rig) => {
    const discover = discovered(rig);
    answer(rig, discover, Type.OFFER, { yiaddr: [...yiaddr] });
    assert.equal(rig.counter(DROP_DHCP_MALFORMED), 1);
    assert.equal(leaseState(rig), State.SELECTING);
  });
}

dhcpTest(
  "DHCP-1 an address that is ours already stays the host's",
  (rig) => {
    const discover = discovered(rig);
    answer(rig, discover, Type.OFFER, { yiaddr: [192, 0, 2, 1] });
    assert.equal(rig.counter(DROP_DHCP_UNRELATED), 1);
    assert.equal(leaseState(rig), State.SELECTING);
    assert.equal(addresses(rig), 1);
  },
  { configured: true },
);

dhcpTest("DHCP-1 an ack of another address than was asked for", (rig) => {
  const request = requested(rig);
  answer(rig, request, Type.ACK, { yiaddr: [192, 0, 2, 78] });
  assert.equal(rig.counter(DROP_DHCP_UNRELATED), 1);
  assert.equal(addresses(rig), 0);
  rig.advance(1800); // and in a renewal
  answer(rig, request, Type.ACK);
  takeAnnouncements(rig, GIVEN);
  rig.advance(1_800_000 - rig.now());
  answer(rig, takeMessage(rig, Type.REQUEST), Type.ACK, { yiaddr: [192, 0, 2, 78] });
  assert.deepEqual([leaseState(rig), rig.counter(DROP_DHCP_UNRELATED)], [State.RENEWING, 2]);
});

dhcpTest("DHCP-1 answers that nobody asked for: no lease changes by them", (rig) => {
  const request = bound(rig);
  for (const type of [Type.OFFER, Type.ACK, Type.NAK]) answer(rig, request, type);
  assert.equal(rig.counter(DROP_DHCP_UNRELATED), 3);
  assert.deepEqual([leaseState(rig), rig.counter(Counter.DHCP_NAKS)], [State.BOUND, 0]);
  assert.ok(isOurs(rig, GIVEN));
});

dhcpTest("DHCP-1 options overloaded into file and sname: read there", (rig) => {
  const fields: Fields = {
    options: { 51: undefined, 52: [3], 1: undefined },
    file: [...optionBytes({ 51: word32(100), 6: [9, 9, 9, 9] }), 255],
    sname: [0, 0, ...optionBytes({ 1: [255, 255, 0, 0] }), 255, 1, 2, 3],
  };
  answer(rig, requested(rig, Auto.DHCP, fields), Type.ACK, fields);
  takeAnnouncements(rig, GIVEN);
  assert.equal(lease(rig, "seconds"), 100);
  assert.deepEqual(leaseAddress(rig, "mask"), [255, 255, 0, 0]);
  assert.deepEqual(leaseAddress(rig, "nameServer"), [9, 9, 9, 9]);
});

dhcpTest("DHCP-1 T1 > T2 > lease: the usual times", (rig) => {
  bound(rig, { 51: word32(1000), 58: word32(0xffffffff), 59: word32(0xfffffffe) });
  assert.deepEqual([lease(rig, "renewSeconds"), lease(rig, "rebindSeconds")], [500, 875]);
});

dhcpTest(
  "DHCP-1 a host name too long, options that are not used, of every length: skipped",
  (rig) => {
    for (const code of [12, 15, 43, 66, 67, 81, 120, 121, 252, 254]) {
      const options = { [code]: new Array<number>(250).fill(0xff), 13: [], 14: [1] };
      answer(rig, requested(rig, Auto.DHCP, { options }), Type.ACK, { options });
      assert.equal(leaseState(rig), State.BOUND, `option ${code}`);
      takeAnnouncements(rig, GIVEN);
      rig.call.interfaceAuto(0, 0);
      rig.advance(1000);
      rig.sent.splice(0);
    }
  },
);

dhcpTest("DHCP-1 a domain list whose names loop (option 119): skipped", (rig) => {
  bound(rig, { 119: [0xc0, 0, 0xc0, 2, 1, 65, 0xc0, 0] });
  assert.equal(rig.counter(DROP_DHCP_MALFORMED), 0);
});

dhcpTest("DHCP-1 router, name servers and mask that are none: not taken", (rig) => {
  bound(rig, { 3: [127, 0, 0, 1], 6: [1, 2], 42: [], 1: [255, 255] });
  assert.deepEqual(leaseAddress(rig, "router"), NOBODY);
  assert.deepEqual(leaseAddress(rig, "nameServer"), NOBODY);
  assert.deepEqual(leaseAddress(rig, "timeServer"), NOBODY);
  assert.deepEqual(leaseAddress(rig, "mask"), [255, 255, 255, 0], "that of its class");
});

dhcpTest("DHCP-1 a flood of naks: ever longer pauses, a minute at the end", (rig) => {
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  const begins: number[] = [];
  for (let second = 0; second < 600; second++) {
    rig.advance(1000);
    while (rig.sent.length > 0) {
      begins.push(rig.now());
      answer(rig, takeMessage(rig, Type.DISCOVER), Type.OFFER);
      const request = takeMessage(rig, Type.REQUEST);
      for (let i = 0; i < 50; i++) answer(rig, request, Type.NAK);
    }
  }
  const naks = rig.counter(Counter.DHCP_NAKS);
  assert.equal(naks, begins.length, "one of fifty counts");
  assert.ok(naks >= 10 && naks <= 16, `${naks} in ten minutes`);
  assert.equal(rig.counter(Counter.DHCP_SENT), 2 * naks);
  assert.ok(begins.at(-1)! - begins.at(-2)! >= 62_000);
  rig.sent.splice(0);
});

dhcpTest("DHCP-1 leases of a second: a few questions a second, no more", (rig) => {
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  const options = { 51: word32(1) };
  for (let step = 0; step < 1000; step++) {
    rig.advance(20);
    for (let sent; (sent = rig.sent[0]) !== undefined;) {
      if (sent.view.kind === "arp") rig.sent.shift();
      else {
        const type = leaseState(rig) === State.SELECTING ? Type.DISCOVER : Type.REQUEST;
        const asked = takeMessage(rig, type);
        answer(rig, asked, type === Type.DISCOVER ? Type.OFFER : Type.ACK, { options });
      }
    }
  }
  assert.ok(rig.counter(Counter.DHCP_SENT) <= 50, `${rig.counter(Counter.DHCP_SENT)} in 20 s`);
});

dhcpTest("DHCP-1 who answers every probe: an address is refused once in ten seconds", (rig) => {
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP | Auto.PROBE), 0);
  for (let step = 0; step < 600; step++) {
    rig.advance(100);
    for (let sent; (sent = rig.sent.shift()) !== undefined;) {
      const { view } = sent;
      if (view.kind === "arp") {
        const taken = { operation: 2, sender: view.target, target: NOBODY };
        rig.inject(arpFrame(77, taken, { to: OUR_MAC }));
        rig.advance(0);
        continue;
      }
      rig.sent.unshift(sent);
      const state = leaseState(rig);
      if (state === State.INIT) takeMessage(rig, Type.DECLINE);
      else if (state === State.SELECTING) answer(rig, takeMessage(rig, Type.DISCOVER), Type.OFFER);
      else answer(rig, takeMessage(rig, Type.REQUEST), Type.ACK);
    }
  }
  const conflicts = rig.counter(Counter.DHCP_CONFLICTS);
  assert.ok(conflicts >= 4 && conflicts <= 6, `${conflicts} in a minute`);
  assert.ok(rig.counter(Counter.DHCP_SENT) <= 3 * conflicts + 3);
});

/** A valid message with much in it. */
const RICH: Fields = {
  options: {
    3: [192, 0, 2, 254],
    6: [9, 9, 9, 9, 1, 1, 1, 1],
    12: [109, 111, 116, 101],
    26: word16(1400),
    42: [192, 0, 2, 123],
    52: [3],
    58: word32(1000),
    59: word32(2000),
  },
  file: [...optionBytes({ 15: [97, 98] }), 255],
  sname: [...optionBytes({ 66: [97] }), 255],
};

dhcpTest("DHCP-1 messages cut at each length: malformed, each one", (rig) => {
  const discover = discovered(rig);
  const offer = answerTo(discover, Type.OFFER, RICH);
  for (let length = 0; length < offer.length; length++) {
    // What was received before lies behind it: the whole message.
    rig.inject(answerFrame(answerTo(discover, Type.OFFER, { ...RICH, xid: 0 })));
    rig.inject(answerFrame(offer.subarray(0, length)));
    assert.equal(rig.counter(DROP_DHCP_MALFORMED), length + 1, `length ${length}`);
  }
  assert.equal(leaseState(rig), State.SELECTING);
  rig.inject(answerFrame(offer));
  takeMessage(rig, Type.REQUEST);
});

dhcpTest("DHCP-1 valid messages, damaged at random: no harm, and the next is taken", (rig) => {
  const seed = chooseSeed();
  rig.note(`MOTE_SEED=${seed}`);
  const random = createRandom(seed);
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP | Auto.LINK_LOCAL), 0);
  let asked: Message | undefined;
  for (let step = 0; step < 2000; step++) {
    rig.advance(random.below(20_000));
    for (const { view } of rig.sent.splice(0)) {
      if (view.kind !== "udp") continue;
      const xid = new DataView(view.data.buffer, view.data.byteOffset + 4).getUint32(0);
      asked = { xid, chaddr: OUR_MAC, broadcast: true } as Message;
    }
    if (!asked) continue;
    const bytes = answerTo(asked, random.pick([Type.OFFER, Type.ACK, Type.NAK]), RICH);
    for (let hits = random.below(4); hits > 0; hits--) {
      const at = random.percent(70) ? 236 + random.below(bytes.length - 236) : random.below(236);
      bytes[at] = random.percent(50) ? random.pick([0, 1, 4, 52, 127, 254, 255]) : random.word();
    }
    rig.inject(answerFrame(bytes));
    assert.ok(addresses(rig) <= 2);
  }
  rig.call.interfaceAuto(0, 0);
  rig.advance(10_000);
  rig.sent.splice(0);
  assert.equal(addresses(rig), 0);
  bound(rig);
});

dhcpTest("DHCP-1 DHCPv6 (UDP 546): the stack does not speak it, nobody is there", (rig) => {
  bound(rig);
  const solicit = [1, 0, 0, 1, 0, 3, 255, 255, 0, 5, 0, 24];
  const udp = { sourcePort: 547, destinationPort: 546, data: solicit };
  rig.inject(udpFrame(10, udp, { destination: [192, 0, 2, 255] }, { to: new Array(6).fill(255) }));
  assert.equal(rig.counter(Counter.UDP_NO_SOCKET), 1);
  rig.expectNothing("no answer");
});
