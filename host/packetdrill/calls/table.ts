// The table of system calls.

import type { SystemCall } from "./call.js";
import { fcntl, ioctl, poll } from "./control.js";
import {
  accept,
  accept4,
  bind,
  close,
  connect,
  getPeerName,
  getSocketName,
  listen,
  shutdown,
  socket,
} from "./open.js";
import { getsockopt, setsockopt } from "./options.js";
import { read, readv, recv, recvmsg, send, sendmsg, write, writev } from "./transfer.js";

export const SYSTEM_CALLS: Readonly<Record<string, SystemCall>> = {
  socket,
  bind,
  listen,
  accept,
  accept4,
  connect,
  getsockname: getSocketName,
  getpeername: getPeerName,
  read,
  readv,
  recv,
  recvfrom: recv,
  recvmsg,
  write,
  writev,
  send,
  sendto: send,
  sendmsg,
  shutdown,
  close,
  fcntl,
  ioctl,
  poll,
  setsockopt,
  getsockopt,
};
