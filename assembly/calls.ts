// Calls that connections and sockets share: the handle says whose it is.

import { SNTP, UDP } from "./config";
import { closeClock } from "./sntp/client";
import {
  abort as tcpAbort,
  close as tcpClose,
  commit as tcpCommit,
  consume as tcpConsume,
  receiveSpan as tcpReceiveSpan,
  sendSpan as tcpSendSpan,
} from "./tcp/user";
import { selectSocketHandle } from "./udp/socket";
import {
  closeSocket,
  datagramCommit,
  datagramConsume,
  datagramReceiveSpan,
  datagramSendSpan,
} from "./udp/user";

/** True for a socket's handle: it is the current one then. */
function isSocket(handle: u32): bool {
  return UDP && selectSocketHandle(handle);
}

/** ABI: where to write. */
export function sendSpan(handle: u32): i32 {
  return isSocket(handle) ? datagramSendSpan(handle) : tcpSendSpan(handle);
}

/** ABI: queues what was written into the span. */
export function commit(handle: u32, length: u32): i32 {
  return isSocket(handle) ? datagramCommit(handle, length) : tcpCommit(handle, length);
}

/** ABI: what there is to read. */
export function receiveSpan(handle: u32): i32 {
  return isSocket(handle) ? datagramReceiveSpan(handle) : tcpReceiveSpan(handle);
}

/** ABI: forgets what was read from the span. */
export function consume(handle: u32, length: u32): i32 {
  return isSocket(handle) ? datagramConsume(handle, length) : tcpConsume(handle, length);
}

/** ABI: the user is done with a connection, listener, socket or clock. */
export function close(handle: u32): i32 {
  if (SNTP && closeClock(handle)) return 0;
  return isSocket(handle) ? closeSocket() : tcpClose(handle);
}

/** ABI: resets a connection; a socket it closes. */
export function abort(handle: u32): i32 {
  return isSocket(handle) ? closeSocket() : tcpAbort(handle);
}
