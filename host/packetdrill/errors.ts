// What can be wrong with a script, in three kinds: the script itself (with file, line and column),
// something that it asks for and that the stack or the runner does not have, and the behaviour of
// the stack. Each is told in words that stand alone.

export interface Place {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

export type ProblemKind = "mistake" | "unsupported" | "failure";

/** The script cannot be run, or the stack did not do what it says. */
export class ScriptProblem extends Error {
  readonly code = "MOTE_SCRIPT";
  readonly kind: ProblemKind;
  /** Filled in where the event is known, if the one who throws does not know it. */
  place: Place | undefined;
  /** Moment of the script, microseconds; filled in like the place. */
  atUs: number | undefined;
  /** What the script has, and what came, in the dialect. */
  readonly expected: string | undefined;
  readonly found: string | undefined;

  constructor(
    kind: ProblemKind,
    message: string,
    place?: Place,
    details: { expected?: string; found?: string } = {},
  ) {
    super(message);
    this.kind = kind;
    this.place = place;
    this.expected = details.expected;
    this.found = details.found;
  }
}

export function mistake(message: string, place?: Place): ScriptProblem {
  return new ScriptProblem("mistake", message, place);
}

export function unsupported(message: string, place?: Place): ScriptProblem {
  return new ScriptProblem("unsupported", message, place);
}

export function failure(
  message: string,
  details: { expected?: string; found?: string } = {},
): ScriptProblem {
  return new ScriptProblem("failure", message, undefined, details);
}
