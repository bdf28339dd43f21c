// One connection as promises and streams: opened, closed, readable, writable. It is made before there is a
// connection below it, which may be an attempt at the first of several addresses.

import type { Connection } from "../core/connection.js";
import { Errno, stackError, type StackError } from "../core/errors.js";
import type { ConnectionInfo } from "../core/observe.js";
import { createIncoming } from "./incoming.js";
import { createOutgoing } from "./outgoing.js";
import { createPending, unobserved, type Pending } from "./pending.js";
import type { StreamSocket, StreamSocketInfo } from "./types.js";

/** What a socket tells. */
export interface StreamSocketOwner {
  /** Nothing happens to it any more. */
  forget(socket: StackStreamSocket): void;
}

const DISCARDED_BYTES = 65_536;

export class StackStreamSocket implements StreamSocket {
  readonly opened: Promise<StreamSocketInfo>;
  readonly closed: Promise<void>;
  readonly #owner: StreamSocketOwner;
  readonly #incoming = createIncoming(() => this.#ignoreIncoming());
  readonly #outgoing = createOutgoing({
    finish: () => this.#finish(),
    abort: (reason) => this.abort(reason),
  });
  readonly #opening: Pending<StreamSocketInfo> = createPending();
  #settle!: { resolve(): void; reject(reason: unknown): void };
  #connection: Connection | null = null;
  #isOpen = false;
  #isClosing = false;
  #isOver = false;
  /** Nobody wants what comes. */
  #ignores = false;
  /** Our FIN is on its way. */
  #isFinished = false;
  /** Gives up what is under way before there is a connection, and what listens elsewhere. */
  #cleanups: (() => void)[] = [];

  constructor(owner: StreamSocketOwner) {
    this.#owner = owner;
    this.opened = unobserved(this.#opening.promise);
    this.closed = unobserved(
      new Promise((resolve, reject) => (this.#settle = { resolve, reject })),
    );
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#incoming.readable;
  }

  get writable(): WritableStream<Uint8Array> {
    return this.#outgoing.writable;
  }

  info(): ConnectionInfo | null {
    return this.#connection?.info() ?? null;
  }

  /** Called once when all is over. */
  onOver(cleanup: () => void): void {
    if (this.#isOver) cleanup();
    else this.#cleanups.push(cleanup);
  }

  /** An attempt; `onFailed` is told when nothing comes of it. */
  attempt(connection: Connection, onFailed: (error: StackError) => void): void {
    this.#connection = connection;
    connection.onConnect = () => this.#open(connection);
    connection.onError = onFailed;
  }

  /** It is open. */
  adopt(connection: Connection): void {
    this.#connection = connection;
    this.#open(connection);
  }

  #open(connection: Connection): void {
    this.#isOpen = true;
    connection.onReadable = () => this.#arrived();
    connection.onWritable = () => this.#outgoing.room();
    connection.onError = (error) => this.fail(error);
    connection.onClosed = () => this.#end(() => this.#settle.resolve());
    const { readable, writable } = this;
    const { remoteAddress, remotePort, localAddress, localPort } = connection;
    const ends = { remoteAddress, remotePort, localAddress, localPort };
    this.#opening.resolve({ readable, writable, ...ends });
    this.#incoming.attach(connection);
    this.#outgoing.attach(connection);
  }

  /** It did not open, or something else ended it. */
  fail(reason: unknown): void {
    this.#end(() => {
      this.#connection = null;
      this.#incoming.fail(reason);
      this.#outgoing.stop(reason);
      this.#opening.reject(reason);
      this.#settle.reject(reason);
    });
  }

  abort(reason: unknown = this.#error(Errno.ECONNABORTED, "abort")): void {
    const connection = this.#connection;
    this.fail(reason);
    connection?.abort();
  }

  close(): Promise<void> {
    if (this.#isOver) this.#letGo();
    else if (!this.#isClosing) {
      this.#isClosing = true;
      this.#incoming.end();
      this.#ignores = true;
      this.#drain();
      this.#outgoing.whenTaken(() => this.#closeNow());
    }
    return this.closed;
  }

  #closeNow(): void {
    this.#end(() => {
      const reason = this.#error(Errno.EPIPE, "write");
      this.#outgoing.stop(reason);
      this.#opening.reject(this.#error(Errno.ECONNABORTED, "connect"));
      this.#settle.resolve();
    });
    this.#letGo();
  }

  #end(settle: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    settle();
    this.#owner.forget(this);
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
  }

  /** The connection's record is free for others; unread bytes go with it. */
  #letGo(): void {
    this.#incoming.end();
    this.#drain();
    if (this.#isOpen) this.#connection?.close();
    else this.#connection?.abort();
    this.#connection = null;
  }

  /** The writer is done. */
  #finish(): void {
    this.#isFinished = true;
    this.#connection?.shutdown();
    if (this.#ignores) void this.close();
  }

  /** The reader is done: the peer may go on, unless we are done, too. */
  #ignoreIncoming(): void {
    this.#ignores = true;
    this.#drain();
    if (this.#isFinished || this.#isOver) void this.close();
  }

  #arrived(): void {
    if (this.#ignores) this.#drain();
    else this.#incoming.arrived();
  }

  #drain(): void {
    if (!this.#isOpen) return;
    while ((this.#connection?.discard(DISCARDED_BYTES) ?? 0) > 0);
  }

  #error(number: number, syscall: string): StackError {
    const { remoteAddress: address, remotePort: port } = this.#connection ?? {};
    return stackError(number, address === undefined ? { syscall } : { syscall, address, port });
  }
}
