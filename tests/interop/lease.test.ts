// Addresses by DHCP from dnsmasq, and what comes with them; what becomes of them when servers change or
// vanish; and link-local ones beside Linux.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Resolver } from "node:dns/promises";
import { createStack, MemoryLink, type ProfileName, type Stack } from "../../host/index.js";
import { attach, DEVICE, fastClock, KERNEL, MAC, openDevice } from "./support/attached.js";
import { ip, waitUntil } from "./support/far.js";
import { skip } from "./support/namespace.js";
import { output, run } from "./support/programs.js";
import { startDnsmasq, type Dnsmasq } from "./support/servers.js";

const options = { skip, timeout: 60_000 };
const FIRST = "198.18.0.100";
const SECOND = "198.18.0.101";
/** The shortest lease that dnsmasq gives. */
const LEASE_SECONDS = 120;
const range = (from: string, to: string) => `--dhcp-range=${from},${to},255.255.255.0,2m`;
const RANGE = [range(FIRST, SECOND)];
const PROFILES: readonly ProfileName[] = ["desktop", "esp32"];
/** Who has no answer asks again after 3 to 5 s (RFC 2131 section 4.1). */
const SECOND_TRY_MS = 3_000;
/** Not probed: for tests of something else. */
const AT_ONCE = { auto: { dhcp: true, probe: false } } as const;

const bound = (stack: Stack, index: number) => stack.lease(index)?.state === "BOUND";
const count = (daemon: Dnsmasq, what: string) => daemon.log.split(what).length - 1;

async function answersPing(address: string, waitSeconds = 5): Promise<boolean> {
  return (await run(["ping", "-n", "-c", "1", "-W", String(waitSeconds), address])).code === 0;
}

for (const profile of PROFILES) {
  test(`${profile}: an address at once, and all that comes with it`, options, async (t) => {
    const tap = await openDevice(t);
    const dnsmasq = await startDnsmasq(t, DEVICE, [
      ...[...RANGE, "--dhcp-option=3,198.18.0.1", "--dhcp-option=6,198.18.0.1,198.18.0.9"],
      ...["--dhcp-option=42,198.18.0.1", "--dhcp-option=26,1400", "--domain=test"],
    ]);
    const startMs = performance.now();
    const { stack, index } = await attach(t, tap, { profile, hostName: "mote" }, AT_ONCE);
    await waitUntil("there is a lease", () => bound(stack, index));
    const tookMs = performance.now() - startMs;
    t.diagnostic(`${profile}: an address after ${tookMs.toFixed(0)} ms`);
    assert.ok(tookMs < SECOND_TRY_MS, `${tookMs} ms`);

    const { address, ageSeconds, ...lease } = stack.lease(index)!;
    assert.ok(address === FIRST || address === SECOND, String(address));
    assert.ok(ageSeconds <= 2);
    assert.deepEqual(lease, {
      state: "BOUND",
      prefixLength: 24,
      linkLocal: false,
      server: KERNEL,
      router: KERNEL,
      nameServers: [KERNEL, "198.18.0.9"],
      timeServers: [KERNEL],
      leaseSeconds: LEASE_SECONDS,
      renewSeconds: LEASE_SECONDS / 2,
      rebindSeconds: (LEASE_SECONDS * 7) / 8,
      mtu: 1400,
    });
    assert.equal(await answersPing(address), true);
    const [record] = dnsmasq.leases();
    assert.deepEqual(record!.slice(1, 4), [MAC, address, "mote"]);
    // The server knows us by the name that we told it.
    const resolver = new Resolver();
    resolver.setServers([KERNEL]);
    assert.deepEqual(await resolver.resolve4("mote.test"), [address]);

    stack.setAuto(index, null);
    await waitUntil("the server has it back", () => dnsmasq.leases().length === 0);
    assert.equal(stack.lease(index), null);
    assert.equal(await answersPing(address, 1), false);
  });

  test(`${profile}: the server has us renew within seconds, and we do`, options, async (t) => {
    const tap = await openDevice(t);
    const times = ["--dhcp-option-force=option:T1,2s", "--dhcp-option-force=option:T2,4s"];
    const dnsmasq = await startDnsmasq(t, DEVICE, [...RANGE, ...times, "--log-dhcp"]);
    const { stack, index } = await attach(t, tap, { profile }, AT_ONCE);
    await waitUntil("there is a lease", () => bound(stack, index));
    const { address, renewSeconds, rebindSeconds } = stack.lease(index)!;
    // dnsmasq has its own idea of the time that it was told to tell.
    const told = [...dnsmasq.log.matchAll(/sent .* T[12] +(\d+)s$/gm)].map(([, s]) => Number(s));
    assert.deepEqual([renewSeconds, rebindSeconds], told.slice(0, 2));
    await waitUntil("renewed three times", () => count(dnsmasq, " DHCPACK(") >= 4, 15_000);
    assert.equal(count(dnsmasq, " DHCPDISCOVER("), 1);
    await waitUntil("renewed here, too", () => stack.lease(index)!.ageSeconds <= renewSeconds!);
    assert.equal(stack.lease(index)!.address, address);
    assert.equal(await answersPing(address!), true);
  });
}

