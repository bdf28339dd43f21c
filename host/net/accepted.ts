// What the server makes a socket of: a class, so that all of them have the same fields, and nobody else can make one.

import type { Handle } from "./handle.js";
import type { SocketOptions } from "./options.js";

/** What it takes of the server. */
interface AcceptingServer {
  readonly allowHalfOpen: boolean;
  readonly pauseOnConnect: boolean;
  readonly noDelay: boolean;
  readonly keepAlive: boolean;
  /** Whole seconds. */
  readonly keepAliveInitialDelay: number;
  readonly highWaterMark: number;
}

export class Accepted {
  readonly handle: Handle;
  readonly options: SocketOptions;

  constructor(server: AcceptingServer, handle: Handle) {
    this.handle = handle;
    this.options = {
      allowHalfOpen: server.allowHalfOpen,
      pauseOnCreate: server.pauseOnConnect,
      noDelay: server.noDelay,
      keepAlive: server.keepAlive,
      keepAliveInitialDelay: server.keepAliveInitialDelay * 1000,
      readable: true,
      writable: true,
      readableHighWaterMark: server.highWaterMark,
      writableHighWaterMark: server.highWaterMark,
    };
  }
}
