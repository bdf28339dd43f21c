// Second and third proof: what the release modules contain and what they do not, read from the
// binaries. No imports, no table, no start function; memory cannot grow; only integers of 32 bits
// cross the boundary; state that outlives a call cannot hide in globals, which are listed.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Constant } from "../../host/core/generated/abi.js";
import {
  callOf,
  instantiate,
  moduleBytes,
  PAGE_BYTES,
  PROFILES,
  readList,
  readText,
} from "./support/module.js";
import { isFloat, type ParsedModule, parseModule } from "./support/wasm.js";

const UNREACHABLE = 0x00;
const MEMORY_GROW = 0x40;
const CALL_INDIRECT = 0x11;
const KIND_FUNCTION = 0;
const KIND_MEMORY = 2;

/** What a module of a profile exports: a line may name the one that it is not in. */
function goldenExports(profile: string): string[] {
  const lines = readText("tests/static/exports.txt").split("\n");
  const kept = lines.filter((line) => !line.endsWith(`# not in ${profile}`));
  return kept.map((line) => line.replace(/#.*/, "").trim()).filter((line) => line !== "");
}

const goldenGlobals = readList("tests/static/globals.txt");

/** `name(i32, i32) -> i32` for each function, and `memory`. */
function describeExports(parsed: ParsedModule): string[] {
  return parsed.exports.map(({ name, kind, index }) => {
    if (kind === KIND_MEMORY) return name;
    assert.equal(kind, KIND_FUNCTION, `${name} is neither a function nor the memory`);
    const type = parsed.functions[index];
    assert.ok(type, `${name} is an import`);
    const results = type.results.length === 0 ? "" : ` -> ${type.results.join(", ")}`;
    return `${name}(${type.parameters.join(", ")})${results}`;
  });
}

/** Where a failed assertion traps; the compiler also closes endless loops with one. */
const countTraps = ({ instructions }: ParsedModule) =>
  instructions.filter(({ opcode }) => opcode === UNREACHABLE).length;

/** Names of the mutable globals in the text build. */
function mutableGlobals(text: string): string[] {
  return [...text.matchAll(/\(global \$(\S+) \(mut \w+\)/g)].map((match) => match[1] ?? "");
}

for (const profile of PROFILES) {
  describe(`the release module of ${profile}`, () => {
    const bytes = moduleBytes(profile);
    const parsed = parseModule(bytes);
    const text = readText(`build/${profile}.wat`);

    it("has no imports, table, elements or start function", () => {
      for (const section of ["import", "table", "element", "start"]) {
        assert.ok(!parsed.sections.has(section), `it has a section: ${section}`);
      }
    });

    it("neither grows memory nor calls through a table", () => {
      const opcodes = new Set(parsed.instructions.map(({ opcode }) => opcode));
      assert.ok(parsed.instructions.length > 1000, "the scan has seen the code");
      assert.ok(!opcodes.has(MEMORY_GROW), "memory.grow");
      assert.ok(!opcodes.has(CALL_INDIRECT), "call_indirect");
    });

    it("computes with integers only", () => {
      const floats = parsed.instructions.filter(({ opcode }) => isFloat(opcode));
      assert.deepEqual(floats, []);
    });

    it("exports the golden list and nothing else, with 32-bit integers only", () => {
      assert.deepEqual(describeExports(parsed).sort(), goldenExports(profile).sort());
    });

    it("has no mutable global beyond the allowed ones", () => {
      const names = mutableGlobals(text);
      const mutable = parsed.globals.filter((entry) => entry.mutable);
      assert.equal(names.length, mutable.length, "the text build is of another module");
      const unknown = names.filter((name) => !goldenGlobals.includes(name));
      assert.deepEqual(unknown, [], "if they are scratch within a call, add them to globals.txt");
    });

    it("has one memory, as large as it will ever be, and fits into it", () => {
      assert.equal(parsed.memories.length, 1);
      const [memory] = parsed.memories;
      assert.equal(memory?.initial, memory?.maximum);
      const core = instantiate(new WebAssembly.Module(bytes));
      const end = callOf(core, "constant", [Constant.MEMORY_BYTES]) >>> 0;
      assert.ok(end > 0 && end <= core.memory.buffer.byteLength);
      assert.equal(core.memory.buffer.byteLength, (memory?.initial ?? 0) * PAGE_BYTES);
    });
  });
}

describe("the list of allowed globals", () => {
  it("names only globals that some module has", () => {
    const present = PROFILES.flatMap((name) => mutableGlobals(readText(`build/${name}.wat`)));
    const stale = goldenGlobals.filter((name) => !present.includes(name));
    assert.deepEqual(stale, []);
  });
});

describe("asconfig.json", () => {
  it("gives release and checked builds memory that cannot grow", () => {
    const { targets } = JSON.parse(readText("asconfig.json")) as {
      targets: Record<string, { initialMemory?: number; maximumMemory?: number; use: string[] }>;
    };
    for (const [name, target] of Object.entries(targets)) {
      if (name.endsWith("-debug")) continue;
      assert.ok(target.initialMemory, name);
      assert.equal(target.initialMemory, target.maximumMemory, name);
      assert.ok(target.use.includes("abort="), `${name} would import abort`);
    }
  });
});

describe("the checked modules", () => {
  it("hold assertions that the release modules do not", () => {
    for (const profile of PROFILES) {
      const release = countTraps(parseModule(moduleBytes(profile)));
      const checked = countTraps(parseModule(moduleBytes(profile, ".checked")));
      assert.ok(checked > release, `${profile}: ${checked} traps, release ${release}`);
    }
  });

  it("have the same exports and no imports", () => {
    for (const profile of PROFILES) {
      const parsed = parseModule(moduleBytes(profile, ".checked"));
      assert.ok(!parsed.sections.has("import"), profile);
      assert.deepEqual(describeExports(parsed).sort(), goldenExports(profile).sort());
    }
  });
});
