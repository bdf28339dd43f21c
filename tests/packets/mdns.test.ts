// Multicast DNS (RFC 6762) and DNS-SD (RFC 6763): the name of the host is probed, announced, answered for,
// defended and given up, and so are its services.

import assert from "node:assert/strict";
import { AddressFlag, Counter, Errno } from "../../host/core/generated/abi.js";
import { ipFrame, OUR_ADDRESS, peerAddress, udpFrame } from "./support/frame.js";
import {
  dropReports,
  GROUP,
  GROUP_MAC,
  hostName,
  IN,
  interfaceHandle,
  mdnsTest,
  type Message,
  messageBytes,
  nameBytes,
  named,
  nameEvent,
  Pool,
  PORT,
  publish,
  question,
  type Record,
  serviceTest,
  setName,
  silence,
  take,
  takeAnswer,
  takeFromGroup,
  takeProbe,
  takeReply,
  toGroup,
  type Told,
  TOP,
  toUs,
  Type,
} from "./support/mdns.js";
import { packetTest, type Rig } from "./support/rig.js";
import { bindTo, receiveFrom } from "./support/sockets.js";

const HTTP = "_http._tcp.local";
const INSTANCE = `mote.${HTTP}`;
const META = "_services._dns-sd._udp.local";
const WEB = { "_http._tcp": 80 };

const addressOf = (name: string, last: number, ttl = 120): Record => ({
  name,
  type: Type.A,
  class: TOP | IN,
  ttl,
  data: peerAddress(last),
});
const response = (...answers: Record[]): Message => ({ answers });
/** The host's records, which go together; NSEC: of the first 256 types the first 8 have a bit each (section 6.1). */
const host = (ttl = 120, unique = true, name = "mote.local", address = OUR_ADDRESS): Told[] => [
  { name, type: Type.A, unique, ttl, data: address.join(".") },
  { name, type: Type.NSEC, unique, ttl, data: `${name} 0 1 64` },
];
const ptr = (ttl = 4500): Told => ({
  name: HTTP,
  type: Type.PTR,
  unique: false,
  ttl,
  data: INSTANCE,
});
const srv = (ttl = 120, unique = true): Told => ({
  name: INSTANCE,
  type: Type.SRV,
  unique,
  ttl,
  data: "80 mote.local",
});
const txt = (ttl = 4500, unique = true): Told => ({
  name: INSTANCE,
  type: Type.TXT,
  unique,
  ttl,
  data: "",
});
const kind = (ttl = 4500): Told => ({
  name: META,
  type: Type.PTR,
  unique: false,
  ttl,
  data: HTTP,
});

/** A question that the stack hears; nothing else waits to be sent. */
function ask(rig: Rig, message: Message, peer = 10): void {
  rig.inject(toGroup(peer, message));
}

// Probing and announcing (section 8.1, 8.3)

mdnsTest("without a name nothing is sent, and the group is not joined", (rig) => {
  rig.advance(10_000);
  ask(rig, question("mote.local", Type.A));
  silence(rig);
  assert.equal(rig.used(Pool.GROUP), 0);
});

mdnsTest("a name: the group is joined, and reported", (rig) => {
  assert.equal(setName(rig, "mote"), 0);
  rig.pump();
  const { view } = rig.take("a report");
  assert.ok(view.kind === "igmp");
  assert.deepEqual(view.records, [{ type: 4, group: GROUP }]);
  assert.equal(rig.used(Pool.GROUP), 1);
  rig.advance(5000);
  rig.sent.splice(0);
});

mdnsTest(
  "a name: three probes 250 ms apart, two announcements a second apart, then silence",
  (rig) => {
    assert.equal(setName(rig, "mote"), 0);
    rig.advance(60_000);
    const first = takeProbe(rig, "mote.local").atMs;
    assert.ok(first <= 250, `after ${first} ms`);
    assert.equal(takeProbe(rig, "mote.local").atMs, first + 250);
    assert.equal(takeProbe(rig, "mote.local").atMs, first + 500);
    for (const ms of [750, 1750]) {
      const answer = takeAnswer(rig);
      assert.equal(answer.atMs, first + ms);
      assert.deepEqual(answer.answers, host());
    }
    silence(rig);
    assert.equal(rig.counter(Counter.MDNS_SENT), 5);
  },
);

