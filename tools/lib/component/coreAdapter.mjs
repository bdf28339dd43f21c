// What turns the core, as it is, into a component: a module without memory that gives the calls of the core the names of
// interface core, and adds the few that reach into the core's memory. It has no state, and changes no result.

import { coreFunctions, kebab, WIT_CORE } from "../emit-wit.mjs";
import { PROFILES } from "./profiles.mjs";

const PART_DIGITS = 16;
const WORD_BYTES = 8;
/** Answers of a call that a profile has not, as docs/abi.md's Errno. */
const EAFNOSUPPORT = 16;

/** Text of the module. `exported`: names that the core has; `sha256`: of its bytes, in hexadecimal digits. */
export function coreAdapter({ boundary, exported, profile, sha256 }) {
  const calls = coreFunctions(boundary).filter(({ name }) => !(name in OWN));
  const there = calls.filter(({ name }) => exported.has(name));
  const missing = calls.filter(({ name }) => !exported.has(name));
  const lines = ["(module", '  (import "env" "memory" (memory 0))'];
  for (const call of there) {
    lines.push(
      `  (import "__main_module__" "${call.name}" (func $${call.name} ${signature(call)}))`,
    );
  }
  for (const { name } of there) lines.push(`  (export "${exportName(name)}" (func $${name}))`);
  for (const call of missing) lines.push(...func(call, [`(i32.const -${EAFNOSUPPORT})`]));
  for (const [name, body] of Object.entries(OWN)) {
    const call = coreFunctions(boundary).find((entry) => entry.name === name);
    lines.push(...func(call, body({ profile, sha256 })));
  }
  return [...lines, ")", ""].join("\n");
}

const exportName = (name) => `${WIT_CORE}#${kebab(name)}`;
const TYPES = { u32: "i32", s32: "i32", u64: "i64" };

function signature({ types, result }) {
  const list = types.length === 0 ? "" : `(param ${types.map((type) => TYPES[type]).join(" ")})`;
  return result === "" ? list : `${list} (result ${TYPES[result]})`;
}

function func(call, body) {
  const head = `  (func (export "${exportName(call.name)}") ${signature(call)}`;
  return [head, ...body.map((line) => `    ${line}`), "  )"];
}

/** True where the 8 bytes from the first parameter on are in memory. */
const IS_INSIDE = `(i64.le_u (i64.add (i64.extend_i32_u (local.get 0)) (i64.const ${WORD_BYTES})) (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)))`;

/** The calls that the core has not. */
const OWN = {
  load: () => [
    `(if (result i64) ${IS_INSIDE}`,
    "  (then (i64.load (local.get 0)))",
    "  (else (i64.const 0)))",
  ],
  store: () => [`(if ${IS_INSIDE}`, "  (then (i64.store (local.get 0) (local.get 1))))"],
  profile: ({ profile }) => [`(i32.const ${PROFILES.indexOf(profile)})`],
  digest: ({ sha256 }) => digest(sha256, 0),
};

function digest(sha256, part) {
  const digits = sha256.slice(part * PART_DIGITS, (part + 1) * PART_DIGITS);
  if (digits === "") return ["(i64.const 0)"];
  const word = Buffer.from(digits, "hex").reverse().toString("hex");
  const rest = digest(sha256, part + 1).map((line) => `  ${line}`);
  return [
    `(if (result i64) (i32.eq (local.get 0) (i32.const ${part}))`,
    `  (then (i64.const 0x${word}))`,
    `  (else`,
    ...rest,
    "))",
  ];
}
