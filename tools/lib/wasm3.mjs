// The interpreter wasm3: its C sources, which are never part of this repository, and what is generated for a profile.
// The sources come out of the source distribution of the Python package pywasm3, which pip fetches and which has to have
// the hash below; MOTE_WASM3 may name a checkout instead. The same archive makes the Python extension of the tests.

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { constantOf, profileHeader } from "./aheadOfTime.mjs";
import { readBoundary } from "./boundary.mjs";
import { argumentNames, signature } from "./emit-c.mjs";
import { ROOT, sha256, writeChanged } from "./files.mjs";
import { copyWasm3 } from "./wasm3Edits.mjs";

const VERSION = "0.5.0";
const PACKAGE = `pywasm3-${VERSION}`;
const ARCHIVE = `${PACKAGE}.tar.gz`;
const SHA256 = "5a47c8a39f7f6ae71b3316b2e5d86c9d0db6e771a65f09a86e4d4aa3a19aefcc";
const OTHER_WAY = "or name a checkout of wasm3: MOTE_WASM3=DIR";

function python(words, purpose) {
  try {
    const stdio = ["ignore", "pipe", "pipe"];
    return execFileSync("python3", words, { stdio, encoding: "utf8" });
  } catch (error) {
    throw new Error(`${purpose}: ${whyPython(error)}`, { cause: error });
  }
}

function whyPython(error) {
  const said = `${error.stdout ?? ""}${error.stderr ?? ""}`.trim();
  if (error.code === "ENOENT") {
    return `python3 is missing; install it: apt-get install python3 python3-pip; ${OTHER_WAY}`;
  }
  if (/No module named '?pip/.test(said)) {
    return `pip is missing; install it: apt-get install python3-pip; ${OTHER_WAY}`;
  }
  if (/do not match the hashes/i.test(said)) {
    return `the package index has another archive than the one with the SHA-256 ${SHA256}:\n${said}`;
  }
  if (/Python\.h/.test(said)) return `Python.h is missing; install it: apt-get install python3-dev`;
  return `is there a network? ${OTHER_WAY}\n${said}`;
}

/** pip builds with the setuptools that it fetches for that, or, where it cannot, those that are there. */
function pip(words, purpose) {
  const all = ["-m", "pip", ...words, "--no-deps", "--disable-pip-version-check"];
  try {
    python(all, purpose);
  } catch (error) {
    if (!/setuptools|build dependencies/i.test(error.message)) throw error;
    python([...all, "--no-build-isolation"], purpose);
  }
}

function download(folder) {
  const list = join(folder, "requirements.txt");
  writeFileSync(list, `pywasm3==${VERSION} --hash=sha256:${SHA256}\n`);
  const words = ["download", "--no-binary", "pywasm3", "--require-hashes", "-r", list];
  words.push("-d", folder, "--retries", "2", "--timeout", "20");
  pip(words, `pip download of ${PACKAGE}`);
}

/** build/pywasm3: a folder for PYTHONPATH with Python's extension wasm3, compiled from the same archive without edits. */
export function providePywasm3(root = ROOT) {
  const folder = join(root, "build/pywasm3");
  if (existsSync(folder)) return folder;
  fetchWasm3(root);
  const made = mkdtempSync(`${folder}-`);
  const archive = join(root, "build/wasm3", ARCHIVE);
  const words = ["install", "--target", made, "--no-compile", "--root-user-action=ignore", archive];
  pip(words, `pip install of ${PACKAGE}`);
  // Somebody else may have been as far at the same time, with the same result.
  if (existsSync(folder)) rmSync(made, { recursive: true });
  else renameSync(made, folder);
  return folder;
}

/** The unpacked source distribution: build/wasm3/pywasm3-0.5.0. */
export function fetchWasm3(root = ROOT) {
  const folder = join(root, "build/wasm3");
  if (isFetched(folder)) return join(folder, PACKAGE);
  mkdirSync(join(root, "build"), { recursive: true });
  const made = mkdtempSync(join(root, "build/wasm3-"));
  try {
    download(made);
    checkArchive(join(made, ARCHIVE));
    execFileSync("tar", ["-xzf", ARCHIVE, "--no-same-owner"], { cwd: made });
    rmSync(folder, { recursive: true, force: true });
    renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    // Somebody else may have been as far at the same time.
    if (!isFetched(folder)) throw error;
  }
  return join(folder, PACKAGE);
}

function isFetched(folder) {
  if (!existsSync(join(folder, ARCHIVE)) || !existsSync(join(folder, PACKAGE, "LICENSE")))
    return false;
  checkArchive(join(folder, ARCHIVE));
  return true;
}

/** Throws unless it is the one archive. */
export function checkArchive(path) {
  const found = sha256(readFileSync(path));
  if (found === SHA256) return;
  throw new Error(`${path} has the SHA-256 ${found}, and not ${SHA256}: remove it, and try again`);
}