mdnsTest("nothing is answered before the name is announced", (rig) => {
  assert.equal(setName(rig, "mote"), 0);
  rig.advance(700);
  dropReports(rig);
  rig.sent.splice(0);
  ask(rig, question("mote.local", Type.A));
  rig.inject(toGroup(10, question("mote.local", Type.A), { port: 4000 }));
  silence(rig);
  rig.advance(2000);
  dropReports(rig);
  rig.sent.splice(0);
});

serviceTest("services are announced with the name: PTR, SRV, TXT, and their type", (rig) => {
  assert.equal(publish(rig, "_http._tcp", 80), 0);
  rig.advance(2000);
  silence(rig, "nothing without a name");
  assert.equal(setName(rig, "mote"), 0);
  rig.advance(5000);
  for (let i = 0; i < 3; i++) takeProbe(rig, "mote.local");
  for (let i = 0; i < 2; i++)
    assert.deepEqual(takeAnswer(rig).answers, [ptr(), srv(), txt(), kind(), ...host()]);
  silence(rig);
});

mdnsTest("names that are no label: EINVAL, and the old one stays", (rig) => {
  named(rig);
  const bad = ["", "a".repeat(64), "-a", "a-", "-", "a.b", "a b", "a_b", "ä", "a\0"];
  for (const name of bad) assert.equal(setName(rig, name), -Errno.EINVAL, name);
  for (const length of [-1, 2 ** 31 - 1]) assert.equal(rig.call.hostName(length), -Errno.EINVAL);
  rig.advance(5000);
  silence(rig);
  assert.equal(hostName(rig), "mote");
});

mdnsTest("the longest name, digits and hyphens inside", (rig) => {
  const name = `${"a1-".repeat(20)}abc`;
  assert.equal(name.length, 63);
  assert.equal(setName(rig, name), 0);
  rig.advance(5000);
  takeProbe(rig, `${name}.local`);
  rig.sent.splice(0);
});

// Answers (section 6)

mdnsTest("our address is told at once", (rig) => {
  named(rig);
  const before = rig.now();
  ask(rig, question("mote.local", Type.A));
  rig.advance(0);
  const answer = takeAnswer(rig);
  assert.deepEqual([answer.atMs, answer.answers], [before, host()]);
  rig.advance(5000);
  silence(rig);
});

mdnsTest("names have no case", (rig) => {
  named(rig, "Mote");
  ask(rig, question("mOtE.LOCAL", Type.A));
  rig.advance(0);
  assert.deepEqual(takeAnswer(rig).answers, host(120, true, "Mote.local"));
});

mdnsTest("any type and any class are asked for, too (section 6.5)", (rig) => {
  named(rig);
  for (const [type, kind] of [
    [Type.ANY, IN],
    [Type.A, 255],
    [Type.ANY, 255],
  ] as const) {
    ask(rig, question("mote.local", type, kind));
    rig.advance(0);
    assert.deepEqual(takeAnswer(rig).answers, host());
    rig.advance(1000);
  }
});

serviceTest("other names, types and classes: no answer", (rig) => {
  named(rig, "mote", WEB);
  const others: [string, number, number][] = [
    ["mot.local", Type.A, IN],
    ["motes.local", Type.A, IN],
    ["mote", Type.A, IN],
    ["mote.local.local", Type.A, IN],
    ["mote.example", Type.A, IN],
    ["", Type.ANY, IN],
    ["mote.local", Type.A, 3],
    [HTTP, Type.A, IN],
    [HTTP, Type.SRV, IN],
    [INSTANCE, Type.PTR, IN],
    [INSTANCE, Type.A, IN],
    ["_ipp._tcp.local", Type.PTR, IN],
    [META, Type.TXT, IN],
  ];
  for (const [name, type, kind] of others) ask(rig, question(name, type, kind));
  rig.advance(5000);
  silence(rig);
});

