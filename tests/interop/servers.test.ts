// The servers that other tests here use, asked by Linux itself: what fails here is no fault of ours.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { test } from "node:test";
import { skip } from "./support/namespace.js";
import { ip } from "./support/far.js";
import { startAvahi, startChronyd, startDnsmasq, startUnbound } from "./support/servers.js";

const options = { skip, timeout: 30_000 };
const ADDRESS = "198.18.0.1";
const DEVICE = "cable0";
/** Seconds from 1900 to 1970. */
const NTP_EPOCH = 2_208_988_800;

async function layCable(t: { after(work: () => Promise<unknown>): void }): Promise<void> {
  await ip(`link add ${DEVICE} type veth peer name cable1`);
  t.after(() => ip(`link delete ${DEVICE}`));
  await ip(`address add ${ADDRESS}/24 dev ${DEVICE}`);
  for (const name of [DEVICE, "cable1"]) await ip(`link set ${name} up`);
}

function resolver(): Resolver {
  const made = new Resolver({ timeout: 2_000, tries: 2 });
  made.setServers([ADDRESS]);
  return made;
}

test("dnsmasq answers, and follows aliases", options, async (t) => {
  await layCable(t);
  const words = ["--host-record=kernel.test,192.0.2.1", "--cname=alias.test,kernel.test"];
  await startDnsmasq(t, DEVICE, words);
  assert.deepEqual(await resolver().resolve4("alias.test"), ["192.0.2.1"]);
});

test("unbound answers from its zone, by TCP where it must", options, async (t) => {
  await layCable(t);
  const lines = Array.from({ length: 60 }, (_, i) => `many A 192.0.2.${i + 1}`);
  await startUnbound(t, ADDRESS, { name: "test", lines }, ["max-udp-size: 512"]);
  assert.equal((await resolver().resolve4("many.test")).length, 60);
  await assert.rejects(resolver().resolve4("none.test"), { code: "ENOTFOUND" });
});

test("chronyd tells this machine's time", options, async (t) => {
  await layCable(t);
  await startChronyd(t, ADDRESS);
  const socket = createSocket("udp4");
  t.after(() => socket.close());
  const question = Buffer.concat([Buffer.of(0x23), Buffer.alloc(47)]);
  // It says that it starts before it listens: a question may come too early.
  const asking = setInterval(() => socket.send(question, 123, ADDRESS), 200);
  t.after(() => clearInterval(asking));
  const [answer] = (await once(socket, "message")) as [Buffer];
  const seconds = answer.readUInt32BE(40) - NTP_EPOCH + answer.readUInt32BE(44) / 2 ** 32;
  assert.ok(Math.abs(seconds - Date.now() / 1000) < 5);
});

test("avahi answers for its name, and tells of a service", options, async (t) => {
  await layCable(t);
  const avahi = await startAvahi(t, DEVICE, "kernel");
  const found = await avahi.command(["avahi-resolve", "-4", "-n", "kernel.local"]);
  assert.equal(found, `kernel.local\t${ADDRESS}\n`);
  await avahi.publish(["-s", "web", "_http._tcp", "80"]);
  const seen = await avahi.command(["avahi-browse", "-t", "-r", "-p", "_http._tcp"]);
  assert.match(seen, /^=;cable0;IPv4;web;[^\n]*;kernel\.local;198\.18\.0\.1;80;/m);
});
