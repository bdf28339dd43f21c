// What an interface has by DHCP or by itself (RFC 2131, 3927), read from the core's memory, and what it is
// asked to get in these ways.

import { wordToAddress } from "./address.js";
import { readAddresses, type LocalAddress } from "./addressRecords.js";
import type { Core } from "./core.js";
import { Auto, Constant, LeaseField, LeaseSize, LeaseState } from "./generated/abi.js";
import { readField, readGlobal } from "./records.js";

/** How an interface gets addresses by itself. */
export interface AutoOptions {
  /** An address by DHCP. Default false. */
  dhcp?: boolean;
  /** A link-local address: by itself, or beside DHCP while no server answers. Default: as `dhcp`. */
  linkLocal?: boolean;
  /** Leased addresses are probed before they are used, which takes 4 to 7 s. Default: as `dhcp`. */
  probe?: boolean;
}

/** States of a DHCP client as RFC 2131 has them; OFF: there is none. */
export type LeaseStateName = keyof typeof LeaseState;

/** What an interface has got by itself. */
export interface LeaseInfo {
  /** Of the DHCP client; "OFF": only link-local was asked for. */
  state: LeaseStateName;
  /** The address in use; null: there is none yet. */
  address: string | null;
  /** Bits of it that name the network; 0: there is none yet. */
  prefixLength: number;
  /** The address in use is a link-local one. */
  linkLocal: boolean;
  /** Who gave the lease; null: there is none. What follows is of the lease. */
  server: string | null;
  /** Who gets what is for other networks; null: the server named nobody. */
  router: string | null;
  /** At most two. */
  nameServers: string[];
  /** At most two. */
  timeServers: string[];
  /** How long it lasts from when it was asked for; Infinity: for ever. */
  leaseSeconds: number;
  /** T1: when its server is asked to go on. */
  renewSeconds: number;
  /** T2: when any server is asked. */
  rebindSeconds: number;
  /** Since it was asked for. */
  ageSeconds: number;
  /** Bytes of a packet that the interface has by it; 0: the server named none, or no fewer. */
  mtu: number;
}

/** Bits of Auto. */
export function autoBits(options: AutoOptions | null | undefined): number {
  const { dhcp = false, linkLocal = dhcp, probe = dhcp } = options ?? {};
  const bits = (dhcp ? Auto.DHCP : 0) | (linkLocal ? Auto.LINK_LOCAL : 0);
  return bits === 0 ? 0 : bits | (probe ? Auto.PROBE : 0);
}

const STATES = Object.keys(LeaseState) as LeaseStateName[];
const FOR_EVER = 0xffffffff;

const addressOrNull = (word: number): string | null => (word === 0 ? null : wordToAddress(word));
const addressesOf = (words: readonly number[]): string[] =>
  words.filter((word) => word !== 0).map(wordToAddress);
const orForEver = (seconds: number): number => (seconds === FOR_EVER ? Infinity : seconds);

/** null: nothing was asked for, or the build does not know how. */
export function readLease(core: Core, index: number): LeaseInfo | null {
  const area = core.constant(Constant.LEASE_AREA);
  if (area === 0 || !(index >= 0 && index < core.interfaces)) return null;
  const get = (name: keyof typeof LeaseField) =>
    readField(core, area + index * LeaseSize, LeaseField[name]);
  const state = STATES.find((name) => LeaseState[name] === get("state")) ?? "OFF";
  if (state === "OFF" && get("auto") === 0) return null;
  const used = addressInUse(core, index);
  const agedSeconds = ((readGlobal(core, "nowMs") - get("agedMs")) >>> 0) / 1000;
  // Without a lease these two are those of an offer.
  const server = get("seconds") === 0 ? null : addressOrNull(get("server"));
  return {
    state,
    address: used?.address ?? null,
    prefixLength: used?.prefixLength ?? 0,
    linkLocal: used !== undefined && isLinkLocal(used),
    server,
    router: addressOrNull(get("router")),
    nameServers: addressesOf([get("nameServer"), get("nameServer2")]),
    timeServers: addressesOf([get("timeServer"), get("timeServer2")]),
    leaseSeconds: orForEver(get("seconds")),
    renewSeconds: orForEver(get("renewSeconds")),
    rebindSeconds: orForEver(get("rebindSeconds")),
    ageSeconds: server === null ? 0 : get("ageSeconds") + Math.floor(agedSeconds),
    mtu: get("mtu"),
  };
}

const isLinkLocal = ({ address }: LocalAddress): boolean => address.startsWith("169.254.");

/** Of what came by itself; the leased address where a link-local one is there, too. */
function addressInUse(core: Core, index: number): LocalAddress | undefined {
  const usable = readAddresses(core).filter(
    (each) => each.interface === index && each.leased && each.state === "VALID",
  );
  return usable.find((each) => !isLinkLocal(each)) ?? usable[0];
}
