// `mote ping` over TAP and `mote tcpdump` of an interface on a terminal, in a network namespace of this file's own: lines
// that come one after the other, and the counts after Ctrl-C.

import assert from "node:assert/strict";
import { connect, createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { until } from "../host/support/until.js";
import { skip } from "../interop/support/namespace.js";
import { startMote } from "./support/process.js";
import { endsWell, ESCAPE, filled, hasTerminal } from "./support/screen.js";
import { CTRL_C, openTerminal } from "./support/terminal.js";

const options = { skip, timeout: 60_000 };
const PING = [
  "ping",
  "198.18.0.1",
  "--link",
  "tap:mote0",
  "--address",
  "198.18.0.2/30",
  "-i",
  "0.1",
];
const REPLY = /^64 bytes from 198\.18\.0\.1: icmp_seq=\d+ ttl=\d+ time=[\d.]+ ms$/;

test(
  "ping on a terminal: one line for each answer, whatever the window; Ctrl-C ends with the counts",
  options,
  async (t) => {
    if (!hasTerminal(t)) return;
    const terminal = openTerminal(t, PING);
    await terminal.seen(
      /^PING 198\.18\.0\.1 \(198\.18\.0\.1\) 56\(84\) bytes of data\.\n64[^\n]+seq=1 /,
    );
    terminal.resize(200, 24);
    await terminal.seen(/icmp_seq=4 /);
    terminal.resize(60, 8);
    await terminal.seen(/icmp_seq=12 /);
    terminal.type(CTRL_C);
    await endsWell(terminal, 0);
    const lines = filled(terminal.lines());
    const end = lines.indexOf("--- 198.18.0.1 ping statistics ---");
    assert.ok(end > 12, lines.join("\n"));
    const replies = lines.slice(1, end - 1);
    for (const [index, line] of replies.entries()) {
      assert.match(line, REPLY);
      assert.ok(line.includes(`icmp_seq=${index + 1} `), line);
    }
    assert.equal(lines[end - 1], "^C");
    const counted = /^(\d+) packets transmitted, (\d+) received, .*% packet loss, time \d+ms$/.exec(
      lines[end + 1]!,
    );
    const [transmitted, received] = (counted ?? []).slice(1).map(Number);
    assert.equal(received, replies.length, lines[end + 1]);
    // Ctrl-C may come between a question and its answer.
    assert.ok(transmitted! - received! <= 1, lines[end + 1]);
    assert.match(lines[end + 2]!, /^rtt min\/avg\/max\/mdev = /);
    assert.equal(lines.length, end + 3);
    assert.equal(terminal.cursor.x, 0);
    assert.doesNotMatch(terminal.stream, ESCAPE);
  },
);

test("ping and tcpdump into pipes: nothing but text", options, async (t) => {
  const pinged = startMote(t, [...PING, "-c", "2"]);
  assert.equal(await pinged.ended, 0, pinged.err);
  const dumped = startMote(t, ["tcpdump", "-i", "lo", "-c", "1"]);
  await until(() => dumped.err.startsWith("Listening on lo"), "it listens");
  await exchange();
  assert.equal(await dumped.ended, 0, dumped.err);
  for (const { out, err } of [pinged, dumped]) assert.doesNotMatch(out + err, ESCAPE);
});

/** A connection on loopback, from the first segment to the last. */
async function exchange(): Promise<void> {
  const server = createServer((socket) => socket.end("mote"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.resume().once("close", resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}

test(
  "tcpdump of an interface on a terminal: whole lines, colours, and the counts after Ctrl-C",
  options,
  async (t) => {
    if (!hasTerminal(t)) return;
    const terminal = openTerminal(t, ["tcpdump", "-i", "lo", "tcp"]);
    await terminal.seen(/^Listening on lo; Ctrl-C ends it\.\n/);
    const segments = (): number =>
      terminal.lines().filter((line) => line.includes("Flags [")).length;
    for (const [columns, rows] of [
      [60, 24],
      [200, 24],
      [60, 8],
    ] as const) {
      terminal.resize(columns, rows);
      const before = segments();
      await exchange();
      // SYN, SYN-ACK, the data, and a FIN of each side.
      await terminal.until(() => segments() >= before + 5, "five segments more");
    }
    assert.ok(terminal.coloured());
    terminal.type(CTRL_C);
    await endsWell(terminal, 0);
    const lines = filled(terminal.lines());
    for (const line of lines.slice(1, -2)) {
      assert.match(line, /^\d\d:\d\d:\d\d\.\d{6} IP 127\.0\.0\.1\.\d+ > 127\.0\.0\.1\.\d+: Flags /);
    }
    assert.equal(lines.at(-2), "^C");
    assert.match(
      lines.at(-1)!,
      /^\d+ frames seen, \d+ passed the filter, \d+ frames? dropped by the/,
    );
    assert.equal(terminal.cursor.x, 0);
  },
);

test("tcpdump on a dumb terminal: nothing but text", options, async (t) => {
  if (!hasTerminal(t)) return;
  const terminal = openTerminal(t, ["tcpdump", "-i", "lo", "-c", "3"], { env: { TERM: "dumb" } });
  await terminal.seen(/^Listening on lo/);
  await exchange();
  await endsWell(terminal, 0);
  assert.doesNotMatch(terminal.stream, ESCAPE);
});
