// The command line of `mote serve`, checked and typed before anything is opened. Input: the words
// that commander found; output: ServeOptions, or a UsageError of one line that says which word is
// wrong and what would be right.

import { defaultPorts, isServiceName, serviceNames, type ServiceName } from "../services/names.js";
import { UsageError } from "../exit.js";
import { suggestion } from "../../suggest.js";

export const profileNames = ["tiny", "esp32", "desktop"] as const;
export type ProfileName = (typeof profileNames)[number];

/** One service with the port that the stack listens on; `asked`: named by the user with --port. */
export interface ServicePort {
  readonly name: ServiceName;
  readonly port: number;
  readonly asked: boolean;
}

/** "auto" is TAP where it can be opened, else user mode. */
export type LinkChoice =
  | { readonly kind: "auto" }
  | { readonly kind: "user" }
  | { readonly kind: "tap"; readonly name: string };

export interface ServeOptions {
  readonly services: readonly ServicePort[];
  readonly link: LinkChoice;
  /** The stack's address with its prefix, 198.18.0.2/30; without one it is a /30. */
  readonly address: string | undefined;
  readonly pcap: string | undefined;
  readonly profile: ProfileName;
  readonly json: boolean;
}

/** What commander hands over. */
export interface ServeWords {
  readonly link?: string | undefined;
  readonly address?: string | undefined;
  readonly port?: readonly string[] | undefined;
  readonly pcap?: string | undefined;
  readonly profile?: string | undefined;
  readonly json?: boolean | undefined;
}

export function parseServe(services: string | undefined, words: ServeWords): ServeOptions {
  const names = parseServices(services ?? serviceNames.join(","));
  return {
    services: assignPorts(names, parsePorts(words.port ?? [], names)),
    link: parseLink(words.link),
    address: words.address === undefined ? undefined : parseAddress(words.address),
    pcap: parsePcap(words.pcap),
    profile: parseProfile(words.profile ?? "desktop"),
    json: words.json === true,
  };
}

/** The list of services, from all that is no option: a list with blanks in it is several words. */
export function oneList(words: readonly string[]): string | undefined {
  if (words.length < 2) return words[0];
  const names = words.flatMap((word) => word.split(",")).filter((name) => name !== "");
  const list = parseServices(names.join(",")).join(",");
  throw new UsageError(`services are one list, separated by commas: mote serve ${list}`);
}

export function parseServices(list: string): ServiceName[] {
  const names: ServiceName[] = [];
  for (const word of list.split(",").map((name) => name.trim())) {
    if (word === "") {
      throw new UsageError(`the list of services "${list}" has an empty name`);
    }
    if (!isServiceName(word)) {
      throw new UsageError(`no service is called "${word}"${suggestion(word, serviceNames)}`);
    }
    if (names.includes(word)) throw new UsageError(`the service ${word} is named twice`);
    names.push(word);
  }
  return names;
}

function parsePorts(
  words: readonly string[],
  names: readonly ServiceName[],
): Map<ServiceName, number> {
  const asked = new Map<ServiceName, number>();
  for (const word of words) {
    const [name = "", digits = "", ...rest] = word.split("=");
    if (!/^\d{1,5}$/.test(digits) || rest.length > 0 || Number(digits) > 65535) {
      throw new UsageError(
        `--port takes SERVICE=NUMBER with a number from 0 to 65535, as in --port hello=8000, not "${word}"`,
      );
    }
    if (!isServiceName(name)) {
      throw new UsageError(
        `--port ${word}: no service is called "${name}"${suggestion(name, serviceNames)}`,
      );
    }
    if (!names.includes(name)) {
      throw new UsageError(`--port ${word}: ${name} is not among the services to start`);
    }
    if (asked.has(name)) throw new UsageError(`--port is given twice for ${name}`);
    asked.set(name, Number(digits));
  }
  return asked;
}

/** Ports that were asked for stay; a default that collides with one moves to the next free one. */
function assignPorts(
  names: readonly ServiceName[],
  asked: ReadonlyMap<ServiceName, number>,
): ServicePort[] {
  const taken = new Map<number, ServiceName>();
  for (const [name, port] of asked) {
    const other = taken.get(port);
    if (other !== undefined && port !== 0) {
      throw new UsageError(`${other} and ${name} cannot both have port ${port}`);
    }
    taken.set(port, name);
  }
  return names.map((name) => {
    const wanted = asked.get(name);
    if (wanted !== undefined) return { name, port: wanted, asked: true };
    let port = defaultPorts[name];
    while (taken.has(port)) port++;
    taken.set(port, name);
    return { name, port, asked: false };
  });
}

export function parseLink(word: string | undefined): LinkChoice {
  if (word === undefined) return { kind: "auto" };
  if (word === "user") return { kind: "user" };
  const [kind, name = "", ...rest] = word.split(":");
  if (kind !== "tap" || rest.length > 0) {
    throw new UsageError(`--link takes tap:NAME or user, as in --link tap:mote0, not "${word}"`);
  }
  // Linux: at most 15 bytes (IFNAMSIZ - 1), no slash, no white space.
  if (!/^[^\s/:]{1,15}$/.test(name) || name === "." || name === "..") {
    throw new UsageError(
      `--link ${word}: the name of a network interface has 1 to 15 characters, no "/" and no blanks, as in tap:mote0`,
    );
  }
  return { kind: "tap", name };
}

export function parseAddress(word: string): string {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(word);
  const bytes = (match?.slice(1, 5) ?? []).map(Number);
  const prefixLength = match?.[5] === undefined ? 30 : Number(match[5]);
  if (match === null || bytes.some((byte) => byte > 255)) {
    throw new UsageError(
      `--address takes an IPv4 address with its prefix, as in --address 198.18.0.2/30, not "${word}"`,
    );
  }
  if (prefixLength < 8 || prefixLength > 30) {
    throw new UsageError(
      `--address ${word}: the prefix length must be from 8 to 30 (a /30 holds the stack and this host)`,
    );
  }
  const address = bytes.join(".");
  const first = bytes[0]!;
  if (first === 0 || first === 127 || first >= 224) {
    throw new UsageError(`--address ${word}: ${address} is not an address that a host can have`);
  }
  const number = toNumber(address);
  const hostBits = 2 ** (32 - prefixLength);
  if (number % hostBits === 0 || number % hostBits === hostBits - 1) {
    throw new UsageError(
      `--address ${word}: ${address} is the network or broadcast address of its block; ${toDotted(
        Math.floor(number / hostBits) * hostBits + 2,
      )}/${prefixLength} would do`,
    );
  }
  return `${address}/${prefixLength}`;
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

function toDotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

function parsePcap(word: string | undefined): string | undefined {
  if (word === "")
    throw new UsageError("--pcap takes the name of a file, as in --pcap mote.pcapng");
  return word;
}

function parseProfile(word: string): ProfileName {
  const name = profileNames.find((known) => known === word);
  if (name === undefined) {
    throw new UsageError(`no profile is called "${word}"${suggestion(word, profileNames)}`);
  }
  return name;
}
