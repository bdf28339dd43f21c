// `mote tcpdump` on captures: its lines and other forms, filters, files that are cut off or no captures, writing, and
// command lines that are wrong.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { runCommand } from "../../host/command/cli.js";
import { createLadder } from "../../host/command/tcpdump/ladder.js";
import { createPaint } from "../../host/command/style.js";
import { createConversations } from "../../host/dissect/conversations.js";
import { dissect } from "../../host/dissect/packet.js";
import { readCapture } from "../../host/link/captureReader.js";
import { createPacketWriter } from "../../host/link/pcapng.js";
import { pcapOf, type Recorded } from "../host/support/captures.js";
import { segmentFrame } from "../host/support/talk.js";
import {
  arpFrame,
  ethernetFrame,
  icmpFrame,
  ipFrame,
  mssOption,
  sackPermittedOption,
  scaleOption,
  tcpFrame,
  udpFrame,
} from "../packets/support/frame.js";
import { output } from "./support/output.js";
import { cleanEnvironment, main, startMote } from "./support/process.js";

/** 2023-11-14 22:13:20 UTC. */
const START_US = 1_700_000_000_000_000;

/** One of each, with a retransmission and a window that closes. */
const FRAMES: readonly Uint8Array[] = [
  arpFrame(7),
  segmentFrame("a", "S", {
    seq: 0,
    options: [...mssOption(1460), ...sackPermittedOption, 1, ...scaleOption(2)],
  }),
  segmentFrame("b", "SA", { seq: 0, win: 600, options: [...mssOption(536), 1, ...scaleOption(0)] }),
  segmentFrame("a", "A"),
  segmentFrame("a", "PA", { bytes: 5 }),
  udpFrame(7, { sourcePort: 5353, destinationPort: 5353, data: [1, 2, 3] }),
  segmentFrame("a", "PA", { bytes: 5 }),
  segmentFrame("b", "A", { ack: 6, win: 0 }),
  icmpFrame(7, { type: 8, rest: 0x0007_0001, data: [1, 2] }),
  ipFrame(7, { protocol: 17, fragment: 0x2000 }, new Uint8Array(24)),
  segmentFrame("b", "RA", { ack: 6 }),
];

const recorded: Recorded[] = FRAMES.map((bytes, index) => ({
  timeUs: START_US + index * 100_000,
  bytes,
}));

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "mote-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function capture(t: TestContext, bytes: Uint8Array = pcapOf(recorded)): string {
  const path = join(folder(t), "frames.pcap");
  writeFileSync(path, bytes);
  return path;
}

/** Runs it as people do, in UTC. */
function mote(...words: string[]) {
  const run = spawnSync(process.execPath, [main, "tcpdump", ...words], {
    encoding: "utf8",
    env: cleanEnvironment({ TZ: "UTC" }),
    timeout: 20_000,
  });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}

const GOLDEN = [
  "22:13:20.000000 ARP, Request who-has 192.0.2.1 tell 192.0.2.7, length 46",
  "22:13:20.100000 IP 198.18.0.1.49152 > 198.18.0.2.80: Flags [S], seq 0, win 1000, options [mss 1460,sackOK,nop,wscale 2,eol], length 0",
  "22:13:20.200000 IP 198.18.0.2.80 > 198.18.0.1.49152: Flags [S.], seq 0, ack 1, win 600, options [mss 536,nop,wscale 0], length 0",
  "22:13:20.300000 IP 198.18.0.1.49152 > 198.18.0.2.80: Flags [.], ack 1, win 4000, length 0",
  "22:13:20.400000 IP 198.18.0.1.49152 > 198.18.0.2.80: Flags [P.], seq 1:6, ack 1, win 4000, length 5",
  "22:13:20.500000 IP 192.0.2.7.5353 > 192.0.2.1.5353: mDNS, length 3",
  "22:13:20.600000 IP 198.18.0.1.49152 > 198.18.0.2.80: Flags [P.], seq 1:6, ack 1, win 4000, length 5 [TCP Retransmission]",
  "22:13:20.700000 IP 198.18.0.2.80 > 198.18.0.1.49152: Flags [.], ack 6, win 0, length 0 [TCP ZeroWindow]",
  "22:13:20.800000 IP 192.0.2.7 > 192.0.2.1: ICMP echo request, id 7, seq 1, length 10",
  "22:13:20.900000 IP 192.0.2.7 > 192.0.2.1: UDP fragment of id 0, bytes 0-23, more follow, length 24",
  "22:13:21.000000 IP 198.18.0.2.80 > 198.18.0.1.49152: Flags [R.], seq 1, ack 6, win 1000, length 0",
];

