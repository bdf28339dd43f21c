// Captures of our own stacks on bad lines, with closed windows and with keepalive, read by us and by tshark: every
// field of every segment, and every word. And `mote tcpdump` live on a TAP device.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createConversations, type Segment } from "../../host/dissect/conversations.js";
import { dissect, type Packet } from "../../host/dissect/packet.js";
import { FIN } from "../../host/dissect/tcp.js";
import type { TcpOption } from "../../host/dissect/tcpOptions.js";
import { readCapture } from "../../host/link/captureReader.js";
import { startMote } from "../command/support/process.js";
import { again, exchange, record, silence, stall, type Stage } from "../host/support/recordings.js";
import { until } from "../host/support/until.js";
import { skip } from "./support/namespace.js";
import { BOUND, output, POWERLESS } from "./support/programs.js";
import { startServe } from "./support/serve.js";
import { dissect as tsharkFields } from "./support/tshark.js";

const options = { skip, timeout: 120_000 };

/** Fields of a segment, by tshark's names. */
const FIELDS = [
  "tcp.seq",
  "tcp.seq_raw",
  "tcp.ack",
  "tcp.ack_raw",
  "tcp.flags",
  "tcp.window_size_value",
  "tcp.window_size",
  "tcp.urgent_pointer",
  "tcp.checksum",
  "tcp.hdr_len",
  "tcp.len",
  "tcp.options.mss_val",
  "tcp.options.wscale.shift",
  "tcp.options.timestamp.tsval",
  "tcp.options.timestamp.tsecr",
  "tcp.options.sack_le",
  "tcp.options.sack_re",
  "tcp.option_kind",
] as const;

/** Fields that are there when a word is said. */
const ANALYSIS = {
  "tcp.analysis.window_full": "TCP Window Full",
  "tcp.analysis.zero_window": "TCP ZeroWindow",
  "tcp.analysis.window_update": "TCP Window Update",
  "tcp.analysis.zero_window_probe": "TCP ZeroWindowProbe",
  "tcp.analysis.zero_window_probe_ack": "TCP ZeroWindowProbeAck",
  "tcp.analysis.fast_retransmission": "TCP Fast Retransmission",
  "tcp.analysis.spurious_retransmission": "TCP Spurious Retransmission",
  "tcp.analysis.out_of_order": "TCP Out-Of-Order",
  "tcp.analysis.lost_segment": "TCP Previous segment not captured",
  "tcp.analysis.ack_lost_segment": "TCP ACKed unseen segment",
  "tcp.analysis.keep_alive": "TCP Keep-Alive",
  "tcp.analysis.keep_alive_ack": "TCP Keep-Alive ACK",
  "tcp.analysis.reused_ports": "TCP Port numbers reused",
} as const;

/** tshark has it for fast and spurious ones, too. */
const RETRANSMISSION = "tcp.analysis.retransmission";
const DUP_ACK = ["tcp.analysis.duplicate_ack_frame", "tcp.analysis.duplicate_ack_num"] as const;

type Row = Readonly<Record<string, string>>;

/** What tshark says of the segments of a capture. */
async function readByTshark(
  file: string,
): Promise<{ number: number; fields: Row; words: string[] }[]> {
  const rows: Row[] = await tsharkFields(file, "tcp && !icmp", [
    ...["frame.number", ...FIELDS, ...Object.keys(ANALYSIS), RETRANSMISSION, ...DUP_ACK],
  ]);
  return rows.map((row) => {
    const words: string[] = Object.entries(ANALYSIS).flatMap(([field, word]) =>
      row[field] ? [word] : [],
    );
    const isKind = words.some((word) => / (Fast|Spurious) /.test(word));
    if (row[RETRANSMISSION] && !isKind) words.push("TCP Retransmission");
    const [frame, count] = DUP_ACK.map((field) => row[field]);
    if (frame) words.push(`TCP Dup ACK ${frame}#${count}`);
    return { number: Number(row["frame.number"]), fields: row, words: words.sort() };
  });
}

