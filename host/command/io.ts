// What a verb may use of the process it runs in; tests hand in their own.

import type { Paint } from "./style.js";

export interface Output {
  write(text: string): void;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** A terminal tells when it has another size. */
  on?(event: "resize", listener: () => void): unknown;
  off?(event: "resize", listener: () => void): unknown;
}

export interface Io {
  /** What is typed, or comes through a pipe; nothing is read before somebody listens. */
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: Output & NodeJS.WritableStream;
  readonly stderr: Output;
  readonly env: NodeJS.ProcessEnv;
  /** In which it was called. */
  readonly folder: string;
  readonly version: string;
  /** Colours for stdout. */
  readonly paint: Paint;
}
