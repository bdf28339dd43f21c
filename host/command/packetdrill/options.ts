// The command line of `mote packetdrill`, checked and typed before a script is read.

import { existsSync } from "node:fs";
import type { ProfileName } from "../../core/core.js";
import { configure, defaultConfig } from "../../packetdrill/config.js";
import { scriptFiles } from "../../packetdrill/files.js";
import type { ScriptOption } from "../../packetdrill/script.js";
import { messageOf, UsageError } from "../exit.js";
import { profileNames } from "../serve/options.js";
import { suggestion } from "../../suggest.js";

/** As commander gives them. */
export interface PacketdrillWords {
  profile?: string;
  define?: readonly string[];
  set?: readonly string[];
  verbose?: boolean;
  json?: boolean;
}

export interface PacketdrillOptions {
  readonly files: readonly string[];
  readonly profile: ProfileName;
  readonly defines: ReadonlyMap<string, string>;
  readonly settings: readonly ScriptOption[];
  readonly verbose: boolean;
  readonly json: boolean;
}

export function parsePacketdrill(
  paths: readonly string[],
  words: PacketdrillWords,
): PacketdrillOptions {
  return {
    files: parsePaths(paths),
    profile: parseProfile(words.profile ?? "desktop"),
    defines: new Map((words.define ?? []).map(parseDefine)),
    settings: (words.set ?? []).map(parseSetting),
    verbose: words.verbose ?? false,
    json: words.json ?? false,
  };
}

function parsePaths(paths: readonly string[]): string[] {
  for (const path of paths) {
    if (!existsSync(path)) throw new UsageError(`there is no file or folder ${path}`);
  }
  const files = scriptFiles(paths);
  if (files.length > 0) return files;
  throw new UsageError(`no script (*.pkt) below ${paths.join(", ")}`);
}

function parseProfile(word: string): ProfileName {
  const name = profileNames.find((known) => known === word);
  if (name !== undefined) return name;
  throw new UsageError(`no profile is called "${word}"${suggestion(word, profileNames)}`);
}

function parseDefine(word: string): [string, string] {
  const [, name, value = "1"] = /^([A-Za-z_]\w*)(?:=([^]*))?$/.exec(word) ?? [];
  if (name !== undefined) return [name, value];
  throw new UsageError(`-D ${word}: expected NAME or NAME=VALUE`);
}

/** What a script would have as `--name=value`, checked as it would be there. */
function parseSetting(word: string): ScriptOption {
  const [, name = "", value = ""] = /^([\w-]+)(?:=([^]*))?$/.exec(word) ?? [];
  const setting = { name, value, place: { line: 1, column: 1 } };
  try {
    configure(defaultConfig("desktop"), [setting]);
    return setting;
  } catch (error) {
    throw new UsageError(`--set ${word}: ${messageOf(error)}`);
  }
}
