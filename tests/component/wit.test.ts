// The components keep to their text: the interfaces are those of wit/, every item of them is explained and the numbers
// behind names are the core's; inside lies the release module, byte for byte; and nothing is imported that need not be.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  AddressState,
  Errno,
  ErrnoName,
  Event,
  EventName,
  Option,
  poolNames,
  StateName,
} from "../../host/core/generated/abi.js";
import { loadTool } from "../boards/support/native.js";
import { fromRoot, moduleBytes, PROFILES, readText } from "../static/support/module.js";
import { createCoreComponent, filesOf } from "./support/library.js";
import { casesOf, readWit, witPage, type WitItem } from "./support/wit.js";

interface Sections {
  coreModulesOf(component: Uint8Array): Uint8Array[];
}

interface Jco {
  componentWit(component: Uint8Array): Promise<string>;
}

const { coreModulesOf } = (await loadTool("tools/lib/component/sections.mjs")) as Sections;
const jco = (await import(pathToFileURL(fromRoot("wit/jco.mjs")).href)) as Jco;
const bytesOf = (path: string) => readFileSync(fromRoot(path));
const kebab = (name: string) => name.toLowerCase().replaceAll("_", "-");

function everyItem(items: readonly WitItem[], place: string): [string, WitItem][] {
  return items.flatMap((item) => {
    const path = `${place}${item.name}`;
    return [[path, item] as [string, WitItem], ...everyItem(item.items, `${path}.`)];
  });
}

test("every interface, type, case, field and function says what it is", () => {
  const items = everyItem(readWit(), "");
  const silent = items.filter(([, { kind, doc }]) => {
    return doc === "" && !["import", "export", "include"].includes(kind);
  });
  assert.deepEqual(
    silent.map(([path]) => path),
    [],
  );
  assert.ok(items.length > 250, `${items.length} items`);
});

test("docs/reference/component.md is what the text says", () => {
  assert.equal(readText("docs/reference/component.md"), witPage());
});

test("names stand for the numbers of the core", () => {
  const errors = readWit()
    .find(({ name }) => name === "types")!
    .items.find(({ name }) => name === "error-code")!.items;
  errors.forEach(({ doc }, i) => assert.equal(doc.split(":")[0], ErrnoName[i + Errno.EAGAIN]));
  assert.equal(errors.length, Object.keys(Errno).length);

  const options = Object.entries(Option).sort(([, a], [, b]) => a - b);
  assert.deepEqual(
    casesOf("options", "option-name"),
    options.map(([name]) => kebab(name)),
  );
  assert.equal(Option.NO_DELAY, 1);
  const events = casesOf("events", "event");
  events.forEach((name, i) => assert.equal(name, kebab(EventName[1 << i] ?? "")));
  assert.equal(events.length, Object.keys(Event).length);
  const states = casesOf("tcp", "connection-state").map((name) => name.replace(/(\d)/, "-$1"));
  assert.deepEqual(
    states,
    Object.values(StateName).map((name) => name.toLowerCase()),
  );
  assert.deepEqual(casesOf("inspect", "pool"), poolNames.map(kebab));
  assert.deepEqual(casesOf("about", "profile"), PROFILES);
  const addresses = Object.entries(AddressState).sort(([, a], [, b]) => a - b);
  assert.deepEqual(
    casesOf("network", "address-state"),
    addresses.map(([name]) => kebab(name)),
  );
});

/** Interfaces that a component imports, and those that it exports. */
async function worldOf(path: string) {
  const text = await jco.componentWit(bytesOf(path));
  const names = (word: string) =>
    [...text.matchAll(new RegExp(`^  ${word} ([^;]+);$`, "gm"))].map((match) => match[1]);
  return { imports: names("import"), exports: names("export") };
}

const STACK = readWit()
  .filter(({ kind, name }) => kind === "interface" && name !== "core")
  .map(({ name }) => `motetcp:stack/${name}@0.1.0`);

for (const profile of PROFILES) {
  const files = filesOf(profile);

  test(`the library imports nothing and exports its interfaces: ${profile}`, async () => {
    const { imports, exports } = await worldOf(files.library);
    assert.deepEqual(imports, []);
    assert.deepEqual(new Set(exports), new Set(STACK));
    assert.deepEqual(await worldOf(files.core), {
      imports: [],
      exports: ["motetcp:stack/core@0.1.0"],
    });
  });

  test(`the self-test imports the standard output and nothing else: ${profile}`, async () => {
    assert.deepEqual(await worldOf(files.selfTest), {
      imports: ["wasi:io/error@0.2.0", "wasi:io/streams@0.2.0", "wasi:cli/stdout@0.2.0"],
      exports: ["wasi:cli/run@0.2.0"],
    });
  });

  test(`the release module lies inside, byte for byte and once: ${profile}`, () => {
    const module = Buffer.from(moduleBytes(profile));
    for (const path of [files.core, files.library, files.selfTest]) {
      const inside = coreModulesOf(bytesOf(path)).filter((other) => module.equals(other));
      assert.equal(inside.length, 1, path);
    }
  });

  test(`interface core reaches memory, and nothing beyond it: ${profile}`, async () => {
    const { core } = await createCoreComponent(profile);
    const module = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes(profile)));
    const end = (module.exports["memory"] as WebAssembly.Memory).buffer.byteLength;
    core.store(end - 8, 0x1122334455667788n);
    assert.equal(core.load(end - 8), 0x1122334455667788n);
    assert.equal(core.load(end - 9), 0x22334455667788_00n);
    for (const at of [end - 7, end, 0xfffffff8, 0xffffffff]) {
      core.store(at, 1n);
      assert.equal(core.load(at), 0n, `${at}`);
    }
    assert.equal(core.digest(4), 0n);
  });
}
