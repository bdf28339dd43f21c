// Words of the command line about networks: links, addresses, routers, names. Input: words that commander
// found; output: what they mean, or a UsageError of one line that says what would be right.

import { addressToNumber, isAddress, numberToAddress } from "../../core/address.js";
import { isStackName } from "../../control/place.js";
import { UsageError } from "../exit.js";

/** A link that leads to another program, or to a recording. */
export type WireChoice =
  | { readonly kind: "qemu"; readonly where: string }
  | { readonly kind: "ws"; readonly url: string }
  | { readonly kind: "cable"; readonly path: string }
  | { readonly kind: "pcap"; readonly file: string };

/** "auto" is TAP where it can be opened; what follows if it cannot is the verb's choice. */
export type LinkChoice =
  | { readonly kind: "auto" }
  | { readonly kind: "user" }
  | { readonly kind: "tap"; readonly name: string }
  | WireChoice;

export type LinkKind = Exclude<LinkChoice["kind"], "auto">;

/** How each is written, for help and errors. */
const LINK_WORDS: Readonly<Record<LinkKind, string>> = {
  tap: "tap:NAME",
  user: "user",
  qemu: "qemu:PATH",
  ws: "ws:URL",
  pcap: "pcap:FILE",
  cable: "cable:PATH",
};

