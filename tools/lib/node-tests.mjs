// Runs compiled test files with node:test, two at a time, each in a process of its own, and
// prints what matters: failures with the output of their file, skips with their reason, and what
// tests report about themselves (seeds, figures).

import { setMaxListeners } from "node:events";
import { relative } from "node:path";
import { run } from "node:test";
import { inspect } from "node:util";
import { ROOT } from "./files.mjs";

const CONCURRENCY = 2;
/** A file that hangs; a busy machine may take several minutes for the longest. */
const FILE_TIMEOUT_MS = 1_500_000;

/** What Node adds at the end of each file. */
const SUMMARY = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;

/** Resolves to { passed, failed, skipped }. */
export function runNodeTests(files, { signal } = {}) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const soak = Math.max(1, Number(process.env.MOTE_SOAK ?? 1) || 1);
  const printed = new Map(); // file -> what its process printed
  const failedFiles = new Set();
  const place = (data) => (data.file ? relative(ROOT, data.file) : "");

  // node:test listens once for each file.
  if (signal) setMaxListeners(0, signal);

  return new Promise((settle) => {
    const stream = run({
      files,
      concurrency: CONCURRENCY,
      timeout: FILE_TIMEOUT_MS * soak,
      signal,
    });
    stream.on("test:pass", (data) => {
      if (data.details?.type === "suite" || isFile(data, files)) return;
      if (data.skip === undefined && data.todo === undefined) {
        counts.passed++;
        return;
      }
      counts.skipped++;
      console.log(`  skipped: ${data.name}${reasonOf(data.skip ?? data.todo)}`);
    });
    stream.on("test:fail", (data) => {
      // A suite or file fails because of a test in it: only what failed by itself counts.
      const error = data.details?.error;
      if (error?.failureType === "subtestsFailed") return;
      counts.failed++;
      failedFiles.add(data.file);
      console.log(`  FAILED: ${data.name}  (${place(data)}:${data.line ?? 0})`);
      console.log(indent(describe(error?.cause ?? error)));
    });
    stream.on("test:diagnostic", (data) => {
      if (!SUMMARY.test(data.message)) console.log(`  ${data.message}`);
    });
    const keep = (data) => printed.set(data.file, (printed.get(data.file) ?? "") + data.message);
    stream.on("test:stdout", keep);
    stream.on("test:stderr", keep);
    stream.on("end", () => {
      for (const [file, text] of printed) {
        if (!failedFiles.has(file) && !process.env.MOTE_VERBOSE) continue;
        console.log(`  output of ${relative(ROOT, file)}:\n${indent(text.trimEnd())}`);
      }
      settle(counts);
    });
    stream.resume();
  });
}

/** Node reports a file without tests as a test of the file's name: that is no test. */
function isFile({ name }, files) {
  return files.some((file) => file === name || file.endsWith(`/${name}`));
}

/** Message and stack, without the runner's own frames. */
function describe(error) {
  if (typeof error?.stack !== "string") return inspect(error, { depth: 5 });
  const lines = error.stack.split("\n");
  return lines.filter((line) => !/^ +at .*node:internal/.test(line)).join("\n");
}

function reasonOf(reason) {
  return typeof reason === "string" && reason !== "" ? ` (${reason})` : "";
}

function indent(text) {
  return text.replace(/^/gm, "    ");
}
