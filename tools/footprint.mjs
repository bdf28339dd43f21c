// Keeps the table in docs/footprint.md: `node tools/footprint.mjs` writes it from the release
// modules in build/, `--check` fails when it differs from them or a number is over its budget.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./lib/files.mjs";
import { measure, overBudget, renderTable } from "./lib/footprint.mjs";

const BEGIN = "<!-- footprint: written by `npm run footprint`, checked by the tests -->";
const END = "<!-- end of footprint -->";
const PATH = join(ROOT, "docs/footprint.md");

const NEW_PAGE = `# Footprint

Every number here is read from the release modules in \`build/\`: the size of the file, and what
\`constant()\` answers. Memory is all that the core ever touches, rings and frame buffers included;
there is no heap. An idle connection is its record with its links, timer and its share of the hash
table and pools; rings are counted apart, because a connection has them only while it needs them: as
many connections as there are rings each way can carry data at a time. Addresses have 16 bytes in the
records of \`desktop\`, so that IPv6 will fit; it is not there yet.

≤ is a budget: with more a test fails. The aim is what the connection should come down to, without a
test; no profile has reached it.

${BEGIN}
${END}
`;

/** The page with the table between its markers replaced. */
function withTable(page, table) {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error("docs/footprint.md has lost its markers");
  return `${page.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${page.slice(end)}`;
}

const rows = measure();
const page = existsSync(PATH) ? readFileSync(PATH, "utf8") : NEW_PAGE;
const wanted = withTable(page, renderTable(rows));
const problems = overBudget(rows);
if (process.argv.includes("--check")) {
  if (!existsSync(PATH) || page !== wanted) {
    problems.push("docs/footprint.md does not show this build: run npm run footprint");
  }
} else if (page !== wanted || !existsSync(PATH)) {
  writeFileSync(PATH, wanted);
  console.error("wrote docs/footprint.md");
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
