// Lookups of names (RFC 1035, 5452, 6762 section 5.1, 6891, 7766): questions, answers, the cache.

import assert from "node:assert/strict";
import {
  Constant,
  Counter,
  Errno,
  LeaseField,
  LeaseSize,
  LookupState,
  Pool,
} from "../../host/core/generated/abi.js";
import {
  a,
  acceptStream,
  answer,
  asked,
  closeStream,
  cname,
  DNS,
  end,
  expectOpen,
  failure,
  FORMERR,
  found,
  lookupOf,
  MDNS,
  MDNS_GROUP,
  messageFor,
  NXDOMAIN,
  prefixed,
  putName,
  type Question,
  REFUSED,
  resolve,
  SECOND,
  SERVER,
  SERVFAIL,
  setServers,
  takeQuestion,
  takeSyn,
} from "./support/dns.js";
import { tcpFrame } from "./support/frame.js";
import { greet } from "./support/peer.js";
import { onAllProfiles, packetTest, type Rig } from "./support/rig.js";
import { datagram, peer } from "./support/sockets.js";

const TASKS = { needs: "sockets" } as const;
const DAY_MS = 86_400_000;

function start(rig: Rig, ...servers: number[]): void {
  const all = servers.length > 0 ? servers : [SERVER];
  for (const server of all) greet(rig, server);
  setServers(rig, ...all);
}

onAllProfiles("a question, and the addresses of the answer", TASKS, (rig) => {
  start(rig);
  const { handle, question } = asked(rig);
  const { name, type, flags, edns, destination, destinationPort, port } = question;
  assert.deepEqual([name, type, flags, edns], ["www.example.com", 1, 0x0100, 1232]);
  assert.deepEqual([destination, destinationPort], [peer(SERVER), DNS]);
  assert.ok(port >= 49152);
  assert.equal(lookupOf(rig, handle).state, LookupState.ASKING);
  answer(rig, question, { answers: [a(1), a(2)] });
  assert.deepEqual(found(rig, handle), ["198.51.100.1", "198.51.100.2"]);
  assert.equal(lookupOf(rig, handle).state, LookupState.FOUND);
  rig.advance(60_000);
  rig.expectNothing("no question after the answer");
  end(rig, handle);
  assert.equal(rig.call.close(handle), -Errno.EBADF);
});

onAllProfiles("more addresses than a lookup keeps: the first four", TASKS, (rig) => {
  start(rig);
  const { handle, question } = asked(rig);
  answer(rig, question, { answers: [1, 2, 3, 4, 5, 6].map((last) => a(last)) });
  assert.equal(found(rig, handle).length, 4);
  end(rig, handle);
});

onAllProfiles("an answer is taken in any case of letters", TASKS, (rig) => {
  start(rig);
  const { handle, question } = asked(rig, "WWW.example.com");
  assert.equal(question.name, "WWW.example.com");
  answer(rig, question, {
    questions: ["www.EXAMPLE.com"],
    answers: [a(1, { name: "wWw.eXample.com" })],
  });
  assert.deepEqual(found(rig, handle), ["198.51.100.1"]);
  end(rig, handle);
});

onAllProfiles("resolve: what is no name", TASKS, (rig) => {
  start(rig);
  const label = "a".repeat(63);
  const longest = `${label}.${label}.${label}.${"a".repeat(61)}`;
  for (const name of ["", ".", "a..b", ".a", `${label}a`, `${longest}a`, "a".repeat(255)])
    assert.equal(rig.call.resolve(putName(rig, name)), -Errno.EINVAL, name);
  for (const length of [256, 65536, 0x7fffffff, -1])
    assert.equal(rig.call.resolve(length), -Errno.EINVAL);
  for (const name of [longest, `${longest}.`, "a", "a."]) {
    const { handle, question } = asked(rig, name);
    assert.equal(question.name, name.replace(/\.$/, ""));
    end(rig, handle);
  }
});

