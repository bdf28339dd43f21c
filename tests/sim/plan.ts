// A run, out of its seed: who talks over what, when, and what goes wrong. In gentle runs all must
// end in good order; in the others anything may end a connection, and only promises are kept.

import type { ProfileName, VariantName } from "../../host/core/core.js";
import { PROFILES } from "../../host/core/core.js";
import { Option } from "../../host/core/generated/abi.js";
import { createRandom, type Random } from "../static/support/random.js";
import type { ServerHabits } from "./app/server.js";
import type { Weather } from "./link.js";
import { MOMENTS, type Moment } from "./moments.js";
import type { StationName } from "./station.js";

/** What wraps soon after the start: the ms clock, the first connection's numbers, its stamps. */
export type Wrap = "nothing" | "clock" | "numbers" | "stamps";

export interface Opening {
  atMs: number;
  from: StationName;
  to: StationName;
  port: number;
  /** 0: the stack chooses. */
  localPort: number;
  /** The other side opens the same connection at the same time. */
  both: boolean;
}

export interface Trouble {
  atMs: number;
  /** What it waits for, from then on. */
  moment: Moment;
  kind: "down" | "sleep" | "option" | "lie" | "flood";
  station: StationName;
  /** How long; of an option, its value. */
  ms: number;
  option: number;
}

export interface Plan {
  seed: number;
  gentle: boolean;
  /** Gentle, and readers may be slower than any limit. */
  patient: boolean;
  /** More connections than rings, and most of what is said goes one way. */
  crowd: boolean;
  profiles: Record<StationName, ProfileName>;
  variant: VariantName;
  mtu: Record<StationName, number>;
  wrap: Record<StationName, Wrap>;
  startMs: Record<StationName, number>;
  weather: Weather;
  servers: (ServerHabits & { station: StationName })[];
  openings: Opening[];
  troubles: Trouble[];
  /** Most bytes that an end writes. */
  most: number;
}

/** The first opening's: with fixed ports its numbers are known before. */
export const FIRST_PORTS = { local: 5001, remote: 7 } as const;
const PORTS = [7, 9, 80] as const;
const NAMES = ["A", "B"] as const;
const CAPACITY: Record<ProfileName, number> = { tiny: 4, esp32: 8, desktop: 12 };
const BYTES: Record<ProfileName, number> = { tiny: 6_000, esp32: 14_000, desktop: 90_000 };

/** The first one aside. */
const MOST_OPENINGS = 30;

const mixed = (seed: number) => Math.imul(seed ^ (seed >>> 15) ^ 0x5bd1e995, 0x85ebca6b) >>> 0;

/** A sequence of its own for each part of a run, so that they do not shift each other. */
export const randomFor = (seed: number, part: number) =>
  createRandom(mixed(mixed(seed) + Math.imul(part, 0x9e3779b1)));

export function planOf(seed: number, onlyProfile?: ProfileName): Plan {
  const random = randomFor(seed, 0);
  const gentle = random.percent(40);
  const pickProfile = () => onlyProfile ?? random.pick(PROFILES as [ProfileName, ...ProfileName[]]);
  const profiles = { A: pickProfile(), B: pickProfile() };
  const wrapped = { A: chooseWrap(random), B: chooseWrap(random) };
  const pair = <T>(choose: () => T): Record<StationName, T> => ({ A: choose(), B: choose() });
  const mtu = pair(() => random.pick([1500, 1500, 1400, 900, 576]));
  const servers = chooseServers(random, gentle);
  const capacity = Math.min(CAPACITY[profiles.A], CAPACITY[profiles.B]);
  const crowd = !gentle && random.percent(15);
  const most = gentle ? capacity : crowd ? 5 * capacity : 2 * capacity + 2;
  const openings = chooseOpenings(
    random,
    gentle,
    servers,
    random.below(Math.min(most, MOST_OPENINGS)),
  );
  return {
    seed,
    gentle,
    patient: gentle && random.percent(50),
    crowd,
    profiles,
    variant: random.percent(50) ? "checked" : "release",
    mtu,
    wrap: wrapped,
    startMs: pair(() => random.word()),
    weather: chooseWeather(random, gentle, Math.min(mtu.A, mtu.B)),
    servers,
    openings,
    troubles: [
      ...chooseTroubles(random, gentle, openings),
      ...(gentle ? [] : chooseFloods(randomFor(seed, 6), openings)),
    ],
    most: Math.min(BYTES[profiles.A], BYTES[profiles.B]) >> random.below(3),
  };
}