/** "tap:NAME, user or qemu:PATH". */
export function linkWords(kinds: readonly LinkKind[]): string {
  const words = kinds.map((kind) => LINK_WORDS[kind]);
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** How the values of --link begin that its help names, for completions: a name follows those that end with a colon. */
export function linkStarts(help: string): readonly string[] {
  const kinds = Object.values(LINK_WORDS).filter((word) => help.includes(word));
  return kinds.map((word) => word.replace(/[A-Z]+$/, ""));
}

/** In place of an address: it comes by DHCP. */
export const DHCP = "dhcp";

/** The value of --link, of one of the kinds that a verb takes. */
export function parseLink(word: string | undefined, kinds: readonly LinkKind[]): LinkChoice {
  if (word === undefined) return { kind: "auto" };
  const choice = readLink(word);
  if (choice !== null && choice.kind !== "auto" && kinds.includes(choice.kind)) return choice;
  throw new UsageError(`--link takes ${linkWords(kinds)}, as in --link tap:mote0, not "${word}"`);
}

function readLink(word: string): LinkChoice | null {
  if (word === "user") return { kind: "user" };
  const [, kind, rest = ""] = /^([a-z]+):(.*)$/s.exec(word) ?? [];
  switch (kind) {
    case "tap":
      return { kind, name: parseTapName(word, rest) };
    case "qemu":
      return { kind, where: needed(word, rest, "a path or HOST:PORT, as in qemu:/tmp/mote.sock") };
    case "cable":
      return { kind, path: needed(word, rest, "a path, as in cable:/tmp/cable") };
    case "pcap":
      return { kind, file: needed(word, rest, "the name of a file, as in pcap:mote.pcapng") };
    case "ws":
    case "wss":
      return { kind: "ws", url: parseWebSocketUrl(word, rest) };
    default:
      return null;
  }
}

function parseTapName(word: string, name: string): string {
  // Linux: at most 15 bytes (IFNAMSIZ - 1), no slash, no white space.
  if (/^[^\s/:]{1,15}$/.test(name) && name !== "." && name !== "..") return name;
  throw new UsageError(
    `--link ${word}: the name of a network interface has 1 to 15 characters, no "/" and no blanks, as in tap:mote0`,
  );
}

function needed(word: string, rest: string, what: string): string {
  if (rest !== "") return rest;
  throw new UsageError(`--link ${word} needs ${what}`);
}

/** ws://HOST/ and wss://HOST/ as they are, and behind another "ws:", too. */
function parseWebSocketUrl(word: string, rest: string): string {
  const url = rest.startsWith("//") ? word : rest;
  if (/^wss?:\/\/[^/]/.test(url) && URL.canParse(url)) return url;
  throw new UsageError(
    `--link ${word} needs the address of a WebSocket, as in ws://192.0.2.1:8080/`,
  );
}

/** An address with its prefix; without one it is a /30. Or DHCP. */
export function parseAddress(word: string): string {
  if (word === DHCP) return DHCP;
  const [address = "", length = "30", ...rest] = word.split("/");
  if (!isAddress(address) || !/^\d{1,2}$/.test(length) || rest.length > 0) {
    throw new UsageError(
      `--address takes an IPv4 address with its prefix, as in --address 198.18.0.2/30, or dhcp, not "${word}"`,
    );
  }
  const prefixLength = Number(length);
  if (prefixLength < 8 || prefixLength > 30) {
    throw new UsageError(
      `--address ${word}: the prefix length must be from 8 to 30 (a /30 holds the stack and this host)`,
    );
  }
  checkHost("--address", word, address);
  const number = addressToNumber(address);
  const hostBits = 2 ** (32 - prefixLength);
  if (number % hostBits === 0 || number % hostBits === hostBits - 1) {
    const other = numberToAddress(Math.floor(number / hostBits) * hostBits + 2);
    throw new UsageError(
      `--address ${word}: ${address} is the network or broadcast address of its block; ${other}/${prefixLength} would do`,
    );
  }
  return `${address}/${prefixLength}`;
}

function checkHost(option: string, word: string, address: string): void {
  const first = Number(address.split(".")[0]);
  if (first !== 0 && first !== 127 && first < 224) return;
  throw new UsageError(`${option} ${word}: ${address} is not an address that a host can have`);
}

/** The value of an option that takes the address of another host, as --router does. */
export function parsePeer(option: string, word: string): string {
  if (!isAddress(word)) {
    throw new UsageError(
      `${option} takes an IPv4 address, as in ${option} 198.18.0.1, not "${word}"`,
    );
  }
  checkHost(option, word, word);
  return word;
}

/** Whom a verb asks: an address or a name. */
export function parseHost(word: string): string {
  if (/^[^\s/:]+$/.test(word)) return word;
  throw new UsageError(`HOST is an IPv4 address or a name, as in 198.18.0.1, not "${word}"`);
}

/** Without .local, which stands behind it anyway. */
export function parseHostName(word: string): string {
  const name = word.replace(/\.local\.?$/i, "");
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(name)) return name;
  throw new UsageError(
    `--host-name takes 1 to 63 letters, digits and hyphens, as in --host-name mote, not "${word}"`,
  );
}

/** A number in a range, for an option like -c; `whole`: no fraction. */
export function parseNumber(
  option: string,
  word: string,
  { least, most, whole = true }: { least: number; most: number; whole?: boolean },
): number {
  const value = /^\d+(\.\d+)?$/.test(word) ? Number(word) : NaN;
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? "a whole number" : "a number";
  throw new UsageError(`${option} takes ${kind} from ${least} to ${most}, not "${word}"`);
}

/** Of a stack that runs; undefined: the only one. */
export function parseStackName(word: string | undefined): string | undefined {
  if (word === undefined || isStackName(word)) return word;
  throw new UsageError(
    `--stack takes the name of a running stack, as mote serve has printed it, not "${word}"`,
  );
}

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** Bytes: a number, with K, M or G behind it where that is meant. */
export function parseSize(option: string, word: string, least: number): number {
  const [, digits = "", unit = ""] = /^(\d+)([KMG]?)$/i.exec(word) ?? [];
  const bytes = Number(digits) * (UNITS[unit.toUpperCase()] ?? NaN);
  if (digits !== "" && bytes >= least && Number.isSafeInteger(bytes)) return bytes;
  throw new UsageError(`${option} takes bytes, ${least} at least, as in 64M, not "${word}"`);
}
