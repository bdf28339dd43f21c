// What is set for a verb becomes the value of its options, where the command line says nothing: first mote.json, then
// the environment over it.

import type { Command, Option } from "commander";
import type { Io } from "../io.js";
import { verbs } from "../verbs.js";
import { readEnvironment } from "./environment.js";
import { readSettingsFile } from "./file.js";
import { isShared, settableOptions } from "./setting.js";

/** Where each option that was set comes from. */
export type Origins = ReadonlyMap<Option, string>;

/** Throws UsageError: a setting is wrong. */
export function applySettings(program: Command, command: Command, { env, folder }: Io): Origins {
  const settable = verbs.map(({ name, isNetwork = false }) => {
    const owner = program.commands.find((each) => each.name() === name)!;
    return { name, isNetwork, options: settableOptions(owner) };
  });
  const verb = settable.find(({ name }) => name === command.name());
  const origins = new Map<Option, string>();
  if (verb === undefined) return origins;
  const chosen = env["MOTE_CONFIG"] || undefined;
  const settings = [
    ...readSettingsFile(folder, chosen, verb.name, settable),
    ...readEnvironment(env, verb.name, verb.isNetwork, verb.options),
  ];
  const isTyped = new Set(
    verb.options.filter((option) => command.getOptionValueSource(option.attributeName()) === "cli"),
  );
  // A stack that runs has what is set for those of one's own.
  const takesRunning = command.getOptionValueSource("stack") === "cli";
  for (const { option, value, from } of settings) {
    if (isTyped.has(option) || (takesRunning && isShared(option))) continue;
    command.setOptionValueWithSource(option.attributeName(), value, "config");
    origins.set(option, from);
  }
  return origins;
}

/** What an error that speaks of options says about those that nobody has typed. */
export function originsNote(message: string, origins: Origins): string {
  const named = new Set(message.match(/(?<![\w-])--?[a-zA-Z][a-z-]*/g) ?? []);
  const notes = [...origins].flatMap(([{ long = "", short = "" }, from]) => {
    const word = [long, short].find((each) => named.has(each));
    return word === undefined ? [] : [`${word} is from ${from}`];
  });
  return notes.length === 0 ? "" : ` (${notes.join(", ")})`;
}
