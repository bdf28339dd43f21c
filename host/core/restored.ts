// What a restored stack hands back: listeners, connections and sockets of the one before, which wait for an
// owner. Until somebody adopts it nothing is told of a handle; its events stay in the core.

import type { Connection, Listener } from "./connection.js";
import type { StateName } from "./observe.js";
import type { DatagramSocket, SocketProtocol } from "./socket.js";
import type { ServiceName } from "./stack.js";

export type ConnectionHandlers = Pick<
  Connection,
  "onConnect" | "onReadable" | "onWritable" | "onError" | "onClosed" | "onTrouble"
>;

export type SocketHandlers = Pick<DatagramSocket, "onReadable" | "onWritable" | "onError">;

export interface RestoredConnection {
  readonly handle: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly state: StateName;
  /** Somebody has it by now. */
  readonly adopted: boolean;
  /**
   * The connection, with an owner from now on. In the next turn, and never before adopt() has returned, it hears
   * what waits: bytes to read, room after a write() that was refused, its end. Throws EALREADY: it has an owner.
   */
  adopt(handlers?: Partial<ConnectionHandlers>): Connection;
}

export interface RestoredListener {
  readonly handle: number;
  readonly address: string;
  readonly port: number;
  /** What the stack itself serves there, without an owner; null: connections wait to be accepted. */
  readonly service: ServiceName | null;
  readonly adopted: boolean;
  /** The listener, and a handler for what it accepts from the next turn on. Throws EALREADY. */
  adopt(onConnection: (connection: Connection) => void): Listener;
}

export interface RestoredSocket {
  readonly handle: number;
  readonly protocol: SocketProtocol;
  readonly address: string;
  readonly port: number;
  readonly adopted: boolean;
  /** As of a connection. */
  adopt(handlers?: Partial<SocketHandlers>): DatagramSocket;
}

export interface Restored {
  readonly listeners: readonly RestoredListener[];
  readonly connections: readonly RestoredConnection[];
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
