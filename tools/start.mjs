// `npm start`: builds what `mote serve` needs for the words it got, and becomes it. One script for
// both, because npm gives the words of its command line to the last command of a line only.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./lib/files.mjs";

const MAIN = join(ROOT, "dist/host/command/main.js");

/** What follows --profile; an unknown one is left to the command, which knows what to say. */
function profileAsked(words) {
  const at = words.findLastIndex((word) => /^--profile(=|$)/.test(word));
  if (at < 0) return [];
  const [, name = words[at + 1]] = words[at].split("=");
  return /^(tiny|esp32)$/.test(name ?? "") ? [name] : [];
}

/** Builds with its messages on stderr; false when that failed. */
function build(profiles) {
  const words = [join(ROOT, "tools/build.mjs"), "--start", ...profiles];
  const stdio = ["ignore", process.stderr, process.stderr];
  return spawnSync(process.execPath, words, { stdio }).status === 0;
}

const words = process.argv.slice(2);
if (build(profileAsked(words))) {
  process.argv = [process.execPath, MAIN, "serve", ...words];
  await import(pathToFileURL(MAIN).href);
} else {
  process.exitCode = 1;
}
