// A Connection that counts the bytes of its service and tells when it is let go. Services see the
// same API as without it. A service that throws loses its connection and harms no other.

import type { Connection } from "../../core/connection.js";
import type { ConnectionInfo, OptionName, StateName } from "../../core/observe.js";
import type { StackError } from "../../core/errors.js";
import { codeOf } from "../exit.js";

type Handler = (() => void) | null;
type ErrorHandler = ((error: StackError) => void) | null;
type TroubleHandler = ((error: StackError | null) => void) | null;

export interface WatchedEvents {
  /** Bytes were read or written. */
  moved(): void;
  /** close(), abort(), or the end by itself; `error` is the code of what ended it, or "". */
  released(error: string): void;
}

export class WatchedConnection implements Connection {
  data: unknown = undefined;
  received = 0;
  sent = 0;
  readonly #inner: Connection;
  readonly #events: WatchedEvents;
  #released = false;
  #error = "";
  #onReadable: Handler = null;
  #onWritable: Handler = null;
  #onConnect: Handler = null;
  #onClosed: Handler = null;
  #onError: ErrorHandler = null;

  constructor(inner: Connection, events: WatchedEvents) {
    this.#inner = inner;
    this.#events = events;
    inner.onReadable = () => this.#run(this.#onReadable);
    inner.onWritable = () => this.#run(this.#onWritable);
    inner.onConnect = () => this.#run(this.#onConnect);
    inner.onError = (error) => {
      this.#error = codeOf(error);
      this.#run(() => this.#onError?.(error));
    };
    inner.onClosed = () => {
      this.#run(this.#onClosed);
      this.#release(this.#error);
    };
  }

  get handle(): number {
    return this.#inner.handle;
  }
  get localAddress(): string {
    return this.#inner.localAddress;
  }
  get localPort(): number {
    return this.#inner.localPort;
  }
  get remoteAddress(): string {
    return this.#inner.remoteAddress;
  }
  get remotePort(): number {
    return this.#inner.remotePort;
  }
  get state(): StateName {
    return this.#inner.state;
  }

  available(): number {
    return this.#inner.available();
  }

  read(into: Uint8Array): number {
    return this.#count(this.#inner.read(into));
  }

  discard(limit: number): number {
    return this.#count(this.#inner.discard(limit));
  }

  write(from: Uint8Array, urgent = false): number {
    const taken = this.#inner.write(from, urgent);
    this.sent += taken;
    if (taken > 0) this.#events.moved();
    return taken;
  }

  shutdown(): void {
    this.#inner.shutdown();
    this.#events.moved();
  }

  close(): void {
    this.#inner.close();
    this.#release("");
  }

  abort(): void {
    this.#inner.abort();
    this.#release("ECONNABORTED");
  }

  setOption(option: OptionName, value: number): void {
    this.#inner.setOption(option, value);
  }

  getOption(option: OptionName): number {
    return this.#inner.getOption(option);
  }

  info(): ConnectionInfo | null {
    return this.#inner.info();
  }

  get onReadable(): Handler {
    return this.#onReadable;
  }
  set onReadable(handler: Handler) {
    this.#onReadable = handler;
  }
  get onWritable(): Handler {
    return this.#onWritable;
  }
  set onWritable(handler: Handler) {
    this.#onWritable = handler;
  }
  get onConnect(): Handler {
    return this.#onConnect;
  }
  set onConnect(handler: Handler) {
    this.#onConnect = handler;
  }
  get onClosed(): Handler {
    return this.#onClosed;
  }
  set onClosed(handler: Handler) {
    this.#onClosed = handler;
  }
  get onError(): ErrorHandler {
    return this.#onError;
  }
  set onError(handler: ErrorHandler) {
    this.#onError = handler;
  }
  get onTrouble(): TroubleHandler {
    return this.#inner.onTrouble;
  }
  set onTrouble(handler: TroubleHandler) {
    this.#inner.onTrouble = handler;
  }

  get onState(): Connection["onState"] {
    return this.#inner.onState;
  }
  set onState(handler: Connection["onState"]) {
    this.#inner.onState = handler;
  }
  get onAbandoned(): Handler {
    return this.#inner.onAbandoned;
  }
  set onAbandoned(handler: Handler) {
    this.#inner.onAbandoned = handler;
  }

  /** Hands the connection to its service. */
  serve(service: (connection: Connection) => void): void {
    this.#run(() => service(this));
  }

  #count(count: number): number {
    if (count > 0) this.received += count;
    if (count >= 0) this.#events.moved();
    return count;
  }

  #run(handler: Handler): void {
    if (handler === null) return;
    try {
      handler();
    } catch (error) {
      this.#error ||= codeOf(error) || "EUNKNOWN";
      this.#inner.abort();
      this.#release(this.#error);
    }
  }

  #release(error: string): void {
    if (this.#released) return;
    this.#released = true;
    this.#events.released(error);
  }
}
