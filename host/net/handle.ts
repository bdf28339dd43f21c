// One connection as a socket needs it: bytes are pulled while somebody reads, a write waits until the ring has
// taken all of it, and callbacks run in the asynchronous context in which the handle was made. It keeps no
// bytes but those of the one write that the ring had no room for.

import { AsyncResource } from "node:async_hooks";
import type { Connection } from "../core/connection.js";
import type { StackError } from "../core/errors.js";
import { Hold } from "../core/keepAlive.js";
import type { StateChange } from "../core/stateChanges.js";
import { callError } from "../nodeErrors.js";

/** Whoever reads and writes. */
export interface HandleOwner {
  onConnect(): void;
  /** false: no more for now. */
  onData(bytes: Buffer | number): boolean;
  onEnd(): void;
  onError(error: NodeJS.ErrnoException): void;
  /** The stack has ended, and the connection with it. */
  onAbandoned(): void;
  onState(change: StateChange): void;
  /** Memory of its own that it reads into; null: fresh memory for each chunk. */
  readInto(): Uint8Array | null;
}

export type WriteCallback = (error: Error | null) => void;

interface PendingWrite {
  readonly chunks: readonly Uint8Array[];
  at: number;
  /** Of the chunk at which it stands. */
  taken: number;
  readonly callback: WriteCallback;
  readonly context: AsyncResource;
}

/** Bytes of a chunk at most. */
const CHUNK_BYTES = 65_536;
const LONGEST_IDLE_SECONDS = 65_535;

export class Handle {
  reading = false;
  bytesRead = 0;
  /** Handed to write(), whether the ring has them yet or not. */
  bytesWritten = 0;
  connection: Connection | null = null;
  /** Nothing was opened with it yet. */
  isFresh = true;
  #connecting = false;
  #pumping = false;
  #ending: NodeJS.Immediate | null = null;
  #tellsState = false;
  #pending: PendingWrite | null = null;
  #isRef = true;
  readonly #hold = new Hold();
  readonly #context = new AsyncResource("TCPWRAP");
  #owner: HandleOwner | null = null;

  /** A connection that begins. */
  open(connection: Connection): void {
    this.connection = connection;
    this.isFresh = false;
    this.#connecting = true;
  }

  /** One that is there. */
  static of(connection: Connection): Handle {
    const handle = new Handle();
    handle.connection = connection;
    handle.isFresh = false;
    return handle;
  }