mdnsTest("a type that our name has not: its NSEC record says so (section 6.1)", (rig) => {
  named(rig);
  for (const type of [Type.AAAA, Type.PTR, Type.NSEC]) {
    ask(rig, question("mote.local", type));
    rig.advance(1000);
    assert.deepEqual(takeAnswer(rig).answers, host());
  }
  rig.inject(toGroup(10, question("mote.local", Type.AAAA), { port: 4000 }));
  assert.deepEqual(takeReply(rig, 10, 4000).answers, host(10, false));
});

serviceTest("a service's PTR: after 20 to 120 ms, with what belongs to it", (rig) => {
  named(rig, "mote", WEB);
  const before = rig.now();
  ask(rig, question(HTTP, Type.PTR));
  rig.advance(19);
  silence(rig, "nothing yet");
  rig.advance(101);
  const answer = takeAnswer(rig);
  const delay = answer.atMs - before;
  assert.ok(delay >= 20 && delay <= 120, `${delay} ms`);
  assert.deepEqual(answer.answers, [ptr(), srv(), txt(), ...host()]);
});

serviceTest("a service's SRV at once, with the address; its TXT alone", (rig) => {
  named(rig, "mote", WEB);
  ask(rig, question(INSTANCE, Type.SRV));
  rig.advance(0);
  assert.deepEqual(takeAnswer(rig).answers, [srv(), ...host()]);
  rig.advance(1000);
  ask(rig, question(INSTANCE, Type.TXT));
  rig.advance(0);
  assert.deepEqual(takeAnswer(rig).answers, [txt()]);
});

serviceTest("everything about a service's instance", (rig) => {
  named(rig, "mote", WEB);
  ask(rig, question(INSTANCE, Type.ANY));
  rig.advance(0);
  assert.deepEqual(takeAnswer(rig).answers, [srv(), txt(), ...host()]);
});

serviceTest("the types of services are enumerated (RFC 6763 section 9)", (rig) => {
  named(rig, "mote", { ...WEB, "_ipp._udp": 631 });
  ask(rig, question(META, Type.PTR));
  rig.advance(120);
  const { answers } = takeAnswer(rig);
  assert.deepEqual(answers, [kind(), { ...kind(), data: "_ipp._udp.local" }]);
});

serviceTest("several questions in a message: one answer, when the last of it is due", (rig) => {
  named(rig, "mote", WEB);
  const questions = [
    { name: "other.local", type: Type.A },
    { name: "mote.local", type: Type.A },
    { name: META, type: Type.PTR },
  ];
  ask(rig, { questions });
  rig.advance(19);
  silence(rig, "nothing yet");
  rig.advance(101);
  assert.deepEqual(takeAnswer(rig).answers, [kind(), ...host()]);
});

serviceTest("names in a question may be compressed", (rig) => {
  named(rig, "mote", WEB);
  const head = [0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0];
  const first = [...nameBytes("x.local"), 0, Type.A, 0, IN];
  const second = [...nameBytes("mote").slice(0, 5), 0xc0, 14, 0, Type.A, 0, IN];
  rig.inject(toGroup(10, [...head, ...first, ...second]));
  rig.advance(0);
  assert.deepEqual(takeAnswer(rig).answers, host());
});

mdnsTest("bytes behind the last record are not looked at", (rig) => {
  named(rig);
  rig.inject(toGroup(10, [...messageBytes(question("mote.local", Type.A)), 1, 2, 3, 0xff]));
  rig.advance(0);
  takeAnswer(rig);
});

mdnsTest("a message of another opcode or with an error: ignored (section 18.3, 18.11)", (rig) => {
  named(rig);
  for (const flags of [0x0800, 0x2000, 0x7800, 0x0001, 0x000f])
    ask(rig, { ...question("mote.local", Type.A), flags });
  rig.advance(1000);
  silence(rig);
  assert.equal(rig.counter(Counter.DROP_DNS_UNRELATED), 5);
});

