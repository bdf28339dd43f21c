// The command line of `mote conformance`, checked and typed before a script is read.

import type { ProfileName } from "../../core/core.js";
import { suiteScripts, type SuiteScript } from "../../conformance/suite.js";
import { STATES } from "../../conformance/states.js";
import { suggestion } from "../../suggest.js";
import { UsageError } from "../exit.js";
import { profileNames } from "../serve/options.js";
import { oneOf } from "../words.js";

/** As commander gives them. */
export interface ConformanceWords {
  readonly profile?: string | undefined;
  readonly json?: boolean | undefined;
}

export interface ConformanceOptions {
  readonly profile: ProfileName;
  readonly scripts: readonly SuiteScript[];
  /** Of the package's scripts: what the profile does without. */
  readonly leftOut: number;
  readonly json: boolean;
}

export function parseConformance(
  words: readonly string[],
  { profile: word = "desktop", json = false }: ConformanceWords,
): ConformanceOptions {
  const profile = oneOf("--profile", word, profileNames);
  const { scripts, leftOut } = suiteScripts(profile);
  return { profile, scripts: chosen(scripts, words), leftOut, json };
}

/** Those whose event or state has one of the words in its name. */
function chosen(scripts: readonly SuiteScript[], words: readonly string[]): readonly SuiteScript[] {
  if (words.length === 0) return scripts;
  const names = new Set([...scripts.map(({ event }) => event.toUpperCase()), ...STATES]);
  // A whole name is that one alone: "fin" is no FIN-WAIT-1.
  const fits = (name: string | null, word: string): boolean =>
    names.has(word) ? name === word : name?.includes(word) === true;
  const has = ({ event, state }: SuiteScript, word: string): boolean =>
    fits(event.toUpperCase(), word) || fits(state, word);
  const wanted = words.map((word) => word.toUpperCase());
  wanted.forEach((word, i) => {
    if (scripts.some((script) => has(script, word))) return;
    const hint = suggestion(words[i]!, [...names]);
    throw new UsageError(`no event or state is called "${words[i]}"${hint}`);
  });
  return scripts.filter((script) => wanted.some((word) => has(script, word)));
}
