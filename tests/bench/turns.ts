// Two ways to carry bulk, measured in turns over TAP: what changes steadily meanwhile favours neither, and the ratio is the
// median of the rounds' ratios.

import { writeFileSync } from "node:fs";
import { runLoad, type LoadOptions } from "./load.js";
import type { Peer } from "./peer.js";
import { gigabits, median } from "./report.js";

export interface TurnsOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly json: string | undefined;
  readonly cpus: readonly [number, number] | undefined;
  readonly load: Pick<LoadOptions, "program" | "congestion">;
  progress(text: string): void;
}

const WAYS = ["sink", "source"] as const;
export type Way = (typeof WAYS)[number];

/** Gbit/s of one of the two. */
export interface Turn {
  readonly name: string;
  measure(way: Way): Promise<number>;
}

interface Round {
  readonly way: Way;
  readonly rates: Readonly<Record<string, number>>;
}

/** As with the other measures: far above what a second can carry. */
const BYTES_LIMIT = 20e9;

/** Of the bench's own load. */
export async function bulkRate(way: Way, peer: Peer, options: TurnsOptions): Promise<number> {
  const { seconds, cpus, load } = options;
  const times = { seconds, warmUpSeconds: 0.3, limit: BYTES_LIMIT };
  return gigabits(await runLoad(peer, way, { ...load, ...times, cpu: cpus?.[1] }));
}

/** Prints what the first reaches of the second, beside what is required of it. */
export async function inTurns(
  options: TurnsOptions,
  turns: readonly [Turn, Turn],
  required: number,
): Promise<void> {
  const rounds: Round[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    options.progress(`round ${round} of ${options.rounds}`);
    for (const way of WAYS) {
      const rates: Record<string, number> = {};
      for (const turn of round % 2 === 0 ? [turns[1], turns[0]] : turns) {
        rates[turn.name] = await turn.measure(way);
      }
      rounds.push({ way, rates });
    }
  }
  options.progress("");
  for (const way of WAYS) print(way, rounds, turns, required);
  if (options.json === undefined) return;
  writeFileSync(options.json, `${JSON.stringify({ rounds }, null, 2)}\n`);
}

function print(
  way: Way,
  rounds: readonly Round[],
  [first, second]: readonly [Turn, Turn],
  required: number,
): void {
  const those = rounds.filter((round) => round.way === way);
  const rateOf = ({ name }: Turn): string => {
    const rate = median(those.map(({ rates }) => rates[name]!));
    return `${name} ${rate.toFixed(2)} Gbit/s`;
  };
  const ratio = median(those.map(({ rates }) => rates[first.name]! / rates[second.name]!));
  const verdict = ratio >= required ? "reached" : "not reached";
  console.log(
    `${way.padEnd(7)} ${rateOf(first)}, ${rateOf(second)}, ratio ${ratio.toFixed(2)} ` +
      `(required ${required}: ${verdict})`,
  );
}