mdnsTest("other bits of the flags do not matter", (rig) => {
  named(rig);
  ask(rig, { ...question("mote.local", Type.A), flags: 0x07f0, id: 77 });
  rig.advance(0);
  takeAnswer(rig);
});

// Known answers (section 7.1)

const known = (record: Record, ...asked: Message["questions"] & object): Message => ({
  questions: asked,
  answers: [record],
});
const A_QUESTION = { name: "mote.local", type: Type.A };
const PTR_QUESTION = { name: HTTP, type: Type.PTR };

serviceTest("a known answer with half of its time left is not given again", (rig) => {
  named(rig, "mote", WEB);
  const address = { ...addressOf("mote.local", 1, 60), data: OUR_ADDRESS };
  ask(rig, known(address, A_QUESTION));
  ask(rig, known({ ...PTR_QUESTION, ttl: 2250, data: nameBytes(INSTANCE) }, PTR_QUESTION));
  const types = { name: META, type: Type.PTR };
  ask(rig, known({ ...types, ttl: 4500, data: nameBytes(HTTP) }, types));
  const text = { name: INSTANCE, type: Type.TXT };
  ask(rig, known({ ...text, ttl: 4500, data: [0] }, text));
  rig.advance(5000);
  silence(rig);
});

serviceTest("a known answer that is about to go, or is another: answered", (rig) => {
  named(rig, "mote", WEB);
  const answers: Message[] = [
    known({ ...addressOf("mote.local", 1, 59), data: OUR_ADDRESS }, A_QUESTION),
    known({ ...PTR_QUESTION, ttl: 2249, data: nameBytes(INSTANCE) }, PTR_QUESTION),
    known({ ...PTR_QUESTION, ttl: 4500, data: nameBytes(`other.${HTTP}`) }, PTR_QUESTION),
    known({ ...PTR_QUESTION, ttl: 4500, data: nameBytes(`mote.${HTTP}.local`) }, PTR_QUESTION),
    known({ ...PTR_QUESTION, class: 3, ttl: 4500, data: nameBytes(INSTANCE) }, PTR_QUESTION),
    known({ name: INSTANCE, type: Type.PTR, ttl: 4500, data: nameBytes(INSTANCE) }, PTR_QUESTION),
  ];
  for (const message of answers) {
    ask(rig, message);
    rig.advance(2000);
    takeAnswer(rig, JSON.stringify(message));
  }
});

serviceTest("a known answer whose name is compressed", (rig) => {
  named(rig, "mote", WEB);
  const head = [0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0];
  const asked = [...nameBytes(HTTP), 0, Type.PTR, 0, IN];
  const data = [...nameBytes("mote").slice(0, 5), 0xc0, 12];
  const answer = [0xc0, 12, 0, Type.PTR, 0, IN, 0, 0, 0x11, 0x94, 0, data.length, ...data];
  rig.inject(toGroup(10, [...head, ...asked, ...answer]));
  rig.advance(2000);
  silence(rig);
});

serviceTest("of several types of services those that are known are left out", (rig) => {
  named(rig, "mote", { ...WEB, "_ipp._tcp": 631 });
  const types = { name: META, type: Type.PTR };
  ask(rig, known({ ...types, ttl: 4500, data: nameBytes(HTTP) }, types));
  rig.advance(2000);
  assert.deepEqual(takeAnswer(rig).answers, [{ ...kind(), data: "_ipp._tcp.local" }]);
});

mdnsTest("names of other hosts' services are answered by nobody here", (rig) => {
  named(rig);
  ask(rig, question(HTTP, Type.PTR));
  ask(rig, question(META, Type.PTR));
  rig.advance(2000);
  silence(rig);
});

// Answers to one (section 5.4, 5.5, 6.7)

