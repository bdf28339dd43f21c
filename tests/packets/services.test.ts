// Built-in services (assembly/app): hello, echo (RFC 862), discard (RFC 863), chargen (RFC 864), the status page.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { chargenPattern } from "../../host/command/services/chargen.js";
import { Constant, Counter, Option, Pool, Service } from "../../host/core/generated/abi.js";
import { dial, type ClientOptions } from "./support/client.js";
import { Errno, listenerOn, OUR_ADDRESS, passive, State } from "./support/peer.js";
import { onAllProfiles, packetTest, type Rig } from "./support/rig.js";

const PORT = 7;
const LINE = "hello -> MoteTCP 0.1.0\n";
const ORPHAN_MS = 60_000;

/** A service on PORT, and a client of it. */
function start(rig: Rig, service: number, options: Partial<ClientOptions> = {}, backlog = 2) {
  const handle = rig.call.serve(service, 0, PORT, backlog);
  assert.ok(handle > 0, `serve: ${handle}`);
  return { handle, client: dial(rig, { port: PORT, ...options }) };
}

const states = (rig: Rig) => rig.records(Pool.TCB).map(({ state }) => state);
const ringBytes = (rig: Rig) => rig.core.constant(Constant.RECEIVE_RING_BYTES);

/** Text that repeats after 251 bytes, which no ring is a multiple of. */
const textOf = (length: number) =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 7) % 251)).toString("latin1");

// ---- OPEN ----

onAllProfiles("serve: a number that is no service gets ENOTSUP", (rig) => {
  for (const service of [0, 6, 32, 33, 34, -1, 0x7fffffff]) {
    assert.equal(rig.call.serve(service, 0, PORT, 1), -Errno.ENOTSUP);
  }
});

onAllProfiles("serve: a port and backlog out of their range, and one that is taken", (rig) => {
  assert.equal(rig.call.serve(Service.ECHO, 0, 65536, 1), -Errno.EINVAL);
  assert.equal(rig.call.serve(Service.ECHO, 0, PORT, 0), -Errno.EINVAL);
  assert.equal(rig.call.serve(Service.ECHO, 12345, PORT, 1), -Errno.EBADF);
  listenerOn(rig, PORT);
  assert.equal(rig.call.serve(Service.ECHO, 0, PORT, 1), -Errno.EADDRINUSE);
});

onAllProfiles("serve: on one of our addresses only", (rig) => {
  assert.ok(rig.call.serve(Service.HELLO, rig.address, PORT, 1) > 0);
  assert.equal(dial(rig, { port: PORT }).received, LINE);
});

onAllProfiles("a service's connection: no event, nothing to accept, no handle", (rig) => {
  const { handle, client } = start(rig, Service.ECHO);
  client.say("mote");
  assert.equal(rig.call.nextEvent(), 0);
  assert.equal(rig.call.accept(handle), -Errno.EAGAIN);
  assert.deepEqual(
    rig.records(Pool.TCB).map((record) => record.handle),
    [0],
  );
});

// ---- hello, echo, discard, chargen ----

onAllProfiles("hello: one line and the end; the peer closes, TIME-WAIT needs nobody", (rig) => {
  const { client } = start(rig, Service.HELLO, {}, 1);
  assert.equal(client.received, LINE);
  assert.ok(client.ended);
  assert.deepEqual(states(rig), [State.FIN_WAIT_2]);
  client.finish();
  assert.equal(rig.used(Pool.RECEIVE_RING), 0);
  assert.equal(dial(rig, { port: PORT, peerPort: 2000 }).received, LINE);
});

onAllProfiles("hello: who has half-closed before gets the line, too", (rig) => {
  const { client } = start(rig, Service.HELLO, {}, 1);
  client.finish();
  const next = dial(rig, { port: PORT, peerPort: 2000 });
  assert.equal(next.received, LINE);
});

