// Prints what the WebAssembly component knows about the boundary: wit/stack/core.wit, the boundary one to one as an
// interface, and wit/library/generated/core.ts, the same interface and the places of records for code in AssemblyScript.

import { describe, returnsNothing } from "./emit-typescript.mjs";
import { upperSnake, wrap } from "./text.mjs";

export const WIT_PACKAGE = "motetcp:stack";
export const WIT_VERSION = "0.1.0";
export const WIT_CORE = `${WIT_PACKAGE}/core@${WIT_VERSION}`;
/** What the component adds to the calls of the core. */
const MORE = [
  {
    name: "load",
    parameters: ["at"],
    types: ["u32"],
    result: "u64",
    doc: "The 8 bytes of the core's memory from `at` on, little-endian; 0 where they are not all in it. docs/abi.md says what lies where.",
  },
  {
    name: "store",
    parameters: ["at", "value"],
    types: ["u32", "u64"],
    result: "",
    doc: "Writes 8 bytes to `at` of the core's memory, little-endian; nothing where they are not all in it. Only RX_FRAME, RX_METADATA, ADDRESS_BUFFER, NAME_BUFFER, ENTROPY and the last send span are the host's to write: whoever writes elsewhere may make the core trap.",
  },
  {
    name: "profile",
    parameters: [],
    types: [],
    result: "u32",
    doc: "Which profile of the core this is: 0 tiny, 1 esp32, 2 desktop.",
  },
  {
    name: "digest",
    parameters: ["part"],
    types: ["u32"],
    result: "u64",
    doc: "Part 0 to 3, of 8 bytes each, of the SHA-256 of the core's module, which is one of the release modules, byte for byte; the first byte of a part is the lowest. 0 for other parts.",
  },
];
/** Results that have all 32 bits; others are negative when the call has failed. */
const UNSIGNED = new Set(["constant", "nextDeadline"]);

/** Calls of the boundary and what the component adds, in one form. */
export function coreFunctions({ functions }) {
  const calls = functions.map((entry) => ({
    name: entry.name,
    parameters: entry.parameters.map((name) => (name === "interface" ? "index" : name)),
    types: entry.parameters.map(() => "u32"),
    result: returnsNothing(entry) ? "" : UNSIGNED.has(entry.name) ? "u32" : "s32",
    doc: describe(entry),
  }));
  return [...calls, ...MORE];
}

/** camelCase to kebab-case. */
export const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
/** Words of the language that are names of ours. */
const escaped = (name) => (/^(flags|option)$/.test(name) ? `%${name}` : kebab(name));

const comment = (text, indent) =>
  wrap(text, 96 - indent.length).map((row) => `${indent}/// ${row}`);

export function emitCoreWit(boundary) {
  const lines = [
    "// Made by tools/generate.mjs from docs/abi.md. Do not edit: change the source and run `npm run build`.",
    "",
    `package ${WIT_PACKAGE}@${WIT_VERSION};`,
    "",
    ...comment(
      "The boundary of the core one to one, as docs/abi.md has it: numbers in, numbers out, and what else has to cross lies in the " +
        "core's memory. Results of type s32 that are negative are `-Errno`. The component of the library is made of this; it is of " +
        "use to whoever writes another one, or needs a call that the interfaces of the library leave out. Profile tiny has no " +
        "sockets and no clients: those calls answer `-EAFNOSUPPORT` there.",
      "",
    ),
    "interface core {",
  ];
  coreFunctions(boundary).forEach(({ name, parameters, types, result, doc }, i) => {
    const list = parameters.map((parameter, j) => `${escaped(parameter)}: ${types[j]}`).join(", ");
    if (i > 0) lines.push("");
    lines.push(...comment(doc, "  "));
    lines.push(`  ${kebab(name)}: func(${list})${result === "" ? "" : ` -> ${result}`};`);
  });
  lines.push("}");
  return `${lines.join("\n")}\n`;
}

/** TypeScript, which checks these files, too, has no decorators of functions. */
const DECORATOR = "// @ts-ignore: decorator";
const AS_TYPES = { u32: "u32", s32: "i32", u64: "u64", "": "void" };

export function emitCoreImports(boundary) {
  const lines = [
    "// Made by tools/generate.mjs from docs/abi.md and the classes of records: the interface core as AssemblyScript",
    "// imports it, and where the fields of records lie. Do not edit: change the source and run `npm run build`.",
  ];
  for (const { name, parameters, types, result } of coreFunctions(boundary)) {
    const list = parameters.map((parameter, i) => `${parameter}: ${AS_TYPES[types[i]]}`).join(", ");
    lines.push("", DECORATOR, `@external("${WIT_CORE}", "${kebab(name)}")`);
    lines.push(`export declare function ${name}(${list}): ${AS_TYPES[result]};`);
  }
  for (const { name, fields, bytes } of boundary.records) {
    const prefix = upperSnake(name);
    lines.push("", `export const ${prefix}_BYTES: u32 = ${bytes};`);
    for (const field of fields) {
      lines.push(`export const ${prefix}_${upperSnake(field.name)}: u32 = ${field.offset};`);
    }
  }
  lines.push("");
  for (const { name, value } of boundary.numbers.members) {
    lines.push(`export const READING_${name}: u32 = ${value};`);
  }
  return `${lines.join("\n")}\n`;
}

/** The second of the two libraries that the self-test imports: the first under another name. */
export function emitPeer(source) {
  const code = source.split(/^(?=\/\/ @ts-ignore)/m).slice(1);
  const head =
    "// Made by tools/generate.mjs from ../stack.ts. Do not edit: change the source and run `npm run build`.\n\n";
  return head + code.join("").replaceAll(`"${WIT_PACKAGE}/`, '"motetcp:peer/');
}