serviceTest(
  "a port other than 5353: a reply with the question, for ten seconds, to nobody else",
  (rig) => {
    named(rig, "mote", WEB);
    const message = { id: 0x1234, ...question("MOTE.local", Type.A) };
    rig.inject(toGroup(10, message, { port: 4000 }));
    const reply = takeReply(rig, 10, 4000);
    assert.equal(reply.id, 0x1234);
    assert.deepEqual(reply.questions, [{ name: "MOTE.local", type: Type.A, class: IN }]);
    assert.deepEqual(reply.answers, host(10, false));
    assert.deepEqual(reply.udp.source, OUR_ADDRESS);
    rig.inject(toGroup(10, question(HTTP, Type.PTR), { port: 4000 }));
    const second = takeReply(rig, 10, 4000);
    assert.deepEqual(second.answers, [ptr(10), srv(10, false), txt(10, false), ...host(10, false)]);
    rig.advance(5000);
    silence(rig);
  },
);

mdnsTest("a port other than 5353: several questions come back, all that we know is told", (rig) => {
  named(rig);
  const questions = [
    { name: "x.local", type: Type.AAAA },
    { name: "mote.local", type: Type.ANY },
  ];
  rig.inject(toGroup(10, { id: 9, questions }, { port: 53 }));
  const reply = takeReply(rig, 10, 53);
  assert.deepEqual(
    reply.questions.map(({ name }) => name),
    ["x.local", "mote.local"],
  );
  assert.deepEqual(reply.answers, host(10, false));
});

mdnsTest("a port other than 5353: what we do not know stays without a reply", (rig) => {
  named(rig);
  rig.inject(toGroup(10, question("other.local", Type.A), { port: 4000 }));
  rig.advance(1000);
  silence(rig);
});

serviceTest("a question with the QU bit: a reply to the asker alone, at once", (rig) => {
  named(rig, "mote", WEB);
  rig.inject(toGroup(10, { id: 5, ...question(HTTP, Type.PTR, TOP | IN) }));
  const reply = takeReply(rig, 10);
  assert.equal(reply.id, 5);
  assert.deepEqual(reply.questions, []);
  assert.deepEqual(reply.answers, [ptr(), srv(), txt(), ...host()]);
  rig.advance(5000);
  silence(rig);
});

mdnsTest("our address to one: with the QU bit as to all, else for ten seconds", (rig) => {
  named(rig);
  rig.inject(toGroup(10, question("mote.local", Type.A, TOP | IN)));
  assert.deepEqual(takeReply(rig, 10).answers, host());
  rig.inject(toGroup(10, { id: 7, ...question("mote.local", Type.A) }, { port: 4000 }));
  const reply = takeReply(rig, 10, 4000);
  assert.deepEqual([reply.id, reply.questions.length], [7, 1]);
  assert.deepEqual(reply.answers, host(10, false));
  rig.advance(5000);
  silence(rig);
});

mdnsTest(
  "our address is known: no answer; known for less than half of its time: an answer",
  (rig) => {
    named(rig);
    for (const [ttl, answers] of [
      [60, 0],
      [59, 1],
    ] as const) {
      const address = { ...addressOf("mote.local", 1, ttl), data: OUR_ADDRESS };
      ask(rig, known(address, A_QUESTION));
      rig.advance(1000);
      dropReports(rig);
      assert.equal(rig.sent.splice(0).length, answers);
    }
  },
);

// Without services a name that is given up says no goodbye.
mdnsTest("another name: the old one says goodbye to those who knew it", (rig) => {
  named(rig);
  assert.equal(setName(rig, "other"), 0);
  rig.advance(0);
  if (rig.profile === "desktop") assert.deepEqual(takeAnswer(rig).answers, host(0, false));
  rig.advance(5000);
  takeProbe(rig, "other.local");
  rig.sent.splice(0);
});

packetTest("esp32 tells of no services: ENOBUFS", { profile: "esp32" }, (rig) => {
  assert.equal(publish(rig, "_http._tcp", 80), -Errno.ENOBUFS);
  assert.equal(publish(rig, "_http._tcp", 0), -Errno.ENOBUFS);
  assert.equal(rig.used(Pool.SERVICE), 0);
});

serviceTest("QU and QM in one message: an answer to all", (rig) => {
  named(rig, "mote", WEB);
  const questions = [{ ...A_QUESTION, class: TOP | IN }, PTR_QUESTION];
  ask(rig, { questions });
  rig.advance(120);
  assert.deepEqual(takeAnswer(rig).answers, [ptr(), srv(), txt(), ...host()]);
});