onAllProfiles("hello: what a peer says is thrown away, and no reset eats the line", (rig) => {
  const { client } = start(rig, Service.HELLO);
  for (let i = 0; i < 5; i++) client.say(textOf(500));
  assert.equal(client.received, LINE);
  client.finish();
  assert.ok(client.ended && !client.reset);
  assert.equal(rig.used(Pool.RECEIVE_RING), 0);
});

onAllProfiles("echo: what comes goes back, across the wrap of the rings", (rig) => {
  const { client } = start(rig, Service.ECHO);
  const length = 3 * Math.min(ringBytes(rig), 4096);
  const text = textOf(length);
  for (let at = 0; at < length; at += 500) client.say(text.slice(at, at + 500));
  rig.advance(1000);
  client.look();
  assert.equal(client.received, text);
  client.finish();
  assert.ok(client.ended && !client.reset);
  assert.deepEqual(states(rig), []);
});

onAllProfiles("echo: the FIN with the last bytes", (rig) => {
  const { client } = start(rig, Service.ECHO);
  client.say("mote", "FPA");
  assert.equal(client.received, "mote");
  assert.ok(client.ended);
  assert.deepEqual(states(rig), []);
});

onAllProfiles("echo: a peer that half-closes without a word", (rig) => {
  const { client } = start(rig, Service.ECHO);
  client.finish();
  assert.ok(client.ended && !client.reset);
  assert.deepEqual(states(rig), []);
});

onAllProfiles("echo: a window of 10 bytes", (rig) => {
  const { client } = start(rig, Service.ECHO, { win: 10 });
  const text = textOf(100);
  client.say(text);
  for (let i = 0; i < 20; i++) {
    rig.advance(5000);
    client.look();
  }
  assert.equal(client.received, text);
  assert.ok(client.longest <= 10);
});

onAllProfiles("echo: a segment out of order, where it is kept, goes back in order", (rig) => {
  const { client } = start(rig, Service.ECHO);
  client.say("first");
  client.say("second");
  assert.equal(client.received, "firstsecond");
});

onAllProfiles("echo: a reset in the middle frees all", (rig) => {
  const { client } = start(rig, Service.ECHO);
  client.answers = false;
  client.say("mote");
  client.abort();
  assert.deepEqual(states(rig), []);
  assert.equal(rig.used(Pool.SEND_RING) + rig.used(Pool.RECEIVE_RING), 0);
  assert.equal(rig.call.nextEvent(), 0);
});

onAllProfiles("echo: a peer that does not read shuts the window, and both rings hold", (rig) => {
  const { client } = start(rig, Service.ECHO, { win: 0 });
  const most = 4 * ringBytes(rig);
  let said = 0;
  while (client.room > 0 && said < most) {
    const length = Math.min(client.room, 1000);
    client.say(textOf(length));
    said += length;
    rig.advance(50);
    client.look();
  }
  assert.ok(said >= 1.5 * ringBytes(rig) && said < most, `${said} bytes`);
  assert.deepEqual(states(rig), [State.ESTABLISHED]);
});

onAllProfiles("discard: everything is taken, nothing comes back", (rig) => {
  const { client } = start(rig, Service.DISCARD);
  for (let i = 0; i < 10; i++) client.say(textOf(900));
  rig.advance(100);
  client.look();
  assert.equal(client.received, "");
  assert.ok(client.room >= ringBytes(rig) / 2);
  client.finish();
  assert.ok(client.ended && !client.reset);
  assert.deepEqual(states(rig), []);
});

onAllProfiles(
  "chargen: lines of 72 characters, each one character on, as fast as they are taken",
  (rig) => {
    const pattern = Buffer.from(chargenPattern(3)).toString("latin1");
    const { client } = start(rig, Service.CHARGEN, { win: 500, most: 15_000 });
    for (let turn = 0; client.received.length < 15_000 && turn < 100; turn++) {
      client.ack();
      rig.advance(300);
      client.look();
    }
    assert.ok(client.received.length >= 15_000);
    assert.equal(client.received, pattern.slice(0, client.received.length));
    client.abort();
  },
);

