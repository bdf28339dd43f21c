// One row of how far long work is: when it comes, what it says, that it goes; and a replay that has one. Time is the test's.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { runCommand } from "../../host/command/cli.js";
import type { Io, Output as Stream } from "../../host/command/io.js";
import { createProgress } from "../../host/command/progress.js";
import { createStack } from "../../host/nodeStack.js";
import { output } from "./support/output.js";

/** stderr is a screen of so many columns; `drawn`: what was written there since the last look, without control sequences. */
function onScreen(columns: number, screen: Partial<Stream> = { isTTY: true }) {
  const { io, out } = output();
  let text = "";
  const stderr = { ...screen, columns, rows: 24, write: (more: string) => void (text += more) };
  const drawn = (): string => {
    const seen = text;
    text = "";
    // eslint-disable-next-line no-control-regex
    return seen.replace(/\u001b\[[?\d]*[A-Za-z]/g, "").replace(/[\r\n]/g, "");
  };
  return { io: { ...io, stderr } as Io, drawn, out, raw: () => text };
}

/** Each look at the clock finds it so much later. */
function clockOf(t: TestContext, stepMs: number): void {
  let ms = 0;
  t.mock.method(performance, "now", () => (ms += stepMs));
}

test("a row after half a second, drawn again five times a second, gone at the end", (t) => {
  const { io, drawn, raw } = onScreen(80);
  clockOf(t, 100);
  const progress = createProgress(io, true);
  for (let i = 0; i < 5; i++) progress.at(1e6 * i, 100e6);
  assert.equal(raw(), "");
  progress.at(50e6, 100e6);
  assert.equal(drawn(), "[##########          ] 50% of 100 MB, 100 MB/s, 500 ms left");
  progress.at(51e6, 100e6);
  assert.equal(raw(), "");
  progress.at(70e6, 100e6);
  assert.match(drawn(), /^\[#{14} {6}\] 70% of 100 MB/);
  progress.at(90e6, null);
  progress.at(90e6, null);
  assert.match(drawn(), /^90 MB, [\d.]+ MB\/s$/);
  progress.end();
  assert.equal(raw().endsWith("\u001b[?25h"), true);
  assert.equal(drawn(), "");
});

test("without room for the bar the words alone; none at all where there is no screen, or it is not wanted", (t) => {
  clockOf(t, 300);
  const narrow = onScreen(60);
  const piped = onScreen(80, {});
  const unwanted = onScreen(80);
  for (const [{ io }, isWanted] of [
    [narrow, true],
    [piped, true],
    [unwanted, false],
  ] as const) {
    const progress = createProgress(io, isWanted);
    for (let i = 1; i < 5; i++) progress.at(20 * i, 100);
    progress.end();
  }
  assert.match(narrow.drawn(), /^\d0% of 100 B, \d+ B\/s, /);
  assert.equal(piped.raw() + unwanted.raw(), "");
});

/** The recording of a stack with so many turns. */
async function record(t: TestContext, turns: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "mote-progress-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "idle.moterec");
  const stack = await createStack({ profile: "tiny", loop: false, record: { to: file } });
  for (let turn = 0; turn < turns; turn++) stack.turn();
  stack.close();
  return file;
}

for (const [words, hasRow] of [
  [[], true],
  [["--step"], true],
  [["--json"], false],
] as const) {
  test(`replay ${words.join(" ")}: ${hasRow ? "a row" : "no row"} of how far it is`, async (t) => {
    const file = await record(t, 3_000);
    const { io, drawn, raw, out } = onScreen(80);
    clockOf(t, 300);
    assert.equal(await runCommand(["replay", file, ...words], io), 0);
    if (!hasRow) {
      assert.equal(raw(), "");
      return;
    }
    assert.equal(raw().endsWith("\u001b[?25h"), true);
    const percents = [...drawn().matchAll(/\] (\d+)% of [\d.]+ kB, /g)].map(([, n]) => Number(n));
    assert.ok(percents.length >= 2, `${percents}`);
    assert.deepEqual(
      percents,
      [...percents].sort((one, other) => one - other),
    );
    assert.match(out(), /The memory is the same to the last byte\./);
  });
}
