// Options of the core that a socket has set before there was a connection.

import type { Run, Socket } from "../state.js";
import { checkCore } from "../wire.js";

export function handOnOptions(run: Run, socket: Socket): void {
  for (const [id, value] of socket.coreOptions) {
    checkCore(run.wire.core.exports.setOption(socket.handle, id, value), `option ${id}`);
  }
}
