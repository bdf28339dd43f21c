// Random use of the whole boundary: frames from half-competent peers, every user call with good
// and bad arguments, time in small and large steps. Deterministic for a seed.

import {
  AddressFlag,
  Auto,
  Constant,
  Counter,
  counterNames,
  DatagramField,
  DatagramSize,
  Option,
  Pool,
  poolNames,
} from "../../../host/core/generated/abi.js";
import { OUR_ADDRESS, OUR_MAC } from "./frames.js";
import { wordOf, type Machine } from "./module.js";
import { createNames } from "./names.js";
import { createPeers, PORTS } from "./peers.js";
import type { Random } from "./random.js";
import { endServices, giveName, useResponder } from "./responder.js";

const INTERFACE = 0;
const MOST_HANDLES = 24;

/** Options with the largest value the soak sets: short times, so that things come to an end. */
const OPTIONS: readonly [number, number][] = [
  [Option.NO_DELAY, 1],
  [Option.TTL, 255],
  [Option.DSCP, 63],
  [Option.R2_SECONDS, 20],
  [Option.SYN_R2_SECONDS, 20],
  [Option.REFUSE_SELF_CONNECT, 1],
  [Option.RESET_WHEN_FULL, 1],
  [Option.SOURCE_LIMIT, 8],
  [Option.MSL_MS, 2000],
  [Option.DELAYED_ACK_MS, 499],
  [Option.MINIMUM_RTO_MS, 1000],
  [Option.SYN_ACK_RETRIES, 7],
  [Option.ORPHAN_SECONDS, 10],
  [Option.TIMESTAMPS, 1],
  [Option.WINDOW_SCALE, 1],
  [Option.CHALLENGE_ACK_MS, 1000],
  [Option.BROADCAST, 1],
  [Option.MULTICAST_TTL, 255],
];

export interface Soak {
  /** One random action. */
  step(): void;
  /** Closes everything and lets time pass until nothing can be left. */
  settle(): void;
}

/** Memory is asked for after the call: a machine may move it between any two. */
function writeTo(machine: Machine, buffer: Constant, bytes: ArrayLike<number>): void {
  const at = machine.call("constant", buffer);
  machine.memory().set(bytes, at);
}

/** Seeds the core and configures one interface with one address and a router, and a name. */
export function setUp(machine: Machine, random: Random, nowMs: number): void {
  machine.call("initialise");
  writeTo(machine, Constant.ENTROPY, random.bytes(32));
  machine.call("seed");
  machine.call("advance", nowMs, Math.imul(nowMs, 1000) >>> 0);
  writeTo(machine, Constant.ADDRESS_BUFFER, OUR_MAC);
  machine.call("interfaceConfigure", INTERFACE, 1500);
  machine.call("interfaceLink", INTERFACE, 1);
  writeTo(machine, Constant.ADDRESS_BUFFER, OUR_ADDRESS);
  machine.call("addressAdd", INTERFACE, 4, 24, 0);
  writeTo(machine, Constant.ADDRESS_BUFFER, [192, 0, 2, 254]);
  machine.call("interfaceRouter", INTERFACE, 4);
  giveName(machine);
}