onAllProfiles("nameServer: bad arguments, and none", TASKS, (rig) => {
  assert.equal(rig.call.nameServer(2, 4), -Errno.EINVAL);
  assert.equal(rig.call.nameServer(-1, 4), -Errno.EINVAL);
  assert.equal(rig.call.nameServer(0, 16), -Errno.EAFNOSUPPORT);
  assert.equal(rig.call.nameServer(0, 5), -Errno.EINVAL);
  assert.equal(rig.call.nameServer(0, rig.putAddress(MDNS_GROUP)), -Errno.EINVAL);
  assert.equal(rig.call.resolve(putName(rig, "a")), -Errno.ENETUNREACH);
  setServers(rig, SERVER);
  assert.equal(rig.call.nameServer(0, 0), 0);
  assert.equal(rig.call.resolve(putName(rig, "a")), -Errno.ENETUNREACH);
  assert.equal(rig.used(Pool.LOOKUP), 0);
});

onAllProfiles("no answer: 1, 1, 2, 2, 4, 4 s, another port and number each time", TASKS, (rig) => {
  start(rig);
  const { handle, question } = asked(rig);
  const seen = [question];
  const times = [rig.now()];
  rig.advance(14_000 - 1);
  while (rig.sent.length > 0) {
    times.push(rig.sent[0]!.atMs);
    seen.push(takeQuestion(rig));
  }
  assert.deepEqual(
    times.slice(1).map((ms, i) => ms - times[i]!),
    [1000, 1000, 2000, 2000, 4000],
  );
  assert.equal(new Set(seen.map(({ port }) => port)).size, 6);
  assert.equal(new Set(seen.map(({ id }) => id)).size, 6);
  expectOpen(rig);
  rig.advance(1);
  assert.equal(failure(rig, handle), Errno.ETIMEDOUT);
  assert.equal(rig.counter(Counter.DNS_QUERIES), 6);
  rig.advance(60_000);
  rig.expectNothing("no question after the last");
  end(rig, handle);
});

onAllProfiles("servers are asked in turn", TASKS, (rig) => {
  start(rig, SERVER, SECOND);
  const { handle, question } = asked(rig);
  rig.advance(3999);
  const servers = [question, takeQuestion(rig), takeQuestion(rig)].map((q) => q.destination[3]);
  assert.deepEqual(servers, [SERVER, SECOND, SERVER]);
  end(rig, handle);
});

onAllProfiles("servers of leases come after those of the host", TASKS, (rig) => {
  start(rig);
  greet(rig, SECOND);
  const lease = rig.core.constant(Constant.LEASE_AREA) + LeaseSize; // of the second interface
  rig.core.memory.set(peer(SECOND), lease + LeaseField.nameServer2.offset);
  const { handle, question } = asked(rig);
  rig.advance(2000);
  const servers = [question, takeQuestion(rig), takeQuestion(rig)].map((q) => q.destination[3]);
  assert.deepEqual(servers, [SERVER, SECOND, SERVER]);
  end(rig, handle);
});

onAllProfiles("the answer to an earlier question comes too late", TASKS, (rig) => {
  start(rig, SERVER, SECOND);
  const { handle, question } = asked(rig);
  rig.advance(1000);
  const second = takeQuestion(rig);
  answer(rig, question, { answers: [a(1)] });
  rig.expectIcmp({ type: 3, code: 3 }); // its port is closed
  expectOpen(rig);
  answer(rig, second, { answers: [a(2)] });
  assert.deepEqual(found(rig, handle), ["198.51.100.2"]);
  end(rig, handle);
});

onAllProfiles(
  "a server whose station is silent: the next one is asked",
  { ...TASKS, answersArp: false },
  (rig) => {
    greet(rig, SECOND);
    setServers(rig, SERVER, SECOND);
    const handle = resolve(rig, "a.example");
    rig.expectArp({ operation: 1, target: peer(SERVER) });
    rig.expectNothing("no question yet");
    rig.advance(1000);
    const questions = rig.sent.splice(0).filter(({ view }) => view.kind === "udp");
    assert.deepEqual(
      questions.map(({ view }) => view.kind === "udp" && view.destination),
      [peer(SECOND)],
    );
    end(rig, handle);
    rig.advance(5000);
    rig.sent.splice(0);
  },
);

const FAILURES: [string, number, Parameters<typeof answer>[2]][] = [
  ["NXDOMAIN", Errno.ENOTFOUND, { code: NXDOMAIN }],
  ["a name without addresses", Errno.ENODATA, {}],
  ["an alias without addresses", Errno.ENODATA, { answers: [cname("other.example")] }],
  ["addresses of another name", Errno.ENODATA, { answers: [a(1, { name: "other.example" })] }],
  ["an address of another class", Errno.ENODATA, { answers: [a(1, { kind: 3 })] }],
  ["only an IPv6 address", Errno.ENODATA, { answers: [{ type: 28, data: new Array(16).fill(1) }] }],
];

