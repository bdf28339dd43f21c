// Prints boards/common/motetcp.h: constants, records and prototypes for C11 hosts.

import { argumentName, describe, returnsNothing } from "./emit-typescript.mjs";
import { docComment, lowerSnake, upperSnake, wrap } from "./text.mjs";

export function emitHeader({ enums, records, functions }) {
  const lines = [
    "/* The boundary of the MoteTCP core for C11 hosts.",
    " *",
    " * Made by tools/generate.mjs from assembly/constants.ts, assembly/layout.ts and docs/abi.md,",
    " * which explains each call. Do not edit: change the source and run `npm run build`.",
    " *",
    " * Pointers are offsets into the module's linear memory, which is little-endian. Calls that can",
    " * fail return a negated MOTE_E number. */",
    "#ifndef MOTETCP_H",
    "#define MOTETCP_H",
    "",
    "#include <stdint.h>",
    "",
    "#ifdef __cplusplus",
    'extern "C" {',
    "#endif",
  ];
  for (const entry of enums) lines.push("", ...enumLines(entry));
  for (const record of records) lines.push("", ...recordLines(record));
  for (const entry of functions) lines.push("", ...prototypeLines(entry));
  lines.push("", "#ifdef __cplusplus", "}", "#endif", "", "#endif");
  return `${lines.join("\n")}\n`;
}

function enumLines({ name, doc, members }) {
  const prefix = name === "Errno" ? "MOTE_" : `MOTE_${upperSnake(name)}_`;
  const lines = [...docComment(doc), `enum mote_${lowerSnake(name)} {`];
  members.forEach((member, index) => {
    const comma = index === members.length - 1 ? "" : ",";
    lines.push(...docComment(member.doc, "  "));
    lines.push(`  ${prefix}${member.name} = ${member.value}${comma}`);
  });
  lines.push("};");
  return lines;
}

function recordLines({ name, doc, fields, bytes }) {
  const type = `mote_${lowerSnake(name)}`;
  const lines = [...docComment(doc), `struct ${type} {`];
  for (const field of fields) {
    lines.push(...docComment(field.doc, "  "));
    const member = lowerSnake(field.name);
    lines.push(
      field.bytes === 4 ? `  uint32_t ${member};` : `  uint8_t ${member}[${field.bytes}];`,
    );
  }
  lines.push("};", `#define ${type.toUpperCase()}_BYTES ${bytes}u`);
  return lines;
}

/** A call with errors, and only such a call, has a signed result. */
function prototypeLines(entry) {
  const type = returnsNothing(entry) ? "void" : entry.errors === "" ? "uint32_t" : "int32_t";
  const parameters = entry.parameters.map((name) => `uint32_t ${lowerSnake(argumentName(name))}`);
  const list = parameters.length === 0 ? "void" : parameters.join(", ");
  const head = `${type} mote_${lowerSnake(entry.name)}(`;
  const lines = wrap(`${head}${list});`, 96);
  return [
    ...docComment(describe(entry)),
    ...lines.map((line, row) => (row > 0 ? `    ${line}` : line)),
  ];
}
