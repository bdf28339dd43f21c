// One TCP connection, thin: calls go straight to the core, handlers are called from the stack's
// turn. Bytes are copied exactly once each way. A socket in the style of node:net can be built on
// top of it; this layer keeps no buffers of its own.

import { copyBytes } from "./copyBytes.js";
import type { Core } from "./core.js";
import { check, stackError, type ErrorPlace, type StackError } from "./errors.js";
import { Commit, Errno, Event, Option, State } from "./generated/abi.js";
import {
  readConnection,
  stateName,
  type ConnectionInfo,
  type OptionName,
  type StateName,
} from "./observe.js";
import { readEndpoints, readError, readOption, readState } from "./records.js";
import type { SavedConnection } from "./saved.js";
import type { StateChange } from "./stateChanges.js";

/** One TCP connection. Handlers are null by default; none is called after close() or abort(). */
export interface Connection {
  /** Handle in the core; 0 once it is gone. */
  readonly handle: number;
  /** One of the stack's. */
  readonly localAddress: string;
  /** 1 to 65535. */
  readonly localPort: number;
  /** The peer's. */
  readonly remoteAddress: string;
  /** The peer's, 1 to 65535. */
  readonly remotePort: number;
  /** Name of the state as RFC 9293 spells it; "CLOSED" once the handle is gone. */
  readonly state: StateName;
  /** The owner's own data, untouched. */
  data: unknown;

  /** Bytes that one read() gives without copying in two parts; 0: end of the stream; -1: nothing now. */
  available(): number;
  /** Copies what has arrived. n > 0: bytes copied; 0: end of the stream; -1: nothing now. */
  read(into: Uint8Array): number;
  /** Throws away up to `limit` bytes without copying them. Result as for read(). */
  discard(limit: number): number;
  /**
   * Queues bytes; how many were taken. Fewer than given: full, or not open yet; onWritable
   * follows. Throws EPIPE after shutdown(). urgent: the peer is told of them at once (RFC 6093: in
   * line all the same).
   */
  write(from: Uint8Array, urgent?: boolean): number;
  /** Sends FIN after the bytes queued; reading goes on. */
  shutdown(): void;
  /**
   * Gives the connection up in good order: bytes queued and FIN still leave. With bytes unread it
   * is reset instead (RFC 9293 section 3.6.1).
   */
  close(): void;
  /** Resets the connection. */
  abort(): void;
  /** NO_DELAY, TTL, DSCP, R2_SECONDS, KEEP_ALIVE ...; their ranges are in docs/abi.md. Throws EBADF, EINVAL, ENOPROTOOPT. */
  setOption(option: OptionName, value: number): void;
  /** Its value. Throws as setOption() does. */
  getOption(option: OptionName): number;
  /** Everything the core knows about it; null once the handle is gone. */
  info(): ConnectionInfo | null;

  /** connect() succeeded. */
  onConnect: (() => void) | null;
  /** Bytes, or the end of the stream, can be read. Called again only after read() gave -1. */
  onReadable: (() => void) | null;
  /** There is room again after write() took less than it was given. */
  onWritable: (() => void) | null;
  /** The connection ended with an error; onClosed follows. error.code is ECONNRESET, ETIMEDOUT ... */
  onError: ((error: StackError) => void) | null;
  /** The connection is over in both directions, by itself. Called once; its bytes can still be read. */
  onClosed: (() => void) | null;
  /** Trouble that did not end the connection: no answer for some time, or an ICMP error. */
  onTrouble: ((error: StackError | null) => void) | null;
  /**
   * Its state has changed: told before whatever else comes of it, one by one with a trace ring (desktop), without
   * those that lasted for less than a turn on other builds.
   */
  onState: ((change: StateChange) => void) | null;
  /** The stack was closed, or stopped for a snapshot, and the connection is gone with it. The last that is told. */
  onAbandoned: (() => void) | null;
}

/** What a connection needs of its stack. */
export interface ConnectionOwner {
  readonly core: Core;
  /** Before a call: tells the core the time unless a turn has just done so. */
  enter(): void;
  /** After a call that may have made output or moved a deadline. */
  work(): void;
  /** The handle is gone. */
  forget(handle: number): void;
  /** Its changes of state are wanted, or not any more. */
  watchState(connection: StackConnection, wanted: boolean): void;
}

const READ_EVENTS = Event.READABLE | Event.PEER_CLOSED;

