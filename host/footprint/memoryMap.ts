// The core's memory, pool by pool: the areas of assembly/memory.ts with their places and sizes in a build. Names, counts
// and sizes come from the debug module, which has the layout of the release module; the sum is the release module's.

import { readFile } from "node:fs/promises";
import { coreFile, createCore, type ProfileName } from "../core/core.js";
import { Constant } from "../core/generated/abi.js";
import { readDebugModule, type DebugModule } from "./debugModule.js";

export interface Pool {
  readonly name: string;
  /** Undefined: it is one thing. */
  readonly count?: number;
  /** Of each. */
  readonly each?: number;
  /** With what fills it up. */
  readonly bytes: number;
}

interface Area {
  /** Constant of assembly/memory.ts with its place. */
  readonly place: string;
  readonly name: string;
  /** Constants with how many there are, and the bytes of each. */
  readonly count?: string;
  readonly each?: string | number;
}

const area = (place: string, name: string, count?: string, each?: string | number): Area => ({
  place,
  name,
  ...(count !== undefined && { count }),
  ...(each !== undefined && { each }),
});

/** Every piece of static data. */
export const AREAS: readonly Area[] = [
  area("TUPLE", "addresses and ports of a segment"),
  area("GLOBALS", "globals"),
  area("ADDRESSES", "addresses", "ADDRESS_COUNT", "LOCAL_ADDRESS_BYTES"),
  area("POOLS", "state of pools"),
  area("ENTROPY", "seed"),
  area("ADDRESS_BUFFER", "addresses of calls"),
  area("HASH_INPUT", "input of hashes"),
  area("NEXT_HOP", "next hop"),
  area("INTERFACES", "interfaces", "INTERFACE_COUNT", "INTERFACE_BYTES"),
  area("COUNTERS", "counters"),
  area("LISTENERS", "listeners", "LISTENER_COUNT", "LISTENER_BYTES"),
  area("EVENT_BITS", "event bits", "HANDLE_NODES", 2),
  area("RX_METADATA", "about the frame received"),
  area("TX_METADATA", "about the frame sent"),
  area("TX_FRAME", "frame sent"),
  area("RX_FRAME", "frame received"),
  area("LINKS", "links of lists", "LINK_COUNT", 4),
  area("NEIGHBOURS", "neighbours", "NEIGHBOUR_COUNT", "NEIGHBOUR_BYTES"),
  area("TCBS", "connections (TCB)", "TCB_COUNT", "TCB_BYTES"),
  area("SYN_ENTRIES", "SYN-cache entries", "SYN_COUNT", "SYN_ENTRY_BYTES"),
  area("COOKIE_ENTRY", "handshake by SYN cookie"),
  area("TIME_WAITS", "TIME-WAIT entries", "TIME_WAIT_COUNT", "TIME_WAIT_BYTES"),
  area("REASSEMBLIES", "reassembly of streams", "REASSEMBLY_COUNT", "REASSEMBLY_BYTES"),
  area("RECOVERIES", "loss recovery (SACK)", "RECOVERY_COUNT", "RECOVERY_BYTES"),
  area("SOCKETS", "UDP and echo sockets", "SOCKET_COUNT", "SOCKET_BYTES"),
  area("PATHS", "path MTUs", "PATH_COUNT", "PATH_BYTES"),
  area("GROUP_RECORDS", "multicast groups", "GROUP_COUNT", "GROUP_BYTES"),
  area("ROUTE_RECORDS", "routes", "ROUTE_COUNT", "ROUTE_BYTES"),
  area("NAME_SERVERS", "name servers"),
  area("LEASES", "leases", "INTERFACE_COUNT", "LEASE_BYTES"),
  area("LOOKUPS", "lookups of names", "LOOKUP_COUNT", "LOOKUP_BYTES"),
  area("GROUP_PORTS", "IGMP of interfaces", "INTERFACE_COUNT", 8),
  area("RESPONDERS", "answers for our name"),
  area("SERVICES", "services told of", "SERVICE_COUNT", "SERVICE_BYTES"),
  area("TIME_SAMPLE", "time"),
  area("HOST_NAME", "host name"),
  area("NAME_BUFFER", "names of calls"),
  area("TIMER_DEADLINES", "timers", "TIMER_COUNT", 4),
  area("SLOT_MAPS", "slots of the timer wheel"),
  area("HASH_HEADS", "hash heads"),
  area("HASH_NEXT", "hash chains"),
  area("TRACE", "trace", "TRACE_COUNT"),
  area("GENERATIONS", "generations", "HANDLE_NODES", 2),
  area("RING_AREA", "rings, receive and send", "RING_COUNT", "RING_BYTES"),
  area("ASSEMBLY_AREA", "datagrams put together", "ASSEMBLY_COUNT", "ASSEMBLY_BYTES"),
];
const RINGS = "RING_AREA";
const ASSEMBLIES = "ASSEMBLY_AREA";
const CONSTANTS = "constants";

