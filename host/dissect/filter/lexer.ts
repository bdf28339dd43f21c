// Words, parentheses and signs of a filter, each with its place in the text.

export interface Token {
  readonly text: string;
  /** Where it begins in the text. */
  readonly at: number;
}

/** What is wrong with a filter, and where: the message shows the text with marks around the word. */
export class FilterError extends Error {
  readonly code = "EINVAL";
  /** From the beginning of the text. */
  readonly at: number;

  /** `word`: where it goes wrong; undefined: at the end. */
  constructor(text: string, word: Token | undefined, what: string) {
    const at = word?.at ?? text.trimEnd().length;
    const end = at + (word?.text.length ?? 0);
    const space = word === undefined ? " " : "";
    super(`${what}, in: ${text.slice(0, at)}${space}>${text.slice(at, end)}<${text.slice(end)}`);
    this.at = at;
  }
}

/** Signs that need no blanks around them. */
const SIGNS = /&&|\|\||[()!]|[^\s()!&|]+|[&|]/g;

export function tokensOf(text: string): Token[] {
  return [...text.matchAll(SIGNS)].map((match) => ({ text: match[0], at: match.index }));
}
