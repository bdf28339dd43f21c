// What must come of a scenario. Whatever does not hold is written down, in words that say what came instead; the
// script goes on, so that the ladder shows the rest.

import type { PoolName, StateName } from "../core/observe.js";
import type { Host, Talk } from "./host.js";
import { historyOf, nameOfFlight } from "./log.js";
import type { Showing, Side } from "./scenario.js";
import type { World } from "./world.js";

export interface Expect {
  /** Everything that was not as expected, a sentence each. */
  readonly failures: readonly string[];
  /** How many expectations there were. */
  readonly checked: number;
  that(what: string, holds: boolean): void;
  equal<Value>(what: string, found: Value, wanted: Value): void;
  /**
   * All segments that are drawn, of one conversation or of all, in order, as in "> SYN seq 0", "< SYN ACK seq 0 ack 1
   * (lost)".
   */
  segments(wanted: readonly string[], key?: string): void;
  /** These segments are among them, in this order. */
  among(wanted: readonly string[], key?: string): void;
  /** The states that one side of a conversation has gone through, all of them. */
  states(side: Side, wanted: readonly StateName[], key?: string): void;
  /** Code of the error that the application was told; "": none. */
  error(who: string, talk: Talk, wanted: string): void;
  /** No record of a pool that connections use is left. */
  idle(host: Host): void;
}

/** Pools that are empty when nothing is open. */
const POOLS: ReadonlySet<PoolName> = new Set<PoolName>([
  "tcb",
  "receive_ring",
  "send_ring",
  "reassembly",
  "recovery",
  "syn_cache",
  "time_wait",
]);

export function createExpect(world: World, showing: Showing): Expect {
  const failures: string[] = [];
  let checked = 0;

  function that(what: string, holds: boolean): void {
    checked++;
    if (!holds) failures.push(what);
  }

  const firstKey = (): string => world.beginnings.keys().next().value ?? "";

  function names(key?: string): string[] {
    const events = world.events.filter((event) => key === undefined || event.key === key);
    return events.flatMap((event) =>
      event.kind === "leaves" ? [nameOfFlight(event.flight, showing)] : [],
    );
  }

  function equal<Value>(what: string, found: Value, wanted: Value): void {
    that(`${what}: expected ${text(wanted)}, found ${text(found)}`, text(found) === text(wanted));
  }

  return {
    failures,
    get checked() {
      return checked;
    },
    that,
    equal,
    segments(wanted, key) {
      const found = names(key);
      const at = wanted.findIndex((name, index) => name !== found[index]);
      if (at >= 0) {
        that(`segment ${at + 1}: expected "${wanted[at]}", found ${quoted(found[at])}`, false);
      } else {
        const more = quoted(found[wanted.length]);
        that(
          `segment ${wanted.length + 1}: expected none, found ${more}`,
          found.length === wanted.length,
        );
      }
    },
    among(wanted, key) {
      let rest = names(key);
      for (const name of wanted) {
        const at = rest.indexOf(name);
        that(`expected a segment "${name}" at its place, found none`, at >= 0);
        rest = rest.slice(at + 1);
      }
    },
    states(side, wanted, key = firstKey()) {
      const found = historyOf(world.events, world.beginnings, side, key);
      equal(`states of the ${side}`, found.join(" > "), wanted.join(" > "));
    },
    error: (who, talk, wanted) => equal(`error that ${who} is told`, talk.error, wanted),
    idle({ side, stack }) {
      for (const { name, used } of stack.pools()) {
        if (POOLS.has(name)) equal(`${name} records of the ${side} in use at the end`, used, 0);
      }
    },
  };
}

const text = (value: unknown): string =>
  typeof value === "string" ? `"${value}"` : JSON.stringify(value);

const quoted = (found: string | undefined): string => (found === undefined ? "none" : `"${found}"`);
