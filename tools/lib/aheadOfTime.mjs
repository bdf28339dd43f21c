// C made from a release module ahead of time: what wasm2c writes, with its memory accesses put into 32 bits
// (boards/engine/aot/memory.h), the size of the memory, and the calls of motetcp.h.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
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

/** build/aot/PROFILE: core.c, core.h, calls.c, profile.h. Throws with what wasm2c said. */
export async function makeAheadOfTime(profile, root = ROOT) {
  const file = join(root, "build", `${profile}.wasm`);
  const folder = join(root, "build/aot", profile);
  mkdirSync(folder, { recursive: true });
  const output = join(folder, "core.c");
  const made = await runNode(WASM2C, [file, "--module-name=mote", "-o", output]);
  if (made.code !== 0) throw new Error(`wasm2c of ${profile}: ${made.output}`);
  writeFileSync(output, exchangeAccesses(readFileSync(output, "utf8")));

  const bytes = readFileSync(file);
  const module = new WebAssembly.Module(bytes);
  const boundary = readBoundary(root);
  writeFileSync(join(folder, "profile.h"), profileHeader(profile, bytes, module, boundary));
  writeFileSync(join(folder, "calls.c"), calls(module, boundary));
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
  // DHCP, names, time.
  if (core.interfaceAuto !== undefined) lines.push("#define MOTE_HAS_CLIENTS");
  return `${lines.join("\n")}\n#endif\n`;
}

function calls(module, { functions }) {
  const exported = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  const lines = ['#include "aot.h"', '#include "engine.h"', '#include "motetcp.h"'];
  for (const entry of functions.filter(({ name }) => exported.has(name))) {
    const head = signature(entry);
    const call = `w2c_mote_${entry.name}(${["&mote_instance", ...argumentNames(entry)].join(", ")})`;
    const enter = "if (mote_engine_trap() == MOTE_TRAP_NONE && setjmp(mote_call) == 0)";
    lines.push("", `${head} {`);
    if (head.startsWith("void ")) lines.push(`  ${enter} ${call};`, "}");
    else lines.push(`  ${enter} return ${call};`, "  return 0;", "}");
  }
  return `${lines.join("\n")}\n`;
}
