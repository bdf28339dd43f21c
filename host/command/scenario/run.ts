// One run of `mote scenario`: lists the scenarios, or lets some happen and shows them. What did not happen as it should
// is one line on stderr.

import { DEFAULT_WIDTH, LEAST_WIDTH } from "../../dissect/ladder.js";
import { createStack } from "../../node/createStack.js";
import { scenarios } from "../../scenario/catalogue.js";
import { capturedFrames, runScenario, type Outcome } from "../../scenario/run.js";
import type { StackMaker } from "../../scenario/world.js";
import type { Rule } from "../../scenario/wire.js";
import { roomOf } from "../columns.js";
import { EXIT_FAILURE, EXIT_OK } from "../exit.js";
import { plural } from "../format.js";
import type { Io } from "../io.js";
import { openCapture } from "../tcpdump/writing.js";
import { listJson, outcomeJson } from "./json.js";
import type { ScenarioOptions } from "./options.js";
import { listLines, pageLines } from "./page.js";

/** For tests. */
export interface Means {
  readonly createStack?: StackMaker;
  readonly tamper?: Rule;
}

export async function scenario(
  options: ScenarioOptions,
  io: Io,
  means: Means = {},
): Promise<number> {
  const { seed, pcap, json } = options;
  const room = roomOf(io.stdout);
  const width = Math.max(LEAST_WIDTH, options.width ?? (room === Infinity ? DEFAULT_WIDTH : room));
  const print = (lines: readonly string[]): void =>
    void (pcap !== "-" && io.stdout.write(`${lines.join("\n")}\n`));
  if (options.ids.length === 0) {
    print(json ? listJson() : listLines(io.paint, width));
    return EXIT_OK;
  }
  // Nothing is run for a file that cannot be written.
  const capture = pcap === undefined ? null : openCapture(pcap, options, io);
  const outcomes: Outcome[] = [];
  try {
    for (const id of options.ids) {
      const each = scenarios.find((row) => row.id === id)!;
      const outcome = await runScenario(each, { createStack, seed, ...means });
      if (outcomes.length > 0 && !json) print([""]);
      print(json ? [outcomeJson(outcome)] : pageLines(outcome, io.paint, width));
      outcomes.push(outcome);
    }
    if (capture !== null) {
      for (const { timeUs, bytes } of capturedFrames(outcomes)) {
        capture.add({ frame: { timeUs, bytes, length: bytes.length, direction: null } });
      }
    }
  } finally {
    capture?.end();
  }
  if (capture?.path !== undefined) {
    const count = outcomes.reduce((sum, { frames }) => sum + frames.length, 0);
    io.stderr.write(`${plural(count, "frame")} written to ${capture.path}.\n`);
  }
  return judge(outcomes, io);
}

function judge(outcomes: readonly Outcome[], { stderr }: Io): number {
  const failed = outcomes.filter(({ failures }) => failures.length > 0);
  for (const { scenario: row, failures } of failed) {
    const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : "";
    stderr.write(`mote scenario: ${row.id} did not happen as it should: ${failures[0]}${more}\n`);
  }
  return failed.length === 0 ? EXIT_OK : EXIT_FAILURE;
}
