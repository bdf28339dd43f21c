// The world of a scenario: two hosts with a real stack each, a wire between them, and a clock that only moves when
// there is nothing left to do. Hours take milliseconds, and the same seed gives the same run to the last bit.

import type { Stack, StackOptions } from "../core/stack.js";
import { runVirtual } from "../core/virtual.js";
import type { StateName } from "../core/observe.js";
import { createVirtualClock, type VirtualClock } from "../link/clock.js";
import { seededRandom } from "../link/random.js";
import { createHost, type Host } from "./host.js";
import { keyOf, type Event } from "./log.js";
import type { Options, Setup, Side } from "./scenario.js";
import { createWire, type Rule, type Wire } from "./wire.js";

/** Makes a stack: that of Node, or of a page. */
export type StackMaker = (options: StackOptions) => Promise<Stack>;

export interface WorldOptions {
  readonly createStack: StackMaker;
  readonly seed: number;
  readonly setup: Setup;
  /** Asked about every frame before the script's own rules; for tests of what a broken wire does. */
  readonly tamper?: Rule | undefined;
}

/** A table or a list that a scenario shows beside its ladder. */
export interface Sheet {
  readonly title: string;
  readonly lines: readonly string[];
}

export interface World {
  readonly clock: VirtualClock;
  readonly client: Host;
  readonly server: Host;
  readonly wire: Wire;
  readonly events: readonly Event[];
  readonly beginnings: ReadonlyMap<string, Readonly<Record<Side, StateName>>>;
  readonly sheets: readonly Sheet[];
  /** Everything that happens within so many ms. */
  run(ms: number): void;
  /** Runs until it holds; throws where it does not within `limitMs`. */
  until(what: string, holds: () => boolean, limitMs?: number): void;
  /** A line of text in the ladder. */
  remark(text: string): void;
  /** What conversations are captured, but not noted: there are too many of them to be drawn. */
  silence(which: (key: string) => boolean): void;
  show(title: string, lines: readonly string[]): void;
  /** A host has lost its power, and comes back with the same address and no memory. */
  reboot(side: Side): Promise<void>;
  /** Puts an end to everything, and hears nothing more of it; then no pool may have a record in use. */
  end(): void;
}

export const ADDRESSES: Readonly<Record<Side, string>> = {
  client: "198.18.0.1",
  server: "198.18.0.2",
};
export const MACS: Readonly<Record<Side, string>> = {
  client: "02:00:5e:00:00:01",
  server: "02:00:5e:00:00:02",
};

const START_MS = 1_000;
const LIMIT_MS = 600_000;
/** Longer than any connection lives that has been aborted, and than TIME-WAIT. */
const END_MS = 600_000;

export async function createWorld(options: WorldOptions): Promise<World> {
  const { seed, setup, tamper, createStack } = options;
  const { mtu = 1500, delayMs = 10 } = setup;
  const clock = createVirtualClock(START_MS);
  const events: Event[] = [];
  const beginnings = new Map<string, Record<Side, StateName>>();
  const sheets: Sheet[] = [];
  const hosts = new Map<Side, Host>();
  const random = seededRandom(seed);
  let isOver = false;
  let isQuiet = (_key: string): boolean => false;

  const wire = createWire({ clock, mtu, delayMs, tamper, note, drain });

  function note(event: Event): void {
    if (isOver || isQuiet(event.key)) return;
    if (event.key !== "" && !beginnings.has(event.key)) {
      const [clientPort, serverPort] = event.key.split(":").map(Number);
      const state = (side: Side, port: number): StateName =>
        hosts.get(side)?.ports.has(port) === true ? "LISTEN" : "CLOSED";
      beginnings.set(event.key, {
        client: state("client", clientPort!),
        server: state("server", serverPort!),
      });
    }
    events.push(event);
  }

  /** Notes the changes of state since the last time. */
  function drain(): void {
    for (const [side, { stack }] of hosts) {
      for (const { from, to, cause, localPort, remotePort } of stack.traces()) {
        // A listener's own comings and goings are nobody's conversation.
        if (from === to || remotePort === 0) continue;
        const key = keyOf(side, localPort, remotePort);
        note({ kind: "state", side, atMs: clock.now(), key, from, to, cause });
      }
    }
  }

  function call<Result>(side: Side, key: string, text: string, action: () => Result): Result {
    drain();
    note({ kind: "call", side, atMs: clock.now(), key, text });
    try {
      return action();
    } finally {
      drain();
    }
  }

  async function boot(side: Side): Promise<void> {
    const stack = await createStack({
      clock,
      loop: false,
      entropy: Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256)),
      link: wire.plug(side),
      mac: MACS[side],
      addresses: [`${ADDRESSES[side]}/24`],
    });
    const own = side === "client" ? setup.clientOptions : setup.serverOptions;
    setOptions(stack, { ...setup.options, ...own });
    const peer = side === "client" ? ADDRESSES.server : ADDRESSES.client;
    hosts.set(side, createHost(side, stack, ADDRESSES[side], peer, { call }));
  }

  const stacks = (): Stack[] => [...hosts.values()].map(({ stack }) => stack);

  function runUntil(holds: () => boolean, limitMs: number): void {
    runVirtual({ clock, stacks: stacks(), limitMs }, () => {
      drain();
      return holds();
    });
  }

  function run(ms: number): void {
    let over = false;
    clock.after(ms, () => (over = true));
    runUntil(() => over, Infinity);
  }

  await boot("client");
  await boot("server");
  introduce(hosts.get("client")!, hosts.get("server")!, run);

  return {
    clock,
    get client() {
      return hosts.get("client")!;
    },
    get server() {
      return hosts.get("server")!;
    },
    wire,
    events,
    beginnings,
    sheets,
    run,
    until(what, holds, limitMs = LIMIT_MS) {
      try {
        runUntil(holds, limitMs);
      } catch (cause) {
        throw new Error(`it never came to this: ${what}`, { cause });
      }
    },
    remark: (text) => note({ kind: "remark", side: "client", atMs: clock.now(), key: "", text }),
    silence: (which) => void (isQuiet = which),
    show: (title, lines) => void sheets.push({ title, lines }),
    async reboot(side) {
      drain();
      await boot(side);
      note({ kind: "remark", side, atMs: clock.now(), key: "", text: `(the ${side} restarts)` });
      introduce(hosts.get("client")!, hosts.get("server")!, run);
    },
    end() {
      isOver = true;
      for (const host of hosts.values()) {
        for (const { connection } of host.talks) connection.abort();
      }
      run(END_MS);
    },
  };
}

function setOptions(stack: Stack, options: Options): void {
  for (const [name, value] of Object.entries(options)) {
    stack.setOption(name as keyof Options, value);
  }
}

/** One ping: both hosts know each other's MAC, and no segment of the script has to wait for ARP. */
function introduce({ stack }: Host, { address }: Host, run: (ms: number) => void): void {
  const socket = stack.bind({ protocol: "echo" });
  socket.send(new Uint8Array(0), 1, address);
  run(200);
  socket.close();
}
