// A passive open: hands connections over as they come, or one by one to who takes them; meanwhile they wait in
// the core, whose backlog bounds them.

import type { Connection, Listener, StackConnection } from "./connection.js";
import type { Core } from "./core.js";
import { forAll } from "./each.js";
import { check } from "./errors.js";
import { Constant, ListenerField, ListenerSize, Option } from "./generated/abi.js";
import { readConnection, type ConnectionInfo, type OptionName } from "./observe.js";
import { readField, readOption } from "./records.js";

/** What a listener needs of its stack. */
export interface ListenerOwner {
  readonly core: Core;
  enter(): void;
  work(): void;
  adopt(handle: number): StackConnection;
  forgetListener(handle: number): boolean;
}

export type OnConnection = (connection: Connection) => void;

export class StackListener implements Listener {
  readonly handle: number;
  readonly address: string;
  readonly port: number;
  /** Connections wait for take(). Only for a listener that hands none over by itself. */
  onWaiting: (() => void) | null = null;
  onAbandoned: (() => void) | null = null;
  readonly #owner: ListenerOwner;
  #onConnection: OnConnection | null;

  /** Without `onConnection`: whoever wants one takes it. */
  constructor(owner: ListenerOwner, handle: number, onConnection: OnConnection | null) {
    this.#owner = owner;
    this.#onConnection = onConnection;
    this.handle = handle;
    const info = this.info();
    this.address = info?.localAddress ?? "0.0.0.0";
    this.port = info?.localPort ?? 0;
  }

  /** Whoever takes its connections from now on. */
  belongTo(onConnection: OnConnection): void {
    this.#onConnection = onConnection;
  }

  /** Number of the built-in service; 0: its connections wait to be accepted. */
  get service(): number {
    const { core } = this.#owner;
    const slot = (this.handle & 0xffff) - core.constant(Constant.TCBS);
    const at = core.constant(Constant.LISTENER_AREA) + slot * ListenerSize;
    return readField(core, at, ListenerField.service);
  }

  /** Called by the stack when connections wait. */
  accept(): void {
    const onConnection = this.#onConnection;
    if (onConnection === null) this.onWaiting?.();
    else this.#acceptAll(onConnection);
  }

  /** Hands one over that waits; false: none does. */
  take(onConnection: OnConnection): boolean {
    this.#owner.enter();
    const handle = this.#owner.core.exports.accept(this.handle);
    if (handle <= 0) return false;
    this.#handOver(handle, onConnection);
    this.#owner.work();
    return true;
  }

  #acceptAll(onConnection: OnConnection): void {
    forAll(this.#waiting(), (handle) => this.#handOver(handle, onConnection));
  }

  *#waiting(): Generator<number> {
    for (let handle; (handle = this.#owner.core.exports.accept(this.handle)) > 0;) yield handle;
  }

  #handOver(handle: number, onConnection: OnConnection): void {
    const connection = this.#owner.adopt(handle);
    onConnection(connection);
    // What came before it was accepted is told now.
    const events = connection.handle === 0 ? 0 : this.#owner.core.exports.takeEvents(handle);
    if (events > 0) connection.deliver(events);
  }

  setOption(option: OptionName, value: number): void {
    const result = this.#owner.core.exports.setOption(this.handle, Option[option] ?? 0, value);
    check(result, { syscall: "setsockopt" });
  }

  /** Where profiles have such a limit at all. */
  liftSourceLimit(): void {
    const limit = readOption(this.#owner.core, this.handle, Option.SOURCE_LIMIT);
    if (limit > 0) this.setOption("SOURCE_LIMIT", 0);
  }

  getOption(option: OptionName): number {
    const value = readOption(this.#owner.core, this.handle, Option[option] ?? 0);
    return check(value, { syscall: "getsockopt" });
  }

  info(): ConnectionInfo | null {
    return readConnection(this.#owner.core, this.handle);
  }

  /** Called by the stack when it ends. */
  abandon(): void {
    this.close();
    this.onAbandoned?.();
  }

  close(): void {
    if (!this.#owner.forgetListener(this.handle)) return;
    this.#owner.enter();
    this.#owner.core.exports.close(this.handle);
    this.#owner.work();
  }
}
