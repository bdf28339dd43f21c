// mote replay: what it shows of a recording, where it stops, and what it says of files that are none. And the
// recording that mote serve makes.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { runCommand } from "../../host/command/cli.js";
import { Constant, TcbField, TcbSize } from "../../host/core/generated/abi.js";
import type { StackInstance } from "../../host/core/instance.js";
import { readCapture } from "../../host/link/captureReader.js";
import { recordStack } from "../../host/record/stackRecordings.js";
import { B, createPair, pattern, transfer } from "../host/support/pair.js";
import { output } from "./support/output.js";
import { recording } from "./support/recording.js";
import { folderFor } from "./support/screen.js";
import { startMote } from "./support/process.js";

async function mote(...words: string[]) {
  const { io, out, err } = output();
  const code = await runCommand(words, io);
  return { code, out: out(), err: err() };
}

/** Without what differs from run to run: the time of day. */
const steady = (text: string): string =>
  text.replace(/^\d\d:\d\d:\d\d\.\d{6} /gm, "").replace(/begun \S+/, "begun NOW");

test("a recording of this build: the same to the last byte", async (t) => {
  const { code, out, err } = await mote("replay", await recording(t));
  assert.equal(err, "");
  assert.equal(code, 0);
  assert.match(
    steady(out),
    /^desktop release, MoteTCP \S+, begun NOW\n\d+ calls, 9 frames, 5 states, 0\.\d{6} s\nThe memory is the same to the last byte\.\n$/,
  );
});

test("--step: segments and states, in their order", async (t) => {
  const { out } = await mote("replay", await recording(t), "--step");
  const lines = steady(out).split("\n");
  const kinds = lines.flatMap((line) => {
    const flags = /Flags \[(\S+)\]/.exec(line)?.[1];
    const change = /: (\S+ → \S+), (\S+)$/.exec(line);
    return flags ?? (change ? `${change[1]} ${change[2]}` : []);
  });
  assert.deepEqual(kinds, [
    ...["CLOSED → SYN-SENT USER", "S", "S.", "SYN-SENT → ESTABLISHED SYN-ACK"],
    ...["ESTABLISHED → FIN-WAIT-1 USER", "FP.", "FP.", "."],
    ...["FIN-WAIT-1 → FIN-WAIT-2 ACK", "FIN-WAIT-2 → TIME-WAIT FIN"],
  ]);
});

test("-v: calls, and what they change in control blocks", async (t) => {
  const { out } = await mote("replay", await recording(t), "-v");
  assert.match(out, / connect\(4, 7, 0, 0\) = \d+\n/);
  assert.match(out, /:   sndNxt \d+ → \d+\n/);
  assert.match(out, /:   sendQueue 0 → 8\n/);
});

test("tiny, which keeps no trace: states without causes", async (t) => {
  const { out } = await mote("replay", await recording(t, "tiny"), "--step");
  assert.match(out, /SYN-SENT → ESTABLISHED\n/);
});

test("--break: stops there, and prints the control block", async (t) => {
  const { code, out } = await mote("replay", await recording(t), "--break", "state=fin_wait_1");
  assert.equal(code, 0);
  assert.match(out, /\nStopped: \d+ ↔ 7 is in FIN-WAIT-1\.\n\n\d+ ↔ 7 FIN-WAIT-1\n {2}iss \d+ /);
  assert.match(out, / sendQueue 8 /);
});

test("--until: stops at a moment of the stack's clock", async (t) => {
  const { out } = await mote("replay", await recording(t), "--until", "0.015");
  assert.match(out, /\nStopped: 0\.015000 s have passed\.\n/);
});

test("--pcap: the frames, for Wireshark; nothing is overwritten without --force", async (t) => {
  const file = await recording(t);
  const pcap = `${file}.pcapng`;
  assert.equal((await mote("replay", file, "--pcap", pcap)).code, 0);
  assert.equal([...readCapture(readFileSync(pcap))].length, 9);
  const again = await mote("replay", file, "--pcap", pcap);
  assert.equal(again.code, 1);
  assert.match(
    again.err,
    /is there already, and nothing is overwritten\n {2}--force overwrites it/,
  );
  assert.equal((await mote("replay", file, "--pcap", pcap, "--force")).code, 0);
});

