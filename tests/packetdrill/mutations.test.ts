// Scripts with something changed at random: whatever comes of it, it is told as what is wrong with
// the script or the stack, never as an error of the runner, and it ends.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { scriptFiles } from "../../host/packetdrill/files.js";
import { runText } from "../../host/packetdrill/runner.js";
import { fromRoot } from "../static/support/module.js";
import { chooseSeed, createRandom } from "../static/support/random.js";

const texts = scriptFiles([fromRoot("tests/packetdrill")]).map((file) =>
  readFileSync(file, "utf8"),
);
const SIGNS = '0123456789.,:()<>[]{}|+-*!`%"#=~ \nSFRPUEWA';
const NUMBERS = [
  "0",
  "1",
  "65535",
  "65536",
  "4294967295",
  "4294967296",
  "-1",
  "99999999999999999999",
];

type Below = (limit: number) => number;

function mutate(text: string, below: Below): string {
  const at = below(text.length);
  const lines = text.split("\n");
  const line = () => below(lines.length);
  switch (below(6)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1 + below(3));
    case 1:
      return text.slice(0, at) + SIGNS[below(SIGNS.length)]! + text.slice(at);
    case 2:
      lines.splice(line(), 1);
      break;
    case 3:
      lines.splice(line(), 0, ...lines.splice(line(), 1));
      break;
    case 4:
      lines.splice(line(), 0, lines[line()]!);
      break;
    default:
      return text.replace(/\d+/g, (old) =>
        below(30) === 0 ? NUMBERS[below(NUMBERS.length)]! : old,
      );
  }
  return lines.join("\n");
}

const SOAK = Math.max(1, Number(process.env["MOTE_SOAK"] ?? 1) || 1);

test("changed scripts never break the runner", async (t) => {
  const seed = chooseSeed();
  t.diagnostic(`MOTE_SEED=${seed}`);
  const { below } = createRandom(seed);
  for (let i = 0; i < 500 * SOAK; i++) {
    let text = texts[below(texts.length)]!;
    for (let changes = 1 + below(3); changes > 0; changes--) text = mutate(text, below);
    const { problem } = await runText("mutated.pkt", text);
    const message = problem?.message ?? "";
    assert.doesNotMatch(message, /\n\s+at |Error:/, `MOTE_SEED=${seed}: ${message}\n${text}`);
    assert.ok(!problem || (problem.line >= 1 && problem.column >= 1));
  }
});
