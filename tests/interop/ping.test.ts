// `mote ping` and `mote traceroute` over a TAP device: Linux answers, routes and refuses.

import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import { main, startMote } from "../command/support/process.js";
import { answerFrom } from "../host/support/nameServer.js";
import { tune } from "../host/support/tune.js";
import { skip } from "./support/namespace.js";
import { BOUND, output, run, type Outcome } from "./support/programs.js";

const options = { skip, timeout: 60_000 };

const mote = (...words: string[]): Promise<Outcome> => run([process.execPath, main, ...words]);

test("ping: Linux answers, and the lines are those of ping", options, async () => {
  const { code, out, err } = await mote("ping", "198.18.0.1", "-c", "3", "-i", "0.1");
  assert.equal(err, "");
  assert.equal(code, 0);
  const lines = out.split("\n");
  assert.equal(lines[0], "PING 198.18.0.1 (198.18.0.1) 56(84) bytes of data.");
  for (const sequence of [1, 2, 3]) {
    const line = new RegExp(
      `^64 bytes from 198\\.18\\.0\\.1: icmp_seq=${sequence} ttl=64 time=[\\d.]+ ms$`,
    );
    assert.match(lines[sequence]!, line);
  }
  assert.match(out, /^3 packets transmitted, 3 received, 0% packet loss, time \d+ms$/m);
  assert.match(out, /^rtt min\/avg\/max\/mdev = [\d.]+\/[\d.]+\/[\d.]+\/[\d.]+ ms$/m);
});

test("ping: the longest request goes in fragments, and so does its answer", options, async () => {
  const { code, out } = await mote("ping", "198.18.0.1", "-c", "2", "-i", "0.1", "-s", "65507");
  assert.equal(code, 0, out);
  assert.match(out, /^65515 bytes from 198\.18\.0\.1: icmp_seq=2 /m);
});

test("ping: until Ctrl-C, then the statistics", options, async (t) => {
  const process = startMote(t, ["ping", "198.18.0.1", "-i", "0.1"], { through: BOUND });
  await process.seen(/icmp_seq=3 /);
  process.child.kill("SIGINT");
  assert.equal(await process.ended, 0);
  assert.match(process.out, /^--- 198\.18\.0\.1 ping statistics ---\n\d+ packets transmitted, /m);
});

test("ping: a host that is not there, and a network without a way", options, async () => {
  const words = ["--address", "198.18.0.2/29", "-c", "1"];
  const silent = await mote("ping", "198.18.0.5", ...words);
  assert.equal(silent.code, 1);
  assert.match(silent.out, /^From 198\.18\.0\.2 icmp_seq=1 Destination Host Unreachable$/m);
  assert.match(silent.out, /1 packets transmitted, 0 received, \+1 errors, 100% packet loss/);
  const nowhere = await mote("ping", "203.0.113.9", ...words);
  assert.deepEqual([nowhere.code, nowhere.out], [1, ""]);
  assert.match(
    nowhere.err,
    /^mote ping: 203\.0\.113\.9 is on no network [^\n]+\n {2}--router ADDRESS/,
  );
});

test("ping: what Linux does not answer takes as long as -W says", options, async (t) => {
  if (!tune("ipv4/icmp_echo_ignore_all", "1")) return t.skip("/proc/sys is read-only");
  t.after(() => tune("ipv4/icmp_echo_ignore_all", "0"));
  const { code, out, tookMs } = await mote("ping", "198.18.0.1", "-c", "1", "-W", "0.5");
  assert.equal(code, 1);
  assert.match(out, /^1 packets transmitted, 0 received, 100% packet loss, time \d+ms$/m);
  assert.ok(tookMs < 5_000, `${tookMs} ms`);
});

test("ping --json: objects", options, async () => {
  const { code, out } = await mote("ping", "198.18.0.1", "-c", "1", "--json");
  assert.equal(code, 0);
  const events = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    events.map(({ event }) => event),
    ["ping", "reply", "statistics"],
  );
  assert.equal(events[1]!["address"], "198.18.0.1");
});

test("ping: a name, asked for at the server that was named", options, async (t) => {
  await output(["ip", "addr", "add", "10.99.3.1/32", "dev", "lo"]);
  t.after(() => run(["ip", "addr", "del", "10.99.3.1/32", "dev", "lo"]));
  const server = createSocket("udp4");
  t.after(() => server.close());
  server.on("message", (question, { address, port }) => {
    const answer = answerFrom({ "kernel.test": ["198.18.0.1"] }, question);
    if (answer !== null) server.send(answer, port, address);
  });
  server.bind(53, "10.99.3.1");
  await once(server, "listening");
  const by = ["--router", "198.18.0.1", "--name-server", "10.99.3.1", "-c", "1"];
  const found = await mote("ping", "kernel.test", ...by);
  assert.equal(found.code, 0, found.out + found.err);
  assert.match(found.out, /^PING kernel\.test \(198\.18\.0\.1\) 56\(84\) bytes of data\.$/m);
  const unknown = await mote("ping", "nobody.test", ...by);
  assert.deepEqual([unknown.code, unknown.out], [1, ""]);
  assert.match(unknown.err, /^mote ping: nobody\.test: there is no such name\n$/);
  const unasked = await mote("ping", "kernel.test", "-c", "1");
  assert.equal(unasked.code, 1);
  assert.match(unasked.err, /no name server is known\n {2}--name-server ADDRESS names one\n$/);
});

