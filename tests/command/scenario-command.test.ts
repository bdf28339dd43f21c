// `mote scenario`: its pages, lists and captures, command lines that are wrong, and the guide that is made from it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { runCommand } from "../../host/command/cli.js";
import { parseScenario } from "../../host/command/scenario/options.js";
import { scenario } from "../../host/command/scenario/run.js";
import { readCapture } from "../../host/link/captureReader.js";
import { scenarios } from "../../host/scenario/catalogue.js";
import { fromRoot } from "../static/support/module.js";
import { output } from "./support/output.js";
import { cleanEnvironment, main } from "./support/process.js";

async function mote(...words: string[]) {
  const { io, out, err } = output();
  const code = await runCommand(["scenario", ...words], io);
  return { code, out: out(), err: err() };
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "mote-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const O5 = `O5  Simultaneous open

Both hosts call connect() at the same moment, each to the port that the other
one calls from. Nobody listens, and still they meet: the two SYNs cross on the
wire, and what comes of it is one connection, not two.

          198.18.0.1:7001                                        198.18.0.2:7002
                 CLOSED |                                         | CLOSED
     0.000    connect() |                                         |
               SYN-SENT |-- SYN seq 0 --------------...           |
                        |                                         | connect()
           SYN-RECEIVED |<--------------------------- SYN seq 0 --| SYN-SENT
                        |          [TCP Retransmission]           |
     0.010              |-- SYN ACK seq 0 ack 1 ---------...      |
                        |.. SYN seq 0 --------------------------->| SYN-RECEIVED
                        |          [TCP Retransmission]           |
            ESTABLISHED |<----------------- SYN ACK seq 0 ack 1 --|
     0.020              |.. SYN ACK seq 0 ack 1 ----------------->| ESTABLISHED

States
  client  CLOSED → SYN-SENT → SYN-RECEIVED → ESTABLISHED
  server  CLOSED → SYN-SENT → SYN-RECEIVED → ESTABLISHED
`;

test("O5: the page, from its title to the states of both sides", async () => {
  const { code, out, err } = await mote("O5");
  assert.equal(out.slice(0, O5.length), O5);
  assert.match(out, /\nAs it should: \d+ checks, 0\.320 s of virtual time, seed 1\.\n$/);
  assert.deepEqual([code, err], [0, ""]);
});

/** The ladder of a page. */
const ladderOf = (out: string): string =>
  out
    .split("\n")
    .filter((line) => / \|.{41}\|/.test(line))
    .join("\n");

const D1 = `                 CLOSED |                                         | LISTEN
     0.000    connect() |                                         |
               SYN-SENT |-- SYN seq 8000 ------------------------>| SYN-RECEIVED
     0.010  ESTABLISHED |<---------- SYN ACK seq 15000 ack 8001 --|
     0.020              |-- ACK ack 15001 ----------------------->| ESTABLISHED
     0.030    send 1000 |                                         |
                        |-- PSH ACK seq 8001:9001 ack 15001 ----->|
              send 1000 |                                         |
                        |-- PSH ACK seq 9001:10001 ack 15001 ---->|
     0.040              |                                         | send 2000
                        |<--- PSH ACK seq 15001:17001 ack 10001 --|
     0.090              |-- ACK ack 17001 ----------------------->|`;

test("D1: numbers from 8000 and 15000 on, 2,000 bytes in one segment", async () => {
  assert.equal(ladderOf((await mote("d1")).out), D1);
});

const C5 = `                 CLOSED |                                         | LISTEN
     0.000    connect() |                                         |
               SYN-SENT |-- SYN seq 0 --------------------------->| SYN-RECEIVED
     0.010  ESTABLISHED |<----------------- SYN ACK seq 0 ack 1 --|
     0.020              |-- ACK ack 1 --------------------------->| ESTABLISHED
     0.030   shutdown() |                                         |
             FIN-WAIT-1 |-- FIN ACK seq 1 ack 1 ----------------->| CLOSE-WAIT
     0.040   FIN-WAIT-2 |<--------------------------- ACK ack 2 --|
     0.140              |                                         | close()
              TIME-WAIT |<----------------- FIN ACK seq 1 ack 2 --| LAST-ACK
     0.150              |-- ACK ack 2 --------------X             |
                close() |                                         |
                        |          [TCP Retransmission]           |
     0.340              |<----------------- FIN ACK seq 1 ack 2 --|
                        |            [TCP ZeroWindow]             |
     0.350              |-- ACK ack 2 --------------------------->| CLOSED
    60.432       CLOSED |                                         |
              connect() |                                         |
                        |        [TCP Port numbers reused]        |
               SYN-SENT |-- SYN seq 0 --------------------------->| SYN-RECEIVED
    60.442  ESTABLISHED |<----------------- SYN ACK seq 0 ack 1 --|
    60.452              |-- ACK ack 1 --------------------------->| ESTABLISHED`;

test("C5: the lost ACK, the FIN that comes again, and a minute of TIME-WAIT", async () => {
  assert.equal(ladderOf((await mote("C5")).out), C5);
});

test("D6 takes hours of virtual time, and no time", async () => {
  const startMs = performance.now();
  const { out } = await mote("D6");
  assert.match(out, /\n 18751\.090 +CLOSED \|-- RST ACK seq 11 ack 1 -+X /);
  assert.ok(performance.now() - startMs < 20_000);
});

test("without an ID, and with --list: one line each, and nothing is run", async () => {
  const { code, out } = await mote();
  assert.equal(code, 0);
  for (const { id, title } of scenarios) assert.match(out, new RegExp(`^  ${id} +${title}$`, "m"));
  assert.equal((await mote("--list")).out, out);
  const listed = (await mote("--list", "--json")).out.trimEnd().split("\n");
  assert.deepEqual(
    listed.map((line) => (JSON.parse(line) as { id: string }).id),
    scenarios.map(({ id }) => id),
  );
});

test("all: each page, one behind the other", async () => {
  const { code, out } = await mote("all");
  const titles = out.split("\n").filter((line) => /^[ODCL]\d+ {2}/.test(line));
  assert.deepEqual(
    titles,
    scenarios.map(({ id, title }) => `${id}  ${title}`),
  );
  assert.equal(out.match(/^As it should: /gm)?.length, scenarios.length);
  assert.equal(code, 0);
});

test("--json: an object for each, with segments, states and calls", async () => {
  const { out } = await mote("O11", "C8", "--json");
  const [refused, abort] = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(abort.id, "C8");
  const { id, passed, failures, seed, histories, events } = refused;
  assert.deepEqual(
    { id, passed, failures, seed },
    { id: "O11", passed: true, failures: [], seed: 1 },
  );
  assert.deepEqual(histories, [
    {
      clientPort: 50001,
      serverPort: 8000,
      client: ["CLOSED", "SYN-SENT", "CLOSED"],
      server: ["CLOSED"],
    },
  ]);
  const kinds = events.map(({ kind }: { kind: string }) => kind);
  assert.deepEqual(kinds, ["call", "state", "segment", "segment", "state"]);
  const { label, from, lost, atMs, arrivedMs, words } = events[3];
  assert.deepEqual(
    { label, from, lost, atMs, arrivedMs, words },
    {
      ...{ label: "RST ACK seq 0 ack 1", from: "server", lost: false },
      ...{ atMs: 10, arrivedMs: 20, words: [] },
    },
  );
});

test("--seed: other numbers, the same episode", async () => {
  const [one, again, two] = [
    await mote("O9"),
    await mote("O9", "--seed", "1"),
    await mote("O9", "--seed", "2"),
  ];
  assert.equal(one.out, again.out);
  assert.notEqual(one.out, two.out);
  assert.match(two.out, /seed 2\.\n$/);
  assert.equal(ladderOf(one.out), ladderOf(two.out));
});

test("--width: a wider ladder", async () => {
  const { out } = await mote("O1", "--width", "100");
  assert.equal(Math.max(...out.split("\n").map((line) => line.length)), 100);
});

test("--pcap: frames with the times of the ladder; what is there stays, but with --force", async (t) => {
  const path = join(folder(t), "o1.pcapng");
  const first = await mote("O1", "--pcap", path);
  assert.deepEqual([first.code, first.err], [0, `9 frames written to ${path}.\n`]);
  const bytes = readFileSync(path);
  const frames = [...readCapture(bytes)];
  assert.equal(frames.length, 9);
  const [syn, answer] = frames.slice(-3);
  assert.equal(answer!.timeUs - syn!.timeUs, 10_000);

  writeFileSync(path, "precious");
  const second = await mote("O1", "-w", path);
  assert.deepEqual([second.code, second.out], [1, ""]);
  assert.equal(
    second.err,
    `mote scenario: ${path} is there already, and nothing is overwritten\n  --force overwrites it\n`,
  );
  assert.equal(readFileSync(path, "utf8"), "precious");
  assert.equal((await mote("O1", "-w", path, "--force")).code, 0);
  assert.ok(readFileSync(path).equals(bytes));
});

test("--pcap where nothing can be written: one line, and nothing is run", async (t) => {
  const path = join(folder(t), "nowhere", "o1.pcapng");
  const { code, out, err } = await mote("O1", "--pcap", path);
  assert.deepEqual([code, out], [1, ""]);
  assert.equal(err, `mote scenario: ${path} cannot be written: its folder does not exist\n`);
  assert.ok(!existsSync(path));
});

test("--pcap -: a capture on stdout, and nothing else", () => {
  const words = [main, "scenario", "O1", "-w", "-"];
  const { status, stdout } = spawnSync(process.execPath, words, {
    env: cleanEnvironment(),
    timeout: 30_000,
  });
  assert.equal(status, 0);
  assert.equal([...readCapture(stdout)].length, 9);
});

test("command lines that are wrong: one line that says what would be right, exit code 2", async () => {
  const lines: readonly (readonly [string[], string])[] = [
    [["P5"], 'there is no scenario "P5" (did you mean O5?)'],
    [["al"], 'there is no scenario "al" (did you mean all?)'],
    [["handshake"], 'there is no scenario "handshake" (mote scenario lists all)'],
    [["--list", "O1"], "--list lists all scenarios; leave out which"],
    [["--pcap", "x"], "--pcap writes the frames of a scenario: say which, as in: mote scenario O1"],
    [["O1", "--force"], "--force lets --pcap FILE overwrite a file"],
    [["O1", "--json", "-w", "-"], "--json and --pcap - both write to stdout: one of them"],
    [["O1", "--seed", "-1"], '--seed takes a whole number from 0 to 4294967295, not "-1"'],
    [["O1", "--width", "20"], '--width takes a whole number from 60 to 400, not "20"'],
  ];
  for (const [words, text] of lines) {
    const { code, out, err } = await mote(...words);
    assert.deepEqual({ code, out, err }, { code: 2, out: "", err: `mote scenario: ${text}\n` });
  }
});

test("what does not happen as it should: a line on stderr, exit code 1", async () => {
  const { io, out, err } = output();
  const code = await scenario(parseScenario(["O1", "O11"], {}), io, {
    tamper: ({ from, number }) => (from === "server" && number === 1 ? "lost" : undefined),
  });
  assert.equal(code, 1);
  const [first, second, rest] = err().split("\n");
  assert.match(
    first!,
    /^mote scenario: O1 did not happen as it should: segment 2: expected "< SYN ACK/,
  );
  assert.match(second!, /^mote scenario: O11 did not happen as it should: /);
  assert.equal(rest, "");
  assert.equal(out().match(/^Not as it should: \d+ of \d+ checks, /gm)?.length, 2);
});

test("the guide is what the scenarios show today", () => {
  const words = [fromRoot("tools/scenarios.mjs"), "--check"];
  const { status, stderr } = spawnSync(process.execPath, words, {
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.equal(stderr, "");
  assert.equal(status, 0);
});
