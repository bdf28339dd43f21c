// Prints records and constants as tables, for docs/abi.md and docs/guides/metrics.md.

import { lowerSnake } from "./text.mjs";

/** The page with everything between the markers replaced. */
export function withTables(page, { enums, records, flags, numbers }) {
  const aboutRecords = [
    ...records.map((record) => recordTable(record, records)),
    ...[...flags, numbers].map(enumTable),
  ];
  const withRecords = between(page, "records", "the classes of the core", aboutRecords);
  return between(withRecords, "constants", "assembly/constants.ts", enums.map(enumTable));
}

/** The guide with what each counter and pool means, by its name in metrics. */
export function withMeanings(page, { enums }) {
  const table = (name, head, cell) => {
    const { members } = enums.find((entry) => entry.name === name);
    const rows = members
      .filter((member) => member.name !== "COUNT")
      .map((member) => `| ${cell(lowerSnake(member.name))} | ${member.doc} |`);
    return [`| ${head} | meaning |`, "|---|---|", ...rows].join("\n");
  };
  const counters = table("Counter", "counter", counterCell);
  const pools = table("Pool", "`pool`", (name) => `\`${name}\``);
  return between(page, "meanings", "assembly/constants.ts", [counters, pools]);
}

/** As host/metrics/families.ts spells it; a test compares. */
function counterCell(name) {
  const reason = dropReason(name);
  return reason === null
    ? `\`motetcp_${name}_total\``
    : `\`motetcp_drops_total{reason="${reason}"}\``;
}

function dropReason(name) {
  const match = /^drop_(.+)$|^(.+)_drops$/.exec(name);
  return match === null ? null : (match[1] ?? match[2]);
}

function between(page, what, source, tables) {
  const beginMark = `<!-- ${what}: written by tools/generate.mjs from ${source} -->`;
  const begin = page.indexOf(beginMark);
  const end = page.indexOf(`<!-- end of ${what} -->`);
  if (begin < 0 || end < begin) throw new Error(`a page has lost its markers for ${what}`);
  const head = page.slice(0, begin + beginMark.length);
  return `${head}\n\n${tables.join("\n\n")}\n\n${page.slice(end)}`;
}

/** Its own fields; those of its base are in that one's table. */
function recordTable({ name, base, doc, fields, bytes }, records) {
  const inherited = records.find((record) => record.name === base)?.fields.length ?? 0;
  const begin = base ? ` Begins with an [${base}](#${base.toLowerCase()}).` : "";
  const lines = [`### ${name}`, "", `${doc}${begin} ${bytes} bytes.`, ""];
  lines.push("| field | at | bytes | meaning |", "|---|---|---|---|");
  for (const field of fields.slice(inherited)) {
    lines.push(`| \`${field.name}\` | ${field.offset} | ${field.bytes} | ${field.doc} |`);
  }
  return lines.join("\n");
}

function enumTable({ name, doc, members }) {
  const lines = [`### ${name}`, "", doc, "", "| name | value | meaning |", "|---|---|---|"];
  for (const member of members) {
    const meaning = member.name === "COUNT" ? "How many there are." : member.doc;
    lines.push(`| \`${member.name}\` | ${member.value} | ${meaning} |`);
  }
  return lines.join("\n");
}
