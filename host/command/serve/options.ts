// The command line of `mote serve`, checked and typed before anything is opened. Input: the words
// that commander found; output: ServeOptions, or a UsageError of one line that says which word is
// wrong and what would be right.

import type { RecordOptions } from "../../record/record.js";
import { isStackName } from "../../control/place.js";
import { defaultPorts, isServiceName, serviceNames, type ServiceName } from "../services/names.js";
import { UsageError } from "../exit.js";
import {
  DHCP,
  parseAddress,
  parseHostName,
  parseLink,
  parseNumber,
  parsePeer,
} from "../network/words.js";
import { parseRotation } from "../record/options.js";
import { LEAST_FLIGHT_MIB, MOST_FLIGHT_MIB } from "../../record/limits.js";
import type { LinkChoice } from "../network/words.js";
import { suggestion } from "../../suggest.js";

export const profileNames = ["tiny", "esp32", "desktop"] as const;
export type ProfileName = (typeof profileNames)[number];

/** One service with the port that the stack listens on; `asked`: named by the user with --port. */
export interface ServicePort {
  readonly name: ServiceName;
  readonly port: number;
  readonly asked: boolean;
}

export interface ServeOptions {
  readonly services: readonly ServicePort[];
  readonly link: LinkChoice;
  /** The stack's address with its prefix, 198.18.0.2/30 (without one it is a /30), or DHCP. */
  readonly address: string | undefined;
  readonly router: string | undefined;
  /** Its name on the network, without .local; undefined: the profile cannot answer for one. */
  readonly hostName: string | undefined;
  readonly pcap: string | undefined;
  /** What is written down of all that comes into the core; its file is looked at before it is opened (checkRecording). */
  readonly record: ServeRecording | undefined;
  /** The file of `record` may be there already. */
  readonly force: boolean;
  readonly profile: ProfileName;
  /** Of its control socket: a name, "any" (one that is free), or "off" (there is none). */
  readonly control: ControlChoice;
  readonly json: boolean;
}

/** Of RecordOptions what survives the way into another thread. */
export type ServeRecording = RecordOptions & { readonly to?: string; readonly trapTo?: string };

export type ControlChoice =
  { readonly kind: "named"; readonly name: string } | { readonly kind: "any" | "off" };

/** What commander hands over. */
export interface ServeWords {
  readonly link?: string | undefined;
  readonly address?: string | undefined;
  readonly router?: string | undefined;
  readonly hostName?: string | undefined;
  readonly port?: readonly string[] | undefined;
  readonly pcap?: string | undefined;
  readonly record?: string | undefined;
  readonly rotate?: string | undefined;
  readonly keep?: string | undefined;
  /** true: without a number. */
  readonly flight?: string | boolean | undefined;
  readonly trapFile?: string | undefined;
  readonly force?: boolean | undefined;
  readonly profile?: string | undefined;
  readonly name?: string | undefined;
  /** false: --no-control. */
  readonly control?: boolean | undefined;
  readonly json?: boolean | undefined;
}

const DEFAULT_HOST_NAME = "mote";
export const DEFAULT_TRAP_FILE = "mote-trap.moterec";
export const SERVE_LINKS = ["tap", "user", "qemu", "ws", "pcap"] as const;

export function parseServe(services: string | undefined, words: ServeWords): ServeOptions {
  const names = parseServices(services ?? serviceNames.join(","));
  const profile = parseProfile(words.profile ?? "desktop");
  const options = {
    services: assignPorts(names, parsePorts(words.port ?? [], names)),
    link: parseLink(words.link, SERVE_LINKS),
    address: words.address === undefined ? undefined : parseAddress(words.address),
    router: words.router === undefined ? undefined : parsePeer("--router", words.router),
    hostName: hostNameFor(profile, words.hostName),
    pcap: parsePcap(words.pcap),
    record: parseRecord(words),
    force: words.force === true,
    profile,
    control: parseControl(words),
    json: words.json === true,
  };
  checkTogether(options, words);
  return options;
}

