// discard (RFC 863): throws away what it receives, and closes when the peer has closed.

import type { Connection } from "../../core/connection.js";
import type { ServeConnection } from "./service.js";

const STEP_BYTES = 1024 * 1024;

export function createDiscard(): ServeConnection {
  return serveDiscard;
}

function serveDiscard(connection: Connection): void {
  function drain(): void {
    for (;;) {
      const count = connection.discard(STEP_BYTES);
      if (count === 0) return connection.close();
      if (count < 0) return;
    }
  }

  connection.onReadable = drain;
  drain();
}
