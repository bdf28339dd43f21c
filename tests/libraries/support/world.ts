// Where the tests of this folder run: a side that serves and a side that is the client, each either a stack or
// Linux. The tests know no more of a side than what programs would use: node:net's module, attach() for servers,
// agents and connectors for clients. node:net on loopback is one of the worlds: what fails there is no fault of ours.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent as HttpAgent, type AgentOptions } from "node:http";
import { Agent as HttpsAgent, type AgentOptions as SecureAgentOptions } from "node:https";
import * as systemNet from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import {
  createStack,
  MemoryLink,
  type NodeStack,
  openTap,
  type UndiciConnect,
} from "../../../host/index.js";
import { waitUntil } from "../../interop/support/far.js";
import { skip as whyNoNamespace } from "../../interop/support/namespace.js";

type Net = typeof systemNet;
/** A server of any library that is fed with connections. */
export type Attachable = Parameters<NodeStack["attach"]>[0] & {
  listen?(port: number, host: string): unknown;
  address?(): unknown;
};

export interface Side {
  readonly net: Net;
  readonly address: string;
  /** null: this side is Linux. */
  readonly stack: NodeStack | null;
  /** Starts a server on a free port, and tells it. */
  listen(server: Attachable): Promise<number>;
  agent(options?: AgentOptions): HttpAgent;
  secureAgent(options?: SecureAgentOptions): HttpsAgent;
  /** For undici's Agent and Pool. */
  connector(options?: ConnectionOptions): UndiciConnect | ConnectionOptions;
  connectSecure(options: ConnectionOptions): TLSSocket;
}

export interface World {
  readonly server: Side;
  readonly client: Side;
  /** Runs when the test is over, the latest first, before the pools are looked at. */
  defer(work: () => unknown): void;
}

export interface Place {
  readonly name: string;
  /** Why it cannot be had here, or false. */
  readonly skip: string | false;
  /** Whether what serves is Linux, where programs of others may serve, too. */
  readonly serves: "stack" | "linux";
  open(): Promise<{ server: Side; client: Side; close(): Promise<void> }>;
}

const DEVICE = "mote0";
const [LINUX, STACK] = ["198.18.0.1", "198.18.0.2"];
const LIMIT_MS = 20_000;

const linuxSide = (address: string): Side => ({
  net: systemNet,
  address,
  stack: null,
  async listen(server) {
    server.listen!(0, address);
    await once(server, "listening");
    return (server.address!() as systemNet.AddressInfo).port;
  },
  agent: (options) => new HttpAgent(options),
  secureAgent: (options) => new HttpsAgent(options),
  connector: (options = {}) => options,
  connectSecure: (options) => connectTls(options),
});

const stackSide = (stack: NodeStack, address: string): Side => ({
  net: stack.net,
  address,
  stack,
  async listen(server) {
    const listener = stack.attach(server, { port: 0 });
    await once(listener, "listening");
    return (listener.address() as systemNet.AddressInfo).port;
  },
  agent: (options) => stack.agent(options),
  secureAgent: (options) => stack.secureAgent(options),
  connector: (options) => stack.connector(options),
  connectSecure: (options) => stack.connectSecure(options),
});

/** Both sides are Linux. */
export const onLoopback: Place = {
  name: "node:net on loopback",
  skip: false,
  serves: "linux",
  async open() {
    const side = linuxSide("127.0.0.1");
    return { server: side, client: side, close: async () => undefined };
  },
};

export const betweenStacks: Place = {
  name: "two stacks on a memory link",
  skip: false,
  serves: "stack",
  async open() {
    const stacks = await Promise.all([createStack(), createStack()]);
    const addresses = ["192.0.2.1", "192.0.2.2"] as const;
    for (const [index, link] of MemoryLink.pair().entries()) {
      stacks[index]!.attach(link, { addresses: [`${addresses[index]}/24`] });
    }
    return {
      server: stackSide(stacks[0], addresses[0]),
      client: stackSide(stacks[1], addresses[1]),
      async close() {
        for (const stack of stacks) stack.close();
      },
    };
  },
};

async function openOnTap() {
  const stack = await createStack();
  const tap = await openTap(DEVICE, { hostAddress: `${LINUX}/24` });
  stack.attach(tap, { addresses: [`${STACK}/24`] });
  const close = async (): Promise<void> => {
    stack.close();
    // The device goes when the poll on it has returned; the next test makes one of that name.
    while (readFileSync("/proc/net/dev", "utf8").includes(`${DEVICE}:`)) await delay(5);
  };
  return { stack: stackSide(stack, STACK), linux: linuxSide(LINUX), close };
}

export const linuxToStack: Place = {
  name: "Linux to a stack over TAP",
  skip: whyNoNamespace,
  serves: "stack",
  async open() {
    const { stack, linux, close } = await openOnTap();
    return { server: stack, client: linux, close };
  },
};

export const stackToLinux: Place = {
  name: "a stack to Linux over TAP",
  skip: whyNoNamespace,
  serves: "linux",
  async open() {
    const { stack, linux, close } = await openOnTap();
    return { server: linux, client: stack, close };
  },
};

export const everyPlace: readonly Place[] = [onLoopback, betweenStacks, linuxToStack, stackToLinux];

export type Body = (world: World, t: TestContext) => Promise<void>;

/** One test for each place. After it both stacks must hold nothing any more but what waits in TIME-WAIT. */
export function everywhere(title: string, body: Body, places = everyPlace): void {
  for (const place of places) {
    test(`${title}: ${place.name}`, { skip: place.skip, timeout: LIMIT_MS }, (t) =>
      runIn(place, body, t),
    );
  }
}

async function runIn(place: Place, body: Body, t: TestContext): Promise<void> {
  const { server, client, close } = await place.open();
  // Also when the test's time is over, so that the next one finds its place free.
  t.after(close);
  const deferred: (() => unknown)[] = [];
  try {
    await body({ server, client, defer: (work) => void deferred.unshift(work) }, t);
  } finally {
    for (const work of deferred) await work();
  }
  for (const { stack } of new Set([server, client])) if (stack !== null) await becomesIdle(stack);
}

/** What an idle stack may hold: who it is, whom it knows, and what it waits for after a good end. */
const STAYS = new Set(["address", "neighbour", "time_wait", "group", "route"]);

async function becomesIdle(stack: NodeStack): Promise<void> {
  const taken = () => stack.pools().filter(({ name, used }) => used > 0 && !STAYS.has(name));
  try {
    await waitUntil("idle pools", () => taken().length === 0);
  } catch (error) {
    const states = stack.connections().map(({ state, localPort, remotePort }) => {
      return `${state} ${localPort} ${remotePort}`;
    });
    assert.deepEqual({ taken: taken(), states }, { taken: [], states: [] }, String(error));
  }
}
