// How a stack works. Its turn is the whole host loop: tell the time, read frames, let timers
// expire, deliver events, send. Between turns, calls of the application go straight to the core
// and ask for a turn when they made work.

import { randomBytes } from "node:crypto";
import { realClock, type Clock } from "../link/clock.js";
import type { Link } from "../link/link.js";
import { formatMac, parseAddress, parseMac, parsePrefix } from "./address.js";
import { StackConnection, type Connection, type ConnectionOwner } from "./connection.js";
import type { Core, ProfileName } from "./core.js";
import { check, stackError } from "./errors.js";
import { createEventLoop, type EventLoop } from "./eventLoop.js";
import { AddressFlag, AddressState, Errno, Event, Option, Pool } from "./generated/abi.js";
import { createInterface, usableMtu, type StackInterface } from "./interface.js";
import { StackListener, type ListenerOwner } from "./listener.js";
import { PROTOCOLS, StackSocket, type SocketOwner } from "./socket.js";
import {
  readConnections,
  readCounters,
  readPool,
  readPools,
  readTraces,
  type ConnectionInfo,
  type CounterName,
  type OptionName,
  type PoolLevels,
  type TraceEntry,
} from "./observe.js";
import { readAddressState, readOption } from "./records.js";
import type {
  AddressOptions,
  AddressStateName,
  AttachOptions,
  BindOptions,
  ConnectOptions,
  InterfaceInfo,
  ListenOptions,
  Stack,
  StackOptions,
} from "./stack.js";
import { createTimers } from "./timers.js";
import { createTraceReader, type TraceReader } from "./trace.js";

const DEFAULT_BACKLOG = 128;
/** Handles served per turn: as many as can get events from one batch of frames, and more. */
const EVENTS_PER_TURN = 1024;

interface Attached extends StackInterface {
  readonly info: Omit<InterfaceInfo, "repliesLost">;
}

export class StackInstance implements Stack, ConnectionOwner, ListenerOwner, SocketOwner {
  readonly core: Core;
  readonly profile: ProfileName;
  readonly clock: Clock;
  onAddress: ((address: string, state: AddressStateName) => void) | null = null;
  onWork: (() => void) | null = null;
  turns = 0;
  readonly #interfaces: Attached[] = [];
  readonly #addresses: { handle: number; text: string }[] = [];
  readonly #connections = new Map<number, StackConnection>();
  readonly #listeners = new Map<number, StackListener>();
  readonly #sockets = new Map<number, StackSocket>();
  readonly #timers = createTimers();
  readonly #trace: TraceReader;
  readonly #loop: EventLoop | null;
  #sharedSource = false;
  #inTurn = false;
  #closed = false;

  constructor(core: Core, options: StackOptions) {
    this.core = core;
    this.profile = core.profile;
    this.clock = options.clock ?? realClock;
    this.#trace = createTraceReader(core);
    check(core.seed(options.entropy ?? randomBytes(32)), { syscall: "seed" });
    core.advance(this.clock.now());
    this.#loop = (options.loop ?? true) ? createEventLoop(this) : null;
  }

  attach(link: Link, options: AttachOptions): number {
    this.#checkOpen("attach");
    const { core } = this;
    const index = this.#interfaces.length;
    if (index >= core.interfaces) {
      const text = `the ${this.profile} profile has ${core.interfaces} interface(s)`;
      throw Object.assign(new Error(`attach ENOBUFS: ${text}`), { code: "ENOBUFS" });
    }
    const mac = macOf(options.mac);
    const mtu = usableMtu(core, link, options.mtu);
    const place = { syscall: "attach" };
    this.enter();
    core.putAddress(mac);
    check(core.exports.interfaceConfigure(index, mtu), place);
    const prefixes = options.addresses.map(prefixOf);
    for (const prefix of prefixes) this.#addAddress(index, prefix);
    if (options.router !== undefined) {
      const length = core.putAddress(parseAddress(options.router));
      check(core.exports.interfaceRouter(index, length), place);
    }
    if (link.sharedSource) this.#liftSourceLimits();
    check(core.exports.interfaceLink(index, 1), place);
    const addresses = prefixes.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
    const info = { index, mac: formatMac(mac), mtu, addresses };
    const attached = createInterface(core, index, link, () => this.work());
    this.#interfaces.push(Object.assign(attached, { info }));
    this.work();
    return index;
  }

