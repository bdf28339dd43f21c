// The parser's place in the words of a script.

import { mistake } from "./errors.js";
import type { Token, TokenKind } from "./lexer.js";

export interface Cursor {
  /** The word that comes, or one behind it. */
  peek(ahead?: number): Token;
  next(): Token;
  /** Whether this mark or word comes. */
  at(text: string, ahead?: number): boolean;
  isKind(kind: TokenKind, ahead?: number): boolean;
  /** Takes this mark or word if it comes. */
  accept(text: string): boolean;
  expect(text: string, what?: string): Token;
  /** A whole number that is not negative, up to `limit`. */
  integer(what: string, limit?: number): number;
  fail(expected: string, token?: Token): never;
}

const U32 = 0xffffffff;

/** A token as messages show it. */
export function shown({ kind, text }: Token): string {
  if (kind === "end") return "the end";
  const line = text.trim().split("\n", 1)[0] ?? "";
  const short = line.length > 40 ? `${line.slice(0, 40)}...` : line;
  if (kind === "string") return `"${short}"`;
  if (kind === "shell") return `\`${short}\``;
  if (kind === "code") return `%{ ${short} }%`;
  return kind === "option" ? `--${short}` : short;
}

const isText = ({ kind }: Token) => kind === "mark" || kind === "word";

export function createCursor(tokens: readonly Token[]): Cursor {
  let index = 0;
  const last = tokens[tokens.length - 1]!;
  const peek = (ahead = 0) => tokens[index + ahead] ?? last;
  const fail = (expected: string, token = peek()): never => {
    throw mistake(`expected ${expected}, found ${shown(token)}`, token);
  };
  const at = (text: string, ahead = 0) => isText(peek(ahead)) && peek(ahead).text === text;
  const next = () => {
    const token = peek();
    index++;
    return token;
  };
  return {
    peek,
    next,
    at,
    isKind: (kind, ahead = 0) => peek(ahead).kind === kind,
    accept(text) {
      if (!at(text)) return false;
      index++;
      return true;
    },
    expect: (text, what = text) => (at(text) ? next() : fail(what)),
    integer(what, limit = U32) {
      const token = peek();
      const value = Number(token.text);
      if (token.kind !== "integer" && token.kind !== "hex") return fail(what);
      if (value < 0 || value > limit) return fail(`${what} from 0 to ${limit}`);
      index++;
      return value;
    },
    fail,
  };
}
