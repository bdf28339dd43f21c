// mote record: a running stack recorded from now on, its flight recorder written, what is said of both, and the recordings of
// mote serve that rotate.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { runCommand } from "../../host/command/cli.js";
import { until } from "../host/support/until.js";
import { output } from "./support/output.js";
import { cleanEnvironment, startMote } from "./support/process.js";
import { endsWell, filled, hasTerminal } from "./support/screen.js";
import { CTRL_C, openTerminal } from "./support/terminal.js";

function place(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "mote-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, env: cleanEnvironment({ XDG_RUNTIME_DIR: folder }) };
}

async function serve(t: TestContext, ...words: string[]) {
  const { folder, env } = place(t);
  const all = ["serve", "echo", "--link", "user", "--port", "echo=0", "--json", "--name", "bench"];
  const serving = startMote(t, [...all, ...words.map((word) => word.replace("FOLDER", folder))], {
    env,
  });
  const [, port = ""] = await serving.seen(/"port":(\d+)/);
  const talk = async (bytes = 8): Promise<void> => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.end(Buffer.alloc(bytes, 1)));
    socket.resume();
    await new Promise((done) => socket.once("close", done));
  };
  /** Runs another command to its end. */
  const mote = async (...others: string[]) => {
    const running = startMote(t, others, { env });
    return { code: await running.ended, out: running.out, err: running.err };
  };
  return { folder, env, serving, talk, mote };
}

const SAME = /The memory is the same to the last byte\./;

test("from now on, until Ctrl-C; status; --stop from elsewhere", { timeout: 60_000 }, async (t) => {
  const { folder, env, talk, mote } = await serve(t);
  const idle = await mote("record");
  assert.deepEqual(idle, { code: 0, out: "Nothing is recorded of bench.\n", err: "" });
  await talk();
  const file = join(folder, "live.moterec");
  for (const way of ["SIGINT", "--stop"]) {
    const words = ["record", "--stack", "bench", "-w", file, "--force"];
    const recording = startMote(t, words, { env });
    await recording.seen(/Recording bench into .*live\.moterec; Ctrl-C ends it\./);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await talk();
    const status = await mote("record");
    assert.match(status.out, /^bench is recorded into .*live\.moterec since 20\S+Z: \d/);
    if (way === "SIGINT") recording.child.kill("SIGINT");
    else assert.match((await mote("record", "--stop")).out, /live\.moterec has ended\.\n$/);
    assert.equal(await recording.ended, 0);
    assert.match(recording.out, /[\d,]+ bytes of calls recorded into .*live\.moterec\.\n$/);
    const replayed = await mote("replay", file, "--step");
    assert.match(replayed.out, SAME, way);
    assert.match(replayed.out, /Flags \[S\]/);
  }
  const again = await mote("record", "-w", file);
  assert.equal(again.code, 1);
  assert.match(
    again.err,
    /live\.moterec is there already, and nothing is overwritten\n {2}--force/,
  );
  const nowhere = await mote("record", "-w", join(folder, "no", "such"));
  assert.match(nowhere.err, /cannot be written: its folder does not exist/);
  assert.match((await mote("record", "--stop")).out, /Nothing is recorded of bench\./);
});

test(
  "a client that is killed, and a stack that goes: files end there, and replay",
  { timeout: 60_000 },
  async (t) => {
    const { folder, env, serving, talk, mote } = await serve(t);
    const record = async (name: string) => {
      const recording = startMote(t, ["record", "-w", join(folder, name)], { env });
      await recording.seen(/Recording bench/);
      return recording;
    };
    const killed = await record("killed");
    await talk();
    killed.child.kill("SIGKILL");
    let said = "";
    for (const endMs = performance.now() + 10_000; performance.now() < endMs;) {
      said = (await mote("record")).out;
      if (/Nothing is recorded/.test(said)) break;
    }
    assert.match(said, /Nothing is recorded/);
    assert.match((await mote("replay", join(folder, "killed"))).out, SAME);
    const left = await record("left");
    await talk();
    serving.child.kill("SIGINT");
    assert.equal(await serving.ended, 0);
    assert.equal(await left.ended, 0);
    assert.match(left.out, /The stack bench has gone; .*left ends there\.\n$/);
    assert.match((await mote("replay", join(folder, "left"))).out, SAME);
  },
);

