// Runs many scripts: each on a core that initialise() makes new, so that thousands take seconds.
// The result of a script says whether it passed, and if not, where and why.

import { readFileSync } from "node:fs";
import type { Core, ProfileName, VariantName } from "../core/core.js";
import { createCore } from "../node/builds.js";
import { configure, defaultConfig } from "./config.js";
import { ScriptProblem, type ProblemKind } from "./errors.js";
import type { Defines } from "./lexer.js";
import { parseScript } from "./parse.js";
import { runScript, type Note } from "./run.js";
import type { ScriptOption } from "./script.js";

export interface RunOptions {
  /** For scripts that name none. Default desktop. */
  profile?: ProfileName;
  variant?: VariantName;
  /** Names that are defined besides MOTETCP, with their values. */
  defines?: ReadonlyMap<string, string>;
  /** Options as scripts have them at their top, for every script; a script's own come later. */
  settings?: readonly ScriptOption[];
  /** Where a script's core comes from. By default one instance of each build serves all scripts. */
  core?: (profile: ProfileName, variant: VariantName) => Promise<Core>;
  /** Told what happens in which script. */
  onEvent?: (file: string, atUs: number, text: string) => void;
}

export type ScriptStatus = "passed" | "failed" | "mistake" | "unsupported";

export interface ScriptResult {
  readonly file: string;
  readonly status: ScriptStatus;
  /** Real time that it took. */
  readonly ms: number;
  readonly problem?: {
    readonly line: number;
    readonly column: number;
    readonly message: string;
    /** The line of the script. */
    readonly source: string;
    readonly expected?: string;
    readonly found?: string;
    /** Moment of the script, seconds. */
    readonly time?: number;
  };
}

const STATUS: Readonly<Record<ProblemKind, ScriptStatus>> = {
  mistake: "mistake",
  unsupported: "unsupported",
  failure: "failed",
};

/** Runs scripts one after the other; `onResult` is told each as it ends. */
export async function runScripts(
  files: readonly string[],
  options: RunOptions = {},
  onResult: (result: ScriptResult) => void = () => undefined,
): Promise<ScriptResult[]> {
  const results: ScriptResult[] = [];
  for (const file of files) {
    const result = await runText(file, readFileSync(file, "utf8"), options);
    results.push(result);
    onResult(result);
  }
  return results;
}

/** Runs the text of one script. */
export async function runText(
  file: string,
  source: string,
  options: RunOptions = {},
): Promise<ScriptResult> {
  const started = performance.now();
  const { onEvent } = options;
  const note: Note | undefined = onEvent && ((atUs, text) => onEvent(file, atUs, text));
  try {
    const defines: Defines = new Map(options.defines);
    const script = parseScript(file, source, defines);
    const base = defaultConfig(options.profile ?? "desktop");
    const config = configure(base, [...(options.settings ?? []), ...script.options]);
    const core = await (options.core ?? coreFor)(config.profile, options.variant ?? "release");
    runScript(script, core, config, note);
    return { file, status: "passed", ms: performance.now() - started };
  } catch (error) {
    if (!(error instanceof ScriptProblem)) forgetCores();
    return { ...told(file, source, error), ms: performance.now() - started };
  }
}

function told(file: string, source: string, error: unknown): Omit<ScriptResult, "ms"> {
  // Anything else is the stack's fault, as a trap, or ours.
  const problem = error instanceof ScriptProblem ? error : undefined;
  const other = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const { line, column } = problem?.place ?? { line: 1, column: 1 };
  const { expected, found, atUs } = problem ?? {};
  return {
    file,
    status: problem ? STATUS[problem.kind] : "failed",
    problem: {
      line,
      column,
      message: problem?.message ?? other,
      source: source.split("\n")[line - 1]?.trim() ?? "",
      ...(expected === undefined ? {} : { expected }),
      ...(found === undefined ? {} : { found }),
      ...(atUs === undefined ? {} : { time: atUs / 1e6 }),
    },
  };
}

const cores = new Map<string, Promise<Core>>();

function coreFor(profile: ProfileName, variant: VariantName): Promise<Core> {
  const key = `${profile}.${variant}`;
  const known = cores.get(key) ?? createCore(profile, variant);
  cores.set(key, known);
  known.catch(() => cores.delete(key));
  return known;
}

/** After a trap, an instance is not used again. */
function forgetCores(): void {
  cores.clear();
}
