// echo (RFC 862): sends back what it receives, and closes when the peer has closed. One small buffer
// is shared by all connections: what does not fit the send ring waits in a copy of its own, and
// reading stops until it is gone, so that flow control reaches the peer.

import type { Connection } from "../../core/connection.js";
import type { ServeConnection } from "./service.js";

const CHUNK_BYTES = 16 * 1024;

export function createEcho(): ServeConnection {
  const shared = new Uint8Array(CHUNK_BYTES);
  return (connection) => serveEcho(connection, shared);
}

function serveEcho(connection: Connection, shared: Uint8Array): void {
  let waiting: Uint8Array | null = null;

  function pump(): void {
    if (waiting !== null) {
      waiting = waiting.subarray(connection.write(waiting));
      if (waiting.length > 0) return;
      waiting = null;
    }
    for (;;) {
      const count = connection.read(shared);
      if (count === 0) return connection.close();
      if (count < 0) return;
      const taken = connection.write(shared.subarray(0, count));
      if (taken < count) {
        waiting = shared.slice(taken, count);
        return;
      }
    }
  }

  connection.onReadable = pump;
  connection.onWritable = pump;
  pump();
}
