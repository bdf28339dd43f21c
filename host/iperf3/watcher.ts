// What a test tells whoever reports it, on either side: plain data, which may go to another process.

import type { Control } from "./control.js";
import type { Counts, Interval } from "./measure.js";
import type { Results } from "./results.js";
import type { Settings } from "./settings.js";
import type { Place, StreamFacts } from "./stream.js";

export interface Test {
  readonly role: "client" | "server";
  readonly settings: Settings;
  readonly cookie: string;
  /** Of the control connection. */
  readonly local: Place;
  readonly remote: Place;
  /** What a TCP segment of the control connection carries. */
  readonly mss: number;
  /** Of each connection's rings, bytes. */
  readonly ringBytes: number;
  readonly streams: readonly StreamFacts[];
}

export interface Outcome extends Counts {
  /** What the other side has counted; null: it has not come to that. */
  readonly theirs: Results | null;
  /** What ended it before its time; null: it went well. */
  readonly error: Error | null;
}

export interface Watcher {
  /** All streams are there, and data flows. */
  onStart(test: Test): void;
  onInterval(test: Test, interval: Interval): void;
  onEnd(test: Test, outcome: Outcome): void;
}

export const placesOf = ({ connection }: Control): { local: Place; remote: Place } => ({
  local: { address: connection.localAddress, port: connection.localPort },
  remote: { address: connection.remoteAddress, port: connection.remotePort },
});