const chooseWrap = (random: Random) =>
  random.pick<Wrap>(["nothing", "clock", "clock", "numbers", "numbers", "stamps"]);

function chooseWeather(random: Random, gentle: boolean, smallest: number): Weather {
  const worst = (percent: number) => (random.percent(50) ? 0 : random.below(percent + 1));
  const rate = random.pick([0, 0, 0, 2000, 300, 60]);
  return {
    loss: worst(gentle ? 3 : 20),
    spareArp: gentle,
    burst: gentle ? 1 : random.pick([1, 1, 3, 8]),
    duplicate: worst(15),
    delayMs: random.pick([0, 1, 1, 10, 40, 150]),
    jitterMs: random.pick([0, 0, 3, 30]),
    reorder: worst(15),
    reorderMs: random.pick([5, 60, 400]),
    corrupt: worst(gentle ? 2 : 8),
    rate,
    queue: random.pick([8, 30, 200]),
    // Where a path takes less than both ends, the wire says so.
    mtu: random.percent(15) ? Math.max(576, smallest - 200) : 65535,
  };
}

function chooseServers(random: Random, gentle: boolean): Plan["servers"] {
  return NAMES.flatMap((station) =>
    PORTS.slice(0, station === "B" ? 3 : 1).map((port) => ({
      station,
      port,
      backlog: gentle ? 16 : random.pick([1, 1, 2, 5, 16]),
      pauseMs: gentle || random.percent(60) ? 0 : random.pick([50, 2000, 20_000]),
      resetWhenFull: !gentle && random.percent(25),
      sourceLimit: !gentle && random.percent(25) ? 1 + random.below(3) : 0,
    })),
  );
}

function chooseOpenings(
  random: Random,
  gentle: boolean,
  servers: Plan["servers"],
  more: number,
): Opening[] {
  const first = {
    atMs: random.below(40),
    from: "A" as StationName,
    to: "B" as StationName,
    port: FIRST_PORTS.remote,
    localPort: FIRST_PORTS.local,
    both: false,
  };
  return [
    first,
    ...Array.from({ length: more }, (_, i): Opening => {
      const from = random.pick(NAMES);
      const inside = !gentle && random.percent(8);
      const to = inside ? from : from === "A" ? "B" : "A";
      const ports = servers.filter(({ station }) => station === to).map(({ port }) => port);
      const both = !inside && random.percent(20);
      const known = ports[random.below(ports.length)] ?? 7;
      return {
        atMs: random.below(gentle ? 2000 : random.pick([200, 3000, 30_000])),
        from,
        to,
        port: both ? 6000 + i : !gentle && random.percent(10) ? 4444 : known,
        localPort: both ? 6100 + i : random.percent(20) && !gentle ? 6200 + random.below(3) : 0,
        both,
      };
    }),
  ];
}