for (const [what, error, fields] of FAILURES) {
  onAllProfiles(`${what}: an error at once, not kept`, TASKS, (rig) => {
    start(rig);
    const { handle, question } = asked(rig);
    answer(rig, question, fields);
    assert.equal(failure(rig, handle), error);
    assert.equal(lookupOf(rig, handle).state, LookupState.FAILED);
    end(rig, handle);
    const again = asked(rig);
    end(rig, again.handle);
  });
}

for (const code of [SERVFAIL, REFUSED]) {
  onAllProfiles(`code ${code}: the next server at once`, TASKS, (rig) => {
    start(rig, SERVER, SECOND);
    const { handle, question } = asked(rig);
    answer(rig, question, { code });
    const second = takeQuestion(rig);
    assert.deepEqual(second.destination, peer(SECOND));
    answer(rig, second, { answers: [a(1)] });
    assert.deepEqual(found(rig, handle), ["198.51.100.1"]);
    end(rig, handle);
  });
}

onAllProfiles("all servers fail: ESERVFAIL after four questions", TASKS, (rig) => {
  start(rig, SERVER, SECOND);
  const { handle, question } = asked(rig);
  let next = question;
  for (let i = 0; i < 3; i++) {
    answer(rig, next, { code: SERVFAIL });
    next = takeQuestion(rig);
  }
  answer(rig, next, { code: SERVFAIL });
  assert.equal(failure(rig, handle), Errno.ESERVFAIL);
  end(rig, handle);
});

onAllProfiles("a server without EDNS is asked without it (RFC 6891 7)", TASKS, (rig) => {
  start(rig);
  const { handle, question } = asked(rig);
  answer(rig, question, { code: FORMERR });
  const second = takeQuestion(rig);
  assert.equal(second.edns, undefined);
  answer(rig, second, { answers: [a(1)] });
  assert.deepEqual(found(rig, handle), ["198.51.100.1"]);
  end(rig, handle);
});

onAllProfiles("aliases are followed to their end", TASKS, (rig) => {
  start(rig);
  const { handle, question } = asked(rig);
  answer(rig, question, {
    answers: [
      cname("b.example"),
      a(9, { name: "stranger.example" }),
      cname("c.example", { name: "B.EXAMPLE" }),
      a(1, { name: "c.example" }),
    ],
  });
  assert.deepEqual(found(rig, handle), ["198.51.100.1"]);
  end(rig, handle);
});

onAllProfiles("compressed aliases", TASKS, (rig) => {
  start(rig);
  const { handle, question } = asked(rig, "a.example");
  // The question's "example" stands at 14; the alias's target 12 bytes behind the question.
  const target = [1, 98, 0xc0, 14];
  const at = 12 + 11 + 4 + 12;
  answer(rig, question, { answers: [cname(target), a(1, { name: [0xc0, at] })] });
  assert.deepEqual(found(rig, handle), ["198.51.100.1"]);
  end(rig, handle);
});

// ---- The cache ----

onAllProfiles("what was found is kept for its TTL, and not longer", TASKS, (rig) => {
  start(rig);
  const first = asked(rig);
  answer(rig, first.question, { answers: [a(1, { ttl: 60 })] });
  found(rig, first.handle);
  end(rig, first.handle);
  rig.advance(59_999);
  const second = resolve(rig, "WWW.Example.COM.");
  assert.deepEqual(found(rig, second), ["198.51.100.1"]);
  assert.equal(rig.counter(Counter.DNS_CACHE_HITS), 1);
  end(rig, second);
  rig.advance(1);
  const third = asked(rig);
  end(rig, third.handle);
});

onAllProfiles("the lowest TTL of the chain counts", TASKS, (rig) => {
  start(rig);
  const { handle, question } = asked(rig);
  const answers = [cname("b.example", { ttl: 5 }), a(1, { name: "b.example", ttl: 3600 })];
  answer(rig, question, { answers });
  found(rig, handle);
  end(rig, handle);
  rig.advance(5000);
  end(rig, asked(rig).handle);
});

