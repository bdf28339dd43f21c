// The boundary has one source: what is generated from it, the documentation and the modules agree.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it, test } from "node:test";
import {
  Counter,
  Errno,
  InfoOffset,
  InfoSize,
  Limit,
  Option,
  Pool,
  State,
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
    for (const names of [Option, Counter, Errno, Pool, Limit, State].map(Object.keys).flat()) {
      assert.ok(page.includes(`\`${names}\``), names);
    }
  });

  it("is the golden export list", () => {
    const page = readText("docs/abi.md");
    const golden = readText("tests/static/exports.txt").matchAll(/^(\w+)\(/gm);
    const names = [...golden].map((match) => match[1]);
    assert.ok(names.length > 40);
    for (const name of names) assert.ok(page.includes(`\`${name}(`), `${name} is not documented`);
  });

  it("has names for people that follow the RFC and POSIX", () => {
    assert.equal(StateName[State.SYN_RECEIVED], "SYN-RECEIVED");
    assert.equal(StateName[State.FIN_WAIT_1], "FIN-WAIT-1");
    assert.equal(ErrnoName[Errno.ECONNRESET], "ECONNRESET");
    assert.equal(counterNames[Counter.DROP_TCP_CHECKSUM], "drop_tcp_checksum");
    assert.equal(counterNames.length, Counter.COUNT);
    assert.equal(poolNames.length, Pool.COUNT);
    assert.ok(Object.values(InfoOffset).every((offset) => offset < InfoSize && offset % 4 === 0));
  });
});

describe("the C header", () => {
  const compiler = spawnSync("gcc", ["--version"]).status === 0;
  const skip = compiler ? false : "no gcc; to install: npm run setup:system";

  it("compiles as C11 without a warning, with records of the right size", { skip }, () => {
    const source = [
      '#include "boards/common/motetcp.h"',
      '#include "boards/common/motetcp.h"',
      `_Static_assert(sizeof(struct mote_info) == ${InfoSize}, "size of mote_info");`,
      '_Static_assert(sizeof(struct mote_info) == MOTE_INFO_BYTES, "MOTE_INFO_BYTES");',
      `_Static_assert(MOTE_STATE_TIME_WAIT == ${State.TIME_WAIT}, "a state");`,
      `_Static_assert(MOTE_EACCES == ${Errno.EACCES}, "an error");`,
      "int main(void) { return 0; }",
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
    it(`answer for every limit, pool and counter, and for no others: ${profile}`, () => {
      const core = instantiate(compile(profile));
      const call = (name: "limit" | "poolCapacity" | "counter", id: number) =>
        callOf(core, name, [id]) >>> 0;
      for (let id = 0; id < Limit.COUNT; id++) {
        if (id !== Limit.IPV6 && id !== Limit.TRACE_RECORDS) assert.ok(call("limit", id) > 0);
      }
      for (let id = 0; id < Pool.COUNT; id++) assert.ok(call("poolCapacity", id) > 0);
      for (const id of [99, 0x7fffffff, -1, -0x80000000]) {
        assert.equal(call("limit", id), 0);
        assert.equal(call("poolCapacity", id), 0);
        assert.equal(call("counter", id), 0);
      }
      assert.equal(call("limit", Limit.MEMORY_BYTES), callOf(core, "staticEnd", []) >>> 0);
    });
  }
});

test("the footprint is within its budget and docs/footprint.md shows it", () => {
  const { status, stderr } = runTool("tools/footprint.mjs", "--check");
  assert.equal(status, 0, stderr);
});
