// /metrics and openMetrics(): what an independent parser finds in them is what the stack says of itself, every counter,
// pool and state; the form follows Accept; counters do not wrap; the set of series is fixed and tells of no peer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "../../host/command/services/http/metrics.js";
import { createHttp } from "../../host/command/services/http/server.js";
import { createStatus } from "../../host/command/services/http/status.js";
import {
  Constant,
  Counter,
  counterNames,
  poolNames,
  StateName,
} from "../../host/core/generated/abi.js";
import type { StackInstance } from "../../host/core/instance.js";
import type { ProfileName, Stack } from "../../host/core/stack.js";
import { dropReason } from "../../host/metrics/families.js";
import { metricsFor, openMetrics } from "../../host/metrics/metrics.js";
import { readText } from "../static/support/module.js";
import { metricsParser, type ParsedFamily, type ParsedSample } from "./support/metricsParser.js";
import { openPair } from "./support/pair.js";

const PROFILES: readonly ProfileName[] = ["desktop", "esp32", "tiny"];
const OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
/** As Prometheus 2 sends it, and one that is told to take the classic form. */
const PROMETHEUS_ACCEPT =
  "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4," +
  "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
const CLASSIC_ACCEPT = "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

function http(stack: Stack) {
  const basis = { version: "1.2.3", link: "tap:mote9", address: "198.18.0.2/30", services: [] };
  const status = createStatus(stack, () => basis);
  return createHttp(stack, { status, metrics: createMetrics(stack) });
}

/** A stack with some traffic behind it, and a connection that is open. */
async function busy(profile: ProfileName): Promise<Stack> {
  const pair = await openPair({ profile, service: http });
  const client = pair.connect();
  client.send("GET / HTTP/1.1\r\nHost: mote\r\n\r\n");
  pair.run(1_000);
  assert.match(client.text, /^HTTP\/1\.1 200 OK/);
  return pair.server;
}

function find(families: readonly ParsedFamily[], name: string): ParsedFamily {
  const found = families.filter((family) => family.name === name);
  assert.equal(found.length, 1, name);
  return found[0]!;
}

function valueOf(family: ParsedFamily, label: string, value: string): number {
  const found = family.samples.filter(({ labels }) => labels[label] === value);
  assert.equal(found.length, 1, `${family.name} ${label}=${value}`);
  return found[0]!.value;
}

for (const profile of PROFILES) {
  test(`every counter, pool and state, as the stack says them: ${profile}`, async (t) => {
    const parse = metricsParser(t);
    if (parse === null) return;
    const stack = await busy(profile);
    const families = parse("openmetrics", openMetrics(stack));
    const counters = stack.counters() as Record<string, number>;
    for (const name of counterNames) {
      const reason = dropReason(name);
      const family = find(families, reason === null ? `motetcp_${name}` : "motetcp_drops");
      assert.equal(family.type, "counter");
      const value = reason === null ? family.samples[0]!.value : valueOf(family, "reason", reason);
      assert.equal(value, counters[name], name);
    }
    assert.ok(counters["rx_frames"]! > 0);
    for (const pool of stack.pools()) {
      const of = (what: string) =>
        valueOf(find(families, `motetcp_pool_${what}`), "pool", pool.name);
      assert.deepEqual(
        [of("used"), of("high_water"), of("capacity")],
        [pool.used, pool.highWater, pool.capacity],
      );
    }
    assert.equal(find(families, "motetcp_pool_used").samples.length, poolNames.length);
    const states = find(families, "motetcp_connections");
    assert.equal(states.samples.length, Object.keys(StateName).length);
    assert.equal(valueOf(states, "state", "ESTABLISHED"), 1);
    assert.equal(valueOf(states, "state", "LISTEN"), 1);
    const [build] = find(families, "motetcp_build").samples;
    assert.equal(build!.labels["profile"], profile);
    assert.equal(valueOf(find(families, "motetcp_interface_up"), "interface", "0"), 1);
  });
}

