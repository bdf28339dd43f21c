// One socket of the core: datagrams in, a bounded number in one go, and datagrams out, which wait here while
// it has no room. Who lets them wait says how much may.

import { hold, release } from "../core/keepAlive.js";
import type { Stack } from "../core/stack.js";
import type { Datagram, DatagramSocket } from "../core/socket.js";
import { codeOf, type Code, type Outgoing, type SendOptions } from "./types.js";

/** Whom it belongs to. */
export interface OutletOwner {
  onDatagram(datagram: Datagram): void;
  /** What ICMP has said about the peer. */
  onFailed(code: string): void;
  /** The stack was closed. */
  onClosed(): void;
}

/** Datagrams handed over before others get their turn. */
const DATAGRAMS_PER_TURN = 64;
/** How long what was sent may still wait for its next hop after close(), ms: longer than a neighbour is asked for. */
const LEAVE_WITHIN_MS = 10_000;

export class Outlet {
  readonly socket: DatagramSocket;
  readonly #stack: Stack;
  readonly #owner: OutletOwner;
  readonly #waiting = new Set<Outgoing>();
  readonly #applied: SendOptions;
  #leaving: { readonly end: () => void; readonly stopClock: () => void } | null = null;

  constructor(stack: Stack, socket: DatagramSocket, owner: OutletOwner) {
    this.#stack = stack;
    this.socket = socket;
    this.#owner = owner;
    this.#applied = defaultOptions(stack);
    socket.onReadable = () => this.#read();
    socket.onWritable = () => this.#onRoom();
    socket.onError = ({ code }) => owner.onFailed(code);
    socket.onAbandoned = () => this.#onAbandoned();
  }

  get isOpen(): boolean {
    return this.socket.handle !== 0;
  }

  send(outgoing: Outgoing): void {
    this.#waiting.add(outgoing);
    this.#pump();
  }

  /** What a sender has waiting will not leave. */
  cancel(sender: object): Outgoing[] {
    const cancelled = [...this.#waiting].filter((each) => each.sender === sender);
    for (const each of cancelled) this.#waiting.delete(each);
    return cancelled;
  }

  /** Nobody listens any more: it closes once what it was given has left, and then calls `done`. */
  leave(done: () => void): void {
    if (this.socket.drain()) {
      this.socket.close();
      done();
      return;
    }
    // The program may have nothing else to do.
    hold();
    const end = (): void => {
      this.#endLeaving();
      this.socket.close();
      done();
    };
    this.#leaving = { end, stopClock: this.#stack.after(LEAVE_WITHIN_MS, end) };
  }

  /** It closes now, whatever has not left. */
  giveUp(): void {
    if (this.#leaving !== null) this.#leaving.end();
    else this.socket.close();
  }

  /** Somebody wants it again; what came in between was for nobody. */
  stay(): void {
    this.#endLeaving();
    while (this.isOpen && this.#next() !== null);
  }

  #endLeaving(): void {
    if (this.#leaving === null) return;
    this.#leaving.stopClock();
    this.#leaving = null;
    release();
  }

  /** False: some still wait. */
  #pump(): boolean {
    for (const each of this.#waiting) {
      if (!this.#push(each)) return false;
      this.#waiting.delete(each);
    }
    return true;
  }

  #onRoom(): void {
    if (!this.#pump()) return;
    if (this.#leaving !== null && this.socket.drain()) this.#leaving.end();
  }

  #onAbandoned(): void {
    this.#leaving?.end();
    for (const { done } of [...this.#waiting]) done("EBADF");
    this.#waiting.clear();
    this.#owner.onClosed();
  }

  /** False: there is no room. */
  #push({ data, to, options, done }: Outgoing): boolean {
    let code: Code = null;
    try {
      this.#apply(options);
      if (!this.socket.send(data, to?.port, to?.address)) return false;
    } catch (error) {
      code = codeOf(error);
    }
    done(code);
    return true;
  }

  #apply(options: Readonly<SendOptions>): void {
    const applied = this.#applied;
    const { socket } = this;
    if (applied.ttl !== options.ttl) socket.setOption("TTL", options.ttl);
    if (applied.dscp !== options.dscp) socket.setOption("DSCP", options.dscp);
    if (applied.broadcast !== options.broadcast)
      socket.setOption("BROADCAST", options.broadcast ? 1 : 0);
    if (applied.multicastTtl !== options.multicastTtl && options.multicastTtl > 0)
      socket.setOption("MULTICAST_TTL", options.multicastTtl);
    Object.assign(applied, options);
  }

  #read(): void {
    if (this.#leaving !== null) return;
    let isMore = true;
    try {
      for (let count = 0; count < DATAGRAMS_PER_TURN && isMore; count++) isMore = this.#readOne();
    } finally {
      // Also where a listener has thrown.
      if (isMore && this.isOpen) setImmediate(() => this.#readLater());
    }
  }

  #readLater(): void {
    if (this.isOpen) this.#read();
  }

  #readOne(): boolean {
    if (!this.isOpen) return false;
    const next = this.#next();
    if (next === null) return false;
    if (typeof next === "string") this.#owner.onFailed(next);
    else this.#owner.onDatagram(next);
    return true;
  }

  /** A datagram, the code of an error, or null. */
  #next(): Datagram | string | null {
    try {
      return this.socket.receive();
    } catch (error) {
      return codeOf(error);
    }
  }
}

/** What the core gives a new socket. */
export function defaultOptions(stack: Stack): SendOptions {
  return {
    ttl: stack.getOption("TTL"),
    multicastTtl: 1,
    broadcast: false,
    dscp: stack.getOption("DSCP"),
  };
}