export function createSoak(machine: Machine, random: Random, startMs: number): Soak {
  const peers = createPeers(random);
  const names = createNames(random);
  const handles: number[] = [];
  let nowMs = startMs >>> 0;

  const call: Machine["call"] = (name, ...args) => machine.call(name, ...args);
  const drop = (handle: number) => {
    if (call("abort", handle) !== 0) call("close", handle);
  };
  const remember = (handle: number) => {
    if (handle > 0) handles.push(handle);
    if (handles.length > MOST_HANDLES) drop(handles.shift() ?? 0);
  };
  const anyHandle = () => {
    const known = handles[random.below(handles.length + 1)];
    return known === undefined || random.percent(5) ? random.word() | 0 : known;
  };
  const forget = (handle: number) => {
    const at = handles.indexOf(handle);
    if (at >= 0) handles.splice(at, 1);
  };

  const pass = (ms: number) => {
    nowMs = (nowMs + ms) >>> 0;
    call("advance", nowMs, Math.imul(nowMs, 1000) >>> 0);
    for (let turns = 0; turns < 100 && call("expire") === 1; turns++);
  };
  const sent = (length: number) => {
    const at = call("constant", Constant.TX_FRAME);
    const frame = machine.memory().slice(at, at + length);
    peers.seen(frame);
    names.seen(frame);
  };
  const transmit = (most: number) => {
    for (let frames = 0; frames < most; frames++) {
      const length = call("transmit", INTERFACE);
      if (length === 0) return;
      sent(length);
    }
  };
  const receiveFrame = (frame: Uint8Array) => {
    writeTo(machine, Constant.RX_FRAME, frame);
    const length = random.percent(2) ? random.word() | 0 : frame.length;
    const reply = call("receive", random.percent(1) ? random.word() | 0 : INTERFACE, length);
    if (reply > 0) sent(reply);
  };
  const receive = () => receiveFrame(peers.next());

  const write = (handle: number) => {
    const room = call("sendSpan", handle);
    if (room <= 0) return;
    const length = 1 + random.below(Math.min(room, 3000));
    const at = wordOf(machine, Constant.SPAN_POINTER, 0);
    machine.memory().fill(random.word() & 255, at, at + Math.min(length, room));
    call("commit", handle, random.percent(2) ? random.word() | 0 : length);
  };
  const read = (handle: number) => {
    const ready = call("receiveSpan", handle);
    if (ready > 0) call("consume", handle, random.percent(2) ? random.word() | 0 : ready);
  };
  const hasSockets = call("constant", Constant.SOCKETS) > 0;
  const useSocket = () => {
    if (!hasSockets) return;
    const dice = random.below(10);
    if (dice < 2) remember(call("bind", random.percent(80) ? 17 : 1, 0, random.pick(PORTS)));
    else if (dice < 3) {
      writeTo(machine, Constant.ADDRESS_BUFFER, [192, 0, 2, 10 + random.below(4)]);
      call("associate", anyHandle(), 4, random.pick(PORTS));
    } else sendDatagram(anyHandle());
  };
  const sendDatagram = (handle: number) => {
    const room = call("sendSpan", handle);
    const head = DatagramSize + call("constant", Constant.ADDRESS_BYTES);
    if (room <= head) return;
    const at = wordOf(machine, Constant.SPAN_POINTER, 0);
    const memory = machine.memory();
    const last = random.percent(10) ? 255 : 10 + random.below(4);
    memory[at + DatagramField.port.offset] = random.pick(PORTS);
    memory[at + DatagramField.port.offset + 1] = 0;
    memory.set([192, 0, 2, last], at + head - 4);
    const longest = random.percent(10) ? room : Math.min(room, 600);
    call("commit", handle, random.percent(2) ? random.word() | 0 : head + random.below(longest));
  };
  const hasLookups = call("constant", Constant.LOOKUPS) > 0;
  const useNames = () => {
    if (!hasLookups) return;
    const dice = random.below(10);
    if (dice < 2) {
      writeTo(machine, Constant.ADDRESS_BUFFER, [192, 0, 2, 10 + random.below(4)]);
      call("nameServer", random.below(3), random.percent(80) ? 4 : 0);
    } else {
      const name = names.name();
      writeTo(machine, Constant.NAME_BUFFER, name);
      remember(call("resolve", random.percent(2) ? random.word() | 0 : name.length));
    }
    if (random.percent(80)) hearNames(random.below(12));
  };
  /** What a lookup waits for, before its time is over: stations, answers, and their connections. */
  const hearNames = (turns: number) => {
    for (let turn = 0; turn < turns; turn++) {
      transmit(3);
      names.give(receiveFrame);
      if (random.percent(60)) receive();
      if (random.percent(60)) drainEvents();
    }
  };
  const connect = () => {
    writeTo(machine, Constant.ADDRESS_BUFFER, [
      192,
      0,
      random.percent(90) ? 2 : 3,
      10 + random.below(4),
    ]);
    const port = random.percent(95) ? random.pick(PORTS) : random.word() | 0;
    remember(call("connect", 4, port, 0, random.percent(80) ? 0 : random.below(70000)));
  };
  const setOption = () => {
    const [option, most] = OPTIONS[random.below(OPTIONS.length)] ?? [0, 0];
    const handle = random.percent(50) ? 0 : anyHandle();
    call("setOption", handle, option, random.below(most + 1));
    call("setOption", handle, random.word() | 0, random.word() | 0);
  };
  const lookAround = () => {
    call("nextDeadline");
    call("constant", random.below(2 * Constant.COUNT));
  };
  const drainEvents = () => {
    for (let turns = 0; turns < 8; turns++) {
      const handle = call("nextEvent");
      if (handle === 0) return;
      call("takeEvents", handle);
    }
  };
  const changeAddress = () => {
    writeTo(machine, Constant.ADDRESS_BUFFER, [192, 0, 2, 2]);
    const handle = call("addressAdd", INTERFACE, 4, 24, AddressFlag.CONFLICT_DETECTION);
    if (handle > 0 && random.percent(60)) pass(random.below(8000));
    if (handle > 0) call("addressRemove", handle);
  };
  const hasLeases = call("constant", Constant.LEASE_AREA) > 0;
  /** Mostly DHCP, so that a lease has time to live. */
  const changeAuto = () => {
    if (!hasLeases) return;
    const name = random.bytes(random.below(70)).map((byte) => 97 + (byte % 26));
    writeTo(machine, Constant.NAME_BUFFER, name);
    if (random.percent(30)) call("hostName", name.length);
    const bits = random.percent(60) ? Auto.DHCP | (random.word() & 7) : random.below(8);
    call("interfaceAuto", INTERFACE, random.percent(5) ? random.word() | 0 : bits);
  };
  const end = (how: "close" | "abort" | "shutdown") => {
    const handle = anyHandle();
    if (call(how, handle) === 0 && how !== "shutdown") forget(handle);
  };

  /** Actions with their share of the steps, in percent. */
  const actions: readonly [number, () => void][] = [
    [23, receive],
    [4, () => useResponder(machine, random, receiveFrame)],
    [2, useNames],
    [5, useSocket],
    [16, () => transmit(1 + random.below(4))],
    [9, () => pass(random.below(random.percent(10) ? 60000 : 300))],
    [2, () => remember(call("listen", 0, random.pick(PORTS), 1 + random.below(4)))],
    [1, () => remember(call("serve", random.below(7), 0, random.pick(PORTS), 1 + random.below(4)))],
    [6, () => remember(call("accept", anyHandle()))],
    [5, connect],
    [8, () => write(anyHandle())],
    [6, () => read(anyHandle())],
    [2, () => end("shutdown")],
    [2, () => end("close")],
    [1, () => end("abort")],
    [2, setOption],
    [2, lookAround],
    [3, drainEvents],
    [1, () => (random.percent(50) ? changeAddress() : changeAuto())],
  ];

  const step = () => {
    let dice = random.below(100);
    for (const [share, action] of actions) {
      dice -= share;
      if (dice < 0) return action();
    }
  };

  const settle = () => {
    for (const handle of handles.splice(0)) drop(handle);
    endServices(machine);
    if (hasLeases) call("interfaceAuto", INTERFACE, 0);
    transmit(1000);
    for (let seconds = 0; seconds < 600; seconds++) {
      pass(1000);
      transmit(50);
    }
    // A neighbour is remembered until the cache is full or its stamps are old: a month.
    for (let steps = 0; steps < 6; steps++) pass(2 ** 29);
  };

  return { step, settle };
}

