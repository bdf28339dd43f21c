// The options of verbs that ask others: over which device, from which address, by which router and name
// server. Shared by ping and traceroute.

import type { Command } from "commander";
import { UsageError } from "../exit.js";
import { DHCP, linkWords, parseAddress, parseLink, parsePeer, type LinkChoice } from "./words.js";

export interface StationOptions {
  readonly link: LinkChoice;
  /** With its prefix, or DHCP; undefined: a free /30, as for serve. */
  readonly address: string | undefined;
  readonly router: string | undefined;
  readonly nameServers: readonly string[];
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

export function addStationOptions(command: Command): Command {
  return command
    .option("--link <link>", `${linkWords(KINDS)} (default: tap:mote0, or the next free name)`)
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
  const { router, nameServer = [] } = words;
  if (words.link === "user" || words.link?.startsWith("pcap:")) throw noEcho(words.link);
  const link = parseLink(words.link, KINDS);
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
