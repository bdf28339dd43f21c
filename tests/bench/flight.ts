// `npm run bench -- --flight`: the sink and the source over TAP once more, of a stack that has a flight recorder, in turns
// with those of one that has none.

import { DEFAULT_FLIGHT_MIB } from "../../host/record/limits.js";
import { startMote, stopPeer } from "./peer.js";
import { bulkRate, inTurns, type TurnsOptions } from "./turns.js";

/** Of bulk throughput a flight recorder may cost a twentieth. */
const REQUIRED = 0.95;

export async function flight(options: TurnsOptions): Promise<void> {
  const cpu = options.cpus?.[0];
  const plain = await startMote("plain", "without", 6, "desktop", cpu);
  const recorded = await startMote("flight", "with", 7, "desktop", cpu, DEFAULT_FLIGHT_MIB);
  try {
    const turns = [
      { name: "with a flight recorder", measure: (way) => bulkRate(way, recorded, options) },
      { name: "without", measure: (way) => bulkRate(way, plain, options) },
    ] satisfies Parameters<typeof inTurns>[1];
    await inTurns(options, turns, REQUIRED);
  } finally {
    await stopPeer(plain);
    await stopPeer(recorded);
  }
}