onAllProfiles("chargen: a peer that half-closes gets what is queued, and the end", (rig) => {
  const { client } = start(rig, Service.CHARGEN, { win: 100, most: 300 });
  client.finish();
  client.win = 65535;
  client.most = Infinity;
  client.ack();
  for (let i = 0; i < 20 && !client.ended; i++) {
    rig.advance(1000);
    client.look();
  }
  assert.ok(client.ended && !client.reset);
  assert.deepEqual(states(rig), []);
});

onAllProfiles("chargen: what the peer says is thrown away", (rig) => {
  const { client } = start(rig, Service.CHARGEN, { win: 0 });
  for (let i = 0; i < 6; i++) client.say(textOf(700));
  assert.ok(client.room >= ringBytes(rig) / 2);
  client.abort();
});

onAllProfiles("chargen: a shut window stops it, and it goes on when that opens", (rig) => {
  const { client } = start(rig, Service.CHARGEN, { win: 0, most: 1000 });
  rig.advance(900);
  client.look();
  assert.equal(client.received, "");
  client.win = 400;
  client.ack();
  rig.advance(5000);
  client.look();
  assert.ok(client.received.length > 400);
  client.abort();
});

// ---- http ----

const GET = "GET / HTTP/1.1\r\nHost: mote\r\n\r\n";
const PAGE = new RegExp(
  "^HTTP/1\\.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n" +
    "MoteTCP 0\\.1\\.0\nup \\d+ s\nconnections 1, most \\d+\n" +
    "frames in \\d+, out \\d+\nsegments in \\d+, out \\d+, again \\d+\n$",
);

/** The answer to a request in pieces. */
function ask(rig: Rig, ...pieces: string[]): string {
  const { client } = start(rig, Service.HTTP);
  for (const piece of pieces) client.say(piece);
  assert.ok(client.ended, "the answer has an end");
  client.finish();
  assert.ok(!client.reset);
  return client.received;
}

onAllProfiles("http: the page, with what the counters say", (rig) => {
  rig.advance(5000);
  const answer = ask(rig, GET);
  assert.match(answer, PAGE);
  assert.match(answer, /\nup 5 s\n/);
  const [, segments] = /segments in (\d+),/.exec(answer) ?? [];
  assert.equal(Number(segments), 3); // SYN, ACK, request
  assert.match(answer, /, again 0\n$/);
});

onAllProfiles("http: GET with a query, and with bare line feeds", (rig) => {
  assert.match(ask(rig, "GET /?now HTTP/1.0\n\n"), PAGE);
});

onAllProfiles("http: a byte at a time", (rig) => {
  assert.match(ask(rig, ...GET), PAGE);
});

onAllProfiles("http: a request that is longer than the ring", (rig) => {
  const field = `X-Long: ${"x".repeat(990)}\r\n`;
  const fields = Array.from({ length: 5 }, () => field);
  assert.match(ask(rig, "GET / HTTP/1.1\r\n", ...fields, "\r\n"), PAGE);
});

onAllProfiles("http: HEAD gets no page", (rig) => {
  const answer = ask(rig, "HEAD / HTTP/1.1\r\n\r\n");
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  assert.ok(answer.endsWith("\r\n\r\n"));
});

onAllProfiles("http: HEAD of another path: 404 without a word more", (rig) => {
  const answer = ask(rig, "HEAD /x HTTP/1.1\r\n\r\n");
  assert.match(answer, /^HTTP\/1\.1 404 Not Found\r\n/);
  assert.ok(answer.endsWith("\r\n\r\n"));
});

onAllProfiles("http: another path gets 404", (rig) => {
  const answer = ask(rig, "GET /favicon.ico HTTP/1.1\r\nHost: mote\r\n\r\n");
  assert.match(answer, /^HTTP\/1\.1 404 Not Found\r\n.*\r\n\r\n404 Not Found$/s);
});

