// Names that the stack looks up at dnsmasq and unbound: addresses, aliases, names that are not there,
// answers that need TCP, servers that are dead, and answers of somebody else.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import type { ProfileName, Stack } from "../../host/index.js";
import { attach, DEVICE, fastClock, KERNEL, openDevice } from "./support/attached.js";
import { type Daemon, temporaryFolder } from "./support/daemon.js";
import { waitUntil } from "./support/far.js";
import { skip } from "./support/namespace.js";
import { startDnsmasq, startUnbound } from "./support/servers.js";
import { captureDevice, dissect } from "./support/tshark.js";

const options = { skip, timeout: 60_000 };
const ADDRESS = "192.0.2.1";
/** Too many for the 1,232 bytes that a question allows. */
const MANY = Array.from({ length: 90 }, (_, i) => `192.0.2.${i + 1}`);
/** Addresses that a lookup gives (assembly/config.ts). */
const GIVEN = 4;
/** Where dnsmasq is when somebody stands between. */
const BACK_PORT = 5300;
const PROFILES: readonly ProfileName[] = ["desktop", "esp32"];
/** A name as long as names may be: 63 letters, 63, 63, and what is left of 253. */
const LONGEST = ["a", "b", "c"].map((letter) => letter.repeat(63)).join(".") + `.${"d".repeat(56)}`;

const DNSMASQ = [
  `--host-record=kernel.test,${ADDRESS}`,
  ...MANY.map((address) => `--host-record=many.test,${address}`),
  "--host-record=six.test,2001:db8::1",
  `--host-record=${LONGEST}.test,${ADDRESS}`,
  "--cname=alias.test,other.test",
  "--cname=other.test,kernel.test",
  "--local=/test/",
  "--local-ttl=60",
  "--log-queries",
];
const UNBOUND = [
  `kernel A ${ADDRESS}`,
  ...MANY.map((address) => `many A ${address}`),
  "six AAAA 2001:db8::1",
  `${LONGEST} A ${ADDRESS}`,
  "alias CNAME other",
  "other CNAME kernel",
];

type Start = (t: TestContext) => Promise<Daemon>;
const SERVERS: readonly (readonly [string, Start])[] = [
  ["dnsmasq", (t) => startDnsmasq(t, DEVICE, DNSMASQ)],
  ["unbound", (t) => startUnbound(t, KERNEL, { name: "test", lines: UNBOUND })],
];

interface Found {
  readonly stack: Stack;
  readonly server: Daemon;
}

async function build(
  t: TestContext,
  start: Start,
  profile: ProfileName,
  times = 1,
): Promise<Found> {
  const tap = await openDevice(t);
  const server = await start(t);
  const clock = fastClock(times);
  const { stack } = await attach(t, tap, times === 1 ? { profile } : { profile, clock });
  stack.setNameServers([KERNEL]);
  return { stack, server };
}

const fails = (stack: Stack, name: string, code: string) =>
  assert.rejects(stack.lookup(name), { code });

for (const profile of PROFILES) {
  for (const [server, start] of SERVERS) {
    test(`${profile}: names at ${server}`, options, async (t) => {
      const { stack } = await build(t, start, profile);
      const file = join(temporaryFolder(t), "names.pcapng");
      const capture = await captureDevice(t, DEVICE, file);
      assert.deepEqual(await stack.lookup("kernel.test"), [ADDRESS]);
      assert.deepEqual(await stack.lookup("KERNEL.Test."), [ADDRESS]);
      assert.deepEqual(await stack.lookup("alias.test"), [ADDRESS], "an alias of an alias");
      assert.deepEqual(await stack.lookup(`${LONGEST}.test`), [ADDRESS]);
      await fails(stack, "none.test", "ENOTFOUND");
      await fails(stack, "six.test", "ENODATA");
      const opens = stack.counters().tcp_active_opens;
      const many = await stack.lookup("many.test");
      assert.equal(stack.counters().tcp_active_opens, opens + 1, "the answer came by TCP");
      assert.equal(new Set(many).size, GIVEN);
      assert.ok(many.every((address) => MANY.includes(address)));
      await capture.stop();
      await checkDissection(file);
    });
  }
}

/** tshark finds nothing wrong with the questions, and each has a number and a port of its own. */
async function checkDissection(file: string): Promise<void> {
  const fields = ["dns.id", "udp.srcport", "udp.checksum.status", "_ws.expert.message"] as const;
  const questions = await dissect(file, `dns.flags.response == 0 && ip.dst == ${KERNEL}`, fields);
  assert.ok(questions.length >= 6);
  const byUdp = questions.filter((question) => question["udp.srcport"] !== "");
  for (const question of byUdp) assert.equal(question["udp.checksum.status"], "1");
  for (const question of questions) assert.equal(question["_ws.expert.message"], "");
  const ports = new Set(byUdp.map((question) => question["udp.srcport"]));
  assert.equal(ports.size, byUdp.length);
}