test("types, units and help of every family; names end as OpenMetrics wants them", async (t) => {
  const parse = metricsParser(t);
  if (parse === null) return;
  const text = openMetrics(await busy("desktop"));
  assert.match(text, /^# TYPE [^]*\n# EOF\n$/);
  assert.doesNotMatch(text, /\n\n|\r/);
  for (const { name, type, unit, help, samples } of parse("openmetrics", text)) {
    assert.match(name, /^motetcp_[a-z0-9_]+$/);
    assert.match(type, /^(counter|gauge|info)$/, name);
    assert.match(help, /^[A-Z0-9].*\.$/, name);
    assert.equal(unit, name.endsWith("_bytes") ? "bytes" : "", name);
    const suffix = { counter: "_total", gauge: "", info: "_info" }[type];
    for (const sample of samples) assert.equal(sample.name, `${name}${suffix}`);
  }
});

test("the classic form of Prometheus has the same samples", async (t) => {
  const parse = metricsParser(t);
  if (parse === null) return;
  const stack = await busy("desktop");
  const samples = (families: readonly ParsedFamily[]): ParsedSample[] =>
    families.flatMap((family) => family.samples);
  const { body } = metricsFor(stack, CLASSIC_ACCEPT);
  assert.doesNotMatch(body, /# (EOF|UNIT)/);
  const classic = parse("prometheus", body);
  assert.deepEqual(samples(classic), samples(parse("openmetrics", openMetrics(stack))));
  assert.equal(find(classic, "motetcp_rx_bytes").type, "counter");
  assert.equal(find(classic, "motetcp_build_info").type, "gauge");
});

test("the form follows Accept", async () => {
  const stack = await busy("tiny");
  const cases: [string | undefined, string][] = [
    [undefined, OPEN_METRICS],
    ["*/*", OPEN_METRICS],
    [PROMETHEUS_ACCEPT, OPEN_METRICS],
    ["text/html,application/xhtml+xml,*/*;q=0.8", OPEN_METRICS],
    ["application/openmetrics-text", OPEN_METRICS],
    ["image/png", OPEN_METRICS],
    [CLASSIC_ACCEPT, PROMETHEUS],
    ["text/plain", PROMETHEUS],
    ["text/*;q=0.5", PROMETHEUS],
    ["application/openmetrics-text;q=0.1, text/plain;q=0.2", PROMETHEUS],
  ];
  for (const [accept, contentType] of cases) {
    assert.equal(metricsFor(stack, accept).contentType, contentType, accept);
  }
});

test("/metrics over HTTP: type, length, HEAD, and both forms on one connection", async () => {
  const pair = await openPair({ service: http });
  const client = pair.connect();
  const ask = (method: string, accept: string) =>
    client.send(`${method} /metrics HTTP/1.1\r\nHost: mote\r\nAccept: ${accept}\r\n\r\n`);
  ask("GET", PROMETHEUS_ACCEPT);
  ask("GET", CLASSIC_ACCEPT);
  ask("HEAD", PROMETHEUS_ACCEPT);
  pair.run(1_000);
  const heads = [...client.text.matchAll(/HTTP\/1\.1 200 OK\r\n(?:[^\r]+\r\n)+\r\n/g)].map(
    ([head]) => head,
  );
  const types = heads.map((head) => /^Content-Type: (.*)\r$/m.exec(head)?.[1]);
  assert.deepEqual(types, [OPEN_METRICS, PROMETHEUS, OPEN_METRICS]);
  const [first, second, third] = client.text.split(/HTTP\/1\.1 200 OK[^]*?\r\n\r\n/).slice(1);
  const lengths = heads.map((head) => Number(/^Content-Length: (\d+)\r$/m.exec(head)?.[1]));
  assert.deepEqual([first!.length, second!.length, third], [lengths[0], lengths[1], ""]);
  assert.match(first!, /motetcp_connections\{state="ESTABLISHED"\} 1\n[^]*# EOF\n$/);
});

test("counters go on beyond 32 bits", async () => {
  const stack = await busy("tiny");
  const { core } = stack as unknown as StackInstance;
  const at = core.constant(Constant.COUNTER_AREA) + 4 * Counter.RX_BYTES;
  const shown = () => Number(/^motetcp_rx_bytes_total (\d+)$/m.exec(openMetrics(stack))?.[1]);
  const set = (value: number) => core.words.setUint32(at, value, true);
  set(2 ** 32 - 100);
  assert.equal(shown(), 2 ** 32 - 100);
  assert.equal(shown(), 2 ** 32 - 100);
  set(50);
  assert.equal(shown(), 2 ** 32 + 50);
  set(2 ** 32 - 1);
  assert.equal(shown(), 2 ** 33 - 1);
});

test("the series are the same with a hundred peers as with none, and name none of them", async () => {
  const pair = await openPair({ service: http });
  const series = () => openMetrics(pair.server).replace(/ \d+$/gm, "");
  const before = series();
  for (let i = 0; i < 100; i++) pair.connect();
  pair.run(1_000);
  assert.equal(series(), before);
  for (const [labels] of before.matchAll(/\{.*\}/g)) assert.doesNotMatch(labels, /\d\.\d|:/);
  assert.match(openMetrics(pair.server), /state="ESTABLISHED"\} 100\n/);
});

test("docs/guides/metrics.md names every metric and every label value", async () => {
  const page = readText("docs/guides/metrics.md");
  const text = openMetrics(await busy("desktop"));
  for (const [, name, value] of text.matchAll(/^(motetcp_\w+)(?:\{\w+="([^"]*)")?/gm)) {
    const known = page.includes(`\`${name}\``) || page.includes(`\`${name}{reason="${value}"}\``);
    assert.ok(known, `${name} ${value ?? ""}`);
  }
  for (const pool of poolNames) assert.ok(page.includes(`| \`${pool}\` |`), pool);
});
