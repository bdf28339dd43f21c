// The core's error numbers as errors of Node's shape: code, errno, syscall and the peer's address.

import { Errno, ErrnoName } from "./generated/abi.js";
import { machine } from "./machine.js";

/** Where an error happened, for its message. */
export interface ErrorPlace {
  syscall: string;
  address?: string;
  port?: number;
}

export interface StackError extends Error {
  code: string;
  errno: number;
  syscall: string;
  address?: string;
  port?: number;
}

const MEANING: Readonly<Record<string, string>> = {
  EAGAIN: "the stack has not been seeded yet",
  EBADF: "the connection, the listener or the stack is gone",
  EINVAL: "an argument is out of its range",
  ENOBUFS: "no record or ring of the stack's fixed pools is free",
  EADDRINUSE: "address and port are in use",
  EADDRNOTAVAIL: "not one of the stack's addresses, or no local port is free",
  ECONNREFUSED: "the peer refused the connection",
  ECONNRESET: "the peer reset the connection",
  ECONNABORTED: "the stack ended the connection",
  ETIMEDOUT: "the peer did not answer in time",
  EHOSTUNREACH: "the peer cannot be reached",
  ENETUNREACH: "no route to the network",
  ENETDOWN: "the interface is down",
  ENOTCONN: "the connection is not open",
  EPIPE: "this side is closed for sending",
  EAFNOSUPPORT: "not in this build: an address family, or a call that this profile does without",
  ENOPROTOOPT: "no such option",
  EACCES:
    "a broadcast or multicast address: no connection leads there, and a datagram only with the option BROADCAST",
  EMSGSIZE: "the datagram is longer than the packet or the queue can be",
  EDESTADDRREQ: "neither the call nor the socket names a peer",
  ENOTFOUND: "there is no such name",
  ENODATA: "the name has no IPv4 address",
  ESERVFAIL: "the name servers failed, refused, or answered what is no answer",
  ENOTSUP: "no such built-in service in this profile",
  ETIMEOUT: "no name server answered in time",
  ECANCELLED: "the stack was closed",
};

/** What a code means, in words. */
export function meaningOf(code: string): string {
  return MEANING[code] ?? "unknown error";
}

/** An error for one of the core's numbers (positive, as in Errno). */
export function stackError(number: number, place: ErrorPlace): StackError {
  const code = ErrnoName[number] ?? "EIO";
  const { syscall, address, port } = place;
  const where = address === undefined ? "" : ` ${address}${port === undefined ? "" : `:${port}`}`;
  const text = `${syscall} ${code}${where}: ${MEANING[code] ?? `unknown error ${number}`}`;
  const systemNumber = machine().errnos[code] ?? number;
  const error = Object.assign(new Error(text), { code, errno: -systemNumber, syscall });
  return address === undefined ? error : Object.assign(error, { address, port });
}

/** Passes a result on, or throws when it is a negated error number. */
export function check(result: number, place: ErrorPlace): number {
  if (result < 0) throw stackError(-result, place);
  return result;
}

/** A port is 16 bits of a datagram: more would name another. */
export function checkPort(port: number, place: ErrorPlace): void {
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw stackError(Errno.EINVAL, place);
  }
}

export { Errno };
