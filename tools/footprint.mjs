// Keeps the tables in docs/footprint.md: `node tools/footprint.mjs` writes them from the release modules
// in build/, and from builds of its own that each leave out a feature; `--check` fails when they are not
// about these modules, or a number is over its budget.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAheadOfTime } from "./lib/aheadOfTime.mjs";
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

/** What built-in services add to the core's code on Cortex-M3: both compiled as for a board, before linking. */
async function servicesOnCortexM3({ runTool, TOOLCHAINS }) {
  const bytes = [];
  for (const profile of ["tiny", "tiny.bare"]) {
    const folder = await makeAheadOfTime(profile);
    const object = join(folder, "core.size.o");
    const folders = [folder, "boards/engine/aot", "boards/common"].map((path) => `-I${path}`);
    const words = ["-std=c11", "-w", "-Os", "-DNDEBUG", ...folders, "-c", join(folder, "core.c")];
    await runTool(TOOLCHAINS.arm, "gcc", [...TOOLCHAINS.arm.flags, ...words, "-o", object]);
    const [, text] = /^\s*(\d+)/m.exec(
      (await runTool(TOOLCHAINS.arm, "size", [object])).split("\n")[1],
    );
    rmSync(object);
    bytes.push(Number(text));
  }
  return bytes;
}

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
  const [all, bare] = await servicesOnCortexM3(await host("boards/toolchain.js"));
  const number = (value) => value.toLocaleString("en-US");
  const services = `The core's code of \`tiny\` on Cortex-M3 before linking: ${number(bare)} bytes without built-in services, ${number(all - bare)} for them.`;
  return `${aboutBoards(tiny, esp32)}\n\n${services}\n\n${toMarkdown({ cells, maps: memoryMaps() })}`;
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
