// Names, as callers of a stack see them: looked up at a small server, by multicast, or not at all.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LookupError } from "../../host/core/lookup.js";
import type { Stack } from "../../host/core/stack.js";
import { readQuestion, serveNames, writeQuestion, type Zone } from "./support/nameServer.js";
import { createSegment, type Segment } from "./support/segment.js";

const SERVER = "198.18.0.53";
const ZONE: Zone = {
  "example.test": ["203.0.113.1", "203.0.113.2"],
  "empty.test": [],
  "broken.test": 2,
  "silent.test": "silence",
  "xn--bcher-kva.test": ["203.0.113.3"],
};

interface Named extends Segment {
  stack: Stack;
  /** Names that the server was asked for. */
  asked: string[];
  /** What became of a lookup: addresses, or its error. */
  find(name: string): string[] | LookupError;
}

async function createNamed(profile: "desktop" | "esp32" = "desktop"): Promise<Named> {
  const segment = createSegment();
  const stack = await segment.add(1, { addresses: ["198.18.0.1/24"] }, { profile });
  const server = await segment.add(53, { addresses: [`${SERVER}/24`] });
  const asked = serveNames(server, ZONE);
  stack.setNameServers([SERVER]);
  return {
    ...segment,
    stack,
    asked,
    find(name) {
      let result: string[] | LookupError | undefined;
      stack.resolve(name, (error, addresses) => (result = (error as LookupError) ?? addresses));
      segment.run(() => result !== undefined);
      return result!;
    },
  };
}

for (const profile of ["desktop", "esp32"] as const) {
  test(`lookup: the addresses that the server has: ${profile}`, async () => {
    const named = await createNamed(profile);
    assert.deepEqual(named.find("example.test"), ["203.0.113.1", "203.0.113.2"]);
    assert.deepEqual(named.find("EXAMPLE.test."), ["203.0.113.1", "203.0.113.2"]);
    assert.deepEqual(named.asked, ["example.test"], "the second answer is the first one's");
    named.close();
  });
}

test("lookup: a promise, for loops in which those run", async () => {
  const named = await createNamed();
  const lookup = named.stack.lookup("example.test");
  named.for(1_000);
  assert.deepEqual(await lookup, ["203.0.113.1", "203.0.113.2"]);
  named.close();
});

const failures: readonly [string, string, RegExp][] = [
  ["no such name", "nothing.test", /^queryA ENOTFOUND nothing\.test: there is no such name$/],
  ["no address", "empty.test", /^queryA ENODATA empty\.test: the name has no IPv4 address$/],
  ["a server that fails", "broken.test", /^queryA ESERVFAIL broken\.test: /],
  ["a server that is silent", "silent.test", /^queryA ETIMEOUT silent\.test: /],
];

for (const [what, name, message] of failures) {
  test(`lookup: ${what} is an error as Node's dns has it`, async () => {
    const named = await createNamed();
    const error = named.find(name) as LookupError;
    assert.match(error.message, message);
    assert.deepEqual([error.syscall, error.hostname], ["queryA", name]);
    assert.equal(error.code, error.message.split(" ")[1]);
    named.close();
  });
}

test("lookup: names in other scripts are asked for in their ASCII form", async () => {
  const named = await createNamed();
  assert.deepEqual(named.find("bücher.test"), ["203.0.113.3"]);
  named.close();
});

test("lookup: a name that cannot be one: EINVAL, and nobody is asked", async () => {
  const named = await createNamed();
  for (const name of ["", "a..b", `${"x".repeat(64)}.test`, "x.".repeat(130), "two words\n"]) {
    await assert.rejects(named.stack.lookup(name), { code: "EINVAL" }, name);
  }
  named.for(1_000);
  assert.deepEqual(named.asked, []);
  named.close();
});

test("lookup: without a name server ENETUNREACH, and it says why", async () => {
  const named = await createNamed();
  named.stack.setNameServers([]);
  await assert.rejects(named.stack.lookup("example.test"), {
    code: "ENETUNREACH",
    message: "queryA ENETUNREACH example.test: no name server is known",
  });
  named.close();
});

test("a lookup that is cancelled calls nobody back, and another finds room", async () => {
  const named = await createNamed("esp32");
  for (let i = 0; i < 100; i++) {
    named.stack.resolve(`silent${i}.test`, () => assert.fail("it was cancelled"))();
  }
  assert.deepEqual(named.find("example.test"), ["203.0.113.1", "203.0.113.2"]);
  named.close();
});

test("more lookups than there are records: ENOBUFS, and those under way are not harmed", async () => {
  const named = await createNamed("esp32");
  const results: (string | undefined)[] = [];
  const ask = () => named.stack.resolve("example.test", (error) => results.push(error?.code));
  const records = named.stack.pools().find(({ name }) => name === "lookup")!.capacity;
  for (let i = 0; i < records; i++) ask();
  assert.throws(ask, { code: "ENOBUFS", syscall: "queryA" });
  named.run(() => results.length === records);
  assert.deepEqual(new Set(results), new Set([undefined]));
  named.close();
});

test("close() fails lookups that are under way: ECANCELLED", async () => {
  const named = await createNamed();
  const lookup = named.stack.lookup("silent.test");
  named.for(100);
  named.close();
  await assert.rejects(lookup, { code: "ECANCELLED", hostname: "silent.test" });
});

test("name servers: two at most, and addresses", async () => {
  const { stack, close } = await createNamed();
  stack.setNameServers(["192.0.2.1", SERVER]);
  assert.throws(() => stack.setNameServers([SERVER, SERVER, SERVER]), { code: "EINVAL" });
  assert.throws(() => stack.setNameServers(["ns.example.test"]), { code: "EINVAL" });
  close();
});

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