for (const ttl of [0, 0x80000000, 0xffffffff]) {
  onAllProfiles(`a TTL of ${ttl} is not kept (RFC 2181 8)`, TASKS, (rig) => {
    start(rig);
    const { handle, question } = asked(rig);
    answer(rig, question, { answers: [a(1, { ttl })] });
    found(rig, handle);
    end(rig, handle);
    end(rig, asked(rig).handle);
  });
}

onAllProfiles("kept for a day at most", TASKS, (rig) => {
  start(rig);
  const { handle, question } = asked(rig);
  answer(rig, question, { answers: [a(1, { ttl: 0x7fffffff })] });
  found(rig, handle);
  end(rig, handle);
  rig.advance(DAY_MS - 1);
  const again = resolve(rig, question.name);
  found(rig, again);
  end(rig, again);
  rig.advance(1);
  greet(rig, SERVER);
  end(rig, asked(rig).handle);
});

onAllProfiles("the clock wraps: nothing old looks young", TASKS, (rig) => {
  start(rig);
  const { handle, question } = asked(rig);
  answer(rig, question, { answers: [a(1, { ttl: DAY_MS / 1000 })] });
  found(rig, handle);
  end(rig, handle);
  rig.advance(2 ** 31 + DAY_MS / 2); // the difference has changed its sign
  greet(rig, SERVER);
  end(rig, asked(rig).handle);
});

onAllProfiles("what ends soonest makes room", TASKS, (rig) => {
  start(rig);
  const count = rig.core.constant(Constant.LOOKUPS);
  for (let i = 0; i < count; i++) {
    const { handle, question } = asked(rig, `n${i}.example`);
    answer(rig, question, { answers: [a(i + 1, { ttl: i === 1 ? 50 : 100 + i })] });
    found(rig, handle);
    end(rig, handle);
  }
  end(rig, asked(rig, "new.example").handle);
  for (let i = 0; i < count; i++) {
    if (i === 1) continue;
    const handle = resolve(rig, `n${i}.example`);
    assert.deepEqual(found(rig, handle), [`198.51.100.${i + 1}`]);
    end(rig, handle);
  }
  end(rig, asked(rig, "n1.example").handle);
});

// ---- Several at once, and the end ----

onAllProfiles("two lookups at once, answered the other way round", TASKS, (rig) => {
  start(rig);
  const first = asked(rig, "one.example");
  const second = asked(rig, "two.example");
  answer(rig, second.question, { answers: [a(2)] });
  answer(rig, first.question, { answers: [a(1)] });
  assert.deepEqual(found(rig, second.handle), ["198.51.100.2"]);
  assert.deepEqual(found(rig, first.handle), ["198.51.100.1"]);
  end(rig, first.handle, second.handle);
});

onAllProfiles("two lookups of one name are independent", TASKS, (rig) => {
  start(rig);
  const first = asked(rig);
  const second = asked(rig);
  answer(rig, first.question, { code: NXDOMAIN });
  answer(rig, second.question, { answers: [a(1)] });
  assert.equal(failure(rig, first.handle), Errno.ENOTFOUND);
  assert.deepEqual(found(rig, second.handle), ["198.51.100.1"]);
  end(rig, first.handle, second.handle);
});

onAllProfiles("all lookups in use: ENOBUFS until one is closed", TASKS, (rig) => {
  start(rig);
  const count = rig.core.constant(Constant.LOOKUPS);
  const handles = Array.from({ length: count }, (_, i) => asked(rig, `n${i}.example`).handle);
  assert.equal(rig.used(Pool.LOOKUP), count);
  assert.equal(rig.call.resolve(putName(rig, "more.example")), -Errno.ENOBUFS);
  end(rig, handles.shift()!);
  handles.push(asked(rig, "more.example").handle);
  end(rig, ...handles);
  assert.equal(rig.used(Pool.LOOKUP), 0);
});

for (const how of ["close", "abort"] as const) {
  onAllProfiles(`${how} in the middle: no question, no event, the port is closed`, TASKS, (rig) => {
    start(rig);
    const { handle, question } = asked(rig);
    assert.equal(rig.call[how](handle), 0);
    answer(rig, question, { answers: [a(1)] });
    rig.expectIcmp({ type: 3, code: 3 });
    rig.advance(60_000);
    rig.expectNothing("no question after close");
    expectOpen(rig);
    assert.equal(rig.call[how](handle), -Errno.EBADF);
  });
}

