// Builds what changed: generated files, the core in its profiles, TypeScript. `--start [PROFILE]`
// builds only what `npm start` runs: the host and the desktop module, which user mode needs in any
// case, and that of the profile. `--sizes` prints the table of sizes. Inputs and outputs of each step
// are remembered by content, so a second run does nothing. Writes to stderr; stdout belongs to what
// runs next.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ASSERTS_ARE_GONE, entriesOf, SHRINK } from "./lib/core.mjs";
import { filesBelow, hashFiles, ROOT } from "./lib/files.mjs";
import { withLock } from "./lib/lock.mjs";
import { runAll, runNode } from "./lib/run.mjs";

const STATE = join(ROOT, "build", ".state.json");
const PARTIAL = "build/.partial";
const WIDTH = Math.min(2, availableParallelism());
const TOOLS = hashFiles(["package-lock.json", ...filesBelow("tools")]);

const isSource = (path) => path.endsWith(".ts");
const { targets } = JSON.parse(readFileSync(join(ROOT, "asconfig.json"), "utf8"));

/** asc writes into a folder of its own: an interrupted run leaves no half-written module. */
function coreStep(name) {
  const { outFile, textFile, sourceMap, shrinkLevel, noAssert } = targets[name];
  const files = [outFile, textFile, sourceMap && `${outFile}.map`].filter(Boolean);
  const partial = (path) => path.replace(/^build/, `${PARTIAL}/${name}`);
  return {
    name,
    inputs: () => ["asconfig.json", ...filesBelow("assembly", isSource)],
    outputs: () => files,
    async run() {
      mkdirSync(join(ROOT, PARTIAL, name), { recursive: true });
      const texts = textFile ? ["--textFile", partial(textFile)] : [];
      const args = [...entriesOf(name), "--target", name, "--outFile", partial(outFile), ...texts];
      let result = await runNode("node_modules/assemblyscript/bin/asc.js", args);
      if (result.code === 0 && shrinkLevel === 2) {
        const module = partial(outFile);
        result = await runNode("node_modules/binaryen/bin/wasm-opt", [
          ...(noAssert ? [ASSERTS_ARE_GONE] : []),
          ...SHRINK,
          module,
          "-o",
          module,
        ]);
      }
      if (result.code === 0) {
        for (const file of files) renameSync(join(ROOT, partial(file)), join(ROOT, file));
      }
      rmSync(join(ROOT, PARTIAL, name), { recursive: true, force: true });
      return result;
    },
  };
}

const generateStep = {
  name: "generated files",
  inputs: () => [
    ...["docs/abi.md", "wit/self-test/stack.ts", ...filesBelow("wit/stack")],
    ...filesBelow("assembly", isSource),
  ],
  outputs: () => [
    ...["host/core/generated/abi.ts", "boards/common/motetcp.h", "docs/abi.md"],
    "docs/reference/component.md",
    ...["wit/stack/core.wit", "wit/library/generated/core.ts", "wit/self-test/generated/peer.ts"],
  ],
  run: () => runNode("tools/generate.mjs", []),
};

const BOARD_MODULES = ["tiny", "esp32"].map((profile) => `build/${profile}.wasm`);
const boardsStep = {
  name: "C of the boards",
  inputs: () => {
    const map = ["config", "constants", "memory"].map((name) => `assembly/${name}.ts`);
    return ["docs/abi.md", ...map, ...BOARD_MODULES];
  },
  outputs: () => [
    "build/memory-map.json",
    ...["build/aot/", "build/wasm3-"].flatMap((folder) =>
      ["tiny", "esp32"].flatMap((profile) => filesBelow(`${folder}${profile}`)),
    ),
  ],
  run: () => runNode("tools/make-boards.mjs", []),
};

/** `projects`: folders with a tsconfig.json each, in the order of their references. */
function typescriptStep(name, projects) {
  const sources = () => projects.flatMap((project) => filesBelow(project, isSource));
  const outputs = () => projects.flatMap((project) => filesBelow(`dist/${project}`));
  return {
    name,
    inputs: () => [...sources(), "tsconfig.json", ...projects.map((p) => `${p}/tsconfig.json`)],
    outputs,
    async run({ outputsChanged }) {
      removeOrphans(outputs());
      // tsc trusts its own notes and would not see that a file of dist/ is gone.
      const force = outputsChanged ? ["--force"] : [];
      const args = ["-b", ...projects, ...force, "--pretty", "false"];
      return runNode("node_modules/typescript/bin/tsc", args);
    },
  };
}

