// Tools of the project that write what users compile: run as users do, into a folder of the test's.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { promisify } from "node:util";
import { fromRoot, type Profile } from "../../static/support/module.js";

const execute = promisify(execFile);

/** Runs a compiler, or what is as slow, to its end; its stdout. Throws with what it said. */
export async function compile(program: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await execute(program, words, { timeout: 300_000, maxBuffer: 1 << 26 });
  return stdout;
}

const folders = new Map<string, Promise<string>>();
after(async () => {
  for (const made of folders.values()) rmSync(await made, { recursive: true });
});

async function make(tool: string, profile: Profile, words: (folder: string) => string[]) {
  const folder = mkdtempSync(join(tmpdir(), `mote-${tool}-`));
  await compile(process.execPath, fromRoot(`tools/${tool}.mjs`), profile, ...words(folder));
  return folder;
}

function madeOnce(tool: string, profile: Profile, words: (folder: string) => string[]) {
  const key = `${tool} ${profile}`;
  const folder = folders.get(key) ?? make(tool, profile, words);
  folders.set(key, folder);
  return folder;
}

/** The folder that `npm run firmware` writes for a profile. */
export const firmwareFolder = (profile: Profile) =>
  madeOnce("firmware", profile, (folder) => [folder]);

/** The prefix that `npm run library` has installed a profile to. */
export const libraryPrefix = (profile: Profile) =>
  madeOnce("library", profile, (folder) => ["--prefix", folder]);

/** The folder of C of an example in AssemblyScript; its module is build/NAME.wasm then. */
export const applicationFolder = (name: string) =>
  madeOnce("application", "tiny", (folder) => [fromRoot(`examples/${name}`), "--c", folder]);