function hostNameFor(profile: ProfileName, word: string | undefined): string | undefined {
  const name = parseHostName(word ?? DEFAULT_HOST_NAME);
  if (profile !== "tiny") return name;
  if (word === undefined) return undefined;
  throw new UsageError("--host-name: the tiny profile answers for no name; esp32 and desktop do");
}

/** Options that make no sense beside each other. */
function checkTogether({ link, address, router, profile }: ServeOptions, words: ServeWords): void {
  if (address === DHCP && profile === "tiny") {
    throw new UsageError("--address dhcp: the tiny profile has no DHCP; esp32 and desktop have it");
  }
  if (address === DHCP && router !== undefined) {
    throw new UsageError("--router: with --address dhcp the server names the router");
  }
  if (link.kind === "pcap" && (address === undefined || address === DHCP)) {
    throw new UsageError(
      "--link pcap:FILE needs --address: whose place in the recording the stack takes, as in --address 192.0.2.7/24",
    );
  }
  if (link.kind !== "user") return;
  if (address === DHCP) {
    throw new UsageError(
      "--address dhcp needs a TAP device, as in --link tap:mote0: no DHCP server can be reached in user mode",
    );
  }
  for (const [option, word] of [
    ["--router", words.router],
    ["--host-name", words.hostName],
  ]) {
    if (word === undefined) continue;
    throw new UsageError(
      `${option} needs a TAP device: in user mode there is no network around it`,
    );
  }
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

function parseControl({ name, control = true }: ServeWords): ControlChoice {
  if (name === undefined) return { kind: control ? "any" : "off" };
  if (!control) throw new UsageError("--name is for the control socket, and --no-control has none");
  if (isStackName(name)) return { kind: "named", name };
  throw new UsageError(
    `--name takes 1 to 32 letters, digits, dots, hyphens and underscores, as in --name bench, not "${name}"`,
  );
}

function parsePcap(word: string | undefined): string | undefined {
  if (word === "")
    throw new UsageError("--pcap takes the name of a file, as in --pcap mote.pcapng");
  return word;
}

function parseRecord(words: ServeWords): ServeRecording | undefined {
  const flight = parseFlight(words);
  const file = parseFile(words);
  return file === null && flight === null ? undefined : { ...file, ...flight };
}

/** null: no file is written. */
function parseFile({ record, rotate, keep, force = false }: ServeWords): ServeRecording | null {
  if (record === "")
    throw new UsageError("--record takes the name of a file, as in --record mote.moterec");
  if (record === undefined) {
    if (rotate === undefined && keep === undefined) return null;
    throw new UsageError("--rotate and --keep are for --record FILE");
  }
  const { rotate: bytes, keep: files } = parseRotation(rotate, keep);
  // One file has been looked at before; of several those that are there keep their numbers.
  if (bytes === undefined) return { to: record, overwrite: true };
  return {
    to: record,
    overwrite: force,
    rotate: bytes,
    ...(files === undefined ? {} : { keep: files }),
  };
}

/** null: there is no flight recorder. */
function parseFlight({ flight = false, trapFile }: ServeWords): ServeRecording | null {
  if (flight === false) {
    if (trapFile === undefined) return null;
    throw new UsageError("--trap-file is for --flight: what it has is written there");
  }
  if (trapFile === "") throw new UsageError("--trap-file takes the name of a file");
  const sizes = { least: LEAST_FLIGHT_MIB, most: MOST_FLIGHT_MIB };
  return {
    flight: flight === true ? true : parseNumber("--flight", flight, sizes),
    trapTo: trapFile ?? DEFAULT_TRAP_FILE,
  };
}

function parseProfile(word: string): ProfileName {
  const name = profileNames.find((known) => known === word);
  if (name === undefined) {
    throw new UsageError(`no profile is called "${word}"${suggestion(word, profileNames)}`);
  }
  return name;
}