onAllProfiles(
  "http: another method gets 405, which says what is allowed, and its body is ignored",
  (rig) => {
    const answer = ask(rig, "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
    assert.match(answer, /^HTTP\/1\.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n/);
  },
);

for (const [what, request] of [
  ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n"],
  ["an empty line", "\n"],
  ["no version", "GET /\r\n"],
  ["a version and nothing else", "HTTP/1.1\r\n"],
  ["600 bytes without a line", "x".repeat(600)],
] as const) {
  onAllProfiles(`http: ${what}: 400 at once`, (rig) => {
    assert.match(ask(rig, request), /^HTTP\/1\.1 400 Bad Request\r\n/);
  });
}

onAllProfiles("http: a request cut off by the end of the stream", (rig) => {
  const { client } = start(rig, Service.HTTP);
  client.say("GET / HT", "FPA");
  assert.match(client.received, /^HTTP\/1\.1 400 Bad Request\r\n/);
  assert.deepEqual(states(rig), []);
});

onAllProfiles("http: the end of the stream ends the fields, too", (rig) => {
  const { client } = start(rig, Service.HTTP);
  client.say("GET / HTTP/1.1\r\nHost: m", "FPA");
  assert.match(client.received, PAGE);
  assert.ok(client.ended && !client.reset);
});

onAllProfiles(
  "http: the end of the stream without a request: the end, without an answer",
  (rig) => {
    const { client } = start(rig, Service.HTTP);
    client.finish();
    assert.equal(client.received, "");
    assert.ok(client.ended && !client.reset);
  },
);

onAllProfiles(
  "http: requests behind the first are ignored, and no reset eats the answer",
  (rig) => {
    const { client } = start(rig, Service.HTTP);
    client.say(GET.repeat(8));
    for (let i = 0; i < 4; i++) client.say(GET.repeat(8));
    assert.match(client.received, PAGE);
    client.finish();
    assert.ok(client.ended && !client.reset);
    assert.equal(rig.used(Pool.RECEIVE_RING), 0);
  },
);

onAllProfiles("http: a window of 20 bytes, a segment of 64", (rig) => {
  const { client } = start(rig, Service.HTTP, { win: 20, mss: 64 });
  client.say(GET);
  for (let i = 0; i < 40 && !client.ended; i++) {
    rig.advance(5000);
    client.look();
  }
  assert.match(client.received, PAGE);
  assert.ok(client.longest <= 20);
  client.finish();
});

onAllProfiles("http: uptime counts from the first time that was told", (rig) => {
  rig.advance(3_600_000);
  assert.match(ask(rig, GET), /\nup 3600 s\n/);
});

// ---- limits, and the end of a service ----

onAllProfiles("a connection without progress is reset after ORPHAN_SECONDS", (rig) => {
  rig.call.setOption(0, Option.ORPHAN_SECONDS, 5);
  const { client } = start(rig, Service.ECHO);
  client.say("mote");
  rig.advance(4900);
  client.look();
  assert.ok(!client.reset);
  rig.advance(200);
  client.look();
  assert.ok(client.reset);
  assert.deepEqual(states(rig), []);
});

for (const service of [Service.ECHO, Service.DISCARD]) {
  onAllProfiles(`who goes on saying something keeps the connection: service ${service}`, (rig) => {
    const { client } = start(rig, service);
    for (let i = 0; i < 5; i++) {
      rig.advance(ORPHAN_MS - 1000);
      client.say("m");
    }
    assert.ok(!client.reset);
    client.finish();
    assert.ok(client.ended);
  });
}

onAllProfiles("a full service: the next waits, and is let in when one has ended", (rig) => {
  const { client } = start(rig, Service.ECHO, {}, 1);
  const next = dial(rig, { port: PORT, peerPort: 2000 });
  assert.ok(!next.open);
  assert.equal(rig.counter(Counter.TCP_BACKLOG_DROPS), 1);
  client.finish();
  assert.ok(client.ended);
  const third = dial(rig, { port: PORT, peerPort: 2001 });
  third.say("mote");
  assert.equal(third.received, "mote");
});

onAllProfiles("all records in use by a service: an open connection goes on", (rig) => {
  const witness = passive(rig, { peer: 11, peerPort: 3000, localPort: 81 });
  rig.call.serve(Service.ECHO, 0, PORT, 65535);
  const all = Math.min(rig.pool(Pool.TCB).capacity, rig.pool(Pool.RECEIVE_RING).capacity);
  const many = Math.min(all, 64);
  const clients = Array.from({ length: many }, (_, i) =>
    dial(rig, { port: PORT, peerPort: 2000 + i }),
  );
  const opened = clients.filter(({ open }) => open).length;
  assert.ok(many < all ? opened === many : opened === many - 1, `${opened} of ${many}`);
  witness.send({ data: 5 });
  witness.expectAfter(40);
  witness.read(5);
  rig.advance(2 * ORPHAN_MS);
  rig.sent.splice(0);
  assert.equal(rig.used(Pool.TCB), 1);
});

onAllProfiles("close of a service: its connections are reset, those of others go on", (rig) => {
  const { handle, client } = start(rig, Service.ECHO);
  rig.call.serve(Service.DISCARD, 0, 9, 2);
  const other = dial(rig, { port: 9, peerPort: 2000 });
  const witness = passive(rig, { peer: 11, peerPort: 3000, localPort: 81 });
  assert.equal(rig.call.close(handle), 0);
  rig.pump();
  client.look();
  other.look();
  assert.ok(client.reset && !other.reset);
  assert.equal(witness.state(), State.ESTABLISHED);
  assert.equal(rig.call.close(handle), -Errno.EBADF);
  assert.ok(rig.call.serve(Service.HELLO, 0, PORT, 1) > 0);
});

onAllProfiles("a listener in the place of a service that was closed is an ordinary one", (rig) => {
  const { handle } = start(rig, Service.DISCARD);
  rig.call.close(handle);
  rig.pump();
  rig.sent.splice(0);
  const peer = passive(rig, { peer: 11, peerPort: 3000, localPort: 81 });
  peer.send({ data: 5 });
  peer.expectAfter(40);
  peer.read(5);
});

onAllProfiles("the address of a service goes: so do the service and its connections", (rig) => {
  assert.ok(rig.call.serve(Service.ECHO, rig.address, PORT, 2) > 0);
  const client = dial(rig, { port: PORT });
  client.say("mote");
  assert.equal(rig.call.addressRemove(rig.address), 0);
  assert.equal(rig.used(Pool.LISTENER), 0);
  assert.equal(rig.used(Pool.TCB), 0);
  rig.sent.splice(0);
});

onAllProfiles("two services and a listener at the same time", (rig) => {
  const { client } = start(rig, Service.ECHO);
  rig.call.serve(Service.HELLO, 0, 8, 2);
  const hello = dial(rig, { port: 8, peerPort: 2000 });
  client.say("mote");
  assert.equal(hello.received, LINE);
  assert.equal(client.received, "mote");
});

packetTest(
  "a service over loopback: a connection of the stack's own",
  { profile: "esp32" },
  (rig) => {
    rig.call.serve(Service.HELLO, 0, PORT, 2);
    rig.putAddress(OUR_ADDRESS);
    const handle = rig.call.connect(4, PORT, 0, 0);
    rig.pump();
    assert.equal(rig.call.receiveSpan(handle), LINE.length);
  },
);

packetTest("no send ring is free: the line comes when one is", { profile: "esp32" }, (rig) => {
  const rings = rig.pool(Pool.SEND_RING).capacity;
  // Connections of which nothing is acknowledged hold all of them; receive rings they have given back.
  const holders = Array.from({ length: rings }, (_, i) => {
    const peer = passive(rig, { peer: 11, peerPort: 3000 + i, localPort: 81 });
    peer.write(10);
    peer.expect({ flags: "PA", len: 10 });
    peer.send({ flags: "FA", ack: 1 });
    peer.expect();
    return peer;
  });
  const { client } = start(rig, Service.HELLO);
  assert.ok(client.open);
  assert.equal(client.received, "");
  holders[0]!.send({ ack: 11 });
  client.look();
  assert.equal(client.received, LINE);
  rig.sent.splice(0);
});
