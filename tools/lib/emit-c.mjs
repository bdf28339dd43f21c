// Prints boards/common/motetcp.h: constants, records and prototypes for C11 hosts.

import { argumentName, describe, returnsNothing } from "./emit-typescript.mjs";
import { docComment, lowerSnake, upperSnake, wrap } from "./text.mjs";

export function emitHeader({ enums, records, flags, numbers, functions }) {
  const lines = [
    "/* The boundary of the MoteTCP core for C11 hosts.",
    " *",
    " * Made by tools/generate.mjs from assembly/constants.ts, the classes of records, and docs/abi.md,",
    " * which explains each call. Do not edit: change the source and run `npm run build`.",
    " *",
    " * Pointers are offsets into the module's linear memory, which is little-endian. Calls that can",
    " * fail return a negated MOTE_E number. MOTE_..._AT is the offset of a field in its record. */",
    "#ifndef MOTETCP_H",
    "#define MOTETCP_H",
    "",
    "#include <stdint.h>",
    "",
    "#ifdef __cplusplus",
    'extern "C" {',
    "#endif",
  ];
  for (const entry of [...enums, ...flags, numbers]) lines.push("", ...enumLines(entry));
  for (const record of records) lines.push("", ...recordLines(record));
  lines.push("", ...READERS);
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

/** The offset of each field; its width stands beside it, because a reader is chosen by it. */
function recordLines({ name, doc, fields, bytes }) {
  const prefix = `MOTE_${upperSnake(name)}`;
  const lines = [...docComment(doc), `enum mote_${lowerSnake(name)}_field {`];
  fields.forEach((field, index) => {
    const comma = index === fields.length - 1 ? "" : ",";
    const type = `u${field.bytes * 8}`;
    lines.push(...docComment(field.doc === "" ? type : `${type}: ${field.doc}`, "  "));
    lines.push(`  ${prefix}_${upperSnake(field.name)}_AT = ${field.offset}${comma}`);
  });
  lines.push("};", `#define ${prefix}_BYTES ${bytes}u`);
  return lines;
}

/** `memory`: the module's; areas: what mote_constant() answers for them. */
const READERS = `/** A number in the module's memory. */
static inline uint32_t mote_u8(const uint8_t *memory, uint32_t at) {
  return memory[at];
}
static inline uint32_t mote_u16(const uint8_t *memory, uint32_t at) {
  return mote_u8(memory, at) | mote_u8(memory, at + 1) << 8;
}
static inline uint32_t mote_u32(const uint8_t *memory, uint32_t at) {
  return mote_u16(memory, at) | mote_u16(memory, at + 2) << 16;
}

/** A counter. area: MOTE_CONSTANT_COUNTER_AREA. */
static inline uint32_t mote_counter_value(const uint8_t *memory, uint32_t area,
                                          enum mote_counter id) {
  return mote_u32(memory, area + 4 * (uint32_t)id);
}

/** Records of a pool in use, and the most there ever were. area: MOTE_CONSTANT_POOL_AREA. */
static inline uint32_t mote_pool_used(const uint8_t *memory, uint32_t area, enum mote_pool id) {
  return mote_u32(memory, area + 8 * (uint32_t)id);
}
static inline uint32_t mote_pool_high_water(const uint8_t *memory, uint32_t area,
                                            enum mote_pool id) {
  return mote_u32(memory, area + 8 * (uint32_t)id + 4);
}`.split("\n");

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