/** Most records of a pool ever in use at the same time. */
const highWater = (machine: Machine, id: Pool) => wordOf(machine, Constant.POOL_AREA, 2 * id + 1);

/** Pools that a soak must have used, or it proves nothing. */
const MUST_BE_USED = [
  Pool.TCB,
  Pool.RECEIVE_RING,
  Pool.SEND_RING,
  Pool.SYN_CACHE,
  Pool.LISTENER,
  Pool.SOCKET,
  Pool.ASSEMBLY,
  Pool.LOOKUP,
  Pool.GROUP,
  Pool.SERVICE,
];
/** What other profiles do not have. */
const LEFT_OUT: { readonly [profile: string]: readonly number[] } = {
  tiny: [Pool.SYN_CACHE, Pool.SOCKET, Pool.ASSEMBLY, Pool.LOOKUP, Pool.GROUP, Pool.SERVICE],
  esp32: [Pool.SERVICE],
};

/** What must have happened where names are looked up: answers were believed, malformed, and truncated; and an
 * address was asked for. */
const MUST_COUNT = [
  Counter.DNS_CACHE_HITS,
  Counter.DROP_DNS_MALFORMED,
  Counter.DNS_TRUNCATED,
  Counter.DHCP_SENT,
];

/** Names of the pools that were never used although they must be, and of such counters. */
export function neverUsed(machine: Machine, profile: string): string[] {
  const wanted = MUST_BE_USED.filter((id) => !LEFT_OUT[profile]?.includes(id));
  const still = MUST_COUNT.filter(
    (id) => profile !== "tiny" && wordOf(machine, Constant.COUNTER_AREA, id) === 0,
  );
  return [
    ...wanted.filter((id) => highWater(machine, id) === 0).map((id) => poolNames[id] ?? ""),
    ...still.map((id) => counterNames[id] ?? ""),
  ];
}

/** Records in use in each pool. */
export function poolLevels(machine: Machine): number[] {
  return Array.from({ length: Pool.COUNT }, (_, id) => wordOf(machine, Constant.POOL_AREA, 2 * id));
}
