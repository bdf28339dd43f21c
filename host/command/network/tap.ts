// TAP devices for the verbs: which name to take where nobody chose, which addresses the two sides have, and
// whether a device is not to be had here at all.

import { existsSync, readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { chooseAddresses, overlaps, peerAddress, rangesInUse } from "../../link/addresses.js";
import { codeOf, CommandError, messageOf } from "../exit.js";
import { DHCP, type LinkChoice } from "./words.js";

const DEFAULT_NAME = "mote";
/** Names tried when nobody chose one and other instances of this command run: mote0 to mote7. */
const NAMES_TRIED = 8;

/** Opens the device that was named, or the first free one of ours. */
export async function openFirst<Opened>(
  link: LinkChoice,
  open: (name: string) => Promise<Opened>,
): Promise<Opened> {
  if (link.kind === "tap") return open(link.name);
  for (let index = 0; ; index++) {
    try {
      return await open(`${DEFAULT_NAME}${index}`);
    } catch (error) {
      if (codeOf(error) !== "EBUSY" || index === NAMES_TRIED - 1) throw error;
    }
  }
}

/** The two ends of a TAP device. */
export interface TapAddresses {
  /** With prefix; undefined: it comes by DHCP. */
  readonly stack: string | undefined;
  /** With prefix; null: none of ours, because the network is somebody else's. */
  readonly host: string | null;
}

/** What the device of that name has itself does not count as in use. */
export function addressesFor(name: string, wanted: string | undefined): TapAddresses {
  if (wanted === DHCP) return { stack: undefined, host: null };
  if (isBridged(name)) return { stack: needed(name, wanted), host: null };
  const used = rangesInUse(name);
  if (wanted === undefined) return chooseAddresses(used);
  if (overlaps(wanted, used)) {
    throw new CommandError(
      "EADDRINUSE",
      `--address ${wanted} overlaps an address or a route of this machine`,
      "ip route; then choose another block, or leave --address out",
    );
  }
  return { stack: wanted, host: peerAddress(wanted) };
}

/** The device is part of a bridge: addresses of this machine belong to that, and not to the device. */
export function isBridged(name: string): boolean {
  return existsSync(`/sys/class/net/${name}/master`);
}

function needed(name: string, wanted: string | undefined): string {
  if (wanted !== undefined) return wanted;
  throw new CommandError(
    "EADDRNOTAVAIL",
    `TAP device ${name} is part of a bridge: the stack's address is one of that network`,
    "--address dhcp, or --address ADDRESS/PREFIX, says which",
  );
}

/** TAP is not to be had here, as opposed to: something else went wrong. */
export function isMissingTap(error: unknown): boolean {
  if (error instanceof CommandError) return false;
  return (
    /^TAP device/.test(messageOf(error)) ||
    ["ENOTSUP", "ERR_MODULE_NOT_FOUND", "EADDRNOTAVAIL"].includes(codeOf(error))
  );
}

/**
 * The MAC of a stack that others give addresses to: the same each time on this machine, so that it gets the
 * same address. undefined where the machine has no identity of its own: a random one.
 */
export function stableMac(name: string): Uint8Array | undefined {
  let machine: string;
  try {
    machine = readFileSync("/etc/machine-id", "utf8").trim();
  } catch {
    return undefined;
  }
  if (machine === "") return undefined;
  const mac = createHash("sha256")
    .update(`${machine} ${hostname()} ${name}`)
    .digest()
    .subarray(0, 6);
  // Locally administered, and of one station.
  mac[0] = (mac[0]! & 0xfc) | 0x02;
  return Uint8Array.from(mac);
}
