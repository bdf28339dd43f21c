// Built-in services: OPEN. A service is a listener whose connections the stack attends to itself (attend.ts),
// so that a board is of use without an application.

import { CHARGEN, DISCARD, ECHO, HELLO, HTTP } from "../config";
import { Errno, Service } from "../constants";
import { listenerAt, listenerOf } from "../tcp/listener";
import { listen } from "../tcp/user";

/** Those of this build: a bit each. */
const KINDS: u32 =
  (u32(HELLO) << Service.HELLO) |
  (u32(ECHO) << Service.ECHO) |
  (u32(DISCARD) << Service.DISCARD) |
  (u32(HTTP) << Service.HTTP) |
  (u32(CHARGEN) << Service.CHARGEN);

/** ABI: starts a service. backlog: the connections that it may have at the same time. */
export function serve(service: u32, address: u32, port: u32, backlog: u32): i32 {
  if (service > 31 || ((KINDS >> service) & 1) == 0) return -Errno.ENOTSUP;
  const handle = listen(address, port, backlog);
  if (handle > 0) listenerAt(listenerOf(handle)).service = <u8>service;
  return handle;
}
