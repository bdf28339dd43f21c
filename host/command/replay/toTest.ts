// A recording as a program of node:test: does it again with the installed package, and asserts the memory, the changes of
// state and the segments that it has shown here. A small recording stands in the program, a large one beside it.

import { readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import { pathToFileURL } from "node:url";
import { writeFile } from "../../record/file.js";
import { replayRecording, type ReplayReport } from "../../record/replayRecording.js";
import { packageVersion } from "../../version.js";
import { codeOf, UsageError } from "../exit.js";
import { alreadyThere } from "../files.js";
import type { ReplayOptions } from "./options.js";

/** A recording of so many bytes stands in the program. */
const MOST_EMBEDDED_BYTES = 32 * 1024;
/** Lines of each kind that are asserted one by one; of more only the last, and how many there are. */
const MOST_LINES = 200;
const LINE_BYTES = 96;

/** Where the program is. Throws EEXIST, and what replayRecording() rejects with. */
export async function writeTest(
  file: string,
  program: string,
  { until, force }: Pick<ReplayOptions, "until" | "force">,
): Promise<string> {
  if (!/\.m?js$/.test(program)) {
    throw new UsageError(`--to-test writes a module: a name that ends in .mjs, not "${program}"`);
  }
  const bytes = readFileSync(file);
  const report = await replayRecording(bytes, until === null ? {} : { until: until.word });
  const isEmbedded = bytes.length <= MOST_EMBEDDED_BYTES;
  const beside = `${program.slice(0, -extname(program).length)}.moterec`;
  const source = isEmbedded ? embedded(bytes) : besideText(basename(beside));
  const text = programText({ file, until: until?.word ?? null, source, report });
  if (!isEmbedded && !isSame(beside, file)) write(beside, bytes, force);
  write(program, Buffer.from(text), force);
  return program;
}

const isSame = (one: string, other: string): boolean =>
  pathToFileURL(one).href === pathToFileURL(other).href;

function write(path: string, bytes: Uint8Array, force: boolean): void {
  try {
    writeFile(path, [bytes], force);
  } catch (cause) {
    throw codeOf(cause) === "EEXIST" ? alreadyThere(path, cause) : cause;
  }
}

const besideText = (name: string): string =>
  `const RECORDING = new URL(${JSON.stringify(`./${encodeURIComponent(name)}`)}, import.meta.url);`;

function embedded(bytes: Buffer): string {
  const text = bytes.toString("base64");
  const lines = text.match(new RegExp(`.{1,${LINE_BYTES}}`, "g")) ?? [];
  const rows = lines.map((line) => `  "${line}",`).join("\n");
  return `// As secret as what came in.\nconst RECORDING = Buffer.from(\n  [\n${rows.replace(/^/gm, "  ")}\n  ].join(""),\n  "base64",\n);`;
}

interface Program {
  readonly file: string;
  readonly until: string | null;
  /** The statement that makes RECORDING. */
  readonly source: string;
  readonly report: ReplayReport;
}

function programText({ file, until, source, report }: Program): string {
  const { outcome, calls, states, segments, memory } = report;
  const played = until === null ? "" : `, { until: ${JSON.stringify(until)} }`;
  const words = `mote replay ${basename(file)}${until === null ? "" : ` --until ${until}`}`;
  return `// ${words}, with MoteTCP ${packageVersion()}: run it with node --test.
// A recording belongs to one build of the core: with another, replayRecording() rejects with ERR_RECORDING_BUILD.

import assert from "node:assert/strict";
import { test } from "node:test";
import { replayRecording } from "motetcp";

${source}

test(${JSON.stringify(words)}, async () => {
  const { outcome, calls, states, segments, memory } = await replayRecording(RECORDING${played});
${linesText("states", states)}
${linesText("segments", segments)}
  assert.equal(outcome, ${JSON.stringify(outcome)});
  assert.equal(calls, ${calls});
  assert.equal(memory, ${JSON.stringify(memory)});
});
`;
}

function linesText(name: string, lines: readonly string[]): string {
  const rows = (some: readonly string[]): string =>
    some.length === 0
      ? "[]"
      : `[\n${some.map((line) => `    ${JSON.stringify(line)},`).join("\n")}\n  ]`;
  if (lines.length <= MOST_LINES) return `  assert.deepEqual(${name}, ${rows(lines)});`;
  const last = rows(lines.slice(-MOST_LINES));
  return `  assert.equal(${name}.length, ${lines.length});\n  assert.deepEqual(${name}.slice(-${MOST_LINES}), ${last});`;
}
