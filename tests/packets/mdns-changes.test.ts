// Multicast DNS: names, services, links and addresses that come and go, and what else uses the port.

import assert from "node:assert/strict";
import { AddressFlag, Counter, Errno } from "../../host/core/generated/abi.js";
import { ipFrame, OUR_ADDRESS, udpFrame } from "./support/frame.js";
import {
  dropReports,
  GROUP,
  GROUP_MAC,
  hostName,
  mdnsTest,
  messageBytes,
  named,
  nameEvent,
  Pool,
  PORT,
  publish,
  question,
  serviceTest,
  setName,
  silence,
  take,
  takeAnswer,
  takeFromGroup,
  takeProbe,
  toGroup,
  toUs,
  Type,
} from "./support/mdns.js";
import { type Rig } from "./support/rig.js";
import { bindTo, receiveFrom } from "./support/sockets.js";
import {
  HTTP,
  INSTANCE,
  META,
  WEB,
  addressOf,
  response,
  host,
  ptr,
  srv,
  txt,
  kind,
  ask,
  probing,
} from "./support/mdnsRecords.js";

// Goodbye (section 10.1), and services

serviceTest("another name: the old one says goodbye, then the new one is probed", (rig) => {
  named(rig, "mote", WEB);
  assert.equal(setName(rig, "other"), 0);
  rig.advance(0);
  const { answers } = takeAnswer(rig);
  assert.deepEqual(answers, [ptr(0), srv(0, false), txt(0, false), ...host(0, false)]);
  rig.advance(10_000);
  for (let i = 0; i < 3; i++) takeProbe(rig, "other.local");
  for (let i = 0; i < 2; i++) {
    const names = takeAnswer(rig).answers.map(({ name }) => name);
    const instance = `other.${HTTP}`;
    assert.deepEqual(names, [HTTP, instance, instance, META, "other.local", "other.local"]);
  }
  silence(rig);
});

mdnsTest("another name while the old one is probed: nobody knows it, no goodbye", (rig) => {
  probing(rig, 2);
  assert.equal(setName(rig, "other"), 0);
  rig.advance(5000);
  takeProbe(rig, "other.local");
  rig.sent.splice(0);
});

serviceTest("a service that comes is announced twice, with all there is", (rig) => {
  named(rig);
  assert.equal(publish(rig, "_http._tcp", 80), 0);
  assert.equal(rig.used(Pool.SERVICE), 1);
  const before = rig.now();
  rig.advance(10_000);
  const first = takeAnswer(rig);
  assert.deepEqual([first.atMs, first.answers], [before, [ptr(), srv(), txt(), ...host()]]);
  const second = takeAnswer(rig);
  assert.equal(second.atMs, before + 1000);
  assert.deepEqual(second.answers, [ptr(), srv(), txt(), kind(), ...host()]);
  silence(rig);
});

serviceTest("a service that is withdrawn says goodbye, and is not known any more", (rig) => {
  named(rig, "mote", WEB);
  assert.equal(publish(rig, "_http._tcp", 0), 0);
  assert.equal(rig.used(Pool.SERVICE), 0);
  rig.advance(0);
  const goodbye = takeAnswer(rig).answers;
  assert.deepEqual(goodbye, [ptr(0), srv(0, false), txt(0, false), ...host()]);
  rig.advance(3000);
  rig.sent.splice(0);
  for (const [name, type] of [
    [HTTP, Type.PTR],
    [INSTANCE, Type.ANY],
    [META, Type.PTR],
  ] as const)
    ask(rig, question(name, type));
  rig.advance(2000);
  silence(rig);
});

/** Types that say goodbye, until all is silent. */
function goodbyes(rig: Rig): string[] {
  rig.advance(10_000);
  const gone: string[] = [];
  for (dropReports(rig); rig.sent.length > 0; dropReports(rig)) {
    const { answers } = take(rig);
    gone.push(
      ...answers.filter(({ ttl, type }) => ttl === 0 && type === Type.PTR).map(({ name }) => name),
    );
  }
  return gone;
}

serviceTest("two services withdrawn, the second within a second: both say goodbye", (rig) => {
  named(rig, "mote", { "_a._tcp": 1, "_b._tcp": 2 });
  assert.equal(publish(rig, "_a._tcp", 0), 0);
  rig.advance(0);
  assert.equal(publish(rig, "_b._tcp", 0), 0);
  assert.deepEqual(goodbyes(rig), ["_a._tcp.local", "_b._tcp.local"]);
});

