// The sockets of promises of one stack: makes them, and ends them with it.

import type { Connection } from "../core/connection.js";
import { Errno, stackError } from "../core/errors.js";
import type { StackListener } from "../core/listener.js";
import type { ListenOptions } from "../core/stack.js";
import { configure } from "./configure.js";
import { createStreamListener } from "./listener.js";
import { open, type Opener } from "./open.js";
import { StackStreamSocket } from "./socket.js";
import type {
  StreamConnectOptions,
  StreamListener,
  StreamListenOptions,
  StreamOptions,
  StreamSocket,
} from "./types.js";

/** What they need of their stack. */
export interface StreamsOwner extends Opener {
  listenToTake(options: ListenOptions): StackListener;
}

export function createStreams(owner: StreamsOwner) {
  const sockets = new Set<StackStreamSocket>();
  const listeners = new Set<StreamListener>();

  function createSocket(): StackStreamSocket {
    const socket = new StackStreamSocket({ forget: (over) => void sockets.delete(over) });
    sockets.add(socket);
    return socket;
  }

  function connect(options: StreamConnectOptions): StreamSocket {
    const socket = createSocket();
    socket.onOver(whenAborted(options.signal, (reason) => socket.abort(reason)));
    if (!options.signal?.aborted) open(owner, options, socket);
    return socket;
  }

  function listen({ signal, ...options }: StreamListenOptions): StreamListener {
    const below = owner.listenToTake(options);
    let forget = (): void => undefined;
    const listener = createStreamListener(below, wrapWith(options), (closed) => {
      listeners.delete(closed);
      forget();
    });
    listeners.add(listener);
    forget = whenAborted(signal, () => listener.close());
    return listener;
  }

  const wrapWith = (options: StreamOptions) => (connection: Connection) => {
    const socket = createSocket();
    socket.adopt(connection);
    try {
      configure(connection, options);
    } catch (error) {
      socket.abort(error);
    }
    return socket;
  };

  /** The stack is being closed. */
  function close(): void {
    for (const listener of [...listeners]) listener.close();
    for (const socket of [...sockets]) {
      socket.abort(stackError(Errno.ECONNABORTED, { syscall: "close" }));
    }
  }

  return { connect, listen, close };
}

/** Calls back when the signal says so, if it has not already; the result forgets it. */
function whenAborted(
  signal: AbortSignal | undefined,
  callback: (reason: unknown) => void,
): () => void {
  if (signal === undefined) return () => undefined;
  const onAbort = () => callback(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort);
  return () => signal.removeEventListener("abort", onAbort);
}
