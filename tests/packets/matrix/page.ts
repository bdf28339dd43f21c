// docs/conformance.md: the matrix and the scenarios as a page, made from the tables.

import { allScripts } from "./emit.js";
import { KNOWN_FAILURES } from "../../../host/conformance/known.js";
import { STATES } from "./model.js";
import { EXCEPTIONS, type Exception } from "../../../host/conformance/exceptions.js";
import { SCENARIOS, scenarioLine } from "./scenarios.js";
import { allFiles, partsOf } from "./suite.js";
import { totalsOf, type CellSummary, type MatrixSummary, type RowSummary } from "./summary.js";

const PACKETS = "../tests/packets";

const HEAD = `# Conformance

What each event does to a connection in each state of RFC 9293, as packet scripts that run against
the release core under virtual time ([the dialect](reference/packetdrill.md)). \`npm run conformance\`
runs all of them in seconds, prints the matrix, and writes this page.

    node dist/host/command/main.js packetdrill tests/packets/rst-exact-in-FIN-WAIT-1

runs those of one cell. A script begins with what happens, what is expected, and the section that asks
for it; it checks the packets and the state, and then goes on until the connection has shown that it
works, or is gone. Expectations come from the RFCs; where the stack differs by choice, from
[the deviations](rfc9293.md#deviations-and-choices).`;

const KEY = `A number: scripts that pass, each for one way in which the connection came to be: opened
actively, passively, by both at once; and from FIN-WAIT-1 on once more given up by \`close\`, where
the others keep their handle by \`shutdown\`. **?** and a number: scripts that
[fail, which is known](#known-failures). A letter: [no script, and why](#cells-without-a-script).
LISTEN is of passive opens alone, SYN-SENT of active ones, and an active open comes to SYN-RECEIVED
only when both sides open. CLOSED is a connection that is over, and its user still has the handle.`;

export function conformancePage(matrix: MatrixSummary): string {
  return `${[
    HEAD,
    "## Events and states",
    `${KEY}\n\n${sums(matrix)}`,
    ...matrix.chapters.map(({ title, rows }) => `### ${title}\n\n${table(rows)}`),
    `## Cells without a script\n\n${reasons(matrix)}`,
    `## Known failures\n\n${failures()}`,
    `## Scenarios\n\n${scenarios()}`,
    `${PROFILES}\n\n${exceptions()}`,
    FOOT,
  ].join("\n\n")}\n`;
}

const formatCount = (count: number) => count.toLocaleString("en-US");

function sums(matrix: MatrixSummary): string {
  const { cells, filled, explained, scripts } = totalsOf(matrix);
  const { scenarios, others } = partsOf(allFiles());
  const failing = KNOWN_FAILURES.flatMap((known) => known.scripts).length;
  const titles = KNOWN_FAILURES.map(({ title, scripts }) => `- ${title} (${scripts.length})`);
  const all = scripts + scenarios + others;
  return [
    `${filled} of ${cells} cells have scripts, ${explained} say why not. ${formatCount(scripts)} scripts are for cells, ${scenarios} for`,
    `[scenarios](#scenarios), and ${others} in \`tests/packetdrill/\` for the runner. Of these ${formatCount(all)},`,
    `${formatCount(all - failing)} pass and ${failing} [fail by choice](#known-failures):`,
    "",
    ...titles,
  ].join("\n");
}

function table(rows: readonly RowSummary[]): string {
  return [
    `| event | ${STATES.join(" | ")} |`,
    `|---|${STATES.map(() => "---|").join("")}`,
    ...rows.map(
      (row) => `| \`${row.event}\` | ${row.cells.map((cell) => cellText(row, cell)).join(" | ")} |`,
    ),
    "",
    ...rows.map(({ event, what }) => `- \`${event}\`: ${what}.`),
  ].join("\n");
}

function cellText({ event }: RowSummary, { state, counts, letters }: CellSummary): string {
  const { passed, known, failed } = counts;
  const link = `${PACKETS}/${event}-in-${state}`;
  return [
    passed > 0 ? `[${passed}](${link})` : "",
    known > 0 ? `[**?**${known}](${link})` : "",
    failed > 0 ? `[**failed** ${failed}](${link})` : "",
    letters.join(" "),
  ]
    .filter((part) => part !== "")
    .join(" ");
}

const reasons = (matrix: MatrixSummary) =>
  ["| | |", "|---|---|", ...matrix.reasons.map(([letter, why]) => `| ${letter} | ${why} |`)].join(
    "\n",
  );

function failures(): string {
  if (KNOWN_FAILURES.length === 0) return "None.";
  const rows = KNOWN_FAILURES.map(({ of, reason, scripts }) => {
    const links = scripts.map((script) => `[${script}](${PACKETS}/${script}.pkt)`);
    return `| ${of} | ${reason} | ${links.join("<br>")} |`;
  });
  return ["| in | what | scripts |", "|---|---|---|", ...rows].join("\n");
}

const scenarios = () =>
  ["| | scenario | shown by |", "|---|---|---|", ...SCENARIOS.map(scenarioLine)].join("\n");

const PROFILES = `## Profiles

The numbers are of the desktop profile. \`npm test\` runs the same scripts on the checked build, and on
\`esp32\` and \`tiny\`, but for these:`;

const exceptions = () =>
  [
    "| profile | event | scripts left out | why |",
    "|---|---|---|---|",
    ...Object.entries(EXCEPTIONS).flatMap(([profile, list]) =>
      list.flatMap((exception) => exceptionLines(profile, exception)),
    ),
  ].join("\n");

/** A line for each event that an exception is about. */
function exceptionLines(profile: string, { scripts, why }: Exception): string[] {
  const all = allScripts();
  const events = new Set(all.filter(({ path }) => scripts.test(path)).map(({ event }) => event));
  return [...events].map((name) => {
    const ofEvent = all.filter(({ event }) => event === name);
    const left = ofEvent.filter(({ path }) => scripts.test(path)).length;
    return `| ${profile} | \`${name}\` | ${left} of ${ofEvent.length} | ${why} |`;
  });
}

const FOOT = `## How the matrix is made

The scripts in \`tests/packets/EVENT-in-STATE/\` are written by \`npm run conformance\` from a table in
\`tests/packets/matrix/\`: \`openings.ts\` has the lines that lead to a state, \`events/\` what must
happen, state by state, with its section, \`aftermath.ts\` how a connection shows that it works. Change
the table, not the scripts: a test compares them, and this page.`;