  /** From now on the owner is called. */
  belongTo(owner: HandleOwner): void {
    this.#owner = owner;
    const connection = this.connection!;
    const context = this.#context;
    connection.onConnect = () => context.runInAsyncScope(this.#connected, this);
    connection.onReadable = () => {
      if (this.reading) context.runInAsyncScope(this.#pump, this);
    };
    connection.onWritable = () => this.#resume();
    connection.onError = (error) => context.runInAsyncScope(this.#failed, this, error);
    connection.onAbandoned = () => context.runInAsyncScope(() => this.#owner?.onAbandoned());
    if (this.#tellsState) this.tellState(true);
    this.#weigh();
  }

  readStart(): void {
    this.reading = true;
    this.#weigh();
    this.#pump();
  }

  readStop(): void {
    this.reading = false;
    this.#weigh();
  }

  /** All of it, in one or more pieces; the callback comes at once when the ring took everything. */
  write(chunks: readonly Uint8Array[], callback: WriteCallback): void {
    for (const { length } of chunks) this.bytesWritten += length;
    const pending = { chunks, at: 0, taken: 0, callback };
    if (this.#push(pending)) return;
    this.#pending = { ...pending, context: new AsyncResource("WRITEWRAP") };
    this.#weigh();
  }

  /** Sends FIN after what was written. */
  shutdown(): void {
    this.connection?.shutdown();
  }

  /** Lets go of it in good order; `done` is called in a later turn of the event loop. */
  close(done: () => void): void {
    this.#leave((connection) => connection.close(), done);
  }

  /** The same with RST. */
  reset(done: () => void): void {
    this.#leave((connection) => connection.abort(), done);
  }

  ref(): void {
    this.#isRef = true;
    this.#weigh();
  }

  unref(): void {
    this.#isRef = false;
    this.#weigh();
  }

  hasRef(): boolean {
    return this.#isRef;
  }

  getAsyncId(): number {
    return this.#context.asyncId();
  }

  /** Nagle's algorithm off or on; 0, or -1 where there is no connection yet. */
  setNoDelay(enable: boolean): number {
    if (!this.#isOpen) return -1;
    this.connection!.setOption("NO_DELAY", enable ? 1 : 0);
    return 0;
  }

  /** 0 seconds: the first probe comes when it comes. */
  setKeepAlive(enable: boolean, seconds: number): number {
    if (!this.#isOpen) return -1;
    this.connection!.setOption("KEEP_ALIVE", enable ? 1 : 0);
    if (enable && seconds > 0)
      this.connection!.setOption("KEEP_IDLE_SECONDS", Math.min(seconds, LONGEST_IDLE_SECONDS));
    return 0;
  }

  /** Octet of the IP header; the lower two bits belong to ECN, and are the stack's. */
  setTypeOfService(tos: number): number {
    if (!this.connection?.handle) return -1;
    this.connection.setOption("DSCP", tos >> 2);
    return 0;
  }

  getTypeOfService(): number {
    return this.connection?.handle ? this.connection.getOption("DSCP") << 2 : -1;
  }

  /** Whether somebody wants to hear of changes of state. */
  tellState(wanted: boolean): void {
    this.#tellsState = wanted;
    if (this.connection === null || this.#owner === null) return;
    this.connection.onState = wanted
      ? (change) => this.#context.runInAsyncScope(() => this.#owner?.onState(change))
      : null;
  }

  get #isOpen(): boolean {
    return this.connection !== null && this.connection.handle !== 0 && !this.#connecting;
  }

  #connected(): void {
    this.#connecting = false;
    this.#owner?.onConnect();
    this.#weigh();
  }

  #failed({ code, syscall }: StackError): void {
    this.#owner?.onError(callError(code, syscall));
  }

  #pump(): void {
    if (this.#pumping || this.#ending !== null) return;
    this.#pumping = true;
    let hasRead = false;
    try {
      while (this.reading && this.connection !== null) {
        if (!this.#readOne(this.connection, hasRead)) break;
        hasRead = true;
      }
    } finally {
      this.#pumping = false;
    }
  }

  /** In a turn of its own, as each read of the system's sockets: what awaits data hears of the end afterwards. */
  #endLater(): void {
    this.#ending = setImmediate(() => {
      this.#ending = null;
      if (this.reading) this.#context.runInAsyncScope(this.#pump, this);
    });
  }

  /** false: there is nothing more now. */
  #readOne(connection: Connection, hasRead: boolean): boolean {
    const owner = this.#owner!;
    const available = connection.available();
    if (available < 0) return false;
    if (available === 0) {
      if (hasRead) {
        this.#endLater();
        return false;
      }
      this.readStop();
      owner.onEnd();
      return false;
    }
    const into = owner.readInto();
    let taken: Buffer | number;
    if (into === null) {
      taken = Buffer.allocUnsafe(Math.min(available, CHUNK_BYTES));
      this.bytesRead += connection.read(taken);
    } else {
      taken = connection.read(into);
      this.bytesRead += taken;
    }
    if (!owner.onData(taken)) this.readStop();
    return true;
  }

  /** true: all of it is in the ring, or lost with its connection, and the callback was called. */
  #push(write: Omit<PendingWrite, "context">): boolean {
    const { chunks } = write;
    try {
      while (write.at < chunks.length) {
        const chunk = chunks[write.at]!;
        const rest = write.taken === 0 ? chunk : chunk.subarray(write.taken);
        const taken = this.connection!.write(rest);
        if (taken < rest.length) {
          write.taken += taken;
          return false;
        }
        write.at++;
        write.taken = 0;
      }
    } catch (error) {
      write.callback(callError((error as NodeJS.ErrnoException).code ?? "EPIPE", "write"));
      return true;
    }
    write.callback(null);
    return true;
  }

  #resume(): void {
    const pending = this.#pending;
    if (pending === null || this.connection === null) return;
    pending.context.runInAsyncScope(() => {
      if (!this.#push(pending)) return;
      // The callback may have begun the next write.
      if (this.#pending === pending) this.#pending = null;
      this.#weigh();
    });
  }

  #leave(how: (connection: Connection) => void, done: () => void): void {
    const { connection } = this;
    const pending = this.#pending;
    this.connection = this.#pending = null;
    this.reading = false;
    this.#weigh();
    // What failed to connect was let go of before.
    if (connection !== null) {
      connection.onConnect = connection.onReadable = connection.onWritable = null;
      connection.onError = connection.onState = connection.onAbandoned = null;
      how(connection);
    }
    this.#context.runInAsyncScope(() => {
      setImmediate(() => {
        pending?.callback(null);
        done();
      });
    });
  }

  /** Whether it keeps the process alive: while something is expected of it, as a handle of Node's. */
  #weigh(): void {
    const isBusy = this.reading || this.#connecting || this.#pending !== null;
    const wanted = this.#isRef && this.connection !== null && isBusy;
    this.#hold.set(wanted);
  }
}
