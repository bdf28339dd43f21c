// footprint.html: one file with everything in it, plots and tables, light or dark as the reader's system is.

import { segmentOf, type Budgets } from "./budgets.js";
import { COMPONENTS } from "./cell.js";
import type { CellFigures, FootprintReport, ProfileFigures } from "./measure.js";
import { escapeText, linePlot, stackedBars } from "./plots.js";
import { peerTables, poolTable, tablesOf, type FigureTable } from "./tables.js";

/** Of series, light and dark: Okabe and Ito's, which people who see few colours tell apart. */
const COLOURS = [
  ["#0072b2", "#56b4e9"],
  ["#d55e00", "#e8843c"],
  ["#009e73", "#2fc29a"],
  ["#b8860b", "#f0c54a"],
  ["#aa4499", "#d68ac8"],
  ["#5c6b73", "#9fb0b9"],
  ["#b5bcc2", "#565f66"],
  ["#332288", "#9a8ff0"],
] as const;

const variables = (theme: 0 | 1) =>
  COLOURS.map((colours, index) => `--s${index}: ${colours[theme]};`).join(" ");

const STYLE = `
:root { color-scheme: light dark; --back: #ffffff; --text: #1b1f23; --faint: #5a646e; --line: #d9dee3; --in: #ffffff; ${variables(0)} }
@media (prefers-color-scheme: dark) {
  :root { --back: #14181d; --text: #e4e8ec; --faint: #9aa5b0; --line: #333c46; --in: #14181d; ${variables(1)} }
}
body { margin: 0 auto; padding: 24px 20px 60px; max-width: 980px; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 40px 0 4px; } h3 { font-size: 16px; margin: 24px 0 4px; }
p { margin: 0 0 10px; color: var(--faint); max-width: 76ch; }
code { font-size: 12px; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { color: var(--faint); font-weight: 600; } th.word, td.word { text-align: left; white-space: normal; }
svg { display: block; width: 100%; min-width: 640px; height: auto; margin: 8px 0; }
svg text { font: 12px system-ui, sans-serif; fill: var(--text); }
svg text.axis { fill: var(--faint); } svg text.in { fill: var(--in); font-size: 11px; } svg text.sum { font-weight: 600; }
.grid { stroke: var(--line); }
polyline { fill: none; stroke-width: 2; }
${COLOURS.map((_, i) => `.s${i} { fill: var(--s${i}); } .l${i} { stroke: var(--s${i}); } i.s${i} { background: var(--s${i}); }`).join("\n")}
.t6 { fill: var(--text) !important; }
.key { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 13px; }
.key i { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin-right: 6px; }
details { margin: 10px 0; } summary { cursor: pointer; }
`;

function htmlTable({ head, rows, words }: FigureTable): string {
  const kind = (index: number) => (index < words ? ' class="word"' : "");
  const line = (tag: string, cells: readonly string[]) =>
    `<tr>${cells.map((each, index) => `<${tag}${kind(index)}>${escapeText(each)}</${tag}>`).join("")}</tr>`;
  const body = rows.map((cells) => line("td", cells)).join("\n");
  return `<div class="wide"><table><thead>${line("th", head)}</thead><tbody>\n${body}\n</tbody></table></div>`;
}

const key = (names: readonly string[]) =>
  `<div class="key">${names.map((name, index) => `<span><i class="s${index}"></i>${escapeText(name)}</span>`).join("")}</div>`;

const part = (title: string, about: string, inside: string) =>
  `<h2>${escapeText(title)}</h2>\n<p>${escapeText(about)}</p>\n${inside}`;

/** Plots by the title of the table that they stand above. */
function plotsOf({ cells, profiles }: FootprintReport): Map<string, string> {
  const names = [...COMPONENTS];
  const withStack = [...names, "stack" as const];
  const bars = (values: (cell: CellFigures) => readonly number[]) =>
    cells.map((cell) => ({ name: cell.name, values: values(cell) }));
  const stacked = (
    about: string,
    series: readonly string[],
    values: (cell: CellFigures) => number[],
  ) => `<div class="wide">${stackedBars(about, series, bars(values))}</div>${key(series)}`;
  const plots = new Map<string, string>();
  if (cells.length > 0) {
    plots.set(
      "Flash by component",
      stacked("bytes of flash by component", names, ({ flashBy }) =>
        names.map((name) => flashBy[name]),
      ),
    );
    plots.set(
      "RAM by component",
      stacked("bytes of RAM by component", withStack, ({ ramBy }) =>
        withStack.map((name) => ramBy[name]),
      ),
    );
  }
  const timed = cells.filter((cell) => segmentOf(cell, 536) !== undefined);
  if (timed.length > 0) {
    const about = "instructions of one in-order segment of 536 bytes with its ACK";
    const series = timed.map((cell) => ({ name: cell.name, values: [segmentOf(cell, 536)!] }));
    plots.set(
      "Instructions",
      `<p>One in-order segment of 536 bytes with its ACK:</p><div class="wide">${stackedBars(about, [""], series)}</div>`,
    );
  }
  plots.set("Bytes per connection", profiles.map(connectionPlot).join("\n"));
  return plots;
}

function connectionPlot({ profile, costs }: ProfileFigures): string {
  const about = `bytes per connection of ${profile} for each number of connections`;
  const plot = linePlot(about, "connections", [
    {
      name: "share of all memory",
      points: costs.map(({ connections, shared }) => [connections, shared]),
    },
    { name: "its own", points: costs.map(({ connections, own }) => [connections, own]) },
  ]);
  return `<h3>${profile}</h3><div class="wide">${plot}</div>`;
}

export function renderHtml(report: FootprintReport, budgets: Budgets): string {
  const plots = plotsOf(report);
  const tables = tablesOf(report, budgets).map((table) =>
    part(table.title, table.about, `${plots.get(table.title) ?? ""}\n${htmlTable(table)}`),
  );
  const pools = report.profiles.map((profile) => {
    const { title, about } = poolTable(profile);
    return part(title, about, htmlTable(poolTable(profile)));
  });
  const peers = peerTables().map(
    (table) =>
      `<h3>${escapeText(table.title)}</h3>\n<p>${escapeText(table.about)}</p>\n${htmlTable(table)}`,
  );
  const problems = report.problems.map((problem) => `<li>${escapeText(problem)}</li>`).join("\n");
  const modules = report.profiles.map(
    ({ profile, module, sha256 }) =>
      `<p>${profile}: ${module.toLocaleString("en-US")} bytes, SHA-256 <code>${sha256}</code></p>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Footprint of MoteTCP</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Footprint of MoteTCP</h1>
${modules.join("\n")}
${problems === "" ? "" : `<h2>Not measured</h2>\n<ul>${problems}</ul>`}
${tables.join("\n")}
${pools.join("\n")}
<h2>Other stacks</h2>
${peers.join("\n")}
</body>
</html>
`;
}
