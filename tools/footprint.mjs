// Keeps the tables in docs/footprint.md: `node tools/footprint.mjs` writes them from the release modules
// in build/, and from builds of its own that each leave out a feature; `--check` fails when they are not
// about these modules, or a number is over its budget.

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

/** As `mote footprint` prints it; it takes half a minute, and compilers and emulators of boards. */
const aboutBoards = (tiny, esp32) => `Of \`tiny\` \`${tiny}\` and \`esp32\` \`${esp32}\`:`;

async function renderBoards(tiny, esp32) {
  const host = (name) => import(new URL(`../dist/host/${name}`, import.meta.url));
  const { BOARDS, ENGINES } = await host("boards/board.js");
  const { measureImage, measureRun, memoryMaps } = await host("footprint/measure.js");
  const { toMarkdown } = await host("footprint/render.js");
  const cells = [];
  for (const board of BOARDS) {
    for (const engine of ENGINES) {
      for (const profile of board.engines[engine]) {
        const image = await measureImage(board, engine, profile);
        cells.push({ ...image, run: await measureRun(board, engine, profile) });
      }
    }
  }
  return `${aboutBoards(tiny, esp32)}\n\n${toMarkdown({ cells, maps: memoryMaps() })}`;
}

const rows = measure();
const { sha } = rows.find(({ profile }) => profile === "esp32");
const page = readFileSync(PATH, "utf8");
let wanted = replaced(page, "footprint", renderTable(rows));
const tinySha = rows.find(({ profile }) => profile === "tiny").sha;
const boardsAreOld = !page.slice(...place(page, "boards")).includes(aboutBoards(tinySha, sha));
const pricesAreOld = !page.slice(...place(page, "features")).includes(about(sha));
const problems = overBudget(rows);
if (process.argv.includes("--check")) {
  if (page !== wanted || pricesAreOld || boardsAreOld) {
    problems.push("docs/footprint.md does not show this build: run npm run footprint");
  }
} else {
  if (pricesAreOld) wanted = replaced(wanted, "features", await renderPrices(sha));
  if (boardsAreOld) wanted = replaced(wanted, "boards", await renderBoards(tinySha, sha));
  if (page !== wanted) {
    writeFileSync(PATH, wanted);
    console.error("wrote docs/footprint.md");
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