serviceTest("two names within a second: the one that was told says goodbye", (rig) => {
  named(rig, "mote", WEB);
  ask(rig, question("mote.local", Type.A));
  rig.advance(0);
  takeAnswer(rig);
  for (const name of ["a", "b"]) assert.equal(setName(rig, name), 0);
  assert.deepEqual(goodbyes(rig), [HTTP]);
  assert.equal(hostName(rig), "b");
});

serviceTest("a service at another port is announced with it", (rig) => {
  named(rig, "mote", WEB);
  assert.equal(publish(rig, "_HTTP._tcp", 8080), 0);
  assert.equal(rig.used(Pool.SERVICE), 1);
  rig.advance(0);
  const { answers } = takeAnswer(rig);
  assert.equal(answers.find(({ type }) => type === Type.SRV)?.data, "8080 mote.local");
  rig.advance(3000);
  rig.sent.splice(0);
});

serviceTest("types that are none, and ports: EINVAL", (rig) => {
  const bad = [
    "",
    "_http",
    "http._tcp",
    "_http.tcp",
    "_http._sctp",
    "_http._tcp.local",
    "_a._http._tcp",
    "_._tcp",
    `_${"a".repeat(16)}._tcp`,
    "_http.._tcp",
    "._http._tcp",
    "_http_tcp",
    "_tcp",
    "_http._tcp\0",
  ];
  for (const type of bad) assert.equal(publish(rig, type, 80), -Errno.EINVAL, type);
  for (const port of [65_536, -1]) assert.equal(publish(rig, "_http._tcp", port), -Errno.EINVAL);
  for (const length of [-1, 256, 2 ** 31 - 1])
    assert.equal(rig.call.publish(length, 80), -Errno.EINVAL);
  assert.equal(rig.used(Pool.SERVICE), 0);
});

serviceTest("the shortest and the longest type", (rig) => {
  assert.equal(publish(rig, "_a._tcp", 1), 0);
  assert.equal(publish(rig, `_${"a".repeat(15)}._udp`, 65_535), 0);
  named(rig);
  ask(rig, question(`mote._${"a".repeat(15)}._udp.local`, Type.SRV));
  rig.advance(0);
  assert.equal(takeAnswer(rig).answers[0]!.data, "65535 mote.local");
});

serviceTest("what was not told cannot be withdrawn; more services than records: ENOBUFS", (rig) => {
  assert.equal(publish(rig, "_http._tcp", 0), -Errno.EADDRNOTAVAIL);
  const most = 7;
  for (let i = 0; i < most; i++) assert.equal(publish(rig, `_s${i}._tcp`, 1000 + i), 0);
  assert.equal(publish(rig, "_more._tcp", 1), -Errno.ENOBUFS);
  assert.equal(publish(rig, "_s1._tcp", 0), 0);
  assert.equal(publish(rig, "_s1._tcp", 0), -Errno.EADDRNOTAVAIL);
  assert.equal(publish(rig, "_more._tcp", 1), 0);
  assert.equal(rig.used(Pool.SERVICE), most);
});

serviceTest("a record is free again only when its goodbye has left", (rig) => {
  const most = 7;
  named(rig);
  for (let i = 0; i < most; i++) assert.equal(publish(rig, `_s${i}._tcp`, 1000 + i), 0);
  rig.advance(5000);
  rig.sent.splice(0);
  assert.equal(publish(rig, "_s1._tcp", 0), 0);
  assert.equal(publish(rig, "_more._tcp", 1), -Errno.ENOBUFS);
  rig.advance(5000);
  assert.ok(rig.sent.length > 0);
  rig.sent.splice(0);
  assert.equal(publish(rig, "_more._tcp", 1), 0);
  rig.advance(5000);
  rig.sent.splice(0);
});

// Links and addresses

mdnsTest("the link goes and comes: probed and announced again", (rig) => {
  named(rig);
  rig.call.interfaceLink(0, 0);
  rig.advance(10_000);
  rig.expectNothing();
  rig.call.interfaceLink(0, 1);
  rig.advance(5000);
  for (let i = 0; i < 3; i++) takeProbe(rig, "mote.local");
  for (let i = 0; i < 2; i++) takeAnswer(rig);
  silence(rig);
  assert.equal(rig.used(Pool.GROUP), 1);
});