/** The same fields, as we read them. */
function fieldsOf({ tcp }: Packet, segment: Segment): Row {
  const { sequence, acknowledgment, flags, window, urgent, checksum, headerBytes, dataBytes } =
    tcp!;
  const of = <Name extends TcpOption["name"]>(name: Name) =>
    tcp!.options.filter((option): option is TcpOption & { name: Name } => option.name === name);
  const list = (numbers: readonly number[]): string => numbers.join(",");
  const hex = (value: number): string => `0x${value.toString(16).padStart(4, "0")}`;
  return {
    "tcp.seq": String(segment.sequence),
    "tcp.seq_raw": String(sequence),
    "tcp.ack": String(segment.acknowledgment),
    "tcp.ack_raw": String(acknowledgment),
    "tcp.flags": hex(flags),
    "tcp.window_size_value": String(window),
    "tcp.window_size": String(segment.windowBytes),
    "tcp.urgent_pointer": String(urgent),
    "tcp.checksum": hex(checksum),
    "tcp.hdr_len": String(headerBytes),
    "tcp.len": String(dataBytes),
    "tcp.options.mss_val": list(of("mss").map((option) => ("value" in option ? option.value : 0))),
    "tcp.options.wscale.shift": list(
      of("wscale").map((option) => ("value" in option ? option.value : 0)),
    ),
    "tcp.options.timestamp.tsval": list(of("TS").map(({ value }) => value)),
    "tcp.options.timestamp.tsecr": list(of("TS").map(({ echo }) => echo)),
    "tcp.options.sack_le": list(segment.sacks.map(([left]) => left)),
    "tcp.options.sack_re": list(segment.sacks.map(([, right]) => right)),
    "tcp.option_kind": list(tcp!.options.map(({ kind }) => kind)),
  };
}

function readByUs(file: Uint8Array): { number: number; fields: Row; words: string[] }[] {
  const conversations = createConversations();
  let number = 0;
  return [...readCapture(file)].flatMap(({ timeUs, bytes, length }) => {
    const packet = dissect(bytes, length);
    const segment = conversations.follow(++number, timeUs, packet);
    if (segment === null) return [];
    return [{ number, fields: fieldsOf(packet, segment), words: [...segment.words].sort() }];
  });
}

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mote-tcpdump-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const bad = { loss: 0.03, delay: 20, seed: 1 };

interface Run {
  readonly name: string;
  readonly recorded: Parameters<typeof record>[0];
  play(stage: Stage): void;
  /** Words that must be in it: a run without them would compare nothing. */
  readonly has: readonly string[];
}

const runs: readonly Run[] = [
  { name: "a good line", recorded: {}, play: exchange(100_000, 3), has: [] },
  ...[1, 2, 3].map((seed) => ({
    name: `loss, seen before it, seed ${seed}`,
    recorded: { impairments: { ...bad, seed } },
    play: exchange(300_000, 2),
    has: ["TCP Dup ACK", "TCP Retransmission"],
  })),
  ...[4, 5].map((seed) => ({
    name: `loss, seen behind it, seed ${seed}`,
    recorded: { impairments: { ...bad, seed }, at: "b" as const },
    play: exchange(300_000, 2),
    has: ["TCP Dup ACK", "TCP Previous segment not captured"],
  })),
  {
    name: "disorder and duplicates",
    recorded: { impairments: { delay: 10, reorder: 0.05, duplicate: 0.03, seed: 6 }, at: "b" },
    play: exchange(300_000, 2),
    has: ["TCP Out-Of-Order", "TCP Spurious Retransmission"],
  },
  {
    name: "loss, without SACK and timestamps",
    recorded: { impairments: { ...bad, seed: 7 }, profiles: ["esp32", "esp32"] },
    play: exchange(60_000, 2),
    has: ["TCP Retransmission"],
  },
  {
    name: "a closed window",
    recorded: { impairments: { delay: 5 } },
    play: stall(300_000, 20_000),
    has: [
      "TCP ZeroWindow",
      "TCP ZeroWindowProbe",
      "TCP ZeroWindowProbeAck",
      "TCP Window Update",
      "TCP Window Full",
    ],
  },
  {
    name: "a closed window on a bad line",
    recorded: { impairments: { loss: 0.1, delay: 5, seed: 8 }, profiles: ["tiny", "desktop"] },
    play: stall(200_000, 20_000),
    has: ["TCP ZeroWindow"],
  },
  {
    name: "keepalive",
    recorded: { impairments: { delay: 5 } },
    play: silence(60_000),
    has: ["TCP Keep-Alive", "TCP Keep-Alive ACK"],
  },
  {
    name: "resets, and ports used again",
    recorded: {},
    play: again(3),
    has: ["TCP Port numbers reused"],
  },
];

