// Names below .local with avahi: each finds the other, one that wants a name that the other has takes
// another one, and services of the stack are found by those who look for them.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { ProfileName, Stack } from "../../host/index.js";
import { attach, DEVICE, KERNEL, openDevice, STACK } from "./support/attached.js";
import { temporaryFolder } from "./support/daemon.js";
import { waitUntil } from "./support/far.js";
import { skip } from "./support/namespace.js";
import { type Avahi, startAvahi } from "./support/servers.js";
import { captureDevice, dissect } from "./support/tshark.js";

const options = { skip, timeout: 60_000 };
const PROFILES: readonly ProfileName[] = ["desktop", "esp32"];

interface Both {
  readonly stack: Stack;
  readonly avahi: Avahi;
  /** Names that the stack had to take. */
  readonly renamed: string[];
}

/** A stack that wants the name "mote", and then or before avahi as `name`. */
async function build(
  t: TestContext,
  profile: ProfileName,
  name: string,
  first: "avahi" | "stack",
): Promise<Both> {
  const tap = await openDevice(t);
  const renamed: string[] = [];
  const startStack = async (): Promise<Stack> => {
    const { stack } = await attach(t, tap, { profile, hostName: "mote" });
    stack.onName = (taken) => renamed.push(taken);
    return stack;
  };
  if (first === "avahi") {
    const avahi = await startAvahi(t, DEVICE, name);
    return { stack: await startStack(), avahi, renamed };
  }
  const stack = await startStack();
  await announced(stack);
  return { stack, avahi: await startAvahi(t, DEVICE, name), renamed };
}

/** It has probed for its name, and told everybody. */
async function announced(stack: Stack): Promise<void> {
  const told = () => stack.counters().mdns_sent;
  const before = told();
  await waitUntil("probes and an announcement", () => told() >= before + 4);
}

/** What avahi finds for a name; "": nothing. */
async function resolve(avahi: Avahi, name: string): Promise<string> {
  try {
    const line = await avahi.command(["avahi-resolve", "-4", "-n", name]);
    return line.split(/\s+/)[1] ?? "";
  } catch {
    return "";
  }
}

/** Lines of avahi-browse about services of a type: resolved ones, as fields. */
async function browse(avahi: Avahi, type: string): Promise<string[][]> {
  const out = await avahi.command(["avahi-browse", "-t", "-r", "-p", type]);
  const lines = out.split("\n").filter((line) => line.startsWith("=;"));
  return lines.map((line) => line.split(";"));
}

