// A stack: one instance of the core with its interfaces, listeners and connections. This file is
// what callers see of it; instance.ts is how it works.

import type { Clock } from "../link/clock.js";
import type { Link } from "../link/link.js";
import type {
  StreamConnectOptions,
  StreamListener,
  StreamListenOptions,
  StreamSocket,
} from "../portable/types.js";
import type { AddressStateName } from "./addressRecords.js";
import type { Connection, Listener } from "./connection.js";
import type { ProfileName, VariantName } from "./core.js";
import type { Service } from "./generated/abi.js";
import type { Hosts } from "./hosts.js";
import type { AutoOptions, LeaseInfo } from "./lease.js";
import type { OnLookup } from "./names.js";
import type { RouteInfo, RouteOptions } from "./routing.js";
import type { DatagramSocket, SocketProtocol } from "./socket.js";
import type { ConnectionInfo, CounterName, OptionName, PoolLevels, TraceEntry } from "./observe.js";
import type { TimeInfo } from "./timeOfDay.js";
import type { WasmSource } from "./wasm.js";

export type { AddressStateName } from "./addressRecords.js";
export type { ProfileName, VariantName } from "./core.js";

/** An address with more than its text says. */
export interface AddressOptions {
  /** IPv4, "198.18.0.2". */
  address: string;
  /** Bits of it that name the network, 1 to 32. */
  prefixLength: number;
  /** Probe before use, announce and defend (RFC 5227). Default false. */
  conflictDetection?: boolean;
}

/** How a link becomes an interface. */
export interface AttachOptions {
  /** "02:00:5e:10:00:01" or 6 bytes. Default: a random locally administered one. */
  mac?: string | Uint8Array;
  /** Bytes of an IP packet. Default: the link's, at most what the profile's frames hold. */
  mtu?: number;
  /** With prefix length, "198.18.0.2/30". Default: none. */
  addresses?: readonly (string | AddressOptions)[];
  /** Who gets what is for other networks: a host on the interface's own. Default: none. */
  router?: string;
  /** Addresses that it gets by itself. Default: none. */
  auto?: AutoOptions;
}

/** What a stack is made of, and its first interface. */
export interface StackOptions extends AttachOptions {
  /** Which build of the core: its limits. Default "desktop". */
  profile?: ProfileName;
  /** Default "release". */
  variant?: VariantName;
  /** Where the core's module is, in place of profile and variant. Default: in this package. */
  wasm?: WasmSource | Promise<WasmSource>;
  /** Default: the machine's monotonic clock. */
  clock?: Clock;
  /** 32 random bytes. Default: from crypto.getRandomValues(). */
  entropy?: Uint8Array;
  /** true (default): turns run by themselves on the event loop. false: the caller calls turn(). */
  loop?: boolean;
  /** 1 to 63 letters, digits and hyphens: told to DHCP servers, and answered for as NAME.local. */
  hostName?: string;
  /** Names that are answered before localhost and name servers. Default: none. */
  hosts?: Hosts;
  /** The first interface, which the options of attach() are for. Default: none. */
  link?: Link;
}

/** Where connections are waited for. */
export interface ListenOptions {
  /** 0 to 65535; 0: a free one is chosen. */
  port: number;
  /** One of the stack's own addresses; default: any. */
  address?: string;
  /** Connections that may wait to be accepted, 1 to 65535. Default 128. */
  backlog?: number;
}

/** What the stack itself can serve: see docs/abi.md, Service. */
export type ServiceName = Lowercase<keyof typeof Service>;

/** Who is called. */
export interface ConnectOptions {
  /** An IPv4 address; names are for lookup(). */
  host: string;
  /** 1 to 65535. */
  port: number;
  /** One of the stack's own. Default: chosen by where it goes. */
  localAddress?: string;
  /** Default: one that nobody can guess. */
  localPort?: number;
}

/** What a socket for datagrams is. */
export interface BindOptions {
  /** "udp" (default), or "echo": echo requests of our own, for ping and traceroute. */
  protocol?: SocketProtocol;
  /** 0 (default): one that nobody can guess. Of an echo socket: the identifier. */
  port?: number;
  /** One of the stack's own addresses; default: any. */
  address?: string;
}

/** What an interface was configured with, and what it has. */
export interface InterfaceInfo {
  /** From 0, in the order in which links were attached. */
  index: number;
  /** "02:00:5e:10:00:01". */
  mac: string;
  /** Bytes of the largest IP packet. */
  mtu: number;
  /** With prefix length, in whatever state: given, or got by itself. */
  addresses: string[];
  /** Frames pass. */
  up: boolean;
  /** Immediate replies that the link had no room for. */
  repliesLost: number;
}

/**
 * One instance of the core with its interfaces, listeners and connections. Calls throw errors of Node's shape: `code`,
 * `syscall`, and `address` and `port` where they are known.
 */
