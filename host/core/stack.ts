// A stack: one instance of the core with its interfaces, listeners and connections. This file is
// what callers see of it; instance.ts is how it works.

import type { Clock } from "../link/clock.js";
import type { Link } from "../link/link.js";
import type { Connection, Listener } from "./connection.js";
import { createCore, type ProfileName, type VariantName } from "./core.js";
import type { AddressState } from "./generated/abi.js";
import { StackInstance } from "./instance.js";
import type { DatagramSocket, SocketProtocol } from "./socket.js";
import type { ConnectionInfo, CounterName, OptionName, PoolLevels, TraceEntry } from "./observe.js";

export type { ProfileName, VariantName } from "./core.js";

export interface StackOptions {
  /** Which build of the core: its limits. Default "desktop". */
  profile?: ProfileName;
  /** Default "release". */
  variant?: VariantName;
  /** Default: the machine's monotonic clock. */
  clock?: Clock;
  /** 32 random bytes. Default: from node:crypto. */
  entropy?: Uint8Array;
  /** true (default): turns run by themselves on the event loop. false: the caller calls turn(). */
  loop?: boolean;
}

export interface AddressOptions {
  address: string;
  prefixLength: number;
  /** Probe before use, announce and defend (RFC 5227). Default false. */
  conflictDetection?: boolean;
}

export interface AttachOptions {
  /** "02:00:5e:10:00:01" or 6 bytes. Default: a random locally administered one. */
  mac?: string | Uint8Array;
  /** Bytes of an IP packet. Default: the link's, at most what the profile's frames hold. */
  mtu?: number;
  addresses: readonly (string | AddressOptions)[];
  router?: string;
}

export interface ListenOptions {
  /** 0: a free one is chosen. */
  port: number;
  /** One of the stack's own addresses; default: any. */
  address?: string;
  /** Connections that may wait to be accepted. Default 128. */
  backlog?: number;
}

export interface ConnectOptions {
  host: string;
  port: number;
  localAddress?: string;
  localPort?: number;
}

export interface BindOptions {
  /** "udp" (default), or "echo": echo requests of our own, for ping and traceroute. */
  protocol?: SocketProtocol;
  /** 0 (default): one that nobody can guess. Of an echo socket: the identifier. */
  port?: number;
  /** One of the stack's own addresses; default: any. */
  address?: string;
}

/** What an interface was configured with. */
export interface InterfaceInfo {
  index: number;
  mac: string;
  mtu: number;
  addresses: string[];
  /** Immediate replies that the link had no room for. */
  repliesLost: number;
}

export type AddressStateName = keyof typeof AddressState;

export interface Stack {
  readonly profile: ProfileName;
  readonly clock: Clock;
  /** Attaches a link; its interface number. The link belongs to the stack from then on. */
  attach(link: Link, options: AttachOptions): number;
  interfaces(): InterfaceInfo[];
  /** Throws an error with `code` (EADDRINUSE, EADDRNOTAVAIL, ENOBUFS ...). */
  listen(options: ListenOptions, onConnection: (connection: Connection) => void): Listener;
  /** The connection, in SYN-SENT; onConnect or onError follows. Throws as listen() does. */
  connect(options: ConnectOptions): Connection;
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
  counters(): Record<CounterName, number>;
  pools(): PoolLevels[];
  /** State changes since the last call, oldest first. */
  traces(): TraceEntry[];
  /** Records that were overwritten before traces() took them. */
  tracesLost(): number;
  /** Default for what is opened later, or a stack-wide option. */
  setOption(option: OptionName, value: number): void;
  getOption(option: OptionName): number;
  addressState(address: string): AddressStateName;
  /** An address came into use, or another station has it. */
  onAddress: ((address: string, state: AddressStateName) => void) | null;
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
   * Closes listeners, resets connections, closes links. No handler is called any more. What asks for
   * work then throws EBADF; what only tells, and a second close(), does not.
   */
  close(): void;
}

/** Creates, seeds and starts a stack. */
export async function createStack(options: StackOptions = {}): Promise<Stack> {
  return new StackInstance(await createCore(options.profile, options.variant), options);
}