mdnsTest("QU from another network: an answer to all", (rig) => {
  named(rig);
  rig.inject(toGroup(10, question("mote.local", Type.A, TOP | IN), { source: [203, 0, 113, 5] }));
  rig.advance(0);
  takeAnswer(rig);
});

mdnsTest("to our own address: a reply, but only to the link (section 11)", (rig) => {
  named(rig);
  rig.inject(toUs(10, question("mote.local", Type.A, TOP | IN)));
  assert.deepEqual(takeReply(rig, 10).answers, host());
  const far = { source: [203, 0, 113, 5] };
  rig.inject(toUs(10, question("mote.local", Type.A, TOP | IN), far));
  rig.inject(toUs(10, question("mote.local", Type.A), { ...far, port: 4000 }));
  rig.inject(toGroup(10, question("mote.local", Type.A), { ...far, port: 4000 }));
  rig.advance(2000);
  silence(rig);
  assert.equal(rig.counter(Counter.DROP_DNS_UNRELATED), 3);
});

// Not too often (section 6)

mdnsTest("no record goes to all twice within a second: the second answer waits", (rig) => {
  named(rig);
  const start = rig.now();
  for (let i = 0; i < 100; i++) {
    ask(rig, question("mote.local", Type.A), 10 + (i % 4));
    rig.advance(5);
  }
  assert.equal(takeAnswer(rig).atMs, start);
  silence(rig);
  rig.advance(499);
  silence(rig);
  rig.advance(1);
  assert.equal(takeAnswer(rig).atMs, start + 1000);
  rig.advance(5000);
  silence(rig);
});

mdnsTest("a second announcement is not held back, and counts", (rig) => {
  assert.equal(setName(rig, "mote"), 0);
  rig.advance(5000);
  dropReports(rig);
  const last = rig.sent.splice(0).at(-1)!.atMs;
  assert.ok(rig.now() - last > 1000);
  ask(rig, question("mote.local", Type.A));
  rig.advance(0);
  takeAnswer(rig);
});

// Defending (section 8.1, 8.2)

const probeOf = (name: string, last: number, kind = TOP | IN): Message => ({
  questions: [{ name, type: Type.ANY, class: kind }],
  authority: [addressOf(name, last)],
});

mdnsTest("a probe for our name is answered at once, to whoever probes", (rig) => {
  named(rig);
  for (let i = 0; i < 3; i++) {
    rig.inject(toGroup(10, probeOf("mote.local", 10)));
    assert.deepEqual(takeReply(rig, 10).answers, host());
  }
  rig.advance(2000);
  silence(rig, "no conflict");
  assert.equal(rig.counter(Counter.MDNS_CONFLICTS), 0);
});

mdnsTest("a probe without the QU bit is answered to all, 250 ms after the last time", (rig) => {
  named(rig);
  ask(rig, question("mote.local", Type.A));
  rig.advance(300);
  takeAnswer(rig);
  ask(rig, probeOf("mote.local", 10, IN));
  rig.advance(0);
  takeAnswer(rig);
  ask(rig, probeOf("mote.local", 10, IN));
  rig.advance(249);
  silence(rig, "a flood of probes is no flood of answers");
  rig.advance(1000);
  takeAnswer(rig);
});

// Conflicts (section 8.1, 9)

/** Names the stack, and lets so many probes leave. */
function probing(rig: Rig, probes: number, name = "mote"): void {
  assert.equal(setName(rig, name), 0);
  for (let i = 0; i < probes; i++) {
    for (let ms = 0; ms < 300 && rig.sent.length === 0; ms++) {
      rig.advance(1);
      dropReports(rig);
    }
    takeProbe(rig, `${name}.local`);
  }
}