export interface Stack {
  /** Which build of the core it runs. */
  readonly profile: ProfileName;
  /** Whose time it goes by. */
  readonly clock: Clock;
  /** Attaches a link; its interface number. The link belongs to the stack from then on. */
  attach(link: Link, options: AttachOptions): number;
  /** All that are attached. */
  interfaces(): InterfaceInfo[];
  /** Pulls or plugs the cable of an interface. */
  setLink(index: number, up: boolean): void;
  /**
   * How an interface gets addresses by itself from now on; null: not any more, and a lease is given
   * back. Throws EAFNOSUPPORT: the profile does not know how.
   */
  setAuto(index: number, auto: AutoOptions | null): void;
  /** What it got so; null: it was not asked to. */
  lease(index: number): LeaseInfo | null;
  /** Hears a multicast group on an interface (default the first), until it has left as often. */
  join(group: string, index?: number): void;
  /** Undoes one join(). */
  leave(group: string, index?: number): void;
  /** What is below a network goes to a router: the longest prefix wins. Throws ENOBUFS, EINVAL. */
  addRoute(route: RouteOptions): void;
  /** Throws ENETUNREACH: there is none. */
  removeRoute(route: Omit<RouteOptions, "router">): void;
  /** Those that were added. */
  routes(): RouteInfo[];
  /** Our name, without .local; "": none. Another host may have had it: see onName. */
  hostName: string;
  /** Tells of a service under our name (DNS-SD), as in "_http._tcp"; port 0: not any more. */
  publish(type: string, port: number): void;
  /** At most two, asked before those of leases. */
  setNameServers(addresses: readonly string[]): void;
  /**
   * IPv4 addresses of a name. Rejects with `code` ENOTFOUND, ENODATA, ETIMEOUT, ESERVFAIL, ENETUNREACH
   * (no name server is known), ECANCELLED (the stack was closed).
   */
  lookup(name: string): Promise<string[]>;
  /** The same with a callback, for loops in which no promise runs. The result cancels. */
  resolve(name: string, done: OnLookup): () => void;
  /**
   * Asks a time server from now on; null: those of leases. `onTime` is called with each answer. The
   * result stops it.
   */
  timeServer(address: string | null, onTime?: (time: TimeInfo) => void): () => void;
  /** The time of day by the last answer of a time server; null: there was none. */
  wallClock(): Date | null;
  /** Throws an error with `code` (EADDRINUSE, EADDRNOTAVAIL, ENOBUFS ...). */
  listen(options: ListenOptions, onConnection: (connection: Connection) => void): Listener;
  /** Without a handler: an iterable of sockets of promises. */
  listen(options: StreamListenOptions): StreamListener;
  /**
   * A built-in service: the stack attends to its connections by itself, `backlog` at the same time. The
   * result's close() ends them. Throws as listen() does; ENOTSUP: the profile has none like it.
   */
  serve(service: ServiceName, options: ListenOptions): Listener;
  /** The connection, in SYN-SENT; onConnect or onError follows. Throws as listen() does. */
  connect(options: ConnectOptions): Connection;
  /** With `hostname`, an address or a name: a socket of promises. What goes wrong rejects `opened`. */
  connect(options: StreamConnectOptions): StreamSocket;
  /** A socket for datagrams. Throws as listen() does; EAFNOSUPPORT: the profile has none. */
  bind(options?: BindOptions): DatagramSocket;
  /** One bounded turn; true: more is due at once. Called by hand only with loop: false. */
  turn(): boolean;
  /** Ms from now until turn() has work (0: now; Infinity: only when a frame or a call comes). */
  nextDeadline(): number;
  /**
   * Calls back once from a turn, at or after `delayMs`: works under every loop and clock. The
   * result cancels.
   */
  after(delayMs: number, callback: () => void): () => void;
  /** Every listener, connection, handshake and TIME-WAIT entry: what netstat shows. */
  connections(): ConnectionInfo[];
  /** What was received, sent and dropped, each drop under its reason; they wrap at 2^32. */
  counters(): Record<CounterName, number>;
  /** What is in use of each pool of records, and the most that ever was. */
  pools(): PoolLevels[];
  /** State changes since the last call, oldest first. */
  traces(): TraceEntry[];
  /** Records that were overwritten before traces() took them. */
  tracesLost(): number;
  /** Default for what is opened later, or a stack-wide option. */
  setOption(option: OptionName, value: number): void;
  /** Its value. */
  getOption(option: OptionName): number;
  /** What became of an address that was given or got. */
  addressState(address: string): AddressStateName;
  /** An address came into use, or another station has it. */
  onAddress: ((address: string, state: AddressStateName) => void) | null;
  /** A link went up or down. Not on tiny. */
  onLink: ((index: number, up: boolean) => void) | null;
  /** lease() tells something else: an address came or went, a lease goes on, or no server answers. */
  onLease: ((index: number) => void) | null;
  /** Another host has our name below .local, and this is the one we have taken. */
  onName: ((name: string) => void) | null;
  /** A frame, a call or a deadline asks for turn(). Only for stacks made with loop: false. */
  onWork: (() => void) | null;
  /** Turns run so far. */
  readonly turns: number;
  /**
   * false: deadlines alone do not keep the process alive. Links have a say of their own: a TAP
   * device and the listeners of user mode keep it alive until they are closed.
   */
  ref(keep: boolean): void;
  /**
   * Before close(): services are told of no more, leases are given back. Calls back when that has left,
   * or after `withinMs` (default 1000).
   */
  withdraw(done: () => void, withinMs?: number): void;
  /**
   * Closes listeners, resets connections, closes links; what withdraw() would say is said, but not waited
   * for. Handlers onAbandoned are called, others not any more; lookups fail with ECANCELLED. What asks for work then
   * throws EBADF; what only tells, and a second close(), does not.
   */
  close(): void;
}
