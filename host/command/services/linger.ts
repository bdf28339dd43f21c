// Closing first without losing the answer. close() with bytes unread would reset the connection,
// and a reset may overtake the answer in the peer's queue; so the FIN goes out, what still comes in
// is thrown away, and the connection is given up when the peer closes too or its time is over.

import type { Connection } from "../../core/connection.js";
import type { ServiceTimers } from "./service.js";

/** How long the peer may go on after it has acknowledged everything, FIN included. */
export const LINGER_MS = 2_000;
/** How long it may take the peer to fetch and acknowledge what is still queued. */
export const DELIVERY_MS = 30_000;
const CHECK_MS = 500;
const DISCARD_BYTES = 256 * 1024;

/** Sends what is queued and FIN, then ends the connection in bounded time. The handlers are ours from here on. */
export function closeFirst(
  connection: Connection,
  timers: ServiceTimers,
  lingerMs: number = LINGER_MS,
): void {
  let cancel = (): void => undefined;
  let deliveryLeftMs = DELIVERY_MS;
  let lingerLeftMs = lingerMs;

  function finish(): void {
    cancel();
    connection.close();
  }

  function check(): void {
    const delivered = connection.state !== "FIN-WAIT-1" && connection.state !== "CLOSE-WAIT";
    if (delivered) lingerLeftMs -= CHECK_MS;
    else deliveryLeftMs -= CHECK_MS;
    if (lingerLeftMs <= 0 || deliveryLeftMs <= 0) finish();
    else cancel = timers.after(Math.min(CHECK_MS, Math.max(1, lingerLeftMs)), check);
  }

  function drain(): void {
    let count;
    do count = connection.discard(DISCARD_BYTES);
    while (count > 0);
    if (count === 0) finish();
  }

  connection.onWritable = null;
  connection.onReadable = drain;
  connection.onError = null;
  connection.onClosed = finish;
  connection.shutdown();
  cancel = timers.after(Math.min(CHECK_MS, lingerMs), check);
  drain();
}
