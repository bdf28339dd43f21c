// Scenarios run by tests: on which builds, and their captures as files.

import { openSync, closeSync } from "node:fs";
import { createPacketWriter } from "../../../host/link/pcapng.js";
import { createStack } from "../../../host/node/createStack.js";
import { writeAll } from "../../../host/node/writeAll.js";
import type { VariantName } from "../../../host/core/stack.js";
import { scenarios } from "../../../host/scenario/catalogue.js";
import {
  capturedFrames,
  runScenario,
  type Outcome,
  type RunOptions,
} from "../../../host/scenario/run.js";
import type { Scenario } from "../../../host/scenario/scenario.js";
import type { StackMaker } from "../../../host/scenario/world.js";

/** Stacks of one build. */
export const maker =
  (variant: VariantName): StackMaker =>
  (options) =>
    createStack({ ...options, variant });

export function scenarioNamed(id: string): Scenario {
  const found = scenarios.find((each) => each.id === id);
  if (found === undefined) throw new Error(`there is no scenario ${id}`);
  return found;
}

export const runNamed = (id: string, options: Partial<RunOptions> = {}): Promise<Outcome> =>
  runScenario(scenarioNamed(id), { createStack: maker("release"), ...options });

/** Everything that can be shown of a run, as one text. */
export const told = (outcome: Outcome): string =>
  [
    ...outcome.ladder(80),
    ...outcome.sheets.flatMap(({ title, lines }) => [title, ...lines]),
    JSON.stringify(outcome.histories),
    ...outcome.failures,
  ].join("\n");

/** The bytes that were on the wire. */
export const wireBytes = (outcome: Outcome): Buffer =>
  Buffer.concat(outcome.frames.map(({ bytes }) => Buffer.from(bytes)));

export function writeCapture(outcome: Outcome, path: string): void {
  const fd = openSync(path, "w");
  const writer = createPacketWriter((bytes) => writeAll(fd, bytes));
  for (const { bytes, timeUs } of capturedFrames([outcome])) writer.frame(bytes, null, timeUs);
  writer.flush();
  closeSync(fd);
}