const lines = (...texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("");

test("one line for each frame", (t) => {
  assert.deepEqual(mote("-r", capture(t)), { status: 0, stdout: lines(...GOLDEN), stderr: "" });
});

test("a filter leaves numbers and words as they are; -c ends it", (t) => {
  const file = capture(t);
  const filtered = mote("-nr", file, "tcp", "and", "src", "host", "198.18.0.1", "-c", "4");
  assert.equal(filtered.stdout, lines(...[1, 3, 4, 6].map((index) => GOLDEN[index]!)));
  assert.equal(
    mote("-r", file, "(udp or arp) and not net 198.18.0.0/15", "-c1").stdout,
    lines(GOLDEN[0]!),
  );
});

test("--absolute: numbers as on the wire", (t) => {
  const { stdout } = mote("-r", capture(t), "--absolute", "-c", "2", "src port 80");
  assert.match(stdout, /Flags \[S\.\], seq 4294967040, ack 4294967281, win 600/);
  assert.match(stdout, /Flags \[\.\], ack 4294967286, win 0/);
});

test("-v: every field, and checksums", (t) => {
  const frame = Uint8Array.from(FRAMES[4]!);
  frame[frame.length - 2]! ^= 1;
  const spoiled = [...recorded.slice(0, 4), { timeUs: START_US, bytes: frame }];
  const { stdout } = mote("-r", capture(t, pcapOf(spoiled)), "-v", "tcp", "and", "psh");
  assert.equal(
    stdout,
    lines(
      "22:13:20.000000 02:00:00:00:00:01 > 02:00:00:00:00:01, ethertype IPv4 (0x0800), length 60:",
      "    IP (tos 0x0, ttl 64, id 0, offset 0, flags [DF], proto TCP (6), length 45, cksum 0xaea3 (correct))",
      "    198.18.0.1.49152 > 198.18.0.2.80: Flags [P.], cksum 0x3cb0 (incorrect), seq 1:6, ack 1, win 4000, length 5",
      "    raw seq 4294967281, ack 4294967041, win 1000 (scale <<2), urg 0, conversation 1 of 198.18.0.1.49152",
    ),
  );
});

test("-X: the packet as hex and as text", (t) => {
  const { stdout } = mote("-r", capture(t), "-X", "-c", "1", "psh");
  const [, first, , third] = stdout.split("\n");
  assert.match(
    first!,
    /^\t0x0000: {2}4500 002d 0000 4000 4006 [0-9a-f]{4} c612 0001 {2}E\.\.-\.\.@\.@\.{7}$/,
  );
  assert.match(third!, /^\t0x0020: {2}.* {2}.*aaaaa\.?$/);
});

test("--json: an object for each frame", (t) => {
  const { stdout } = mote("-r", capture(t), "--json");
  const frames = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, never>);
  assert.equal(frames.length, FRAMES.length);
  const again: Record<string, unknown> = frames[6]!;
  assert.deepEqual(
    [again["event"], again["number"], again["time"]],
    ["frame", 7, START_US / 1000 + 600],
  );
  assert.deepEqual(again["tcp"], {
    ...{ conversation: 1, sourcePort: 49_152, destinationPort: 80, flags: "P." },
    ...{
      sequence: 1,
      rawSequence: 4_294_967_281,
      acknowledgment: 1,
      rawAcknowledgment: 4_294_967_041,
    },
    ...{ window: 4000, rawWindow: 1000, windowShift: 2, urgent: 0, length: 5, options: [] },
    words: ["TCP Retransmission"],
  });
  assert.deepEqual(frames[0]!["arp"], {
    ...{ operation: 1, sender: "192.0.2.7", senderMac: "02:00:00:00:00:07" },
    ...{ target: "192.0.2.1", targetMac: "00:00:00:00:00:00" },
  });
  assert.equal(frames[5]!["udp"]!["service"], "mDNS");
});

