// npm run sim: runs of the simulator from the command line. A seed that fails says why and how to
// repeat it; the end says what was reached.

import { parseArgs } from "node:util";
import { PROFILES, type ProfileName } from "../../host/core/core.js";
import { createCoverage, OUT_OF_REACH } from "./coverage.js";
import { runSeed, SeedFailure } from "./run.js";

const USAGE = `npm run sim -- [--seeds N] [--seed N] [--profile tiny|esp32|desktop] [--verbose]
  --seeds N    runs the seeds 1 to N; 100 when nothing is said
  --seed N     runs this one, or begins with it when --seeds is given, too
  --profile P  both sides are of this profile; else the seed decides
  --verbose    prints every event of a single seed`;

const FAILURES_SHOWN = 5;

function numberOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`--${name} takes a positive whole number, not "${text}"\n${USAGE}`);
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string" },
      seed: { type: "string" },
      profile: { type: "string" },
      verbose: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  const profile = values.profile as ProfileName | undefined;
  if (profile && !PROFILES.includes(profile)) {
    throw new Error(`--profile takes ${PROFILES.join(", ")}, not "${profile}"\n${USAGE}`);
  }
  const seed = numberOf(values.seed, "seed");
  const seeds = numberOf(values.seeds, "seeds") ?? (seed ? 1 : 100);
  return { first: seed ?? 1, seeds, profile, verbose: values.verbose, help: values.help };
}

async function main(): Promise<void> {
  const { first, seeds, profile, verbose, help } = readArguments();
  if (help) return console.log(USAGE);
  const coverage = createCoverage();
  const outcomes: Record<string, number> = {};
  const started = performance.now();
  let failures = 0;
  const print = verbose && seeds === 1 ? (line: string) => console.log(line) : undefined;
  for (let seed = first; seed < first + seeds; seed++) {
    try {
      const result = await runSeed({ seed, ...(profile && { profile }), ...(print && { print }) });
      coverage.add(result.coverage);
      for (const [name, count] of Object.entries(result.outcomes)) {
        outcomes[name] = (outcomes[name] ?? 0) + count;
      }
      if (print) console.log(`${result.tookMs} ms of virtual time, frames ${result.hash}`);
    } catch (error) {
      if (!(error instanceof SeedFailure)) throw error;
      if (++failures <= FAILURES_SHOWN) console.error(`${error.message}\n`);
      else console.error(error.message.split("\n")[0]);
    }
  }
  const seconds = (performance.now() - started) / 1000;
  if (failures < seeds) report(coverage.missing());
  const ends = Object.entries(outcomes).map(([name, count]) => `${name} ${count}`);
  console.log(`ends: ${ends.join(", ")}`);
  console.log(`${seeds} seeds, ${failures} failed, ${(seeds / seconds).toFixed(1)} a second`);
  if (failures > 0) process.exitCode = 1;
}

function report(missing: string[]): void {
  if (missing.length > 0) {
    console.log("What these seeds did not reach (no failure: docs/explanation/simulator.md):");
  }
  for (const name of missing) {
    console.log(
      `not reached: ${name}${OUT_OF_REACH.has(name) ? ` (${OUT_OF_REACH.get(name)})` : ""}`,
    );
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
