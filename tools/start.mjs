// `npm start`: installs, builds what `mote serve` needs for the words it got, and becomes it. One
// script, because npm gives the words of its command line to the last command of a line only.

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

/** Runs a tool with its messages on stderr; false when it failed. */
function run(tool, words = []) {
  const { status, error } = spawnSync(process.execPath, [join(ROOT, "tools", tool), ...words], {
    stdio: ["ignore", process.stderr, process.stderr],
  });
  if (error) console.error(`tools/${tool} could not be started: ${error.message}`);
  return status === 0;
}

const words = process.argv.slice(2);
if (run("bootstrap.mjs") && run("build.mjs", ["--start", ...profileAsked(words)])) {
  process.argv = [process.execPath, MAIN, "serve", ...words];
  await import(pathToFileURL(MAIN).href);
} else {
  process.exitCode = 1;
}