/** The folder of wasm3's C sources as they were published. */
export function publishedWasm3(root = ROOT, checkout = process.env.MOTE_WASM3 ?? "") {
  if (checkout === "") return join(fetchWasm3(root), "wasm3");
  const folder = [join(checkout, "source"), checkout].find((path) =>
    existsSync(join(path, "wasm3.h")),
  );
  if (folder === undefined) {
    throw new Error(`MOTE_WASM3: there is no wasm3.h in ${checkout} and its source/`);
  }
  const version = /M3_VERSION\s+"([^"]*)"/.exec(readFileSync(join(folder, "wasm3.h"), "utf8"))?.[1];
  if (version !== VERSION) {
    throw new Error(`MOTE_WASM3: ${folder} is wasm3 ${version}; the engine is made for ${VERSION}`);
  }
  return resolve(folder);
}

/** build/wasm3-sources: the C that is compiled, which is wasm3's with the edits of wasm3Edits.mjs. */
export function wasm3Sources(root = ROOT) {
  const folder = join(root, "build/wasm3-sources");
  copyWasm3(publishedWasm3(root), folder);
  return folder;
}

/** The C files of it. */
export function wasm3Files(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith(".c"));
  return names.sort().map((name) => join(folder, name));
}

/** Bytes of the interpreter's heap, without linear memory, for a byte of the module's code, for a function, and for the
 * rest; where pointers have four bytes and where they have eight. Fitted to what tiny and esp32 take, and 2 % more: a
 * start that finds too little says so, and a test that it is not much too much. */
const HEAP_NEEDS = {
  4: { code: 2.0, each: 143, rest: 4_600 },
  8: { code: 3.27, each: 205, rest: 7_200 },
};

function heapBytes(profile, pointerBytes, root) {
  const bytes = readFileSync(join(root, "build", `${profile}.wasm`));
  const core = new WebAssembly.Instance(new WebAssembly.Module(bytes), {}).exports;
  const { code, functions } = codeOf(bytes);
  const { code: ofCode, each, rest } = HEAP_NEEDS[pointerBytes];
  const needs = ofCode * code + each * functions + rest;
  return constantOf(core, readBoundary(root), "MEMORY_BYTES") + Math.ceil(needs / 8) * 8;
}

const CODE_SECTION = 10;

/** Bytes and functions of a module's code. */
function codeOf(bytes) {
  let at = 8;
  const number = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  for (;;) {
    const [section, code] = [number(), number()];
    if (section === CODE_SECTION) return { code, functions: number() };
    at += code;
  }
}

/** Lazily: what one call of an export may need for what it calls first; in the soaks it needed four fifths of it. */
const RESERVE_BYTES = {
  tiny: { 4: 23 * 1024, 8: 36 * 1024 },
  esp32: { 4: 41 * 1024, 8: 64 * 1024 },
};

/** Flags for all C of an engine on a machine whose pointers have so many bytes. Lazily it gets by with less heap. */
export function wasm3Flags(profile, pointerBytes, { lazy = false, heap, root = ROOT } = {}) {
  const flags = [`-DMOTE_WASM3_HEAP=${heap ?? heapBytes(profile, pointerBytes, root)}u`];
  const reserve = `-DMOTE_WASM3_RESERVE=${RESERVE_BYTES[profile][pointerBytes]}u`;
  return lazy ? [...flags, "-DMOTE_WASM3_LAZY=1", reserve] : flags;
}

/** build/wasm3-PROFILE: module.c with the bytes of the module, calls.c, profile.h. */
export function makeWasm3(profile, root = ROOT) {
  const folder = join(root, `build/wasm3-${profile}`);
  mkdirSync(folder, { recursive: true });
  const bytes = readFileSync(join(root, "build", `${profile}.wasm`));
  const module = new WebAssembly.Module(bytes);
  const boundary = readBoundary(root);
  writeChanged(join(folder, "profile.h"), profileHeader(profile, bytes, module, boundary));
  writeChanged(join(folder, "module.c"), moduleInC(bytes));
  writeChanged(join(folder, "calls.c"), calls(module, boundary));
  return folder;
}

function moduleInC(bytes) {
  const rows = [];
  for (let at = 0; at < bytes.length; at += 24)
    rows.push(`  ${bytes.subarray(at, at + 24).join(",")},`);
  const head = ['#include "calls.h"', "", `const uint32_t mote_module_bytes = ${bytes.length}u;`];
  return [...head, "const uint8_t mote_module[] = {", ...rows, "};", ""].join("\n");
}

function calls(module, { functions }) {
  const exported = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  const here = functions.filter(({ name }) => exported.has(name));
  const lines = ['#include "calls.h"', '#include "motetcp.h"', "#include <stddef.h>", ""];
  lines.push(
    `const char *const mote_exports[] = {"${here.map(({ name }) => name).join('", "')}"};`,
    `const uint32_t mote_export_count = ${here.length}u;`,
    `void *mote_functions[${here.length}];`,
  );
  here.forEach((entry, index) => lines.push("", ...callInC(entry, index)));
  return `${lines.join("\n")}\n`;
}

function callInC(entry, index) {
  const head = signature(entry);
  const names = argumentNames(entry);
  const given = names.length === 0 ? "NULL" : `(const uint32_t[]){${names.join(", ")}}`;
  const call = `mote_wasm3_call(${index}, ${names.length}, ${given})`;
  const type = /^\w+/.exec(head)[0];
  const line =
    type === "void"
      ? `${call};`
      : type === "int32_t"
        ? `return (int32_t)${call};`
        : `return ${call};`;
  return [`${head} { ${line} }`];
}