test(
  "on a terminal: a row of what has been recorded, and the sum in its place",
  { timeout: 60_000 },
  async (t) => {
    if (!hasTerminal(t)) return;
    const { folder, env, talk } = await serve(t);
    const words = ["record", "-w", join(folder, "live.moterec")];
    const terminal = openTerminal(t, words, { env, columns: 200 });
    await terminal.seen(/Recording bench/);
    await talk(100_000);
    await terminal.until(
      (rows) =>
        rows[0]!.startsWith("Recording bench into") &&
        /^\d{3}(\.\d)? kB, [\d.]+ k?B\/s$/.test(rows[1]!),
      "so much was recorded",
    );
    terminal.type(CTRL_C);
    await endsWell(terminal, 0);
    const [, sum, ...rest] = filled(terminal.screen());
    assert.match(sum!, /^[\d,]{7} bytes of calls recorded into /);
    assert.deepEqual(rest, []);
  },
);

test(
  "--dump: what the flight recorder has, and a line where there is none",
  { timeout: 60_000 },
  async (t) => {
    const { folder, talk, mote } = await serve(t, "--flight", "8");
    await talk(100_000);
    const status = await mote("record", "--json");
    const { event, stack, flight } = JSON.parse(status.out) as {
      event: string;
      stack: string;
      flight: { bytes: number; mostBytes: number };
    };
    assert.deepEqual([event, stack, flight.mostBytes], ["status", "bench", 8 * 1024 * 1024]);
    const file = join(folder, "last.moterec");
    assert.equal((await mote("record", "--dump", "-w", file)).code, 0);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const replayed = await mote("replay", file, "--step");
    assert.match(replayed.out, SAME);
    assert.match(replayed.out, /SYN-RECEIVED → ESTABLISHED|LISTEN → ESTABLISHED/);
    const again = await mote("record", "--dump", "-w", file);
    assert.match(again.err, /is there already/);
    const other = await serve(t);
    const none = await other.mote("record", "--dump", "-w", join(folder, "none"));
    assert.equal(none.code, 1);
    assert.match(none.err, /this stack has no flight recorder; .*mote serve --flight/);
    assert.ok(!existsSync(join(folder, "none")));
  },
);

test(
  "mote serve --record --rotate --keep: each file replays alone",
  { timeout: 60_000 },
  async (t) => {
    const { folder, serving, talk, mote } = await serve(
      t,
      ...["--record", "FOLDER/run", "--rotate", "64K", "--keep", "2"],
    );
    const names = () => readdirSync(folder).filter((name) => name.startsWith("run."));
    for (let i = 0; i < 8; i++) await talk(200_000);
    await until(() => !names().includes("run.1"), "rotation");
    serving.child.kill("SIGINT");
    assert.equal(await serving.ended, 0);
    assert.equal(names().length, 2);
    for (const name of names()) {
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
      assert.match((await mote("replay", join(folder, name))).out, SAME, name);
    }
  },
);

test("what listens there is no stack; no stack runs", { timeout: 60_000 }, async (t) => {
  const { folder, env } = place(t);
  const record = async () => {
    const running = startMote(t, ["record", "-w", join(folder, "x")], { env });
    return { code: await running.ended, err: running.err };
  };
  const none = await record();
  assert.equal(none.code, 1);
  assert.match(none.err, /no stack is running here/);
  mkdirSync(join(folder, "motetcp"), { mode: 0o700 });
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end("220 hello\n");
  });
  t.after(() => server.close());
  const umask = process.umask(0o077);
  await new Promise<void>((done) => server.listen(join(folder, "motetcp", "mote.sock"), done));
  process.umask(umask);
  const foreign = await record();
  assert.equal(foreign.code, 1);
  assert.match(foreign.err, /mote\.sock is no stack/);
  assert.ok(!existsSync(join(folder, "x")));
});

test("bad words: exit code 2", async () => {
  const wrong: [string[], RegExp][] = [
    [["record", "-w", ""], /-w takes the name of a file/],
    [["record", "--dump"], /--dump needs -w FILE/],
    [["record", "--stop", "-w", "x"], /--stop ends recordings/],
    [["record", "--force"], /are for -w FILE/],
    [["record", "--dump", "-w", "x", "--rotate", "1M"], /--dump writes one file/],
    [["record", "-w", "x", "--keep", "3"], /--keep says how many files of --rotate stay/],
    [["record", "-w", "x", "--rotate", "1"], /--rotate takes bytes, 65536 at least/],
    [["record", "--stack", "a b"], /--stack takes the name of a running stack/],
    [["serve", "--rotate", "1M"], /--rotate and --keep are for --record FILE/],
    [["serve", "--flight", "1"], /--flight takes a whole number from 4 to 4096/],
    [["serve", "--trap-file", "x"], /--trap-file is for --flight/],
  ];
  for (const [words, message] of wrong) {
    const { io, err } = output();
    assert.equal(await runCommand(words, io), 2, words.join(" "));
    assert.match(err(), message);
  }
});
