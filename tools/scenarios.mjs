// Writes docs/guides/scenarios.md from the scenarios: each is run, and what it says and what really happened become a
// part of the page. `--check` only says whether the page is as it would be written. Needs the build.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./lib/files.mjs";

const PAGE = "docs/guides/scenarios.md";
const COLUMNS = 80;

const HEAD = `# TCP, one scenario at a time

<!-- Made by tools/scenarios.mjs from host/scenario. Do not edit: change the scenario and run \`npm run docs\`. -->

What follows has happened. Two stacks of MoteTCP sat on the two ends of a wire, a script did to the wire what each
headline says, and the segments, times and states below are what came of it. Every picture is made by one command,
which you can run yourself, and each run is checked against what must come of it.

    mote scenario O5                       the picture, and what to look at
    mote scenario O5 --pcap o5.pcapng      the same for Wireshark
    mote scenario all                      everything on this page

Time is virtual. Two hours of silence take milliseconds, and the same command gives the same output to the last
digit. \`--seed 2\` gives another run, with other initial numbers. In a clone, \`mote\` is
\`node dist/host/command/main.js\`.

**How to read a ladder.** Time runs downwards, in seconds. The bars are the two hosts; beside them stand the states of
their connections as the stacks themselves report them, where they change, and what the applications call. An arrow
from bar to bar is a segment. Where the other side did something while it was under way, it leaves on one row
(\`--- ...\`) and arrives on another (\`.. ---\`). \`X\`: it was lost. Numbers are relative to the SYN, which has 0; \`seq
1:6\` is bytes 1 to 5. Words in brackets are Wireshark's. The wire takes 10 ms each way, and the time of a row is the
moment at which its segment leaves: what stands at the head of the arrow comes 10 ms later. Before each ladder the hosts have exchanged ARP and one ping, so
that no segment waits for an address; a capture has these frames, too.

**How to read the page.** From the top, the first time: what comes later uses what came before. O1, D1, C1 and C5
are enough to understand most captures.
`;

/** Columns of prose. */
const PROSE = 118;

/** Names of calls and options as code. */
const marked = (text) =>
  text.replace(/\b[a-zA-Z]+\(\)|\b[A-Z]+(_[A-Z]+)+\b|--[a-z]+( \d+)?/g, "`$&`");

function entry(outcome, { historyLines, wrapped }) {
  const { scenario, sheets, histories } = outcome;
  const { id, title, shows, look, why, showing } = scenario;
  const prose = (text) => wrapped(marked(text), PROSE);
  const item = (text) =>
    prose(text).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
  const block = (lines) => ["```", ...lines, "```", ""];
  const states = historyLines(histories, showing?.alone === true).map((line) => line.slice(2));
  return [
    `### ${id}. ${title}`,
    "",
    ...prose(shows),
    "",
    ...block(outcome.ladder(COLUMNS)),
    ...(states.length === 0 ? [] : block(states)),
    ...sheets.flatMap((sheet) => [`${sheet.title}:`, "", ...block(sheet.lines)]),
    "What to look at:",
    "",
    ...look.flatMap(item),
    "",
    ...prose(why),
    "",
    `    mote scenario ${id}`,
    "",
  ];
}

async function pageText() {
  const load = (path) => import(new URL(`../dist/host/${path}`, import.meta.url));
  const { families, scenarios } = await load("scenario/catalogue.js");
  const { runScenario } = await load("scenario/run.js");
  const { createStack } = await load("node/createStack.js");
  const { historyLines } = await load("command/scenario/page.js");
  const { wrapped } = await load("dissect/ladder.js");
  const parts = [HEAD];
  for (const { family, title, about } of families) {
    parts.push(`## ${title}\n\n${wrapped(about, PROSE).join("\n")}\n`);
    for (const scenario of scenarios.filter((each) => each.family === family)) {
      const outcome = await runScenario(scenario, { createStack });
      if (outcome.failures.length > 0) throw new Error(`${scenario.id}: ${outcome.failures[0]}`);
      parts.push(entry(outcome, { historyLines, wrapped }).join("\n"));
    }
  }
  return `${parts.join("\n").trimEnd()}\n`;
}

try {
  const text = await pageText();
  const path = join(ROOT, PAGE);
  if (!process.argv.includes("--check")) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    throw new Error(`${PAGE} is not what the scenarios show today; run: npm run docs`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