for (const probes of [1, 2, 3]) {
  mdnsTest(
    `another host has the name, after probe ${probes}: another name, which hosts are told of`,
    (rig) => {
      const handle = interfaceHandle(rig);
      probing(rig, probes);
      rig.inject(toUs(10, response(addressOf("mote.local", 10))));
      assert.equal(hostName(rig), "mote-2");
      assert.ok(nameEvent(rig, handle));
      assert.equal(rig.counter(Counter.MDNS_CONFLICTS), 1);
      const before = rig.now();
      rig.advance(10_000);
      const first = takeProbe(rig, "mote-2.local");
      assert.ok(first.atMs - before >= 1000, "not at once");
      takeProbe(rig, "mote-2.local");
      takeProbe(rig, "mote-2.local");
      for (let i = 0; i < 2; i++)
        assert.deepEqual(takeAnswer(rig).answers, host(120, true, "mote-2.local"));
      silence(rig);
    },
  );
}

mdnsTest("whatever has the name is a conflict while it is probed", (rig) => {
  probing(rig, 1);
  const other: Record = { name: "MOTE.local", type: Type.AAAA, data: new Array(16).fill(1) };
  rig.inject(toGroup(10, { flags: 0x8400, additional: [other] }));
  assert.equal(hostName(rig), "mote-2");
  rig.advance(10_000);
  rig.sent.splice(0);
});

mdnsTest("answers of before the first probe are none (section 8.1)", (rig) => {
  assert.equal(setName(rig, "mote"), 0);
  rig.inject(toGroup(10, response(addressOf("mote.local", 10))));
  rig.advance(10_000);
  assert.equal(hostName(rig), "mote");
  dropReports(rig);
  assert.equal(rig.sent.splice(0).length, 5);
});

mdnsTest(
  "an answer with our own address is no conflict, nor one about another name or class",
  (rig) => {
    probing(rig, 1);
    const same = { ...addressOf("mote.local", 1), data: OUR_ADDRESS };
    rig.inject(toGroup(10, response(same)));
    rig.inject(toGroup(10, response(addressOf("mote-2.local", 10))));
    rig.inject(toGroup(10, response({ ...addressOf("mote.local", 10), class: 3 })));
    rig.inject(toGroup(10, { flags: 0x8400, ...question("mote.local", Type.A) }));
    rig.advance(10_000);
    assert.equal(hostName(rig), "mote");
    dropReports(rig);
    assert.equal(rig.sent.splice(0).length, 4);
  },
);

mdnsTest("an answer that comes from another port is ignored (section 6)", (rig) => {
  probing(rig, 1);
  rig.inject(toGroup(10, response(addressOf("mote.local", 10)), { port: 5354 }));
  rig.inject(toUs(10, response(addressOf("mote.local", 10)), { port: 53 }));
  assert.equal(rig.counter(Counter.DROP_DNS_UNRELATED), 2);
  rig.advance(10_000);
  assert.equal(hostName(rig), "mote");
  rig.sent.splice(0);
});

mdnsTest("an answer to us alone counts only while we probe (section 5.4)", (rig) => {
  named(rig);
  rig.inject(toUs(10, response(addressOf("mote.local", 10))));
  rig.advance(10_000);
  silence(rig, "no probe");
  assert.equal(rig.counter(Counter.DROP_DNS_UNRELATED), 1);
});

mdnsTest("another address for our name, later: probed again, and kept if nobody answers", (rig) => {
  named(rig);
  rig.inject(toGroup(10, response(addressOf("mote.local", 10))));
  assert.equal(rig.counter(Counter.MDNS_CONFLICTS), 1);
  rig.inject(toGroup(10, response(addressOf("mote.local", 10))));
  assert.equal(rig.counter(Counter.MDNS_CONFLICTS), 1, "before the first probe");
  ask(rig, question("mote.local", Type.A));
  rig.advance(10_000);
  for (let i = 0; i < 3; i++) takeProbe(rig, "mote.local");
  for (let i = 0; i < 2; i++) assert.deepEqual(takeAnswer(rig).answers, host());
  silence(rig);
  assert.equal(hostName(rig), "mote");
});

