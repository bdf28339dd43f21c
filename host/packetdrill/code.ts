// Assertions between %{ and }%: a small part of Python, as scripts use it. `assert EXPRESSION`, with
// a message behind a comma if wanted; statements end with the line or a semicolon. `print` is
// passed over. Expressions: numbers, names, or and not, comparisons (also in chains), + - * / // %
// & | << >>, parentheses, [lists] with `in`, abs, min and max.

import { failure, mistake, unsupported, type Place } from "./errors.js";

type Value = number | boolean | string | Value[];
/** The value of a name, or undefined. */
export type Lookup = (name: string) => number | undefined;

interface Word {
  kind: "number" | "name" | "string" | "sign" | "end";
  text: string;
  at: number;
}

const WORDS =
  /[ \t\r\\]+|#[^\n]*|(?<number>0x[0-9a-fA-F]+|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)|(?<name>[A-Za-z_]\w*)|(?<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?<sign>\/\/|<<|>>|<=|>=|==|!=|[^\s])|(?<end>\n)/gy;

function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let depth = 0;
  for (const match of text.matchAll(WORDS)) {
    const [kind, found] = Object.entries(match.groups ?? {}).find(([, part]) => part) ?? [];
    if (kind === undefined || found === undefined) continue;
    if ("([{".includes(found)) depth++;
    if (")]}".includes(found)) depth--;
    const ends = kind === "end" || found === ";";
    // A line goes on while a parenthesis is open.
    if (kind === "end" && depth > 0) continue;
    words.push({ kind: ends ? "end" : (kind as Word["kind"]), text: found, at: match.index });
  }
  words.push({ kind: "end", text: "", at: text.length });
  return words;
}

/** Runs the statements; the first assertion that does not hold is a failure. */
export function runCode(text: string, place: Place, lookup: Lookup): void {
  const words = wordsOf(text);
  let index = 0;
  while (index < words.length) {
    const from = index;
    while (words[index]!.kind !== "end") index++;
    const statement = words.slice(from, index++);
    if (statement.length > 0) runStatement(statement, text, place, lookup);
  }
}

function runStatement(words: Word[], text: string, place: Place, lookup: Lookup): void {
  const [first] = words;
  if (first?.text === "print") return;
  if (first?.text !== "assert") {
    throw unsupported(`only assert is understood between %{ and }%, not ${first?.text}`, place);
  }
  const reader = createReader(words.slice(1), place);
  const names: string[] = [];
  const value = evaluate(reader, (name) => {
    names.push(name);
    return lookup(name);
  });
  if (!reader.atEnd() && !reader.at(",")) {
    throw mistake(`expected an operator, found ${reader.peek()}`, place);
  }
  if (truth(value)) return;
  const end = reader.position() ?? text.length;
  const condition = text.slice(words[1]?.at ?? 0, end).trim();
  const values = [...new Set(names)].map((name) => `${name} is ${lookup(name)}`);
  throw failure("the assertion does not hold", { expected: condition, found: values.join(", ") });
}

interface Reader {
  peek(): string;
  next(): Word;
  at(text: string): boolean;
  accept(...texts: string[]): string | undefined;
  expect(text: string): void;
  atEnd(): boolean;
  position(): number | undefined;
  readonly place: Place;
}

function createReader(words: Word[], place: Place): Reader {
  let index = 0;
  const current = () => words[index];
  const at = (text: string) => current()?.kind !== "string" && current()?.text === text;
  return {
    peek: () => current()?.text ?? "the end of the statement",
    next() {
      const word = words[index++];
      if (!word) throw mistake("expected a value, found the end of the statement", place);
      return word;
    },
    at,
    accept(...texts) {
      const found = texts.find(at);
      if (found !== undefined) index++;
      return found;
    },
    expect(text) {
      if (!at(text)) {
        throw mistake(`expected ${text}, found ${current()?.text ?? "the end"}`, place);
      }
      index++;
    },
    atEnd: () => index >= words.length,
    position: () => current()?.at,
    place,
  };
}

const truth = (value: Value) =>
  Array.isArray(value) || typeof value === "string" ? value.length > 0 : Boolean(value);

