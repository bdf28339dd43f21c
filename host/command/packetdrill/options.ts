// The command line of `mote packetdrill`, checked and typed before a script is read.

import { existsSync } from "node:fs";
import type { ProfileName } from "../../core/core.js";
import { parseStackOption } from "../../packetdrill/config.js";
import { scriptFiles } from "../../packetdrill/files.js";
import { messageOf, UsageError } from "../exit.js";
import { profileNames } from "../serve/options.js";
import { suggestion } from "../suggest.js";

/** As commander gives them. */
export interface PacketdrillWords {
  profile?: string;
  define?: readonly string[];
  option?: readonly string[];
  verbose?: boolean;
  json?: boolean;
}

export interface PacketdrillOptions {
  readonly files: readonly string[];
  readonly profile: ProfileName;
  readonly defines: ReadonlyMap<string, string>;
  readonly stackOptions: readonly (readonly [number, number])[];
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
    stackOptions: (words.option ?? []).map(parseOption),
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

function parseOption(word: string): [number, number] {
  try {
    return parseStackOption(word);
  } catch (error) {
    throw new UsageError(`--option ${word}: ${messageOf(error)}`);
  }
}
