// `mote iperf3` and Debian's iperf3, over TAP in a network namespace of this file's own, either of them as the server: what
// one says that it has counted is what the other says, and nothing goes wrong.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { until } from "../host/support/until.js";
import { skip } from "../interop/support/namespace.js";
import { atBest } from "../static/support/atBest.js";
import type { Iperf3Document } from "./support/iperf3Document.js";
import { mote, talk, type Netcat } from "./support/netcat.js";
import { main, needs } from "./support/process.js";

const onTap = { skip, timeout: 60_000 };
const KERNEL = "198.18.0.1";
const STACK = "198.18.0.2";

interface Both {
  readonly client: Iperf3Document;
  readonly server: Iperf3Document;
}

const debian = (t: TestContext, ...words: string[]): Netcat => talk(t, ["iperf3", ...words]);

/** Whose client it is; the other has the server. */
type Side = "ours" | "Debian's";

/** One test; the documents of both. */
async function measure(t: TestContext, side: Side, ...words: string[]): Promise<Both> {
  const server =
    side === "ours"
      ? debian(t, "-s", "-1", "-J", "--forceflush")
      : mote(t, "iperf3", "-s", "-1", "-J");
  if (side === "ours") await kernelListens();
  else await server.says(/The server is 198\.18\.0\.2, port 5201, on tap:mote0/);
  const client =
    side === "ours"
      ? mote(t, "iperf3", "-c", KERNEL, "-J", ...words)
      : debian(t, "-c", STACK, "-J", ...words);
  assert.equal(await client.ended, 0, client.err + client.text.slice(-300));
  assert.equal(await server.ended, 0, server.err);
  return { client: documentOf(client), server: documentOf(server) };
}

function documentOf({ text }: Netcat): Iperf3Document {
  const document = JSON.parse(text) as Iperf3Document;
  assert.equal(document.error, undefined);
  return document;
}

/** A listener of the kernel's is at 5201: 0x1451. */
async function kernelListens(): Promise<void> {
  const isThere = (): boolean =>
    ["tcp", "tcp6"].some((name) => {
      try {
        return / [0-9A-F]+:1451 [0-9A-F]+:0000 0A /.test(readFileSync(`/proc/net/${name}`, "utf8"));
      } catch {
        return false;
      }
    });
  await until(isThere, "iperf3 -s listens", 10_000);
}

/** Both tell of the same test, by the same settings. */
function assertSame({ client, server }: Both): void {
  assert.equal(client.start.cookie, server.start.cookie);
  const ports = ({ start }: Iperf3Document, name: "local_port" | "remote_port"): number[] =>
    start.connected.map((one) => one[name]);
  assert.deepEqual(ports(client, "local_port"), ports(server, "remote_port"));
  for (const name of ["protocol", "num_streams", "blksize", "duration", "bytes", "reverse"]) {
    assert.equal(client.start.test_start[name], server.start.test_start[name], name);
  }
}

/** Sent or received: what a side says of itself is what the other says of it. */
function assertCounts({ client, server }: Both, isReverse: boolean): void {
  const own = isReverse ? "sum_sent" : "sum_received";
  assert.equal(client.end[own].bytes, server.end[own].bytes);
}

for (const side of ["ours", "Debian's"] as const) {
  test(`${side} as the client: TCP`, onTap, async (t) => {
    if (!needs(t, "iperf3", "iperf3")) return;
    const both = await measure(t, side, "-t", "1", "-i", "0.1");
    assertSame(both);
    assertCounts(both, false);
    const { sum_sent: sent, sum_received: received } = both.client.end;
    assert.ok(
      received.bytes > 1e6 && sent.bytes >= received.bytes,
      JSON.stringify(both.client.end),
    );
    assert.ok(both.client.intervals.length >= 2);
  });

  test(`${side} as the client: TCP -R`, onTap, async (t) => {
    if (!needs(t, "iperf3", "iperf3")) return;
    const both = await measure(t, side, "-t", "1", "-R");
    assertSame(both);
    assertCounts(both, true);
    assert.ok(both.client.end.sum_received.bytes > 1e6);
    assert.ok((both.client.end.sum_sent.retransmits ?? -1) >= 0);
  });

  test(`${side} as the client: TCP -n with three streams`, onTap, async (t) => {
    if (!needs(t, "iperf3", "iperf3")) return;
    const both = await measure(t, side, "-n", "6M", "-P", "3");
    assertSame(both);
    assertCounts(both, false);
    const { sum_sent: sent } = both.client.end;
    assert.equal(both.client.start.connected.length, 3);
    assert.ok(sent.bytes >= 6 * 2 ** 20 && sent.bytes <= 7 * 2 ** 20, `${sent.bytes}`);
  });

  test(`${side} as the client: TCP -n -R`, onTap, async (t) => {
    if (!needs(t, "iperf3", "iperf3")) return;
    const both = await measure(t, side, "-n", "3000000", "-R");
    assertCounts(both, true);
    assert.ok(both.client.end.sum_received.bytes >= 3_000_000);
  });

  test(`${side} as the client: TCP --bidir`, onTap, async (t) => {
    if (!needs(t, "iperf3", "iperf3")) return;
    const both = await measure(t, side, "-t", "1", "--bidir");
    assertCounts(both, false);
    assert.ok(both.client.end.sum_received.bytes > 1e5);
    assert.ok(both.client.end.sum_received_bidir_reverse.bytes > 1e5);
  });

  test(`${side} as the client: UDP`, onTap, async (t) => {
    if (!needs(t, "iperf3", "iperf3")) return;
    const tooMany = async () => {
      const both = await measure(t, side, "-u", "-t", "1", "-b", "4M", "-l", "1000", "-P", "2");
      assertSame(both);
      assertCounts(both, false);
      const { sum_sent: sent, sum_received: received } = both.client.end;
      assert.equal(received.bytes, 1000 * (received.packets - received.lost_packets));
      assert.equal(received.packets, both.server.end.sum_received.packets);
      return Math.abs(sent.packets - 1000);
    };
    await atBest(20, tooMany, "packets off");
  });

  test(`${side} as the client: UDP -R, numbers of 64 bits`, onTap, async (t) => {
    if (!needs(t, "iperf3", "iperf3")) return;
    const more = ["-t", "1", "-b", "4M", "-l", "1000", "--udp-counters-64bit"];
    const tooMany = async () => {
      const both = await measure(t, side, "-u", "-R", ...more);
      assertCounts(both, true);
      const { sum_received: received } = both.client.end;
      assert.equal(received.bytes, 1000 * (received.packets - received.lost_packets));
      return Math.abs(received.packets - 485);
    };
    await atBest(35, tooMany, "packets off");
  });

  test(`${side} as the client: the server's output comes with the results`, onTap, async (t) => {
    if (!needs(t, "iperf3", "iperf3")) return;
    const both = await measure(t, side, "-n", "1M", "--get-server-output");
    const { server_output_json: theirs } = both.client as unknown as {
      server_output_json: Iperf3Document;
    };
    assert.equal(theirs.start.cookie, both.client.start.cookie);
  });
}

