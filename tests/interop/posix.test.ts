// The board "posix": pump, engine and an application in C, compiled with sanitizers, against the kernel over TAP.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { compileNative, ENGINES, POSIX, type Engine } from "../boards/support/native.js";
import type { Running } from "../command/support/process.js";
import { connectFlow } from "./support/flow.js";
import { skip } from "./support/namespace.js";
import { pingAll } from "./support/pings.js";
import { patternDigest } from "./support/pattern.js";
import { output, run } from "./support/programs.js";
import { ADDRESS, DEVICE, startOnTap } from "./support/tapBoard.js";

const options = { skip, timeout: 240_000 };
const ECHO_PORT = 7;
const HELLO_PORT = "8000";
/** Connections at a time that can carry data: rings each way. */
const MOST = { tiny: 4, esp32: 8 };
const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"];
const PARTS = { sources: POSIX, flags: ["-O1", ...SANITIZERS] };

const folder = mkdtempSync(join(tmpdir(), "mote-posix-"));
after(() => rmSync(folder, { recursive: true }));

type BoardProfile = keyof typeof MOST;

/** The program of an engine with a profile, compiled when it is first needed. */
const programs = new Map<string, Promise<string>>();
function programOf(engine: Engine, profile: BoardProfile): Promise<string> {
  const name = `mote-echo-${engine}-${profile}`;
  const program = programs.get(name) ?? compileNative(profile, folder, { ...PARTS, engine, name });
  programs.set(name, program);
  return program;
}

async function startBoard(t: TestContext, engine: Engine, profile: BoardProfile): Promise<Running> {
  const board = await startOnTap(t, await programOf(engine, profile), [DEVICE, ADDRESS]);
  await board.seen(/^echo on 198\.18\.0\.2 port 7\n/);
  return board;
}

async function echo(length: number): Promise<void> {
  const { digest } = await connectFlow(ADDRESS, ECHO_PORT, { send: length });
  assert.equal(digest, patternDigest(length));
}

const MATRIX = ENGINES.flatMap((engine) =>
  (["tiny", "esp32"] as const).map((profile) => ({ engine, profile })),
);

for (const { engine, profile } of MATRIX) {
  test(
    `posix, ${engine}, ${profile}: pings of all sizes, 100 KB, connections`,
    options,
    async (t) => {
      const board = await startBoard(t, engine, profile);
      for (const size of [0, 1, 56, 535, 1_472]) await pingAll(ADDRESS, size);
      const hello = await output(["nc", "-d", ADDRESS, HELLO_PORT]);
      assert.match(hello, /^hello -> MoteTCP \d/);
      await echo(100_000);
      for (let i = 0; i < 100; i++) await echo(1 + i * 13);
      await Promise.all(Array.from({ length: MOST[profile] }, (_, i) => echo(20_000 + i)));
      await echo(5_000);
      assert.equal(board.err, "", "no sanitizer has complained");
      board.child.kill("SIGTERM");
      assert.equal(await board.ended, "SIGTERM");
    },
  );

  test(
    `posix, ${engine}, ${profile}: words that are none, and a device that is not there`,
    options,
    async () => {
      const program = await programOf(engine, profile);
      for (const words of [[], [DEVICE], [DEVICE, "198.18.0"], [DEVICE, "::1"]]) {
        const { code, err } = await run([program, ...words]);
        assert.equal(code, 2);
        assert.match(err, /^usage: \S+ DEVICE ADDRESS /);
      }
      const { code, err } = await run([program, "a-name-that-is-too-long/", ADDRESS]);
      assert.equal(code, 1);
      assert.match(err, /^TAP device a-name-that-is-too-long\/: /);
    },
  );
}