for (const profile of PROFILES) {
  test(`${profile}: avahi finds us, and we find avahi`, options, async (t) => {
    const file = join(temporaryFolder(t), "local.pcapng");
    const tap = await openDevice(t);
    const capture = await captureDevice(t, DEVICE, file);
    const { stack } = await attach(t, tap, { profile, hostName: "mote" });
    const avahi = await startAvahi(t, DEVICE, "kernel");
    await waitUntil("avahi knows mote.local", async () => {
      return (await resolve(avahi, "mote.local")) === STACK;
    });
    assert.deepEqual(await stack.lookup("kernel.local"), [KERNEL]);
    assert.deepEqual(await stack.lookup("KERNEL.local."), [KERNEL]);
    await assert.rejects(stack.lookup("nobody.local"), { code: /^(ENOTFOUND|ETIMEOUT)$/ });
    await capture.stop();
    await checkDissection(file);
  });

  test(`${profile}: avahi has our name: we take another one`, options, async (t) => {
    const { stack, avahi, renamed } = await build(t, profile, "mote", "avahi");
    await waitUntil("we are told of another name", () => renamed.length > 0);
    const name = stack.hostName;
    assert.match(name, /^mote-\d+$/);
    assert.deepEqual(renamed, [name]);
    await waitUntil("avahi finds it", async () => {
      return (await resolve(avahi, `${name}.local`)) === STACK;
    });
    assert.equal(await resolve(avahi, "mote.local"), KERNEL);
  });

  test(`${profile}: we have avahi's name: it takes another one`, options, async (t) => {
    const { stack, avahi, renamed } = await build(t, profile, "mote", "stack");
    assert.match(avahi.log, /Host name is mote-2\.local/);
    assert.equal(await resolve(avahi, "mote.local"), STACK);
    assert.deepEqual(await stack.lookup("mote-2.local"), [KERNEL]);
    assert.deepEqual(renamed, []);
  });

  test(`${profile}: both want a name at the same time: each gets one`, options, async (t) => {
    const tap = await openDevice(t);
    const starting = startAvahi(t, DEVICE, "mote");
    const { stack } = await attach(t, tap, { profile, hostName: "mote" });
    const avahi = await starting;
    await waitUntil("the names are different", async () => {
      const theirs = /Host name is (\S+)\.local/.exec(avahi.log)![1]!;
      const [us, them] = [
        await resolve(avahi, `${stack.hostName}.local`),
        await resolve(avahi, `${theirs}.local`),
      ];
      return us === STACK && them === KERNEL;
    });
  });

  test(`${profile}: who asks once gets an answer of its own`, options, async (t) => {
    const tap = await openDevice(t);
    const { stack } = await attach(t, tap, { profile, hostName: "mote" });
    await announced(stack);
    const socket = createSocket("udp4");
    t.after(() => socket.close());
    socket.bind(0, KERNEL);
    await once(socket, "listening");
    socket.setMulticastInterface(KERNEL);
    const name = Buffer.from("\x04mote\x05local\0", "latin1");
    const head = Buffer.from([0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    const question = Buffer.concat([head, name, Buffer.from([0, 1, 0, 1])]);
    socket.send(question, 5353, "224.0.0.251");
    const [answer, { address, port }] = (await once(socket, "message")) as [
      Buffer,
      { address: string; port: number },
    ];
    assert.deepEqual([address, port], [STACK, 5353]);
    // RFC 6762 section 6.7: the number and the question again, and no cache-flush bit.
    assert.equal(answer.readUInt16BE(0), 0x1234);
    assert.deepEqual(answer.subarray(12, question.length), question.subarray(12));
    const full = answer[question.length]! < 0xc0 ? name.length : 2;
    const record = answer.subarray(question.length + full - 2);
    assert.deepEqual([record.readUInt16BE(2), record.readUInt16BE(4)], [1, 1]);
    assert.equal(record.subarray(12, 16).join("."), STACK);
  });
}

/** tshark finds nothing wrong with what we sent by multicast DNS; it went no further than the link. */
async function checkDissection(file: string): Promise<void> {
  const fields = [
    "udp.srcport",
    "udp.checksum.status",
    "ip.ttl",
    "dns.flags.response",
    "_ws.expert.message",
  ] as const;
  const ours = await dissect(file, `mdns && ip.src == ${STACK}`, fields);
  assert.ok(ours.length >= 6);
  for (const packet of ours) {
    assert.equal(packet["udp.checksum.status"], "1");
    // Probes are all alike, as they must be.
    assert.match(packet["_ws.expert.message"], /^(DNS \w+ retransmission\. .*)?$/);
    if (packet["udp.srcport"] === "5353") assert.equal(packet["ip.ttl"], "255");
  }
}

test("desktop: avahi finds our services while we tell of them", options, async (t) => {
  const { stack, avahi } = await build(t, "desktop", "kernel", "avahi");
  stack.publish("_http._tcp", 8080);
  stack.publish("_echo._udp", 7);
  await waitUntil("it finds both", async () => {
    const [web, echo] = [await browse(avahi, "_http._tcp"), await browse(avahi, "_echo._udp")];
    return web.length === 1 && echo.length === 1;
  });
  const [web] = await browse(avahi, "_http._tcp");
  assert.deepEqual(web!.slice(0, 9), [
    ...["=", DEVICE, "IPv4", "mote", "Web Site", "local", "mote.local", STACK, "8080"],
  ]);
  const all = await avahi.command(["avahi-browse", "-t", "-p", "-a"]);
  assert.match(all, /;_echo\._udp;|;Echo;|_echo\._udp/);
  stack.publish("_http._tcp", 0);
  await waitUntil("it finds one no longer", async () => {
    return (await browse(avahi, "_http._tcp")).length === 0;
  });
  assert.equal((await browse(avahi, "_echo._udp")).length, 1);
});

test("desktop: both tell of a service of the same type", options, async (t) => {
  const { stack, avahi } = await build(t, "desktop", "kernel", "avahi");
  await avahi.publish(["-s", "web", "_http._tcp", "80"]);
  stack.publish("_http._tcp", 8080);
  await waitUntil("it finds both", async () => {
    const found = (await browse(avahi, "_http._tcp")).map((fields) => fields.slice(6, 9).join(" "));
    found.sort();
    return found.join() === `kernel.local ${KERNEL} 80,mote.local ${STACK} 8080`;
  });
});
