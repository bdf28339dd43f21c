// C made from a release module ahead of time: what wasm2c writes, with its memory accesses put into 32 bits
// (boards/engine/aot/memory.h), the size of the memory, and the calls of motetcp.h.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBoundary } from "./boundary.mjs";
import { argumentNames, signature } from "./emit-c.mjs";
import { ROOT, sha256 } from "./files.mjs";
import { runNode } from "./run.mjs";

const WASM2C = "node_modules/wabt/bin/wasm2c";
/** An access of wasm2c, up to what is stored: its pointer is a variable, its offset a constant. */
const ACCESS =
  /\b(i(?:32|64)_(?:load|store)\w*?)_default32\(&instance->w2c_memory, \(u64\)\((\w+)\)(?: \+ (\d+)u?)?/g;
const FILL = /\bmemory_fill\(&instance->w2c_memory, /g;
const COPY = /\bmemory_copy\(&instance->w2c_memory, &instance->w2c_memory, /g;
/** Types and TRAP are known here, and none of the code has come yet. */
const BEHIND_TYPES = "#if defined(_MSC_VER)\n\n// Adapted from";

/** The C of a module with all of its accesses exchanged; throws where one would be left. */
export function exchangeAccesses(text) {
  const at = text.indexOf(BEHIND_TYPES);
  if (at < 0) throw new Error("wasm2c writes another prelude: is it the version of package.json?");
  const prelude = text.slice(0, at);
  const code = text
    .slice(at)
    .replace(ACCESS, (_, name, pointer, offset = "0") => `mote_${name}(${pointer}, ${offset}u`)
    .replace(FILL, "mote_memory_fill(")
    .replace(COPY, "mote_memory_copy(");
  const left = /\w+\(&instance->w2c_memory\b[^;]*/.exec(code.replace(/wasm_rt_\w+\([^;]*/g, ""));
  if (left !== null) throw new Error(`an access that is not exchanged: ${left[0]}`);
  return `${prelude}#include "profile.h"\n#include "memory.h"\n\n${code}`;
}

/** build/aot/PROFILE: core.c, core.h, calls.c, exports.c, profile.h. Throws with what wasm2c said. Processes that make
 * the same at the same time do not disturb each other: each file is put there whole, and only when it is another. */
export async function makeAheadOfTime(profile, root = ROOT) {
  const file = join(root, "build", `${profile}.wasm`);
  const folder = join(root, "build/aot", profile);
  const partial = join(folder, `.partial-${process.pid}`);
  mkdirSync(partial, { recursive: true });
  const output = join(partial, "core.c");
  const made = await runNode(WASM2C, [file, "--module-name=mote", "-o", output]);
  if (made.code !== 0) throw new Error(`wasm2c of ${profile}: ${made.output}`);
  const bytes = readFileSync(file);
  const module = new WebAssembly.Module(bytes);
  const boundary = readBoundary(root);
  const files = {
    "core.c": exchangeAccesses(readFileSync(output, "utf8")),
    "core.h": readFileSync(join(partial, "core.h"), "utf8"),
    "profile.h": profileHeader(profile, bytes, module, boundary),
    "calls.c": calls(module, boundary),
    "exports.c": exportTable(module, boundary),
  };
  for (const [name, text] of Object.entries(files)) {
    const place = join(folder, name);
    if (existsSync(place) && readFileSync(place, "utf8") === text) continue;
    writeFileSync(join(partial, name), text);
    renameSync(join(partial, name), place);
  }
  rmSync(partial, { recursive: true });
  return folder;
}

/** What an instance of a core says a constant is. */
export function constantOf(core, { enums }, name) {
  const { members } = enums.find((each) => each.name === "Constant");
  return core.constant(members.find((each) => each.name === name).value) >>> 0;
}

/** profile.h, which every engine has. */
export function profileHeader(profile, bytes, module, boundary) {
  const core = new WebAssembly.Instance(module, {}).exports;
  const value = (name) => constantOf(core, boundary, name);
  const lines = [
    `/* Of ${profile}.wasm. */`,
    "#ifndef MOTE_PROFILE_H",
    "#define MOTE_PROFILE_H",
    `#define MOTE_PROFILE "${profile}"`,
    `#define MOTE_CORE_SHA256 "${sha256(bytes)}"`,
    `#define MOTE_MEMORY_BYTES ${value("MEMORY_BYTES")}u`,
    `#define MOTE_FRAME_BYTES ${value("FRAME_BYTES")}u`,
  ];
  if (core.bind !== undefined) lines.push("#define MOTE_HAS_SOCKETS");
  // DHCP, names, time.
  if (core.interfaceAuto !== undefined) lines.push("#define MOTE_HAS_CLIENTS");
  return `${lines.join("\n")}\n#endif\n`;
}

/** The functions of the boundary that a module has. */
function exportedBy(module, { functions }) {
  const exported = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  return functions.filter(({ name }) => exported.has(name));
}

/** boards/engine/exports.h */
export function exportTable(module, boundary) {
  const entries = exportedBy(module, boundary);
  const lines = ['#include "exports.h"', '#include "motetcp.h"'];
  const rows = entries.map((entry) => {
    const head = signature(entry);
    const given = argumentNames(entry).map((_, index) => `given[${index}]`);
    const call = `${/\bmote_\w+/.exec(head)[0]}(${given.join(", ")})`;
    const body = head.startsWith("void ") ? `${call}; return 0;` : `return (uint32_t)${call};`;
    lines.push(
      `static uint32_t call_${entry.name}(const uint32_t *given) { (void)given; ${body} }`,
    );
    return `  {"${entry.name}", call_${entry.name}},`;
  });
  lines.push("const struct mote_named_call mote_named_calls[] = {", ...rows, "};");
  lines.push(`const uint32_t mote_named_call_count = ${entries.length};`);
  return `${lines.join("\n")}\n`;
}

function calls(module, boundary) {
  const lines = ['#include "aot.h"', '#include "engine.h"', '#include "motetcp.h"'];
  for (const entry of exportedBy(module, boundary)) {
    const head = signature(entry);
    const call = `w2c_mote_${entry.name}(${["&mote_instance", ...argumentNames(entry)].join(", ")})`;
    const enter = "if (mote_engine_trap() == MOTE_TRAP_NONE && setjmp(mote_call) == 0)";
    lines.push("", `${head} {`);
    if (head.startsWith("void ")) lines.push(`  ${enter} ${call};`, "}");
    else lines.push(`  ${enter} return ${call};`, "  return 0;", "}");
  }
  return `${lines.join("\n")}\n`;
}
