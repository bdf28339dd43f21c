// Multicast DNS (RFC 6762) and DNS-SD (RFC 6763): the name of the host and its services are probed, announced
// and answered for.

import assert from "node:assert/strict";
import { Counter, Errno } from "../../host/core/generated/abi.js";
import { OUR_ADDRESS } from "./support/frame.js";
import {
  dropReports,
  GROUP,
  hostName,
  IN,
  mdnsTest,
  type Message,
  messageBytes,
  nameBytes,
  named,
  Pool,
  publish,
  question,
  type Record,
  serviceTest,
  setName,
  silence,
  takeAnswer,
  takeProbe,
  takeReply,
  toGroup,
  TOP,
  toUs,
  Type,
} from "./support/mdns.js";
import { packetTest } from "./support/rig.js";
import {
  HTTP,
  INSTANCE,
  META,
  WEB,
  addressOf,
  host,
  ptr,
  srv,
  txt,
  kind,
  ask,
} from "./support/mdnsRecords.js";

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
