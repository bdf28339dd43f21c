// Echo with back-pressure, for tests: sends back what comes, and closes when the peer has.

import type { Connection } from "../../../host/core/connection.js";

export function echo(connection: Connection): void {
  const chunk = Buffer.alloc(16 * 1024);
  let waiting: Buffer | null = null;

  function step(): void {
    for (;;) {
      if (waiting) {
        const taken = connection.write(waiting);
        waiting = taken < waiting.length ? waiting.subarray(taken) : null;
        if (waiting) return;
      }
      const length = connection.read(chunk);
      if (length < 0) return;
      if (length === 0) return connection.close();
      waiting = chunk.subarray(0, length);
    }
  }

  connection.onReadable = connection.onWritable = step;
}