const LADDER_100 = `         198.18.0.1:49152                                                              198.18.0.2:80
                 CLOSED |                                                             | LISTEN
  0.000000     SYN-SENT |-- SYN seq 0 win 1000 -------------------------------------->| SYN-RECEIVED
  0.100000  ESTABLISHED |<----------------------------- SYN ACK seq 0 ack 1 win 600 --|
  0.200000              |-- ACK ack 1 win 4000 -------------------------------------->| ESTABLISHED
  0.300000              |-- PSH ACK seq 1:6 ack 1 win 4000 -------------------------->|
                        |                    [TCP Retransmission]                     |
  0.500000              |-- PSH ACK seq 1:6 ack 1 win 4000 -------------------------->|
                        |                      [TCP ZeroWindow]                       |
  0.600000              |<----------------------------------------- ACK ack 6 win 0 --|
  0.900000       CLOSED |<------------------------------------- RST ACK seq 1 ack 6 --| CLOSED
`;

test("--ladder: the exchange between its two hosts, with their states", (t) => {
  const file = capture(t);
  const { stdout } = mote("-r", file, "--ladder", "--width", "100");
  assert.equal(stdout, LADDER_100);
  for (const width of [60, 61, 80, 133]) {
    const drawn = mote("-r", file, "--ladder", "--width", String(width))
      .stdout.trimEnd()
      .split("\n");
    assert.ok(
      drawn.every((line) => line.length <= width),
      `${width} columns`,
    );
    assert.ok(drawn.some((line) => line.includes("SYN-RECEIVED")));
  }
});

/** A SYN from another port. */
const otherSyn = (sourcePort: number): Uint8Array =>
  tcpFrame(7, { sourcePort, destinationPort: 80, seq: 1, ack: 0, flags: "S", win: 500 });

test("--ladder: conversations of a file one after another, live ones as they come", () => {
  const draw = (isLive: boolean): string[] => {
    const lines: string[] = [];
    const ladder = createLadder(
      { width: 80, absolute: false, isLive },
      createPaint({}, {}),
      (text) => lines.push(text),
    );
    const conversations = createConversations();
    [FRAMES[1]!, otherSyn(1000), FRAMES[2]!].forEach((bytes, index) => {
      const [number, timeUs, packet] = [index + 1, START_US + index, dissect(bytes)];
      const frame = { timeUs, bytes, length: bytes.length, direction: null };
      ladder.add({ number, frame, packet, segment: conversations.follow(number, timeUs, packet) });
    });
    if (isLive) assert.ok(lines.length > 0, "it draws at once");
    ladder.end();
    return lines.map((text) => /[\d.]+:\d+|-- SYN( ACK)?|^$|CLOSED/.exec(text)![0]);
  };
  const [first, second] = ["198.18.0.1:49152", "192.0.2.7:1000"];
  const begin = ["CLOSED", "-- SYN"];
  assert.deepEqual(draw(false), [first, ...begin, "-- SYN ACK", "", second, ...begin]);
  assert.deepEqual(draw(true), [first, ...begin, "", second, ...begin, "", first, "-- SYN ACK"]);
});

test("frames of other protocols, and those that are cut off or make no sense", (t) => {
  const ipv6 = [0x60, 0, 0, 0, 0, 8, 58, 255, ...Array(15).fill(0), 1, ...Array(15).fill(0), 2];
  const syn = FRAMES[1]!;
  const others: Recorded[] = [
    ethernetFrame(1, { type: 0x86dd }, [...ipv6, ...Array(8).fill(0)]),
    ethernetFrame(1, { type: 0x88cc }, [1]),
    ethernetFrame(1, { type: 38 }, [1]),
    Uint8Array.of(...syn.subarray(0, 12), 0x81, 0, 0, 7, ...syn.subarray(12)),
    ipFrame(7, { protocol: 2 }, new Uint8Array(8)),
    tcpFrame(7, { sourcePort: 1, destinationPort: 2, seq: 0, ack: 0, flags: "S", offset: 4 }),
    ipFrame(7, { version: 5 }, new Uint8Array(8)),
    Uint8Array.of(1, 2, 3),
  ].map((bytes, index) => ({ timeUs: START_US + index, bytes }));
  const { stdout } = mote("-r", capture(t, pcapOf(others)));
  assert.deepEqual(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.slice("22:13:20.000000 ".length)),
    [
      "IP6 ::1 > ::2: ICMP6, length 8",
      "ethertype 0x88cc, length 46",
      "802.3, length 38",
      `vlan 7, ${GOLDEN[1]!.slice("22:13:20.000000 ".length)}`,
      "IP 192.0.2.7 > 192.0.2.1: IGMP, length 8",
      "IP 192.0.2.7 > 192.0.2.1: [|tcp], length 20",
      "[|ip], length 46",
      "[|ethernet], length 3",
    ],
  );
});

