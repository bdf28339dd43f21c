// The flight recorder, and recordings of a stack that runs: what they hold replays to the same memory from wherever it
// begins, memory and files stay bounded, a trap writes what came before it, and nobody pays for what nobody wants.

import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Connection } from "../../host/core/connection.js";
import type { Core } from "../../host/core/core.js";
import { Constant, TcbField, TcbSize } from "../../host/core/generated/abi.js";
import { StackInstance } from "../../host/core/instance.js";
import type { ProfileName, Stack } from "../../host/core/stack.js";
import { seededRandom } from "../../host/link/random.js";
import { createStack } from "../../host/nodeStack.js";
import { openCore } from "../../host/node/builds.js";
import { writeBeside } from "../../host/record/file.js";
import { createFlight, type Flight } from "../../host/record/flight.js";
import { createRecording, flightOf } from "../../host/record/record.js";
import { openReplay, type Replay } from "../../host/record/replay.js";
import { replayRecording } from "../../host/record/replayRecording.js";
import { ringsOf } from "../../host/record/rings.js";
import { tapeOf, type Taker } from "../../host/record/tape.js";
import {
  dumpRecording,
  recordingState,
  recordStack,
  writeRecording,
} from "../../host/record/stackRecordings.js";
import { B, createPair, pattern, transfer, type Pair } from "./support/pair.js";

const MIB = 1024 * 1024;

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mote-flight-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const coreOf = (stack: Stack): Core => (stack as StackInstance).core;

async function play(bytes: Uint8Array): Promise<Replay> {
  const replay = await openReplay(bytes);
  replay.run();
  return replay;
}

/** Connections one after another, until told to stop; the bytes that each side has got. */
function traffic(pair: Pair, bytes: number, seed: number): () => number {
  const client = transfer(pair.a.connect({ host: B, port: 7 }), pattern(bytes, seed));
  return () => client.received().length;
}

function listen(pair: Pair, bytes: number): void {
  pair.b.listen({ port: 7 }, (connection) => void transfer(connection, pattern(bytes, 9)));
}

test(
  "200 dumps at random moments of random runs: each replays to the same memory",
  { timeout: 600_000 },
  async () => {
    const random = seededRandom(2027);
    const profiles: readonly ProfileName[] = ["tiny", "esp32", "desktop"];
    let whole = 0;
    let later = 0;
    for (let run = 0; run < 100; run++) {
      const profile = profiles[run % 3]!;
      const isLong = run % 10 === 0;
      const bytes = Math.floor(random() * (isLong ? 5 * MIB : 30_000));
      const loss = random() * 0.05;
      const pair = await createPair({
        profiles: [profile, profile],
        seed: run,
        record: [{ flight: 4 }, { flight: 4 }],
        ...(isLong ? {} : { impairments: { loss, reorder: loss, delay: 3, seed: run } }),
      });
      listen(pair, bytes);
      const got = [
        traffic(pair, bytes, run),
        ...(profile === "tiny" ? [] : [traffic(pair, 100, run)]),
      ];
      const wanted = random() * bytes;
      pair.run(() => got[0]!() >= wanted);
      for (const stack of [pair.a, pair.b]) {
        const replay = await play(dumpRecording(stack));
        assert.equal(replay.head.snapshot, "in use");
        if (replay.end === "whole") whole++;
        if (replay.head.startedAtMs > 0 && flightOf(coreOf(stack))!.levels.segments > 1) later++;
      }
      pair.close();
    }
    assert.equal(whole, 200);
    assert.ok(later >= 10, `${later} of them have several segments`);
  },
);

test("it holds no more than it may, and the oldest goes first", async (t) => {
  const pair = await createPair({ record: [{ flight: 4 }, { flight: 4 }] });
  t.after(() => pair.close());
  listen(pair, 0);
  const client = transfer(pair.a.connect({ host: B, port: 7 }), pattern(40 * MIB, 1));
  const seen: number[] = [];
  const levels = () => flightOf(coreOf(pair.b))!.levels;
  pair.run(() => {
    seen.push(levels().bytes);
    return client.ended;
  });
  assert.ok(Math.max(...seen) <= 4 * MIB, `${Math.max(...seen)} bytes`);
  // Three of four segments are there as a whole, or as much of them as their memory leaves.
  assert.ok(levels().segments >= 3);
  const dump = dumpRecording(pair.b);
  assert.ok(dump.length > 1.5 * MIB && dump.length <= 4 * MIB, `${dump.length} bytes`);
  assert.equal((await play(dump)).end, "whole");
  assert.ok((await play(dumpRecording(pair.a))).end === "whole");
});

