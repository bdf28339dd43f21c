// The options of verbs that ask others: over which device, from which address, by which router and name
// server. Shared by ping and traceroute.

import type { Command } from "commander";
import { UsageError } from "../exit.js";
import { DHCP, parseAddress, parseLink, parsePeer, type LinkChoice } from "./words.js";

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

export function addStationOptions(command: Command): Command {
  return command
    .option("--link <link>", "tap:NAME (default: tap:mote0, or the next free name)")
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
  const link = parseLink(words.link);
  const address = words.address === undefined ? undefined : parseAddress(words.address);
  if (link.kind === "user") {
    throw new UsageError(
      "--link user: user mode carries TCP connections only, no echo requests; take a TAP device, as in --link tap:mote0",
    );
  }
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
