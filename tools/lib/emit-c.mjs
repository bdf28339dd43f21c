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
  lines.push("", ...HANDLE_READERS);
  lines.push("", "#ifdef __cplusplus", "}", "#endif");
  lines.push("", ...OTHER_HEADERS, "", "#endif");
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
  if (name === "Errno") lines.push("", ...errorNames(members));
  return lines;
}

/** In the order of their numbers, for C alone: C++ has no such initialisers. */
function errorNames(members) {
  const names = members.map(({ name, value }) => `[${value}] = "${name}"`);
  const rows = wrap(['[0] = "0"', ...names].join(", ").replaceAll(" = ", "="), 92);
  return [
    "/** Names of enum mote_errno: initialisers of an array. */",
    "#define MOTE_ERRNO_NAMES \\",
    ...rows.map((row, index) => {
      const text = `  ${row.replaceAll("=", " = ")}`;
      return index < rows.length - 1 ? `${text} \\` : text;
    }),
  ];
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

/** Behind the prototypes: they ask mote_constant() for places. */
const HANDLE_READERS = `/** Where a build has its records: asked for once. */
struct mote_places {
  uint32_t tcbs, listeners, addresses, address_bytes;
  uint32_t globals, tcb_area, listener_area, address_area, event_area, generation_area;
};
static inline struct mote_places mote_find_places(void) {
  struct mote_places p;
  p.tcbs = mote_constant(MOTE_CONSTANT_TCBS);
  p.listeners = mote_constant(MOTE_CONSTANT_LISTENERS);
  p.addresses = mote_constant(MOTE_CONSTANT_ADDRESSES);
  p.address_bytes = mote_constant(MOTE_CONSTANT_ADDRESS_BYTES);
  p.globals = mote_constant(MOTE_CONSTANT_GLOBALS);
  p.tcb_area = mote_constant(MOTE_CONSTANT_TCB_AREA);
  p.listener_area = mote_constant(MOTE_CONSTANT_LISTENER_AREA);
  p.address_area = mote_constant(MOTE_CONSTANT_ADDRESS_AREA);
  p.event_area = mote_constant(MOTE_CONSTANT_EVENT_AREA);
  p.generation_area = mote_constant(MOTE_CONSTANT_GENERATION_AREA);
  return p;
}

/** 1 while a handle lives. */
static inline int mote_is_living(const uint8_t *memory, const struct mote_places *p,
                                 uint32_t handle) {
  uint32_t slot = handle & 0xffff;
  if (slot >= p->tcbs + p->listeners + p->addresses) return 0;
  return (mote_u16(memory, p->event_area + 2 * slot) & MOTE_READING_OPEN) != 0 &&
         mote_u16(memory, p->generation_area + 2 * slot) == handle >> 16;
}

/** Where the Tcb, and the Listener, of a living handle lies; 0: it is the handle of something else. */
static inline uint32_t mote_tcb_at(const struct mote_places *p, uint32_t handle) {
  uint32_t slot = handle & 0xffff;
  if (slot >= p->tcbs) return 0;
  return p->tcb_area + p->address_bytes + slot * (p->address_bytes + MOTE_TCB_BYTES);
}
static inline uint32_t mote_listener_at(const struct mote_places *p, uint32_t handle) {
  uint32_t i = (handle & 0xffff) - p->tcbs;
  return i < p->listeners ? p->listener_area + i * MOTE_LISTENER_BYTES : 0;
}

/** STATUS (RFC 9293 section 3.10.6): the mote_state of a connection or listener, or -MOTE_EBADF. */
static inline int32_t mote_status(const uint8_t *memory, const struct mote_places *p,
                                  uint32_t handle) {
  uint32_t tcb = mote_tcb_at(p, handle);
  if (!mote_is_living(memory, p, handle)) return -MOTE_EBADF;
  if (tcb != 0) return (int32_t)mote_u8(memory, tcb + MOTE_TCB_STATE_AT);
  return mote_listener_at(p, handle) != 0 ? (int32_t)MOTE_STATE_LISTEN : -MOTE_EBADF;
}

/** What ended a connection, or a soft error since its last progress: a mote_errno, 0: nothing; or
 * -MOTE_EBADF. */
static inline int32_t mote_error(const uint8_t *memory, const struct mote_places *p,
                                 uint32_t handle) {
  uint32_t tcb = mote_tcb_at(p, handle);
  if (!mote_is_living(memory, p, handle)) return -MOTE_EBADF;
  if (tcb != 0) return (int32_t)mote_u8(memory, tcb + MOTE_TCB_ERROR_AT);
  return mote_listener_at(p, handle) != 0 ? 0 : -MOTE_EBADF;
}

/** The mote_address_state of an address, or -MOTE_EBADF. */
static inline int32_t mote_address_state(const uint8_t *memory, const struct mote_places *p,
                                         uint32_t handle) {
  uint32_t i = (handle & 0xffff) - p->tcbs - p->listeners;
  if (i >= p->addresses || !mote_is_living(memory, p, handle)) return -MOTE_EBADF;
  return (int32_t)mote_u8(memory, p->address_area + i * (MOTE_ADDRESS_BYTES + p->address_bytes) +
                                      MOTE_ADDRESS_STATE_AT);
}

/** The value of an option; handle 0: the stack's own and the defaults. -MOTE_EBADF,
 * -MOTE_ENOPROTOOPT. */
static inline int32_t mote_get_option(const uint8_t *memory, const struct mote_places *p,
                                      uint32_t handle, uint32_t option) {
  uint32_t at = mote_tcb_at(p, handle) + MOTE_TCB_NO_DELAY_AT;
  uint32_t first = MOTE_OPTION_NO_DELAY, last = MOTE_OPTION_KEEP_PROBES;
  if (handle == 0) {
    at = p->globals + MOTE_GLOBALS_NO_DELAY_AT;
    last = MOTE_OPTION_USER_TIMEOUT;
  } else if (!mote_is_living(memory, p, handle)) {
    return -MOTE_EBADF;
  } else if (mote_listener_at(p, handle) != 0) {
    at = mote_listener_at(p, handle) + MOTE_LISTENER_RESET_WHEN_FULL_AT;
    first = MOTE_OPTION_RESET_WHEN_FULL;
    last = MOTE_OPTION_SOURCE_LIMIT;
  } else if (mote_tcb_at(p, handle) == 0) {
    return -MOTE_EBADF;
  } else if (option == MOTE_OPTION_MSS) {
    return (int32_t)mote_u16(memory, mote_tcb_at(p, handle) + MOTE_TCB_SND_MSS_AT);
  }
  if (option < first || option > last) return -MOTE_ENOPROTOOPT;
  at += 2 * (option - first);
  return (int32_t)(mote_u16(memory, at) * (option == MOTE_OPTION_MSL_MS ? 10 : 1));
}`.split("\n");

/** What one `#include "motetcp.h"` brings beside the boundary. */
const OTHER_HEADERS = `/* What runs the core on a board, and sockets over spans. */
#include "pump.h"
#include "socket.h"
#include "text.h"`.split("\n");

/** A call with errors, and only such a call, has a signed result. */
function resultType(entry) {
  return returnsNothing(entry) ? "void" : entry.errors === "" ? "uint32_t" : "int32_t";
}

export function argumentNames({ parameters }) {
  return parameters.map((name) => lowerSnake(argumentName(name)));
}

/** A call as C has it, without what follows its parameters. */
export function signature(entry) {
  const list = argumentNames(entry).map((name) => `uint32_t ${name}`);
  const given = list.length === 0 ? "void" : list.join(", ");
  return `${resultType(entry)} mote_${lowerSnake(entry.name)}(${given})`;
}

function prototypeLines(entry) {
  const lines = wrap(`${signature(entry)};`, 96);
  return [
    ...docComment(describe(entry)),
    ...lines.map((line, row) => (row > 0 ? `    ${line}` : line)),
  ];
}