/** Option, least and largest value; gentle: whatever the value, nothing ends. */
const OPTIONS: readonly { option: number; values: readonly number[]; gentle: boolean }[] = [
  { option: Option.NO_DELAY, values: [0, 1], gentle: true },
  { option: Option.TTL, values: [1, 64, 255], gentle: true },
  { option: Option.DSCP, values: [0, 63], gentle: true },
  { option: Option.R2_SECONDS, values: [3, 20, 100], gentle: false },
  { option: Option.SYN_R2_SECONDS, values: [2, 10, 180], gentle: false },
  { option: Option.MSL_MS, values: [5000, 30_000, 60_000], gentle: true },
  { option: Option.DELAYED_ACK_MS, values: [0, 10, 40, 499], gentle: true },
  { option: Option.MINIMUM_RTO_MS, values: [20, 200, 1000], gentle: true },
  { option: Option.SYN_ACK_RETRIES, values: [0, 1, 3, 7], gentle: false },
  { option: Option.ORPHAN_SECONDS, values: [1, 5, 60], gentle: false },
  { option: Option.TIMESTAMPS, values: [0, 1], gentle: true },
  { option: Option.WINDOW_SCALE, values: [0, 1], gentle: true },
  { option: Option.SACK, values: [0, 1], gentle: true },
  { option: Option.USER_TIMEOUT, values: [0, 1], gentle: true },
  { option: Option.KEEP_ALIVE, values: [0, 1, 1], gentle: false },
  { option: Option.KEEP_IDLE_SECONDS, values: [1, 5, 30], gentle: true },
  { option: Option.KEEP_INTERVAL_SECONDS, values: [1, 10], gentle: true },
  { option: Option.KEEP_PROBES, values: [1, 3, 10], gentle: false },
  { option: Option.CLOSE_WAIT_SECONDS, values: [0, 1, 5], gentle: false },
  { option: Option.CHALLENGE_ACK_MS, values: [0, 10, 500, 60_000], gentle: true },
];

/** Just before somebody comes in good faith: a SYN cache that is full, and cookies. */
function chooseFloods(random: Random, openings: Opening[]): Trouble[] {
  const { atMs, to } = openings[random.below(openings.length)]!;
  const flood: Trouble = { atMs, moment: "now", kind: "flood", station: to, ms: 0, option: 0 };
  return random.percent(15) ? [flood] : [];
}

function chooseTroubles(random: Random, gentle: boolean, openings: Opening[]): Trouble[] {
  const troubles: Trouble[] = [];
  const add = (
    kind: Trouble["kind"],
    atMs: number,
    ms = 0,
    option = 0,
    station = random.pick(NAMES),
  ) =>
    troubles.push({
      atMs,
      moment: random.percent(40) ? random.pick(MOMENTS) : "now",
      kind,
      station,
      ms,
      option,
    });
  const soon = () => random.below(random.pick([20, 500, 5000, 40_000]));
  for (let count = random.below(gentle ? 4 : 7); count > 0; count--) {
    const { option, values, gentle: safe } = OPTIONS[random.below(OPTIONS.length)]!;
    if (!safe && gentle) continue;
    add("option", random.percent(60) ? 0 : soon(), values[random.below(values.length)], option);
  }
  // Keepalive by its default of two hours would outlast a run.
  if (!gentle && random.percent(20)) {
    const strict = random.percent(50) ? [Option.KEEP_INTERVAL_SECONDS, Option.KEEP_PROBES] : [];
    for (const option of [...strict, Option.KEEP_IDLE_SECONDS, Option.KEEP_ALIVE]) {
      for (const station of NAMES) add("option", 0, 1, option, station);
    }
  }
  // Who sleeps through the moment of a simultaneous open is refused.
  const mayNotSleep = gentle && openings.some(({ both }) => both);
  const lies = random.percent(60) ? random.below(60) : 0;
  for (let count = lies; count > 0; count--) add("lie", soon());
  for (let count = !mayNotSleep && random.percent(40) ? random.below(4) : 0; count > 0; count--) {
    add(
      "sleep",
      soon(),
      gentle ? random.below(900) : random.below(random.pick([300, 5000, 200_000])),
    );
  }
  if (gentle) return troubles;
  if (random.percent(4)) add("sleep", soon(), random.pick([2 ** 28, 2 ** 30, 2 ** 31 + 5]));
  for (let count = random.percent(40) ? 1 + random.below(3) : 0; count > 0; count--) {
    add("down", soon(), random.below(random.pick([100, 5000, 130_000])));
  }
  return troubles;
}