mdnsTest("another address for our name, and it is defended: another name", (rig) => {
  named(rig);
  rig.inject(toGroup(10, response(addressOf("mote.local", 10))));
  rig.advance(1250);
  takeProbe(rig, "mote.local");
  rig.inject(toUs(10, response(addressOf("mote.local", 10))));
  assert.equal(hostName(rig), "mote-2");
  rig.advance(10_000);
  rig.sent.splice(0);
});

mdnsTest("records of other types for our name are no conflict once it is ours", (rig) => {
  named(rig);
  const other: Record = { name: "mote.local", type: Type.AAAA, data: new Array(16).fill(1) };
  rig.inject(toGroup(10, response(other)));
  rig.advance(10_000);
  silence(rig);
  assert.equal(rig.counter(Counter.MDNS_CONFLICTS), 0);
});

mdnsTest(
  "conflict after conflict: -2, -3, and so on; at most fifteen probes in ten seconds",
  (rig) => {
    setName(rig, "mote");
    const names: string[] = [];
    const times: number[] = [];
    for (let ms = 0; ms < 30_000; ms++) {
      rig.advance(1);
      dropReports(rig);
      if (rig.sent.length === 0) continue;
      const probe = take(rig);
      times.push(probe.atMs);
      const { name } = probe.questions[0]!;
      names.push(name);
      rig.inject(toUs(10, response(addressOf(name, 10))));
    }
    const wanted = names.map((_, i) => (i === 0 ? "mote.local" : `mote-${i + 1}.local`));
    assert.deepEqual(names, wanted);
    assert.ok(names.length > 15, "two digits");
    times.forEach((ms, i) => assert.ok(i < 15 || ms - times[i - 15]! > 10_000, `${times}`));
    rig.advance(5000);
    rig.sent.splice(0);
  },
);

mdnsTest("a long name makes room for its number", (rig) => {
  const name = "a".repeat(63);
  probing(rig, 1, name);
  rig.inject(toUs(10, response(addressOf(`${name}.local`, 10))));
  assert.equal(hostName(rig), `${"a".repeat(60)}-2`);
  rig.advance(5000);
  rig.sent.splice(0);
});

mdnsTest("a name that the host gives again begins without a number", (rig) => {
  probing(rig, 1);
  rig.inject(toUs(10, response(addressOf("mote.local", 10))));
  rig.advance(100);
  assert.equal(setName(rig, "other"), 0);
  rig.advance(5000);
  takeProbe(rig, "other.local");
  rig.sent.splice(0);
});

// Simultaneous probes (section 8.2)

mdnsTest("a simultaneous probe with a greater address: we wait for a second", (rig) => {
  probing(rig, 1);
  const before = rig.now();
  rig.inject(toGroup(10, probeOf("mote.local", 10)));
  rig.advance(999);
  silence(rig, "no probe meanwhile");
  rig.advance(10_000);
  assert.ok(takeProbe(rig, "mote.local").atMs >= before + 1000);
  dropReports(rig);
  assert.equal(rig.sent.splice(0).length, 4);
  assert.equal(hostName(rig), "mote");
  assert.equal(rig.counter(Counter.MDNS_CONFLICTS), 0);
});

for (const [what, data] of [
  ["a smaller address", [192, 0, 1, 255]],
  ["our own address", OUR_ADDRESS],
] as const) {
  mdnsTest(`a simultaneous probe with ${what}: we go on`, (rig) => {
    probing(rig, 1);
    const authority = [{ ...addressOf("mote.local", 0), data: [...data] }];
    rig.inject(toGroup(10, { ...question("mote.local", Type.ANY, TOP | IN), authority }));
    rig.advance(250);
    takeProbe(rig, "mote.local");
    rig.advance(5000);
    rig.sent.splice(0);
  });
}

mdnsTest("addresses are compared byte by byte, from the first", (rig) => {
  probing(rig, 1);
  const authority = [{ ...addressOf("mote.local", 0), data: [193, 0, 0, 0] }];
  rig.inject(toGroup(10, { ...question("mote.local", Type.ANY, TOP | IN), authority }));
  rig.advance(250);
  silence(rig, "193.0.0.0 is later than 192.0.2.1");
  rig.advance(5000);
  rig.sent.splice(0);
});

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