const [, dnsmasq] = SERVERS[0]!;

for (const profile of PROFILES) {
  test(
    `${profile}: a server that falls silent: ETIMEOUT, and later an answer`,
    options,
    async (t) => {
      const { stack, server } = await build(t, dnsmasq, profile, 10);
      assert.deepEqual(await stack.lookup("kernel.test"), [ADDRESS]);
      server.pause();
      await fails(stack, "alias.test", "ETIMEOUT");
      server.resume();
      assert.deepEqual(await stack.lookup("alias.test"), [ADDRESS]);
    },
  );

  test(`${profile}: the first of two servers is dead: the second answers`, options, async (t) => {
    const { stack } = await build(t, dnsmasq, profile);
    stack.setNameServers(["198.18.0.9", KERNEL]);
    const startMs = performance.now();
    assert.deepEqual(await stack.lookup("kernel.test"), [ADDRESS]);
    const firstMs = performance.now() - startMs;
    assert.ok(firstMs < 5_000, `${firstMs} ms`);
  });

  test(`${profile}: the server of a lease is asked`, options, async (t) => {
    const tap = await openDevice(t);
    const range = "--dhcp-range=198.18.0.100,198.18.0.110,255.255.255.0,2m";
    await startDnsmasq(t, DEVICE, [...DNSMASQ, range]);
    const auto = { dhcp: true, probe: false };
    const { stack, index } = await attach(t, tap, { profile }, { auto });
    await fails(stack, "kernel.test", "ENETUNREACH");
    await waitUntil("there is a lease", () => stack.lease(index)?.state === "BOUND");
    assert.deepEqual(await stack.lookup("kernel.test"), [ADDRESS]);
  });

  test(`${profile}: what is known is not asked for again`, options, async (t) => {
    const { stack, server } = await build(t, dnsmasq, profile);
    const asked = () => server.log.split("query[A] kernel.test").length - 1;
    for (let round = 0; round < 3; round++) {
      assert.deepEqual(await stack.lookup("kernel.test"), [ADDRESS]);
    }
    await stack.lookup("alias.test");
    await waitUntil("the server has logged", () => server.log.includes("query[A] alias.test"));
    assert.equal(asked(), 1);
  });

  test(
    `${profile}: answers with wrong numbers, by the thousand, are not believed`,
    options,
    async (t) => {
      const tap = await openDevice(t);
      await startDnsmasq(t, DEVICE, [...DNSMASQ, `--port=${BACK_PORT}`]);
      const flooder = await startFlooder(t);
      const { stack } = await attach(t, tap, { profile });
      stack.setNameServers([KERNEL]);
      assert.deepEqual(await stack.lookup("kernel.test"), [ADDRESS]);
      assert.ok(flooder.sent > 1000);
      assert.equal(await stack.lookup("kernel.test").then(String), ADDRESS);
    },
  );
}

/** Stands between the stack and dnsmasq: to each question come thousands of answers first that are wrong
 * in one thing each. */
async function startFlooder(t: TestContext) {
  const [front, back] = [createSocket("udp4"), createSocket("udp4")];
  t.after(() => front.close());
  t.after(() => back.close());
  const flooder = { sent: 0 };
  const waiting = new Map<number, number>();
  const answerWrongly = async (question: Buffer, address: string, port: number): Promise<void> => {
    const number = question.readUInt16BE(0);
    waiting.set(number, port);
    for (let wrong = 1; wrong <= 1500; wrong++) {
      const forged = forge(question);
      forged.writeUInt16BE((number + wrong * 43) & 0xffff, 0);
      front.send(forged, port, address);
      flooder.sent++;
      // The device holds some hundreds of frames; what it drops, the right answer perhaps, proves nothing.
      if (wrong % 50 === 0) await delay(1);
    }
    const forged = forge(question);
    // The right number, at another port, from another port, to another question.
    forged.writeUInt16BE(number, 0);
    front.send(Buffer.from(forged), port ^ 1, address);
    back.send(Buffer.from(forged), port, address);
    forged[13]! ^= 0x01;
    front.send(forged, port, address);
    back.send(question, BACK_PORT, KERNEL);
  };
  front.on("message", (question, { address, port }) => {
    void answerWrongly(question, address, port);
  });
  back.on("message", (answer) =>
    front.send(answer, waiting.get(answer.readUInt16BE(0))!, "198.18.0.2"),
  );
  front.bind(53, KERNEL);
  back.bind(0, KERNEL);
  await Promise.all([once(front, "listening"), once(back, "listening")]);
  return flooder;
}

/** An answer to this question: 203.0.113.66. */
function forge(question: Buffer): Buffer {
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 14, 16, 0, 4, 203, 0, 113, 66];
  const forged = Buffer.concat([question, Buffer.from(record)]);
  forged.writeUInt16BE(0x8580, 2);
  forged.writeUInt16BE(1, 6);
  return forged;
}
