// The applications of a run: servers on both sides, connections that are opened from either, and
// which two ends belong together.

import { Errno, ErrnoName } from "../../host/core/generated/abi.js";
import type { Agenda } from "./agenda.js";
import { begin, createEnd, describeEnd, type End, type EndState } from "./app/end.js";
import { chooseHabits } from "./app/habits.js";
import type { PeersOf } from "./app/reader.js";
import { createServer, type Server } from "./app/server.js";
import { randomFor, type Opening, type Plan } from "./plan.js";
import { ADDRESSES, type Station, type StationName } from "./station.js";
import { Violation } from "./watch.js";

export interface People {
  /** Their whole life may take so long. */
  readonly patienceUs: number;
  arrive(): void;
  /** Nobody waits for anything; how often each outcome was. */
  conclude(): Record<string, number>;
  describe(): string;
}

/** Listeners close once all openings were tried and nobody is left, or so much later. */
const CLOSING_MS = 30_000;
/** How often, and how soon, an application tries again that found no memory. */
const TRIES = 20;
const TRY_AGAIN_MS = 600;
const REFUSALS: readonly number[] = [
  Errno.ENOBUFS,
  Errno.EADDRINUSE,
  Errno.ENETDOWN,
  Errno.ENETUNREACH, // a stack that does not talk to itself
  Errno.EADDRNOTAVAIL,
];

export function createPeople(
  plan: Plan,
  agenda: Agenda,
  stations: Record<StationName, Station>,
): People {
  const random = randomFor(plan.seed, 5);
  const ends: End[] = [];
  const byHandle = new Map<string, End>();
  const servers: { station: Station; server: Server }[] = [];
  let opened = 0;

  function peersOf({ peer, localPort, remotePort, irs }: EndState): readonly EndState[] {
    return ends.filter(
      (other) =>
        other.station.name === peer &&
        other.localPort === remotePort &&
        other.remotePort === localPort &&
        other.iss === irs,
    );
  }

  function adopt(station: Station, handle: number, first: boolean): void {
    const habits = chooseHabits(random, { ...plan, first });
    const end = createEnd(station, handle, habits, { agenda, random, peersOf });
    ends.push(end);
    byHandle.set(`${station.name} ${handle}`, end);
    begin(end, agenda, peersOf);
  }

  function open(
    station: Station,
    to: StationName,
    port: number,
    localPort: number,
    tries = TRIES,
  ): void {
    const handle = station.connect(ADDRESSES[to], port, localPort);
    if (handle === -Errno.ENOBUFS && tries > 0) {
      const again = () => open(station, to, port, localPort, tries - 1);
      return agenda.after(TRY_AGAIN_MS * 1000, () => station.act(again));
    }
    opened++;
    if (handle > 0) adopt(station, handle, true);
    else if (!REFUSALS.includes(-handle)) {
      throw new Violation(`connect says ${ErrnoName[-handle] ?? handle}`);
    }
  }

  function schedule({ from, to, port, localPort, both, atMs }: Opening): void {
    const [first, other] = [stations[from], stations[to]];
    agenda.after(atMs * 1000, () => {
      first.act(() => open(first, to, port, localPort));
      if (both) other.act(() => open(other, from, localPort, port));
    });
  }

  function serve(station: Station): void {
    for (const habits of plan.servers.filter((one) => one.station === station.name)) {
      const server = createServer(station, habits, { agenda, random }, (handle) =>
        adopt(station, handle, false),
      );
      if (server) servers.push({ station, server });
    }
  }

  /** All openings were tried, and nobody uses a connection any more. */
  function closeWhenDone(): void {
    const expected = plan.openings.reduce((sum, { both }) => sum + (both ? 2 : 1), 0);
    const busy = opened < expected || ends.some(({ outcome }) => outcome === undefined);
    if (busy) return agenda.after(CLOSING_MS * 1000, closeWhenDone);
    for (const { station, server } of servers) station.act(() => server.close());
  }

  for (const station of [stations.A, stations.B]) {
    station.onEvent = (handle, bits) => {
      const listener = servers.find(
        (one) => one.station === station && one.server.handle === handle,
      );
      if (listener) listener.server.onEvent(bits);
      else byHandle.get(`${station.name} ${handle}`)?.onEvent(bits);
    };
    station.atRest.add(() => {
      for (const end of ends) if (end.station === station) end.checkRest();
      for (const one of servers) if (one.station === station) one.server.checkRest();
      return false;
    });
  }

  return {
    patienceUs:
      plan.troubles.reduce((sum, { kind, ms }) => sum + (kind === "sleep" ? ms : 0), 0) * 1000,
    arrive() {
      for (const station of [stations.A, stations.B]) station.act(() => serve(station));
      plan.openings.forEach(schedule);
      agenda.after(CLOSING_MS * 1000, closeWhenDone);
    },
    conclude: () => conclude(ends, plan, peersOf),
    describe: () =>
      ends
        .filter(({ outcome }) => outcome === undefined)
        .map(describeEnd)
        .join("; ") || "nobody",
  };
}

function conclude(ends: End[], { gentle }: Plan, peersOf: PeersOf): Record<string, number> {
  const outcomes: Record<string, number> = {};
  for (const end of ends) {
    const outcome = end.outcome ?? "waits";
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const good = outcome === "good" && end.sawEnd && end.written === end.habits.bytes;
    const complete = !end.sawEnd || peersOf(end).some(({ written }) => written === end.read);
    if (outcome === "waits" || !complete || (gentle && !good)) {
      throw new Violation(`the end: ${describeEnd(end)}`);
    }
  }
  return outcomes;
}
