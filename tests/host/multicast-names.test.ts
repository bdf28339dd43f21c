// Names below .local, as callers of a stack see them: found, answered for, and told of (RFC 6762, 6763).

import assert from "node:assert/strict";
import { test } from "node:test";
import { readQuestion, writeQuestion } from "./support/nameServer.js";
import { createSegment } from "./support/segment.js";

test("multicast: two stacks find each other below .local", async () => {
  const segment = createSegment();
  const a = await segment.add(1, { addresses: ["198.18.0.1/24"] }, { hostName: "a" });
  await segment.add(2, { addresses: ["198.18.0.2/24"] }, { hostName: "b" });
  segment.for(5_000);
  let found: string[] = [];
  a.resolve("b.local", (_error, addresses) => (found = addresses));
  segment.run(() => found.length > 0);
  assert.deepEqual(found, ["198.18.0.2"]);
  segment.close();
});

test("multicast: a name that another host has: told, and answered for under the new one", async () => {
  const segment = createSegment();
  const a = await segment.add(1, { addresses: ["198.18.0.1/24"] }, { hostName: "mote" });
  segment.for(5_000);
  const b = await segment.add(2, { addresses: ["198.18.0.2/24"] }, { hostName: "mote" });
  const names: string[] = [];
  b.onName = (name) => names.push(name);
  segment.run(() => names.length > 0);
  assert.equal(names.length, 1);
  assert.notEqual(names[0], "mote");
  assert.equal(b.hostName, names[0]);
  assert.equal(a.hostName, "mote");
  segment.for(5_000);
  let found: string[] = [];
  a.resolve(`${names[0]}.local`, (_error, addresses) => (found = addresses));
  segment.run(() => found.length > 0);
  assert.deepEqual(found, ["198.18.0.2"]);
  segment.close();
});

const PTR = 12;

test("multicast: a service is told of until it is taken back", async () => {
  const segment = createSegment();
  const stack = await segment.add(1, { addresses: ["198.18.0.1/24"] }, { hostName: "mote" });
  const other = await segment.add(2, { addresses: ["198.18.0.2/24"] });
  // A question from another port than 5353 is answered to it alone (RFC 6762 section 6.7).
  const socket = other.bind();
  const ask = (): Uint8Array | undefined => {
    socket.send(writeQuestion("_http._tcp.local", PTR), 5353, "224.0.0.251");
    segment.for(2_000);
    return socket.receive()?.data;
  };
  stack.publish("_http._tcp", 8080);
  segment.for(5_000);
  const answer = ask()!;
  assert.equal(readQuestion(answer).name, "_http._tcp.local");
  assert.ok(answer[7]! >= 1, "an answer");
  assert.match(Buffer.from(answer).toString("latin1"), /\x04mote/);
  assert.ok(Buffer.from(answer).includes(Buffer.from([8080 >> 8, 8080 & 255])), "its port");
  stack.publish("_http._tcp", 0);
  segment.for(5_000);
  assert.equal(ask()?.[7] ?? 0, 0, "no answer any more");
  assert.throws(() => stack.publish("_http._tcp", 65_536), { code: "EINVAL" });
  segment.close();
});

/** Type PTR, class IN, and a TTL of 0: it is over (RFC 6762 section 10.1). */
const GOODBYE = Buffer.from([0, PTR, 0, 1, 0, 0, 0, 0]);

for (const part of ["withdraw", "close"] as const) {
  test(`multicast: ${part}() says that a service is over`, async () => {
    const segment = createSegment();
    const stack = await segment.add(1, { addresses: ["198.18.0.1/24"] }, { hostName: "mote" });
    stack.publish("_http._tcp", 8080);
    segment.for(5_000);
    const said: Buffer[] = [];
    const port = segment.port();
    const buffer = new Uint8Array(1514);
    port.onReadable = () => {
      for (let length; (length = port.read(buffer)) > 0;)
        said.push(Buffer.from(buffer.slice(0, length)));
    };
    if (part === "close") stack.close();
    else {
      let done = false;
      stack.withdraw(() => (done = true));
      assert.ok(segment.run(() => done) < 500);
    }
    assert.ok(said.some((frame) => frame.includes("_http") && frame.includes(GOODBYE)));
    segment.close();
  });
}
