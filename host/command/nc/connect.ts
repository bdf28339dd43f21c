// Opens the connection of `mote nc HOST PORT`.

import { netOf } from "../../net/attach.js";
import type { Socket } from "../../net/module.js";
import { explainFailure, tooLong } from "../network/failure.js";
import { findTarget } from "../network/target.js";
import type { Station } from "../network/station.js";
import { noteStates, type Note } from "./notes.js";
import type { NcOptions } from "./options.js";

export interface Opened {
  readonly socket: Socket;
  /** "198.18.0.1:7". */
  readonly peer: string;
}

/** The connection, paused. Rejects with why there is none. */
export async function connect(
  { stack }: Station,
  options: NcOptions,
  note: Note,
  watch: (socket: Socket) => void,
): Promise<Opened> {
  const { host, port, sourcePort, waitMs } = options;
  const address = await findTarget(stack, host!);
  const peer = `${address}:${port}`;
  const net = netOf(stack);
  const socket = net.connect({
    ...{ host: address, port, allowHalfOpen: true },
    ...(sourcePort === 0 ? {} : { localPort: sourcePort }),
  });
  watch(socket);
  if (options.verbose || options.json) noteStates(socket, note);
  socket.on("connectionAttempt", () => {
    if (socket.info() === null) return;
    const from = `${socket.localAddress}:${socket.localPort}`;
    note(`SYN-SENT, to ${peer} from ${from}`, { event: "calling", to: peer, from });
    limitSegments(socket, options);
  });
  const timer =
    waitMs === 0
      ? undefined
      : setTimeout(() => socket.destroy(tooLong(peer, waitMs, "no connection")), waitMs);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve).once("error", reject);
    });
  } catch (error) {
    throw explainFailure(error, peer);
  } finally {
    clearTimeout(timer);
  }
  const from = `${socket.localAddress}:${socket.localPort}`;
  note(`connected to ${peer} from ${from}`, { event: "connected", to: peer, from });
  return { socket, peer };
}

/** Before its SYN has left the option MSS says so, too; later it is only what this side sends. */
export function limitSegments(socket: Socket, { mss }: NcOptions): void {
  if (mss !== undefined) socket.setOption("MSS", mss);
}
