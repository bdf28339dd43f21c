// Prints records and constants as tables, for docs/abi.md.

/** The page with everything between the markers replaced. */
export function withTables(page, { enums, records, flags, numbers }) {
  const aboutRecords = [
    ...records.map((record) => recordTable(record, records)),
    ...[...flags, numbers].map(enumTable),
  ];
  const withRecords = between(page, "records", "the classes of the core", aboutRecords);
  return between(withRecords, "constants", "assembly/constants.ts", enums.map(enumTable));
}

function between(page, what, source, tables) {
  const beginMark = `<!-- ${what}: written by tools/generate.mjs from ${source} -->`;
  const begin = page.indexOf(beginMark);
  const end = page.indexOf(`<!-- end of ${what} -->`);
  if (begin < 0 || end < begin) throw new Error(`docs/abi.md has lost its markers for ${what}`);
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
