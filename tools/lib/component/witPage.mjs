// Reads the interfaces of the component (wit/stack), and prints docs/reference/component.md of them. The text is read line
// by line, as it is laid out here: a declaration begins on a line of its own, with its comment above it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../files.mjs";
import { WIT_PACKAGE, WIT_VERSION } from "../emit-wit.mjs";

/** In the order of the page. */
const FILES = ["worlds", "types", "setup", "sockets", "core"];

const GROUP = /^(interface|world|record|enum|flags|variant) ([\w-]+) \{$/;
const FUNCTION = /^%?([\w-]+): func/;
const TYPE = /^type ([\w-]+) =/;
const WORLD_ITEM = /^(export|import|include) ([\w-]+);$/;
const CASE = /^([\w-]+)(?::? ?.*),$/;

/** Interfaces and worlds, with what is in them. `core`: the text of core.wit, if it is another than on the disk. */
export function readWit(root = ROOT, core = undefined) {
  const read = (name) => readFileSync(join(root, `wit/stack/${name}.wit`), "utf8");
  return FILES.flatMap((name) => readItems((name === "core" ? core : undefined) ?? read(name)));
}

function readItems(text) {
  const top = { items: [] };
  const open = [top];
  let doc = [];
  let statement = "";
  for (const line of text.split("\n").map((row) => row.trim())) {
    if (line.startsWith("///")) doc.push(line.slice(4));
    else if (line === "" || line.startsWith("//") || /^(package|use) /.test(line)) continue;
    else if (line === "}") open.pop();
    else {
      statement = `${statement} ${line}`.trim();
      if (!/[;{,]$/.test(line)) continue;
      const item = { ...itemOf(statement), doc: doc.join(" "), items: [] };
      open.at(-1).items.push(item);
      if (line.endsWith("{")) open.push(item);
      doc = [];
      statement = "";
    }
  }
  return top.items;
}

function itemOf(statement) {
  const text = statement.replace(/ \{$|[;,]$/, "");
  const [, kind, name] = GROUP.exec(statement) ?? WORLD_ITEM.exec(statement) ?? [];
  if (kind) return { kind, name, text };
  const [, func] = FUNCTION.exec(statement) ?? [];
  if (func) return { kind: "func", name: func, text };
  const [, type] = TYPE.exec(statement) ?? [];
  if (type) return { kind: "type", name: type, text };
  const [, name2] = CASE.exec(statement) ?? [];
  if (name2) return { kind: "case", name: name2, text };
  throw new Error(`wit/stack: what is this: ${statement}`);
}

export function witPage(root = ROOT, core = undefined) {
  const items = readWit(root, core);
  const of = (wanted) => items.filter(({ kind }) => kind === wanted);
  return [
    "# The interfaces of the component",
    "",
    "<!-- Made by tools/generate.mjs from wit/stack. Do not edit: change the source and run `npm run build`. -->",
    "",
    `The WIT package \`${WIT_PACKAGE}@${WIT_VERSION}\`, in \`wit/stack\`. How to build and run it:`,
    "[the guide](../guides/component.md). Where the core's own words stand (`Constant`, records, places in",
    "memory): [the boundary](../abi.md).",
    "",
    "## Worlds",
    ...of("world").flatMap(worldLines),
    ...of("interface").flatMap(interfaceLines),
    "",
  ].join("\n");
}

function worldLines({ name, doc, items }) {
  const lists = ["import", "include", "export"].flatMap((wanted) => {
    const names = items.filter(({ kind }) => kind === wanted).map((item) => `\`${item.name}\``);
    return names.length === 0 ? [] : [`${wanted}s ${names.join(", ")}`];
  });
  return ["", `### World ${name}`, "", doc, "", `It ${lists.join("; it ")}.`];
}

function interfaceLines({ name, doc, items }) {
  const types = items.filter(({ kind }) => kind !== "func");
  const functions = items.filter(({ kind }) => kind === "func");
  return [
    "",
    `## Interface ${name}`,
    "",
    doc,
    ...types.flatMap(typeLines),
    ...functions.flatMap(functionLines),
  ];
}

function typeLines({ kind, name, text, doc, items }) {
  const head = [
    "",
    `### ${kind === "type" ? "Type" : kind[0].toUpperCase() + kind.slice(1)} ${name}`,
    "",
    doc,
  ];
  if (items.length === 0) return [...head, "", "```wit", `${text};`, "```"];
  const rows = items.map((item) => `| \`${item.text}\` | ${cell(item.doc)} |`);
  return [
    ...head,
    "",
    `| ${kind === "record" ? "field" : "case"} | meaning |`,
    "|---|---|",
    ...rows,
  ];
}

function functionLines({ name, text, doc }) {
  return ["", `### ${name}`, "", "```wit", `${text};`, "```", "", doc];
}

/** A bar would end the cell. */
const cell = (text) => text.replaceAll("|", "\\|");
