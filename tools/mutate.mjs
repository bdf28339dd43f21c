// Does a test notice? Makes small changes to the TCP code (tools/lib/mutants.mjs), one at a time, and
// runs the packet tests on each module. A mutant that no test fails on has survived: either nothing
// can tell it from the original (then it stands, with the reason, in tests/equivalent-mutants.txt) or
// a test is missing. Prints survivors, and what share was killed; exit 1 below the share that
// `--least` asks for.
//
//   npm run mutate -- [--count 200] [--seed 1] [--least 85] [--only FILE] [--again]
//
// --again: only those that survived the last run, to see whether new tests notice them.

import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { entriesOf } from "./lib/core.mjs";
import { filesBelow, ROOT } from "./lib/files.mjs";
import { findMutants } from "./lib/mutants.mjs";
import { runNode } from "./lib/run.mjs";

/** Of this run alone: another may go on beside it. */
const FOLDER = join(ROOT, "build", `.mutants-${process.pid}`);
const WORKERS = 2;
/** Longest time of one test file, ms: a mutant may run for ever. */
const FILE_TIMEOUT_MS = 30_000;
const EQUIVALENT = "tests/equivalent-mutants.txt";
const SURVIVORS = join(ROOT, "build", "surviving-mutants.txt");

const { targets } = JSON.parse(readFileSync(join(ROOT, "asconfig.json"), "utf8"));