test("an address is probed by default, and then it is ours", options, async (t) => {
  const tap = await openDevice(t);
  await startDnsmasq(t, DEVICE, RANGE);
  const startMs = performance.now();
  const { stack, index } = await attach(t, tap, {}, { auto: { dhcp: true } });
  await waitUntil("there is a lease", () => bound(stack, index));
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs > 3_000, `${tookMs} ms`);
  assert.equal(await answersPing(stack.lease(index)!.address!), true);
});

test("Linux has the address: it is declined, and another one taken", options, async (t) => {
  const tap = await openDevice(t);
  await ip(`address add ${FIRST}/32 dev lo`);
  t.after(() => ip(`address delete ${FIRST}/32 dev lo`));
  const dnsmasq = await startDnsmasq(t, DEVICE, [...RANGE, "--dhcp-sequential-ip"]);
  const clock = fastClock(4);
  const { stack, index } = await attach(t, tap, { clock }, { auto: { dhcp: true } });
  await waitUntil("there is a lease", () => bound(stack, index), 20_000);
  assert.equal(stack.lease(index)!.address, SECOND);
  assert.equal(count(dnsmasq, " DHCPDECLINE("), 1);
  assert.equal(await answersPing(SECOND), true);
});

test("the server serves another network: the next renewal ends the lease", options, async (t) => {
  const tap = await openDevice(t);
  const times = ["--dhcp-option-force=option:T1,2s", "--dhcp-option-force=option:T2,4s"];
  const before = await startDnsmasq(t, DEVICE, [...RANGE, ...times]);
  const { stack, index } = await attach(t, tap, {}, AT_ONCE);
  await waitUntil("there is a lease", () => bound(stack, index));
  const old = stack.lease(index)!.address!;
  await before.stop();
  const after = await startDnsmasq(t, DEVICE, [range("198.18.0.200", "198.18.0.201"), ...times]);
  await waitUntil("there is another lease", () => {
    const { address } = stack.lease(index)!;
    return address !== null && address !== old && bound(stack, index);
  });
  assert.match(stack.lease(index)!.address!, /^198\.18\.0\.20[01]$/);
  assert.ok(count(after, " DHCPNAK(") >= 1);
  assert.equal(await answersPing(old, 1), false);
});