/** Where we say something else than tshark 4.0, and why that is right. */
interface Difference {
  readonly reason: string;
  /** Words that only we say, and those that only tshark says, in these runs. */
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  readonly runs: RegExp;
}

const DIFFERENCES: readonly Difference[] = [
  {
    reason:
      "These very numbers were seen before, so they come again and not late; tshark looks only at the time since " +
      "the highest number.",
    ours: ["TCP Retransmission"],
    theirs: ["TCP Out-Of-Order"],
    runs: /^disorder and duplicates$/,
  },
  {
    reason:
      "The ACK is of the byte of a zero-window probe, for which the window has opened: it was seen. tshark forgets " +
      "the bytes of probes.",
    ours: [],
    theirs: ["TCP ACKed unseen segment"],
    runs: /^a closed window on a bad line$/,
  },
  {
    reason: "The number behind such a byte is in order.",
    ours: [],
    theirs: ["TCP Previous segment not captured"],
    runs: /^a closed window on a bad line$/,
  },
];

function isKnown(run: string, ours: readonly string[], theirs: readonly string[]): boolean {
  const onlyOurs = ours.filter((word) => !theirs.includes(word)).join();
  const onlyTheirs = theirs.filter((word) => !ours.includes(word)).join();
  const known = DIFFERENCES.find(
    ({ runs, ...words }) =>
      runs.test(run) && words.ours.join() === onlyOurs && words.theirs.join() === onlyTheirs,
  );
  if (known !== undefined) found.add(known);
  return known !== undefined;
}

/** Those that were met. */
const found = new Set<Difference>();