test("--json: one object per line, the verdict last", async (t) => {
  const file = await recording(t);
  const lines = (text: string) =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const [only, ...others] = lines((await mote("replay", file, "--json")).out);
  assert.deepEqual(others, []);
  assert.deepEqual([only!["event"], only!["outcome"], only!["frames"]], ["end", "whole", 9]);
  const events = lines((await mote("replay", file, "--json", "--step")).out);
  const count = (event: string) => events.filter((each) => each["event"] === event).length;
  assert.deepEqual([count("frame"), count("state"), count("end")], [9, 5, 1]);
});

test("what is no recording, or not all of one: one line, exit code 1", async (t) => {
  const folder = folderFor(t);
  const foreign = join(folder, "foreign");
  writeFileSync(foreign, "hello");
  const good = readFileSync(await recording(t));
  const cut = join(folder, "cut");
  writeFileSync(cut, good.subarray(0, good.length - 100));
  const other = join(folder, "other");
  writeFileSync(
    other,
    Buffer.from(good.toString("latin1").replace(/"module":"./, '"module":"x'), "latin1"),
  );
  const says = async (file: string, message: RegExp) => {
    const { code, err } = await mote("replay", file);
    assert.equal(code, 1);
    assert.match(err, message);
  };
  await says(join(folder, "nothing"), /nothing: there is no such file\n$/);
  await says(foreign, /foreign: this is no recording of a MoteTCP stack\n$/);
  await says(
    other,
    /other: it is of another build of the core: its module has the SHA-256 x\w+, the one here \w+;/,
  );
  const { code, out } = await mote("replay", cut);
  assert.equal(code, 0);
  assert.match(out, /The recording was not closed/);
});

test("--until EVENT: stops there, and prints the control block", async (t) => {
  const file = await recording(t);
  const fin = await mote("replay", file, "--until", "fin");
  assert.equal(fin.code, 0);
  assert.match(fin.out, /\nStopped: a segment with FIN\.\n\n\d+ ↔ 7 FIN-WAIT-1\n/);
  const third = await mote("replay", file, "--until", "segment=3", "--step");
  assert.match(third.out, /\nStopped: segment 3\.\n/);
  assert.equal(third.out.match(/Flags \[/g)?.length, 3);
  assert.match((await mote("replay", file, "--until", "rst")).out, /same to the last byte/);
});

test("a recording that ends with a trap: the call that did it", async (t) => {
  const folder = folderFor(t);
  const file = join(folder, "trap.moterec");
  const pair = await createPair();
  pair.b.listen({ port: 7 }, () => undefined);
  const connection = pair.a.connect({ host: B, port: 7 });
  pair.run(() => pair.b.connections().some(({ state }) => state === "ESTABLISHED"));
  const { core } = pair.b as StackInstance;
  // A ring beyond all memory: what comes next cannot be stored.
  const handle = pair.b.connections().find(({ state }) => state === "ESTABLISHED")!.handle;
  const address = core.constant(Constant.ADDRESS_BYTES);
  const tcb = core.constant(Constant.TCB_AREA) + address + (handle & 0xffff) * (TcbSize + address);
  core.words.setUint16(tcb + TcbField.receiveRing.offset, 0xffff, true);
  recordStack(file, pair.b);
  connection.write(Buffer.from("too much"));
  assert.throws(() => pair.run(() => false), WebAssembly.RuntimeError);
  const { code, out } = await mote("replay", file);
  assert.equal(code, 0);
  assert.match(
    out,
    /\nAs it was recorded, call \d+, receive\(0, \d+\), traps: memory access out of bounds\.\n$/,
  );
});

/** A folder in which programs find the package. */
function consumer(t: TestContext): string {
  const folder = folderFor(t);
  mkdirSync(join(folder, "node_modules"));
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  symlinkSync(root, join(folder, "node_modules", "motetcp"), "dir");
  return folder;
}

function runTest(program: string) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const run = spawnSync(process.execPath, ["--test", program], { encoding: "utf8", env });
  return { status: run.status, out: run.stdout + run.stderr };
}

test("--to-test: a program that passes, and fails when the recording is altered", async (t) => {
  const folder = consumer(t);
  for (const profile of ["tiny", "desktop"] as const) {
    const file = await recording(t, profile);
    const program = join(folder, `${profile}.test.mjs`);
    const made = await mote("replay", file, "--until", "fin", "--to-test", program);
    assert.equal(made.code, 0);
    assert.match(made.err, /asserts what was seen; run: node --test /);
    assert.equal(statSync(program).mode & 0o777, 0o600);
    const passes = runTest(program);
    assert.equal(passes.status, 0, passes.out);
    const text = readFileSync(program, "utf8");
    assert.match(text, /ESTABLISHED → FIN-WAIT-1/);
    const states = text.replace("SYN-SENT → ESTABLISHED", "SYN-SENT → CLOSED");
    writeFileSync(program, states);
    assert.notEqual(runTest(program).status, 0);
    const again = await mote("replay", file, "--to-test", program);
    assert.match(again.err, /is there already, and nothing is overwritten/);
    assert.equal((await mote("replay", file, "--to-test", program, "--force")).code, 0);
    assert.equal(runTest(program).status, 0);
    // One bit of what the application has written, in the recording that stands in the program.
    const [block = ""] = /\[\n( +"[A-Za-z0-9+/=]+",\n)+ +\]/.exec(text) ?? [];
    const bytes = Buffer.from(block.replace(/[^A-Za-z0-9+/=]/g, ""), "base64");
    const at = bytes.indexOf("question");
    assert.ok(at > 0);
    bytes[at]! ^= 1;
    writeFileSync(
      program,
      text.replace(block, () => `["${bytes.toString("base64")}"]`),
    );
    const altered = runTest(program);
    assert.notEqual(altered.status, 0);
  }
});

test("--to-test of a large recording: it stands beside the program", async (t) => {
  const folder = consumer(t);
  const file = join(folder, "large.moterec");
  const pair = await createPair({
    profiles: ["esp32", "esp32"],
    record: [{ to: file }, { to: () => undefined }],
  });
  pair.b.listen({ port: 7 }, (connection) => transfer(connection, pattern(100_000, 1)));
  const client = transfer(pair.a.connect({ host: B, port: 7 }), Buffer.from("x"));
  pair.run(() => client.closed);
  pair.close();
  const program = join(folder, "run.test.mjs");
  assert.equal((await mote("replay", file, "--to-test", program)).code, 0);
  const beside = join(folder, "run.test.moterec");
  assert.equal(statSync(beside).mode & 0o777, 0o600);
  const passes = runTest(program);
  assert.equal(passes.status, 0, passes.out);
  const bytes = readFileSync(beside);
  bytes[bytes.indexOf(pattern(100_000, 1).subarray(50_000, 50_040))]! ^= 1;
  writeFileSync(beside, bytes);
  assert.match(runTest(program).out, /ERR_REPLAY_DIVERGED/);
});

test("bad words: exit code 2", async () => {
  const wrong: [string[], RegExp][] = [
    [["replay"], /missing required argument/],
    [["replay", "x", "--break", "CLOSED"], /--break takes state=STATE/],
    [["replay", "x", "--break", "state=CLOSEWAIT"], /did you mean CLOSE-WAIT\?/],
    [["replay", "x", "--until", "soon"], /--until: nothing is called "soon"/],
    [["replay", "x", "--until", "state=CLOSEWAIT"], /did you mean CLOSE-WAIT\?/],
    [["replay", "x", "--until", "rst", "--break", "state=CLOSED"], /--until or --break, not both/],
    [["replay", "x", "--to-test", ""], /--to-test takes the name of a program/],
    [["replay", "x", "--stop"], /did you mean --step\?/],
    [["serve", "--record", ""], /--record takes the name of a file/],
  ];
  for (const [words, message] of wrong) {
    const { code, err } = await mote(...words);
    assert.equal(code, 2, words.join(" "));
    assert.match(err, message);
  }
});

test("mote serve --record: the run, again", { timeout: 60_000 }, async (t) => {
  const file = join(folderFor(t), "serve.moterec");
  const words = ["serve", "echo", "--link", "user", "--port", "echo=0", "--record", file];
  const serving = startMote(t, [...words, "--json"]);
  const [, port = ""] = await serving.seen(/"port":(\d+)/);
  const socket = connect(Number(port), "127.0.0.1", () => socket.end("recorded"));
  socket.resume();
  await new Promise((done) => socket.once("close", done));
  serving.child.kill("SIGINT");
  assert.equal(await serving.ended, 0);
  const { code, out } = await mote("replay", file, "--step");
  assert.equal(code, 0);
  assert.match(out, /LISTEN → ESTABLISHED|SYN-RECEIVED → ESTABLISHED/);
  assert.match(out, /length 8\n/);
  assert.match(out, /The memory is the same to the last byte/);
  const again = startMote(t, words);
  assert.equal(await again.ended, 1);
  assert.match(again.err, /is there already, and nothing is overwritten\n {2}--force/);
});
