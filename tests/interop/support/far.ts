// A further host: a network namespace of its own, on a cable (veth) to that of the test. A process in
// there (farProcess.ts) holds it, plays flows, and ends with the test; with it go the namespace, the
// cable, and devices that were moved into it.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { TestContext } from "node:test";
import { cleanEnvironment } from "../../command/support/process.js";
import type { Flow, FlowResult } from "./flow.js";
import { BOUND, output, type RunOptions } from "./programs.js";

export type FarQuestion =
  | { readonly ask: "listen"; readonly host: string; readonly flow: Flow }
  | {
      readonly ask: "connect";
      readonly host: string;
      readonly port: number;
      readonly flow: Flow;
    };

/** From the process: its number first; for each question a port (of a listener), the first bytes, and
 * the result. */
export interface FarAnswer {
  readonly id: number;
  readonly kind: "pid" | "listens" | "begun" | "result";
  readonly value: unknown;
}

export interface FarFlow {
  /** Of a listener. */
  readonly port: Promise<number>;
  /** The first bytes came. */
  readonly begun: Promise<void>;
  readonly result: Promise<FlowResult>;
}

export interface Far {
  readonly pid: number;
  /** What a program is started through, so that it runs there. */
  readonly through: readonly string[];
  /** Runs a program there to its end; its stdout. */
  output(words: readonly string[], options?: RunOptions): Promise<string>;
  ip(words: string): Promise<string>;
  /** The kernel there listens at `host`, for one connection. */
  listen(host: string, flow: Flow): FarFlow;
  connect(host: string, port: number, flow: Flow): FarFlow;
  /** Ends it, and waits until its namespace's devices are gone. */
  stop(): Promise<void>;
}

/** Runs `ip` in the test's namespace. */
export const ip = (words: string): Promise<string> => output(["ip", ...words.split(" ")]);

export async function startFar(t: TestContext): Promise<Far> {
  const child = startProcess(t);
  const heard = new Map<number, (answer: FarAnswer) => void>();
  const first = new Promise<number>((resolve) =>
    heard.set(0, ({ value }) => resolve(Number(value))),
  );
  child.on("message", (message) => {
    const answer = message as FarAnswer;
    heard.get(answer.id)?.(answer);
  });
  const died = once(child, "exit").then(([code, signal]) => {
    throw new Error(`the process of the far host ended: ${code ?? signal}`);
  });
  died.catch(() => undefined);
  const pid = await Promise.race([first, died]);
  const through = ["nsenter", "-t", String(pid), "-n", "--"];
  let lastId = 0;

  function play(question: FarQuestion): FarFlow {
    const id = ++lastId;
    const kinds = new Map<string, (value: unknown) => void>();
    heard.set(id, ({ kind, value }) => kinds.get(kind)?.(value));
    const answer = (kind: FarAnswer["kind"]) =>
      new Promise<unknown>((resolve) => kinds.set(kind, resolve));
    const port = answer("listens") as Promise<number>;
    const begun = answer("begun") as Promise<void>;
    const result = answer("result") as Promise<FlowResult>;
    child.send({ id, question });
    return { port, begun, result };
  }

  const far: Far = {
    pid,
    through,
    output: (words, options) => output([...through, ...words], options),
    ip: (words) => far.output(["ip", ...words.split(" ")]),
    listen: (host, flow) => play({ ask: "listen", host, flow }),
    connect: (host, port, flow) => play({ ask: "connect", host, port, flow }),
    stop: () => stopProcess(child),
  };
  await far.ip("link set lo up");
  return far;
}

function startProcess(t: TestContext): ChildProcess {
  const [first, ...rest] = BOUND;
  const script = fileURLToPath(new URL("./farProcess.js", import.meta.url));
  const words = [...rest, "unshare", "--net", "--kill-child", process.execPath, script];
  const child = spawn(first, words, {
    env: cleanEnvironment(),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  t.after(() => stopProcess(child));
  return child;
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  // It ends by itself when nobody is at the other end.
  if (child.connected) child.disconnect();
  await ended;
}

/** A cable from `near`, here, to `there`, in the far host; both with their prefix, and up. */
export async function layCable(
  far: Far,
  near: { readonly name: string; readonly address: string },
  there: { readonly name: string; readonly address: string },
): Promise<void> {
  await ip(`link add ${near.name} type veth peer name ${there.name} netns ${far.pid}`);
  await ip(`address add ${near.address} dev ${near.name}`);
  await ip(`link set ${near.name} up`);
  await far.ip(`address add ${there.address} dev ${there.name}`);
  await far.ip(`link set ${there.name} up`);
}

/** Waits until something is so; fails after `limitMs`. */
export async function waitUntil(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  limitMs = 10_000,
): Promise<void> {
  const untilMs = performance.now() + limitMs;
  while (!(await isSo())) {
    assert.ok(performance.now() < untilMs, `${what}: not within ${limitMs} ms`);
    await delay(20);
  }
}
