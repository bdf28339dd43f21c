// Options of the core that a socket has set before there was a connection.

import { optionName } from "../config.js";
import type { Run, Socket } from "../state.js";
import { checkCore } from "../wire.js";

export function handOnOptions(run: Run, socket: Socket): void {
  for (const [id, value] of socket.coreOptions) {
    checkCore(
      run.wire.core.exports.setOption(socket.handle, id, value),
      `${optionName(id)}=${value}`,
    );
  }
}

/** A SYN+ACK is sent before there is a connection: what a listener has set becomes the default. */
export function handOnDefaults(run: Run, listener: Socket): void {
  for (const [id, value] of listener.coreOptions) {
    checkCore(run.wire.core.exports.setOption(0, id, value), `${optionName(id)}=${value}`);
  }
}