test("-w: frames as they were, nothing overwritten without --force", (t) => {
  const [file, into] = [capture(t), join(folder(t), "some.pcapng")];
  const written = mote("-r", file, "-w", into, "tcp");
  assert.deepEqual(written, { status: 0, stdout: "", stderr: `7 frames written to ${into}.\n` });
  const before = readFileSync(into);
  const found = [...readCapture(before)];
  assert.deepEqual(
    found.map(({ timeUs, bytes }) => [timeUs, Buffer.from(bytes)]),
    recorded
      .filter(({ bytes }) => bytes[23] === 6 && bytes[13] === 0)
      .map(({ timeUs, bytes }) => [timeUs, Buffer.from(bytes)]),
  );
  const refused = mote("-r", file, "-w", into);
  assert.equal(refused.status, 1);
  assert.match(
    refused.stderr,
    /is there already, and nothing is overwritten\n {2}--force overwrites it\n$/,
  );
  assert.deepEqual(readFileSync(into), before);
  assert.equal(mote("-r", file, "-w", into, "--force").status, 0);
  assert.equal([...readCapture(readFileSync(into))].length, FRAMES.length);
});

test("-w keeps directions, and the length of frames that were kept in part", (t) => {
  const chunks: Buffer[] = [];
  const writer = createPacketWriter((bytes) => chunks.push(Buffer.from(bytes)));
  writer.frame(FRAMES[1]!, "tx", START_US);
  writer.frame(FRAMES[2]!, "rx", START_US + 1);
  writer.frame(FRAMES[4]!.subarray(0, 54), null, START_US + 2, 59);
  writer.close();
  const [file, into] = [capture(t, Buffer.concat(chunks)), join(folder(t), "same.pcapng")];
  assert.equal(mote("-r", file, "-w", into).status, 0);
  assert.deepEqual(
    [...readCapture(readFileSync(into))].map(({ direction, length, bytes }) => [
      direction,
      length,
      bytes.length,
    ]),
    [
      ["tx", 66, 66],
      ["rx", 62, 62],
      [null, 59, 54],
    ],
  );
  assert.match(mote("-r", into, "psh").stdout, /length 5 \(54 bytes kept\)$/m);
});

test("-w -: bytes for a program behind it, and not for a terminal", async (t) => {
  const file = capture(t);
  const run = spawnSync(process.execPath, [main, "tcpdump", "-r", file, "-w", "-", "arp"]);
  assert.equal(String(run.stderr), "");
  assert.deepEqual(
    [...readCapture(run.stdout)].map(({ bytes }) => Buffer.from(bytes)),
    [Buffer.from(FRAMES[0]!)],
  );
  const { io, err } = output();
  const terminal = Object.assign(io.stdout, { isTTY: true });
  assert.equal(
    await runCommand(["tcpdump", "-r", file, "-w", "-"], { ...io, stdout: terminal }),
    2,
  );
  assert.match(
    err(),
    /^mote tcpdump: -w - writes bytes, not text; pipe it, as in: -w - \| wireshark -k -i -\n$/,
  );
});

test("a file that is cut off: what is whole, then one line", (t) => {
  const bytes = pcapOf(recorded);
  const { status, stdout, stderr } = mote("-r", capture(t, bytes.subarray(0, -10)));
  assert.equal(stdout, lines(...GOLDEN.slice(0, -1)));
  assert.match(
    stderr,
    /^mote tcpdump: \S+frames\.pcap cannot be read: capture, offset \d+: a frame takes 60 bytes, and 50 are left: the file is cut off\n$/,
  );
  assert.equal(status, 1);
});

const unreadable: readonly [what: string, bytes: Uint8Array, says: RegExp][] = [
  [
    "text",
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    /neither pcap nor pcapng: it begins with 47 45 54 20/,
  ],
  ["nothing", Buffer.alloc(0), /a capture has at least 24 bytes, and 0 are left/],
  ["gzip", Buffer.from([0x1f, 0x8b, 8, 0, 0]), /it is compressed by gzip; unpack it first/],
  [
    "another link",
    pcapOf(recorded, { linkType: 101 }),
    /link type 101 \(raw IP\), and only Ethernet/,
  ],
];
for (const [what, bytes, says] of unreadable) {
  test(`a file that is no capture of Ethernet (${what}): one line, and nothing is written`, (t) => {
    const into = join(folder(t), "out.pcapng");
    const { status, stdout, stderr } = mote("-r", capture(t, bytes), "-w", into, "--force");
    assert.match(stderr, says);
    assert.equal(stderr.trim().split("\n").length, 1);
    assert.deepEqual([status, stdout, existsSync(into)], [1, "", false]);
  });
}

