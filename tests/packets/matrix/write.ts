// Writes the scripts of the matrix into tests/packets/EVENT-in-STATE/, and removes those that the
// table no longer has.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fromRoot } from "../../static/support/module.js";
import { allScripts } from "./emit.js";

const FOLDER = fromRoot("tests/packets");

/** Folders named EVENT-in-STATE: all in them is written here. */
const isOurs = (name: string) => /-in-[A-Z0-9-]+$/.test(name);

/** What is there and what should be: undefined where a file is missing or too many. */
export function differences(): { path: string; wanted: string | undefined }[] {
  const wanted = new Map(allScripts().map(({ path, text }) => [path, text]));
  const folders = readdirSync(FOLDER).filter(isOurs);
  const present = folders.flatMap((folder) =>
    readdirSync(join(FOLDER, folder)).map((name) => `${folder}/${name}`),
  );
  const paths = [...new Set([...wanted.keys(), ...present])].sort();
  return paths
    .filter((path) => read(path) !== wanted.get(path))
    .map((path) => ({ path, wanted: wanted.get(path) }));
}

function read(path: string): string | undefined {
  const file = join(FOLDER, path);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function write({ path, wanted }: { path: string; wanted: string | undefined }): void {
  const file = join(FOLDER, path);
  if (wanted === undefined) {
    rmSync(file);
    if (readdirSync(dirname(file)).length === 0) rmSync(dirname(file), { recursive: true });
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, wanted);
}

export function writeAll(): void {
  for (const difference of differences()) write(difference);
}
