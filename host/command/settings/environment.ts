// Defaults from the environment: MOTE_PING_COUNT=3 is --count 3 of mote ping, MOTE_LINK=user is --link user of
// every verb that sits on a network.

import type { Option } from "commander";
import { suggestion } from "../../suggest.js";
import { UsageError } from "../exit.js";
import { isShared, isSwitch, nameOf, settingOf, type Setting } from "./setting.js";
import { repeated } from "../words.js";

const PREFIX = "MOTE_";

const variable = (...names: string[]) =>
  PREFIX + names.join("_").toUpperCase().replaceAll("-", "_");

/** Later ones count more: those of the verb come behind the shared ones. */
export function readEnvironment(
  env: NodeJS.ProcessEnv,
  verb: string,
  isNetwork: boolean,
  options: readonly Option[],
): Setting[] {
  checkNames(env, verb, options);
  const shared = options.filter(isShared);
  return [
    ...(isNetwork ? shared : []).map((option) => [variable(nameOf(option)), option] as const),
    ...options.map((option) => [variable(verb, nameOf(option)), option] as const),
  ].flatMap(([name, option]) => {
    const word = env[name];
    // Set to nothing is as good as not set: shells cannot always unset.
    return word === undefined || word === "" ? [] : [read(name, word, option)];
  });
}

/** A variable that begins with the verb's name can mean nothing else. */
function checkNames(env: NodeJS.ProcessEnv, verb: string, options: readonly Option[]): void {
  const known = options.map((option) => variable(verb, nameOf(option)));
  for (const [name, word] of Object.entries(env)) {
    if (!name.startsWith(`${variable(verb)}_`) || word === "" || known.includes(name)) continue;
    throw new UsageError(`${name}: mote ${verb} has no such option${suggestion(name, known)}`);
  }
}

const SWITCHES: Readonly<Record<string, boolean>> = { 1: true, true: true, 0: false, false: false };

function read(name: string, word: string, option: Option): Setting {
  if (isSwitch(option)) return settingOf(option, SWITCHES[word] ?? word, name, "the value");
  return settingOf(option, option.parseArg === repeated ? word.split(",") : word, name, "it");
}
