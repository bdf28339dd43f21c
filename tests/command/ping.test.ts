// `mote ping` and `mote traceroute`: their command lines, and what they do and say between two stacks under
// virtual time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runCommand } from "../../host/command/cli.js";
import { createEchoSender, type EchoAnswer } from "../../host/probe/echo.js";
import { icmpMark, icmpText } from "../../host/probe/icmp.js";
import { parsePing } from "../../host/command/ping/options.js";
import { startPinger, type PingPlan } from "../../host/probe/pinger.js";
import { createPingReport, formatRoundTrip } from "../../host/command/ping/report.js";
import type { Summary } from "../../host/probe/tally.js";
import { parseTraceroute } from "../../host/command/traceroute/options.js";
import { createTraceReport } from "../../host/command/traceroute/report.js";
import { startTracer, type Hop } from "../../host/probe/tracer.js";
import type { Stack } from "../../host/core/stack.js";
import { output } from "./support/output.js";
import { createSegment, type Segment } from "../host/support/segment.js";
import { serveRouters } from "../host/support/routers.js";

const wrong: readonly [readonly string[], RegExp][] = [
  [["ping"], /missing required argument 'host'/],
  [["ping", "a", "b"], /too many arguments/],
  [["ping", "x/y"], /HOST is an IPv4 address or a name/],
  [["ping", "::1"], /HOST is an IPv4 address or a name/],
  [["ping", "h", "-c", "0"], /-c takes a whole number from 1 to/],
  [["ping", "h", "-c", "1.5"], /-c takes a whole number/],
  [["ping", "h", "-i", "0"], /-i takes a number from 0\.01 to 86400, not "0"/],
  [["ping", "h", "-s", "65508"], /-s takes a whole number from 0 to 65507/],
  [["ping", "h", "-W", "soon"], /-W takes a number from/],
  [["ping", "h", "-t", "256"], /-t takes a whole number from 1 to 255/],
  [["ping", "h", "--link", "user"], /user mode lets no echo requests through; take a TAP device/],
  [["ping", "h", "--link", "pcap:x"], /nobody in a recording answers what is asked today/],
  [["ping", "h", "--link", "tun0"], /--link takes tap:NAME, qemu:PATH or ws:URL, as in/],
  [["ping", "h", "--address", "1.2.3"], /--address takes an IPv4 address with its prefix/],
  [["ping", "h", "--address", "dhcp", "--router", "192.0.2.1"], /the server names the router/],
  [["ping", "h", "--name-server", "ns"], /--name-server takes an IPv4 address/],
  [["ping", "h", "--conut", "1"], /did you mean --count\?/],
  [["traceroute"], /missing required argument 'host'/],
  [["traceroute", "h", "-m", "0"], /-m takes a whole number from 1 to 255/],
  [["traceroute", "h", "-q", "11"], /-q takes a whole number from 1 to 10/],
  [["traceroute", "h", "-w", "0"], /-w takes a number from/],
  [["traceroute", "h", "--link", "user"], /no echo requests/],
];

for (const [words, says] of wrong) {
  test(`mote ${words.join(" ")}: one line, exit code 2`, async () => {
    const { io, out, err } = output();
    assert.equal(await runCommand(words, io), 2);
    assert.equal(out(), "");
    assert.match(err(), /^mote (ping|traceroute): [^\n]+\n$/);
    assert.match(err(), says);
  });
}

test("their help has options, examples and exit codes, and fits 100 columns", async () => {
  for (const verb of ["ping", "traceroute"]) {
    const { io, out } = output();
    assert.equal(await runCommand([verb, "--help"], io), 0);
    assert.match(out(), new RegExp(`^Usage: mote ${verb} \\[options\\] <host>\n`));
    assert.match(out(), /Examples:\n {2}mote /);
    assert.match(out(), /Exit codes:\n {2}0 [^\n]+\n {2}1 [^\n]+\n {2}2 [^\n]+\n {2}130 /);
    assert.ok(
      Math.max(
        ...out()
          .split("\n")
          .map((line) => line.length),
      ) <= 100,
    );
  }
});

