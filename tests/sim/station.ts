// One core on the wire: its address, its clock, and the loop that a host turns (docs/abi.md). After
// each call the watch looks at it. A station may fall asleep: frames then wait or are lost, and the
// clock jumps when it wakes.

import type { Core, ProfileName, VariantName } from "../../host/core/core.js";
import { Errno, ErrnoName, type CoreExports } from "../../host/core/generated/abi.js";
import { coreFor, entropy } from "../packets/support/core.js";
import { decode } from "../packets/support/frame.js";
import { callOf, type CallName } from "../static/support/module.js";
import type { Random } from "../static/support/random.js";
import type { Agenda } from "./agenda.js";
import type { Coverage } from "./coverage.js";
import type { Log } from "./log.js";
import type { Named } from "./rules/tuples.js";
import { createWatch, Violation, type Watch } from "./watch.js";

export type StationName = "A" | "B";

export const ADDRESSES = { A: [192, 0, 2, 1], B: [192, 0, 2, 2] } as const;
export const MACS = { A: [2, 0, 0, 0, 0, 1], B: [2, 0, 0, 0, 0, 2] } as const;

export interface StationOptions {
  name: StationName;
  profile: ProfileName;
  variant: VariantName;
  /** What its ms clock says when the run begins. */
  startMs: number;
  mtu: number;
}

export interface Surroundings {
  agenda: Agenda;
  random: Random;
  log: Log;
  coverage: Coverage;
}

export interface Station {
  readonly name: StationName;
  readonly core: Core;
  readonly addressHandle: number;
  readonly watch: Watch;
  readonly linkIsUp: boolean;
  /** A frame leaves. */
  send: (frame: Uint8Array) => void;
  onEvent: (handle: number, bits: number) => void;
  /** At rest; whoever returns true has seen enough. */
  readonly atRest: Set<() => boolean>;
  /** A call of the boundary, and the rules after it. */
  ask(name: CallName, ...args: number[]): number;
  /** Opens a connection to an address on the wire. */
  connect(to: readonly number[], remotePort: number, localPort: number): number;
  /** A frame has come. */
  deliver(frame: Uint8Array): void;
  /** User calls, at the next turn. */
  act(calls: () => void): void;
  setLink(up: boolean): void;
  sleep(ms: number): void;
  /** When it wants its next turn, on the agenda's clock. */
  dueUs(): number;
  turn(): void;
}

const LONGEST_STEP_MS = 2 ** 30;
const NEVER = 0xffffffff;
/** Frames that a sleeping station's adapter keeps. */
const ADAPTER_FRAMES = 32;
/** Frames of one turn, and turns at one moment, that would be a storm. */
const STORM = 5000;
/** A host that is busy comes back after so many us. */
const BUSY_US = 300;
/** These change no record. */
const LOOKS: ReadonlySet<CallName> = new Set<CallName>(["nextEvent", "takeEvents", "nextDeadline"]);
/** Their frames are noted, or there is nothing to say. */
const SILENT: ReadonlySet<CallName> = new Set<CallName>([
  "receive",
  "transmit",
  "expire",
  "advance",
]);

/** The core of a station, with one interface that is up. */
export async function startCore(options: StationOptions): Promise<[Core, number]> {
  const { name, profile, variant, startMs, mtu } = options;
  const core = await coreFor(profile, variant, name);
  const call = core.exports;
  call.initialise();
  core.seed(entropy(`simulator ${name}`));
  call.advance(startMs | 0, (startMs * 1000) | 0);
  core.putAddress(Uint8Array.from(MACS[name]));
  call.interfaceConfigure(0, mtu);
  call.interfaceLink(0, 1);
  core.putAddress(Uint8Array.from(ADDRESSES[name]));
  const handle = call.addressAdd(0, 4, 24, 0);
  if (handle <= 0) throw new Error(`station ${name} has no address: ${handle}`);
  while (call.transmit(0) > 0); // the announcement
  return [core, handle];
}

export async function createStation(
  options: StationOptions,
  around: Surroundings,
): Promise<Station> {
  const [core, addressHandle] = await startCore(options);
  return makeStation(options, around, core, addressHandle);
}

