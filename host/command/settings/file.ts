// Defaults from mote.json, in the folder in which mote is called: {"link": "user", "ping": {"count": 3}}. All of it
// is checked, also what is about other verbs: a word that is wrong is found before it is needed.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Option } from "commander";
import { suggestion } from "../../suggest.js";
import { codeOf, CommandError, UsageError } from "../exit.js";
import { READ_TROUBLE } from "../files.js";
import { nameOf, SHARED, settingOf, type Setting } from "./setting.js";

/** A verb as the file sees it. */
export interface SettableVerb {
  readonly name: string;
  readonly isNetwork: boolean;
  readonly options: readonly Option[];
}

const FILE = "mote.json";

/** Later ones count more. `chosen`: the file of MOTE_CONFIG, which has to be there. */
export function readSettingsFile(
  folder: string,
  chosen: string | undefined,
  verb: string,
  verbs: readonly SettableVerb[],
): Setting[] {
  const from = chosen ?? FILE;
  const all = readObject(resolve(folder, from), from, chosen !== undefined);
  if (all === null) return [];
  const shared: Setting[] = [];
  const own: Setting[] = [];
  for (const [key, value] of Object.entries(all)) {
    const section = verbs.find(({ name }) => name === key);
    if (section !== undefined) {
      const settings = readSection(section, value, from);
      if (key === verb) own.push(...settings);
    } else if ((SHARED as readonly string[]).includes(key)) {
      for (const each of verbs.filter(({ isNetwork }) => isNetwork)) {
        const option = each.options.find((one) => nameOf(one) === key);
        if (option === undefined) continue;
        const setting = settingOf(option, value, from, `"${key}"`);
        if (each.name === verb) shared.push(setting);
      }
    } else {
      const known = [...SHARED, ...verbs.map(({ name }) => name)];
      throw new UsageError(`${from}: there is no setting "${key}"${suggestion(key, known)}`);
    }
  }
  return [...shared, ...own];
}

function readSection({ name, options }: SettableVerb, value: unknown, from: string): Setting[] {
  if (!isObject(value)) {
    throw new UsageError(`${from}: "${name}" is an object with options of mote ${name}`);
  }
  return Object.entries(value).map(([key, each]) => {
    const option = options.find((one) => nameOf(one) === key);
    if (option !== undefined) return settingOf(option, each, from, `"${key}" of "${name}"`);
    const hint = suggestion(key, options.map(nameOf));
    throw new UsageError(`${from}: mote ${name} has no option "${key}"${hint}`);
  });
}

/** null: there is no such file, and nobody has asked for one. */
function readObject(path: string, from: string, isWanted: boolean): object | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT" && !isWanted) return null;
    const why = READ_TROUBLE[codeOf(error)] ?? codeOf(error);
    const hint = isWanted ? "MOTE_CONFIG names it" : undefined;
    throw new CommandError(codeOf(error), `${path}: ${why}`, hint, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${from} is no JSON: ${(error as Error).message}`, { cause: error });
  }
  if (isObject(value)) return value;
  throw new UsageError(`${from} is a JSON object, as in {"link": "user", "ping": {"count": 3}}`);
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
