// What `npm run conformance` runs: writes the scripts of the matrix from their table, runs every
// script, prints the matrix, and writes docs/conformance.md. `--check` writes nothing and fails when
// scripts or page differ from the table.

import { existsSync, writeFileSync } from "node:fs";
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from "../../../host/command/exit.js";
import { formatCount, formatDuration } from "../../../host/command/format.js";
import { createPaint } from "../../../host/command/style.js";
import { fromRoot, readText } from "../../static/support/module.js";
import { conformancePage } from "./page.js";
import { expectedOutcome, partsOf, problemText, runSuite, type SuiteResult } from "./suite.js";
import { summarise, totalsOf } from "./summary.js";
import { terminalText } from "./terminal.js";
import { differences, writeAll } from "./write.js";

const PAGE = "docs/conformance.md";

const USAGE = `usage: npm run conformance [-- --check]
  --check  write nothing; fail when scripts or ${PAGE} differ from the table`;

const pageText = () => (existsSync(fromRoot(PAGE)) ? readText(PAGE) : "");

function lastLine({ results, ms, failed }: SuiteResult): string {
  const passed = results.filter(({ status }) => status === "passed").length;
  const known = results.length - passed - failed.length;
  const parts = [`${formatCount(passed)} passed`];
  if (known > 0) parts.push(`${known} fail, which is known`);
  if (failed.length > 0) parts.push(`${failed.length} failed`);
  const { cells, scenarios, others } = partsOf(results.map(({ file }) => file));
  const kinds = `${formatCount(cells)} for cells, ${scenarios} scenarios, ${others} others`;
  return `${parts.join(", ")} (${kinds}) in ${formatDuration(ms)}`;
}

/** Lines about what has to be done; none: all is well. */
function complaints(suite: SuiteResult, isStale: readonly string[]): string[] {
  return [
    ...isStale.map((path) => `${path} differs from the table: run npm run conformance`),
    ...suite.failed.map(problemText),
    ...suite.recovered.map(
      ({ file }) => `${file} passes: take it off the list in host/conformance/known.ts`,
    ),
  ];
}

async function conformance(isCheck: boolean): Promise<number> {
  if (!isCheck) writeAll();
  const page = conformancePage(summarise(expectedOutcome));
  if (!isCheck && pageText() !== page) writeFileSync(fromRoot(PAGE), page);
  const stale = differences().map(({ path }) => `tests/packets/${path}`);
  if (pageText() !== page) stale.push(PAGE);
  const suite = await runSuite();
  const matrix = summarise(suite.outcomeOf);
  const { cells, filled, explained } = totalsOf(matrix);
  console.log(terminalText(matrix, createPaint(process.stdout, process.env)));
  console.log(`\n${cells} cells: ${filled} with scripts, ${explained} with the reason why not`);
  const found = complaints(suite, stale);
  for (const text of found) console.log(text);
  console.log(lastLine(suite));
  return found.length === 0 ? EXIT_OK : EXIT_FAILURE;
}

const words = process.argv.slice(2);
if (words.some((word) => word !== "--check")) {
  console.error(USAGE);
  process.exitCode = EXIT_USAGE;
} else {
  process.exitCode = await conformance(words.includes("--check"));
}
