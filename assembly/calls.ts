// Calls that connections, sockets and lookups share: the handle says whose it is.

import { DNS, SNTP, UDP } from "./config";
import { closeLookup, lookupEvents } from "./dns/lookup";
import { takeHandle } from "./event";
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
  if (isSocket(handle)) return datagramSendSpan(handle);
  return tcpSendSpan(handle);
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

/** Closes a socket or a lookup, or stops the clock; false: the handle is another's. */
function closed(handle: u32): bool {
  if (SNTP && closeClock(handle)) return true;
  if (DNS && closeLookup(handle)) return true;
  return isSocket(handle) && closeSocket() == 0;
}

/** ABI: the user is done with a connection, listener, socket, lookup or clock. */
export function close(handle: u32): i32 {
  return closed(handle) ? 0 : tcpClose(handle);
}

/** ABI: resets a connection; whatever else it closes. */
export function abort(handle: u32): i32 {
  return closed(handle) ? 0 : tcpAbort(handle);
}

/** ABI: the next handle with events, taken off the queue, or 0. Those of a lookup's connection are its own. */
export function nextEvent(): u32 {
  let handle = takeHandle();
  while (DNS && lookupEvents(handle)) handle = takeHandle();
  return handle;
}
