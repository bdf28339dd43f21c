// Arguments and results of system calls: numbers, names, strings, lists, structures and `|`.
// What a name or a structure means is not known here.

import type { Cursor } from "./cursor.js";
import type { Expression, StructField } from "./script.js";

export function parseExpression(cursor: Cursor): Expression {
  const left = parseTerm(cursor);
  if (!cursor.at("|")) return left;
  cursor.next();
  return { kind: "or", place: left.place, left, right: parseExpression(cursor) };
}

/** Between brackets of some kind; the opening one is taken already. */
export function parseList(cursor: Cursor, close: string): Expression[] {
  const items: Expression[] = [];
  if (cursor.accept(close)) return items;
  do items.push(parseExpression(cursor));
  while (cursor.accept(","));
  cursor.expect(close, `, or ${close}`);
  return items;
}

function parseTerm(cursor: Cursor): Expression {
  const token = cursor.peek();
  const place = { line: token.line, column: token.column };
  switch (token.kind) {
    case "integer":
    case "hex":
    case "float":
      cursor.next();
      return { kind: "number", place, value: Number(token.text) };
    case "string":
      return parseString(cursor);
    case "word":
      cursor.next();
      if (cursor.accept("(")) {
        return { kind: "call", place, name: token.text, args: parseList(cursor, ")") };
      }
      return { kind: "word", place, name: token.text };
    case "mark":
      if (cursor.accept("...")) return { kind: "any", place };
      if (cursor.accept("[")) return { kind: "list", place, items: parseList(cursor, "]") };
      if (cursor.accept("{")) return parseStruct(cursor, place);
      return cursor.fail("a value (a number, a name, ..., [, {)");
    default:
      return cursor.fail("a value (a number, a name, ..., [, {)");
  }
}

/** Strings that follow each other are one; an ellipsis behind means that more would follow. */
function parseString(cursor: Cursor): Expression {
  const { line, column } = cursor.peek();
  let value = "";
  while (cursor.isKind("string")) value += unescaped(cursor.next().text);
  cursor.accept("...");
  return { kind: "string", place: { line, column }, value };
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "0": "\0" };

function unescaped(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{2}|.)/g, (_, code: string) =>
    code.length === 3 ? String.fromCharCode(parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code),
  );
}

/** `{name=value, name(length)=value}`, or values without names. */
function parseStruct(cursor: Cursor, place: Expression["place"]): Expression {
  const fields: StructField[] = [];
  if (cursor.accept("}")) return { kind: "struct", place, fields };
  do fields.push(parseField(cursor, fields.length));
  while (cursor.accept(","));
  cursor.expect("}", ", or }");
  return { kind: "struct", place, fields };
}

function parseField(cursor: Cursor, index: number): StructField {
  if (!cursor.isKind("word") || !(cursor.at("=", 1) || cursor.at("(", 1))) {
    return { name: String(index), value: parseExpression(cursor) };
  }
  const first = parseTerm(cursor); // name, or name(length)
  if (!cursor.accept("=")) return { name: String(index), value: first };
  const name = first.kind === "word" || first.kind === "call" ? first.name : String(index);
  return { name, value: parseExpression(cursor) };
}
