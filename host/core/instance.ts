// How a stack works. Its turn is the whole host loop: tell the time, read frames, let timers
// expire, deliver events, send. Between turns, calls of the application go straight to the core
// and ask for a turn when they made work.

import { realClock, type Clock } from "../link/clock.js";
import type { Link } from "../link/link.js";
import { createStreams, type StreamsOwner } from "../portable/streams.js";
import type {
  StreamConnectOptions,
  StreamListener,
  StreamListenOptions,
  StreamSocket,
} from "../portable/types.js";
import { parseHost } from "./address.js";
import type { AddressStateName } from "./addressRecords.js";
import { StackConnection, type ConnectionOwner } from "./connection.js";
import { optionalCall, type Core, type ProfileName } from "./core.js";
import { forAll } from "./each.js";
import { check, stackError } from "./errors.js";
import { createEventLoop, type EventLoop } from "./eventLoop.js";
import { createFrameWatch } from "./frameWatch.js";
import { Errno, Event, Option, Pool, Service, State } from "./generated/abi.js";
import { readHosts, type HostTable } from "./hosts.js";
import { StackListener, type ListenerOwner, type OnConnection } from "./listener.js";
import { createNames, readHostName, type NamesOwner } from "./names.js";
import { createNetwork, type NetworkOwner } from "./network.js";
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
import { randomBytes } from "./random.js";
import { handleOf, readOption, readState } from "./records.js";
import { createAdoptions, type Adoptions, type Restored } from "./restored.js";
import { resumeHandles, type Resumption } from "./resume.js";
import type { SavedHost } from "./saved.js";
import type {
  AttachOptions,
  BindOptions,
  ConnectOptions,
  ListenOptions,
  ServiceName,
  Stack,
  StackOptions,
} from "./stack.js";
import { createStateWatch, type StateWatch } from "./stateChanges.js";
import { createTimeOfDay, type TimeOwner } from "./timeOfDay.js";
import { createTimers } from "./timers.js";
import { createTraceReader, type TraceReader } from "./trace.js";
import { withdraw } from "./withdraw.js";

const DEFAULT_BACKLOG = 128;
const WITHDRAW_MS = 1_000;
const ignore = (): void => undefined;
/** Handles served per turn: as many as can get events from one batch of frames, and more. */
const EVENTS_PER_TURN = 1024;

type Owner = StreamsOwner &
  ConnectionOwner &
  ListenerOwner &
  SocketOwner &
  NetworkOwner &
  NamesOwner &
  TimeOwner;

export class StackInstance implements Stack, Owner {
  readonly core: Core;
  readonly profile: ProfileName;
  readonly clock: Clock;
  readonly hosts: HostTable;
  onAddress: ((address: string, state: AddressStateName) => void) | null = null;
  onLink: ((index: number, up: boolean) => void) | null = null;
  onLease: ((index: number) => void) | null = null;
  onName: ((name: string) => void) | null = null;
  onWork: (() => void) | null = null;
  turns = 0;
  readonly #network = createNetwork(this);
  readonly #names = createNames(this);
  readonly #time = createTimeOfDay(this);
  readonly #streams = createStreams(this);
  readonly #connections = new Map<number, StackConnection>();
  readonly #listeners = new Map<number, StackListener>();
  readonly #sockets = new Map<number, StackSocket>();
  readonly #timers = createTimers();
  readonly #trace: TraceReader;
  readonly #states: StateWatch;
  readonly #loop: EventLoop | null;
  readonly #adoptions: Adoptions = createAdoptions(() => this.work());
  /** What the stack before had; null: there was none. */
  readonly restored: Restored | null = null;
  /** Shows frames as links give and take them; the result ends that. */
  readonly watchFrames = createFrameWatch(this.#network.watchFrames);
  readonly interfaces = this.#network.info;
  readonly addressState = this.#network.addressState;
  readonly takeLoopback = this.#network.takeLoopback;
  readonly setLink = this.#network.setLink;
  readonly setAuto = this.#network.setAuto;
  readonly lease = this.#network.lease;
  readonly join = this.#network.join;
  readonly leave = this.#network.leave;
  readonly addRoute = this.#network.addRoute;
  readonly removeRoute = this.#network.removeRoute;
  readonly routes = this.#network.routes;
  readonly publish = this.#names.publish;
  readonly setNameServers = this.#names.setNameServers;
  readonly resolve = this.#names.resolve;
  readonly lookup = this.#names.lookup;
  readonly timeServer = this.#time.timeServer;
  readonly wallClock = this.#time.wallClock;
  #deadlineMs = Infinity;
  #sharedSource = false;
  #inTurn = false;
  #delivering = false;
  #awoken = false;
  #closed = false;

  /** `from`: the core's memory is another instance's, and the stack goes on as that one. */
  constructor(core: Core, options: StackOptions, from?: Resumption) {
    this.core = core;
    this.profile = core.profile;
    this.clock = options.clock ?? realClock;
    this.hosts = readHosts(options.hosts);
    this.#trace = createTraceReader(core, from?.saved.trace);
    this.#states = createStateWatch(core);
    if (from === undefined) this.#begin(options);
    else this.restored = this.#resume(from);
    this.#loop = (options.loop ?? true) ? createEventLoop(this) : null;
    if (from === undefined) this.#attachFirst(options);
    else this.work();
  }

  /** The interface that the options of the stack describe. */
  #attachFirst({ link, ...options }: StackOptions): void {
    if (link !== undefined) {
      this.attach(link, options);
      return;
    }
    const lost = (["addresses", "router", "mac", "mtu", "auto"] as const).find(
      (name) => options[name] !== undefined,
    );
    if (lost === undefined) return;
    const text = `createStack: the option ${lost} is of an interface, and there is no link`;
    throw Object.assign(new Error(text), { code: "EINVAL" });
  }