test("the server is gone: at the end of the lease a link-local address", options, async (t) => {
  const tap = await openDevice(t);
  await ip("address add 169.254.1.1/16 dev mote0");
  const dnsmasq = await startDnsmasq(t, DEVICE, [...RANGE, "--dhcp-option=3,198.18.0.1"]);
  const changes: (string | null)[] = [];
  const { stack, index } = await attach(
    t,
    tap,
    { clock: fastClock(12) },
    { auto: { dhcp: true, linkLocal: true, probe: false } },
  );
  stack.onLease = () => changes.push(stack.lease(index)!.address);
  await waitUntil("there is a lease", () => bound(stack, index));
  const leased = stack.lease(index)!.address!;
  await dnsmasq.stop();
  await waitUntil("it is rebinding", () => stack.lease(index)!.state === "REBINDING", 30_000);
  assert.equal(await answersPing(leased), true);
  await waitUntil("a link-local address", () => stack.lease(index)!.linkLocal, 30_000);
  const own = stack.lease(index)!.address!;
  assert.match(own, /^169\.254\./);
  assert.equal(await answersPing(own), true);
  assert.equal(await answersPing(leased, 1), false);
  const { server, router } = stack.lease(index)!;
  assert.deepEqual([server, router], [null, null]);
  // A server comes, and its address takes the place of that one.
  await startDnsmasq(t, DEVICE, RANGE);
  await waitUntil("there is a lease again", () => bound(stack, index), 60_000);
  assert.match(stack.lease(index)!.address!, /^198\.18\.0\.10[01]$/);
  assert.ok(changes.includes(own) && changes.includes(leased), changes.join());
});

test("the cable is pulled and put back: the same address, without a search", options, async (t) => {
  const tap = await openDevice(t);
  const dnsmasq = await startDnsmasq(t, DEVICE, RANGE);
  const { stack, index } = await attach(t, tap, {}, AT_ONCE);
  await waitUntil("there is a lease", () => bound(stack, index));
  const { address } = stack.lease(index)!;
  stack.setLink(index, false);
  stack.setLink(index, true);
  await waitUntil("the server has said yes again", () => count(dnsmasq, " DHCPACK(") === 2);
  await waitUntil("there is a lease", () => bound(stack, index));
  assert.equal(stack.lease(index)!.address, address);
  assert.equal(count(dnsmasq, " DHCPDISCOVER("), 1);
  assert.equal(await answersPing(address!), true);
});

/** Linux's table of neighbours has this address at our MAC. */
async function linuxKnows(address: string): Promise<boolean> {
  const table = await output(["ip", "neighbour", "show", "dev", DEVICE]);
  return table.includes(`${address} lladdr ${MAC}`);
}

for (const profile of PROFILES) {
  test(`${profile}: link-local alone: probed, ours, and Linux talks to it`, options, async (t) => {
    const tap = await openDevice(t, "169.254.1.1/16");
    const auto = { linkLocal: true, dhcp: false };
    const { stack, index } = await attach(t, tap, { profile }, { auto });
    await waitUntil("there is an address", () => stack.lease(index)!.address !== null);
    const { address, prefixLength, linkLocal } = stack.lease(index)!;
    assert.deepEqual([prefixLength, linkLocal], [16, true]);
    assert.equal(await answersPing(address!), true);
    assert.equal(await linuxKnows(address!), true);
  });
}

/** The link-local address that a stack with this entropy takes when nobody else is there. */
async function firstChoice(t: TestContext, entropy: Uint8Array): Promise<string> {
  const [link] = MemoryLink.pair();
  const stack = await createStack({ entropy, clock: fastClock(50) });
  t.after(() => stack.close());
  const index = stack.attach(link, { mac: MAC, auto: { linkLocal: true } });
  await waitUntil("there is an address", () => stack.lease(index)!.address !== null);
  return stack.lease(index)!.address!;
}

test("Linux has the link-local address that we would take: another one", options, async (t) => {
  const entropy = new Uint8Array(32).fill(7);
  const taken = await firstChoice(t, entropy);
  const tap = await openDevice(t, `${taken}/16`);
  const auto = { linkLocal: true };
  const { stack, index } = await attach(t, tap, { entropy, clock: fastClock(2) }, { auto });
  await waitUntil("there is an address", () => stack.lease(index)!.address !== null);
  const { address } = stack.lease(index)!;
  assert.notEqual(address, taken);
  assert.match(address!, /^169\.254\./);
  assert.ok(stack.counters().arp_conflict > 0, "the same one was tried first");
  assert.equal(await answersPing(address!), true);
});
