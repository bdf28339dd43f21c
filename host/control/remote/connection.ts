// A connection of a stack that runs elsewhere, used as if it were of one's own: a Connection whose bytes and events come
// and go over the stack's control socket. What has arrived waits here, up to a bound; what is written goes
// on as far as the window lets it.

import type { Connection } from "../../core/connection.js";
import type { StackError } from "../../core/errors.js";
import type { ConnectionInfo, OptionName, StateName } from "../../core/observe.js";
import type { StateChange } from "../../core/stateChanges.js";
import type { ControlStream } from "../client.js";
import {
  LENT_WINDOW_BYTES,
  PIECE_BYTES,
  type Endpoints,
  type LentEnd,
  type LentEvent,
} from "../protocol.js";
import { createArrived } from "./arrived.js";
import { remoteError } from "./errors.js";

export type LentStream = ControlStream<"connect"> | ControlStream<"take">;
export type OptionValues = Partial<Record<OptionName, number>>;

/** Opens the way to it, with the options that were set before. */
export type Begin = (options: OptionValues) => Promise<LentStream>;

export class RemoteConnection implements Connection {
  handle = 1;
  localAddress = "0.0.0.0";
  localPort = 0;
  remoteAddress = "0.0.0.0";
  remotePort = 0;
  state: StateName;
  data: unknown = undefined;
  onConnect: (() => void) | null = null;
  onReadable: (() => void) | null = null;
  onWritable: (() => void) | null = null;
  onError: ((error: StackError) => void) | null = null;
  onClosed: (() => void) | null = null;
  onTrouble: ((error: StackError | null) => void) | null = null;
  onState: ((change: StateChange) => void) | null = null;
  onAbandoned: (() => void) | null = null;
  /** Resolves when nothing of it is under way any more. */
  readonly done: Promise<void>;
  readonly #arrived = createArrived();
  readonly #options: OptionValues = {};
  #stream: LentStream | null = null;
  /** Said before there was a way to say it. */
  #early: object[] = [];
  /** Sent, and not taken by the stack's ring. */
  #underWay = 0;
  #blocked = false;
  #isOpen: boolean;
  #isShut = false;

  constructor(begin: Begin, known: Partial<Endpoints>, isOpen: boolean) {
    Object.assign(this, known);
    this.#isOpen = isOpen;
    this.state = isOpen ? "ESTABLISHED" : "SYN-SENT";
    this.done = this.#run(begin);
  }

  available(): number {
    return this.#arrived.available();
  }

  read(into: Uint8Array): number {
    return this.#arrived.read(into);
  }

  discard(limit: number): number {
    return this.#arrived.discard(limit);
  }

  write(from: Uint8Array, urgent = false): number {
    if (this.handle === 0 || this.#isShut) throw this.#failure("EPIPE", "write");
    const room = this.#isOpen ? LENT_WINDOW_BYTES - this.#underWay : 0;
    const taken = Math.min(room, from.length);
    for (let at = 0; at < taken; at += PIECE_BYTES) {
      const end = Math.min(taken, at + PIECE_BYTES);
      const piece = Buffer.from(from.buffer, from.byteOffset + at, end - at).toString("base64");
      const isLast = end === from.length;
      this.#say({ action: "send", bytes: piece, ...(urgent && isLast ? { urgent } : {}) });
    }
    this.#underWay += taken;
    this.#blocked = taken < from.length;
    return taken;
  }

  shutdown(): void {
    if (this.handle === 0 || this.#isShut) return;
    this.#isShut = true;
    this.#say({ action: "shutdown" });
  }

  close(): void {
    this.#leave("close");
  }

  abort(): void {
    this.#leave("abort");
  }

  setOption(option: OptionName, value: number): void {
    if (this.handle === 0) throw this.#failure("EBADF", "setsockopt");
    this.#options[option] = value;
    // Before there is a way it goes along with the call that opens it.
    if (this.#stream !== null) this.#say({ action: "option", option, value });
  }

  /** What was set here; the stack's own values are not asked for. */
  getOption(option: OptionName): number {
    const value = this.#options[option];
    if (value === undefined) throw this.#failure("ENOPROTOOPT", "getsockopt");
    return value;
  }

  /** The control block is a process away: mote netstat shows it. */
  info(): ConnectionInfo | null {
    return null;
  }

  #leave(action: "close" | "abort"): void {
    if (this.handle === 0) return;
    this.handle = 0;
    this.#arrived.end();
    this.#say({ action });
  }

  #say(input: object): void {
    if (this.#stream === null) this.#early.push(input);
    else this.#stream.input(input);
  }

  async #run(begin: Begin): Promise<void> {
    // Whoever has asked for it sets its handlers and options first.
    await Promise.resolve();
    let stream: LentStream | null = null;
    try {
      stream = await begin({ ...this.#options });
      Object.assign(this, stream.first);
      this.#stream = stream;
      for (const input of this.#early.splice(0)) stream.input(input);
      for await (const { events } of stream.items()) {
        for (const event of events) this.#hear(event);
        await this.#arrived.room();
      }
      this.#end(stream.end);
    } catch (error) {
      const { code = "EIO", syscall } = error as StackError;
      this.#fail(code, syscall ?? (this.#isOpen ? "read" : "connect"));
    }
  }

  #hear(event: LentEvent): void {
    if (this.handle === 0) return;
    switch (event.type) {
      case "connected": {
        const { type: _, ...endpoints } = event;
        Object.assign(this, endpoints);
        this.#isOpen = true;
        this.onConnect?.();
        this.#writable();
        return;
      }
      case "data":
        this.#arrived.add(Buffer.from(event.bytes, "base64"));
        this.onReadable?.();
        return;
      case "end":
        this.#arrived.end();
        this.onReadable?.();
        return;
      case "taken":
        this.#underWay -= event.bytes;
        this.#writable();
        return;
      case "state": {
        const { type: _, ...change } = event;
        this.state = change.to;
        this.onState?.(change);
      }
    }
  }

  #writable(): void {
    if (!this.#blocked || this.handle === 0) return;
    this.#blocked = false;
    this.onWritable?.();
  }

  #end(end: LentEnd | null): void {
    if (this.handle === 0) return;
    if (end?.reason === "closed") {
      this.handle = 0;
      this.onAbandoned?.();
      return;
    }
    if (end?.error) {
      this.#fail(end.error.code, end.error.syscall);
      return;
    }
    this.state = "CLOSED";
    this.#arrived.end();
    this.onClosed?.();
  }

  #fail(code: string, syscall: string): void {
    if (this.handle === 0) return;
    this.handle = 0;
    this.state = "CLOSED";
    this.#arrived.end();
    this.onError?.(this.#failure(code, syscall));
    this.onClosed?.();
  }

  #failure(code: string, syscall: string): StackError {
    return remoteError(code, { syscall, address: this.remoteAddress, port: this.remotePort });
  }
}
