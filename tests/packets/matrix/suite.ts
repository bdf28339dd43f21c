// The whole suite: every script below tests/packets and tests/packetdrill, and what became of each.

import { relative, sep } from "node:path";
import { scriptFiles } from "../../../host/packetdrill/files.js";
import {
  runScripts,
  type RunOptions,
  type ScriptResult,
} from "../../../host/packetdrill/runner.js";
import { fromRoot } from "../../static/support/module.js";
import { isKnownFailure, outcomeOf } from "../../../host/conformance/known.js";
import type { OutcomeOf } from "./summary.js";

const PACKETS = fromRoot("tests/packets");

export const allFiles = (): string[] => scriptFiles([PACKETS, fromRoot("tests/packetdrill")]);

/** Below tests/packets, with /. */
export const pathBelow = (file: string): string => relative(PACKETS, file).split(sep).join("/");

export interface SuiteParts {
  readonly cells: number;
  readonly scenarios: number;
  /** tests/packetdrill: what the runner itself must know. */
  readonly others: number;
}

/** How many scripts the suite has, by what they are for. */
export function partsOf(files: readonly string[]): SuiteParts {
  const paths = files.map(pathBelow);
  const scenarios = paths.filter((path) => path.startsWith("scenarios/")).length;
  const others = paths.filter((path) => path.startsWith("../")).length;
  return { cells: paths.length - scenarios - others, scenarios, others };
}

export interface SuiteResult {
  readonly results: readonly ScriptResult[];
  readonly ms: number;
  readonly outcomeOf: OutcomeOf;
  /** Failures that are not known. */
  readonly failed: readonly ScriptResult[];
  /** Known to fail, but passed. */
  readonly recovered: readonly ScriptResult[];
}

export async function runSuite(
  files: readonly string[] = allFiles(),
  options: RunOptions = {},
): Promise<SuiteResult> {
  const started = performance.now();
  const results = await runScripts(files, options);
  const passed = new Set(
    results.filter(({ status }) => status === "passed").map(({ file }) => pathBelow(file)),
  );
  const isKnown = ({ file }: ScriptResult) => isKnownFailure(pathBelow(file));
  return {
    results,
    ms: performance.now() - started,
    outcomeOf: (path) => outcomeOf(path, passed.has(path)),
    failed: results.filter((result) => result.status !== "passed" && !isKnown(result)),
    recovered: results.filter((result) => result.status === "passed" && isKnown(result)),
  };
}

/** What the table expects: the page is made from this. */
export const expectedOutcome: OutcomeOf = (path) => (isKnownFailure(path) ? "known" : "passed");

/** Where and how a script failed, for people. */
export function problemText({ file, status, problem }: ScriptResult): string {
  const { line = 1, column = 1, message = "", source = "", expected, found } = problem ?? {};
  const details = [
    ["script", source],
    ["expected", expected],
    ["found", found],
  ].flatMap(([name, text]) => (text === undefined ? [] : [`    ${`${name}:`.padEnd(10)}${text}`]));
  return [
    `${status} ${relative(fromRoot("."), file)}:${line}:${column}: ${message}`,
    ...details,
  ].join("\n");
}
