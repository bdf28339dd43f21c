// The few places of wasm3 0.5.0 that know the form of its code in memory, and what stands there instead: units of 16
// bits (boards/engine/wasm3/code.h). Without this the code of the profile esp32 takes 54 KB more on a 32-bit processor,
// which is more than an ESP32-C3 should give. Each text must stand there as often as it says.

import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeChanged } from "./files.mjs";

const EDITS = {
  "m3_core.h": [
    ["typedef void /*const*/ *                    code_t;", "typedef mote_unit code_t;"],
    [
      "#define d_m3CodePageFreeLinesThreshold      4+2 ",
      "#define d_m3CodePageFreeLinesThreshold MOTE_LONGEST_OP ",
    ],
  ],
  "m3_exec_defs.h": [
    ["((IM3Operation)(* _pc))(_pc + 1, ", "MOTE_OPERATION (_pc) (_pc + MOTE_OP_UNITS, "],
    ["((IM3Operation)(*  PC))( PC + 1, ", "MOTE_OPERATION (PC) (PC + MOTE_OP_UNITS, "],
  ],
  "m3_exec.h": [
    ["* ((void **) (_pc-1)) = (void*)(OP)", "MOTE_SET_OPERATION (_pc - MOTE_OP_UNITS, OP)"],
    ["* ((TYPE *) _pc++)", "MOTE_NEXT (TYPE, _pc)"],
    ["(_pc++)\n", "(_pc += MOTE_UNITS (TYPE))\n"],
    ["immediate (i32)", "immediate (i16)", 4],
    ["u32 offset = immediate (u32);", "u32 offset = immediate (u16);", 6],
    ["(M3RawCall) (* _pc++)", "immediate (M3RawCall)"],
    [
      "* ((void**) --_pc) = (void*) (function->compiled);\n        --_pc;",
      "_pc -= MOTE_UNITS (pc_t);\n        MOTE_PLACE (pc_t, _pc) = function->compiled;\n" +
        "        _pc -= MOTE_OP_UNITS;",
    ],
    ["jumpOp (* _pc);", "jumpOp (MOTE_PLACE (pc_t, _pc));"],
    ["    pc_t * branches = (pc_t *) _pc;\n", ""],
    ["branches [branchIndex]", "MOTE_PLACE (pc_t, _pc + MOTE_UNITS (pc_t) * branchIndex)"],
    ["u32 value = * (u32 *)_pc++;", "u32 value = immediate (u32);"],
    [
      "u64 value = * (u64 *)_pc;\n    _pc += (M3_SIZEOF_PTR == 4) ? 2 : 1;",
      "u64 value = immediate (u64);",
    ],
  ],
  "m3_code.c": [
    ["i_page->code [i_page->info.lineIndex++] = i_word;", "MOTE_EMIT (i_page, void *, i_word);"],
    [
      "* ((u32 *) & i_page->code [i_page->info.lineIndex++]) = i_word;",
      "MOTE_EMIT (i_page, u32, i_word);",
    ],
    [
      "* ((u64 *) & i_page->code [i_page->info.lineIndex]) = i_word;\n    i_page->info.lineIndex += 2;",
      "MOTE_EMIT (i_page, u64, i_word);",
    ],
    [
      "* ((u64 *) & i_page->code [i_page->info.lineIndex]) = i_word;\n    i_page->info.lineIndex += 1;",
      "MOTE_EMIT (i_page, u64, i_word);",
    ],
  ],
  "m3_emit.c": [
    ["i_numLines += 2; // room for Bridge", "i_numLines += MOTE_OP_UNITS + MOTE_UNITS (pc_t);"],
    ["EmitWord (o->page, op_Branch);", "MOTE_EMIT_OPERATION (o->page, (IM3Operation) op_Branch);"],
    [
      "EmitWord (o->page, i_operation);",
      'if (not MOTE_IS_NEAR (i_operation)) return "operation too far away";\n' +
        "            MOTE_EMIT_OPERATION (o->page, i_operation);",
    ],
    ["EmitWord32 (o->page, i_offset);", "MOTE_EMIT (o->page, i16, i_offset);"],
  ],
  "m3_compile.c": [
    ["pc_t next = * (pc_t *) patches;", "pc_t next = MOTE_PLACE (pc_t, patches);"],
    ["* (pc_t *) patches = pc;", "MOTE_PLACE (pc_t, patches) = pc;"],
    ["* jumpTo = GetPC (o);", "MOTE_PLACE (pc_t, jumpTo) = GetPC (o);", 2],
    ["* o_startPC = GetPagePC (elsePage);", "MOTE_PLACE (pc_t, o_startPC) = GetPagePC (elsePage);"],
    ["else * pc = GetPC (o);", "else MOTE_PLACE (pc_t, pc) = GetPC (o);"],
    [
      "EmitConstant32 (o, memoryOffset);",
      '_throwif ("offset of more than 16 bits", memoryOffset > 0xffff);\n' +
        "    if (o->page) MOTE_EMIT (o->page, u16, memoryOffset);",
    ],
    [
      "u32 numCodeLines = targetCount + 4; // 3 => IM3Operation + slot + target_count + default_target",
      "u32 numCodeLines = MOTE_OP_UNITS + 1 + MOTE_UNITS (u32) + (targetCount + 1) * MOTE_UNITS (pc_t);",
    ],
  ],
};

/** A text with its edits; throws where one does not apply. */
export function editWasm3(name, text) {
  for (const [from, to, times = 1] of EDITS[name] ?? []) {
    const parts = text.split(from);
    if (parts.length !== times + 1) {
      throw new Error(`wasm3's ${name} has ${parts.length - 1} times, and not ${times}: ${from}`);
    }
    text = parts.join(to);
  }
  return text;
}

/** Copies the sources of wasm3 that an engine needs, with the edits. A checkout has interfaces to systems beside them. */
export function copyWasm3(from, to) {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter((each) => /^(m3|wasm3).*\.[ch]$/.test(each))) {
    if (/^m3_(api_|bind\.c)/.test(name)) continue;
    writeChanged(join(to, name), editWasm3(name, readFileSync(join(from, name), "utf8")));
  }
}
