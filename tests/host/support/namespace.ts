// Runs a script in a network namespace of its own, where a TAP device can be made without touching
// this machine's interfaces: as root under unshare --net, else under unshare -rn. Whether that
// works is found out by opening a TAP device there.

import { spawn, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { fileURLToPath } from "node:url";

const UNSHARE = process.getuid?.() === 0 ? ["--net", "--kill-child"] : ["-rn", "--kill-child"];

/** A script beside this file. */
export const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export interface Outcome {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  /** From start to end of the process, ms. */
  tookMs: number;
}

/** Runs a node script there, for at most `limitMs`. */
export function runInNamespace(
  file: string,
  args: readonly string[] = [],
  limitMs = 30_000,
): Promise<Outcome> {
  const startMs = performance.now();
  const child = spawn("unshare", [...UNSHARE, process.execPath, file, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) =>
      resolve({ code, signal, stdout, stderr, tookMs: performance.now() - startMs }),
    );
  });
}

/** false, or why there is no network namespace to be had here, or no `ip` to set one up. */
export function whyNoNamespace(): string | false {
  const words = [...UNSHARE, "ip", "link", "set", "lo", "up"];
  const run = spawnSync("unshare", words, { encoding: "utf8", timeout: 20_000 });
  return whyNot(run, "no network namespace");
}

/** false, or why no TAP device can be opened in a namespace here. */
export function whyNoTap(): string | false {
  const run = spawnSync("unshare", [...UNSHARE, process.execPath, script("./tapProbe.js")], {
    encoding: "utf8",
    timeout: 20_000,
  });
  return whyNot(run, "no TAP device in a network namespace");
}

function whyNot(run: SpawnSyncReturns<string>, what: string): string | false {
  if (run.status === 0) return false;
  const reason = run.error?.message ?? (run.stderr.trim() || run.stdout.trim());
  const text = `${what}: ${reason}`;
  // Where everything is required, a skip is a failure.
  if (process.env.MOTE_REQUIRE === "all") throw new Error(text);
  return text;
}