// ---- By TCP (RFC 7766) ----

const TRUNCATED = { flags: 0x8380 };

function truncated(rig: Rig): { handle: number; question: Question } {
  const lookup = asked(rig);
  answer(rig, lookup.question, TRUNCATED);
  assert.equal(rig.counter(Counter.DNS_TRUNCATED), 1);
  return lookup;
}

onAllProfiles("a truncated answer is asked for by TCP", TASKS, (rig) => {
  start(rig);
  const { handle } = truncated(rig);
  const { stream, question } = acceptStream(rig);
  assert.equal(question.name, "www.example.com");
  stream.send(prefixed(messageFor(question, { answers: [a(1), a(2)] })));
  assert.deepEqual(found(rig, handle), ["198.51.100.1", "198.51.100.2"]);
  closeStream(rig, stream);
  rig.advance(60_000);
  rig.expectNothing("no question after the answer");
  end(rig, handle);
});

onAllProfiles("an answer by TCP in pieces, which wraps in the ring", TASKS, (rig) => {
  start(rig);
  const { handle } = truncated(rig);
  const { stream, question } = acceptStream(rig);
  const strangers = Array.from({ length: 30 }, () => a(9, { name: "stranger.example" }));
  const bytes = prefixed(messageFor(question, { answers: [...strangers, a(1)] }));
  assert.ok(bytes.length > 1000 && bytes.length < 1500);
  for (const [from, to] of [
    [0, 1],
    [1, 2],
    [2, 700],
    [700, bytes.length - 1],
  ] as const) {
    stream.send(bytes.slice(from, to));
    expectOpen(rig);
    rig.advance(40); // its acknowledgment
  }
  rig.sent.splice(0);
  stream.send(bytes.slice(-1));
  assert.deepEqual(found(rig, handle), ["198.51.100.1"]);
  closeStream(rig, stream);
  end(rig, handle);
});

onAllProfiles("an answer by TCP that ends with the connection", TASKS, (rig) => {
  start(rig);
  const { handle } = truncated(rig);
  const { stream, question } = acceptStream(rig);
  stream.send(prefixed(messageFor(question, { answers: [a(1)] })), "FA");
  assert.deepEqual(found(rig, handle), ["198.51.100.1"]);
  rig.pump();
  let view = stream.take();
  while (!view.flags.includes("F")) view = stream.take();
  stream.send([], "A");
  end(rig, handle);
});

onAllProfiles("a connection that is refused: the next question at once", TASKS, (rig) => {
  start(rig);
  const { handle } = truncated(rig);
  const syn = takeSyn(rig);
  const ports = { sourcePort: DNS, destinationPort: syn.sourcePort };
  rig.inject(tcpFrame(SERVER, { ...ports, seq: 0, ack: (syn.seq + 1) >>> 0, flags: "RA" }));
  expectOpen(rig);
  rig.pump();
  const second = takeQuestion(rig);
  answer(rig, second, { answers: [a(1)] });
  assert.deepEqual(found(rig, handle), ["198.51.100.1"]);
  end(rig, handle);
});

onAllProfiles("no answer by TCP: the next question after 5 s", TASKS, (rig) => {
  start(rig);
  const { handle } = truncated(rig);
  acceptStream(rig);
  rig.advance(4999);
  rig.sent.splice(0); // the question once more
  rig.advance(1);
  const questions = rig.sent.splice(0).filter(({ view }) => view.kind === "udp");
  assert.equal(questions.length, 1);
  end(rig, handle);
});

const UNUSABLE: [string, (question: Question) => number[]][] = [
  ["a length of 0", () => [0, 0]],
  ["a length that no ring holds", () => [0xff, 0xff, 1, 2, 3]],
  ["a message without an end", (question) => prefixed(messageFor(question, { count: 9 }))],
  ["a truncated message", (question) => prefixed(messageFor(question, TRUNCATED))],
];

for (const [what, bytes] of UNUSABLE) {
  onAllProfiles(`by TCP ${what}: the next question`, TASKS, (rig) => {
    start(rig);
    const { handle } = truncated(rig);
    const { stream, question } = acceptStream(rig);
    stream.send(bytes(question));
    expectOpen(rig);
    rig.advance(5000); // desktop waits for the longest answers
    rig.pump();
    const questions = rig.sent.splice(0).filter(({ view }) => view.kind === "udp");
    assert.ok(questions.length > 0);
    end(rig, handle);
  });
}

