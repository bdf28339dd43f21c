// Writes the scripts of the matrix into tests/packets/EVENT-in-STATE/, and removes those that the
// table no longer has. `--check` writes nothing and fails when they differ.
//
//   node dist/tests/packets/matrix/write.js [--check]

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const found = differences();
  if (process.argv.includes("--check")) {
    for (const { path } of found) console.error(`tests/packets/${path} differs from the table`);
    if (found.length > 0) process.exitCode = 1;
  } else {
    for (const difference of found) write(difference);
    console.error(`${found.length} of ${allScripts().length} scripts written`);
  }
}
