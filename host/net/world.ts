// Where sockets live: a stack, and how names become addresses there. `motetcp/net` and `motetcp/dgram` have
// a world of their own in each thread, where nothing but loopback is reached, and share it.

import {
  ADDRCONFIG,
  lookup as systemLookup,
  type LookupAddress,
  type LookupOptions,
} from "node:dns";
import { Pool } from "../core/generated/abi.js";
import type { StackInstance } from "../core/instance.js";
import { hold, release } from "../core/keepAlive.js";
import { readPool } from "../core/observe.js";
import type { Stack } from "../core/stack.js";
import { createStackSync } from "../node/createStack.js";

export type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/** In the shape of dns.lookup. */
export type Lookup = (hostname: string, options: LookupOptions, callback: LookupCallback) => void;

export interface World {
  readonly stack: Stack;
  readonly lookup: Lookup;
  /** All peers have one address: no listener limits what one of them may hold. */
  readonly isLoopback: boolean;
  /** Another connection may be opened: where its other end takes a record of the same pool, there is one for it, too. */
  hasRoom(): boolean;
}

const worlds = new WeakMap<Stack, World>();

/** The world of a stack: names by its own table, localhost, and its DNS client. */
export function worldOf(stack: Stack): World {
  let world = worlds.get(stack);
  if (world === undefined) {
    world = { stack, lookup: lookupOn(stack), isLoopback: false, hasRoom: () => true };
    worlds.set(stack, world);
    // Only what is open and ref'd keeps the process alive, as in Node.
    stack.ref(false);
  }
  return world;
}

let common: World | null = null;

/** The loopback world of this thread, made when it is first used. Names are the machine's. */
export function defaultWorld(): World {
  if (common === null) {
    const stack = createStackSync();
    stack.ref(false);
    const hasRoom = () => hasRoomForPair(stack as unknown as StackInstance);
    common = { stack, lookup: lookupIPv4, isLoopback: true, hasRoom };
    worlds.set(stack, common);
  }
  return common;
}

/** Each connection that is under way needs a second record before long. */
function hasRoomForPair(stack: StackInstance): boolean {
  const { capacity, used } = readPool(stack.core, Pool.TCB);
  const free = capacity - used;
  return free >= used + 2 || free >= stack.opening() + 2;
}

/** dns.lookup, for what the stack can reach. */
function lookupIPv4(hostname: string, options: LookupOptions, callback: LookupCallback): void {
  const family = isFamily6(options.family) ? 6 : 4;
  // What addresses the machine has says nothing here; where it has loopback alone, ADDRCONFIG finds not even localhost.
  const hints = (options.hints ?? 0) & ~ADDRCONFIG;
  systemLookup(hostname, { ...options, family, hints }, callback as never);
}

const isFamily6 = (family: LookupOptions["family"]) => family === 6 || family === "IPv6";

function lookupOn(stack: Stack): Lookup {
  return (hostname, options, callback) => {
    hold();
    const done = (error: NodeJS.ErrnoException | null, addresses: string[]): void => {
      release();
      const [first] = addresses;
      if (error !== null) callback(error, "");
      else if (first === undefined || isFamily6(options.family)) callback(notFound(hostname), "");
      else if (options.all)
        callback(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        );
      else callback(null, first, 4);
    };
    try {
      stack.resolve(hostname, done);
    } catch (error) {
      process.nextTick(done, error as NodeJS.ErrnoException, []);
    }
  };
}

function notFound(hostname: string): NodeJS.ErrnoException {
  const error = new Error(`getaddrinfo ENOTFOUND ${hostname}`);
  return Object.assign(error, { code: "ENOTFOUND", syscall: "getaddrinfo", hostname });
}

/** The world of this thread, whose stack is made when a socket first asks for it. */
export const lazyWorld: World = {
  get stack(): Stack {
    return defaultWorld().stack;
  },
  get lookup(): Lookup {
    return defaultWorld().lookup;
  },
  isLoopback: true,
  hasRoom: () => defaultWorld().hasRoom(),
};
