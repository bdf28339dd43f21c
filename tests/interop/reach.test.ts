// The programs that everybody has: ping, curl and nc against `mote serve` on a TAP device.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { atBest, BEFORE_RETRANSMISSION_MS } from "../static/support/atBest.js";
import { skip } from "./support/namespace.js";
import { pingAll } from "./support/pings.js";
import { output, run } from "./support/programs.js";
import { startServe } from "./support/serve.js";

const SERVICES = "hello,echo,discard,chargen,http";
/** The largest payload that fits a frame: 1,500 less 20 of IPv4 and 8 of ICMP. */
const LARGEST_PING = 1472;
/** Also what RFC 9293 section 3.5.2 asks for: an answer at once, not after a timeout. */

test("ping, curl and nc over TAP", { skip, timeout: 60_000 }, async (t) => {
  const served = await startServe(t, [SERVICES]);
  const { address } = served;
  const url = `http://${address}:${served.port("http")}`;

  const pings: [string, number, number, ...string[]][] = [
    ["56 bytes", 56, 20, "-i", "0.02"],
    ["1,472 bytes, unfragmented", LARGEST_PING, 20, "-i", "0.02", "-M", "do"],
    ["no bytes", 0, 3, "-i", "0.02"],
    ["5,000 of 56 bytes, each as soon as the one before is answered", 56, 5000, "-i", "0"],
    ["2,000 of 1,472 bytes, in the same way", LARGEST_PING, 2000, "-i", "0"],
  ];
  for (const [name, size, count, ...words] of pings) {
    await t.test(`ping: ${name}, 0 % loss`, async () => {
      const text = await pingAll(address, size, count, words);
      assert.match(text, new RegExp(`^${count} packets transmitted, ${count} received`, "m"));
      assert.doesNotMatch(text, /wrong|DUP|duplicates|corrupted|errors/);
    });
  }

  await t.test("curl: the status page, twice over one connection", async () => {
    const format = "%{http_code} %{num_connects}\\n";
    const text = await output(["curl", "-sS", "-w", format, `${url}/`, `${url}/json`]);
    assert.match(text, /^MoteTCP /);
    assert.match(text, /^200 1$/m);
    assert.match(text, /^200 0$/m);
  });

  await t.test(
    "curl: HTML for browsers, HEAD, HTTP/1.0, and a page that is not there",
    async () => {
      const html = await output([
        "curl",
        "-sS",
        "-A",
        "Mozilla/5.0",
        "-H",
        "Accept: text/html",
        url,
      ]);
      assert.match(html, /^<!doctype html>/i);
      assert.match(await output(["curl", "-sSI", url]), /^HTTP\/1\.1 200 OK\r\n/);
      assert.match(await output(["curl", "-sS0", url]), /^MoteTCP /);
      const missing = await run(["curl", "-sSf", `${url}/nothing`]);
      assert.equal(missing.code, 22);
      assert.match(missing.err, /404/);
    },
  );

  await t.test("nc: hello answers a line and closes first", async () => {
    const hello = ["nc", address, String(served.port("hello"))];
    assert.equal(await output(hello, { input: ["mote"] }), "hello ->mote");
    const halfClosing = ["nc", "-N", address, String(served.port("hello"))];
    assert.equal(await output(halfClosing, { input: ["mote"] }), "hello ->mote");
  });

  await t.test("nc: echo gives back what it got, discard nothing, chargen lines", async () => {
    const nc = (service: string) => ["nc", "-N", address, String(served.port(service))];
    const lines = Array.from({ length: 5_000 }, (_, line) => `line ${line}\n`).join("");
    assert.equal(await output(nc("echo"), { input: [lines] }), lines);
    assert.equal(await output(nc("discard"), { input: [lines] }), "");
    const chargen = await output(["sh", "-c", `${nc("chargen").join(" ")} </dev/null | head -n 3`]);
    assert.equal(chargen.split("\n").length, 4);
    assert.match(chargen, /^ !"#\$%&'/);
  });

  await t.test("a refused port: ECONNREFUSED at once, by a reset", async () => {
    await atBest(BEFORE_RETRANSMISSION_MS, async () => {
      const before = (await served.status()).counters["tcp_resets_sent"]!;
      const { code, err, tookMs } = await run(["nc", "-v", "-w", "5", address, "4444"]);
      assert.equal(code, 1);
      assert.match(err, /Connection refused/);
      assert.equal((await served.status()).counters["tcp_resets_sent"], before + 1);
      return tookMs;
    });
  });

  await t.test("a UDP port: ECONNREFUSED, by an ICMP error", async () => {
    const socket = createSocket("udp4");
    socket.connect(4444, address);
    await once(socket, "connect");
    const refused = once(socket, "error");
    socket.send("mote");
    const [error] = (await refused) as [NodeJS.ErrnoException];
    socket.close();
    assert.equal(error.code, "ECONNREFUSED");
  });

  await t.test("an address of the block that nobody has: no answer, and no reset", async () => {
    const { code, err } = await run(["nc", "-v", "-w", "1", "198.18.0.3", "7"]);
    assert.equal(code, 1);
    assert.doesNotMatch(err, /refused/);
  });

  await t.test("afterwards every pool is idle, and nothing was malformed", async () => {
    assert.equal(await served.notIdle(), "");
    const { counters } = await served.status();
    const bad = Object.entries(counters).filter(([name, count]) => {
      return /malformed|checksum|runt|oversize/.test(name) && count > 0;
    });
    assert.deepEqual(bad, []);
  });
  assert.equal(await served.stop(), 0);
});