test("connections that hold more than it has room for: nothing is kept, until it fits", async (t) => {
  const pair = await createPair({ record: [{ flight: 4 }, { flight: 4 }] });
  t.after(() => pair.close());
  const accepted: Connection[] = [];
  pair.b.listen({ port: 7 }, (connection) => void accepted.push(connection));
  const flight = flightOf(coreOf(pair.b))!;
  const all = Array.from({ length: 100 }, () => pair.a.connect({ host: B, port: 7 }));
  pair.run(() => accepted.length === 100);
  // Nobody reads: each holds a whole receive ring.
  for (const connection of all) connection.write(pattern(60_000, 1));
  pair.run(() => flight.levels.segments === 0);
  assert.equal(flight.levels.sinceMs, null);
  assert.equal(flight.levels.bytes, 0);
  assert.throws(() => flight.dump(), { code: "ENOBUFS", message: /has 4 MiB/ });
  for (const connection of accepted) connection.abort();
  const last = transfer(pair.a.connect({ host: B, port: 7 }), pattern(8 * MIB, 2));
  accepted.length = 0;
  pair.run(() => accepted.length === 1);
  const reading = transfer(accepted[0]!, Buffer.alloc(0));
  pair.run(() => reading.ended && last.ended);
  assert.ok(flight.levels.segments > 0);
  assert.ok(flight.levels.bytes <= 4 * MIB);
  assert.equal((await play(Buffer.concat(flight.dump()))).end, "whole");
});

test("a recording that ends itself while it is told, as on a full disk: the flight recorder misses nothing", async (t) => {
  const pair = await createPair({ record: [{ flight: 4 }, { flight: 4 }] });
  t.after(() => pair.close());
  const tape = tapeOf(coreOf(pair.b));
  let told = 0;
  const ending: Taker = {
    take() {
      told++;
      tape.remove(ending);
    },
    trapped: () => undefined,
  };
  tape.add(ending);
  listen(pair, 0);
  const client = transfer(pair.a.connect({ host: B, port: 7 }), pattern(2 * MIB, 3));
  pair.run(() => client.ended);
  assert.equal((await play(dumpRecording(pair.b))).end, "whole");
  assert.equal(told, 1);
});

test("rings are where they are taken to be", async (t) => {
  const pair = await createPair();
  t.after(() => pair.close());
  pair.b.listen({ port: 7 }, () => undefined);
  const connection = pair.a.connect({ host: B, port: 7 });
  pair.run(() => connection.state === "ESTABLISHED");
  const core = coreOf(pair.a);
  assert.ok(core.exports.sendSpan(connection.handle) > 0);
  const { from, to } = ringsOf(core)!;
  const tcb = core.constant(Constant.TCB_AREA) + core.constant(Constant.ADDRESS_BYTES);
  const index = (connection.handle & 0xffff) * (TcbSize + core.constant(Constant.ADDRESS_BYTES));
  const node = core.words.getUint16(tcb + index + TcbField.sendRing.offset, true);
  const ringBytes = core.constant(Constant.SEND_RING_BYTES);
  const ring = from + (node - core.constant(Constant.TCBS)) * ringBytes;
  const span = core.spanPointer();
  assert.ok(span >= ring && span < ring + ringBytes, `${span} in ${ring}`);
  assert.ok(ring >= from + core.constant(Constant.RECEIVE_RINGS) * ringBytes && ring < to);
  assert.equal(ringsOf(coreOf(await createStack({ profile: "tiny", loop: false }))), null);
});

test("while nothing is written down, calls go straight to the core", async (t) => {
  const folder = folderFor(t);
  const stack = await createStack({ profile: "tiny", loop: false });
  t.after(() => stack.close());
  const { exports } = coreOf(stack);
  const { receive } = exports;
  const recording = recordStack(join(folder, "a"), stack);
  assert.notEqual(exports.receive, receive);
  const other = recordStack(join(folder, "b"), stack);
  recording.stop();
  assert.notEqual(exports.receive, receive);
  other.stop();
  assert.equal(exports.receive, receive);
});

