// Keeps the tables in docs/footprint.md: `node tools/footprint.mjs` writes them from the release modules
// in build/, from builds of its own that each leave out a feature, and from the firmware of all boards, built
// and run; `--check` fails when they are not about these modules, or a number is over its budget.
// `--limits` also makes what each board takes now, and a little more, its limit in tests/budgets.json.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./lib/files.mjs";
import { featurePrices } from "./lib/features.mjs";
import { measure, overBudget, renderTable } from "./lib/footprint.mjs";

const PATH = join(ROOT, "docs/footprint.md");

const begin = (name) => `<!-- ${name}: written by \`npm run footprint\`, checked by the tests -->`;
const end = (name) => `<!-- end of ${name} -->`;

/** Where what is between a pair of markers begins and ends. */
function place(page, name) {
  const from = page.indexOf(begin(name)) + begin(name).length;
  const to = page.indexOf(end(name));
  if (from < begin(name).length || to < from) {
    throw new Error(`docs/footprint.md has lost its markers of ${name}`);
  }
  return [from, to];
}

function replaced(page, name, text) {
  const [from, to] = place(page, name);
  return `${page.slice(0, from)}\n\n${text}\n\n${page.slice(to)}`;
}

/** The table of prices says of which module it is: to make it takes a minute. */
const about = (sha) => `Of \`esp32\` with SHA-256 \`${sha}\`:`;

async function renderPrices(sha) {
  const rows = (await featurePrices()).map(([name, bytes]) => {
    return `| ${name} | ${bytes.toLocaleString("en-US")} |`;
  });
  return [about(sha), "", "| feature | wasm bytes |", "|---|---|", ...rows].join("\n");
}

/** The firmware of all boards; null: not all of them can be measured here. */
async function renderBoards() {
  const { measureFootprint } = await import("../dist/host/footprint/measure.js");
  const { limitFor, overBudget, readBudgets } = await import("../dist/host/footprint/budgets.js");
  const report = await measureFootprint({ onStep: (text) => console.error(text) });
  problems.push(...report.problems.map((problem) => `not measured: ${problem}`));
  if (report.problems.length > 0) return null;
  const budgets = readBudgets();
  if (process.argv.includes("--limits")) {
    budgets.boards = Object.fromEntries(report.cells.map((cell) => [cell.name, limitFor(cell)]));
    writeFileSync(join(ROOT, "tests/budgets.json"), `${JSON.stringify(budgets, null, 2)}\n`);
  }
  problems.push(...overBudget(report, budgets));
  return renderMarkdown(report, budgets, 3);
}

const { modulesOf, renderMarkdown } = await import("../dist/host/footprint/markdown.js");
const rows = measure();
const { sha } = rows.find(({ profile }) => profile === "esp32");
const shipped = rows
  .filter(({ profile }) => profile !== "esp32-core")
  .map(({ profile, sha }) => ({ profile, sha256: sha }));
const page = readFileSync(PATH, "utf8");
let wanted = replaced(page, "footprint", renderTable(rows));
const pricesAreOld = !page.slice(...place(page, "features")).includes(about(sha));
const boardsAreOld = !page.slice(...place(page, "boards")).includes(modulesOf(shipped));
const problems = overBudget(rows);
if (process.argv.includes("--check")) {
  if (page !== wanted || pricesAreOld || boardsAreOld) {
    problems.push("docs/footprint.md does not show this build: run npm run footprint");
  }
} else {
  if (pricesAreOld) wanted = replaced(wanted, "features", await renderPrices(sha));
  const boards = await renderBoards();
  if (boards !== null) wanted = replaced(wanted, "boards", boards);
  if (page !== wanted) {
    writeFileSync(PATH, wanted);
    console.error("wrote docs/footprint.md");
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