mdnsTest("the address goes: silence, and the group is left; another comes: it is told", (rig) => {
  named(rig);
  assert.equal(rig.call.addressRemove(rig.address), 0);
  rig.advance(10);
  assert.equal(rig.used(Pool.GROUP), 1, "routers are being told");
  rig.advance(5000);
  assert.equal(rig.used(Pool.GROUP), 0);
  ask(rig, question("mote.local", Type.A));
  rig.advance(5000);
  silence(rig);
  assert.ok(rig.call.addressAdd(0, rig.putAddress([192, 0, 2, 77]), 24, 0) > 0);
  rig.advance(5000);
  rig.sent.splice(
    0,
    rig.sent.findIndex(({ view }) => view.kind === "udp"),
  );
  for (let i = 0; i < 3; i++) takeProbe(rig, "mote.local", [192, 0, 2, 77]);
  for (let i = 0; i < 2; i++)
    assert.deepEqual(takeAnswer(rig).answers, host(120, true, "mote.local", [192, 0, 2, 77]));
  silence(rig);
});

mdnsTest("an address that is probed by ARP is told of when it is in use", (rig) => {
  assert.equal(rig.call.addressRemove(rig.address), 0);
  assert.equal(setName(rig, "mote"), 0);
  const flags = AddressFlag.CONFLICT_DETECTION;
  assert.ok(rig.call.addressAdd(0, rig.putAddress(OUR_ADDRESS), 24, flags) > 0);
  rig.advance(2000);
  assert.ok(rig.sent.splice(0).every(({ view }) => view.kind === "arp"));
  rig.advance(20_000);
  const messages = rig.sent.splice(0).filter(({ view }) => view.kind === "udp");
  assert.equal(messages.length, 5);
});

mdnsTest("two interfaces: on each its own address, and one name", (rig) => {
  const handle = second(rig);
  assert.equal(setName(rig, "mote"), 0);
  rig.advance(5000);
  dropReports(rig);
  const sent = rig.sent.splice(0);
  assert.equal(sent.filter(({ interfaceIndex }) => interfaceIndex === 0).length, 5);
  assert.equal(sent.filter(({ interfaceIndex }) => interfaceIndex === 1).length, 5);
  rig.inject(toGroup(10, question("mote.local", Type.A), { source: [198, 51, 100, 10] }), 1);
  rig.advance(0);
  const answer = takeAnswer(rig);
  assert.equal(answer.interfaceIndex, 1);
  assert.deepEqual(answer.answers, host(120, true, "mote.local", [198, 51, 100, 1]));
  assert.deepEqual(answer.udp.source, [198, 51, 100, 1]);
  assert.equal(rig.used(Pool.GROUP), 2);
  assert.ok(!nameEvent(rig, handle));
});

mdnsTest("two interfaces: a conflict on one changes the name on both", (rig) => {
  const handle = second(rig);
  named(rig);
  const other = { source: [198, 51, 100, 10] };
  const conflict = response({ ...addressOf("mote.local", 10), data: [198, 51, 100, 10] });
  rig.inject(toGroup(10, conflict, other), 1);
  rig.advance(1300);
  dropReports(rig);
  assert.ok(
    rig.sent.splice(0).every(({ interfaceIndex }) => interfaceIndex === 1),
    "probes there",
  );
  rig.inject(toGroup(10, conflict, other), 1);
  assert.equal(hostName(rig), "mote-2");
  assert.ok(nameEvent(rig, handle));
  rig.advance(0);
  if (rig.profile === "desktop") {
    const goodbye = takeAnswer(rig);
    assert.deepEqual([goodbye.interfaceIndex, goodbye.answers], [0, host(0, false)]);
  }
  rig.advance(10_000);
  dropReports(rig);
  const names = rig.sent.splice(0).map(({ view }) => Buffer.from(view.frame).includes("mote-2"));
  assert.deepEqual(names, new Array(10).fill(true));
});

mdnsTest("an address of another interface of ours is no other host's, on joined links", (rig) => {
  second(rig);
  named(rig);
  const reflected = response({ ...addressOf("mote.local", 0), data: [198, 51, 100, 1] });
  rig.inject(toGroup(10, reflected));
  rig.advance(5000);
  silence(rig);
  assert.equal(rig.counter(Counter.MDNS_CONFLICTS), 0);
});

