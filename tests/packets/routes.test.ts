// Where packets go: networks of addresses, routes, the router of an interface: the longest prefix wins
// (RFC 1122 section 3.3.1, RFC 1812 section 5.2.4.3). Interfaces tell of their links.

import assert from "node:assert/strict";
import { Constant, Errno, Event, Pool } from "../../host/core/generated/abi.js";
import { arpFrame } from "./support/frame.js";
import { onAllProfiles, packetTest, type Rig } from "./support/rig.js";
import { bindTo, sendTo } from "./support/sockets.js";

const SECOND_MAC = [2, 0, 0, 0, 1, 1];

/** A second interface: 198.51.100.1/24. */
function second(rig: Rig): number {
  rig.putAddress(SECOND_MAC);
  const handle = rig.call.interfaceConfigure(1, 1500);
  assert.ok(handle > 0);
  assert.equal(rig.call.interfaceLink(1, 1), 0);
  rig.putAddress([198, 51, 100, 1]);
  assert.ok(rig.call.addressAdd(1, 4, 24, 0) > 0);
  rig.pump();
  rig.sent.splice(0);
  return handle;
}

function route(rig: Rig, iface: number, network: number[], length: number, router: number[]) {
  rig.putAddress([...network, ...Array<number>(12).fill(0), ...router]);
  return rig.call.route(iface, 4, length);
}

function router(rig: Rig, iface: number, address: number[]): void {
  assert.equal(rig.call.interfaceRouter(iface, rig.putAddress(address)), 0);
}

/** Who is asked for by ARP, and on which interface, for a datagram to an address; null: no way. */
function nextHopTo(rig: Rig, address: number[]): [number, string] | null {
  const socket = bindTo(rig, 5000);
  const result = sendTo(rig, socket, address, 7, [1]);
  const first = rig.sent.shift();
  rig.sent.splice(0);
  rig.call.close(socket);
  if (result !== 0) {
    assert.equal(result, -Errno.ENETUNREACH);
    return null;
  }
  assert.ok(first?.view.kind === "arp");
  return [first.interfaceIndex, first.view.target.join(".")];
}

const SILENT = { answersArp: false } as const;

packetTest("the longest prefix wins, whatever its interface", SILENT, (rig) => {
  second(rig);
  router(rig, 0, [192, 0, 2, 254]);
  assert.equal(route(rig, 1, [10, 0, 0, 0], 8, [198, 51, 100, 8]), 0);
  assert.equal(route(rig, 0, [10, 1, 0, 0], 16, [192, 0, 2, 16]), 0);
  assert.equal(route(rig, 1, [10, 1, 2, 3], 32, [198, 51, 100, 32]), 0);
  assert.deepEqual(nextHopTo(rig, [10, 9, 9, 9]), [1, "198.51.100.8"]);
  assert.deepEqual(nextHopTo(rig, [10, 1, 9, 9]), [0, "192.0.2.16"]);
  assert.deepEqual(nextHopTo(rig, [10, 1, 2, 3]), [1, "198.51.100.32"]);
  assert.deepEqual(nextHopTo(rig, [11, 0, 0, 1]), [0, "192.0.2.254"]);
  assert.deepEqual(nextHopTo(rig, [198, 51, 100, 77]), [1, "198.51.100.77"]);
  assert.equal(rig.used(Pool.ROUTE), 3);
});

packetTest("a network of our own goes before a route of the same length", SILENT, (rig) => {
  assert.equal(route(rig, 0, [192, 0, 2, 0], 24, [192, 0, 2, 99]), 0);
  assert.deepEqual(nextHopTo(rig, [192, 0, 2, 7]), [0, "192.0.2.7"]);
  assert.equal(route(rig, 0, [192, 0, 2, 0], 25, [192, 0, 2, 99]), 0);
  assert.deepEqual(nextHopTo(rig, [192, 0, 2, 7]), [0, "192.0.2.99"]);
  assert.deepEqual(nextHopTo(rig, [192, 0, 2, 130]), [0, "192.0.2.130"]);
});

