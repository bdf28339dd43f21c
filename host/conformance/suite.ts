// The scripts of the package: tests/packets, a folder for each event in each state, and scenarios. What each is expected
// to come to is known; a run says which did not.

import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProfileName } from "../core/core.js";
import { scriptFiles } from "../packetdrill/files.js";
import { runText, type ScriptResult } from "../packetdrill/runner.js";
import { EXCEPTIONS, withoutTimestampOption } from "./exceptions.js";
import { outcomeOf, type Outcome } from "./known.js";
import { STATES, type State } from "./states.js";

const FOLDER = fileURLToPath(new URL("../../../tests/packets", import.meta.url));

export interface SuiteScript {
  readonly file: string;
  /** Below tests/packets, with /. */
  readonly path: string;
  /** "fin", of fin-in-CLOSING; "scenarios". */
  readonly event: string;
  /** null: a scenario goes through several. */
  readonly state: State | null;
}

export interface SuiteOutcome extends SuiteScript {
  readonly outcome: Outcome;
  readonly result: ScriptResult;
}

/** All that `profile` can be asked, and how many it leaves out. */
export function suiteScripts(profile: ProfileName): {
  readonly scripts: readonly SuiteScript[];
  readonly leftOut: number;
} {
  const all = scriptFiles([FOLDER]).map(scriptOf);
  const exceptions = profile === "desktop" ? [] : EXCEPTIONS[profile];
  // Scenarios name their profile themselves.
  const isLeftOut = ({ path, state }: SuiteScript) =>
    profile !== "desktop" &&
    (state === null || exceptions.some(({ scripts }) => scripts.test(path)));
  const scripts = all.filter((script) => !isLeftOut(script));
  return { scripts, leftOut: all.length - scripts.length };
}

function scriptOf(file: string): SuiteScript {
  const path = relative(FOLDER, file).split(sep).join("/");
  const folder = path.split("/")[0]!;
  const state = STATES.find((each) => folder.endsWith(`-in-${each}`)) ?? null;
  const event = state === null ? folder : folder.slice(0, -`-in-${state}`.length);
  return { file, path, event, state };
}

export async function runSuite(
  scripts: readonly SuiteScript[],
  profile: ProfileName,
): Promise<SuiteOutcome[]> {
  const outcomes: SuiteOutcome[] = [];
  for (const script of scripts) {
    const { file, path } = script;
    const text = readFileSync(file, "utf8");
    const fitting = profile === "desktop" ? text : withoutTimestampOption(text);
    const result = await runText(file, fitting, { profile });
    outcomes.push({ ...script, outcome: outcomeOf(path, result.status === "passed"), result });
  }
  return outcomes;
}