  #begin({ entropy = randomBytes(32), hostName }: StackOptions): void {
    check(this.core.seed(entropy), { syscall: "seed" });
    this.core.advance(this.clock.now());
    if (hostName !== undefined) this.hostName = hostName;
  }

  #resume({ saved, links, entropy, missedMs }: Resumption): Restored {
    if (entropy !== null) check(this.core.seed(entropy), { syscall: "seed" });
    this.#network.resume(links, saved.interfaces);
    const into = {
      owner: this,
      adoptions: this.#adoptions,
      connections: this.#connections,
      listeners: this.#listeners,
      sockets: this.#sockets,
    };
    const restored = resumeHandles(into, saved);
    this.#time.resume(saved.timeOfDay, missedMs);
    this.core.advance(this.clock.now());
    this.#names.resume(saved.names);
    if (links.some(({ sharedSource }) => sharedSource)) this.#liftSourceLimits();
    return restored;
  }

  /** What host/ keeps, for a snapshot: of a moment at which no handler runs. */
  saved(): SavedHost {
    this.checkOpen("snapshot");
    if (this.#delivering) throw busy();
    this.enter();
    // Some go without a word: with their address, or because a full pool needed the record.
    const alive = (handle: number) => handleOf(this.core, handle & 0xffff) === handle;
    const living = <Kind>(things: ReadonlyMap<number, Kind>) =>
      [...things].filter(([handle]) => alive(handle)).map(([, thing]) => thing);
    return {
      interfaces: this.#network.saved(),
      listeners: living(this.#listeners).map(({ handle }) => handle),
      connections: living(this.#connections).map((connection) => connection.saved()),
      sockets: living(this.#sockets).map((socket) => socket.saved()),
      names: this.#names.saved(),
      timeOfDay: this.#time.saved(),
      trace: this.#trace.saved(),
    };
  }

  /** Stops at once and says nothing to anybody: somebody else goes on from here. */
  halt(): void {
    if (this.#closed) return;
    this.#end();
    this.#abandonAll();
  }

  attach(link: Link, options: AttachOptions): number {
    const index = this.#network.attach(link, options);
    if (link.sharedSource) this.#liftSourceLimits();
    return index;
  }

  /** Behind such a link all peers have one address: a share per source would be the whole. */
  #liftSourceLimits(): void {
    this.#sharedSource = true;
    for (const listener of this.#listeners.values()) listener.liftSourceLimit();
  }

  get hostName(): string {
    return readHostName(this.core);
  }
  set hostName(name: string) {
    this.#names.setHostName(name);
  }

  listen(options: ListenOptions, onConnection: OnConnection): StackListener;
  listen(options: StreamListenOptions): StreamListener;
  listen(options: ListenOptions & StreamListenOptions, onConnection?: OnConnection) {
    if (onConnection === undefined) return this.#streams.listen(options);
    return this.#open("listen", options, this.core.exports.listen, onConnection);
  }

  /** Its connections wait to be taken. */
  listenToTake(options: ListenOptions): StackListener {
    return this.#open("listen", options, this.core.exports.listen, null);
  }

  serve(service: ServiceName, options: ListenOptions): StackListener {
    const number = (Service as Record<string, number>)[service.toUpperCase()] ?? 0;
    const { serve } = this.core.exports;
    return this.#open("serve", options, (...where) => serve(number, ...where), ignore);
  }

  #open(
    syscall: string,
    { port, address, backlog = DEFAULT_BACKLOG }: ListenOptions,
    call: (local: number, port: number, backlog: number) => number,
    onConnection: OnConnection | null,
  ): StackListener {
    this.checkOpen(syscall);
    const place = { syscall, address: address ?? "0.0.0.0", port };
    const local = this.#network.addressHandle(address);
    this.enter();
    const handle = check(call(local, port, backlog), place);
    const listener = new StackListener(this, handle, onConnection);
    this.#listeners.set(handle, listener);
    if (this.#sharedSource) listener.liftSourceLimit();
    this.work();
    return listener;
  }

  connect(options: ConnectOptions): StackConnection;
  connect(options: StreamConnectOptions): StreamSocket;
  connect(options: ConnectOptions | StreamConnectOptions): StackConnection | StreamSocket {
    return "hostname" in options ? this.#streams.connect(options) : this.#connect(options);
  }

  #connect({ host, port, localAddress, localPort = 0 }: ConnectOptions): StackConnection {
    this.checkOpen("connect");
    const local = this.#network.addressHandle(localAddress);
    this.takeLoopback(host);
    this.enter();
    const length = this.core.putAddress(parseHost(host));
    const result = this.core.exports.connect(length, port, local, localPort);
    const connection = this.adopt(check(result, { syscall: "connect", address: host, port }));
    // Whoever has asked for it sets its handlers before anything comes of it, be it in the next promise.
    if (this.#loop && !this.#inTurn) this.#loop.wakeLater();
    else this.work();
    return connection;
  }

  bind({ protocol = "udp", port = 0, address }: BindOptions = {}): StackSocket {
    this.checkOpen("bind");
    const place = { syscall: "bind", address: address ?? "0.0.0.0", port };
    const local = this.#network.addressHandle(address);
    const bind = optionalCall(this.core, "bind", place);
    this.enter();
    const handle = check(bind(PROTOCOLS[protocol], local, port), place);
    const socket = new StackSocket(this, handle);
    this.#sockets.set(handle, socket);
    this.work();
    return socket;
  }

  /** How many connections neither have opened nor failed. */
  opening(): number {
    const states = [...this.#connections.keys()].map((handle) => readState(this.core, handle));
    return states.filter((state) => state === State.SYN_SENT).length;
  }

  turn(): boolean {
    if (this.#inTurn || this.#closed) return false;
    this.#inTurn = true;
    this.#awoken = false;
    this.turns++;
    try {
      const more = this.#runTurn();
      return !this.#closed && (more || this.#awoken);
    } finally {
      this.#inTurn = false;
    }
  }

  #runTurn(): boolean {
    const { core } = this;
    const nowMs = this.clock.now();
    core.advance(nowMs);
    let more = false;
    // Frames before timers: an acknowledgment that waits must not be overtaken by its timeout.
    for (const each of this.#network.interfaces) more = each.receive() || more;
    more = core.exports.expire() !== 0 || more;
    this.#timers.run(nowMs);
    if (this.#closed) return false;
    more = this.#deliver() || more;
    let blocked = false;
    // What the stack has for itself is handed over by any call, of an interface or none.
    if (this.#network.interfaces.length === 0) core.exports.transmit(0);
    for (const each of this.#network.interfaces) {
      more = each.transmit() || more;
      blocked ||= each.isBlocked();
    }
    // Frames handed over on loopback bring events of their own.
    more = this.#deliver() || more;
    this.#deadlineMs = core.deadline();
    return more || (!blocked && this.#deadlineMs <= nowMs);
  }

  #deliver(): boolean {
    this.#delivering = true;
    try {
      this.#states.tell();
      this.#adoptions.tell();
      return this.#deliverEvents();
    } finally {
      this.#delivering = false;
    }
  }

  /** Events of connections, listeners and addresses; true: the bound was reached. */
  #deliverEvents(): boolean {
    const { exports } = this.core;
    for (let count = 0; count < EVENTS_PER_TURN; count++) {
      const handle = exports.nextEvent();
      if (handle === 0) return false;
      if (this.#adoptions.waiting.has(handle)) continue;
      const events = exports.takeEvents(handle);
      if (events <= 0) continue;
      const owner = this.#connections.get(handle) ?? this.#sockets.get(handle);
      if (owner) owner.deliver(events);
      else if (events & Event.ACCEPT) this.#listeners.get(handle)?.accept();
      else this.#deliverOther(handle, events);
    }
    return true;
  }

  /** Of what the stack does by itself. */
  #deliverOther(handle: number, events: number): void {
    if (this.#names.deliver(handle, events) || this.#time.deliver(handle, events)) return;
    this.#network.deliver(handle, events);
  }

  /** As of the end of the last turn: whatever comes after it asks for another. */
  deadline(): number {
    return this.#closed ? Infinity : Math.min(this.#deadlineMs, this.#timers.earliest());
  }

  nextDeadline(): number {
    if (this.#closed) return Infinity;
    const atMs = Math.min(this.core.deadline(), this.#timers.earliest());
    return Math.max(0, atMs - this.clock.now());
  }

  after(delayMs: number, callback: () => void): () => void {
    this.checkOpen("after");
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
    this.checkOpen("setsockopt");
    const result = this.core.exports.setOption(0, Option[option] ?? 0, value);
    check(result, { syscall: "setsockopt" });
    this.work();
  }

  getOption(option: OptionName): number {
    const value = readOption(this.core, 0, Option[option] ?? 0);
    return check(value, { syscall: "getsockopt" });
  }

  ref(keep: boolean): void {
    this.#loop?.ref(keep);
  }

  close(): void {
    if (this.#closed) return;
    this.enter();
    try {
      this.#abandonAll();
    } finally {
      // Resets, and what is said at parting, leave before the addresses and the links do.
      this.#names.silence();
      this.#flush();
      this.#network.release();
      this.#flush();
      this.#end();
    }
  }

  /** Their owners are told: nothing comes of them any more. */
  #abandonAll(): void {
    this.#streams.close();
    const things = [this.#listeners, this.#connections, this.#sockets];
    forAll(
      things.flatMap((map) => [...map.values()]),
      (thing) => thing.abandon(),
    );
  }

  #end(): void {
    this.#closed = true;
    this.onAddress = this.onLink = this.onLease = this.onName = null;
    this.#loop?.stop();
    this.#timers.clear();
    for (const { link } of this.#network.interfaces) link.close();
    this.#names.close();
    for (const tell of [...this.core.onEnd]) tell();
  }

  /** Everything that is due leaves, as far as the links take it. */
  #flush(): void {
    this.core.exports.expire();
    for (const each of this.#network.interfaces) while (each.transmit());
  }

  withdraw(done: () => void, withinMs = WITHDRAW_MS): void {
    this.checkOpen("withdraw");
    const { clock } = this;
    const { silence } = this.#names;
    const { release, released } = this.#network;
    const after = this.after.bind(this);
    withdraw({ clock, after, silence, release, released }, done, withinMs);
  }

  // What its parts need of the stack.

  /** A closed stack would take the call, and nothing would ever come of it. */
  checkOpen(syscall: string): void {
    if (this.#closed) throw stackError(Errno.EBADF, { syscall });
  }

  enter(): void {
    if (!this.#inTurn) this.core.advance(this.clock.now());
  }

  work(): void {
    if (this.#inTurn || this.#closed) return;
    if (this.#loop) this.#loop.wake();
    else this.onWork?.();
  }

  wake(): void {
    // A link may have an answer before the turn that sent the question is over.
    if (this.#inTurn) this.#awoken = true;
    else this.work();
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

  watchState(connection: StackConnection, wanted: boolean): void {
    this.#states.watch(connection, wanted);
  }

  forgetSocket(handle: number): void {
    this.#sockets.delete(handle);
  }

  forgetListener(handle: number): boolean {
    return this.#listeners.delete(handle);
  }
}

function busy(): Error {
  const text =
    "snapshot EBUSY: a handler runs, and what it has been told is half done; " +
    "take it from a timer (stack.after(0, ...)) or between turns";
  return Object.assign(new Error(text), { code: "EBUSY", syscall: "snapshot" });
}