test("a stack that runs, recorded from now on: its file replays from there, to the end or as far as it got", async (t) => {
  const folder = folderFor(t);
  const pair = await createPair({ impairments: { delay: 5 } });
  listen(pair, MIB);
  const got = traffic(pair, MIB, 3);
  pair.run(() => got() > MIB / 4);
  const path = join(folder, "live.moterec");
  const recording = recordStack(path, pair.a);
  assert.throws(() => recordStack(path, pair.a), { code: "EEXIST", message: /overwrite: true/ });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(recordingState(pair.a).running, [recording]);
  const whole = recordStack(join(folder, "whole"), pair.b);
  pair.run(() => got() > MIB / 2);
  recording.stop();
  recording.stop();
  assert.ok(recording.isOver);
  assert.ok(recording.bytes > MIB / 8, `${recording.bytes} bytes`);
  assert.deepEqual(recordingState(pair.a).running, []);
  pair.run(() => got() === MIB);
  pair.close();
  const replay = await play(readFileSync(path));
  assert.deepEqual([replay.end, replay.head.snapshot], ["whole", "all"]);
  assert.ok(whole.isOver);
  assert.equal((await play(readFileSync(join(folder, "whole")))).end, "whole");
  chmodSync(path, 0o644);
  const again = await createStack({ profile: "tiny", loop: false });
  recordStack(path, again, { overwrite: true }).stop();
  again.close();
  assert.equal(statSync(path).mode & 0o777, 0o600, "whoever had it before");
});

test("files that rotate: each replays alone, so many stay, and none that was there is touched", async (t) => {
  const folder = folderFor(t);
  const to = join(folder, "run");
  const options = { to, rotate: 256 * 1024, keep: 3 };
  const pair = await createPair({ record: [options, { to: () => undefined }] });
  listen(pair, 2 * MIB);
  const got = traffic(pair, 100, 3);
  pair.run(() => got() === 2 * MIB);
  pair.close();
  const names = readdirSync(folder).sort();
  assert.equal(names.length, 3);
  const numbers = names.map((name) => Number(name.split(".")[1])).sort((a, b) => a - b);
  assert.ok(numbers[0]! > 3, `${numbers}`);
  for (const name of names) {
    const path = join(folder, name);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const replay = await play(readFileSync(path));
    assert.deepEqual([replay.end, replay.head.snapshot], ["whole", "all"], name);
  }
  const before = names.map((name) => readFileSync(join(folder, name)));
  (await createStack({ profile: "tiny", record: options })).close();
  names.forEach((name, i) => assert.deepEqual(readFileSync(join(folder, name)), before[i], name));
  const added = readdirSync(folder).filter((name) => !names.includes(name));
  assert.equal(added.length, 1);
  const mid = await play(readFileSync(join(folder, added[0]!)));
  assert.equal(mid.end, "whole");
});

test("what a call takes is more than is gathered: told in parts, and files turn over behind the call", async (t) => {
  const folder = folderFor(t);
  const options = { to: join(folder, "run"), rotate: 128 * 1024, keep: 100 };
  const pair = await createPair({ record: [options, { flight: 4 }] });
  const told: { bytes: number; isWhole: boolean }[] = [];
  tapeOf(coreOf(pair.a)).add({
    take: ({ length }, isWhole) => told.push({ bytes: length, isWhole }),
    trapped: () => undefined,
  });
  listen(pair, 0);
  const client = transfer(pair.a.connect({ host: B, port: 7 }), pattern(2 * MIB, 4));
  pair.run(() => client.ended);
  pair.close();
  const parts = told.filter(({ isWhole }) => !isWhole);
  assert.ok(parts.some(({ bytes }) => bytes > 32 * 1024));
  // The beginning of a call, what it takes, and the rest of it.
  assert.equal(parts.length % 2, 0);
  assert.ok(told.at(-1)!.isWhole);
  const names = readdirSync(folder);
  assert.ok(names.length >= 8, `${names.length} files`);
  for (const name of names) {
    assert.equal((await play(readFileSync(join(folder, name)))).end, "whole", name);
  }
});

