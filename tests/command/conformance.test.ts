// `mote conformance` and `mote boards`: what they show, what they take, how they end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BOARDS } from "../../host/boards/board.js";
import { runCommand } from "../../host/command/cli.js";
import { KNOWN_FAILURES } from "../../host/conformance/known.js";
import { runSuite, suiteScripts } from "../../host/conformance/suite.js";
import { output } from "./support/output.js";

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const { io, out, err } = output();
  const code = await runCommand(words, io);
  return { code, out: out(), err: err() };
}

test("a matrix of events and states; known failures are marked, and no failure of the run", async () => {
  const { code, out, err } = await run("conformance", "close", "LAST-ACK");
  assert.equal(code, 0, err);
  const lines = out.split("\n");
  assert.match(lines[0]!, /^ +CLOSED {2}LISTEN {2}SYN-S .* TIME-W$/);
  const close = lines.find((line) => line.startsWith("close "))!;
  // By the columns of the states: in SYN-RECEIVED one is known to fail.
  const at = lines[0]!.indexOf("SYN-R ");
  assert.match(close.slice(at, at + 8), /^\?1 /);
  assert.match(out, /^[\d,]+ passed, 1 fail, which is known \(\?\), in /m);
  assert.doesNotMatch(out, /^fin-wait/im, "a whole name is that one alone");
});

test("each script of the package is in the suite, and every known failure is one of them", () => {
  const { scripts, leftOut } = suiteScripts("desktop");
  assert.ok(scripts.length >= 1_500);
  assert.equal(leftOut, 0);
  const paths = new Set(scripts.map(({ path }) => path));
  for (const script of KNOWN_FAILURES.flatMap((known) => known.scripts))
    assert.ok(paths.has(`${script}.pkt`), script);
  const tiny = suiteScripts("tiny");
  assert.equal(tiny.scripts.length + tiny.leftOut, scripts.length);
  assert.ok(tiny.leftOut > 100);
});

test("a script that fails is named, and the run ends with 1", async () => {
  // What tiny leaves out fails there.
  const script = suiteScripts("desktop").scripts.find(({ path }) => /timestamp-in-EST/.test(path))!;
  const [outcome] = await runSuite([script], "tiny");
  assert.equal(outcome!.outcome, "failed");
  assert.ok(outcome!.result.problem!.message.length > 0);
});

test("--json: a line for each script, then the counts", async () => {
  const { code, out } = await run("conformance", "fin", "--profile", "tiny", "--json");
  assert.equal(code, 0);
  const lines = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const counts = lines.pop()!;
  assert.deepEqual([counts["failed"], counts["passed"]], [0, lines.length]);
  assert.ok(lines.every(({ event, outcome }) => event === "fin" && outcome === "passed"));
});

test("no such event, state or profile: the nearest, and exit code 2", async () => {
  const event = await run("conformance", "finn");
  assert.deepEqual([event.code, /did you mean FIN\?/.test(event.err)], [2, true], event.err);
  const profile = await run("conformance", "--profile", "tny");
  assert.deepEqual([profile.code, /did you mean tiny\?/.test(profile.err)], [2, true]);
});

test("boards: every one, with engines and what is lacking", async () => {
  const { code, out } = await run("boards", "--json");
  assert.equal(code, 0);
  const boards = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { name: string });
  assert.deepEqual(
    boards.map(({ name }) => name),
    BOARDS.map(({ name }) => name),
  );
  const text = await run("boards");
  for (const { name } of BOARDS) assert.match(text.out, new RegExp(`^${name} `, "m"));
});