  #addAddress(index: number, { address, prefixLength, conflictDetection }: AddressOptions): void {
    const length = this.core.putAddress(parseAddress(address));
    const flags = conflictDetection ? AddressFlag.CONFLICT_DETECTION : 0;
    const result = this.core.exports.addressAdd(index, length, prefixLength, flags);
    const handle = check(result, { syscall: "attach", address });
    this.#addresses.push({ handle, text: address });
  }

  /** Behind such a link all peers have one address: a share per source would be the whole. */
  #liftSourceLimits(): void {
    this.#sharedSource = true;
    for (const listener of this.#listeners.values()) this.#liftSourceLimit(listener);
  }

  #liftSourceLimit(listener: StackListener): void {
    const limit = readOption(this.core, listener.handle, Option.SOURCE_LIMIT);
    if (limit > 0) listener.setOption("SOURCE_LIMIT", 0);
  }

  interfaces(): InterfaceInfo[] {
    return this.#interfaces.map(({ info, repliesLost }) => ({ ...info, repliesLost }));
  }

  listen(options: ListenOptions, onConnection: (connection: Connection) => void): StackListener {
    this.#checkOpen("listen");
    const { port, address, backlog = DEFAULT_BACKLOG } = options;
    const place = { syscall: "listen", address: address ?? "0.0.0.0", port };
    const local = this.#addressHandle(address);
    this.enter();
    const handle = check(this.core.exports.listen(local, port, backlog), place);
    const listener = new StackListener(this, handle, onConnection);
    this.#listeners.set(handle, listener);
    if (this.#sharedSource) this.#liftSourceLimit(listener);
    this.work();
    return listener;
  }

  connect({ host, port, localAddress, localPort = 0 }: ConnectOptions): StackConnection {
    this.#checkOpen("connect");
    const local = this.#addressHandle(localAddress);
    this.enter();
    const length = this.core.putAddress(parseAddress(host));
    const result = this.core.exports.connect(length, port, local, localPort);
    const connection = this.adopt(check(result, { syscall: "connect", address: host, port }));
    this.work();
    return connection;
  }

  bind({ protocol = "udp", port = 0, address }: BindOptions = {}): StackSocket {
    this.#checkOpen("bind");
    const place = { syscall: "bind", address: address ?? "0.0.0.0", port };
    const local = this.#addressHandle(address);
    const { bind } = this.core.exports as Partial<Core["exports"]>;
    if (!bind) throw stackError(Errno.EAFNOSUPPORT, place);
    this.enter();
    const handle = check(bind(PROTOCOLS[protocol], local, port), place);
    const socket = new StackSocket(this, handle, protocol, place.address);
    this.#sockets.set(handle, socket);
    this.work();
    return socket;
  }

  turn(): boolean {
    if (this.#inTurn || this.#closed) return false;
    this.#inTurn = true;
    this.turns++;
    try {
      return this.#runTurn();
    } finally {
      this.#inTurn = false;
    }
  }

  #runTurn(): boolean {
    const { core, clock } = this;
    core.advance(clock.now());
    let more = false;
    // Frames before timers: an acknowledgment that waits must not be overtaken by its timeout.
    for (const each of this.#interfaces) more = each.receive() || more;
    more = core.exports.expire() !== 0 || more;
    this.#timers.run(clock.now());
    more = this.#deliver() || more;
    let blocked = false;
    for (const each of this.#interfaces) {
      more = each.transmit() || more;
      blocked ||= each.blocked;
    }
    // Frames handed over on loopback bring events of their own.
    more = this.#deliver() || more;
    if (this.#closed) return false;
    return more || (!blocked && core.deadline() <= clock.now());
  }

  /** Events of connections, listeners and addresses; true: the bound was reached. */
  #deliver(): boolean {
    const { exports } = this.core;
    for (let count = 0; count < EVENTS_PER_TURN; count++) {
      const handle = exports.nextEvent();
      if (handle === 0) return false;
      const events = exports.takeEvents(handle);
      if (events <= 0) continue;
      const owner = this.#connections.get(handle) ?? this.#sockets.get(handle);
      if (owner) owner.deliver(events);
      else if (events & Event.ACCEPT) this.#listeners.get(handle)?.accept();
      else if (events & Event.ADDRESS) this.#reportAddress(handle);
    }
    return true;
  }

  #reportAddress(handle: number): void {
    const entry = this.#addresses.find((candidate) => candidate.handle === handle);
    if (entry) this.onAddress?.(entry.text, this.addressState(entry.text));
  }

  nextDeadline(): number {
    if (this.#closed) return Infinity;
    const atMs = Math.min(this.core.deadline(), this.#timers.earliest());
    return Math.max(0, atMs - this.clock.now());
  }

  after(delayMs: number, callback: () => void): () => void {
    this.#checkOpen("after");
    const cancel = this.#timers.add(this.clock.now() + Math.max(0, delayMs), callback);
    this.work();
    return cancel;
  }

  connections(): ConnectionInfo[] {
    this.enter();
    return readConnections(this.core);
  }

  counters(): Record<CounterName, number> {
    return readCounters(this.core);
  }

  pools(): PoolLevels[] {
    return readPools(this.core);
  }

  traces(): TraceEntry[] {
    return readTraces(this.#trace);
  }

  tracesLost(): number {
    return this.#trace.lost();
  }

  setOption(option: OptionName, value: number): void {
    this.#checkOpen("setsockopt");
    const result = this.core.exports.setOption(0, Option[option] ?? 0, value);
    check(result, { syscall: "setsockopt" });
    this.work();
  }

  getOption(option: OptionName): number {
    const value = readOption(this.core, 0, Option[option] ?? 0);
    return check(value, { syscall: "getsockopt" });
  }

  addressState(address: string): AddressStateName {
    const state = readAddressState(this.core, this.#addressHandle(address));
    const names = Object.keys(AddressState) as AddressStateName[];
    return names.find((name) => AddressState[name] === state) ?? "TENTATIVE";
  }

  ref(keep: boolean): void {
    this.#loop?.ref(keep);
  }

  close(): void {
    if (this.#closed) return;
    this.enter();
    for (const listener of [...this.#listeners.values()]) listener.close();
    for (const connection of [...this.#connections.values()]) connection.abort();
    for (const socket of [...this.#sockets.values()]) socket.close();
    // The resets leave before the links do.
    for (const each of this.#interfaces) while (each.transmit());
    this.#closed = true;
    this.#loop?.stop();
    this.#timers.clear();
    for (const { link } of this.#interfaces) link.close();
  }

  /** A closed stack would take the call, and nothing would ever come of it. */
  #checkOpen(syscall: string): void {
    if (this.#closed) throw stackError(Errno.EBADF, { syscall });
  }

  /** 0, any address, when none is named. */
  #addressHandle(text: string | undefined): number {
    if (text === undefined || text === "0.0.0.0") return 0;
    const entry = this.#addresses.find((candidate) => candidate.text === text);
    if (!entry) throw stackError(Errno.EADDRNOTAVAIL, { syscall: "bind", address: text });
    return entry.handle;
  }

  // What connections and listeners need of their stack.

  enter(): void {
    if (!this.#inTurn) this.core.advance(this.clock.now());
  }

  work(): void {
    if (this.#inTurn || this.#closed) return;
    if (this.#loop) this.#loop.wake();
    else this.onWork?.();
  }

  adopt(handle: number): StackConnection {
    const connection = new StackConnection(this, handle);
    // A full pool may have taken the record of a connection whose error nobody has read yet.
    const { used, capacity } = readPool(this.core, Pool.TCB);
    if (used >= capacity) {
      for (const other of [...this.#connections.values()]) other.checkAlive();
    }
    this.#connections.set(handle, connection);
    return connection;
  }

  forget(handle: number): void {
    this.#connections.delete(handle);
  }

  forgetSocket(handle: number): void {
    this.#sockets.delete(handle);
  }

  forgetListener(handle: number): boolean {
    return this.#listeners.delete(handle);
  }
}

function prefixOf(given: string | AddressOptions): AddressOptions {
  return typeof given === "string" ? parsePrefix(given) : given;
}

/** Without one, a locally administered unicast address (IEEE 802: second bit of the first byte). */
function macOf(given: string | Uint8Array | undefined): Uint8Array {
  if (typeof given === "string") return parseMac(given);
  if (given) return given;
  const mac = randomBytes(6);
  mac[0] = (mac[0]! & 0xfc) | 0x02;
  return mac;
}