export class StackConnection implements Connection {
  handle: number;
  localAddress = "";
  localPort = 0;
  remoteAddress = "";
  remotePort = 0;
  data: unknown = undefined;
  onConnect: (() => void) | null = null;
  onReadable: (() => void) | null = null;
  onWritable: (() => void) | null = null;
  onError: ((error: StackError) => void) | null = null;
  onClosed: (() => void) | null = null;
  onTrouble: ((error: StackError | null) => void) | null = null;
  onAbandoned: (() => void) | null = null;
  #onState: ((change: StateChange) => void) | null = null;
  /** write() took less than it was given and onWritable is owed. */
  #blocked = false;
  /** The core reported the end; the record lives until the bytes left are read. */
  #over = false;
  /** connect() has neither succeeded nor failed. */
  #opening: boolean;
  /** The same, reported to an owner before this one, in another stack. */
  #wasOver = false;
  readonly #owner: ConnectionOwner;
  readonly #core: Core;

  constructor(owner: ConnectionOwner, handle: number) {
    this.#owner = owner;
    this.#core = owner.core;
    this.handle = handle;
    this.#opening = readState(this.#core, handle) === State.SYN_SENT;
    readEndpoints(this.#core, handle, this);
  }

  get state(): StateName {
    if (this.handle === 0) return "CLOSED";
    const state = readState(this.#core, this.handle);
    return state < 0 ? "CLOSED" : stateName(state);
  }

  available(): number {
    this.#owner.enter();
    const available = this.#core.exports.receiveSpan(this.handle);
    return available > 0 ? available : this.#noBytes(available);
  }

  read(into: Uint8Array): number {
    const core = this.#core;
    const { exports, memory } = core;
    this.#owner.enter();
    let copied = 0;
    while (copied < into.length) {
      const available = exports.receiveSpan(this.handle);
      if (available <= 0) return copied > 0 ? copied : this.#noBytes(available);
      const length = Math.min(available, into.length - copied);
      copyBytes(into, copied, memory, core.spanPointer(), length);
      exports.consume(this.handle, length);
      copied += length;
    }
    this.#owner.work();
    return copied;
  }

  discard(limit: number): number {
    const { exports } = this.#core;
    this.#owner.enter();
    let dropped = 0;
    while (dropped < limit) {
      const available = exports.receiveSpan(this.handle);
      if (available <= 0) return dropped > 0 ? dropped : this.#noBytes(available);
      const length = Math.min(available, limit - dropped);
      exports.consume(this.handle, length);
      dropped += length;
    }
    this.#owner.work();
    return dropped;
  }

  write(from: Uint8Array, urgent = false): number {
    const core = this.#core;
    const { exports, memory } = core;
    this.#owner.enter();
    let taken = 0;
    while (taken < from.length) {
      const room = exports.sendSpan(this.handle);
      if (room <= 0) {
        if (room === -Errno.EPIPE || room === -Errno.EBADF)
          throw this.#failure(Errno.EPIPE, "write");
        this.#blocked = true;
        break;
      }
      const length = Math.min(room, from.length - taken);
      const whole = taken === 0 && length === from.length;
      memory.set(whole ? from : from.subarray(taken, taken + length), core.spanPointer());
      const last = taken + length === from.length;
      const result = exports.commit(this.handle, urgent && last ? length | Commit.URGENT : length);
      if (result < 0) throw this.#failure(-result, "write");
      taken += length;
    }
    if (taken > 0) this.#owner.work();
    return taken;
  }

  shutdown(): void {
    if (this.handle === 0) return;
    this.#owner.enter();
    const result = this.#core.exports.shutdown(this.handle);
    if (result < 0 && result !== -Errno.EPIPE && result !== -Errno.EBADF) {
      throw this.#failure(-result, "shutdown");
    }
    this.#owner.work();
  }

  close(): void {
    this.#end(this.#core.exports.close);
  }

  abort(): void {
    this.#end(this.#core.exports.abort);
  }

  setOption(option: OptionName, value: number): void {
    // Handle 0 would set the default of the whole stack.
    if (this.handle === 0) throw this.#failure(Errno.EBADF, "setsockopt");
    const result = this.#core.exports.setOption(this.handle, Option[option] ?? 0, value);
    check(result, { syscall: "setsockopt" });
    this.#owner.work();
  }

  getOption(option: OptionName): number {
    if (this.handle === 0) throw this.#failure(Errno.EBADF, "getsockopt");
    const value = readOption(this.#core, this.handle, Option[option] ?? 0);
    return check(value, { syscall: "getsockopt" });
  }

  info(): ConnectionInfo | null {
    return readConnection(this.#core, this.handle);
  }

  get onState(): ((change: StateChange) => void) | null {
    return this.#onState;
  }

  set onState(handler: ((change: StateChange) => void) | null) {
    this.#onState = handler;
    this.#owner.watchState(this, handler !== null && this.handle !== 0);
  }

  /** Called by the stack when it ends. */
  abandon(): void {
    this.abort();
    this.onAbandoned?.();
  }

  /** Called by the stack with the event bits of this handle. */
  deliver(events: number): void {
    // A handler that throws must not hide the end of the connection.
    try {
      this.#signal(events);
    } finally {
      if (this.handle !== 0) {
        if (events & Event.ERROR) this.#fail();
        else if (events & Event.CLOSED) this.#finish();
      }
    }
  }

  /** Called by the stack: a full pool took the record of a connection that had failed already. */
  checkAlive(): void {
    if (this.handle === 0 || readState(this.#core, this.handle) >= 0) return;
    this.#forget();
    this.#report(Errno.ECONNABORTED, "read");
  }

  /** What a new owner must hear in any case: the core tells of each thing once, and told the one before. */
  untold(): number {
    const hasBytesOrEnd = this.#core.exports.receiveSpan(this.handle) >= 0;
    return (hasBytesOrEnd ? READ_EVENTS : 0) | Event.WRITABLE | (this.#wasOver ? Event.CLOSED : 0);
  }

  saved(): SavedConnection {
    return { handle: this.handle, blocked: this.#blocked, over: this.#over || this.#wasOver };
  }

  resume({ blocked, over }: SavedConnection): void {
    this.#blocked = blocked;
    this.#wasOver = over;
  }

  #signal(events: number): void {
    if (events & Event.CONNECTED) {
      this.#opening = false;
      // An address that the core chose is known only now.
      readEndpoints(this.#core, this.handle, this);
      this.onConnect?.();
    }
    if (events & (Event.TROUBLE | Event.SOFT_ERROR) && !(events & Event.ERROR)) {
      this.#trouble(events);
    }
    if (events & READ_EVENTS && this.handle !== 0) this.onReadable?.();
    if (events & (Event.WRITABLE | Event.CONNECTED) && this.#blocked && this.handle !== 0) {
      this.#blocked = false;
      this.onWritable?.();
    }
  }

  #end(call: (handle: number) => number): void {
    if (this.handle === 0) return;
    this.#owner.enter();
    call(this.handle);
    this.#forget();
    this.#owner.work();
  }

  #forget(): void {
    this.#owner.forget(this.handle);
    if (this.#onState !== null) this.#owner.watchState(this, false);
    this.handle = 0;
  }

  /** receiveSpan gave no bytes: the end, nothing yet, or an error whose event is on its way. */
  #noBytes(result: number): number {
    if (this.handle === 0) return 0;
    if (result < 0 && !this.#over) return -1;
    if (this.#over) this.#end(this.#core.exports.close);
    return 0;
  }

  /** The core ended the connection; its record goes once its error is known. */
  #fail(): void {
    const number = readError(this.#core, this.handle);
    this.#end(this.#core.exports.close);
    const syscall = this.#opening ? "connect" : "read";
    this.#report(number > 0 ? number : Errno.ECONNABORTED, syscall);
  }

  #report(number: number, syscall: string): void {
    try {
      this.onError?.(this.#failure(number, syscall));
    } finally {
      this.onClosed?.();
    }
  }

  /** Both sides are closed. Unread bytes keep the record until they are read. */
  #finish(): void {
    this.#over = true;
    try {
      this.onClosed?.();
    } finally {
      this.#release();
    }
  }

  #release(): void {
    if (this.handle !== 0 && this.#core.exports.receiveSpan(this.handle) <= 0) {
      this.#end(this.#core.exports.close);
    }
  }

  #trouble(events: number): void {
    const number = events & Event.SOFT_ERROR ? readError(this.#core, this.handle) : 0;
    this.onTrouble?.(number > 0 ? this.#failure(number, "write") : null);
  }

  #failure(number: number, syscall: string): StackError {
    const place: ErrorPlace = { syscall, address: this.remoteAddress, port: this.remotePort };
    return stackError(number, place);
  }
}

/** A passive open. */
export interface Listener {
  /** Handle in the core; 0 once it is closed. */
  readonly handle: number;
  /** "0.0.0.0": any address of the stack. */
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
  /** RESET_WHEN_FULL, SOURCE_LIMIT. Throws EBADF, EINVAL, ENOPROTOOPT. */
  setOption(option: OptionName, value: number): void;
  /** Its value. Throws as setOption() does. */
  getOption(option: OptionName): number;
  /** Everything the core knows about it; null once it is closed. */
  info(): ConnectionInfo | null;
  /** Stops listening. Connections already handed over live on; those still waiting are reset. */
  close(): void;
  /** The stack was closed, or stopped for a snapshot, and the listener is gone with it. null by default. */
  onAbandoned: (() => void) | null;
}