test("the dump of a flight recorder as a file: 0600, nothing is overwritten, and none without one", async (t) => {
  const folder = folderFor(t);
  const path = join(folder, "last");
  const stack = await createStack({ profile: "tiny", loop: false, record: { flight: true } });
  t.after(() => stack.close());
  writeRecording(path, stack);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.throws(() => writeRecording(path, stack), { code: "EEXIST" });
  writeRecording(path, stack, { overwrite: true });
  assert.deepEqual(readFileSync(path).length, stack.dumpRecording().length);
  const plain = await createStack({ profile: "tiny", loop: false });
  t.after(() => plain.close());
  assert.throws(() => plain.dumpRecording(), { code: "ENOTSUP", message: /no flight recorder/ });
  assert.throws(() => recordStack(path, {} as Stack), { code: "EINVAL" });
  assert.throws(() => writeRecording(join(folder, "no/such"), stack), { code: "ENOENT" });
});

test("a trap: what came before it is written at once, and the same call shows it again", async (t) => {
  const folder = folderFor(t);
  const pair = await createPair();
  pair.b.listen({ port: 7 }, () => undefined);
  const connection = pair.a.connect({ host: B, port: 7 });
  pair.run(() => pair.b.connections().some(({ state }) => state === "ESTABLISHED"));
  // A ring beyond all memory: whatever comes next for this connection cannot be stored.
  const core = coreOf(pair.b);
  const { handle } = pair.b.connections().find(({ state }) => state === "ESTABLISHED")!;
  const address = core.constant(Constant.ADDRESS_BYTES);
  const tcb = core.constant(Constant.TCB_AREA) + address + (handle & 0xffff) * (TcbSize + address);
  const path = join(folder, "trap");
  core.words.setUint16(tcb + TcbField.receiveRing.offset, 0xffff, true);
  const flight: Flight = createFlight(core, 4, () => void writeBeside(path, flight.dump()));
  const running = recordStack(join(folder, "live"), pair.b);
  connection.write(Buffer.from("too much"));
  assert.throws(() => pair.run(() => false), WebAssembly.RuntimeError);
  assert.ok(running.isOver);
  assert.throws(() => recordStack(join(folder, "late"), pair.b), { code: "EBADF" });
  assert.ok(!existsSync(join(folder, "late")));
  assert.equal(statSync(path).mode & 0o777, 0o600);
  for (const name of ["trap", "live"]) {
    const replay = await play(readFileSync(join(folder, name)));
    assert.equal(replay.end, "trapped", name);
    assert.match(replay.trap, /^call \d+, receive\(0, \d+\), traps: memory access out of bounds$/);
  }
  const { outcome } = await replayRecording(path);
  assert.equal(outcome, "trapped");
});

test("a core whose call throws: the option trapTo has the file, under a name that is free", async (t) => {
  const folder = folderFor(t);
  const trapTo = join(folder, "trap");
  for (const name of ["trap", "trap.1"]) {
    const recording = createRecording({ flight: 4, trapTo });
    const core = await openCore({ profile: "tiny" }, (exports) => {
      let left = 3;
      const expire = (): number => {
        if (left-- === 0) throw new WebAssembly.RuntimeError("unreachable");
        return exports.expire();
      };
      return recording.through({ ...exports, expire });
    });
    recording.begin(core);
    const stack = new StackInstance(core, { loop: false });
    for (let turn = 0; turn < 3; turn++) stack.turn();
    assert.throws(() => stack.turn(), WebAssembly.RuntimeError);
    assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
    // Done again without what made it throw, it goes on to its last call.
    const replay = await openReplay(readFileSync(join(folder, name)));
    let last = "";
    for (let call; (call = replay.step()) !== null;) last = call.name;
    assert.deepEqual([replay.end, last], ["cut", "expire"]);
  }
});

test("a dump that is cut off, changed, or of another build", async (t) => {
  const pair = await createPair({
    profiles: ["tiny", "tiny"],
    record: [{ flight: 4 }, { flight: 4 }],
  });
  t.after(() => pair.close());
  listen(pair, 5_000);
  const got = traffic(pair, 5_000, 1);
  pair.run(() => got() === 5_000);
  const good = Buffer.from(dumpRecording(pair.a));
  const head = 16 + good.readUInt32LE(12);
  for (const length of [12, 40, head, head + 3, head + 100]) {
    await assert.rejects(openReplay(good.subarray(0, length)), { code: "ERR_RECORDING_TRUNCATED" });
  }
  const cut = await play(good.subarray(0, good.length - 100));
  assert.equal(cut.end, "cut");
  const strange = Buffer.from(good);
  strange.writeUInt32LE(0xffff, head + 4);
  await assert.rejects(openReplay(strange), { code: "ERR_RECORDING_CORRUPT" });
  const changed = Buffer.from(good);
  changed[changed.lastIndexOf(pattern(5_000, 9).subarray(4_000, 4_040))]! ^= 1;
  const replay = await openReplay(changed);
  assert.throws(() => replay.run(), { code: "ERR_REPLAY_DIVERGED" });
  const { module } = (await openReplay(good)).head;
  const other = module.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
  const foreign = Buffer.from(good);
  foreign.write(other, foreign.indexOf(module));
  await assert.rejects(openReplay(foreign), {
    code: "ERR_RECORDING_BUILD",
    message: new RegExp(`SHA-256 ${other}, the one here ${module}`),
  });
});