/** Compiled files whose source is gone: a test that was removed must not run. */
function removeOrphans(outputs) {
  for (const path of outputs) {
    const source = path.replace(/^dist\//, "").replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts");
    if (!existsSync(join(ROOT, source))) rmSync(join(ROOT, path), { force: true });
  }
}

const hostStep = typescriptStep("TypeScript (host)", ["host"]);
const allTypescriptStep = typescriptStep("TypeScript", ["host", "tests"]);

function readState() {
  try {
    return JSON.parse(readFileSync(STATE, "utf8"));
  } catch {
    return {};
  }
}

function remember(state, name, value) {
  state[name] = value;
  writeFileSync(`${STATE}.new`, JSON.stringify(state, null, 2));
  renameSync(`${STATE}.new`, STATE);
}

/** Inputs as they were before the step ran: a file saved meanwhile is seen the next time. */
function rememberStep(state, step, inputs) {
  remember(state, step.name, { inputs, outputs: hashFiles(step.outputs()) });
}

const inputsOf = (step) => hashFiles(step.inputs(), TOOLS);

/** Runs a step unless inputs and outputs are those of the last time; false when it failed. */
async function runStep(state, step) {
  const last = state[step.name];
  const outputsChanged = last !== undefined && last.outputs !== hashFiles(step.outputs());
  const inputs = inputsOf(step);
  if (last?.inputs === inputs && !outputsChanged) return true;
  const started = performance.now();
  const { code, output } = await step.run({ outputsChanged });
  // asc says of each module that its last optimisation round was undone: that is no news.
  const news = output.replace(/^Last converge was suboptimal\.\n/gm, "").trimEnd();
  if (news !== "") console.error(news);
  if (code !== 0) {
    console.error(`build: ${step.name} failed`);
    remember(state, step.name, undefined);
    return false;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.error(`built ${step.name} in ${seconds} s`);
  rememberStep(state, step, inputs);
  return true;
}

/** `profiles`: the modules that `npm start` needs; null: build everything. */
async function build(state, profiles) {
  if (!(await runStep(state, generateStep))) return false;
  const startOnly = profiles !== null;
  const hostInputs = inputsOf(hostStep);
  const steps = (profiles ?? orderedTargets()).map(coreStep);
  steps.splice(1, 0, startOnly ? hostStep : allTypescriptStep);
  let good = true;
  await runAll(
    steps.map((step) => async () => {
      // The first failure is the news; the other profiles would say the same again.
      if (good && !(await runStep(state, step))) good = false;
    }),
    WIDTH,
  );
  if (!good || startOnly) return good;
  rememberStep(state, hostStep, hostInputs);
  return runStep(state, boardsStep);
}

/** Release modules first: most who wait, wait for those. */
function orderedTargets() {
  const rank = (name) =>
    (/-(checked|debug)$/.test(name) ? 1 : 0) + (name.endsWith("-debug") ? 1 : 0);
  const size = (name) => -Object.keys(targets).indexOf(name);
  return Object.keys(targets).sort((a, b) => rank(a) - rank(b) || size(a) - size(b));
}

/** Measured once per set of modules; the compiler that it takes is slow to load. */
async function printFootprint(state) {
  const modules = hashFiles(
    ["tiny.bare", "tiny", "esp32.core", "esp32.bare", "esp32", "desktop"].map(
      (name) => `build/${name}.wasm`,
    ),
    TOOLS,
  );
  if (state.footprint?.modules !== modules) {
    const { measure, overBudget, renderTable } = await import("./lib/footprint.mjs");
    const rows = measure();
    const problems = overBudget(rows).map((problem) => `\nover budget: ${problem}`);
    remember(state, "footprint", { modules, text: renderTable(rows) + problems.join("") });
  }
  console.error(state.footprint.text);
}

function startProfiles(words) {
  const asked = words.filter((word) => word !== "desktop" && word in targets);
  return ["desktop", ...asked];
}

async function main() {
  const words = process.argv.slice(2);
  const profiles = words.includes("--start") ? startProfiles(words) : null;
  mkdirSync(join(ROOT, "build"), { recursive: true });
  const state = readState();
  if (!(await build(state, profiles))) return false;
  if (words.includes("--sizes")) await printFootprint(state);
  return true;
}

const good = await withLock(join(ROOT, ".tmp", "build.lock"), main, (pid) => {
  console.error(`waiting for another build (process ${pid ?? "unknown"}) to end`);
});
if (!good) process.exitCode = 1;
