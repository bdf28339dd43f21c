// When a station's clock starts, so that what the plan says wraps soon: the ms clock itself, the
// sequence numbers or the timestamps of the run's first connection. RFC 6528 and RFC 7323 add a
// keyed number to the clock; one look at such a connection tells it.

import { State } from "../../host/core/generated/abi.js";
import { createReader } from "./records.js";
import { FIRST_PORTS, type Plan } from "./plan.js";
import { ADDRESSES, startCore, type StationName } from "./station.js";

/** ms from the start until something wraps, at most. */
const SOON_MS = 3000;
/** Initial sequence numbers grow by this in each ms. */
const NUMBERS_PER_MS = 250;

export async function startMsOf(plan: Plan, name: StationName): Promise<number> {
  const given = plan.startMs[name];
  const soon = given % SOON_MS;
  switch (plan.wrap[name]) {
    case "nothing":
      return given;
    case "clock":
      return 2 ** 32 - soon;
    case "numbers": {
      // Below 2^32 by some hundred to some thousand numbers when the connection opens.
      const { iss } = await firstConnection(plan, name);
      const opensMs = plan.openings[0]?.atMs ?? 0;
      return Math.max(0, Math.floor((2 ** 32 - iss) / NUMBERS_PER_MS) - opensMs - 1 - (soon % 20));
    }
    case "stamps": {
      const { tsOffset } = await firstConnection(plan, name);
      return (2 ** 32 - tsOffset - soon) >>> 0;
    }
  }
}

/** The numbers of the first connection, had it been opened when the clock said 0. */
async function firstConnection(plan: Plan, name: StationName) {
  const [core] = await startCore({
    name,
    profile: plan.profiles[name],
    variant: plan.variant,
    startMs: 0,
    mtu: plan.mtu[name],
  });
  const [local, remote] =
    name === "A"
      ? [FIRST_PORTS.local, FIRST_PORTS.remote]
      : [FIRST_PORTS.remote, FIRST_PORTS.local];
  core.putAddress(Uint8Array.from(name === "A" ? ADDRESSES.B : ADDRESSES.A));
  const handle = core.exports.connect(4, remote, 0, local);
  const tcb = createReader(core)().tcbs.find(({ state }) => state === State.SYN_SENT);
  if (handle <= 0 || !tcb) throw new Error(`no first connection: ${handle}`);
  return tcb;
}
