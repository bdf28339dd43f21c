// The small services over a memory link: what a client gets, byte for byte, and who closes.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { chargenPattern, createChargen } from "../../host/command/services/chargen.js";
import { createDiscard } from "../../host/command/services/discard.js";
import { createEcho } from "../../host/command/services/echo.js";
import { createHello, SILENCE_MS } from "../../host/command/services/hello.js";
import { openPair, type Pair } from "./support/pair.js";

/** Bytes without a pattern that a shifted or repeated piece could hide in. */
function sample(length: number): Buffer {
  const pieces: Buffer[] = [];
  for (let done = 0, count = 0; done < length; done += 32, count++) {
    pieces.push(createHash("sha256").update(`sample ${count}`).digest());
  }
  return Buffer.concat(pieces).subarray(0, length);
}

function openConnections({ server }: Pair): number {
  const over = ["LISTEN", "TIME-WAIT"];
  return server.connections().filter(({ state }) => !over.includes(state)).length;
}

for (const profile of ["tiny", "desktop"] as const) {
  for (const size of [1, 1_023, 1_024, 1_025, 100_000]) {
    for (const halfClose of [false, true]) {
      const how = halfClose ? "half-closes" : "pauses";
      test(`hello on ${profile}: ${size} bytes, then the peer ${how}`, async () => {
        const pair = await openPair({ profile, service: createHello });
        const client = pair.connect();
        const question = sample(size);
        client.send(question);
        if (halfClose) client.end();
        pair.run(20_000);
        assert.equal(client.error, "");
        assert.equal(client.received.length, size + 8);
        assert.deepEqual(client.received, Buffer.concat([Buffer.from("hello ->"), question]));
        assert.ok(client.ended, "the service closes");
        client.connection.close();
        pair.run(1_000);
        assert.equal(openConnections(pair), 0);
      });
    }
  }
}

test("hello: a name in two segments is one question", async () => {
  const pair = await openPair({ service: createHello });
  const client = pair.connect();
  client.send("mo");
  pair.run(30);
  client.send("te");
  pair.run(45);
  assert.equal(client.text, "");
  pair.run(30);
  assert.equal(client.text, "hello ->mote");
  assert.ok(client.ended);
});

test("hello: nothing but a half-close is answered, too", async () => {
  const pair = await openPair({ service: createHello });
  const client = pair.connect();
  client.end();
  pair.run(10);
  assert.equal(client.text, "hello ->");
  assert.ok(client.ended);
});

test("hello: the one that closes is the service", async () => {
  const pair = await openPair({ service: createHello });
  const client = pair.connect();
  client.send("mote");
  pair.run(80);
  assert.equal(client.connection.state, "CLOSE-WAIT");
  client.connection.close();
  pair.run(10);
  const states = pair.server.connections().map(({ state }) => state);
  assert.ok(states.includes("TIME-WAIT"), `the server's side is in ${states}`);
});

test("hello: bytes that come after the answer do not destroy it", async () => {
  const pair = await openPair({ service: createHello });
  const client = pair.connect();
  client.reading = false;
  client.send("mote");
  pair.run(100);
  client.send(sample(200_000));
  pair.run(500);
  client.reading = true;
  client.connection.onReadable?.();
  assert.equal(client.text, "hello ->mote");
  assert.equal(client.error, "");
  // Two seconds of ours, then the stack's own limit for connections that nobody holds.
  pair.run(70_000);
  assert.equal(openConnections(pair), 0, "a peer that does not close is let go");
});

test("hello: who says nothing is let go", async () => {
  const pair = await openPair({ service: createHello });
  const client = pair.connect();
  pair.run(SILENCE_MS - 1_000);
  assert.ok(!client.ended);
  pair.run(2_000);
  assert.ok(client.ended);
});

test("hello: a peer that takes nothing of a large answer is let go", async () => {
  const pair = await openPair({ profile: "tiny", service: createHello });
  const client = pair.connect();
  client.reading = false;
  client.send(sample(300_000));
  pair.run(SILENCE_MS * 2);
  assert.equal(openConnections(pair), 0);
});

for (const profile of ["tiny", "desktop"] as const) {
  test(`echo on ${profile}: 300,000 bytes come back, then the end`, async () => {
    const pair = await openPair({ profile, service: createEcho });
    const client = pair.connect();
    const bytes = sample(300_000);
    client.send(bytes);
    client.end();
    pair.run(60_000);
    assert.equal(client.error, "");
    assert.equal(client.received.length, bytes.length);
    assert.deepEqual(client.received, bytes);
    assert.ok(client.ended);
  });
}

test("echo: a byte at a time, at once", async () => {
  const pair = await openPair({ service: createEcho });
  const client = pair.connect();
  for (const letter of "mote") {
    client.send(letter);
    pair.run(5);
    assert.ok(client.text.endsWith(letter), `${client.text} ends with ${letter}`);
  }
  assert.equal(client.text, "mote");
});

test("discard: takes a megabyte, answers nothing, closes after the peer", async () => {
  const pair = await openPair({ service: createDiscard });
  const client = pair.connect();
  client.send(sample(1_000_000));
  client.end();
  pair.run(10_000);
  assert.equal(client.received.length, 0);
  assert.equal(client.error, "");
  assert.ok(client.ended);
  assert.equal(openConnections(pair), 0);
});

test("chargen: the lines of RFC 864, and input is thrown away", async () => {
  const pair = await openPair({ service: createChargen });
  const client = pair.connect();
  client.limit = 300_000;
  client.send(sample(100_000));
  pair.run(1_000);
  const { received } = client;
  assert.ok(received.length >= 300_000, `${received.length} bytes`);
  const periods = Math.ceil(received.length / (95 * 74));
  const expected = Buffer.from(chargenPattern(periods)).subarray(0, received.length);
  assert.equal(Buffer.compare(received, expected), 0);
  const lines = client.text.split("\r\n");
  assert.equal(lines[0], String.fromCharCode(...Array.from({ length: 72 }, (_, i) => 0x20 + i)));
  assert.ok(lines[1]!.startsWith('!"#$%'));
  assert.equal(lines[95], lines[0]);
});

test("chargen: goes on after a half-close, and ends when nobody reads", async () => {
  const pair = await openPair({ service: createChargen });
  const client = pair.connect();
  client.limit = 500_000;
  client.end();
  pair.run(1_000);
  assert.ok(client.received.length >= 500_000);
  assert.equal(openConnections(pair), 1);
  pair.run(200_000);
  assert.equal(openConnections(pair), 0);
});
