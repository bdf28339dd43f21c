// Arguments of calls: each has a name and what it may be. What is not known, or not of its kind, is refused.

import { Option } from "../core/generated/abi.js";
import { suggestion } from "../suggest.js";
import { controlError } from "./protocol.js";

export type Arguments = Readonly<Record<string, unknown>>;

/** What an argument may be. */
export interface ArgumentKind {
  isGood(value: unknown): boolean;
  /** "a whole number from 1 to 9". */
  readonly form: string;
}

export type ArgumentKinds = Readonly<Record<string, ArgumentKind>>;

export function wholeNumber(least: number, most: number): ArgumentKind {
  return {
    isGood: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
    form: `a whole number from ${least} to ${most}`,
  };
}

export function number(least: number, most: number): ArgumentKind {
  return {
    isGood: (value) => typeof value === "number" && value >= least && value <= most,
    form: `a number from ${least} to ${most}`,
  };
}

/** Of so many characters. */
export function text(least: number, most: number): ArgumentKind {
  return {
    isGood: (value) => typeof value === "string" && value.length >= least && value.length <= most,
    form: `a text of ${least} to ${most} characters`,
  };
}

/** Dotted: the stack looks at it closely. */
export const address = text(7, 15);

export function oneOf(words: readonly string[]): ArgumentKind {
  return {
    isGood: (value) => (words as readonly unknown[]).includes(value),
    form: `one of ${words.join(", ")}`,
  };
}

/** An object with names and values of these kinds. */
export function map(name: ArgumentKind, value: ArgumentKind): ArgumentKind {
  const isPair = ([key, each]: [string, unknown]) => name.isGood(key) && value.isGood(each);
  return {
    isGood: (given) =>
      typeof given === "object" &&
      given !== null &&
      !Array.isArray(given) &&
      Object.entries(given).every(isPair),
    form: `an object: each name is ${name.form}, each value ${value.form}`,
  };
}

export const flag: ArgumentKind = {
  isGood: (value) => typeof value === "boolean",
  form: "true or false",
};

/** Options by their names, with values that the stack looks at closely. */
export const optionName = oneOf(Object.keys(Option));
export const optionValue = wholeNumber(0, 2 ** 31 - 1);

/** What `input` says to a call that goes on, for which `kinds` has each action with what it takes. Throws EINVAL. */
export function checkInput(kinds: Readonly<Record<string, ArgumentKinds>>, given: Arguments) {
  const { action, ...rest } = given;
  if (typeof action !== "string" || !Object.hasOwn(kinds, action))
    throw controlError("EINVAL", `input: action is one of ${Object.keys(kinds).join(", ")}`);
  checkArguments(`input ${action}`, kinds[action]!, rest);
  return { action, rest };
}

/** Throws EINVAL: one that the call does not take, or that is not what it has to be. */
export function checkArguments(call: string, kinds: ArgumentKinds, given: Arguments): void {
  for (const [name, value] of Object.entries(given)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      const known = Object.keys(kinds);
      const text = `${call} takes no argument "${name.slice(0, 64)}"${suggestion(name.slice(0, 64), known)}`;
      throw controlError("EINVAL", text);
    }
    if (!kind.isGood(value)) throw controlError("EINVAL", `${call}: ${name} is ${kind.form}`);
  }
}
