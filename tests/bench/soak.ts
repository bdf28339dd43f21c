// `npm run bench -- --soak`: sockets of motetcp/net carry 10 GB and 100,000 connections after a warm-up, and the
// process must not grow by it. tests/host/soak.test.ts runs the same with less. The load is in soakLoad.ts.

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { aligned } from "./report.js";
import type { Look, SoakLoad, SoakResult } from "./soakLoad.js";

const MIB = 2 ** 20;
/** By which the process may grow after the warm-up. */
export const GROWTH_LIMIT_BYTES = 16 * MIB;
const PROGRAM = fileURLToPath(new URL("soakLoad.js", import.meta.url));

const FULL: SoakLoad = {
  warmUp: { bytes: 1e9, connections: 10_000 },
  load: { bytes: 10e9, connections: 100_000 },
  slices: 10,
};

/** Runs the load in a process of its own. */
export async function runSoak(load: SoakLoad, timeoutMs = 0): Promise<SoakResult> {
  const words = ["--expose-gc", PROGRAM, JSON.stringify(load)];
  const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: timeoutMs });
  return JSON.parse(stdout) as SoakResult;
}

/** What is held where JavaScript can see it, and what the system gave, since the first look. */
export function growth({ looks }: SoakResult): { held: number; rss: number } {
  const [first, last] = [looks[0]!.memory, looks.at(-1)!.memory];
  const held = last.heapUsed + last.external - first.heapUsed - first.external;
  return { held, rss: last.rss - first.rss };
}

const mebibytes = (bytes: number) => (bytes / MIB).toFixed(1);

function row(look: Look, result: SoakResult): string[] {
  const { held, rss } = growth({ ...result, looks: [result.looks[0]!, look] });
  const { memory } = look;
  return [
    look.seconds.toFixed(1),
    (look.bytes / 1e9).toFixed(1),
    String(look.connections),
    ...[memory.heapUsed, memory.external, memory.rss, held, rss].map(mebibytes),
  ];
}

export function soakTable(result: SoakResult): string {
  const units = "heap MiB,external MiB,rss MiB,growth of both MiB,growth of rss MiB".split(",");
  const head = ["seconds", "GB", "connections", ...units];
  return aligned([head, ...result.looks.map((look) => row(look, result))]);
}

/** The exit code: 1 where the process grew by more than it may. */
export async function soak(json: string | undefined): Promise<number> {
  const result = await runSoak(FULL);
  const { held, rss } = growth(result);
  const passed = Math.max(held, rss) <= GROWTH_LIMIT_BYTES;
  const verdict = `grown by ${mebibytes(held)} MiB, rss by ${mebibytes(rss)} MiB`;
  const limit = `at most ${mebibytes(GROWTH_LIMIT_BYTES)}: ${passed ? "kept" : "exceeded"}`;
  console.log(`${soakTable(result)}\n\n${verdict}; ${limit}`);
  if (json !== undefined) {
    const document = { node: process.version, settings: FULL, growth: { held, rss }, ...result };
    writeFileSync(json, `${JSON.stringify(document, null, 2)}\n`);
  }
  return passed ? 0 : 1;
}
