// Runs the tests in groups and prints the time of each. A group is a folder of dist/tests with
// compiled *.test.js files, or "unit": the as-pect specs. `--group NAME` runs one (may be given
// more than once). MOTE_REQUIRE=all: a skipped test is a failure. MOTE_VERBOSE=1: all output.

import { spawnSync } from "node:child_process";
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { filesBelow, ROOT } from "./lib/files.mjs";
import { runNodeTests } from "./lib/node-tests.mjs";
import { cleanEnvironment } from "./lib/run.mjs";
import {
  canInstall,
  installPackages,
  isRoot,
  missingPackages,
  SETUP_COMMAND,
} from "./lib/system.mjs";
import { runUnitTests } from "./lib/unit-tests.mjs";

/** In this order; a folder that is not named here comes last. */
const ORDER = [
  "static",
  "unit",
  "host",
  "portable",
  "dgram",
  "net",
  "packets",
  "packetdrill",
  "sim",
  "fuzz",
  "boards",
  "component",
  "mutation",
  "command",
  "package",
  "libraries",
  "interop",
];
/** Groups that use programs of tests/packages.apt, and those that cannot do without. */
const USES_SYSTEM = new Set(["static", "boards", "component", "command", "libraries", "interop"]);
/** Groups that run the interpreter: it is fetched before, as there is no network in the namespaces of tests. */
const USES_INTERPRETER = new Set(["boards", "interop"]);
/** Groups that run components: those are made, and their other engine fetched, before. */
const USES_COMPONENTS = new Set(["component"]);
/** The group whose packages are its own: they are installed, and it is compiled, before. */
const OWN_PACKAGES = "libraries";
const NEEDS_SYSTEM = new Set(["interop"]);

const requireAll = process.env.MOTE_REQUIRE === "all";

function testFiles(group) {
  const found = filesBelow(`dist/tests/${group}`, (path) => path.endsWith(".test.js"));
  return found.map((path) => join(ROOT, path));
}

/** Folders with sources of tests: one whose tests did not compile must not go unnoticed. */
function groupNames() {
  const sources = filesBelow("tests", (path) => /\.(test|spec)\.ts$/.test(path));
  const names = new Set(sources.map((path) => path.split("/")[1]));
  const rank = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return [...names].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** "" when all packages are there, else one line: what is missing and what brings it. */
async function provideSystem() {
  const missing = missingPackages();
  if (missing.length === 0) return "";
  const hint = `missing: ${missing.join(", ")}; to install: ${SETUP_COMMAND}`;
  if (!canInstall()) return hint;
  const terminal = process.stdin.isTTY && process.stdout.isTTY;
  if (!terminal && !isRoot()) return hint;
  if (terminal && !(await agrees(missing))) return hint;
  const problem = installPackages(missing);
  const still = missingPackages();
  return problem === "" && still.length === 0 ? "" : `${hint} (${problem || "not installed"})`;
}

/** Best effort: a test that needs what could not be had says so itself. */
async function provideInterpreter() {
  try {
    const { providePywasm3, wasm3Sources } = await import("./lib/wasm3.mjs");
    wasm3Sources();
    providePywasm3();
  } catch (error) {
    console.log(error.message);
  }
}

/** Best effort, too. */
async function provideComponents() {
  try {
    const provide = await import("./lib/component/provide.mjs");
    await provide.provideComponents();
    provide.provideWasmtime();
  } catch (error) {
    console.log(error.message);
  }
}

/** Installs what the tests of libraries depend on, and compiles them; false when that failed, with a message. */
function provideLibraries() {
  const run = (...words) => {
    const { status } = spawnSync(process.execPath, words, { cwd: ROOT, stdio: ["ignore", 2, 2] });
    return status === 0;
  };
  const folder = `tests/${OWN_PACKAGES}`;
  if (!run("tools/bootstrap.mjs", folder)) return false;
  if (!run("node_modules/typescript/bin/tsc", "-b", folder, "--pretty", "false")) return false;
  // What is compiled finds the packages as its sources do.
  const link = join(ROOT, "dist", folder, "node_modules");
  rmSync(link, { force: true });
  symlinkSync(join(ROOT, folder, "node_modules"), link, "junction");
  return true;
}

async function agrees(missing) {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const question = `The tests need ${missing.join(", ")}. Install with apt-get? [y/N] `;
  const answer = await terminal.question(question);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function runGroup(group, { signal, systemProblem }) {
  if (group === "unit") return runUnitTests();
  if (group === OWN_PACKAGES && !provideLibraries()) return { passed: 0, failed: 1, skipped: 0 };
  const files = testFiles(group);
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  if (NEEDS_SYSTEM.has(group) && systemProblem !== "") {
    console.log(`  skipped: all of ${group} (${systemProblem})`);
    return { passed: 0, failed: 0, skipped: files.length };
  }
  return runNodeTests(files, { signal });
}

/** Runs a group, and prints and judges its result. */
async function judgeGroup(group, context) {
  console.log(`${group}:`);
  const started = performance.now();
  const counts = await runGroup(group, context);
  if (counts.passed + counts.failed + counts.skipped === 0) {
    console.log(`  FAILED: no test ran in ${group}`);
    counts.failed++;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { passed, failed, skipped } = counts;
  console.log(`${group}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds} s\n`);
  return counts;
}

function chosenGroups() {
  const { values } = parseArgs({ options: { group: { type: "string", multiple: true } } });
  const known = groupNames();
  const unknown = (values.group ?? []).filter((name) => !known.includes(name));
  if (unknown.length === 0) return values.group ?? known;
  throw new Error(`There is no group ${unknown.join(", ")}. Groups: ${known.join(", ")}`);
}

async function main() {
  const groups = chosenGroups();
  const kept = cleanEnvironment();
  for (const name of Object.keys(process.env)) if (!(name in kept)) delete process.env[name];
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"]) {
    process.once(name, () => {
      stop.abort();
      process.exitCode = 130;
      setTimeout(() => process.exit(130), 2_000).unref();
    });
  }
  const systemProblem = groups.some((group) => USES_SYSTEM.has(group)) ? await provideSystem() : "";
  if (groups.some((group) => USES_INTERPRETER.has(group))) await provideInterpreter();
  if (groups.some((group) => USES_COMPONENTS.has(group))) await provideComponents();
  const context = { signal: stop.signal, systemProblem };
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const group of groups) {
    if (stop.signal.aborted) break;
    const counts = await judgeGroup(group, context);
    for (const key of Object.keys(sum)) sum[key] += counts[key];
  }
  const skipsFail = requireAll && sum.skipped > 0;
  if (skipsFail) console.log("MOTE_REQUIRE=all: nothing may be skipped.");
  if (sum.failed > 0 || skipsFail || groups.length === 0) process.exitCode ||= 1;
  console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
