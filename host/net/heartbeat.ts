// A sign of life on a connection whose peer, or a firewall on the way, ends those that are silent: bytes that the
// application's protocol has for it.

import { invalidArgType, validateDelay } from "../nodeErrors.js";
import type { Socket } from "./socket.js";
import { kHeartbeat } from "./state.js";

/** Each write puts the next one off: see Socket._writeGeneric(). */
export function startHeartbeat(
  socket: Socket,
  everyMs: number,
  data: string | Uint8Array | undefined,
): void {
  const delayMs = validateDelay(everyMs, "everyMs");
  if (delayMs > 0 && typeof data !== "string" && !(data instanceof Uint8Array))
    throw invalidArgType("data", ["string", "Buffer", "Uint8Array"], data);
  stopHeartbeat(socket);
  if (delayMs === 0 || socket.destroyed) return;
  socket[kHeartbeat] = setTimeout(() => beat(socket, data!), delayMs).unref();
}

export function stopHeartbeat(socket: Socket): void {
  clearTimeout(socket[kHeartbeat] ?? undefined);
  socket[kHeartbeat] = null;
}

function beat(socket: Socket, data: string | Uint8Array): void {
  if (!socket.writable) stopHeartbeat(socket);
  // Bytes that wait are sign of life enough, once the peer reads them.
  else if (socket.connecting || socket.writableLength > 0) socket[kHeartbeat]!.refresh();
  else socket.write(data);
}
