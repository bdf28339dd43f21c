// nmap against `mote serve`: scans of TCP and UDP ports and of protocols, and a guess of the system.
// Meanwhile and afterwards the stack answers, its pools are idle, and its counters add up.

import assert from "node:assert/strict";
import { test } from "node:test";
import { skip } from "./support/namespace.js";
import { output } from "./support/programs.js";
import { type Served, startServe } from "./support/serve.js";

const SERVICES = "hello,echo,discard,chargen,http";
/** It waits for answers longer than -T5 does: a busy machine may take a second. */
const PATIENCE = ["--initial-rtt-timeout", "1s", "--max-rtt-timeout", "2s"];
const NMAP = ["nmap", "-n", "-Pn", "-T5", ...PATIENCE];
const LIMIT_MS = 60_000;
/** ICMP errors in a second, and in a burst (assembly/config.ts). */
const ICMP_RATE = 10;
const PORTS = 65_535;

interface Scan {
  readonly found: string;
  /** Counters that have changed, by how much; 0 for others. */
  counted(name: string): number;
  readonly seconds: number;
}

async function scan(served: Served, words: string): Promise<Scan> {
  const { counters: before } = await served.status();
  const startMs = performance.now();
  const line = [...NMAP, ...words.split(" "), served.address];
  const found = await output(line, { limitMs: LIMIT_MS });
  assert.match(found, /Nmap done: 1 IP address \(1 host up\)/);
  const { counters: after } = await served.status();
  const seconds = (performance.now() - startMs) / 1000;
  return { found, counted: (name) => after[name]! - before[name]!, seconds };
}

/** Ports in a state, from lines like "7/tcp open  echo". */
function inState(found: string, state: RegExp): number[] {
  const lines = found.matchAll(/^(\d+)(?:\/\w+)? +(\S+)/gm);
  return [...lines].filter(([, , text]) => state.test(text!)).map(([, port]) => Number(port));
}

/** Everything that nobody serves is answered by an ICMP error, or counted as one too many. */
function checkReports({ counted, seconds }: Scan, unserved: string): void {
  const [sent, limited] = [counted("icmp_errors_sent"), counted("icmp_rate_limited")];
  assert.ok(sent > 0 && limited > 0, `${sent} errors, ${limited} not sent`);
  assert.ok(sent <= ICMP_RATE * (seconds + 1) + 1, `${sent} errors in ${seconds} s`);
  const other = unserved === "udp_no_socket" ? 0 : counted("udp_no_socket");
  assert.equal(sent + limited, counted(unserved) + other);
}

async function checkAlive(served: Served): Promise<void> {
  const hello = ["nc", served.address, String(served.port("hello"))];
  assert.equal(await output(hello, { input: ["mote"] }), "hello ->mote");
  const ping = await output(["ping", "-n", "-c", "1", "-W", "2", served.address]);
  assert.match(ping, / 0% packet loss/);
  assert.equal(await served.notIdle(), "");
}

for (const profile of ["desktop", "esp32"] as const) {
  test(`${profile}: scans by nmap`, { skip, timeout: 300_000 }, async (t) => {
    const served = await startServe(t, [SERVICES, "--profile", profile]);
    const tcp = served.serving.services.map(({ port }) => port).sort((a, b) => a - b);

    await t.test("-sS, every port: those that are served are open, a RST from others", async () => {
      const { found, counted } = await scan(served, "-sS -p- --min-rate 5000");
      assert.deepEqual(inState(found, /^open$/), tcp);
      assert.ok(counted("tcp_resets_sent") >= PORTS - tcp.length);
      await checkAlive(served);
    });

    for (const kind of ["-sF", "-sN", "-sX"]) {
      await t.test(`${kind}: silence from open ports, a RST from others`, async () => {
        const { found, counted } = await scan(served, `${kind} -F`);
        assert.deepEqual(
          inState(found, /^open\|filtered$/),
          tcp.filter((port) => port !== 19), // not one of nmap's hundred
        );
        assert.ok(counted("drop_tcp_no_ack") > 0);
        await checkAlive(served);
      });
    }

    await t.test("-sA: a RST from every port", async () => {
      const { found } = await scan(served, "-sA -F");
      assert.match(found, /Not shown: 100 unfiltered tcp ports \(reset\)/);
      await checkAlive(served);
    });

    await t.test("-sU: echo answers, an ICMP error from others, as many as may be", async () => {
      const scanned = await scan(served, "-sU --top-ports 100 --max-retries 1");
      assert.ok(inState(scanned.found, /^open$/).includes(7), scanned.found);
      checkReports(scanned, "udp_no_socket");
      await checkAlive(served);
    });

    await t.test("-sO: every protocol: ICMP and TCP, an ICMP error for others", async () => {
      const scanned = await scan(served, "-sO --max-retries 2");
      const open = inState(scanned.found, /^open$/);
      assert.ok(open.includes(1) && open.includes(6), scanned.found);
      checkReports(scanned, "drop_ip_protocol");
      await checkAlive(served);
    });

    await t.test("-O: segments with odd flags and options: no open connection stays", async () => {
      const { found, counted } = await scan(served, "-O --osscan-guess --max-os-tries 1 -F");
      assert.match(found, /OS detection performed/);
      assert.ok(counted("drop_tcp_no_ack") > 0);
      await checkAlive(served);
    });
    assert.equal(await served.stop(), 0);
  });
}
