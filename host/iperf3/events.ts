// What happens to tests, as plain data: told where the stack is, and heard where it is reported.

import { Iperf3Error } from "./errors.js";
import type { Interval } from "./measure.js";
import type { ServerOptions } from "./server.js";
import type { ServerWatcher } from "./serverTest.js";
import type { Place } from "./stream.js";
import type { Outcome, Test } from "./watcher.js";

/** An error that goes to another process. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** false: the stack's, or the network's. */
  readonly isIperf3: boolean;
}

export type TestEvent =
  /** A server waits for its test number so-and-so. */
  | { readonly type: "ready"; readonly number: number }
  | { readonly type: "accepted"; readonly remote: Place }
  | { readonly type: "refused"; readonly remote: Place; readonly why: "busy" | "foreign" }
  | { readonly type: "start"; readonly test: Test }
  | { readonly type: "interval"; readonly interval: Interval }
  | {
      readonly type: "end";
      readonly outcome: Omit<Outcome, "error"> & { readonly error: Failure | null };
    }
  | { readonly type: "over"; readonly remote: Place; readonly error: Failure | null };

/** What hears of tests; a client has nothing to hear but by its watcher. */
export type TestHandlers = Pick<
  ServerOptions,
  "watcher" | "onReady" | "onAccepted" | "onRefused" | "onOver"
>;

/** Handlers that tell each event. What a server has printed is known where it is heard, and does not come back. */
export function tellingHandlers(tell: (event: TestEvent) => void): TestHandlers {
  const watcher: ServerWatcher = {
    onStart: (test) => tell({ type: "start", test }),
    onInterval: (_test, interval) => tell({ type: "interval", interval }),
    onEnd: (_test, { error, ...rest }) =>
      tell({ type: "end", outcome: { ...rest, error: failureOf(error) } }),
    output: () => undefined,
  };
  return {
    watcher,
    onReady: (number) => tell({ type: "ready", number }),
    onAccepted: (remote) => tell({ type: "accepted", remote }),
    onRefused: (remote, why) => tell({ type: "refused", remote, why }),
    onOver: (remote, error) => tell({ type: "over", remote, error: failureOf(error) }),
  };
}

/** The way back: takes events one after the other. */
export function hearingEvents(handlers: TestHandlers): (event: TestEvent) => void {
  const { watcher } = handlers;
  let test: Test | null = null;
  return (event) => {
    switch (event.type) {
      case "ready":
        return handlers.onReady(event.number);
      case "accepted":
        return handlers.onAccepted(event.remote);
      case "refused":
        return handlers.onRefused(event.remote, event.why);
      case "start":
        test = event.test;
        return watcher.onStart(test);
      case "interval":
        if (test !== null) watcher.onInterval(test, event.interval);
        return;
      case "end": {
        const { error, ...rest } = event.outcome;
        if (test !== null) watcher.onEnd(test, { ...rest, error: errorFrom(error) });
        test = null;
        return;
      }
      case "over":
        return handlers.onOver(event.remote, errorFrom(event.error));
    }
  };
}

export function failureOf(error: Error | null): Failure | null {
  if (error === null) return null;
  const { code = "EIO", message } = error as NodeJS.ErrnoException;
  return { code, message, isIperf3: error instanceof Iperf3Error };
}

export function errorFrom(failure: Failure | null): Error | null {
  if (failure === null) return null;
  const { code, message, isIperf3 } = failure;
  return isIperf3 ? new Iperf3Error(code, message) : Object.assign(new Error(message), { code });
}