test("a server of ours that is busy sends Debian's client away", onTap, async (t) => {
  if (!needs(t, "iperf3", "iperf3")) return;
  const server = mote(t, "iperf3", "-s");
  await server.says(/The server is/);
  const first = debian(t, "-c", STACK, "-t", "8", "-b", "1M");
  await server.hears(/Accepted connection/);
  const second = debian(t, "-c", STACK, "-t", "1");
  assert.equal(await second.ended, 1);
  assert.match(second.err, /the server is busy running a test/);
  assert.equal(await first.ended, 0, first.err);
  assert.match(server.err, /was sent away: another test runs/);
  server.child.kill("SIGINT");
  assert.equal(await server.ended, 130);
});

test(
  "a server of Debian's that is busy, and one that is not there: one line, exit code 1",
  onTap,
  async (t) => {
    if (!needs(t, "iperf3", "iperf3")) return;
    const nobody = mote(t, "iperf3", "-c", KERNEL, "-p", "5999");
    assert.equal(await nobody.ended, 1);
    assert.match(
      nobody.err,
      /^mote iperf3: 198\.18\.0\.1:5999: the peer refused the connection \(ECONNREFUSED\)\n$/,
    );
    debian(t, "-s", "-1");
    await kernelListens();
    const first = talk(t, ["iperf3", "-c", "127.0.0.1", "-t", "30", "-b", "1M", "--forceflush"]);
    await first.hears(/connected to/);
    const second = mote(t, "iperf3", "-c", KERNEL, "-t", "1");
    assert.equal(await second.ended, 1);
    assert.match(
      second.err,
      /^mote iperf3: 198\.18\.0\.1:5201: (the server is busy running another test \(EBUSY\)|the server has hung up: it is busy with another test, or no iperf3 \(ECONNRESET\))\n$/,
    );
  },
);

test(
  "Ctrl-C at Debian's client: the server of ours says so, and serves the next",
  onTap,
  async (t) => {
    if (!needs(t, "iperf3", "iperf3")) return;
    const server = mote(t, "iperf3", "-s");
    await server.says(/The server is/);
    const first = debian(t, "-c", STACK, "-t", "30", "-R");
    await server.hears(/Accepted connection[^]* sec /);
    first.child.kill("SIGINT");
    await first.ended;
    await server.says(/: the client has (ended the test|closed)/);
    const second = debian(t, "-c", STACK, "-n", "1M");
    assert.equal(await second.ended, 0, second.err);
  },
);

test("--stack: a mote serve that runs, with Debian's as server and as client", onTap, async (t) => {
  if (!needs(t, "iperf3", "iperf3")) return;
  const folder = mkdtempSync(join(tmpdir(), "mote-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const own = (...words: string[]): Netcat =>
    talk(t, [process.execPath, main, ...words], { XDG_RUNTIME_DIR: folder });
  const serving = own("serve", "echo", "--link", "tap:mote0", "--json");
  await serving.hears(/"serving"/);
  for (const words of [
    ["-n", "5M"],
    ["-n", "5M", "-R", "-P", "2"],
    ["-u", "-t", "1", "-b", "4M"],
  ]) {
    const isReverse = words.includes("-R");
    const theirs = debian(t, "-s", "-1", "-J", "--forceflush");
    await kernelListens();
    const client = own("iperf3", "-c", KERNEL, "-J", ...words, "--stack");
    assert.equal(await client.ended, 0, client.err);
    assert.equal(await theirs.ended, 0, theirs.err);
    const there = { client: documentOf(client), server: documentOf(theirs) };
    assertSame(there);
    assertCounts(there, isReverse);

    const server = own("iperf3", "-s", "-1", "-J", "--stack");
    await server.says(/The server is 198\.18\.0\.2, port 5201, on stack:mote/);
    const debians = debian(t, "-c", STACK, "-J", ...words);
    assert.equal(await debians.ended, 0, debians.err);
    assert.equal(await server.ended, 0, server.err);
    const back = { client: documentOf(debians), server: documentOf(server) };
    assertSame(back);
    assertCounts(back, isReverse);
  }
});