packetTest(
  "no connection record for TCP: the next question at once",
  { profile: "esp32" },
  (rig) => {
    start(rig);
    rig.putAddress(peer(SECOND));
    const handles: number[] = [];
    for (let handle; (handle = rig.call.connect(4, 80, 0, 0)) > 0;) handles.push(handle);
    rig.pump();
    rig.sent.splice(0);
    const { handle } = truncated(rig);
    const second = takeQuestion(rig);
    answer(rig, second, { answers: [a(1)] });
    assert.deepEqual(found(rig, handle), ["198.51.100.1"]);
    end(rig, handle);
    for (const connection of handles) rig.call.abort(connection);
  },
);

onAllProfiles("close while a connection is open: it is closed too", TASKS, (rig) => {
  start(rig);
  const { handle } = truncated(rig);
  const { stream } = acceptStream(rig);
  end(rig, handle);
  closeStream(rig, stream);
  assert.equal(rig.call.nextEvent(), 0);
});

// ---- Below .local (RFC 6762 section 5.1) ----

onAllProfiles("a name below .local is asked of the link, from a port of its own", TASKS, (rig) => {
  const { handle, question } = asked(rig, "Printer.Local.");
  const { name, flags, edns, destination, destinationPort, ttl, port } = question;
  assert.deepEqual([name, flags, edns], ["Printer.Local", 0, undefined]);
  assert.deepEqual([destination, destinationPort, ttl], [MDNS_GROUP, MDNS, 255]);
  assert.ok(port >= 49152);
  answer(rig, question, { flags: 0x8400, answers: [a(7)] }, { peer: 33, port: MDNS });
  assert.deepEqual(found(rig, handle), ["198.51.100.7"]);
  end(rig, handle);
});

onAllProfiles("below .local nobody answers: 1, 2, 4 s, then ENOTFOUND", TASKS, (rig) => {
  const { handle } = asked(rig, "printer.local");
  const times = [rig.now()];
  rig.advance(6999);
  while (rig.sent.length > 0) {
    times.push(rig.sent[0]!.atMs);
    takeQuestion(rig);
  }
  assert.deepEqual(
    times.slice(1).map((ms, i) => ms - times[i]!),
    [1000, 2000],
  );
  expectOpen(rig);
  rig.advance(1);
  assert.equal(failure(rig, handle), Errno.ENOTFOUND);
  end(rig, handle);
});

const NOT_FROM_LINK: [string, Parameters<typeof answer>[2], Parameters<typeof answer>[3]][] = [
  ["another port", { flags: 0x8400, answers: [a(1)] }, { peer: 33, port: DNS }],
  ["a code", { flags: 0x8400, code: NXDOMAIN }, { peer: 33, port: MDNS }],
  ["a truncated answer", { flags: 0x8600 }, { peer: 33, port: MDNS }],
];

for (const [what, fields, from] of NOT_FROM_LINK) {
  onAllProfiles(`below .local not believed: ${what}`, TASKS, (rig) => {
    const { handle, question } = asked(rig, "printer.local");
    answer(rig, question, fields, from);
    assert.equal(rig.counter(Counter.DROP_DNS_UNRELATED), 1);
    expectOpen(rig);
    end(rig, handle);
  });
}

onAllProfiles("below .local not believed: a host that is not on the link", TASKS, (rig) => {
  const { handle, question } = asked(rig, "printer.local");
  const data = messageFor(question, { flags: 0x8400, answers: [a(1)] });
  rig.inject(datagram(33, MDNS, question.port, data, { source: [203, 0, 113, 5] }));
  assert.equal(rig.counter(Counter.DROP_DNS_UNRELATED), 1);
  expectOpen(rig);
  end(rig, handle);
});

onAllProfiles("names that only look like .local go to servers", TASKS, (rig) => {
  start(rig);
  for (const name of ["notlocal", "local.example", "a.xlocal"]) {
    const { handle, question } = asked(rig, name);
    assert.deepEqual(question.destination, peer(SERVER));
    end(rig, handle);
  }
});
