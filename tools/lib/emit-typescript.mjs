// Prints host/core/generated/abi.ts: constants, names for people, where the fields of records lie,
// and the type of the module's exports.

import { docComment, lowerSnake } from "./text.mjs";

/** Enums whose members get a table from number to name, and how a member is spelled there. */
const NAME_TABLES = {
  State: (name) => name.replaceAll("_", "-"),
  Cause: (name) => name.replaceAll("_", "-"),
  Errno: (name) => name,
  Event: (name) => name,
};

/** Enums that count from 0: their names are a list, in the spelling of metrics. */
const NAME_LISTS = { Counter: "counterNames", Pool: "poolNames" };

export function emitTypeScript({ enums, records, flags, numbers, functions }) {
  const lines = [
    "// Made by tools/generate.mjs from assembly/constants.ts, the classes of records, and docs/abi.md.",
    "// Do not edit: change the source and run `npm run build`.",
  ];
  for (const entry of [...enums, ...flags, numbers]) lines.push("", ...enumLines(entry));
  for (const record of records) lines.push("", ...recordLines(record));
  lines.push("", ...exportLines(functions));
  return `${lines.join("\n")}\n`;
}

function enumLines({ name, doc, members }) {
  const lines = [...docComment(doc), `export const ${name} = {`];
  for (const member of members) {
    lines.push(...docComment(member.doc, "  "), `  ${member.name}: ${member.value},`);
  }
  lines.push("} as const;", `export type ${name} = (typeof ${name})[keyof typeof ${name}];`);
  if (NAME_TABLES[name]) lines.push("", ...nameTable(name, members, NAME_TABLES[name]));
  if (NAME_LISTS[name]) lines.push("", ...nameList(name, members, NAME_LISTS[name]));
  return lines;
}

function nameTable(name, members, spell) {
  const lines = [`/** The name of each ${name}, for people. */`];
  lines.push(`export const ${name}Name: Readonly<Record<number, string>> = {`);
  for (const member of members) lines.push(`  ${member.value}: "${spell(member.name)}",`);
  lines.push("};");
  return lines;
}

function nameList(name, members, table) {
  const counted = members.filter((member) => member.name !== "COUNT");
  counted.forEach((member, index) => {
    if (member.value !== index) throw new Error(`${name}.${member.name} must be ${index}`);
  });
  const lines = [
    `/** The name of each ${name} in the spelling of metrics; the index is its number. */`,
  ];
  lines.push(`export const ${table}: readonly string[] = [`);
  for (const member of counted) lines.push(`  "${lowerSnake(member.name)}",`);
  lines.push("];");
  return lines;
}

function recordLines({ name, doc, fields, bytes }) {
  const lines = [...docComment(doc), `export const ${name}Field = {`];
  for (const { name: field, offset, bytes: width, doc: meaning } of fields) {
    lines.push(...docComment(meaning, "  "));
    lines.push(`  ${field}: { offset: ${offset}, bytes: ${width} },`);
  }
  lines.push("} as const;", `export const ${name}Size = ${bytes};`);
  return lines;
}

function exportLines(functions) {
  const lines = [
    ...docComment(
      "What the module exports. WebAssembly hands i32 results over as signed numbers: use `>>> 0` " +
        "for counters, times and pointers; negative results are `-Errno`.",
    ),
    "export interface CoreExports {",
    "  readonly memory: { readonly buffer: ArrayBuffer };",
  ];
  for (const entry of functions) {
    const parameters = entry.parameters.map((name) => `${argumentName(name)}: number`).join(", ");
    const result = returnsNothing(entry) ? "void" : "number";
    lines.push(...docComment(describe(entry), "  "));
    lines.push(`  ${entry.name}(${parameters}): ${result};`);
  }
  lines.push("}");
  return lines;
}

/** `interface` is a keyword in TypeScript, and a macro in some C headers. */
export function argumentName(name) {
  return name === "interface" ? "interfaceIndex" : name;
}

/** One sentence per column of the table. */
export function describe({ about, result, errors }) {
  const parts = [];
  if (about !== "") parts.push(`Takes ${about}.`);
  if (result !== "") parts.push(`Result: ${result}.`);
  if (errors !== "") parts.push(`Errors: ${errors}.`);
  return parts.join(" ").replaceAll("..", ".");
}

export function returnsNothing({ result }) {
  return /^none\b/.test(result);
}
