#!/usr/bin/env node
// The command `mote` (also `motetcp`): hands the process to runCommand and sets the exit code.

import { readFileSync } from "node:fs";
import { runCommand } from "./cli.js";
import { EXIT_FAILURE, EXIT_OK } from "./exit.js";
import { createPaint } from "./style.js";

/** How long leftovers may keep the process after everything was closed. */
const LINGER_MS = 1_000;

const manifest = new URL("../../../package.json", import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
const { stdout, stderr, env } = process;

// `mote --help | head -1`: whoever read has gone. Verbs that run on have listeners of their own.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (stdout.listenerCount("error") > 1) return;
  process.exit(error.code === "EPIPE" ? EXIT_OK : EXIT_FAILURE);
});

process.exitCode = await runCommand(process.argv.slice(2), {
  // Opened by whoever reads it: other verbs leave it alone.
  get stdin() {
    return process.stdin;
  },
  stdout,
  stderr,
  env,
  folder: process.cwd(),
  version,
  paint: createPaint(stdout, env),
});
setTimeout(() => process.exit(), LINGER_MS).unref();