test("options, as they are given and by default", () => {
  const plain = parsePing("198.18.0.1", {});
  assert.deepEqual(
    [plain.count, plain.intervalMs, plain.bytes, plain.timeoutMs, plain.ttl, plain.json],
    [Infinity, 1000, 56, 10_000, 64, false],
  );
  assert.deepEqual(plain.station, {
    link: { kind: "auto" },
    address: undefined,
    router: undefined,
    nameServers: [],
  });
  const full = parsePing("example.test", {
    ...{ count: "3", interval: "0.2", size: "0", timeout: "2.5", ttl: "1", json: true },
    ...{ link: "tap:mote7", address: "192.0.2.7/24", router: "192.0.2.1" },
    nameServer: ["192.0.2.53", "192.0.2.54"],
  });
  assert.deepEqual(
    [full.count, full.intervalMs, full.bytes, full.timeoutMs, full.ttl, full.json],
    [3, 200, 0, 2500, 1, true],
  );
  assert.deepEqual(full.station.nameServers, ["192.0.2.53", "192.0.2.54"]);
  const trace = parseTraceroute("h", { address: "dhcp" });
  assert.deepEqual([trace.maxHops, trace.queries, trace.waitMs], [30, 3, 5000]);
  assert.equal(trace.station.address, "dhcp");
});

const FROM = "198.18.0.1";
const HOST = "198.18.0.2";
const plan = { address: HOST, count: 3, intervalMs: 1000, bytes: 56, timeoutMs: 10_000, ttl: 64 };

async function createStacks(): Promise<Segment & { a: Stack; b: Stack }> {
  const segment = createSegment();
  const a = await segment.add(1, { addresses: [`${FROM}/24`], router: "198.18.0.254" });
  const b = await segment.add(2, { addresses: [`${HOST}/24`] });
  return { ...segment, a, b };
}

/** Pings to the end; its lines, and what it sums up. */
function pingAll(segment: Segment, stack: Stack, wanted: Partial<PingPlan> = {}, json = false) {
  const { io, out } = output();
  const report = createPingReport(io, json);
  const answers: EchoAnswer[] = [];
  let summary: Summary | undefined;
  const all = { ...plan, ...wanted };
  const started = { host: "example.test", address: all.address, from: FROM, link: "tap:mote0" };
  startPinger(stack, all, {
    begun: () => report.started({ ...started, bytes: all.bytes }),
    answer(answer) {
      answers.push(answer);
      report.answer(answer);
    },
    done(result) {
      summary = result;
      report.done(result);
    },
    failed: (error) => assert.fail(String(error)),
  });
  segment.run(() => summary !== undefined);
  return { text: out(), answers, summary: summary! };
}

test("ping: a line for each reply, and what they come to", async () => {
  const stacks = await createStacks();
  const { text, summary } = pingAll(stacks, stacks.a);
  assert.equal(
    text,
    [
      "PING example.test (198.18.0.2) 56(84) bytes of data.",
      "64 bytes from 198.18.0.2: icmp_seq=1 ttl=64 time=0.000 ms",
      "64 bytes from 198.18.0.2: icmp_seq=2 ttl=64 time=0.000 ms",
      "64 bytes from 198.18.0.2: icmp_seq=3 ttl=64 time=0.000 ms",
      "",
      "--- example.test ping statistics ---",
      "3 packets transmitted, 3 received, 0% packet loss, time 2000ms",
      "rtt min/avg/max/mdev = 0.000/0.000/0.000/0.000 ms",
      "",
    ].join("\n"),
  );
  assert.deepEqual([summary.transmitted, summary.received, summary.errors], [3, 3, 0]);
  assert.equal(stacks.a.pools().find(({ name }) => name === "socket")!.used, 0);
  stacks.close();
});

test("ping: sizes from nothing to a whole packet", async () => {
  const stacks = await createStacks();
  for (const bytes of [0, 1, 55, 1472]) {
    const { answers } = pingAll(stacks, stacks.a, { bytes, count: 1 });
    assert.deepEqual(
      answers.map((answer) => answer.bytes),
      [bytes],
    );
  }
  stacks.close();
});

test("ping: silence is waited for as long as -W says, and is a loss", async () => {
  const stacks = await createStacks();
  pingAll(stacks, stacks.a, { count: 1 });
  stacks.b.setLink(0, false);
  const { text, summary } = pingAll(stacks, stacks.a, { count: 2, timeoutMs: 2_000 });
  assert.match(text, /^2 packets transmitted, 0 received, 100% packet loss, time 3000ms$/m);
  assert.doesNotMatch(text, /rtt/);
  assert.equal(summary.lossPercent, 100);
  stacks.close();
});

test("ping: a next hop that does not answer is told under our own address", async () => {
  const stacks = await createStacks();
  const { text } = pingAll(stacks, stacks.a, { address: "198.18.0.99", count: 1 });
  assert.match(text, /^From 198\.18\.0\.1 icmp_seq=1 Destination Host Unreachable$/m);
  assert.match(
    text,
    /^1 packets transmitted, 0 received, \+1 errors, 100% packet loss, time \d+ms$/m,
  );
  stacks.close();
});

