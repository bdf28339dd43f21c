// Hostile DNS, by its label: DNS-1 to DNS-11 (RFC 9267, RFC 5452).

import assert from "node:assert/strict";
import { Counter, Errno } from "../../host/core/generated/abi.js";
import {
  a,
  answer,
  asked,
  cname,
  end,
  failure,
  found,
  type From,
  messageFor,
  type MessageFields,
  nameBytes,
  type Question,
  send,
  SERVER,
  setServers,
  TXT,
} from "./support/dns.js";
import { bystander, greet, stillWorks } from "./support/peer.js";
import { onAllProfiles, type Rig } from "./support/rig.js";
import { guarded } from "./support/threat.js";

const TASKS = { needs: "sockets" } as const;
const NAME = "www.example.com";
/** Where the first answer begins: behind header and question. */
const ANSWERS = 12 + nameBytes(NAME).length + 4;
const { DROP_DNS_MALFORMED: MALFORMED, DROP_DNS_UNRELATED: UNRELATED } = Counter;

type Attack = (question: Question) => ArrayLike<number>;

/** Each message is dropped and counted; the question stays open, and the right answer is taken. */
function refused(
  rig: Rig,
  label: string,
  counter: number,
  attacks: Attack[],
  from: From = {},
): void {
  const witness = bystander(rig);
  greet(rig, SERVER);
  setServers(rig, SERVER);
  const { handle, question } = asked(rig, NAME);
  stillWorks(witness);
  for (const attack of attacks) {
    guarded(rig, label, counter, () => send(rig, question, attack(question), from));
    assert.equal(rig.call.takeEvents(handle), 0, "the question stays open");
  }
  assert.equal(rig.counter(counter), attacks.length, "each is counted");
  answer(rig, question, { answers: [a(1)] });
  assert.deepEqual(found(rig, handle), ["198.51.100.1"]);
  stillWorks(witness);
  end(rig, handle);
}

/** The same, with messages that differ from the right answer in this. */
const lies = (...fields: MessageFields[]): Attack[] =>
  fields.map((lie) => (question) => messageFor(question, { answers: [a(9)], ...lie }));

const pointer = (at: number) => [0xc0 | (at >> 8), at & 255];

onAllProfiles(
  "DNS-1 a pointer to itself, forward, beyond the message, into the header",
  TASKS,
  (rig) => {
    const targets = [ANSWERS, ANSWERS + 2, ANSWERS + 40, 0x3fff, 0, 11];
    refused(rig, "DNS-1", MALFORMED, [
      ...lies(...targets.map((at) => ({ answers: [a(9, { name: pointer(at) })] }))),
      ...lies({ questions: [pointer(12)] }, { questions: [[1, 97, ...pointer(12)]] }),
    ]);
  },
);

onAllProfiles("DNS-1 pointers in a loop, and more of them than a name needs", TASKS, (rig) => {
  const loop = [...pointer(ANSWERS + 2), ...pointer(ANSWERS)];
  // RDATA of a record that nobody reads: pointers, each to the one before it.
  const at = ANSWERS + 2 + 10;
  const chain = Array.from({ length: 40 }, (_, i) => pointer(i === 0 ? 12 : at + 2 * (i - 1)));
  const deep = [{ type: TXT, data: chain.flat() }, a(9, { name: pointer(at + 2 * 39) })];
  refused(rig, "DNS-1", MALFORMED, [
    (question) => messageFor(question, { count: 1, more: loop }),
    (question) => messageFor(question, { count: 1, more: [1, 97, ...pointer(ANSWERS)] }),
    ...lies({ answers: deep }),
  ]);
});

onAllProfiles("DNS-1 a pointer cut off by the end of the message", TASKS, (rig) => {
  refused(rig, "DNS-1", MALFORMED, [
    (question) => messageFor(question, { count: 1, more: [0xc0] }),
  ]);
});

onAllProfiles("DNS-2 labels of 64 bytes and more, or beyond the end", TASKS, (rig) => {
  const reserved = [0x40, 0x7f, 0x80, 0xbf].map((length) => ({
    answers: [a(9, { name: [length, ...new Array<number>(63).fill(97), 0] })],
  }));
  refused(rig, "DNS-2", MALFORMED, [
    ...lies(...reserved),
    (question) => messageFor(question, { count: 1, more: [63, 97, 97] }),
  ]);
});

onAllProfiles("DNS-3 a name of more than 255 bytes, at once or through a pointer", TASKS, (rig) => {
  const label = [63, ...new Array<number>(63).fill(97)];
  const long = [...label, ...label, ...label, ...label];
  const half = [...label, ...label, 0];
  refused(rig, "DNS-3", MALFORMED, [
    ...lies({ answers: [a(9, { name: [...long, 0] })] }),
    ...lies({
      answers: [a(9, { name: half }), a(9, { name: [...label, ...label, ...pointer(ANSWERS)] })],
    }),
    ...lies({ answers: [cname([...long, 0])] }),
    ...lies({ questions: [[...long, 0]] }),
  ]);
});

onAllProfiles("DNS-4 a name without an end, and a question without a type", TASKS, (rig) => {
  refused(rig, "DNS-4", MALFORMED, [
    (question) => messageFor(question, { count: 1, more: [3, 97, 97, 97] }),
    (question) => messageFor(question, {}).slice(0, 12 + 5),
    (question) => messageFor(question, {}).slice(0, ANSWERS - 1),
    (question) => messageFor(question, {}).slice(0, 11),
    () => [],
  ]);
});

