// Starts and stops the stacks under measurement, each a process of its own with a TAP device of
// its own: MoteTCP (tests/bench/server.ts) and smoltcp. Both print "ready" and end with us.

import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { BenchError } from "./arguments.js";
import type { ServerOptions } from "./server.js";

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 3_000;
const LIFETIME_SECONDS = 180;

export interface Peer {
  /** Key in the JSON file. */
  readonly name: string;
  readonly title: string;
  readonly address: string;
  readonly process: ChildProcess;
}

/** Which TAP device and which /30 a stack gets: the block'th of 198.18.0.0/15. */
function place(block: number) {
  const net = `198.18.${block}`;
  return { tap: `bench${block}`, host: `${net}.1`, address: `${net}.2`, prefixLength: 30 };
}

export async function startMote(
  name: string,
  title: string,
  block: number,
  profile: ServerOptions["profile"],
  cpu: number | undefined,
  flightMib?: number,
): Promise<Peer> {
  const { tap, host, address, prefixLength } = place(block);
  const options: ServerOptions = {
    tap,
    profile,
    hostAddress: `${host}/${prefixLength}`,
    address: `${address}/${prefixLength}`,
    lifetimeSeconds: LIFETIME_SECONDS,
    ...(flightMib === undefined ? {} : { flightMib }),
  };
  const script = fileURLToPath(new URL("./server.js", import.meta.url));
  const words = [...process.execArgv, script, JSON.stringify(options)];
  return { name, title, address, process: await start(title, process.execPath, words, cpu) };
}

export async function startSmoltcp(
  name: string,
  title: string,
  block: number,
  program: string,
  bufferBytes: number,
  cpu: number | undefined,
): Promise<Peer> {
  const { tap, host, address } = place(block);
  const pairs = { tap, address, "host-address": host, buffer: bufferBytes };
  const words = Object.entries({ ...pairs, lifetime: LIFETIME_SECONDS }).flatMap(([key, value]) => [
    `--${key}`,
    String(value),
  ]);
  return { name, title, address, process: await start(title, program, words, cpu) };
}

/** Resolves when the process has ended. */
export async function stopPeer(peer: Peer): Promise<void> {
  const child = peer.process;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await end;
  clearTimeout(timer);
}

/** `program words...` on one CPU, or anywhere. */
export function pinned(
  cpu: number | undefined,
  program: string,
  words: string[],
): [string, string[]] {
  return cpu === undefined
    ? [program, words]
    : ["taskset", ["--cpu-list", String(cpu), program, ...words]];
}

function start(
  title: string,
  program: string,
  words: string[],
  cpu: number | undefined,
): Promise<ChildProcess> {
  const child = spawn(...pinned(cpu, program, words), { stdio: ["pipe", "pipe", "pipe"] });
  return new Promise((resolve, reject) => {
    let errors = "";
    let output = "";
    const fail = (what: string) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new BenchError(`${title}: ${what}${errors === "" ? "" : `\n${errors.trim()}`}`));
    };
    const timer = setTimeout(
      () => fail(`not ready after ${START_TIMEOUT_MS / 1000} s`),
      START_TIMEOUT_MS,
    );
    child.stderr.on("data", (chunk: Buffer) => (errors = (errors + chunk).slice(-4000)));
    child.stdout.on("data", (chunk: Buffer) => {
      output = (output + chunk).slice(-100);
      if (!output.includes("ready")) return;
      clearTimeout(timer);
      child.removeAllListeners("exit");
      resolve(child);
    });
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code, signal) => fail(`ended at its start (${signal ?? `code ${code}`})`));
  });
}
