// What a restored stack hands back: listeners, connections and sockets of the one before, which wait for an
// owner. Until somebody adopts it nothing is told of a handle; its events stay in the core.

import type { Connection, Listener } from "./connection.js";
import type { DatagramSocket } from "./socket.js";
import type { ServiceName } from "./stack.js";

/** What the owner of a connection may be told. */
export type ConnectionHandlers = Pick<
  Connection,
  | "onConnect"
  | "onReadable"
  | "onWritable"
  | "onError"
  | "onClosed"
  | "onTrouble"
  | "onState"
  | "onAbandoned"
>;

/** What the owner of a datagram socket may be told. */
export type SocketHandlers = Pick<
  DatagramSocket,
  "onReadable" | "onWritable" | "onError" | "onAbandoned"
>;

/** A connection that waits for an owner. */
export interface RestoredConnection extends Pick<
  Connection,
  "handle" | "localAddress" | "localPort" | "remoteAddress" | "remotePort" | "state"
> {
  /** Somebody has it by now. */
  readonly adopted: boolean;
  /**
   * The connection, with an owner from now on. In the next turn, and never before adopt() has returned, it hears
   * what waits: bytes to read, room after a write() that was refused, its end. Throws EALREADY: it has an owner.
   */
  adopt(handlers?: Partial<ConnectionHandlers>): Connection;
}

/** A listener that waits for an owner. */
export interface RestoredListener extends Pick<Listener, "handle" | "address" | "port"> {
  /** What the stack itself serves there, without an owner; null: connections wait to be accepted. */
  readonly service: ServiceName | null;
  /** Somebody has it by now. */
  readonly adopted: boolean;
  /** The listener, and a handler for what it accepts from the next turn on. Throws EALREADY. */
  adopt(onConnection: (connection: Connection) => void): Listener;
}

/** A datagram socket that waits for an owner. */
export interface RestoredSocket extends Pick<
  DatagramSocket,
  "handle" | "protocol" | "address" | "port"
> {
  /** Somebody has it by now. */
  readonly adopted: boolean;
  /** As of a connection. */
  adopt(handlers?: Partial<SocketHandlers>): DatagramSocket;
}

/** Everything of a restored stack that can have an owner. */
export interface Restored {
  /** In the order in which they were opened. */
  readonly listeners: readonly RestoredListener[];
  /** Those with a handle; handshakes and TIME-WAIT go on without an owner. */
  readonly connections: readonly RestoredConnection[];
  /** UDP and ping sockets. */
  readonly sockets: readonly RestoredSocket[];
}

export interface Adoptions {
  /** Handles without an owner: their events are left in the core. */
  readonly waiting: ReadonlySet<number>;
  /** A handle that waits for an owner. */
  add(handle: number): Adoptable;
  /** Told once to those who have become owners since. */
  tell(): void;
}

export interface Adoptable {
  readonly adopted: boolean;
  /** `told` is called from the next turn. */
  take(told: () => void): void;
}

export function createAdoptions(work: () => void): Adoptions {
  const waiting = new Set<number>();
  const due: (() => void)[] = [];

  function add(handle: number): Adoptable {
    waiting.add(handle);
    return {
      get adopted() {
        return !waiting.has(handle);
      },
      take(told) {
        if (!waiting.delete(handle)) {
          throw Object.assign(new Error("adopt EALREADY: it has an owner"), { code: "EALREADY" });
        }
        due.push(told);
        work();
      },
    };
  }

  function tell(): void {
    // One that throws must not keep the others from hearing: they are told in the next turn.
    for (let told; (told = due.shift()) !== undefined;) told();
  }

  return { waiting, add, tell };
}
