// The boundary has one source: what is generated from it, the documentation and the modules agree.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it, test } from "node:test";
import {
  Abi,
  Constant,
  Counter,
  Errno,
  GlobalsField,
  Option,
  Pool,
  State,
  TcbField,
  TcbSize,
} from "../../host/core/generated/abi.js";
import { counterNames, ErrnoName, poolNames, StateName } from "../../host/core/generated/abi.js";
import { callOf, compile, fromRoot, instantiate, PROFILES, readText } from "./support/module.js";

function runTool(...args: string[]) {
  return spawnSync(process.execPath, args, { cwd: fromRoot("."), encoding: "utf8" });
}

describe("the boundary", () => {
  it("has generated files that do not drift, and documents every export and constant", () => {
    const { status, stderr } = runTool("tools/generate.mjs", "--check");
    assert.equal(status, 0, stderr);
  });

  it("names every option, counter and error in docs/abi.md", () => {
    const page = readText("docs/abi.md");
    for (const names of [Option, Counter, Errno, Pool, Constant, State].map(Object.keys).flat()) {
      assert.ok(page.includes(`\`${names}\``), names);
    }
  });

  it("is the golden export list", () => {
    const page = readText("docs/abi.md");
    const golden = readText("tests/static/exports.txt").matchAll(/^(\w+)\(/gm);
    const names = [...golden].map((match) => match[1]);
    assert.ok(names.length > 25);
    for (const name of names) assert.ok(page.includes(`\`${name}(`), `${name} is not documented`);
  });

  it("has names for people that follow the RFC and POSIX", () => {
    assert.equal(StateName[State.SYN_RECEIVED], "SYN-RECEIVED");
    assert.equal(StateName[State.FIN_WAIT_1], "FIN-WAIT-1");
    assert.equal(ErrnoName[Errno.ECONNRESET], "ECONNRESET");
    assert.equal(counterNames[Counter.DROP_TCP_CHECKSUM], "drop_tcp_checksum");
    assert.equal(counterNames.length, Counter.COUNT);
    assert.equal(poolNames.length, Pool.COUNT);
  });
});

describe("the layout of records", () => {
  it("has every field at a multiple of its width, in order and without overlap", () => {
    let end = 0;
    for (const [name, { offset, bytes }] of Object.entries(TcbField)) {
      assert.ok(offset % bytes === 0 && offset >= end && offset < end + 8, name);
      end = offset + bytes;
    }
    assert.equal(end, TcbSize);
  });

  it("is what the compiler makes of it", () => {
    const core = instantiate(compile("tiny"));
    const words = new DataView(core.memory.buffer);
    callOf(core, "initialise", []);
    callOf(core, "advance", [0x12345678, 0]);
    const at = callOf(core, "constant", [Constant.GLOBALS]);
    assert.equal(words.getUint32(at + GlobalsField.nowMs.offset, true), 0x12345678);
    assert.equal(words.getUint16(at + GlobalsField.mslCs.offset, true), 3_000);
    assert.equal(words.getUint16(at + GlobalsField.minimumRtoMs.offset, true), 200);
  });
});

describe("the C header", () => {
  const compiler = spawnSync("gcc", ["--version"]).status === 0;
  const skip = compiler ? false : "no gcc; to install: npm run setup:system";

  it("compiles as C11 without a warning, and reads records", { skip }, () => {
    const source = [
      '#include "boards/common/motetcp.h"',
      '#include "boards/common/motetcp.h"',
      `_Static_assert(MOTE_TCB_BYTES == ${TcbSize}, "size of a TCB");`,
      `_Static_assert(MOTE_TCB_STATE_AT == ${TcbField.state.offset}, "a field");`,
      `_Static_assert(MOTE_STATE_TIME_WAIT == ${State.TIME_WAIT}, "a state");`,
      `_Static_assert(MOTE_EACCES == ${Errno.EACCES}, "an error");`,
      "int main(void) {",
      "  uint8_t memory[64] = {0, 1, 2, 3, 4, 5, 6, 255};",
      "  if (mote_u32(memory, 4) != 0xff060504u || mote_u16(memory, 1) != 0x0201) return 1;",
      "  return mote_pool_high_water(memory, 0, MOTE_POOL_TCB) == 0xff060504u ? 0 : 2;",
      "}",
    ].join("\n");
    const flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"];
    const { status, stderr } = spawnSync("gcc", [...flags, "-I", ".", "-x", "c", "-"], {
      cwd: fromRoot("."),
      encoding: "utf8",
      input: source,
    });
    assert.equal(status, 0, stderr);
  });
});

describe("the modules", () => {
  for (const profile of PROFILES) {
    it(`answer for every constant, and for no others: ${profile}`, () => {
      const none = [
        Constant.TRACE_RECORDS,
        Constant.SYN_ENTRIES,
        Constant.TIME_WAITS,
        Constant.SOCKETS,
        Constant.ASSEMBLIES,
        Constant.GROUPS,
        Constant.LOOKUPS,
        Constant.SERVICES,
        Constant.NAME_BUFFER,
        Constant.GROUP_AREA,
        Constant.ROUTE_AREA,
        Constant.LEASE_AREA,
        Constant.LOOKUP_AREA,
        Constant.TIME_AREA,
        Constant.HOST_NAME,
      ];
      const few = profile === "esp32" ? [Constant.SERVICES] : [];
      const mayBeNone = new Set<number>(profile === "tiny" ? none : few);
      if (profile !== "desktop")
        for (const id of [
          Constant.RECOVERY_BLOCKS,
          Constant.ROUTES,
          Constant.TRACE_RECORDS,
          Constant.RETRANSMIT_AREA,
        ])
          mayBeNone.add(id);
      const core = instantiate(compile(profile));
      const constant = (id: number) => callOf(core, "constant", [id]) >>> 0;
      assert.equal(constant(Constant.ABI_VERSION), Abi.VERSION);
      for (let id = 0; id < Constant.COUNT; id++) {
        if (!mayBeNone.has(id)) assert.ok(constant(id) > 0, `constant ${id}`);
        assert.ok(constant(id) <= constant(Constant.MEMORY_BYTES), `constant ${id}`);
      }
      for (const id of [Constant.COUNT, 99, 0x7fffffff, -1, -0x80000000]) {
        assert.equal(constant(id), 0);
      }
    });
  }
});

test("the footprint is within its budget and docs/footprint.md shows it", () => {
  const { status, stderr } = runTool("tools/footprint.mjs", "--check");
  assert.equal(status, 0, stderr);
});
