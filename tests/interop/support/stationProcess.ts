// Starts the station (a stack on a TAP device, as a rule in its worker) for a test and talks to it.

import { networkInterfaces } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { TestContext } from "node:test";
import {
  createStack,
  impair,
  openTap,
  runDedicated,
  type Impairments,
  type ProfileName,
} from "../../../host/index.js";
import type { Flow, FlowResult } from "./flow.js";
import { start, type Answer, type Levels, type Numbered, type Question } from "./station.js";

export const STACK = "198.18.0.2";
export const KERNEL = "198.18.0.1";
const DEVICE = "mote0";
/** Pools that are empty when no connection is open. */
const CONNECTION_POOLS = [
  "tcb",
  "receive_ring",
  "send_ring",
  "reassembly",
  "recovery",
  "syn_cache",
];
const IDLE_LIMIT_MS = 5_000;

/** What a stack says of its pools and connections. */
export interface LevelsOfPools {
  readonly pools: readonly {
    readonly name: string;
    readonly used: number;
    readonly capacity: number;
  }[];
  readonly connections: readonly { readonly state: string }[];
}

export interface Station {
  /** The stack listens and plays `flow` on each connection; results come in their order. */
  listen(port: number, flow: Flow): Promise<() => Promise<FlowResult>>;
  /** The stack opens a connection, to this namespace or to another host, and plays `flow`. */
  connect(port: number, flow: Flow, host?: string): Promise<FlowResult>;
  levels(): Promise<Levels>;
  /** Waits until every pool of connections is empty; what is not, or "". */
  notIdle(): Promise<string>;
}

export interface StationOptions {
  /** Default "desktop". */
  readonly profile?: ProfileName;
  /** Of the device and of the stack; default 1500. */
  readonly mtu?: number;
  /** The stack runs on the event loop of this thread, behind a link as bad as asked for. */
  readonly impairments?: Impairments;
}

export async function startStation(t: TestContext, options: StationOptions = {}): Promise<Station> {
  const waiting = new Map<number, (answer: Answer) => void>();
  const take = (message: unknown) => waiting.get((message as Answer).id)?.(message as Answer);
  const post = await (options.impairments ? startHere : startInWorker)(t, options, take);
  let lastId = 0;

  /** The answer, and a queue of the results that follow it. */
  async function ask(question: Question): Promise<{ value: unknown; next(): Promise<FlowResult> }> {
    const id = ++lastId;
    const results: FlowResult[] = [];
    const takers: ((result: FlowResult) => void)[] = [];
    const value = await new Promise<unknown>((resolve) => {
      waiting.set(id, ({ kind, value: told }) => {
        if (kind === "answer") return resolve(told);
        const taker = takers.shift();
        if (taker) taker(told as FlowResult);
        else results.push(told as FlowResult);
      });
      post({ id, question } satisfies Numbered);
    });
    const next = () =>
      new Promise<FlowResult>((resolve) => {
        const result = results.shift();
        if (result) resolve(result);
        else takers.push(resolve);
      });
    return { value, next };
  }

  const levels = async () => (await ask({ ask: "levels" })).value as Levels;
  return {
    listen: async (port, flow) => (await ask({ ask: "listen", port, flow })).next,
    connect: async (port, flow, host = KERNEL) =>
      (await ask({ ask: "connect", host, port, flow })).next(),
    levels,
    notIdle: () => waitForIdle(async () => usedOf(await levels()), 0),
  };
}

type Post = (message: unknown) => void;

async function startInWorker(t: TestContext, options: StationOptions, take: Post): Promise<Post> {
  const { profile, mtu } = options;
  const dedicated = await runDedicated({
    profile,
    tap: { name: DEVICE, hostAddress: `${KERNEL}/30`, mtu },
    address: `${STACK}/30`,
    router: KERNEL,
    services: { module: new URL("./station.js", import.meta.url) },
  });
  t.after(() => dedicated.terminate());
  dedicated.onMessage = take;
  dedicated.onError = (error) => {
    throw error;
  };
  return (message) => dedicated.post(message);
}

async function startHere(t: TestContext, options: StationOptions, take: Post): Promise<Post> {
  const { profile, mtu, impairments } = options;
  const stack = await createStack({ profile });
  const tap = await openTap(DEVICE, { hostAddress: `${KERNEL}/30`, mtu });
  stack.attach(impair(tap, impairments), { addresses: [`${STACK}/30`], router: KERNEL });
  t.after(async () => {
    stack.close();
    // The device goes when the poll on it has returned; the next test makes one of that name.
    while (networkInterfaces()[DEVICE] !== undefined) await delay(5);
  });
  const services = start({ stack, data: null, post: take });
  return (message) => services.onMessage?.(message);
}

/** What is taken of each pool, without the TCBs that are only a TIME-WAIT entry's place (tiny), and the
 * rings that sockets hold while they are open. */
export function usedOf({ pools, connections }: LevelsOfPools): Record<string, number> {
  const used = Object.fromEntries(pools.map(({ name, used }) => [name, used]));
  const entries = pools.find(({ name }) => name === "time_wait")!;
  if (entries.capacity === 0) {
    used["tcb"]! -= connections.filter(({ state }) => state === "TIME-WAIT").length;
  }
  used["receive_ring"]! -= used["socket"]!;
  return used;
}

/**
 * Waits until no pool of connections holds more than `allowed` records. What is left is told by
 * name and number.
 */
export async function waitForIdle(
  usedNow: () => Promise<Readonly<Record<string, number>>>,
  allowed: number,
): Promise<string> {
  const untilMs = performance.now() + IDLE_LIMIT_MS;
  for (;;) {
    const used = await usedNow();
    const left = CONNECTION_POOLS.filter((name) => (used[name] ?? Infinity) > allowed);
    if (left.length === 0) return "";
    if (performance.now() > untilMs) return left.map((name) => `${name}: ${used[name]}`).join(", ");
    await delay(50);
  }
}
