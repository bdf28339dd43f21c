// `mote replay --keys` on a terminal: it waits behind what it has shown, each key does what it says, and the terminal is as it
// was.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { runCommand } from "../../host/command/cli.js";
import { output } from "./support/output.js";
import { recording } from "./support/recording.js";
import { endsWell, filled, hasTerminal } from "./support/screen.js";
import { CTRL_C, openTerminal, type Terminal } from "./support/terminal.js";

const options = { timeout: 60_000 };

const open = async (t: TestContext, columns: number, ...words: string[]): Promise<Terminal> =>
  openTerminal(t, ["replay", await recording(t), "--keys", ...words], { columns, rows: 30 });

/** Lines of segments and states, without times. */
const shown = (terminal: Terminal): number =>
  terminal.lines().filter((line) => /^\d\d:\d\d:\d\d\.\d{6} /.test(line)).length;

const PROMPT = /^Call \d+\. Enter: next, s: next state, b: control blocks, c: go on, q: end$/;

const prompts = (terminal: Terminal): string =>
  filled(terminal.screen())
    .filter((row) => row.startsWith("Call "))
    .join("\n");

/** It waits behind another prompt. */
async function waits(terminal: Terminal, before: string): Promise<string> {
  const isThere = (): boolean => prompts(terminal) !== "" && prompts(terminal) !== before;
  await terminal.until(isThere, "another prompt");
  return prompts(terminal);
}

test("one moment for each Enter, a state for s, the rest for c", options, async (t) => {
  if (!hasTerminal(t)) return;
  const terminal = await open(t, 120);
  let prompt = await waits(terminal, "");
  assert.match(prompt, PROMPT);
  assert.match(filled(terminal.screen())[0]!, /CLOSED → SYN-SENT, USER$/);
  const counts = [shown(terminal)];
  for (const key of ["\r", " ", "n"]) {
    terminal.type(key);
    prompt = await waits(terminal, prompt);
    counts.push(shown(terminal));
  }
  // ARP's question and answer, the SYN and its answer, which brings another state.
  assert.deepEqual(counts[0], 1);
  assert.ok(
    counts.every((count, i) => i === 0 || count > counts[i - 1]!),
    `${counts}`,
  );
  terminal.type("x");
  terminal.type("s");
  await waits(terminal, prompt);
  assert.match(filled(terminal.screen()).at(-2)!, / → /);
  terminal.type("c");
  await endsWell(terminal, 0);
  const rows = filled(terminal.screen());
  assert.equal(rows.at(-1), "The memory is the same to the last byte.");
  assert.equal(prompts(terminal), "");
});

test("b shows the control blocks, q ends it there", options, async (t) => {
  if (!hasTerminal(t)) return;
  const terminal = await open(t, 60);
  const prompt = await waits(terminal, "");
  assert.ok(prompt.length < 60 && prompt.startsWith("Call "), prompt);
  terminal.type("b");
  await terminal.seen(/↔ 7 SYN-SENT\n {2}iss \d+/);
  terminal.type("q");
  await endsWell(terminal, 0);
  assert.match(terminal.lines().join("\n"), /^Stopped: behind call \d+\.$/m);
  assert.deepEqual(terminal.wrapped(), []);
});

test("Ctrl-C ends it, too", options, async (t) => {
  if (!hasTerminal(t)) return;
  const terminal = await open(t, 120, "-v");
  await waits(terminal, "");
  terminal.type(CTRL_C);
  await endsWell(terminal, 0);
  assert.match(terminal.lines().join("\n"), /^Stopped: behind call \d+\.$/m);
});

test("--keys without a terminal, or with --json: one line, exit code 2", async (t) => {
  const file = await recording(t);
  for (const [words, says] of [
    [["--keys"], /--keys waits for keys of a terminal; without one: --step/],
    [["-k", "--json"], /--keys is for people, --json for programs: leave one of them out/],
  ] as const) {
    const { io, err } = output();
    assert.equal(await runCommand(["replay", file, ...words], io), 2);
    assert.match(err(), says);
  }
});