function makeStation(
  { name, startMs }: StationOptions,
  { agenda, random, log, coverage }: Surroundings,
  core: Core,
  addressHandle: number,
): Station {
  const call: CoreExports = core.exports;
  const frames: Uint8Array[] = [];
  let calls: (() => void)[] = [];
  let lastMs = startMs;
  let wakeUs = 0;
  let dueUs = Infinity;
  let idleTurns = 0;
  let up = true;
  const arpAsked = new Set<string>();

  const note = (what: string | Uint8Array, direction: string) =>
    log.add(agenda.nowUs(), `${name} ${direction}`, what);

  /** Asks the core for a 4-tuple that it must have. Off our network it says so before it looks. */
  function isFound({ remote, remotePort, localPort }: Named): boolean {
    if (remote.slice(0, 3).join(".") !== "192.0.2") return true;
    core.putAddress(Uint8Array.from(remote));
    return call.connect(4, remotePort, addressHandle, localPort) === -Errno.EADDRINUSE;
  }
  const watch = createWatch(core, coverage, isFound);

  function ask(callName: CallName, ...args: number[]): number {
    const result = callOf(call, callName, args);
    if (LOOKS.has(callName)) return result;
    if (!SILENT.has(callName)) {
      const said = result < 0 ? (ErrnoName[-result] ?? result) : result;
      note(`${callName}(${args.join(", ")}) = ${said}`, "::");
    }
    watch.after(callName, callName === "expire" && result === 0);
    return result;
  }

  /** What leaves is taken apart: decode finds what is malformed. */
  function leave(length: number): void {
    const frame = core.tx(length).slice();
    note(frame, "<-");
    const view = decode(frame);
    if (view.kind === "tcp") watch.leaves(view);
    if (view.kind === "arp" && view.operation === 1) {
      const target = view.target.join(".");
      if (arpAsked.has(target)) coverage.note("timer: neighbour asked again");
      arpAsked.add(target);
    }
    station.send(frame);
  }

  function advance(): void {
    const nowMs = startMs + Math.floor(agenda.nowUs() / 1000);
    while (nowMs - lastMs > LONGEST_STEP_MS) {
      lastMs += LONGEST_STEP_MS;
      ask("advance", lastMs | 0, (lastMs * 1000) | 0);
      while (ask("expire") !== 0);
    }
    lastMs = nowMs;
    ask("advance", nowMs | 0, (startMs * 1000 + agenda.nowUs()) | 0);
  }

  function receive(most: number): void {
    for (let count = 0; count < most; count++) {
      const frame = frames.shift();
      if (!frame) return;
      note(frame, "->");
      core.rx.set(frame);
      const length = ask("receive", 0, frame.length);
      arpAsked.clear();
      if (length > 0) leave(length);
    }
  }

  /** True: there were some. */
  function tellEvents(): boolean {
    for (let count = 0; ; count++) {
      const handle = ask("nextEvent");
      if (handle === 0) return count > 0;
      if (count > STORM) throw new Violation("events do not come to an end");
      station.onEvent(handle, ask("takeEvents", handle));
    }
  }

  /** True: all has left. */
  function transmit(most: number): boolean {
    for (let count = 0; count < most; count++) {
      const length = ask("transmit", 0);
      if (length === 0) return true;
      if (count > STORM) throw new Violation("transmit does not come to an end");
      leave(length);
    }
    return false;
  }

  function expire(): void {
    while (ask("expire") !== 0);
  }

  function act(): void {
    const list = calls;
    calls = [];
    for (const happen of list) happen();
  }

  /** When to come back; at rest the rules for that moment hold. */
  function plan(drained: boolean): void {
    if (!drained || frames.length > 0 || calls.length > 0) {
      dueUs = agenda.nowUs() + (calls.length > 0 ? 0 : BUSY_US);
      return;
    }
    const deadlineMs = ask("nextDeadline") >>> 0;
    if (deadlineMs === 0) {
      if (++idleTurns > 100) throw new Violation("nextDeadline stays 0, and nothing comes of it");
      dueUs = agenda.nowUs();
      return;
    }
    idleTurns = 0;
    dueUs = deadlineMs === NEVER ? Infinity : (lastMs + deadlineMs - startMs) * 1000;
    watch.rest(deadlineMs, up);
    for (const look of station.atRest) if (look()) station.atRest.delete(look);
    if (calls.length > 0) dueUs = agenda.nowUs();
  }

  const station: Station = {
    name,
    core,
    addressHandle,
    watch,
    get linkIsUp() {
      return up;
    },
    send: () => {},
    onEvent: () => {},
    atRest: new Set(),
    ask,
    connect(to, remotePort, localPort) {
      core.putAddress(Uint8Array.from(to));
      return ask("connect", 4, remotePort, 0, localPort);
    },
    deliver(frame) {
      const asleep = agenda.nowUs() < wakeUs;
      if (up && !(asleep && frames.length >= ADAPTER_FRAMES)) frames.push(frame);
    },
    act: (happen) => calls.push(happen),
    setLink(now) {
      station.act(() => {
        up = now;
        ask("interfaceLink", 0, now ? 1 : 0);
      });
    },
    sleep(ms) {
      note(`asleep for ${ms} ms`, "::");
      wakeUs = agenda.nowUs() + ms * 1000;
    },
    dueUs: () => {
      const busy = frames.length > 0 || calls.length > 0;
      return Math.max(wakeUs, busy ? agenda.nowUs() : dueUs);
    },
    turn() {
      const hasty = random.percent(15);
      const most = hasty ? 1 + random.below(3) : Infinity;
      const late = random.percent(10);
      advance();
      if (!late) expire();
      receive(most);
      expire();
      act();
      tellEvents();
      const drained = transmit(most);
      // What stays inside the stack is handed over by transmit.
      plan(!tellEvents() && drained);
    },
  };
  return station;
}
