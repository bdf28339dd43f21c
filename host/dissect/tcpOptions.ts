// Options of TCP by their names, as tcpdump writes them: those of RFC 9293, 7323, 2018, 2385, 5482, 5925, 6994,
// 7413 and 8684; of others the number. An option that lies about its length ends the list.

import { get16, get32 } from "./bytes.js";

export type SackBlock = readonly [left: number, right: number];

/** `kind` is its number on the wire, `bytes` all that it takes there. */
export type TcpOption = { readonly kind: number; readonly bytes: number } & (
  | { readonly name: "eol" | "nop" | "sackOK" }
  | { readonly name: "mss" | "wscale"; readonly value: number }
  /** First number, and the one behind the last, as they stand there. */
  | { readonly name: "sack"; readonly blocks: readonly SackBlock[] }
  | { readonly name: "TS"; readonly value: number; readonly echo: number }
  | { readonly name: "uto"; readonly seconds: number }
  | {
      readonly name: "md5" | "tcp-ao" | "tfo" | "mptcp" | "exp" | "unknown";
      readonly data: Uint8Array;
    }
  /** Cut off, or of a length that cannot be. */
  | { readonly name: "bad" }
);

const EOL = 0;
const NOP = 1;

const DATA_NAMES: ReadonlyMap<number, "md5" | "tcp-ao" | "tfo" | "mptcp" | "exp"> = new Map([
  [19, "md5"],
  [29, "tcp-ao"],
  [30, "mptcp"],
  [34, "tfo"],
  [253, "exp"],
  [254, "exp"],
]);

/** Of the options that have one length only. */
const LENGTHS: ReadonlyMap<number, number> = new Map([
  [2, 4],
  [3, 3],
  [4, 2],
  [8, 10],
  [19, 18],
  [28, 4],
]);

const SACK = 5;
const SACK_BLOCK_BYTES = 8;
const MINUTES = 0x8000;

export function readTcpOptions(bytes: Uint8Array): TcpOption[] {
  const options: TcpOption[] = [];
  for (let at = 0; at < bytes.length;) {
    const kind = bytes[at]!;
    if (kind === EOL || kind === NOP) {
      options.push({ kind, bytes: 1, name: kind === EOL ? "eol" : "nop" });
      // RFC 9293 section 3.1: what follows is padding.
      if (kind === EOL) break;
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > bytes.length || !isLength(kind, length)) {
      options.push({ kind, bytes: bytes.length - at, name: "bad" });
      break;
    }
    options.push(optionOf(kind, bytes.subarray(at, at + length)));
    at += length;
  }
  return options;
}

function isLength(kind: number, length: number): boolean {
  if (kind === SACK) return length > 2 && (length - 2) % SACK_BLOCK_BYTES === 0;
  return (LENGTHS.get(kind) ?? length) === length;
}

function optionOf(kind: number, option: Uint8Array): TcpOption {
  const all = { kind, bytes: option.length };
  switch (kind) {
    case 2:
      return { ...all, name: "mss", value: get16(option, 2) };
    case 3:
      return { ...all, name: "wscale", value: option[2]! };
    case 4:
      return { ...all, name: "sackOK" };
    case SACK:
      return { ...all, name: "sack", blocks: blocksOf(option) };
    case 8:
      return { ...all, name: "TS", value: get32(option, 2), echo: get32(option, 6) };
    case 28: {
      const field = get16(option, 2);
      return { ...all, name: "uto", seconds: (field & 0x7fff) * (field & MINUTES ? 60 : 1) };
    }
    default:
      return { ...all, name: DATA_NAMES.get(kind) ?? "unknown", data: option.subarray(2) };
  }
}

function blocksOf(option: Uint8Array): SackBlock[] {
  const blocks: SackBlock[] = [];
  for (let at = 2; at < option.length; at += SACK_BLOCK_BYTES) {
    blocks.push([get32(option, at), get32(option, at + 4)]);
  }
  return blocks;
}

const hex = (data: Uint8Array): string =>
  Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** One option in tcpdump's words; `relative` turns a number of the peer into what is shown. */
export function optionText(option: TcpOption, relative: (number: number) => number): string {
  switch (option.name) {
    case "eol":
    case "nop":
    case "sackOK":
      return option.name;
    case "mss":
    case "wscale":
      return `${option.name} ${option.value}`;
    case "sack": {
      const blocks = option.blocks.map(([left, right]) => `{${relative(left)}:${relative(right)}}`);
      return `sack ${blocks.length} ${blocks.join("")}`;
    }
    case "TS":
      return `TS val ${option.value} ecr ${option.echo}`;
    case "uto":
      return `uto ${option.seconds}`;
    case "bad":
      return `[bad option ${option.kind}]`;
    case "unknown":
    case "exp": {
      const name = `${option.name}-${option.kind}`;
      return option.data.length === 0 ? name : `${name} 0x${hex(option.data)}`;
    }
    default:
      return option.data.length === 0 ? option.name : `${option.name} 0x${hex(option.data)}`;
  }
}