test("version 1 of the format is still read", async () => {
  const parts: Buffer[] = [];
  const sink = (bytes: Uint8Array) => void parts.push(Buffer.from(bytes));
  (await createStack({ profile: "tiny", record: { to: sink } })).close();
  const now = Buffer.concat(parts);
  const end = 16 + now.readUInt32LE(12);
  const text = now.toString("utf8", 16, end).replace(',"snapshot":null', "");
  const before = Buffer.concat([now.subarray(0, 16), Buffer.from(text), now.subarray(end)]);
  before.writeUInt32LE(1, 8);
  before.writeUInt32LE(text.length, 12);
  assert.equal((await play(before)).end, "whole");
});

test("options that make no sense", async (t) => {
  const to = join(folderFor(t), "x");
  const wrong: [object, RegExp][] = [
    [{}, /neither `to` nor `flight`/],
    [{ flight: 1 }, /from 4 to 4096, not 1/],
    [{ flight: NaN }, /not NaN/],
    [{ to, trapTo: "x" }, /trapTo is for `flight`/],
    [{ to, rotate: 1 }, /rotate is 65536 bytes at least, not 1/],
    [{ to: () => undefined, rotate: 1e6 }, /rotate is for files/],
    [{ to, rotate: 1e6, keep: 0 }, /keep is a number of files/],
  ];
  for (const [record, message] of wrong) {
    await assert.rejects(createStack({ record }), { code: "EINVAL", message });
  }
  assert.ok(!existsSync(to));
});

test("replayRecording: events that it stops at, each with what came before", async () => {
  const parts: Buffer[] = [];
  const pair = await createPair({
    impairments: { loss: 0.2, delay: 5, seed: 4 },
    record: [{ to: (bytes) => void parts.push(Buffer.from(bytes)) }, { to: () => undefined }],
  });
  listen(pair, 20_000);
  const client = transfer(pair.a.connect({ host: B, port: 7 }), pattern(20_000, 1));
  pair.run(() => client.closed);
  pair.close();
  const bytes = Buffer.concat(parts);
  const whole = await replayRecording(bytes);
  assert.equal(whole.outcome, "whole");
  const until = async (event: string) => {
    const report = await replayRecording(bytes, { until: event });
    assert.equal(report.outcome, "until", event);
    assert.ok(report.calls < whole.calls, event);
    assert.deepEqual(report.states, whole.states.slice(0, report.states.length));
    assert.deepEqual(report.segments, whole.segments.slice(0, report.segments.length));
    return report;
  };
  assert.match((await until("syn")).segments.at(-1)!, /^out .* \[S\] seq 0 /);
  assert.match((await until("fin")).segments.at(-1)!, / \[[^\]]*F/);
  assert.match(
    (await until("state=established")).states.at(-1)!,
    /SYN-SENT → ESTABLISHED, SYN-ACK$/,
  );
  assert.equal((await until("segment=5")).segments.length, 5);
  assert.equal((await until("call=40")).calls, 41);
  assert.match((await until("retransmission")).segments.at(-1)!, /Retransmission\]/);
  assert.ok((await until("0.05")).calls > 20);
  assert.ok((await until("drop")).calls > 0);
  for (const never of ["rst", "zero-window", "999"]) {
    assert.equal((await replayRecording(bytes, { until: never })).outcome, "whole", never);
  }
  const wrong: [string, RegExp][] = [
    ["rust", /nothing is called "rust" \(did you mean rst\?\)/],
    ["state=CLOSEWAIT", /did you mean CLOSE-WAIT\?/],
    ["state", /state=STATE/],
    ["segment=x", /segment=NUMBER/],
    ["syn=1", /nothing is called "syn=1"/],
  ];
  for (const [event, message] of wrong) {
    await assert.rejects(replayRecording(bytes, { until: event }), { code: "EINVAL", message });
  }
});