test("ping: a device in a bridge keeps this host's addresses out", options, async (t) => {
  for (const words of [
    "tuntap add mote3 mode tap",
    "link add br0 type bridge",
    "link set mote3 master br0",
    "addr add 10.99.4.1/24 dev br0",
    "link set br0 up",
  ]) {
    await output(["ip", ...words.split(" ")]);
  }
  t.after(() => run(["sh", "-c", "ip link del mote3; ip link del br0"]));
  // What /sys shows belongs to the namespace in which it was mounted.
  const inside = (...words: string[]) => {
    const line = `mount -t sysfs sysfs /sys && exec "$0" "$@"`;
    return run(["unshare", "--mount", "sh", "-c", line, process.execPath, main, ...words]);
  };
  const words = ["ping", "10.99.4.1", "-c", "1", "--link", "tap:mote3"];
  const asked = await inside(...words, "--address", "10.99.4.2/24");
  assert.equal(asked.code, 0, asked.out + asked.err);
  assert.equal(await output(["ip", "-4", "-o", "addr", "show", "dev", "mote3"]), "");
  const unsaid = await inside(...words);
  assert.equal(unsaid.code, 1);
  assert.match(
    unsaid.err,
    /^mote ping: TAP device mote3 is part of a bridge: [^\n]+\n {2}--address dhcp, or/,
  );
});

/** A network namespace of its own, which ends with the test. */
async function startNamespace(t: TestContext): Promise<ChildProcess> {
  const before = readlinkSync("/proc/self/ns/net");
  const child = spawn("unshare", ["--net", "--kill-child", "sleep", "60"], { stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  await once(child, "spawn");
  while (readlinkSync(`/proc/${child.pid}/ns/net`) === before) await delay(5);
  return child;
}

/** Behind this namespace a router, and behind that a host with 10.99.2.2: three hops from the stack. */
async function startChain(t: TestContext): Promise<void> {
  const [router, host] = [await startNamespace(t), await startNamespace(t)];
  const inside = (child: ChildProcess, ...words: string[]) =>
    output(["nsenter", "--net", "-t", String(child.pid), ...words]);
  const ip = (words: string) => output(["ip", ...words.split(" ")]);
  await ip(`link add near type veth peer name far netns ${router.pid}`);
  t.after(() => run(["ip", "link", "del", "near"]));
  await ip("addr add 10.99.1.1/24 dev near");
  await ip("link set near up");
  await ip("route add 10.99.2.0/24 via 10.99.1.2");
  const inRouter = (words: string) => inside(router, "ip", ...words.split(" "));
  await inRouter("addr add 10.99.1.2/24 dev far");
  await inRouter("link set far up");
  await inRouter(`link add on type veth peer name end netns ${host.pid}`);
  await inRouter("addr add 10.99.2.1/24 dev on");
  await inRouter("link set on up");
  await inRouter("route add default via 10.99.1.1");
  const inHost = (words: string) => inside(host, "ip", ...words.split(" "));
  await inHost("addr add 10.99.2.2/24 dev end");
  await inHost("link set end up");
  await inHost("route add default via 10.99.2.1");
  await inside(router, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
}

test("ping and traceroute through routers", options, async (t) => {
  if (!tune("ipv4/ip_forward", "1")) return t.skip("/proc/sys is read-only");
  t.after(() => tune("ipv4/ip_forward", "0"));
  await startChain(t);
  const by = ["--router", "198.18.0.1"];
  const far = await mote("ping", "10.99.2.2", "-c", "2", "-i", "0.1", ...by);
  assert.equal(far.code, 0, far.out + far.err);
  assert.match(far.out, /^64 bytes from 10\.99\.2\.2: icmp_seq=1 ttl=62 time=/m);

  const near = await mote("ping", "10.99.2.2", "-c", "1", "-t", "2", ...by);
  assert.equal(near.code, 1);
  assert.match(near.out, /^From 10\.99\.1\.2 icmp_seq=1 Time to live exceeded$/m);

  const traced = await mote("traceroute", "10.99.2.2", ...by);
  assert.equal(traced.code, 0, traced.out + traced.err);
  const time = "[\\d.]+ ms";
  const hop = (ttl: number, address: string) => ` ${ttl}  ${address}  ${time}  ${time}  ${time}`;
  const addresses = ["198\\.18\\.0\\.1", "10\\.99\\.1\\.2", "10\\.99\\.2\\.2"];
  const lines = addresses.map((address, index) => hop(index + 1, address));
  assert.match(traced.out, new RegExp(`^traceroute to 10[^\\n]+\\n${lines.join("\\n")}\\n$`));

  const nobody = await mote("traceroute", "10.99.2.9", "-q", "1", ...by);
  assert.equal(nobody.code, 1);
  assert.match(nobody.out, /^ 3 {2}10\.99\.1\.2 {2}[\d.]+ ms !H\n$/m);
});

test("ping: the device is gone, and that is said", options, async (t) => {
  const process = startMote(t, ["ping", "198.18.0.1", "-i", "0.1"], { through: BOUND });
  await process.seen(/icmp_seq=2 /);
  await output(["ip", "link", "del", "mote0"]);
  assert.equal(await process.ended, 1);
  assert.match(process.err, /^mote ping: TAP device mote0 was deleted\n$/);
});
