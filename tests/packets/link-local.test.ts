// Link-local addresses (RFC 3927): by themselves, and beside DHCP while no server answers.

import assert from "node:assert/strict";
import { Counter } from "../../host/core/generated/abi.js";
import {
  addresses,
  answer,
  anotherInterface,
  Auto,
  bound,
  dhcpTest,
  GIVEN,
  isOurs,
  lease,
  leaseState,
  linkLocal,
  NOBODY,
  State,
  takeAnnouncements,
  takeMessage,
  Type,
} from "./support/dhcp.js";
import { arpFrame, BROADCAST_MAC, OUR_MAC, word32 } from "./support/frame.js";
import type { Rig } from "./support/rig.js";

/** Asks for a link-local address alone; it is in use. */
function alone(rig: Rig): number[] {
  assert.equal(rig.call.interfaceAuto(0, Auto.LINK_LOCAL), 0);
  rig.advance(12_000);
  const address = linkLocal(rig);
  assert.ok(isOurs(rig, address));
  rig.sent.splice(0);
  return address;
}

/** Another station answers for an address that we probe or use. */
const conflict = (rig: Rig, address: number[]) => {
  rig.inject(arpFrame(77, { operation: 2, sender: address, target: NOBODY }, { to: OUR_MAC }));
  rig.advance(0);
};

dhcpTest("link-local alone: three probes, in use, two announcements, then silence", (rig) => {
  assert.equal(rig.call.interfaceAuto(0, Auto.LINK_LOCAL), 0);
  rig.advance(3000);
  const address = linkLocal(rig);
  assert.deepEqual(address.slice(0, 2), [169, 254]);
  assert.ok(address[2]! >= 1 && address[2]! <= 254);
  assert.ok(!isOurs(rig, address));
  rig.advance(60_000);
  assert.ok(isOurs(rig, address));
  const arps = rig.sent.splice(0).map(({ view }) => (view.kind === "arp" ? view.sender : []));
  assert.deepEqual(arps, [NOBODY, NOBODY, NOBODY, address, address]);
  rig.advance(3_600_000);
  rig.expectNothing("silence");
  assert.equal(leaseState(rig), State.OFF);
});

dhcpTest("link-local: the same station has the same address, another has another", (rig) => {
  const first = alone(rig);
  rig.call.interfaceAuto(0, 0);
  assert.equal(addresses(rig), 0);
  assert.deepEqual(alone(rig), first);
  anotherInterface(rig);
  assert.equal(rig.call.interfaceAuto(1, Auto.LINK_LOCAL), 0);
  assert.notDeepEqual(linkLocal(rig, 1), first);
  rig.advance(0);
});

dhcpTest("link-local: ARP replies go to all (RFC 3927 section 2.5)", (rig) => {
  const address = alone(rig);
  rig.inject(arpFrame(10, { operation: 1, sender: [169, 254, 9, 9], target: address }));
  const reply = rig.expectArp({ operation: 2, sender: address });
  assert.deepEqual(reply.toMac, BROADCAST_MAC);
});

dhcpTest("link-local: taken by another station while probing: another address", (rig) => {
  assert.equal(rig.call.interfaceAuto(0, Auto.LINK_LOCAL), 0);
  const first = linkLocal(rig);
  rig.advance(1000);
  conflict(rig, first);
  const second = linkLocal(rig);
  assert.notDeepEqual(second, first);
  assert.equal(rig.counter(Counter.DHCP_CONFLICTS), 1);
  rig.advance(12_000);
  assert.ok(isOurs(rig, second) && !isOurs(rig, first));
  rig.sent.splice(0);
});

dhcpTest("link-local: after ten conflicts one address a minute is tried", (rig) => {
  assert.equal(rig.call.interfaceAuto(0, Auto.LINK_LOCAL), 0);
  const seen = new Set<string>();
  for (let i = 0; i < 10; i++) {
    rig.advance(1001); // the first probe has left
    const address = linkLocal(rig);
    seen.add(address.join("."));
    conflict(rig, address);
  }
  assert.equal(seen.size, 10, "each time another");
  rig.sent.splice(0);
  rig.advance(59_000);
  rig.expectNothing("no probe for a minute");
  rig.advance(1000);
  rig.expectArp({ operation: 1, sender: NOBODY });
  rig.advance(60_000);
  assert.ok(isOurs(rig, linkLocal(rig)));
  rig.sent.splice(0);
});

dhcpTest("link-local in use: defended once, another address at the second conflict", (rig) => {
  const address = alone(rig);
  conflict(rig, address);
  assert.equal(takeAnnouncements(rig, address), 1);
  assert.ok(isOurs(rig, address));
  conflict(rig, address);
  assert.ok(!isOurs(rig, address));
  assert.notDeepEqual(linkLocal(rig), address);
  rig.advance(12_000);
  assert.ok(isOurs(rig, linkLocal(rig)));
  rig.sent.splice(0);
});

