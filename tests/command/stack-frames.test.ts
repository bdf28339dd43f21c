// mote tcpdump --stack: live frames of a `mote serve` that runs, in user mode, over its control socket.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { readCapture } from "../../host/link/captureReader.js";
import { cleanEnvironment, main, startMote, type Running } from "./support/process.js";
import { until } from "../host/support/until.js";

async function serve(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "mote-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = cleanEnvironment({ XDG_RUNTIME_DIR: folder });
  const words = ["serve", "echo", "--link", "user", "--port", "echo=0", "--json"];
  const serving = startMote(t, [...words, "--name", "bench"], { env });
  const [, port = ""] = await serving.seen(/"port":(\d+)/);
  /** One exchange with the service. */
  const talk = async (): Promise<void> => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.end("frames"));
    socket.resume();
    await new Promise((done) => socket.once("close", done));
  };
  return { folder, env, serving, talk };
}

async function watch(t: TestContext, env: NodeJS.ProcessEnv, ...words: string[]): Promise<Running> {
  const watching = startMote(t, ["tcpdump", ...words], { env });
  await until(() => /Listening on the stack bench/.test(watching.err), "the beginning");
  return watching;
}

test(
  "the only running stack: so many frames, in and out, then the end",
  { timeout: 60_000 },
  async (t) => {
    const { env, talk } = await serve(t);
    const watching = await watch(t, env, "-c", "3", "tcp");
    await talk();
    assert.equal(await watching.ended, 0);
    const flags = watching.out
      .trimEnd()
      .split("\n")
      .map((line) => /Flags \[(\S+)\]/.exec(line)?.[1]);
    assert.deepEqual(flags, ["S", "S.", "."]);
    assert.match(
      watching.err,
      /\n\d+ frames seen, 3 passed the filter, 0 frames dropped by the stack\.\n$/,
    );
  },
);

test("-w FILE, and Ctrl-C: a capture with directions", { timeout: 60_000 }, async (t) => {
  const { env, folder, talk } = await serve(t);
  const file = join(folder, "live.pcapng");
  const watching = await watch(t, env, "--stack", "bench", "-w", file, "tcp");
  const frames = () => [...readCapture(readFileSync(file))];
  await talk();
  const isThere = () => statSync(file).size > 0;
  await until(() => isThere() && frames().length >= 8, "the exchange");
  watching.child.kill("SIGINT");
  assert.equal(await watching.ended, 0);
  const directions = new Set(frames().map(({ direction }) => direction));
  assert.deepEqual(directions, new Set(["rx", "tx"]));
  assert.match(watching.err, /frames written to .*live\.pcapng\.\n/);
});

test("-w -: a capture on stdout, for Wireshark", { timeout: 60_000 }, async (t) => {
  const { env, talk } = await serve(t);
  const words = [main, "tcpdump", "--stack", "bench", "-w", "-", "-c", "3", "tcp"];
  const child = spawn(process.execPath, words, { env, stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  const parts: Buffer[] = [];
  let err = "";
  child.stdout.on("data", (bytes: Buffer) => void parts.push(bytes));
  child.stderr.on("data", (bytes) => (err += String(bytes)));
  await until(() => /Listening/.test(err), "the beginning");
  await talk();
  await new Promise((done) => child.once("close", done));
  const frames = [...readCapture(Buffer.concat(parts))];
  assert.deepEqual(
    frames.map(({ direction }) => direction),
    ["rx", "tx", "rx"],
  );
});

test("--ladder; the stack that goes is said to have gone", { timeout: 60_000 }, async (t) => {
  const { env, serving, talk } = await serve(t);
  const watching = await watch(t, env, "--ladder");
  await talk();
  await watching.seen(/LAST-ACK/);
  serving.child.kill("SIGINT");
  assert.equal(await watching.ended, 1);
  assert.match(watching.err, /dropped by the stack\.\nmote tcpdump: the stack bench has gone\n$/);
});

test("no stack runs, or none of this name", { timeout: 60_000 }, async (t) => {
  const { env } = await serve(t);
  const none = startMote(t, ["tcpdump", "--stack", "bunch"], { env });
  assert.equal(await none.ended, 1);
  assert.match(none.err, /no stack "bunch" is running \(did you mean bench\?\)/);
  const nowhere = startMote(t, ["tcpdump"], { env: { ...env, XDG_RUNTIME_DIR: "/nonexistent" } });
  assert.equal(await nowhere.ended, 1);
  assert.match(nowhere.err, /no stack is running here; this starts one: mote serve/);
});
