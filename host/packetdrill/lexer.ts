// Words of a script with their places. Comments go here, and so do the conditionals (`#ifdef` ...)
// and the words that `#define`, `--define` and -D replace: a replaced word is one token, whatever
// its value, as in the dialect's first implementation.

import { mistake, type Place } from "./errors.js";

export type TokenKind =
  | "integer"
  | "hex"
  | "float"
  | "word"
  | "string"
  | "shell"
  | "code"
  | "option"
  | "address"
  | "mark"
  | "end";

export interface Token extends Place {
  readonly kind: TokenKind;
  /** As it stands, quotes taken off; of an option what follows `--`. */
  readonly text: string;
  /** Right behind the token before it. */
  readonly glued: boolean;
}

export type Defines = Map<string, string>;

const SPACE = /[ \t\r\n\f\u00a0]+/y;
const LINE_COMMENT = /\/\/[^\n]*/y;
const BLOCK_COMMENT = /\/\*[^]*?\*\//y;
const HASH_LINE = /#[^\n]*/y;
/** `--option NAME=VALUE` may have a space where the others have an equals sign. */
const OPTION =
  /--(?:option[ \t]+(?=\w+=)|[a-zA-Z][\w-]*(?:[ \t]*=[ \t]*)?)(?:\w+[ \t]*=[ \t]*)?("[^"\n]*"|`[^`]*`|[^\s]*)/y;

/** In the order in which they are tried. */
const TOKENS: readonly (readonly [TokenKind, RegExp])[] = [
  ["code", /%\{[^]*?\}%/y],
  ["string", /"(?:\\[^]|[^"\\])*"/y],
  ["shell", /`(?:\\[^]|[^`\\])*`/y],
  ["mark", /\.\.\./y],
  ["address", /\d+\.\d+\.\d+\.\d+/y],
  ["float", /-?\d*\.\d+/y],
  ["hex", /0x[0-9a-fA-F]+(?!\w)/y],
  ["integer", /-?\d+(?!\w)/y],
  ["word", /\w+/y],
  ["mark", /./y],
];

/** What begins and does not end. */
const UNFINISHED: readonly (readonly [string, string])[] = [
  ["/*", "*/"],
  ["%{", "}%"],
  ['"', '"'],
  ["`", "`"],
];

export function tokenize(source: string, defines: Defines): Token[] {
  const tokens: Token[] = [];
  const places = placesOf(source);
  const conditions = createConditions(defines);
  let at = 0;
  let end = -1;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const push = (kind: TokenKind, text: string, length: number) => {
    tokens.push({ kind, text, glued: at === end, ...places(at) });
    at += length;
    end = at;
  };

  while (at < source.length) {
    const skipped = match(SPACE) ?? match(LINE_COMMENT) ?? match(BLOCK_COMMENT);
    if (skipped !== undefined) {
      at += skipped.length;
      continue;
    }
    const hash = match(HASH_LINE);
    if (hash !== undefined) {
      const isFirst = /^[ \t]*$/.test(source.slice(source.lastIndexOf("\n", at - 1) + 1, at));
      at += isFirst ? conditions.line(source, at, hash, places) : hash.length;
      continue;
    }
    const option = match(OPTION);
    if (option !== undefined) {
      push("option", option.slice(2), option.length);
      continue;
    }
    const close = missingEnd(source, at);
    if (close !== undefined) throw mistake(`expected ${close}, found the end`, places(at));
    const [kind, text] = nextToken(match);
    const value = kind === "word" ? defines.get(text) : undefined;
    if (value === undefined) push(kind, unquoted(kind, text), text.length);
    else push(kindOf(value), value.replace(/^(["`])([^]*)\1$/, "$2"), text.length);
  }
  conditions.end(places(source.length));
  push("end", "", 0);
  return tokens;
}

/** What should close that which begins here and does not end. */
function missingEnd(source: string, at: number): string | undefined {
  const found = UNFINISHED.find(
    ([begin, close]) => source.startsWith(begin, at) && !source.includes(close, at + begin.length),
  );
  return found && `${found[1]} that closes ${found[0]}`;
}

function nextToken(match: (pattern: RegExp) => string | undefined): [TokenKind, string] {
  for (const [kind, pattern] of TOKENS) {
    const text = match(pattern);
    if (text !== undefined) return [kind, text];
  }
  return ["mark", "?"];
}

function unquoted(kind: TokenKind, text: string): string {
  if (kind === "code") return text.slice(2, -2);
  return kind === "string" || kind === "shell" ? text.slice(1, -1) : text;
}

/** Kind of the value that replaces a word. */
function kindOf(value: string): TokenKind {
  if (value.startsWith('"')) return "string";
  if (value.startsWith("`")) return "shell";
  if (/^-?\d+$/.test(value)) return "integer";
  if (/^0x[0-9a-f]+$/i.test(value)) return "hex";
  return /^-?\d*\.\d+$/.test(value) ? "float" : "word";
}

/** Line and column of an offset; asked for in rising order. */
function placesOf(source: string): (offset: number) => Place {
  let line = 1;
  let lineStart = 0;
  return (offset) => {
    for (;;) {
      const next = source.indexOf("\n", lineStart);
      if (next < 0 || next >= offset) return { line, column: offset - lineStart + 1 };
      line++;
      lineStart = next + 1;
    }
  };
}

interface Conditions {
  /** A line that begins with #; how many characters it takes, those skipped included. */
  line(source: string, at: number, text: string, places: (offset: number) => Place): number;
  end(place: Place): void;
}

/** Directives; any other line with # is a comment. */
const DIRECTIVE = /^#[ \t]*(ifdef|ifndef|else|endif|define|undef)\b[ \t]*(\w*)[ \t]*(.*?)\s*$/;

function createConditions(defines: Defines): Conditions {
  const open: Place[] = [];

  /** Offset behind the #else or #endif that ends a part which is not taken. */
  function skip(source: string, from: number, place: Place, elseEnds: boolean): number {
    let depth = 0;
    const lines = /^[ \t]*#[ \t]*(ifdef|ifndef|else|endif)\b.*$/gm;
    lines.lastIndex = from;
    for (let match; (match = lines.exec(source));) {
      const isElse = match[1] === "else";
      if (depth === 0 && (match[1] === "endif" || (isElse && elseEnds))) {
        if (!isElse) open.pop();
        return lines.lastIndex;
      }
      if (match[1] === "endif") depth--;
      else if (!isElse) depth++;
    }
    throw mistake("expected #endif, found the end", place);
  }

  return {
    line(source, at, text, places) {
      const [, name, word = "", rest = ""] = DIRECTIVE.exec(text) ?? [];
      const behind = at + text.length;
      if (name === undefined) return text.length;
      const place = places(at);
      if (name === "else" || name === "endif") {
        if (open.length === 0) throw mistake(`expected #ifdef before, found #${name}`, place);
        if (name === "else") return skip(source, behind, place, false) - at;
        open.pop();
        return text.length;
      }
      if (word === "") throw mistake(`expected a name behind #${name}, found nothing`, place);
      if (name === "define") defines.set(word, rest);
      else if (name === "undef") defines.delete(word);
      else {
        open.push(place);
        const taken = defines.has(word) === (name === "ifdef");
        if (!taken) return skip(source, behind, place, true) - at;
      }
      return text.length;
    },
    end() {
      const place = open.pop();
      if (place) throw mistake("expected #endif, found the end", place);
    },
  };
}