function second(rig: Rig): number {
  rig.putAddress([2, 0, 0, 0, 1, 1]);
  const handle = rig.call.interfaceConfigure(1, 1500);
  assert.ok(handle > 0);
  assert.equal(rig.call.interfaceLink(1, 1), 0);
  assert.ok(rig.call.addressAdd(1, rig.putAddress([198, 51, 100, 1]), 24, 0) > 0);
  rig.pump();
  rig.expectArp({ operation: 1, sender: [198, 51, 100, 1] });
  rig.call.takeEvents(handle);
  return handle;
}

mdnsTest("without a record for the group: silence, until there is one", (rig) => {
  const groups = rig.profile === "esp32" ? 4 : 64;
  for (let i = 0; i < groups; i++)
    assert.equal(rig.call.join(0, rig.putAddress([239, 0, 0, i + 1])), 0);
  assert.equal(setName(rig, "mote"), 0);
  rig.advance(5000);
  silence(rig);
  assert.equal(rig.call.leave(0, rig.putAddress([239, 0, 0, 1])), 0);
  rig.advance(5000);
  rig.call.interfaceLink(0, 0);
  rig.call.interfaceLink(0, 1);
  rig.advance(5000);
  takeProbe(rig, "mote.local");
  rig.sent.splice(0);
});

// Messages and what else uses the port

serviceTest("more than a packet takes: the rest a second later", (rig) => {
  const name = "a".repeat(63);
  rig.call.interfaceLink(0, 0);
  rig.putAddress([2, 0, 0, 0, 0, 1]);
  assert.ok(rig.call.interfaceConfigure(0, 576) > 0);
  rig.call.interfaceLink(0, 1);
  publish(rig, `_${"b".repeat(15)}._tcp`, 1);
  publish(rig, `_${"c".repeat(15)}._tcp`, 2);
  assert.equal(setName(rig, name), 0);
  rig.advance(20_000);
  dropReports(rig);
  const told = new Set<string>();
  let last = 0;
  while (rig.sent.length > 0) {
    const message = takeFromGroup(rig);
    assert.ok(message.udp.frame.length <= 14 + 576, `${message.udp.frame.length} bytes`);
    if (message.answers.length > 0 && last > 0) assert.ok(message.atMs - last >= 1000);
    if (message.answers.length > 0) last = message.atMs;
    for (const record of message.answers) told.add(`${record.type} ${record.name} ${record.data}`);
  }
  assert.equal(told.size, 10);
});

mdnsTest("a message in fragments is put together", (rig) => {
  named(rig);
  const asked = messageBytes(question("mote.local", Type.A));
  const frame = toGroup(10, asked);
  const udp = frame.subarray(34, 34 + 8 + asked.length);
  const part = (from: number, to: number, fragment: number) =>
    ipFrame(10, { protocol: 17, destination: GROUP, fragment }, udp.subarray(from, to), {
      to: GROUP_MAC,
    });
  rig.inject(part(0, 16, 0x2000));
  rig.inject(part(16, udp.length, 2));
  rig.advance(0);
  takeAnswer(rig);
});

mdnsTest("a socket has the port while the stack has no name", (rig) => {
  const socket = bindTo(rig, PORT);
  rig.inject(toUs(10, question("mote.local", Type.A)));
  assert.ok(typeof receiveFrom(rig, socket) === "object");
  named(rig);
  rig.inject(toUs(10, question("other.local", Type.A)));
  assert.ok(typeof receiveFrom(rig, socket) === "number", "the responder has it");
  rig.call.close(socket);
});

mdnsTest("other ports to the group are none of ours", (rig) => {
  named(rig);
  const data = messageBytes(question("mote.local", Type.A));
  const udp = { sourcePort: PORT, destinationPort: 5354, data };
  rig.inject(udpFrame(10, udp, { destination: GROUP }, { to: GROUP_MAC }));
  rig.advance(2000);
  silence(rig);
});

mdnsTest("the clock may stand anywhere: the wrap is nothing special", (rig) => {
  named(rig);
  for (let i = 0; i < 12; i++) {
    ask(rig, question("mote.local", Type.A));
    rig.advance(0);
    takeAnswer(rig);
    rig.advance(2 ** 29);
    rig.sent.splice(0);
  }
});
