// One run: two stations, the wire between them, applications on both, and what goes wrong, moment by
// moment until nothing is left to do. Then everything must be as it was before.

import { createHash } from "node:crypto";
import type { Core, ProfileName } from "../../host/core/core.js";
import { Constant, Pool, poolNames } from "../../host/core/generated/abi.js";
import { readCounter } from "../../host/core/observe.js";
import { readLevels } from "../../host/core/records.js";
import { assertUntouched, forgetCore } from "../packets/support/core.js";
import { createAgenda } from "./agenda.js";
import { createCoverage, noteCounters, type Coverage } from "./coverage.js";
import { createLog, type Log } from "./log.js";
import { createPeople } from "./people.js";
import { planOf, randomFor, type Plan } from "./plan.js";
import { startMsOf } from "./start.js";
import { createStation, type StationName } from "./station.js";
import { causeTroubles, connectStations } from "./troubles.js";
import { Violation } from "./watch.js";
import type { World } from "./world.js";

export interface RunOptions {
  seed: number;
  profile?: ProfileName;
  /** Every event, as it happens. */
  print?: (line: string) => void;
}

export interface RunResult {
  plan: Plan;
  coverage: Coverage;
  /** Of all frames and when they left. */
  hash: string;
  /** Virtual time until all was over, ms. */
  tookMs: number;
  outcomes: Record<string, number>;
}

/** Why a seed failed, with all that is needed to look into it. */
export class SeedFailure extends Error {}

/** Events kept for the message of a failure. */
const LOG_LINES = 60;
/** Virtual time that the last connection may take to end after its applications have; and all. */
const LIMIT_MS = 3 * 3_600_000;
/** Events at one moment that would be a storm. */
const STORM = 100_000;

export async function runSeed(options: RunOptions): Promise<RunResult> {
  const plan = planOf(options.seed, options.profile);
  const log = createLog(LOG_LINES, options.print);
  try {
    return await live(plan, log);
  } catch (error) {
    for (const name of ["A", "B"] as const) forgetCore(plan.profiles[name], plan.variant, name);
    throw new SeedFailure(explain(options, plan, log, error), { cause: error });
  }
}

/** Seed after seed; what they reached together. The first that fails ends it. */
export async function runSeeds(first: number, count: number): Promise<Coverage> {
  const coverage = createCoverage();
  for (let seed = first; seed < first + count; seed++) {
    coverage.add((await runSeed({ seed })).coverage);
  }
  return coverage;
}

function explain({ seed, profile }: RunOptions, plan: Plan, log: Log, error: unknown): string {
  const { A, B } = plan.profiles;
  const kind = plan.gentle ? "gentle" : "harsh";
  const reason =
    error instanceof Violation
      ? error.message
      : error instanceof Error
        ? error.stack
        : String(error);
  const repeat = `npm run sim -- --seed ${seed}${profile ? ` --profile ${profile}` : ""} --verbose`;
  return [
    `seed ${seed} (${kind}, A ${A}, B ${B}, ${plan.variant}): ${reason}`,
    "the last events:",
    ...log.lines().map((line) => `  ${line}`),
    `to repeat it: ${repeat}`,
  ].join("\n");
}

async function live(plan: Plan, log: Log): Promise<RunResult> {
  const coverage = createCoverage();
  const agenda = createAgenda();
  const random = randomFor(plan.seed, 1);
  const around = { agenda, random, log, coverage };
  const make = async (name: StationName) =>
    createStation(
      {
        name,
        profile: plan.profiles[name],
        variant: plan.variant,
        mtu: plan.mtu[name],
        startMs: await startMsOf(plan, name),
      },
      around,
    );
  const stations = { A: await make("A"), B: await make("B") };
  const people = createPeople(plan, agenda, stations);
  const world: World = { plan, agenda, log, coverage, stations, people };
  const hash = createHash("sha256");
  connectStations(world, (frame) => hash.update(`${agenda.nowUs()} `).update(frame));
  causeTroubles(world);
  people.arrive();
  runAll(world);
  return { ...conclude(world), plan, coverage, hash: hash.digest("hex") };
}

/** Moment after moment, until nobody has anything left to do. */
function runAll({ agenda, stations, people }: World): void {
  const both = [stations.A, stations.B];
  const limitUs = LIMIT_MS * 1000 + people.patienceUs;
  for (let turns = 0, lastUs = 0; ; turns++) {
    const due = both.find((station) => station.dueUs() <= agenda.nowUs());
    if (due) due.turn();
    else {
      const nextUs = Math.min(agenda.nextUs(), ...both.map((station) => station.dueUs()));
      if (nextUs === Infinity) return;
      agenda.moveTo(nextUs);
    }
    if (agenda.nowUs() > lastUs) [turns, lastUs] = [0, agenda.nowUs()];
    if (turns > STORM) throw new Violation("this moment does not come to an end");
    if (agenda.nowUs() > limitUs) throw new Violation(`no end in sight: ${people.describe()}`);
  }
}

/** Pools that must be empty again; neighbours and addresses may be remembered. */
const MUST_BE_IDLE = [
  Pool.TCB,
  Pool.RECEIVE_RING,
  Pool.SEND_RING,
  Pool.REASSEMBLY,
  Pool.SYN_CACHE,
  Pool.TIME_WAIT,
  Pool.LISTENER,
];

/** At the end: the applications are content, everything was given back, nothing is behind the map. */
function conclude(world: World): Pick<RunResult, "tookMs" | "outcomes"> {
  const { stations, agenda, people, coverage } = world;
  const outcomes = people.conclude();
  for (const { core, name } of [stations.A, stations.B]) {
    assertIdle(core, name);
    assertUntouched(core);
    noteCounters(coverage, (id) => readCounter(core, id));
  }
  return { tookMs: Math.round(agenda.nowUs() / 1000), outcomes };
}

function assertIdle(core: Core, name: string): void {
  for (const pool of MUST_BE_IDLE) {
    const { used } = readLevels(core, pool);
    if (used > 0) {
      const what = `${used} of ${core.constant(Constant.TCBS + pool)}`;
      throw new Violation(`${name}: ${what} of ${poolNames[pool]} are still in use at the end`);
    }
  }
}
