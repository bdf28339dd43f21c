// The wire between the stations, and what goes wrong on it and in them.

import { icmpFrame, peerAddress } from "../packets/support/frame.js";
import { createLiar } from "./hostile.js";
import { createLane, type Lane } from "./link.js";
import { hasCome } from "./moments.js";
import { randomFor, type Trouble } from "./plan.js";
import { ADDRESSES, MACS, type Station, type StationName } from "./station.js";
import type { World } from "./world.js";

/** Number of the router that reports what is too long for the wire. */
const ROUTER = 254;

const otherOf = (name: StationName): StationName => (name === "A" ? "B" : "A");

const isFor = (frame: Uint8Array, { name }: Station) =>
  frame[0] === 255 || MACS[name].every((byte, i) => frame[i] === byte);

/** RFC 1191: to the sender of a packet that does not fit. */
function tooLong(frame: Uint8Array, from: StationName, mtu: number): Uint8Array {
  const error = { type: 3, code: 4, rest: mtu, data: frame.slice(14, 42) };
  const ip = { source: peerAddress(ROUTER), destination: [...ADDRESSES[from]] };
  return icmpFrame(ROUTER, error, ip, { to: [...MACS[from]] });
}

/** A lane each way; left: each frame that leaves a station. */
export function connectStations(world: World, left: (frame: Uint8Array) => void): void {
  const { agenda, plan, stations } = world;
  const ports = plan.servers.map(({ port }) => port);
  const liar = createLiar(randomFor(plan.seed, 2), plan.gentle, ports);
  const lanes = {} as Record<StationName, Lane>;
  for (const name of ["A", "B"] as const) {
    const to = stations[otherOf(name)];
    lanes[name] = createLane(agenda, randomFor(plan.seed, name === "A" ? 3 : 4), plan.weather, {
      arrive(frame) {
        if (!isFor(frame, to)) return;
        liar.heard(to, frame);
        to.deliver(frame);
      },
      tooLong: (frame) => stations[name].deliver(tooLong(frame, name, plan.weather.mtu)),
    });
    stations[name].send = (frame) => {
      left(frame);
      lanes[name].enter(frame);
    };
  }
  for (const trouble of plan.troubles) {
    const { kind, station } = trouble;
    if (kind !== "lie" && kind !== "flood") continue;
    const target = stations[station];
    at(world, trouble, () =>
      target.act(() => {
        for (const frame of liar[kind](target)) target.deliver(frame);
      }),
    );
  }
}

/** Links that go down and up, stations that sleep, options that change. */
export function causeTroubles(world: World): void {
  for (const trouble of world.plan.troubles) {
    at(world, trouble, () => cause(world, world.stations[trouble.station], trouble));
  }
}

/** At its time, or later, when its moment has come. */
function at({ agenda, stations }: World, trouble: Trouble, happen: () => void): void {
  const station = stations[trouble.station];
  agenda.after(trouble.atMs * 1000, () => {
    if (trouble.moment === "now") return happen();
    station.atRest.add(() => {
      const come = hasCome(trouble.moment, station.watch.records());
      if (come) happen();
      return come;
    });
  });
}

function cause({ agenda }: World, station: Station, { kind, ms, option }: Trouble): void {
  switch (kind) {
    case "down":
      station.setLink(false);
      agenda.after(ms * 1000, () => station.setLink(true));
      return;
    case "sleep":
      station.sleep(ms);
      return;
    case "option":
      station.act(() => void station.ask("setOption", 0, option, ms));
      return;
    case "lie":
    case "flood":
      return; // whoever lies needs to hear the wire
  }
}
