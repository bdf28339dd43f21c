// The options of verbs that ask others: over which device, from which address, by which router and name
// server. Shared by ping and traceroute; nc and get add theirs (reachOptions.ts).

import type { Command } from "commander";
import { UsageError } from "../exit.js";
import {
  DHCP,
  linkWords,
  parseAddress,
  parseLink,
  parsePeer,
  type LinkChoice,
  type LinkKind,
} from "./words.js";

export interface StationOptions {
  readonly link: LinkChoice;
  /** With its prefix, or DHCP; undefined: a free /30, as for serve. */
  readonly address: string | undefined;
  readonly router: string | undefined;
  readonly nameServers: readonly string[];
  /** Rules of what user mode lets out; left out: user mode is of no use. */
  readonly allow?: readonly string[];
  /** Each frame takes so much longer, in and out. */
  readonly delayMs?: number;
}

/** As commander gives them. */
export interface StationWords {
  readonly link?: string | undefined;
  readonly address?: string | undefined;
  readonly router?: string | undefined;
  readonly nameServer?: readonly string[] | undefined;
}

const NAME_SERVERS = 2;
const KINDS = ["tap", "qemu", "ws"] as const;

/** How these verbs end, for their help. */
export const exitCodesOfAsking = `Exit codes:
  0    HOST has answered
  1    no answer, or it could not ask: no device, no rights, no such name ...
  2    bad command line; nothing was started
  130  stopped at once by a second Ctrl-C`;

const DEFAULT_LINK = "tap:mote0, or the next free name";

export function addStationOptions(
  command: Command,
  kinds: readonly LinkKind[] = KINDS,
  otherwise = "",
): Command {
  return command
    .option("--link <link>", `${linkWords(kinds)} (default: ${DEFAULT_LINK}${otherwise})`)
    .option(
      "--address <address/prefix>",
      "the stack's own, or dhcp (default: a free /30 of 198.18.0.0/15; this host has the other)",
    )
    .option("--router <address>", "where packets for other networks go (default: nowhere)")
    .option(
      "--name-server <address>",
      "who is asked for names; may be given twice (default: those that DHCP names)",
      (word: string, before: readonly string[] | undefined) => [...(before ?? []), word],
    );
}

export function parseStation(words: StationWords): StationOptions {
  if (words.link === "user" || words.link?.startsWith("pcap:")) throw noEcho(words.link);
  return parsePlace(words, KINDS);
}

/** What is the same for every verb with a stack of its own. */
export function parsePlace(words: StationWords, kinds: readonly LinkKind[]): StationOptions {
  const { router, nameServer = [] } = words;
  const link = parseLink(words.link, kinds);
  const address = words.address === undefined ? undefined : parseAddress(words.address);
  if (address === DHCP && router !== undefined) {
    throw new UsageError("--router: with --address dhcp the server names the router");
  }
  if (nameServer.length > NAME_SERVERS) {
    throw new UsageError("--name-server may be given twice at most");
  }
  return {
    link,
    address,
    router: router === undefined ? undefined : parsePeer("--router", router),
    nameServers: nameServer.map((word) => parsePeer("--name-server", word)),
  };
}

function noEcho(link: string): UsageError {
  const why =
    link === "user"
      ? "user mode lets no echo requests through"
      : "nobody in a recording answers what is asked today";
  return new UsageError(`--link ${link}: ${why}; take a TAP device, as in --link tap:mote0`);
}