packetTest("a route is changed, and taken away", SILENT, (rig) => {
  assert.equal(nextHopTo(rig, [10, 0, 0, 1]), null);
  assert.equal(route(rig, 0, [10, 0, 0, 0], 8, [192, 0, 2, 8]), 0);
  assert.equal(route(rig, 0, [10, 0, 0, 0], 8, [192, 0, 2, 9]), 0);
  assert.deepEqual(nextHopTo(rig, [10, 0, 0, 1]), [0, "192.0.2.9"]);
  assert.equal(route(rig, 0, [10, 0, 0, 0], 8, [0, 0, 0, 0]), 0);
  assert.equal(route(rig, 0, [10, 0, 0, 0], 8, [0, 0, 0, 0]), -Errno.ENETUNREACH);
  assert.equal(nextHopTo(rig, [10, 0, 0, 1]), null);
  assert.equal(rig.used(Pool.ROUTE), 0);
});

packetTest("the link of the best way is down: the next best", SILENT, (rig) => {
  second(rig);
  router(rig, 0, [192, 0, 2, 254]);
  assert.equal(route(rig, 1, [10, 0, 0, 0], 8, [198, 51, 100, 8]), 0);
  rig.call.interfaceLink(1, 0);
  assert.deepEqual(nextHopTo(rig, [10, 0, 0, 1]), [0, "192.0.2.254"]);
  rig.call.interfaceLink(1, 1);
  assert.deepEqual(nextHopTo(rig, [10, 0, 0, 1]), [1, "198.51.100.8"]);
});

packetTest("route: bad arguments, a full table", (rig) => {
  const good = [192, 0, 2, 8];
  assert.equal(route(rig, 0, [10, 0, 0, 0], 0, good), -Errno.EINVAL);
  assert.equal(route(rig, 0, [10, 0, 0, 0], 33, good), -Errno.EINVAL);
  assert.equal(route(rig, 0, [10, 0, 0, 1], 8, good), -Errno.EINVAL); // bits beyond the prefix
  assert.equal(route(rig, 0, [10, 0, 0, 0], 8, [224, 0, 0, 1]), -Errno.EINVAL);
  assert.equal(route(rig, 1, [10, 0, 0, 0], 8, good), -Errno.EINVAL); // not configured
  assert.equal(route(rig, 99, [10, 0, 0, 0], 8, good), -Errno.EINVAL);
  assert.equal(rig.call.route(0, 16, 8), -Errno.EAFNOSUPPORT);
  assert.equal(rig.call.route(0, 3, 8), -Errno.EINVAL);
  const most = rig.core.constant(Constant.ROUTES);
  for (let i = 0; i < most; i++) assert.equal(route(rig, 0, [10, i, 0, 0], 16, good), 0);
  assert.equal(route(rig, 0, [11, 0, 0, 0], 16, good), -Errno.ENOBUFS);
  assert.equal(rig.used(Pool.ROUTE), most);
});

packetTest("esp32 has no routes but its networks and routers", { profile: "esp32" }, (rig) => {
  assert.equal(route(rig, 0, [10, 0, 0, 0], 8, [192, 0, 2, 8]), -Errno.ENOBUFS);
});

onAllProfiles(
  "with a router on each of two interfaces each network has its own way",
  { ...SILENT, needs: "sockets" },
  (rig) => {
    second(rig);
    router(rig, 1, [198, 51, 100, 254]);
    assert.deepEqual(nextHopTo(rig, [10, 0, 0, 1]), [1, "198.51.100.254"]);
    assert.deepEqual(nextHopTo(rig, [192, 0, 2, 9]), [0, "192.0.2.9"]);
  },
);

onAllProfiles("an interface tells when its link goes down and up", { needs: "sockets" }, (rig) => {
  const handle = second(rig);
  assert.equal(rig.call.nextEvent(), handle);
  assert.equal(rig.call.takeEvents(handle), Event.LINK);
  assert.equal(rig.call.interfaceLink(1, 1), 0); // no news
  assert.equal(rig.call.nextEvent(), 0);
  assert.equal(rig.call.interfaceLink(1, 0), 0);
  assert.equal(rig.call.nextEvent(), handle);
  assert.equal(rig.call.takeEvents(handle), Event.LINK);
  rig.putAddress(SECOND_MAC);
  assert.equal(rig.call.interfaceConfigure(1, 1400), handle); // the same interface
  rig.inject(arpFrame(10), 1); // dropped: the link is down
  assert.equal(rig.call.nextEvent(), 0);
});
