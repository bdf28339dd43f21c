// The options of verbs that ask others: over which device, from which address, by which router and name
// server. Shared by ping and traceroute; nc and get add theirs (reachOptions.ts).

import type { Command } from "commander";
import { isStackName } from "../../control/place.js";
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
import { repeated } from "../words.js";

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
  /** In place of all that: a stack that runs, by its name; true: the only one. */
  readonly running?: string | true;
}

/** As commander gives them. */
export interface StationWords {
  readonly link?: string | undefined;
  readonly address?: string | undefined;
  readonly router?: string | undefined;
  readonly nameServer?: readonly string[] | undefined;
  readonly stack?: string | true | undefined;
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
      repeated,
    )
    .option(
      "--stack [name]",
      "the stack that runs (mote serve), not one of its own: by name, or the only one; last, or --stack=NAME",
    );
}

export function parseStation(words: StationWords): StationOptions {
  const { link, stack } = words;
  const isSilent = link === "user" || link?.startsWith("pcap:") === true;
  if (isSilent && stack === undefined) throw noEcho(link!);
  return parsePlace(words, KINDS);
}

/** What is the same for every verb with a stack of its own. */
export function parsePlace(words: StationWords, kinds: readonly LinkKind[]): StationOptions {
  const { router, nameServer = [] } = words;
  if (words.stack !== undefined) return runningPlace(words, words.stack);
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

/** It has all of that itself. */
function runningPlace(words: StationWords, running: string | true): StationOptions {
  const own = ["link", "address", "router", "nameServer", "allow", "linkDelay"] as const;
  const given = own.find((name) => (words as Record<string, unknown>)[name] !== undefined);
  if (given !== undefined) {
    const option = `--${given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new UsageError(
      `${option} is for a stack of its own, and --stack takes one that runs: leave one of them out`,
    );
  }
  if (running !== true && !isStackName(running)) {
    throw new UsageError(
      `--stack takes the name of a stack, as in --stack=mote, or none: the only one; not "${running}"`,
    );
  }
  return {
    link: { kind: "auto" },
    address: undefined,
    router: undefined,
    nameServers: [],
    running,
  };
}

function noEcho(link: string): UsageError {
  const why =
    link === "user"
      ? "user mode lets no echo requests through"
      : "nobody in a recording answers what is asked today";
  return new UsageError(`--link ${link}: ${why}; take a TAP device, as in --link tap:mote0`);
}