test("ping: a router's error, in plain words", async () => {
  const stacks = await createStacks();
  serveRouters(stacks.port(), { address: "203.0.113.9", routers: ["198.18.0.254", "192.0.2.1"] });
  const { text } = pingAll(stacks, stacks.a, { address: "203.0.113.9", count: 1, ttl: 1 });
  assert.match(text, /^From 198\.18\.0\.254 icmp_seq=1 Time to live exceeded$/m);
  const far = pingAll(stacks, stacks.a, { address: "203.0.113.9", count: 1 });
  assert.match(far.text, /^64 bytes from 203\.0\.113\.9: icmp_seq=1 ttl=62 time=/m);
  stacks.close();
});

test("ping: no way at all fails at once, and says nothing before", async () => {
  const segment = createSegment();
  const stack = await segment.add(1, { addresses: [`${FROM}/24`] });
  let code: string | undefined;
  startPinger(
    stack,
    { ...plan, address: "203.0.113.9" },
    {
      begun: () => assert.fail("nothing has begun"),
      answer: () => assert.fail("nobody answers"),
      done: () => assert.fail("it was never done"),
      failed: (error) => (code = (error as NodeJS.ErrnoException).code),
    },
  );
  assert.equal(code, "ENETUNREACH");
  segment.close();
});

test("ping: stopped between two requests it sums up what was", async () => {
  const stacks = await createStacks();
  let summary: Summary | undefined;
  const pinger = startPinger(
    stacks.a,
    { ...plan, count: Infinity },
    {
      begun: () => undefined,
      answer: () => undefined,
      done: (result) => (summary = result),
      failed: (error) => assert.fail(String(error)),
    },
  );
  stacks.for(4_500);
  pinger.stop();
  pinger.stop();
  assert.deepEqual([summary!.transmitted, summary!.received], [5, 5]);
  assert.equal(summary!.timeMs, 4_500);
  stacks.close();
});

test("ping --json: an object for each", async () => {
  const stacks = await createStacks();
  const { text } = pingAll(stacks, stacks.a, { count: 1 }, true);
  const [started, reply, statistics, ...more] = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const link = "tap:mote0";
  const host = "example.test";
  assert.deepEqual(started, { event: "ping", host, address: HOST, from: FROM, link, bytes: 56 });
  const about = { sequence: 1, address: HOST, ms: 0, bytes: 64, ttl: 64, again: false };
  assert.deepEqual(reply, { event: "reply", ...about });
  assert.deepEqual(statistics, {
    ...{ event: "statistics", transmitted: 1, received: 1, duplicates: 0, errors: 0 },
    ...{ lossPercent: 0, timeMs: 0, minMs: 0, avgMs: 0, maxMs: 0, mdevMs: 0 },
  });
  assert.equal(more.length, 0);
  stacks.close();
});

test("ping: the second answer to a request is a duplicate, and no reply", async () => {
  const segment = createSegment();
  const stack = await segment.add(1, { addresses: [`${FROM}/24`], router: "198.18.0.254" });
  serveRouters(segment.port(), { address: "203.0.113.9", routers: ["198.18.0.254"], twice: true });
  const { text } = pingAll(segment, stack, { address: "203.0.113.9", count: 2 });
  assert.match(text, /icmp_seq=1 ttl=63 time=\S+ ms \(DUP!\)$/m);
  assert.match(text, /^2 packets transmitted, 2 received, \+1 duplicates, 0% packet loss/m);
  segment.close();
});

test("requests are remembered in a bounded number", async () => {
  const stacks = await createStacks();
  stacks.b.setLink(0, false);
  const sender = createEchoSender(stacks.a, HOST, 0, () => undefined);
  for (let sequence = 1; sequence <= 3_000; sequence++) {
    sender.send(sequence, 64);
    if (sequence % 100 === 0) stacks.for(4_000);
  }
  assert.ok(sender.waiting() <= 1024);
  sender.close();
  stacks.close();
});

/** Traces to the end; its lines, hops, and whether it got there. */
function traceAll(segment: Segment, stack: Stack, address: string, json = false) {
  const { io, out } = output();
  const report = createTraceReport(io, json);
  const hops: Hop[] = [];
  let end: boolean | undefined;
  startTracer(
    stack,
    { address, maxHops: 6, queries: 3, waitMs: 5_000 },
    {
      begun: () => report.started({ host: "h", address, from: FROM, link: "tap:mote0" }, 6),
      hop(hop) {
        hops.push(hop);
        report.hop(hop);
      },
      done(reached) {
        end = reached;
        report.done(reached);
      },
      failed: (error) => assert.fail(String(error)),
    },
  );
  segment.run(() => end !== undefined);
  return { text: out(), hops, reached: end! };
}