test("no such file, no such interface: one line", () => {
  const file = mote("-r", "/nowhere/x.pcap");
  assert.deepEqual(
    [file.status, file.stderr],
    [1, "mote tcpdump: /nowhere/x.pcap cannot be read: there is no such file\n"],
  );
  const device = mote("-i", "nowhere0");
  assert.equal(device.status, 1);
  assert.match(
    device.stderr,
    /^mote tcpdump: (there is no network interface nowhere0|capturing on nowhere0 needs|this kernel has no packet sockets|live captures need)/,
  );
});

test("whoever reads has gone: it ends, and says nothing", async (t) => {
  const many = Array.from({ length: 20_000 }, (_, index) => ({
    timeUs: START_US + index,
    bytes: FRAMES[index % FRAMES.length]!,
  }));
  const run = startMote(t, ["tcpdump", "-r", capture(t, pcapOf(many))]);
  run.child.stdout!.destroy();
  assert.equal(await run.ended, 0);
  assert.equal(run.err, "");
});

test("colours on a terminal only, and not under NO_COLOR", async (t) => {
  const file = capture(t);
  assert.doesNotMatch(mote("-r", file).stdout, /\u001b/);
  const paint = createPaint({ isTTY: true }, {});
  const shown = output();
  assert.equal(await runCommand(["tcpdump", "-r", file], { ...shown.io, paint }), 0);
  assert.match(shown.out(), /\u001b\[31m\[TCP Retransmission\]\u001b\[39m\n/);
});

const wrong: readonly [words: readonly string[], says: RegExp][] = [
  [["-r", "x", "-i", "y"], /-r, -i or --stack: one of them says where frames come from/],
  [["-i", "x", "--stack", "y"], /-r, -i or --stack: one of them/],
  [["--stack", "no name"], /--stack takes the name of a running stack/],
  [["-i", "a/b"], /-i takes the name of a network interface, as in -i mote0, not "a\/b"/],
  [["-r", "x", "-c", "0"], /-c takes a whole number from 1 to/],
  [
    ["-r", "x", "hots", "1.2.3.4"],
    /filter: "hots" is no word of filters \(did you mean host\?\), in: >hots< 1\.2\.3\.4/,
  ],
  [
    ["-r", "x", "port"],
    /filter: expected a port from 0 to 65535, as in port 80, found the end, in: port >< */,
  ],
  [["-r", "x", "--json", "--ladder"], /--json or --ladder, not both/],
  [["-r", "x", "--json", "-X"], /--json has everything of a segment; leave out -X/],
  [["-r", "x", "--ladder", "-v"], /--ladder draws segments; leave out -v/],
  [["-r", "x", "-w", "y", "--json"], /-w writes frames and shows none; leave out --json/],
  [["-r", "x", "--force"], /--force lets -w FILE overwrite a file/],
  [["-r", "x", "--width", "80"], /--width is for --ladder/],
  [
    ["-r", "x", "--ladder", "--width", "59"],
    /--width takes a whole number from 60 to 400, not "59"/,
  ],
  [["-r", "x", "--laddr"], /did you mean --ladder\?/],
];
for (const [words, says] of wrong) {
  test(`mote tcpdump ${words.join(" ")}: one line, exit code 2`, async () => {
    const { io, out, err } = output();
    assert.equal(await runCommand(["tcpdump", ...words], io), 2);
    assert.equal(out(), "");
    assert.match(err(), /^mote tcpdump: [^\n]+\n$/);
    assert.match(err(), says);
  });
}

test("its help has options, examples and exit codes, and fits 100 columns", async () => {
  const { io, out } = output();
  assert.equal(await runCommand(["tcpdump", "--help"], io), 0);
  assert.match(out(), /^Usage: mote tcpdump \[options\] \[filter\.\.\.\]\n/);
  assert.match(out(), /Examples:\n {2}mote tcpdump -r /);
  assert.match(out(), /Exit codes:\n {2}0 [^\n]+\n {2}1 [^\n]+\n {2}2 [^\n]+\n {2}130 /);
  const longest = Math.max(
    ...out()
      .split("\n")
      .map((line) => line.length),
  );
  assert.ok(longest <= 100, `${longest} columns`);
});
