// TCP options between < and >.

import type { Cursor } from "./cursor.js";
import { unsupported } from "./errors.js";
import type { SackBlock, TcpOption } from "./script.js";

const FAST_OPEN = 34;
const MD5 = 19;
const EXPERIMENT = 254;
/** RFC 7413: how Fast Open marks its experimental option. */
const FAST_OPEN_MAGIC = [0xf9, 0x89];
const MOST_BYTES = 40;

/** undefined: `<...>`. Where no < comes there are no options. */
export function parseTcpOptions(cursor: Cursor): readonly TcpOption[] | undefined {
  if (!cursor.at("<")) return [];
  const open = cursor.next();
  if (cursor.accept("...")) {
    cursor.expect(">");
    return undefined;
  }
  const options: TcpOption[] = [];
  if (cursor.accept(">")) return options;
  do options.push(parseOption(cursor));
  while (cursor.accept(","));
  cursor.expect(">", ", or >");
  const bytes = options.reduce((sum, option) => sum + optionBytes(option), 0);
  if (bytes > MOST_BYTES) cursor.fail(`options of at most ${MOST_BYTES} bytes`, open);
  return options;
}

export function optionBytes(option: TcpOption): number {
  switch (option.kind) {
    case "nop":
    case "eol":
      return 1;
    case "mss":
      return 4;
    case "wscale":
      return 3;
    case "sackOK":
      return 2;
    case "sack":
      return 2 + 8 * option.blocks.length;
    case "TS":
      return 10;
    case "bytes":
      return 2 + option.bytes.length;
  }
}

const KNOWN = "a TCP option (mss, nop, eol, wscale, sackOK, sack, TS, FO, FOEXP, md5, kind)";

function parseOption(cursor: Cursor): TcpOption {
  const token = cursor.peek();
  if (token.kind !== "word") return cursor.fail(KNOWN);
  cursor.next();
  switch (token.text) {
    case "nop":
      return { kind: "nop" };
    case "eol":
      return { kind: "eol" };
    case "mss":
      return { kind: "mss", value: cursor.integer("the MSS", 65535) };
    case "wscale":
      return { kind: "wscale", value: cursor.integer("a shift", 255) };
    case "sackOK":
      return { kind: "sackOK" };
    case "sack":
      return { kind: "sack", blocks: parseBlocks(cursor) };
    case "TS":
      return parseTimestamps(cursor);
    case "md5":
      return { kind: "bytes", number: MD5, bytes: parseHex(cursor) };
    case "FO":
      return { kind: "bytes", number: FAST_OPEN, bytes: parseHex(cursor) };
    case "FOEXP": {
      const cookie = parseHex(cursor);
      return {
        kind: "bytes",
        number: EXPERIMENT,
        bytes: Uint8Array.of(...FAST_OPEN_MAGIC, ...cookie),
      };
    }
    case "kind": {
      const number = cursor.integer("the option's number", 255);
      return { kind: "bytes", number, bytes: parseHex(cursor) };
    }
    default:
      if (/ecn/i.test(token.text)) {
        throw unsupported(`the TCP option ${token.text} is not known to this runner`, token);
      }
      return cursor.fail(KNOWN, token);
  }
}

/** Blocks may have commas between them or not; a comma before a number belongs to the list. */
function parseBlocks(cursor: Cursor): SackBlock[] {
  const blocks: SackBlock[] = [];
  do {
    const left = cursor.integer("the left edge of a block");
    cursor.expect(":");
    blocks.push({ left, right: cursor.integer("the right edge of a block") });
  } while (
    cursor.isKind("integer") ||
    (cursor.at(",") && cursor.isKind("integer", 1) && cursor.accept(","))
  );
  return blocks;
}

function parseTimestamps(cursor: Cursor): TcpOption {
  cursor.expect("val");
  const val = cursor.accept("...") ? undefined : cursor.integer("the timestamp's value");
  cursor.expect("ecr");
  const ecr = cursor.integer("the echoed timestamp");
  return { kind: "TS", val, ecr, absoluteEcr: cursor.accept("!") };
}

/** An even number of hexadecimal digits, or nothing. */
function parseHex(cursor: Cursor): Uint8Array {
  const { kind, text } = cursor.peek();
  if (kind !== "word" && kind !== "integer" && kind !== "hex") return new Uint8Array();
  const digits = kind === "hex" ? text.slice(2) : text;
  if (!/^([0-9a-fA-F]{2})+$/.test(digits)) return cursor.fail("pairs of hexadecimal digits");
  cursor.next();
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
