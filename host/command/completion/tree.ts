// The command tree as a shell needs it: which words may follow. Made from the same commands and options that parse the
// command line; what a value may be is told by the name of its place, as --help shows it.

import type { Argument, Command, Option } from "commander";
import { BOARDS, ENGINES } from "../../boards/board.js";
import { profileNames } from "../serve/options.js";
import { serviceNames } from "../services/names.js";
import { linkStarts } from "../network/words.js";
import { scenarioIds } from "../scenario/options.js";
import { nameOf } from "../settings/setting.js";
import { shells } from "./shells.js";

/** What a value can be: a file, a folder, one of some words, or something that nobody can guess. */
export type Values = "file" | "folder" | "any" | readonly string[];

export interface CompletedOption {
  /** "--link", "-c". */
  readonly words: readonly string[];
  /** null: it takes no value. */
  readonly values: Values | null;
  readonly text: string;
}

export interface CompletedVerb {
  readonly names: readonly string[];
  readonly text: string;
  readonly options: readonly CompletedOption[];
  /** Its arguments: all alike. */
  readonly values: Values;
}

/** By the name of the place. A word that ends with ":" is the beginning of one. */
const VALUES: Readonly<Record<string, Values>> = {
  file: "file",
  files: "file",
  folder: "folder",
  profile: profileNames,
  engine: ENGINES,
  board: BOARDS.map(({ name }) => name),
  services: serviceNames,
  shell: shells,
  scenario: scenarioIds,
};

/** All verbs, and the options that stand before one. */
export function completedTree(program: Command): readonly CompletedVerb[] {
  const help = {
    names: ["help"],
    text: "print the help of a command",
    options: [],
    values: program.commands.map((command) => command.name()),
  };
  return [...program.commands.map(verbOf), help];
}

export function programOptions(program: Command): readonly CompletedOption[] {
  return [...program.options.map(optionOf), HELP];
}

const HELP = { words: ["-h", "--help"], values: null, text: "print this help" };

function verbOf(command: Command): CompletedVerb {
  const [argument] = command.registeredArguments;
  return {
    names: [command.name(), ...command.aliases()],
    text: command.summary() || command.description(),
    options: [...command.options.filter(({ hidden }) => !hidden).map(optionOf), HELP],
    values: argument === undefined ? [] : argumentValues(argument),
  };
}

const argumentValues = (argument: Argument): Values =>
  valuesOf(argument.name(), argument.description);

/** Where the help names some of the words, these are all that fit. */
function valuesOf(place: string, help: string): Values {
  const values = VALUES[place] ?? "any";
  if (typeof values === "string") return values;
  const named = values.filter((word) => help.split(/[^\w-]+/).includes(word));
  return named.length > 1 ? named : values;
}

function optionOf(option: Option): CompletedOption {
  const { short, long, flags, description, required, optional } = option;
  const words = [short, long].filter((word) => word !== undefined);
  const takes = required || optional;
  return { words, values: takes ? optionValues(option, flags) : null, text: description };
}

function optionValues(option: Option, flags: string): Values {
  if (nameOf(option) === "link") return linkStarts(option.description);
  const [, place = ""] = /[<[]([^>\].]+)[^>\]]*[>\]]/.exec(flags) ?? [];
  return valuesOf(place, option.description);
}