for (const { name, recorded, play, has } of runs) {
  test(`${name}: we read what tshark reads`, options, async (t) => {
    const bytes = await record(recorded, play);
    const file = join(temporary(t), "run.pcapng");
    writeFileSync(file, bytes);
    const [ours, theirs] = [readByUs(bytes), await readByTshark(file)];
    assert.ok(ours.length > 10);
    assert.deepEqual(
      ours.map(({ number }) => number),
      theirs.map(({ number }) => number),
    );
    const wrong: string[] = [];
    ours.forEach(({ number, fields, words }, index) => {
      const other = theirs[index]!;
      for (const field of FIELDS) {
        if (fields[field] !== other.fields[field]) {
          wrong.push(`frame ${number}: ${field} ${fields[field]}, tshark ${other.fields[field]}`);
        }
      }
      if (words.join() !== other.words.join() && !isKnown(name, words, other.words)) {
        wrong.push(`frame ${number}: ${words.join()}, tshark ${other.words.join()}`);
      }
    });
    assert.deepEqual(wrong, []);
    const said = new Set(
      ours.flatMap(({ words }) => words.map((word) => word.replace(/ \d+#.*/, ""))),
    );
    for (const word of has) assert.ok(said.has(word), `${word} is in the run`);
    t.diagnostic(`${ours.length} segments; ${[...said].join(", ")}`);
  });
}

test("each difference that is listed was met", options, () => {
  const idle = DIFFERENCES.filter((known) => !found.has(known)).map(({ reason }) => reason);
  assert.deepEqual(idle, []);
});

test("live on a TAP device: lines as they come, -c ends it", options, async (t) => {
  const served = await startServe(t, ["hello", "--link", "tap:mote0"]);
  const watch = ["tcpdump", "-i", "tap:mote0", "-c", "3", "tcp"];
  const process = startMote(t, watch, { through: BOUND });
  await until(() => process.err.includes("Listening on mote0"), "it listens", 10_000);
  await output(["nc", "-N", served.address, String(served.port("hello"))], { input: ["mote"] });
  assert.equal(await process.ended, 0);
  const [syn, synAck, ack, ...more] = process.out.trim().split("\n");
  assert.match(
    syn!,
    /^\d\d:\d\d:\d\d\.\d{6} IP [\d.]+ > [\d.]+: Flags \[S\], seq 0, win \d+, options \[mss 1460,/,
  );
  assert.match(synAck!, /: Flags \[S\.\], seq 0, ack 1, win /);
  assert.match(ack!, /: Flags \[\.\], ack 1, win \d+, /);
  assert.deepEqual(more, []);
  assert.match(
    process.err,
    /^\d+ frames seen, 3 passed the filter, 0 frames dropped by the kernel\.$/m,
  );
  assert.equal(await served.stop(), 0);
});

test("live into a file until Ctrl-C: tshark reads it, with directions", options, async (t) => {
  const served = await startServe(t, ["hello", "--link", "tap:mote0"]);
  const file = join(temporary(t), "live.pcapng");
  const process = startMote(t, ["tcpdump", "-i", "mote0", "-w", file, "tcp"], { through: BOUND });
  await until(() => process.err.includes("Listening on mote0"), "it listens", 10_000);
  const hello = ["nc", "-N", served.address, String(served.port("hello"))];
  assert.equal(await output(hello, { input: ["mote"] }), "hello ->mote");
  const fins = (): number => {
    const written = readFileSync(file);
    try {
      return [...readCapture(written)].filter(({ bytes }) => dissect(bytes).tcp!.flags & FIN)
        .length;
    } catch (error) {
      // It was read while it was written; what is wrong with it, tshark says at the end.
      if (String(error).includes("the file is cut off")) return 0;
      throw error;
    }
  };
  await until(() => fins() >= 2, "the exchange is written", 10_000);
  process.child.kill("SIGINT");
  assert.equal(await process.ended, 0);
  assert.equal(await served.stop(), 0);
  const rows = await tsharkFields(file, "tcp", ["tcp.flags", "frame.packet_flags_direction"]);
  assert.deepEqual(
    rows.slice(0, 2).map((row) => Object.values(row).map(Number)),
    [
      [0x002, 2],
      [0x012, 1],
    ],
  );
  assert.match(process.err, new RegExp(`^${rows.length} frames written to `, "m"));
});

test("no such interface, and an interface that goes away", options, async (t) => {
  const missing = startMote(t, ["tcpdump", "-i", "mote9"], { through: BOUND });
  assert.equal(await missing.ended, 1);
  assert.match(
    missing.err,
    /^mote tcpdump: there is no network interface mote9 \((one of|did you mean)/,
  );
  await output(["ip", "link", "add", "one", "type", "veth", "peer", "name", "two"]);
  await output(["ip", "link", "set", "one", "up"]);
  const process = startMote(t, ["tcpdump", "-i", "one"], { through: BOUND });
  await until(() => process.err.includes("Listening on one"), "it listens", 10_000);
  await output(["ip", "link", "delete", "one"]);
  assert.equal(await process.ended, 1);
  assert.match(
    process.err,
    /^mote tcpdump: interface one has gone down, or is not there any more/m,
  );
});

test("without the right to capture: one line, and the command that helps", options, async (t) => {
  const process = startMote(t, ["tcpdump", "-i", "lo"], { through: POWERLESS });
  assert.equal(await process.ended, 1);
  assert.match(
    process.err,
    /^mote tcpdump: capturing on lo needs the right CAP_NET_RAW, which this user lacks\n {2}sudo [^\n]+ -i lo\n$/,
  );
});

test("live, and whoever reads has gone: it ends with the next line", options, async (t) => {
  const process = startMote(t, ["tcpdump", "-i", "lo", "icmp"], { through: BOUND });
  await until(() => process.err.includes("Listening on lo"), "it listens", 10_000);
  process.child.stdout!.destroy();
  await output(["ping", "-c", "3", "-i", "0.2", "127.0.0.1"]);
  assert.equal(await process.ended, 0);
});
