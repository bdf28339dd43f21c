// What a services module is, for both loops. The module named in runDedicated() exports `start`;
// on the application's own event loop the same function is called directly. Everything in it is
// callback style on the stack's own timers (stack.after): in the dedicated worker no promise and
// no setTimeout ever runs.

import type { Stack } from "./stack.js";

/** What services are started with. */
export interface ServiceContext {
  /** Where they listen. */
  stack: Stack;
  /** What the starter passed along: must survive structured cloning. */
  data: unknown;
  /** Sends a message to the starter. */
  post(message: unknown): void;
}

/** What the starter can do with services that run. */
export interface RunningServices {
  /** A message from the starter (for instance a request for a snapshot). */
  onMessage?(message: unknown): void;
  /** Called once before the stack is closed at once. */
  close?(): void;
}

/** Type of the `start` export of a services module. */
export type StartServices = (context: ServiceContext) => RunningServices;