onAllProfiles("DNS-5 RDLENGTH beyond the end, and not 4 for an address", TASKS, (rig) => {
  refused(rig, "DNS-5", MALFORMED, [
    ...lies(...[5, 100, 0xffff].map((length) => ({ answers: [a(9, { length })] }))),
    ...lies(
      ...[0, 3, 5, 16].map((length) => ({ answers: [a(9, { data: new Array(length).fill(1) })] })),
    ),
    (question) => messageFor(question, { answers: [a(9)] }).slice(0, -5),
  ]);
});

onAllProfiles("DNS-6 counts larger than the message", TASKS, (rig) => {
  refused(rig, "DNS-6", MALFORMED, lies(...[2, 255, 0xffff].map((count) => ({ count }))));
});

onAllProfiles("DNS-6 not just one question", TASKS, (rig) => {
  refused(rig, "DNS-6", UNRELATED, lies({ questions: [] }, { questions: [NAME, NAME] }));
});

onAllProfiles("DNS-7 another number, question, type or class; what is no answer", TASKS, (rig) => {
  const wrongId: Attack = (question) =>
    messageFor(question, { id: question.id ^ 1, answers: [a(9)] });
  refused(rig, "DNS-7", UNRELATED, [
    wrongId,
    ...lies({ questions: ["www.example.org"] }, { questions: [""] }, { type: 28 }, { kind: 3 }),
    ...lies({ flags: 0x0100 }, { flags: 0xa980 }),
  ]);
});

onAllProfiles("DNS-7 another port of the server", TASKS, (rig) => {
  refused(rig, "DNS-7", UNRELATED, lies({}), { port: 5353 });
});

onAllProfiles("DNS-7 numbers and ports of 200 questions look like chance", TASKS, (rig) => {
  greet(rig, SERVER);
  setServers(rig, SERVER);
  const questions = Array.from({ length: 200 }, (_, i) => {
    const { handle, question } = asked(rig, `n${i}.example`);
    end(rig, handle);
    return question;
  });
  const ids = questions.map(({ id }) => id);
  assert.ok(new Set(ids).size > 195);
  assert.ok(new Set(questions.map(({ port }) => port)).size > 190);
  for (let bit = 0; bit < 16; bit++) {
    const ones = ids.filter((id) => (id >> bit) & 1).length;
    assert.ok(ones > 60 && ones < 140, `bit ${bit}: ${ones} of 200`);
  }
});

onAllProfiles("DNS-8 aliases in a loop, of themselves, and many of them", TASKS, (rig) => {
  greet(rig, SERVER);
  setServers(rig, SERVER);
  const loops = [
    [cname(NAME)],
    [cname("b.example"), cname(NAME, { name: "b.example" })],
    Array.from({ length: 30 }, (_, i) =>
      cname(i % 2 ? NAME : "b.example", { name: i % 2 ? "b.example" : NAME }),
    ),
  ];
  for (const answers of loops) {
    const { handle, question } = asked(rig, NAME);
    answer(rig, question, { answers });
    assert.equal(failure(rig, handle), Errno.ENODATA);
    end(rig, handle);
  }
});

onAllProfiles("DNS-9 the right answer from another address", TASKS, (rig) => {
  refused(rig, "DNS-9", UNRELATED, lies({}), { peer: 66 });
});

onAllProfiles("DNS-10 records of other types: skipped, whatever is in them", TASKS, (rig) => {
  greet(rig, SERVER);
  setServers(rig, SERVER);
  const { handle, question } = asked(rig, NAME);
  const odd = [TXT, 2, 6, 15, 28, 39, 41, 46, 65, 255, 65280].map((type) => ({
    type,
    data: [0xc0, 0xff, 0x3f, 0xff, 0xff],
  }));
  answer(rig, question, { answers: [...odd, a(1), { type: TXT, data: [] }] });
  assert.deepEqual(found(rig, handle), ["198.51.100.1"]);
  end(rig, handle);
});

onAllProfiles("DNS-11 a NUL in a name is a byte as any other", TASKS, (rig) => {
  greet(rig, SERVER);
  setServers(rig, SERVER);
  const { handle, question } = asked(rig, "a\0b.example");
  assert.equal(question.name, "a\0b.example");
  answer(rig, question, { questions: ["a.example"], answers: [a(9)] });
  answer(rig, question, { questions: ["a\0c.example"], answers: [a(9)] });
  assert.equal(rig.counter(UNRELATED), 2);
  answer(rig, question, { answers: [a(8, { name: "a.example" }), a(9, { name: "a" }), a(1)] });
  assert.deepEqual(found(rig, handle), ["198.51.100.1"]);
  end(rig, handle);
  end(rig, asked(rig, "a").handle); // nothing of it is kept for another name
});

onAllProfiles("DNS-11 an alias with a NUL is not the name before it", TASKS, (rig) => {
  greet(rig, SERVER);
  setServers(rig, SERVER);
  const { handle, question } = asked(rig, NAME);
  answer(rig, question, {
    answers: [cname("b\0c.example"), a(9, { name: "b" }), a(8, { name: "b.example" })],
  });
  assert.equal(failure(rig, handle), Errno.ENODATA);
  end(rig, handle);
});
