// The tables as Markdown, and as a page with plots that needs nothing else.

import { growthOf, tablesOf, type Growth, type Report, type Table } from "./report.js";

const cellText = (cell: string | number | null) =>
  cell === null ? "–" : typeof cell === "number" ? cell.toLocaleString("en-US") : cell;

export function toMarkdown(report: Report): string {
  return tablesOf(report).map(markdownTable).join("\n\n");
}

function markdownTable({ title, text, head, rows }: Table): string {
  const line = (cells: readonly (string | number | null)[]) =>
    `| ${cells.map(cellText).join(" | ")} |`;
  return [
    `### ${title}`,
    "",
    text,
    "",
    line(head),
    line(head.map(() => "---")),
    ...rows.map(line),
  ].join("\n");
}

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

export function toHtml(report: Report): string {
  const { maps } = report;
  const growths = (["tiny", "esp32"] as const).map((profile) => growthOf(profile, maps[profile]));
  const tables = tablesOf(report).map(htmlTable).join("\n");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>MoteTCP: footprint</title>
<style>${STYLE}</style>
<h1>MoteTCP: footprint</h1>
<h2>Linear memory for connections that can carry data</h2>
<div class="plots">${growths.map(growthPlot).join("\n")}</div>
<h2>Flash by component</h2>
${flashPlot(report)}
${tables}
</html>
`;
}

function htmlTable({ title, text, head, rows }: Table): string {
  const cell = (value: string | number | null) =>
    `<td${typeof value === "number" ? ' class="n"' : ""}>${escaped(cellText(value))}</td>`;
  const body = rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\n");
  const top = head.map((name) => `<th>${escaped(name)}</th>`).join("");
  return `<h2>${escaped(title)}</h2>\n<p>${escaped(text)}</p>\n<table><tr>${top}</tr>\n${body}</table>`;
}

const PLOT = { width: 460, height: 240, left: 64, bottom: 36, top: 24, right: 12 };

/** Bytes over the number of connections. */
function growthPlot({ profile, bytes }: Growth): string {
  const { width, height, left, bottom, top, right } = PLOT;
  const most = Math.max(...bytes);
  const x = (n: number) => left + (n / (bytes.length - 1)) * (width - left - right);
  const y = (value: number) => height - bottom - (value / most) * (height - bottom - top);
  const points = bytes.map((value, n) => `${x(n).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  const ticks = [0, most / 2, most].map((value) => {
    const text = `${(value / 1024).toFixed(1)} KiB`;
    return `<text x="${left - 6}" y="${y(value) + 4}" text-anchor="end">${text}</text><line class="grid" x1="${left}" x2="${width - right}" y1="${y(value)}" y2="${y(value)}"/>`;
  });
  const numbers = bytes.map(
    (_, n) => `<text x="${x(n)}" y="${height - bottom + 16}" text-anchor="middle">${n}</text>`,
  );
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Bytes for connections, ${profile}">
<text x="${left}" y="14" class="title">${profile}: n connections</text>
${ticks.join("")}${numbers.join("")}
<polyline points="${points}"/></svg>`;
}

const ROW = { height: 22, left: 230, width: 920 };

/** One bar per image, in the colours of its components. */
function flashPlot({ cells }: Report): string {
  const most = Math.max(...cells.map(({ flash }) => flash), 1);
  const scale = (ROW.width - ROW.left - 90) / most;
  const names = Object.keys(cells[0]?.components ?? {});
  const bars = cells.map(({ board, engine, profile, flash, components }, row) => {
    let at = ROW.left;
    const parts = Object.entries(components).map(([, { flash: bytes }], index) => {
      const part = `<rect class="c${index}" x="${at.toFixed(1)}" y="${row * ROW.height + 4}" width="${(bytes * scale).toFixed(1)}" height="14"/>`;
      at += bytes * scale;
      return part;
    });
    const middle = row * ROW.height + 15;
    return `<text x="${ROW.left - 8}" y="${middle}" text-anchor="end">${board}, ${engine}, ${profile}</text>${parts.join("")}<text x="${at + 6}" y="${middle}">${flash.toLocaleString("en-US")}</text>`;
  });
  const legend = names.map((name, index) => `<span><i class="c${index}"></i>${name}</span>`);
  return `<p class="legend">${legend.join(" ")}</p><svg viewBox="0 0 ${ROW.width} ${cells.length * ROW.height + 8}" role="img" aria-label="Flash by component">${bars.join("\n")}</svg>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --line: #d5dae0; --accent: #0b6bcb; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --paper: #14171b; --line: #3a4149; --accent: #6db3ff; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; display: block; overflow-x: auto; }
th, td { border-bottom: 1px solid var(--line); padding: .2rem .7rem .2rem 0; text-align: left; white-space: nowrap; }
.n { text-align: right; }
.plots { display: flex; flex-wrap: wrap; gap: 1rem; }
.plots svg { flex: 1 1 22rem; }
svg { max-width: 100%; font-size: 11px; fill: currentColor; }
polyline { fill: none; stroke: var(--accent); stroke-width: 2; }
.grid { stroke: var(--line); }
.title { font-weight: 600; }
.legend i { display: inline-block; width: .8rem; height: .8rem; margin: 0 .3rem 0 .8rem; vertical-align: -.1rem; }
.c0 { fill: #0b6bcb; background: #0b6bcb; } .c1 { fill: #e07b00; background: #e07b00; } .c2 { fill: #8e4ec6; background: #8e4ec6; }
.c3 { fill: #2b9a66; background: #2b9a66; } .c4 { fill: #ce2c31; background: #ce2c31; } .c5 { fill: #8b8d98; background: #8b8d98; }
.c6 { fill: #b5a642; background: #b5a642; } .c7 { fill: #c4c8cf; background: #c4c8cf; }
`;
