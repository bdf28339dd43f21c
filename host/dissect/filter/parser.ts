// The grammar of filters, one function for each rule:
//   any       = all { ("or" | "||") all }
//   all       = not { ("and" | "&&") not }
//   not       = ("not" | "!") not | "(" any ")" | primitive
// A bare value repeats the kind of the primitive before it, as in "port 80 or 443".

import { suggestion } from "../../suggest.js";
import { FilterError, tokensOf, type Token } from "./lexer.js";
import {
  direction,
  host,
  kindNames,
  kinds,
  net,
  port,
  tcpFlags,
  wordsOfValues,
  type Direction,
  type Predicate,
} from "./primitives.js";

/** What takes a value behind it. */
type Valued = "host" | "net" | "port";

/** What a bare value is of. */
interface Kind {
  readonly valued: Valued;
  readonly direction: Direction;
  /** As in "tcp port 80". */
  readonly protocol: Predicate | null;
}

interface Reader {
  readonly text: string;
  readonly tokens: readonly Token[];
  next: number;
  /** For a bare value. */
  last: Kind | null;
  depth: number;
}

/** Deeper than anybody writes; each level is a call. */
const MOST_DEPTH = 100;

const isSign = (token: Token | undefined, ...signs: readonly string[]): boolean =>
  token !== undefined && signs.includes(token.text.toLowerCase());

export function parseFilter(text: string): Predicate {
  const reader: Reader = { text, tokens: tokensOf(text), next: 0, last: null, depth: 0 };
  const predicate = parseAny(reader);
  const rest = reader.tokens[reader.next];
  if (rest === undefined) return predicate;
  const what = rest.text === ")" ? `")" without "("` : `expected "and", "or" or the end`;
  throw new FilterError(text, rest, what);
}

function parseAny(reader: Reader): Predicate {
  let left = parseAll(reader);
  while (isSign(reader.tokens[reader.next], "or", "||")) {
    reader.next++;
    const [before, right] = [left, parseAll(reader)];
    left = (packet) => before(packet) || right(packet);
  }
  return left;
}

function parseAll(reader: Reader): Predicate {
  let left = parseNot(reader);
  while (isSign(reader.tokens[reader.next], "and", "&&")) {
    reader.next++;
    left = both(left, parseNot(reader));
  }
  return left;
}

function parseNot(reader: Reader): Predicate {
  const token = reader.tokens[reader.next];
  if (++reader.depth > MOST_DEPTH) {
    throw new FilterError(reader.text, token, "it is nested too deeply");
  }
  try {
    if (isSign(token, "not", "!")) {
      reader.next++;
      const inner = parseNot(reader);
      return (packet) => !inner(packet);
    }
    if (!isSign(token, "(")) return parsePrimitive(reader);
    reader.next++;
    const inner = parseAny(reader);
    if (!isSign(reader.tokens[reader.next], ")")) return fail(reader, '"and", "or" or ")"');
    reader.next++;
    return inner;
  } finally {
    reader.depth--;
  }
}

function fail(reader: Reader, expected: string, token = reader.tokens[reader.next]): never {
  const found = token === undefined ? "the end" : `"${token.text}"`;
  throw new FilterError(reader.text, token, `expected ${expected}, found ${found}`);
}

/** A word that is a value: no sign, and not the end. */
function takeValue(reader: Reader, expected: string): Token {
  const token = reader.tokens[reader.next];
  const isValue = token !== undefined && !isSign(token, "(", ")", "!", "&&", "||", "&", "|");
  if (!isValue) return fail(reader, expected);
  reader.next++;
  return token;
}

const EXPECTED = "a word like host, port, net, tcp or syn";

function parsePrimitive(reader: Reader): Predicate {
  const token = takeValue(reader, EXPECTED);
  const word = token.text.toLowerCase();
  if (word === "src" || word === "dst") return parseDirected(reader, word);
  if (word === "host" || word === "net" || word === "port") {
    return parseValued(reader, word, "either");
  }
  if (word === "tcp" && isSign(reader.tokens[reader.next], "flags")) return parseFlags(reader);
  if (isProtocol(word) && isSign(reader.tokens[reader.next], "port", "src", "dst", "host", "net")) {
    // "tcp port 80" is "tcp and port 80".
    const protocol = kinds.get(word)!;
    const predicate = parsePrimitive(reader);
    if (reader.last !== null) reader.last = { ...reader.last, protocol };
    return both(protocol, predicate);
  }
  const known = kinds.get(word);
  if (known !== undefined) return known;
  if (reader.last !== null && /^[\d.]/.test(word)) {
    reader.next--;
    const { valued, direction: side, protocol } = reader.last;
    const predicate = parseValue(reader, valued, side);
    return protocol === null ? predicate : both(protocol, predicate);
  }
  const names = [...kindNames, ...wordsOfValues];
  const what = `"${token.text}" is no word of filters${suggestion(word, names)}`;
  throw new FilterError(reader.text, token, what);
}

const both =
  (first: Predicate, second: Predicate): Predicate =>
  (packet) =>
    first(packet) && second(packet);

const isProtocol = (word: string): boolean => ["tcp", "udp", "icmp", "ip", "arp"].includes(word);

/** Behind "src" or "dst": what it is of, or an address or a network at once. */
function parseDirected(reader: Reader, side: "src" | "dst"): Predicate {
  const token = reader.tokens[reader.next];
  const word = token?.text.toLowerCase();
  if (word === "host" || word === "net" || word === "port") {
    reader.next++;
    return parseValued(reader, word, direction[side]);
  }
  if (token !== undefined && /^\d/.test(token.text)) {
    return parseValued(reader, token.text.includes("/") ? "net" : "host", direction[side]);
  }
  return fail(reader, `host, net or port behind ${side}`);
}

function parseValued(reader: Reader, valued: Valued, side: Direction): Predicate {
  reader.last = { valued, direction: side, protocol: null };
  return parseValue(reader, valued, side);
}

const VALUES: Readonly<Record<Valued, string>> = {
  host: "an IPv4 address, as in host 198.18.0.2",
  net: "a network, as in net 198.18.0.0/15",
  port: "a port from 0 to 65535, as in port 80",
};

const MAKERS = { host, net, port } as const;

function parseValue(reader: Reader, valued: Valued, side: Direction): Predicate {
  const token = takeValue(reader, VALUES[valued]);
  const predicate = MAKERS[valued](token.text, side);
  return predicate ?? fail(reader, VALUES[valued], token);
}

const FLAGS_EXPECTED = "names of flags, as in tcp flags syn,ack";

/** "tcp flags syn,ack": all of these; "tcp flags any rst,fin": one of these at least. */
function parseFlags(reader: Reader): Predicate {
  reader.next++;
  const isAny = isSign(reader.tokens[reader.next], "any");
  if (isAny) reader.next++;
  const token = takeValue(reader, FLAGS_EXPECTED);
  const predicate = tcpFlags(token.text, isAny);
  return predicate ?? fail(reader, FLAGS_EXPECTED, token);
}