export const readDebug = async (profile: ProfileName): Promise<DebugModule> =>
  readDebugModule(await readFile(coreFile(profile, "debug")));

/** A number of assembly/memory.ts or assembly/config.ts. */
function numberOf({ globals }: DebugModule, name: string | number): number {
  if (typeof name === "number") return name;
  const value = globals.get(`assembly/memory/${name}`) ?? globals.get(`assembly/config/${name}`);
  if (value === undefined) throw new Error(`the debug module has no constant ${name}`);
  return value;
}

/** Areas of a build by their static data; a piece that belongs to none has none. */
export function placesOf(debug: DebugModule): { at: number; area: Area | undefined }[] {
  return debug.segments.map(({ at, bytes }) => ({
    at,
    area: AREAS.find(({ place }) => {
      const begin = numberOf(debug, place);
      return begin >= at && begin < at + bytes;
    }),
  }));
}

/** Pools in the order of their places; together they are all that the core touches. */
export async function readMemoryMap(profile: ProfileName): Promise<Pool[]> {
  const [debug, core] = await Promise.all([readDebug(profile), createCore(profile)]);
  const total = core.constant(Constant.MEMORY_BYTES);
  // desktop's release module begins elsewhere.
  const shift = core.constant(Constant.RX_FRAME) - numberOf(debug, "RX_FRAME");
  const places = placesOf(debug).map((place) => ({ ...place, at: place.at + shift }));
  const known = places.filter(({ area }) => area !== undefined);
  const isBehind = debug.globals.get("assembly/memory/RINGS_BEHIND") === 1;
  const behind = (area: Area) =>
    isBehind ? countOf(debug, area) * numberOf(debug, area.each!) : 0;
  const pools: Pool[] = [{ name: "below the first area", bytes: known[0]!.at }];
  for (const [index, { at, area }] of known.entries()) {
    if (area === undefined || (isBehind && (area.place === RINGS || area.place === ASSEMBLIES)))
      continue;
    const next = known[index + 1]?.at ?? places[known.length]!.at;
    pools.push(poolOf(debug, area, next - at));
  }
  if (isBehind) {
    for (const area of AREAS.filter(({ place }) => place === RINGS || place === ASSEMBLIES)) {
      pools.push(poolOf(debug, area, behind(area)));
    }
  }
  const rest = total - pools.reduce((sum, { bytes }) => sum + bytes, 0);
  return [...pools, { name: CONSTANTS, bytes: rest }];
}

/** Rings are of two kinds. */
const countOf = (debug: DebugModule, { place, count }: Area) =>
  numberOf(debug, count!) * (place === RINGS ? 2 : 1);

function poolOf(debug: DebugModule, area: Area, bytes: number): Pool {
  const { name, count, each } = area;
  if (count === undefined) return { name, bytes };
  const records = countOf(debug, area);
  if (records === 0) return { name, count: 0, bytes };
  const one = each === undefined ? Math.floor(bytes / records) : numberOf(debug, each);
  return { name, count: records, each: one, bytes };
}
