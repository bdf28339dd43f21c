// The system calls that TAP devices and live captures need and Node does not offer, through koffi. koffi is an
// optional dependency: it is imported here and nowhere else, when the first device is opened.

import { constants } from "node:os";

export interface Linux {
  /** Result, or -1: then errno() says why. A Buffer is passed by its address. */
  ioctl(fd: number, request: number, argument: Buffer): number;
  read(fd: number, into: Uint8Array, length: number): number;
  write(fd: number, from: Uint8Array, length: number): number;
  /** `set` is an array of struct pollfd; see createPollSet. */
  poll(set: Buffer, count: number, timeoutMs: number): number;
  /** The same off-thread: calls back when poll has returned. */
  pollAsync(set: Buffer, count: number, timeoutMs: number, done: () => void): void;
  eventfd(): number;
  inetSocket(): number;
  close(fd: number): void;
  errno(): number;
}

export const POLLIN = 1;
export const POLLOUT = 4;
/** POLLERR, POLLHUP, POLLNVAL: the device was deleted. */
export const POLLGONE = 8 | 16 | 32;

const AF_INET = 2;
const SOCK_DGRAM = 2;
const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK_CLOEXEC = 0o2004000;
const EFD_NONBLOCK_CLOEXEC = 0o2004000;
const POLLFD_BYTES = 8;

let loaded: Promise<Linux> | null = null;

/** Loads koffi and binds the calls; an error in plain words where that cannot work. */
export function loadLinux(): Promise<Linux> {
  loaded ??= bind();
  loaded.catch(() => (loaded = null));
  return loaded;
}

async function bind(): Promise<Linux> {
  if (process.platform !== "linux") {
    const text = `TAP devices need Linux, and this is ${process.platform}; use: --link user`;
    throw Object.assign(new Error(text), { code: "ENOTSUP" });
  }
  const koffi = await importKoffi();
  const libc = koffi.load(null);
  const poll = libc.func("int poll(void *set, unsigned long count, int timeout)");
  const eventfd = libc.func("int eventfd(unsigned int value, int flags)");
  const socket = libc.func("int socket(int domain, int type, int protocol)");
  return {
    ioctl: libc.func("int ioctl(int fd, unsigned long request, void *argument)"),
    read: libc.func("long read(int fd, void *into, unsigned long length)"),
    write: libc.func("long write(int fd, void *from, unsigned long length)"),
    poll,
    pollAsync: (set, count, timeoutMs, done) => poll.async(set, count, timeoutMs, done),
    eventfd: () => eventfd(0, EFD_NONBLOCK_CLOEXEC),
    inetSocket: () => socket(AF_INET, SOCK_DGRAM, 0),
    close: libc.func("int close(int fd)"),
    errno: () => koffi.errno(),
  };
}

/** Sockets that hear every frame of an interface (packet(7)). */
export interface PacketCalls {
  /** A socket that hears nothing until it is bound; -1: errno() of Linux says why. */
  packetSocket(): number;
  bind(fd: number, address: Buffer, length: number): number;
  recvfrom(
    fd: number,
    into: Uint8Array,
    length: number,
    flags: number,
    from: Buffer,
    fromLength: Buffer,
  ): number;
  getsockopt(fd: number, level: number, name: number, value: Buffer, length: Buffer): number;
}

/** Binds the calls of packet sockets; fails as loadLinux() does. */
export async function loadPacketCalls(): Promise<PacketCalls> {
  const libc = (await importKoffi()).load(null);
  const socket = libc.func("int socket(int domain, int type, int protocol)");
  return {
    packetSocket: () => socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK_CLOEXEC, 0),
    bind: libc.func("int bind(int fd, void *address, unsigned int length)"),
    recvfrom: libc.func(
      "long recvfrom(int fd, void *into, unsigned long length, int flags, void *from, void *fromLength)",
    ),
    getsockopt: libc.func("int getsockopt(int fd, int level, int name, void *value, void *length)"),
  };
}

async function importKoffi() {
  try {
    return (await import("koffi")).default;
  } catch (cause) {
    const text =
      "TAP devices need the optional package koffi, which is not installed for this machine; " +
      "run: npm install koffi (or use: --link user)";
    throw Object.assign(new Error(text, { cause }), { code: "ERR_MODULE_NOT_FOUND" });
  }
}

/** "EPERM" for its number. */
export function errnoName(number: number): string {
  const found = Object.entries(constants.errno).find(([, value]) => value === number);
  return found?.[0] ?? "EIO";
}

/** What poll waits for, in a buffer that is made once and marshalled as a plain pointer. */
export interface PollSet {
  readonly bytes: Buffer;
  readonly count: number;
  /** Which events to wait for. */
  want(index: number, events: number): void;
  /** Which came. */
  got(index: number): number;
}

export function createPollSet(fds: readonly number[]): PollSet {
  const bytes = Buffer.alloc(fds.length * POLLFD_BYTES);
  fds.forEach((fd, index) => {
    bytes.writeInt32LE(fd, index * POLLFD_BYTES);
    bytes.writeInt16LE(POLLIN, index * POLLFD_BYTES + 4);
  });
  return {
    bytes,
    count: fds.length,
    want: (index, events) => void bytes.writeInt16LE(events, index * POLLFD_BYTES + 4),
    got: (index) => bytes.readInt16LE(index * POLLFD_BYTES + 6),
  };
}

/** Makes poll return: the fd is readable until it is read. */
export function signalEventfd(linux: Linux, fd: number): void {
  const one = Buffer.alloc(8);
  one.writeBigUInt64LE(1n);
  linux.write(fd, one, 8);
}

export function drainEventfd(linux: Linux, fd: number): void {
  linux.read(fd, Buffer.alloc(8), 8);
}