function evaluate(reader: Reader, lookup: Lookup): Value {
  const orTerm = (): Value => {
    let left = andTerm();
    while (reader.accept("or")) {
      const right = andTerm();
      left = truth(left) ? left : right;
    }
    return left;
  };
  const andTerm = (): Value => {
    let left = notTerm();
    while (reader.accept("and")) {
      const right = notTerm();
      left = truth(left) ? right : left;
    }
    return left;
  };
  const notTerm = (): Value => (reader.accept("not") ? !truth(notTerm()) : comparison());

  /** a < b <= c is both. */
  function comparison(): Value {
    let left = binary(0);
    let result: boolean | undefined;
    for (;;) {
      const operator = reader.accept("==", "!=", "<=", ">=", "<", ">", "in", "not");
      if (operator === undefined) return result ?? left;
      if (operator === "not") reader.expect("in");
      const right = binary(0);
      const holds = compare(left, operator === "not" ? "not in" : operator, right);
      result = (result ?? true) && holds;
      left = right;
    }
  }

  function binary(level: number): Value {
    const operators = LEVELS[level];
    if (!operators) return unary();
    let left = binary(level + 1);
    for (let sign; (sign = reader.accept(...operators)) !== undefined;) {
      left = calculate(number(left), sign, number(binary(level + 1)), reader.place);
    }
    return left;
  }

  function unary(): Value {
    if (reader.accept("-")) return -number(unary());
    if (reader.accept("+")) return number(unary());
    return reader.accept("~") ? ~number(unary()) : primary();
  }

  function primary(): Value {
    const word = reader.next();
    if (word.kind === "number") return Number(word.text);
    if (word.kind === "string") return word.text.slice(1, -1);
    if (word.text === "(" || word.text === "[") {
      const items = list(word.text === "(" ? ")" : "]");
      return word.text === "(" && items.length === 1 ? items[0]! : items;
    }
    if (word.kind !== "name") throw mistake(`expected a value, found ${word.text}`, reader.place);
    if (word.text === "True") return true;
    if (word.text === "False" || word.text === "None") return false;
    if (reader.accept("(")) return apply(word.text, list(")").map(number), reader.place);
    const value = lookup(word.text);
    if (value === undefined) throw unsupported(`there is no ${word.text} here`, reader.place);
    return value;
  }

  function list(close: string): Value[] {
    const items: Value[] = [];
    while (!reader.accept(close)) {
      items.push(orTerm());
      if (!reader.accept(",")) {
        reader.expect(close);
        break;
      }
    }
    return items;
  }

  function number(value: Value): number {
    if (typeof value === "number" || typeof value === "boolean") return Number(value);
    throw mistake("expected a number in a calculation", reader.place);
  }

  return orTerm();
}

/** From the loosest to the tightest. */
const LEVELS: readonly (readonly string[])[] = [
  ["|"],
  ["^"],
  ["&"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "//", "%"],
];

function calculate(a: number, sign: string, b: number, place: Place): number {
  if (b === 0 && (sign === "/" || sign === "//" || sign === "%")) {
    throw mistake("division by zero", place);
  }
  switch (sign) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "//":
      return Math.floor(a / b);
    case "%":
      return a - b * Math.floor(a / b);
    default:
      if (Number.isFinite(a + b) && Math.abs(b) < 2 ** 53 && (b < 64 || !/<<|>>/.test(sign))) {
        return bitwise(a, sign, b);
      }
      throw mistake(`expected smaller numbers for ${sign}`, place);
  }
}

/** Exact for 32 bits and beyond. */
function bitwise(a: number, sign: string, b: number): number {
  const [left, right] = [BigInt(Math.trunc(a)), BigInt(Math.trunc(b))];
  if (sign === "&") return Number(left & right);
  if (sign === "|") return Number(left | right);
  if (sign === "^") return Number(left ^ right);
  return Number(sign === "<<" ? left << right : left >> right);
}

function compare(left: Value, operator: string, right: Value): boolean {
  const isEqual = (a: Value, b: Value) => JSON.stringify(Number(a)) === JSON.stringify(Number(b));
  switch (operator) {
    case "==":
      return typeof left === "string" ? left === right : isEqual(left, right);
    case "!=":
      return !compare(left, "==", right);
    case "in":
      return Array.isArray(right) && right.some((item) => isEqual(item, left));
    case "not in":
      return !compare(left, "in", right);
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    default:
      return left >= right;
  }
}

function apply(name: string, values: number[], place: Place): number {
  if (name === "abs") return Math.abs(values[0] ?? 0);
  if (name === "min") return Math.min(...values);
  if (name === "max") return Math.max(...values);
  if (name === "int") return Math.trunc(values[0] ?? 0);
  throw unsupported(`there is no function ${name} here (abs, int, min, max)`, place);
}
