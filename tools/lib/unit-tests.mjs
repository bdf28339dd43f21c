// Runs the as-pect specs of tests/unit: the leaves of the core, each spec compiled with them under
// a runtime with a heap. All specs with the limits of esp32, with coverage; those whose subject
// depends on the profile with the others, too.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { filesBelow, ROOT } from "./files.mjs";
import { runNode } from "./run.mjs";

const RUNS = [
  // esp32 has nearly all that the leaves can do; tiny leaves some of it out, and only desktop reads
  // timestamps and window scale.
  { profile: 1, specs: "tests/unit/**/*.spec.ts", coverage: true },
  { profile: 0, specs: "tests/unit/{checksum,list,pool,ring,wheel}.spec.ts" },
  { profile: 2, specs: "tests/unit/{segment,wheel}.spec.ts" },
];

// as-pect colours its output whatever it is told.
const COLOURS = new RegExp(`${String.fromCodePoint(27)}\\[[0-9;]*m`, "g");

/** asc looks for transforms beside itself: in the configuration that it gets, paths are absolute. */
function writeConfig(profile) {
  const config = JSON.parse(readFileSync(join(ROOT, "as-pect.asconfig.json"), "utf8"));
  const absolute = (path) => (path.startsWith("./") ? resolve(ROOT, path) : path);
  for (const target of Object.values(config.targets)) {
    for (const key of ["lib", "transform"]) target[key] = target[key]?.map(absolute);
  }
  config.entries = config.entries.map(absolute);
  const kept = config.options.use.filter((entry) => !entry.startsWith("MOTE_PROFILE="));
  config.options.use = [...kept, `MOTE_PROFILE=${profile}`];
  const path = join(ROOT, ".tmp", `as-pect.${profile}.json`);
  mkdirSync(join(ROOT, ".tmp"), { recursive: true });
  writeFileSync(path, JSON.stringify(config, null, 2));
  return path;
}

/** "Pass: 3 / 4 Todo: 0" of each spec file. */
function countTests(output) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [, passed, total] of output.matchAll(/Pass: (\d+) \/ (\d+)/g)) {
    counts.passed += Number(passed);
    counts.failed += Number(total) - Number(passed);
  }
  return counts;
}

function indent(text) {
  return text.trim().replace(/^/gm, "    ");
}

/** Resolves to { passed, failed, skipped }. */
export async function runUnitTests() {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { profile, specs, coverage } of RUNS) {
    const env = { MOTE_UNIT_SPECS: specs, MOTE_UNIT_COVERAGE: coverage ? "1" : "" };
    const args = [
      "--config",
      "as-pect.config.js",
      "--as-config",
      writeConfig(profile),
      "--no-logo",
    ];
    const result = await runNode("node_modules/@as-pect/cli/bin/asp.js", args, { env });
    const output = result.output.replace(COLOURS, "");
    const counts = countTests(output);
    const files = (output.match(/Pass: /g) ?? []).length;
    const wanted = specs.includes("*")
      ? filesBelow("tests/unit", (path) => path.endsWith(".spec.ts")).length
      : 1;
    // A spec that does not compile, or a run that breaks off, counts as one failure.
    if (counts.failed === 0 && (result.code !== 0 || files < wanted)) counts.failed++;
    if (counts.failed > 0) console.log(indent(output.slice(output.indexOf("ASC Version"))));
    else if (coverage) console.log(indent(coverageTable(output)));
    for (const key of Object.keys(sum)) sum[key] += counts[key];
  }
  return sum;
}

function coverageTable(output) {
  const begin = output.indexOf("┌");
  const end = output.lastIndexOf("┘");
  return begin < 0 ? "" : `coverage of the leaves:\n${output.slice(begin, end + 1)}`;
}
