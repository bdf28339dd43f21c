// `mote iperf3`: its command line, what it prints (under virtual time, so to the letter), and two of them on a cable,
// without rights. What the protocol does is in iperf3-protocol.test.ts, the real iperf3 in iperf3-interop.test.ts.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { runCommand } from "../../host/command/cli.js";
import { parseIperf3 } from "../../host/command/iperf3/options.js";
import { formatAmount, formatRate } from "../../host/command/iperf3/units.js";
import { unsupported } from "../../host/command/iperf3/unsupported.js";
import { readText } from "../static/support/module.js";
import { openIperf3, PLAIN } from "./support/iperf3.js";
import type { Iperf3Document } from "./support/iperf3Document.js";
import { mote } from "./support/netcat.js";
import { output } from "./support/output.js";

const options = { timeout: 60_000 };

const wrong: readonly [readonly string[], RegExp][] = [
  [[], /-s or -c HOST is needed, as in: mote iperf3 -c 198\.18\.0\.1/],
  [["-s", "-c", "h"], /-s and -c contradict each other/],
  [["-s", "-R"], /-R is for the client to say, -s is the server/],
  [["-s", "-N"], /-N is for the client to say/],
  [["-s", "-n", "1M"], /-n is for the client to say/],
  [["-s", "-B", "name"], /-B takes an address of the stack's, not "name"/],
  [["-c", "x/y"], /HOST is an IPv4 address or a name/],
  [["-c", "h", "-u", "-n", "0"], /-n takes a number from 1 to/],
  [["-c", "h", "-t", "1", "-n", "1"], /-t, -n and -k each say when it ends/],
  [["-c", "h", "-n", "1M", "-O", "1"], /-O leaves out seconds of a test by time/],
  [["-c", "h", "-R", "--bidir"], /-R and --bidir contradict each other/],
  [["-c", "h", "-1"], /-1 goes with -s/],
  [["-c", "h", "-B", "198.18.0.2"], /-B goes with -s/],
  [["-c", "h", "-u", "-M", "500"], /-M is about TCP, -u is UDP/],
  [["-c", "h", "-u", "-N"], /-N is about TCP, -u is UDP/],
  [["-c", "h", "--udp-counters-64bit"], /--udp-counters-64bit goes with -u/],
  [["-c", "h", "-u", "-l", "8"], /-l takes a number from 16 to 65507/],
  [["-c", "h", "-l", "2M"], /-l takes a number from 1 to 1048576/],
  [["-c", "h", "-P", "129"], /-P takes a whole number from 1 to 128/],
  [["-c", "h", "-b", "1q"], /-b takes a number from 0 to \d+, with K, M, G or T behind it/],
  [["-c", "h", "-i", "0.05"], /-i takes a number from 0\.1 to 60/],
  [["-c", "h", "-f", "x"], /-f takes k or m or g/],
  [["-c", "h", "-p", "0"], /-p takes a whole number from 1 to 65535/],
  [["-c", "h", "-S", "256"], /-S takes a whole number from 0 to 255/],
  [["-c", "h", "-w", "256K"], /-w is not supported: the stack's rings have a fixed size, 64 KiB/],
  [["-c", "h", "--link", "pcap:x"], /--link takes tap:NAME, user, cable:PATH/],
  [["-c", "h", "--link", "user", "--stack"], /--link is for a stack of its own, and --stack takes/],
  [["-c", "h", "--paralel", "2"], /did you mean --parallel\?/],
];

for (const [words, says] of wrong) {
  test(`mote iperf3 ${words.join(" ")}: one line, exit code 2`, async () => {
    const { io, out, err } = output();
    assert.equal(await runCommand(["iperf3", ...words], io), 2);
    assert.equal(out(), "");
    assert.match(err(), /^mote iperf3: [^\n]+\n$/);
    assert.match(err(), says);
  });
}

test("iperf3 --help has options, examples and exit codes, and fits 100 columns", async () => {
  const { io, out } = output();
  assert.equal(await runCommand(["iperf3", "--help"], io), 0);
  assert.match(out(), /^Usage: mote iperf3 \[options\] -s \| -c HOST\n/);
  assert.match(out(), /Exit codes:\n {2}0 [^\n]+\n {2}1 [^\n]+\n {2}2 [^\n]+\n {2}130 /);
  const widths = out()
    .split("\n")
    .map((line) => line.length);
  assert.ok(Math.max(...widths) <= 100, out());
});

test("iperf3: every option of the help is in the reference, every unsupported one in the guide", async () => {
  const { io, out } = output();
  await runCommand(["iperf3", "--help"], io);
  const reference = readText("docs/reference/command.md").split("## `mote iperf3`")[1] ?? "";
  for (const [, option] of out().matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)) {
    if (option !== "--help") assert.ok(reference.includes(`\`${option}`), option);
  }
  const guide = readText("docs/guides/iperf3.md");
  for (const { flags } of unsupported) {
    const option = flags.split(/[ ,]/)[0]!;
    assert.ok(guide.includes(`\`${option}\``), option);
  }
});

test("iperf3: options, as they are given and by default", () => {
  const station = {
    ...{ link: { kind: "auto" }, address: undefined, router: undefined, nameServers: [] },
    delayMs: 0,
  };
  assert.deepEqual(parseIperf3({ client: "h" }), {
    ...{ role: "client", host: "h", port: 5201, intervalMs: 1000, format: undefined },
    ...{ json: false, connectMs: 0, settings: { ...PLAIN, seconds: 10 } },
    station: { ...station, allow: ["h:5201/tcp"] },
  });
  assert.deepEqual(parseIperf3({ server: true, oneOff: true, port: "7", interval: "0" }), {
    ...{ role: "server", host: undefined, port: 7, intervalMs: 0, format: undefined },
    ...{ json: false, once: true, station: { ...station, allow: [] } },
  });
  const udp = parseIperf3({ client: "h", udp: true, bytes: "1.5K", bitrate: "10m" });
  assert.ok(udp.role === "client");
  assert.deepEqual(udp.station.allow, ["h:5201/tcp", "h:5201/udp"]);
  assert.deepEqual([udp.settings.bytes, udp.settings.bitrate], [1_536, 10_000_000]);
  assert.deepEqual([udp.settings.length, udp.settings.seconds], [0, 0]);
  const plain = parseIperf3({ client: "h", udp: true });
  assert.ok(plain.role === "client");
  assert.equal(plain.settings.bitrate, 1_048_576);
});

test("quantities as iperf3 writes them", () => {
  const amounts = [0, 1000, 131_072, 1_067_450_368, 2_377_646_080].map(formatAmount);
  assert.deepEqual(amounts, [
    ...["0.00 Bytes", "1000 Bytes", " 128 KBytes", "1018 MBytes", "2.21 GBytes"],
  ]);
  assert.equal(formatRate(19_018_144_754, undefined), "19.0 Gbits/sec");
  assert.equal(formatRate(1_048_372, undefined), "1.05 Mbits/sec");
  assert.equal(formatRate(1_500_000, "k"), "1500 Kbits/sec");
  assert.equal(formatRate(8 * 1_048_576, "M"), "1.00 MBytes/sec");
});

// To the letter, under virtual time.

const withoutPorts = (text: string): string => text.replace(/port (?!5201)\d+/g, "port N");

test("iperf3: what a TCP test looks like on both sides", async () => {
  const pair = await openIperf3();
  assert.equal(pair.measure({ bitrate: 8e6, length: 10_000 }), null);
  assert.equal(
    withoutPorts(pair.out.out()).replace(/ {3,4}\S+ [KM]Bytes$/gm, "   CWND"),
    `Connecting to host 198.18.0.2, port 5201
[  5] local 198.18.0.1 port N connected to 198.18.0.2 port 5201
[ ID] Interval           Transfer     Bitrate         Retr  Cwnd
[  5]   0.00-1.00   sec   977 KBytes  8.00 Mbits/sec    0   CWND
[  5]   1.00-2.00   sec   977 KBytes  8.00 Mbits/sec    0   CWND
- - - - - - - - - - - - - - - - - - - - - - - - -
[ ID] Interval           Transfer     Bitrate         Retr
[  5]   0.00-2.00   sec  1.91 MBytes  8.00 Mbits/sec    0             sender
[  5]   0.00-2.03   sec  1.91 MBytes  7.90 Mbits/sec                  receiver
`,
  );
  assert.match(
    withoutPorts(pair.serverOut.out()),
    /^-{59}\nServer listening on 5201 \(test #1\)\n-{59}\nAccepted connection from 198\.18\.0\.1, port N\n\[ {2}5\] local 198\.18\.0\.2 port 5201 connected to 198\.18\.0\.1 port N\n\[ ID\] Interval {11}Transfer {5}Bitrate\n/,
  );
});

test("iperf3: what a UDP test with two streams looks like", async () => {
  const pair = await openIperf3();
  const settings = { bitrate: 800_000, length: 1000, streams: 2, seconds: 1 } as const;
  assert.equal(pair.measure({ protocol: "udp", direction: "reverse", ...settings }), null);
  assert.equal(
    withoutPorts(pair.out.out()).replace(/0\.0\d\d ms/g, "J ms"),
    `Connecting to host 198.18.0.2, port 5201
Reverse mode, remote host 198.18.0.2 is sending
[  5] local 198.18.0.1 port N connected to 198.18.0.2 port 5201
[  7] local 198.18.0.1 port N connected to 198.18.0.2 port 5201
[ ID] Interval           Transfer     Bitrate         Jitter    Lost/Total Datagrams
[  5]   0.00-1.00   sec  97.7 KBytes   800 Kbits/sec  J ms  0/100 (0%)
[  7]   0.00-1.00   sec  97.7 KBytes   800 Kbits/sec  J ms  0/100 (0%)
[SUM]   0.00-1.00   sec   195 KBytes  1.60 Mbits/sec  J ms  0/200 (0%)
- - - - - - - - - - - - - - - - - - - - - - - - -
[ ID] Interval           Transfer     Bitrate         Jitter    Lost/Total Datagrams
[  5]   0.00-1.00   sec  98.6 KBytes   806 Kbits/sec  J ms  0/101 (0%)  sender
[  5]   0.00-1.00   sec  97.7 KBytes   800 Kbits/sec  J ms  0/100 (0%)  receiver
[  7]   0.00-1.00   sec  98.6 KBytes   806 Kbits/sec  J ms  0/101 (0%)  sender
[  7]   0.00-1.00   sec  97.7 KBytes   800 Kbits/sec  J ms  0/100 (0%)  receiver
[SUM]   0.00-1.00   sec   197 KBytes  1.61 Mbits/sec  J ms  0/202 (0%)  sender
[SUM]   0.00-1.00   sec   195 KBytes  1.60 Mbits/sec  J ms  0/200 (0%)  receiver
`,
  );
});

test("iperf3 --get-server-output: the server's lines behind the client's", async () => {
  const pair = await openIperf3();
  assert.equal(pair.measure({ seconds: 1, serverOutput: true }), null);
  const [, theirs] = pair.out.out().split("\nServer output:\n");
  assert.match(theirs!, /^Accepted connection from 198\.18\.0\.1/);
  assert.match(theirs!, / receiver\n$/);
});

test("iperf3 --json: the shape of iperf3's document, and sums that agree", async () => {
  const pair = await openIperf3({ json: true });
  assert.equal(pair.measure({ direction: "both", streams: 2 }), null);
  const document = JSON.parse(pair.out.out()) as Iperf3Document;
  const server = JSON.parse(pair.serverOut.out()) as Iperf3Document;
  assert.deepEqual(Object.keys(document), ["start", "intervals", "end"]);
  assert.equal(document.start.timestamp.timesecs, 1_767_225_600);
  assert.deepEqual(document.start.test_start, {
    ...{ protocol: "TCP", num_streams: 2, blksize: 131_072, omit: 0, duration: 2, bytes: 0 },
    ...{ blocks: 0, reverse: 0, bidir: 1, tos: 0, target_bitrate: 0 },
  });
  assert.equal(document.start.connected.length, 4);
  assert.equal(document.start.cookie, server.start.cookie);
  const { end } = document;
  assert.deepEqual(Object.keys(end).sort(), [
    ...["cpu_utilization_percent", "receiver_tcp_congestion", "sender_tcp_congestion", "streams"],
    ...["sum_received", "sum_received_bidir_reverse", "sum_sent", "sum_sent_bidir_reverse"],
  ]);
  assert.equal(end.sum_sent.bytes, end.streams[0]!.sender.bytes + end.streams[1]!.sender.bytes);
  assert.equal(end.sum_received.bytes, server.end.sum_received.bytes);
  assert.equal(end.sum_sent.retransmits, 0);
  assert.equal(document.intervals.length, 2);
  assert.equal(document.intervals[0]!.sum_bidir_reverse.sender, false);
});

test("iperf3 --json: an error is in the document, too", async () => {
  const pair = await openIperf3({ json: true });
  pair.server.close();
  assert.match(pair.measure({})!.message, /ECONNREFUSED/);
  const document = JSON.parse(pair.out.out()) as Iperf3Document;
  assert.match(document.error ?? "", /ECONNREFUSED/);
});

// Two of them on a cable.

function cable(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mote-iperf3-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return `cable:${join(folder, "cable")}`;
}

test("two of them on a cable: a test, and both end with 0", options, async (t) => {
  const link = cable(t);
  const server = mote(t, "iperf3", "-s", "-1", "--link", link);
  await server.says(/Waiting at cable:/);
  const client = mote(t, "iperf3", "-c", "198.18.0.1", "-n", "5M", "-P", "2", "--link", link);
  assert.deepEqual([await client.ended, await server.ended], [0, 0], client.err + server.err);
  assert.match(
    client.text,
    /^\[SUM\] .* 5\.00 MBytes .* sender\n\[SUM\] .* 5\.00 MBytes .* receiver\n$/m,
  );
  assert.match(server.text, /^\[SUM\] .* 5\.00 MBytes .* receiver\n$/m);
  assert.match(server.err, /^The server is 198\.18\.0\.1, port 5201, on cable:/m);
});

test(
  "two of them on a cable: Ctrl-C ends it, tells the server, and prints what there is",
  options,
  async (t) => {
    const link = cable(t);
    const server = mote(t, "iperf3", "-s", "--link", link);
    await server.says(/Waiting at cable:/);
    const client = mote(t, "iperf3", "-c", "198.18.0.1", "-t", "0", "-i", "0.2", "--link", link);
    await client.hears(/( sec .*\n.*){2}/);
    client.child.kill("SIGINT");
    assert.equal(await client.ended, 130);
    assert.match(client.text, / sender\n$/);
    await server.says(/: the client has ended the test\n/);
    assert.match(server.text, / receiver\n/);
  },
);