/** A small generator (xorshift32): the same seed, the same mutants. */
function shuffled(items, seed) {
  let state = seed || 1;
  const next = (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const list = [...items];
  for (let i = list.length - 1; i > 0; i--) {
    const j = next(i + 1);
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}

/** How a mutant is told from others: not by its line, which moves. */
const nameOf = ({ path, from, to, kind, around, nth }) =>
  `${path} | ${kind} | ${around} | ${from} -> ${to}${nth > 1 ? ` (${nth})` : ""}`;

/** Mutants of one line that look alike are counted. */
function numbered(mutants) {
  const seen = new Map();
  return mutants.map((mutant) => {
    const key = `${mutant.line} ${nameOf(mutant)}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
    return { ...mutant, nth: seen.get(key) };
  });
}

function readEquivalent() {
  if (!existsSync(join(ROOT, EQUIVALENT))) return new Map();
  const lines = readFileSync(join(ROOT, EQUIVALENT), "utf8").split("\n");
  const entries = lines.filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(entries.map((line) => line.split(" || ")).map(([name, why]) => [name, why]));
}

/** A copy of what the tests need, with a source and a module of its own. */
function makeBench(index) {
  const bench = join(FOLDER, String(index));
  rmSync(bench, { recursive: true, force: true });
  mkdirSync(join(bench, "build"), { recursive: true });
  const parts = ["dist", "assembly", "package.json", "asconfig.json", "boards", "docs"];
  for (const name of [...parts, "tests/packets", "tests/packetdrill"]) {
    cpSync(join(ROOT, name), join(bench, name), { recursive: true });
  }
  for (const path of filesBelow("build", (name) => name.endsWith(".wasm"))) {
    if (!path.startsWith("build/.")) cpSync(join(ROOT, path), join(bench, path));
  }
  symlinkSync(join(ROOT, "node_modules"), join(bench, "node_modules"));
  return bench;
}

/** Every profile, without optimising: that takes a second or two. */
async function compile(bench) {
  for (const profile of ["tiny", "esp32", "desktop"]) {
    const module = join(bench, "build", `${profile}.wasm`);
    const { initialMemory } = targets[profile];
    const target = ["--target", `${profile}-debug`, "--noAssert", "--outFile", module];
    const memory = ["--initialMemory", initialMemory, "--maximumMemory", initialMemory].map(String);
    const args = [...entriesOf(profile), ...target, ...memory];
    const result = await runNode("node_modules/assemblyscript/bin/asc.js", args, { cwd: bench });
    if (result.code !== 0) return false;
  }
  return true;
}

/** The first test file that fails, or "". Those that killed most come first. */
async function firstFailure(bench, files, kills) {
  const order = [...files].sort((a, b) => (kills.get(b) ?? 0) - (kills.get(a) ?? 0));
  for (const file of order) {
    const result = await runNode(file, [], { cwd: bench, timeoutMs: FILE_TIMEOUT_MS });
    if (result.code !== 0) {
      kills.set(file, (kills.get(file) ?? 0) + 1);
      return file;
    }
  }
  return "";
}

/** Without a change every test must pass, or all mutants would seem to be killed. */
async function checkOriginal(bench, files) {
  const compiles = await compile(bench);
  const failing = compiles ? await firstFailure(bench, files, new Map()) : "asc";
  if (failing !== "") throw new Error(`without a change ${failing} fails: mend that first`);
}

async function judge(mutant, bench, files, kills) {
  // The bench's own copy: the source may be edited meanwhile.
  const path = join(bench, mutant.path);
  const original = readFileSync(path, "utf8");
  const changed = original.slice(0, mutant.start) + mutant.to + original.slice(mutant.end);
  writeFileSync(path, changed);
  try {
    if (!(await compile(bench))) return "does not compile";
    const file = await firstFailure(bench, files, kills);
    return file === "" ? "survived" : `killed by ${file.replace(/^.*\//, "")}`;
  } finally {
    writeFileSync(path, original);
  }
}

function withSurroundings(mutant) {
  const line = readFileSync(join(ROOT, mutant.path), "utf8").split("\n")[mutant.line - 1];
  return { ...mutant, around: line.trim() };
}

const drawn = (all, { seed, count }) => shuffled(all, Number(seed)).slice(0, Number(count));

function lastSurvivors(all) {
  const names = new Set(readFileSync(SURVIVORS, "utf8").split("\n"));
  return all.filter((mutant) => names.has(nameOf(mutant)));
}

async function main() {
  const { values } = parseArgs({
    options: {
      count: { type: "string", default: "200" },
      seed: { type: "string", default: "1" },
      least: { type: "string", default: "85" },
      only: { type: "string" },
      again: { type: "boolean", default: false },
    },
  });
  const paths = filesBelow("assembly/tcp", (path) => path.endsWith(".ts"));
  const chosen = paths.filter((path) => values.only === undefined || path.endsWith(values.only));
  const known = readEquivalent();
  const all = numbered(findMutants(ROOT, chosen).map(withSurroundings));
  if (all.length === 0) throw new Error(`no file of assembly/tcp ends in ${values.only}`);
  const mutants = values.again ? lastSurvivors(all) : drawn(all, values);
  const files = filesBelow("dist/tests/packets", (path) => path.endsWith(".test.js"));
  const kills = new Map();
  const results = [];
  const queue = [...mutants];
  console.log(`${mutants.length} of ${all.length} mutants, seed ${values.seed}`);
  const benches = Array.from({ length: WORKERS }, (_, index) => makeBench(index));
  await checkOriginal(benches[0], files);
  async function work(bench) {
    for (let mutant; (mutant = queue.shift()) !== undefined;) {
      const verdict = known.has(nameOf(mutant))
        ? "equivalent"
        : await judge(mutant, bench, files, kills);
      results.push({ mutant, verdict });
      if (results.length % 25 === 0) console.log(`${results.length} of ${mutants.length}`);
      if (verdict === "survived") console.log(`  ${mutant.path}:${mutant.line}: ${nameOf(mutant)}`);
    }
  }
  await Promise.all(benches.map(work));
  const survivors = results.filter(({ verdict }) => verdict === "survived");
  writeFileSync(SURVIVORS, survivors.map(({ mutant }) => `${nameOf(mutant)}\n`).join(""));
  rmSync(FOLDER, { recursive: true, force: true });
  return report(results, Number(values.least));
}

function report(results, least) {
  const count = (test) => results.filter(({ verdict }) => test(verdict)).length;
  const killed = count((verdict) => verdict.startsWith("killed"));
  const survived = count((verdict) => verdict === "survived");
  const equivalent = count((verdict) => verdict === "equivalent");
  const broken = count((verdict) => verdict === "does not compile");
  const share = (100 * killed) / Math.max(1, killed + survived);
  console.log(
    `${killed} killed, ${survived} survived, ${equivalent} equivalent, ${broken} did not compile: ` +
      `${share.toFixed(1)} % killed (at least ${least})`,
  );
  return share >= least ? 0 : 1;
}

process.exitCode = await main();
