// Reads the one source of the boundary: the const enums of assembly/constants.ts, the records of
// assembly/layout.ts, the exports of assembly/index.ts and the table in docs/abi.md. What it
// returns is plain data; generate.mjs prints it and the static tests compare it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** Everything a host can name, in source order. */
export function readBoundary(root) {
  const enums = readEnums(join(root, "assembly/constants.ts"));
  const records = readRecords(join(root, "assembly/layout.ts"));
  const exported = readExports(join(root, "assembly/index.ts"));
  const functions = readTable(join(root, "docs/abi.md"));
  compareNames(
    exported,
    functions.map((entry) => entry.name),
  );
  return { enums, records, functions };
}

function parse(path) {
  const text = readFileSync(path, "utf8");
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

function fail(node, message) {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  throw new Error(`${file.fileName}:${line + 1}: ${message}`);
}

/** The text of the doc comment directly above a node, on one line. */
function docOf(node) {
  const comment = node.jsDoc?.at(-1)?.comment ?? "";
  const text = typeof comment === "string" ? comment : ts.getTextOfJSDocComment(comment);
  return text.replace(/\s+/g, " ").trim();
}

function readEnums(path) {
  const enums = parse(path).statements.filter(ts.isEnumDeclaration);
  return enums.map((declaration) => {
    let next = 0;
    const members = declaration.members.map((member) => {
      const value = member.initializer ? numberOf(member.initializer) : next;
      next = value + 1;
      return { name: member.name.text, value, doc: docOf(member) };
    });
    return { name: declaration.name.text, doc: docOf(declaration), members };
  });
}

function numberOf(expression) {
  const value = Number(expression.getText());
  if (!Number.isInteger(value)) fail(expression, "a constant must be a plain integer");
  return value;
}

/** Records of u32 fields; name0 to name3 in a row are the 16 bytes of one address. */
function readRecords(path) {
  const classes = parse(path).statements.filter(ts.isClassDeclaration);
  return classes.map((declaration) => {
    const fields = [];
    declaration.members.forEach((member, index) => {
      if (!ts.isPropertyDeclaration(member) || member.type?.getText() !== "u32") {
        fail(member, "a record holds u32 fields only");
      }
      const name = member.name.getText();
      const part = /^(.*Address)([0-3])$/.exec(name);
      if (part && part[2] !== "0") {
        const last = fields.at(-1);
        if (last?.name !== part[1]) fail(member, `${name} must follow its first word`);
        last.bytes += 4;
        return;
      }
      const doc = docOf(member);
      fields.push({ name: part ? part[1] : name, offset: index * 4, bytes: 4, doc });
    });
    const bytes = declaration.members.length * 4;
    return { name: declaration.name.text, doc: docOf(declaration), fields, bytes };
  });
}

function readExports(path) {
  const names = [];
  for (const statement of parse(path).statements) {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause) {
      fail(statement, "index.ts holds `export { ... } from` only");
    }
    for (const element of statement.exportClause.elements) names.push(element.name.text);
  }
  return names;
}

/** Rows of the export table: `name(args)` first, then arguments, result, errors, work. */
function readTable(path) {
  const functions = [];
  let group = "";
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (!line.startsWith("|")) continue;
    const cells = line.slice(1, line.lastIndexOf("|")).split("|");
    const [head, ...rest] = cells.map((cell) => cell.trim());
    const title = /^\*\*(.+)\*\*$/.exec(head);
    if (title) group = title[1];
    for (const [, name, list] of head.matchAll(/`(\w+)\(([^)]*)\)`/g)) {
      const parameters = list.split(",").map((item) => item.trim());
      const [about = "", result = "", errors = "", work = ""] = rest.map((cell) =>
        cell.replaceAll("`", ""),
      );
      functions.push({
        name,
        parameters: parameters.filter(Boolean),
        group,
        about,
        result,
        errors,
        work,
      });
    }
  }
  return functions;
}

/** docs/abi.md and assembly/index.ts must name the same exports. */
function compareNames(exported, documented) {
  const problems = [];
  for (const name of exported) {
    if (!documented.includes(name)) problems.push(`docs/abi.md does not document ${name}()`);
  }
  for (const name of documented) {
    if (!exported.includes(name)) problems.push(`assembly/index.ts does not export ${name}()`);
  }
  if (new Set(documented).size !== documented.length)
    problems.push("docs/abi.md repeats an export");
  if (problems.length > 0) throw new Error(problems.join("\n"));
}
