// Prints the constants as tables, for docs/abi.md.

const BEGIN = "<!-- constants: written by tools/generate.mjs from assembly/constants.ts -->";
const END = "<!-- end of constants -->";

/** The page with everything between the markers replaced. */
export function withConstants(page, { enums }) {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error("docs/abi.md has lost its markers for constants");
  const tables = enums.map(tableOf).join("\n\n");
  return `${page.slice(0, begin + BEGIN.length)}\n\n${tables}\n\n${page.slice(end)}`;
}

function tableOf({ name, doc, members }) {
  const lines = [`### ${name}`, "", doc, "", "| name | value | meaning |", "|---|---|---|"];
  for (const member of members) {
    const meaning = member.name === "COUNT" ? "How many there are." : member.doc;
    lines.push(`| \`${member.name}\` | ${member.value} | ${meaning} |`);
  }
  return lines.join("\n");
}