test("traceroute: each router, * for silence, and the host at the end", async () => {
  const stacks = await createStacks();
  const routers = ["198.18.0.254", null, "192.0.2.1"];
  serveRouters(stacks.port(), { address: "203.0.113.9", routers });
  const { text, reached } = traceAll(stacks, stacks.a, "203.0.113.9");
  assert.equal(reached, true);
  assert.equal(
    text,
    [
      "traceroute to h (203.0.113.9), 6 hops max, 60 byte packets",
      " 1  198.18.0.254  0.000 ms  0.000 ms  0.000 ms",
      " 2  * * *",
      " 3  192.0.2.1  0.000 ms  0.000 ms  0.000 ms",
      " 4  203.0.113.9  0.000 ms  0.000 ms  0.000 ms",
      "",
    ].join("\n"),
  );
  stacks.close();
});

test("traceroute: a host of the own network is the first hop", async () => {
  const stacks = await createStacks();
  const { hops, reached } = traceAll(stacks, stacks.a, HOST);
  assert.deepEqual([hops.length, reached], [1, true]);
  stacks.close();
});

test("traceroute: ends where a router says that there is no way", async () => {
  const stacks = await createStacks();
  const routers = ["198.18.0.254", "192.0.2.1"];
  serveRouters(stacks.port(), { address: "203.0.113.9", routers, unreachable: true });
  const { text, reached } = traceAll(stacks, stacks.a, "203.0.113.9");
  assert.equal(reached, false);
  assert.match(text, /^ 3 {2}192\.0\.2\.1 {2}0\.000 ms !H {2}0\.000 ms !H {2}0\.000 ms !H\n$/m);
  stacks.close();
});

test("traceroute: ends after the last hop, and where the first one is silent", async () => {
  const stacks = await createStacks();
  const routers = ["198.18.0.254", ...Array.from({ length: 9 }, () => null)];
  serveRouters(stacks.port(), { address: "203.0.113.9", routers });
  const far = traceAll(stacks, stacks.a, "203.0.113.9");
  assert.deepEqual([far.hops.length, far.reached], [6, false]);
  const near = traceAll(stacks, stacks.a, "198.18.0.99");
  assert.match(near.text, /^ 1 {2}198\.18\.0\.1 {2}\d+\.\d{3} ms !H/m);
  assert.deepEqual([near.hops.length, near.reached], [1, false]);
  stacks.close();
});

test("traceroute --json: a line for each hop, silence is null", async () => {
  const stacks = await createStacks();
  serveRouters(stacks.port(), { address: "203.0.113.9", routers: ["198.18.0.254", null] });
  const { text } = traceAll(stacks, stacks.a, "203.0.113.9", true);
  const [started, first, second, third, end] = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const link = "tap:mote0";
  const facts = { host: "h", address: "203.0.113.9", from: FROM, link, maxHops: 6 };
  assert.deepEqual(started, { event: "traceroute", ...facts });
  const error = { type: 11, code: 0, text: "Time to live exceeded" };
  const router = { address: "198.18.0.254", ms: 0, error };
  assert.deepEqual(first, { event: "hop", ttl: 1, probes: [router, router, router] });
  assert.deepEqual(second, { event: "hop", ttl: 2, probes: [null, null, null] });
  const host = { address: "203.0.113.9", ms: 0 };
  assert.deepEqual(third, { event: "hop", ttl: 3, probes: [host, host, host] });
  assert.deepEqual(end, { event: "end", reached: true });
  stacks.close();
});

test("numbers and errors as people know them", () => {
  assert.deepEqual([0.0434, 1.236, 12.34, 123.4].map(formatRoundTrip), [
    ...["0.043", "1.24", "12.3", "123"],
  ]);
  assert.equal(icmpText({ type: 3, code: 13 }), "Packet filtered");
  assert.equal(icmpText({ type: 3, code: 99 }), "ICMP error, type 3 code 99");
  assert.deepEqual(
    [0, 1, 2, 13, 99].map((code) => icmpMark({ type: 3, code })),
    ["!N", "!H", "!P", "!X", "!<99>"],
  );
  assert.equal(icmpMark({ type: 11, code: 0 }), "");
});