dhcpTest("link-local: the link down and up: probed again, the same address", (rig) => {
  const address = alone(rig);
  rig.call.interfaceLink(0, 0);
  rig.call.interfaceLink(0, 1);
  assert.ok(!isOurs(rig, address));
  rig.advance(12_000);
  assert.ok(isOurs(rig, address));
  rig.sent.splice(0);
});

dhcpTest("link-local with the link down: nothing is taken that was not probed", (rig) => {
  rig.call.interfaceLink(0, 0);
  assert.equal(rig.call.interfaceAuto(0, Auto.LINK_LOCAL), 0);
  rig.advance(60_000);
  assert.equal(addresses(rig), 0);
  rig.call.interfaceLink(0, 1);
  rig.advance(12_000);
  assert.equal(addresses(rig), 1);
  rig.sent.splice(0);
});

/** DHCP and link-local, and nobody answers for a minute: the link-local address. */
function noServer(rig: Rig): number[] {
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP | Auto.LINK_LOCAL), 0);
  rig.advance(55_000);
  assert.equal(addresses(rig), 0);
  rig.advance(20_000);
  const address = linkLocal(rig);
  assert.ok(isOurs(rig, address));
  rig.sent.splice(0);
  return address;
}

dhcpTest("no server for a minute: a link-local address, and DHCP goes on", (rig) => {
  noServer(rig);
  assert.equal(leaseState(rig), State.SELECTING);
  rig.advance(130_000);
  takeMessage(rig, Type.DISCOVER);
  takeMessage(rig, Type.DISCOVER);
  rig.expectNothing("every 64 s");
});

dhcpTest("a server appears: the link-local address goes when the other is in use", (rig) => {
  const address = noServer(rig);
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP | Auto.LINK_LOCAL | Auto.PROBE), 0);
  assert.ok(isOurs(rig, address), "other bits: it stays");
  rig.pump();
  takeMessage(rig, Type.DISCOVER); // and servers are asked once more
  rig.advance(65_000);
  answer(rig, takeMessage(rig, Type.DISCOVER), Type.OFFER);
  answer(rig, takeMessage(rig, Type.REQUEST), Type.ACK);
  rig.advance(2000);
  assert.equal(leaseState(rig), State.PROBING);
  assert.ok(isOurs(rig, address), "until then");
  rig.advance(8000);
  assert.equal(leaseState(rig), State.BOUND);
  assert.ok(isOurs(rig, GIVEN) && !isOurs(rig, address));
  assert.equal(addresses(rig), 1);
  rig.sent.splice(0);
});

dhcpTest("the lease ends and no server answers: link-local again after a minute", (rig) => {
  bound(rig, { 51: word32(100) }, Auto.DHCP | Auto.LINK_LOCAL);
  rig.advance(155_000 - rig.now());
  assert.equal(addresses(rig), 0);
  rig.advance(20_000);
  assert.ok(isOurs(rig, linkLocal(rig)));
  rig.sent.splice(0);
});

dhcpTest("link-local asked for when no server has answered for long: at once", (rig) => {
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  rig.advance(100_000);
  assert.equal(addresses(rig), 0);
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP | Auto.LINK_LOCAL), 0);
  rig.advance(12_000);
  assert.equal(addresses(rig), 1);
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  assert.equal(addresses(rig), 0, "and not any more");
  rig.sent.splice(0);
});

dhcpTest("DHCP asked for beside link-local: the address stays until there is a lease", (rig) => {
  const address = alone(rig);
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP | Auto.LINK_LOCAL), 0);
  rig.pump();
  assert.ok(isOurs(rig, address));
  answer(rig, takeMessage(rig, Type.DISCOVER), Type.OFFER);
  answer(rig, takeMessage(rig, Type.REQUEST), Type.ACK);
  assert.ok(isOurs(rig, GIVEN) && !isOurs(rig, address));
  takeAnnouncements(rig, GIVEN);
});

dhcpTest("from DHCP to link-local alone: the lease is given back first", (rig) => {
  bound(rig);
  assert.equal(rig.call.interfaceAuto(0, Auto.LINK_LOCAL), 0);
  rig.advance(0);
  takeMessage(rig, Type.RELEASE);
  assert.ok(!isOurs(rig, GIVEN));
  rig.advance(12_000);
  assert.ok(isOurs(rig, linkLocal(rig)));
  assert.equal(lease(rig, "seconds"), 0);
  rig.sent.splice(0);
});
