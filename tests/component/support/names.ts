// Names of the component's enums and flags, by the numbers that the core has for them: the order is that of the cases.

import { Errno, Event, Option } from "../../../host/core/generated/abi.js";
import { casesOf } from "./wit.js";

/** error-code: case i is Errno i + 1. */
export const ERRORS = casesOf("types", "error-code");
/** option-name: case i is Option i + 1. */
export const OPTIONS = casesOf("options", "option-name");
/** event: flag i is bit i of Event. */
const EVENTS = casesOf("events", "event");

/** -Errno of an error's name. */
export function errnoOf(name: string): number {
  const i = ERRORS.indexOf(name);
  if (i < 0) throw new RangeError(`there is no error ${name}`);
  return -(i + Errno.EAGAIN);
}

export function optionOf(option: number): string {
  const name = OPTIONS[option - Option.NO_DELAY];
  if (name === undefined) throw new RangeError(`there is no option ${option}`);
  return name;
}

const camel = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Event bits of flags as jco has them. */
export function eventBits(flags: Record<string, boolean>): number {
  return EVENTS.reduce(
    (bits, name, i) => (flags[camel(name)] ? bits | (Event.ACCEPT << i) : bits),
    0,
  );
}
