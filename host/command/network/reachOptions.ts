// The options of verbs that talk to a port, in place of asking with ICMP: those of a station, user mode, a cable, and a
// longer line. Shared by nc and get.

import type { Command } from "commander";
import { isAddress, parsePrefix } from "../../core/address.js";
import { peerAddress } from "../../link/addresses.js";
import { UsageError } from "../exit.js";
import {
  addStationOptions,
  parsePlace,
  type StationOptions,
  type StationWords,
} from "./stationOptions.js";
import { WIRE_ADDRESS } from "./wire.js";
import { DHCP, parseNumber } from "./words.js";
import { repeated } from "../words.js";

export interface ReachWords extends StationWords {
  readonly allow?: readonly string[] | undefined;
  readonly linkDelay?: string | undefined;
}

/** Whom the command line names: what user mode lets out. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
}

const KINDS = ["tap", "user", "cable", "qemu", "ws"] as const;

const OTHERWISE = "; where there is no TAP: user";

export function addReachOptions(command: Command): Command {
  return addStationOptions(command, KINDS, OTHERWISE)
    .option(
      "--allow <rule>",
      "user mode lets out this, too, as in 192.0.2.0/24:443; may be given again",
      repeated,
    )
    .option("--link-delay <ms>", "each frame takes so much longer, in and out (default: 0)");
}

export function parseReach(
  words: ReachWords,
  destination: Destination | undefined,
): StationOptions {
  const station = parsePlace(words, KINDS);
  const { linkDelay = "0", allow = [] } = words;
  if (station.running !== undefined) return station;
  const isUser = station.link.kind === "user";
  if (isUser) checkUser(station);
  if (allow.length > 0 && !isUser) {
    throw new UsageError("--allow is about user mode: --link user goes with it");
  }
  const rules = destination === undefined ? [] : [ruleFor(destination, station)];
  return {
    ...station,
    allow: [...rules, ...allow],
    delayMs: parseNumber("--link-delay", linkDelay, { least: 0, most: 60_000 }),
  };
}

function checkUser({ address, router, nameServers }: StationOptions): void {
  if (address === DHCP) {
    throw new UsageError("--address dhcp: nobody in user mode gives addresses; leave it out");
  }
  if (router !== undefined || nameServers.length > 0) {
    const option = router === undefined ? "--name-server" : "--router";
    throw new UsageError(`${option}: user mode has its own; leave it out`);
  }
}

/** Just that place. The router of user mode is this machine. */
function ruleFor({ host, port, protocol }: Destination, station: StationOptions): string {
  const router = routerOf(station);
  if (station.link.kind === "user" && (host === "localhost" || host.startsWith("127."))) {
    throw new UsageError(`${host} is the stack itself in user mode; this machine is ${router}`);
  }
  const isNumber = isAddress(host);
  const name = isNumber ? host : host.replace(/\.$/, "");
  return `${host === router ? "localhost" : name}:${port}/${protocol}`;
}

function routerOf({ address = WIRE_ADDRESS }: StationOptions): string {
  return address === DHCP ? "" : parsePrefix(peerAddress(address)).address;
}
