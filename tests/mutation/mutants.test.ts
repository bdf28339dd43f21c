// A bounded part of the mutation check (CONTRIBUTING.md): the same few mutants each time, until the
// TCP code changes. It holds the tool and the worst of what could happen to the suite; the share that
// is asked for is measured with hundreds of mutants, by hand.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";

const COUNT = 12;
/** Of so few one more survivor is chance: two of twelve may live, a third is a hole in the tests. */
const LEAST = 75;

function mutate(words: readonly string[]): Promise<{ code: number; text: string }> {
  return new Promise((settle) => {
    execFile(process.execPath, ["tools/mutate.mjs", ...words], (error, stdout, stderr) => {
      settle({ code: error ? Number(error.code) || 1 : 0, text: stdout + stderr });
    });
  });
}

test(`of ${COUNT} mutants of the TCP code the packet tests kill ${LEAST} %`, async (t) => {
  const words = ["--count", String(COUNT), "--seed", "7", "--least", String(LEAST)];
  const { code, text } = await mutate(words);
  for (const line of text.trim().split("\n")) t.diagnostic(line.trim());
  assert.equal(code, 0, text);
  const verdicts = /^(\d+) killed, (\d+) survived, (\d+) equivalent, (\d+) did not compile/m.exec(
    text,
  );
  const sum = (verdicts ?? []).slice(1).reduce((total, number) => total + Number(number), 0);
  assert.equal(sum, COUNT, text);
});

test("a share that the suite cannot reach is a failure", async () => {
  const { code, text } = await mutate(["--count", "0", "--least", "1"]);
  assert.equal(code, 1, text);
});
