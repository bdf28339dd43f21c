// A passive open as an asynchronous iterable. A connection leaves the core when it is asked for, so one that
// came before the loop began is not lost, and of those that nobody takes no more wait than the backlog holds.

import type { Connection } from "../core/connection.js";
import type { StackListener } from "../core/listener.js";
import { createPending, type Pending } from "./pending.js";
import type { StreamListener, StreamListenerInfo, StreamSocket } from "./types.js";

type Result = IteratorResult<StreamSocket>;

const OVER: Result = { done: true, value: undefined };

/** `wrap` makes a socket of a connection. `onClose`: it is closed. */
export function createStreamListener(
  listener: StackListener,
  wrap: (connection: Connection) => StreamSocket,
  onClose: (listener: StreamListener) => void,
): StreamListener {
  const { address: localAddress, port: localPort } = listener;
  /** Calls of next() that wait, the oldest first. */
  const asked: Pending<Result>[] = [];
  let isClosed = false;

  function serve(): void {
    while (asked.length > 0 && listener.take(give));
  }

  const give = (connection: Connection): void =>
    asked.shift()!.resolve({ done: false, value: wrap(connection) });

  function close(): void {
    if (isClosed) return;
    isClosed = true;
    listener.close();
    for (const each of asked.splice(0)) each.resolve(OVER);
    onClose(result);
  }

  listener.onWaiting = serve;

  const result: StreamListener = {
    opened: Promise.resolve<StreamListenerInfo>({ localAddress, localPort }),
    localAddress,
    localPort,
    close,
    [Symbol.asyncIterator]: () => result,
    next() {
      if (isClosed) return Promise.resolve(OVER);
      const pending = createPending<Result>();
      asked.push(pending);
      serve();
      return pending.promise;
    },
    return() {
      close();
      return Promise.resolve(OVER);
    },
  };
  return result;
}
