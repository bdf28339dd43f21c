// The figures as Markdown: footprint.md, and the part of docs/footprint.md.

import type { Budgets } from "./budgets.js";
import type { FootprintReport } from "./measure.js";
import { peerTables, poolTable, tablesOf, type FigureTable } from "./tables.js";

const cell = (text: string) => text.replaceAll("|", "\\|");
const row = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;

function renderTable({ title, about, head, rows, words }: FigureTable, level: number): string {
  const rule = head.map((_, index) => (index < words ? "---" : "---:"));
  return [
    `${"#".repeat(level)} ${title}`,
    "",
    about,
    "",
    row(head),
    `|${rule.join("|")}|`,
    ...rows.map(row),
  ].join("\n");
}

/** Which modules the figures are about: whoever builds others sees that they are old. */
export function modulesOf(profiles: readonly { profile: string; sha256: string }[]): string {
  const names = profiles.map(
    ({ profile, sha256 }) => `\`${profile}\` with SHA-256 \`${sha256.slice(0, 12)}\``,
  );
  return `Of ${names.join(", ")}:`;
}

/** `level`: of the headings. */
export function renderMarkdown(report: FootprintReport, budgets: Budgets, level = 2): string {
  const tables = [...tablesOf(report, budgets), ...report.profiles.map(poolTable)];
  const parts = [modulesOf(report.profiles), ...tables.map((table) => renderTable(table, level))];
  if (report.problems.length > 0) {
    const lines = report.problems.map((problem) => `- ${problem}`);
    parts.push(`${"#".repeat(level)} Not measured\n\n${lines.join("\n")}`);
  }
  parts.push(`${"#".repeat(level)} Other stacks`);
  parts.push(...peerTables().map((table) => renderTable(table, level + 1)));
  return parts.join("\n\n");
}

export const renderPage = (report: FootprintReport, budgets: Budgets): string =>
  `# Footprint of MoteTCP\n\n${renderMarkdown(report, budgets)}\n`;
