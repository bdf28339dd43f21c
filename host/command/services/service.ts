// What a service is: a function that makes a handler for connections. It sees only the Connection
// API and timers, so it runs the same in the dedicated worker, on the event loop, and in tests over
// a memory link. A service never waits: it reacts to the connection's handlers.

import type { Connection } from "../../core/connection.js";

/** Timers of the thread that owns the stack. */
export interface ServiceTimers {
  /** Calls back once, at or after `delayMs`; the result cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Takes over one connection: sets its handlers and sees to its end. */
export type ServeConnection = (connection: Connection) => void;
