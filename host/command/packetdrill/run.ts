// `mote packetdrill`: runs the scripts and tells of each that did not pass where, at which moment,
// what was expected and what came; at the end how many passed.

import { secondsText } from "../../packetdrill/describe.js";
import { runScripts, type ScriptResult, type ScriptStatus } from "../../packetdrill/runner.js";
import { EXIT_FAILURE, EXIT_OK } from "../exit.js";
import { formatCount, formatDuration } from "../format.js";
import type { Io } from "../io.js";
import type { Format } from "../style.js";
import type { PacketdrillOptions } from "./options.js";

const STATUSES: readonly ScriptStatus[] = ["passed", "failed", "mistake", "unsupported"];

const COLOURS: Readonly<Record<ScriptStatus, Format>> = {
  passed: "green",
  failed: "red",
  mistake: "red",
  unsupported: "yellow",
};

export async function packetdrill(options: PacketdrillOptions, io: Io): Promise<number> {
  const { files, json, verbose } = options;
  const started = performance.now();
  const line = (text: string) => io.stdout.write(`${text}\n`);
  const onEvent = (_file: string, atUs: number, text: string) =>
    line(`${secondsText(atUs).padStart(12)} ${text}`);
  const results = await runScripts(
    files,
    verbose && !json ? { ...options, onEvent } : options,
    (result) => {
      if (json) line(JSON.stringify(result));
      else if (verbose || result.status !== "passed") line(resultText(result, io));
    },
  );
  const ms = performance.now() - started;
  const counts = STATUSES.map((status) => [
    status,
    results.filter((result) => result.status === status).length,
  ]);
  if (json) line(JSON.stringify({ ...Object.fromEntries(counts), ms }));
  else line(summary(counts, files.length, ms));
  return results.every(({ status }) => status === "passed") ? EXIT_OK : EXIT_FAILURE;
}

function resultText({ file, status, problem }: ScriptResult, { paint }: Io): string {
  const word = paint(COLOURS[status], status);
  if (!problem) return `${word} ${file}`;
  const { line, column, message, source, expected, found, time } = problem;
  const details = [
    ["script", source],
    ["expected", expected],
    ["found", found],
    ["at", time === undefined ? undefined : `${time.toFixed(6)} s`],
  ]
    .filter(([, text]) => text !== undefined)
    .map(([name, text]) => `    ${`${name}:`.padEnd(10)}${text}`);
  return [`${word} ${file}:${line}:${column}: ${message}`, ...details].join("\n");
}

function summary(counts: (readonly (string | number)[])[], scripts: number, ms: number): string {
  const shown = counts.filter(([status, count]) => status === "passed" || Number(count) > 0);
  const rate = formatCount(Math.round((scripts * 1000) / ms));
  const text = shown.map(([status, count]) => `${formatCount(Number(count))} ${status}`).join(", ");
  return `${text} in ${formatDuration(ms)} (${rate} scripts/s)`;
}
