// Runs one scenario: makes its world, lets its script happen, checks what must have come of it, and hands back all
// that anybody wants to show of it.

import type { StateName } from "../core/observe.js";
import { createExpect } from "./expect.js";
import { drawLadder } from "./ladder.js";
import { historyOf, type Event } from "./log.js";
import type { Scenario, Side } from "./scenario.js";
import type { Rule, SentFrame } from "./wire.js";
import { ADDRESSES, createWorld, type Sheet, type StackMaker, type World } from "./world.js";

export interface RunOptions {
  readonly createStack: StackMaker;
  /** Of all randomness. Default 1. */
  readonly seed?: number;
  /** For tests: what the wire does beside what the script wants. */
  readonly tamper?: Rule;
}

/** The states that both sides of a conversation have gone through. */
export interface History {
  readonly clientPort: number;
  readonly serverPort: number;
  readonly client: readonly StateName[];
  readonly server: readonly StateName[];
}

export interface Outcome {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Whatever was not as expected; none: all was. */
  readonly failures: readonly string[];
  readonly checked: number;
  readonly events: readonly Event[];
  readonly frames: readonly SentFrame[];
  readonly sheets: readonly Sheet[];
  readonly histories: readonly History[];
  /** Virtual time it took, ms. */
  readonly tookMs: number;
  ladder(width: number): string[];
}

/** What is on its way at the end of a script still arrives, and a delayed ACK still leaves. */
const LAST_MS = 200;

export async function runScenario(scenario: Scenario, options: RunOptions): Promise<Outcome> {
  const { createStack, seed = 1, tamper } = options;
  const { setup = {}, showing = {} } = scenario;
  const world = await createWorld({ createStack, seed, setup, tamper });
  const expect = createExpect(world, showing);
  const startMs = world.clock.now();
  let stopped = "";
  try {
    await scenario.script(world, expect);
    world.run(LAST_MS);
  } catch (cause) {
    stopped = reasonOf(cause);
  }
  const tookMs = world.clock.now() - startMs;
  const frames = [...world.wire.frames];
  world.end();
  // What an application never finished says more than what it left behind.
  if (stopped === "") for (const host of [world.client, world.server]) expect.idle(host);
  const { events, beginnings, sheets } = world;
  const drawn = { events, beginnings, addresses: ADDRESSES, showing };
  return {
    scenario,
    seed,
    failures: stopped === "" ? expect.failures : [stopped, ...expect.failures],
    checked: expect.checked,
    events,
    frames,
    sheets,
    histories: historiesOf(world),
    tookMs,
    ladder: (width) => drawLadder(drawn, width),
  };
}

function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : "";
  return why === "" ? text : `${text} (${why})`;
}

function historiesOf({ events, beginnings }: World): History[] {
  return [...beginnings.keys()].flatMap((key) => {
    const [clientPort = 0, serverPort = 0] = key.split(":").map(Number);
    const of = (side: Side): StateName[] => historyOf(events, beginnings, side, key);
    return [{ clientPort, serverPort, client: of("client"), server: of("server") }];
  });
}

/** A fixed day: captures of the same run are the same bytes. 2026-01-01 00:00:00 UTC. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

/** Between two runs in one capture: their connections have the same ports, and must not be taken for one. */
const BETWEEN_MS = 3_600_000;

/** A frame as a capture has it. */
export interface CapturedFrame {
  /** Microseconds since 1970. */
  readonly timeUs: number;
  readonly bytes: Uint8Array;
}

/** All that left the hosts, one run behind the other. */
export function capturedFrames(outcomes: readonly Outcome[]): CapturedFrame[] {
  let startMs = EPOCH_MS;
  return outcomes.flatMap(({ frames }) => {
    const begunMs = startMs;
    startMs += (frames.at(-1)?.atMs ?? 0) + BETWEEN_MS;
    return frames.map(({ atMs, bytes }) => ({ timeUs: (begunMs + atMs) * 1000, bytes }));
  });
}
