// Every frame of a network interface of this host, as it passes: a packet socket of Linux (packet(7)). Needs
// CAP_NET_RAW. Frames are read without waiting; wait() waits off the main thread. Errors name the remedy.

import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { suggestion } from "../suggest.js";
import {
  createPollSet,
  drainEventfd,
  errnoName,
  loadLinux,
  loadPacketCalls,
  POLLIN,
  signalEventfd,
  type Linux,
  type PacketCalls,
} from "./linux.js";
import type { Direction } from "./pcapng.js";

const SIOCGSTAMP = 0x8906;
const SIOCGIFHWADDR = 0x8927;
const SIOCGIFINDEX = 0x8933;
/** struct ifreq: 16 bytes of name, then a union of 24. */
const IFREQ_BYTES = 40;
const IFREQ_UNION = 16;
const NAME_BYTES = 15;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
/** struct sockaddr_ll. */
const ADDRESS_BYTES = 20;
const ADDRESS_INDEX = 4;
const ADDRESS_KIND = 10;
const AF_PACKET = 17;
const ETH_P_ALL = 3;
const PACKET_OUTGOING = 4;
const MSG_TRUNC = 0x20;
const SOL_PACKET = 263;
const PACKET_STATISTICS = 6;
/** As much as captures keep of a frame. */
const MOST_BYTES = 262_144;

/** A frame that has passed. */
export interface PassedFrame {
  readonly bytes: Uint8Array;
  readonly length: number;
  /** tx: this host has sent it. */
  readonly direction: Direction;
  /** Microseconds since 1970. */
  readonly timeUs: number;
}

export interface PacketSocket {
  readonly name: string;
  /** The next frame, which is a copy; null: none waits. Throws ENETDOWN: the interface is down or gone. */
  read(): PassedFrame | null;
  /** Resolves when a frame may wait, or close() was called. */
  wait(): Promise<void>;
  /** Frames that found no room in the kernel so far. */
  dropped(): number;
  close(): void;
}

const { EAGAIN, EINTR } = constants.errno;

/** Throws ENOTSUP, ERR_MODULE_NOT_FOUND, EPERM, ENODEV, and EINVAL for what is no Ethernet. */
export async function openPacketSocket(name: string): Promise<PacketSocket> {
  if (process.platform !== "linux") {
    const text = `live captures need Linux, and this is ${process.platform}; read a file with: -r FILE`;
    throw captureError("ENOTSUP", text);
  }
  const linux = await loadForCapture();
  const calls = await loadPacketCalls();
  const fd = calls.packetSocket();
  if (fd < 0) throw refused(errnoName(linux.errno()), name);
  try {
    const index = query(linux, fd, SIOCGIFINDEX, name).readInt32LE(IFREQ_UNION);
    const kind = query(linux, fd, SIOCGIFHWADDR, name).readUInt16LE(IFREQ_UNION);
    if (kind !== ARPHRD_ETHER && kind !== ARPHRD_LOOPBACK) {
      throw captureError(
        "EINVAL",
        `interface ${name} carries no Ethernet frames (its type is ${kind})`,
      );
    }
    const address = Buffer.alloc(ADDRESS_BYTES);
    address.writeUInt16LE(AF_PACKET);
    address.writeUInt16BE(ETH_P_ALL, 2);
    address.writeInt32LE(index, ADDRESS_INDEX);
    if (calls.bind(fd, address, ADDRESS_BYTES) < 0) throw refused(errnoName(linux.errno()), name);
    return listenOn({ linux, calls, fd, name, isLoopback: kind === ARPHRD_LOOPBACK });
  } catch (error) {
    linux.close(fd);
    throw error;
  }
}

async function loadForCapture(): Promise<Linux> {
  try {
    return await loadLinux();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    const text =
      "live captures need the optional package koffi, which is not installed for this machine; " +
      "run: npm install koffi (or use: -r FILE)";
    throw captureError("ERR_MODULE_NOT_FOUND", text, cause);
  }
}

function query(linux: Linux, fd: number, request: number, name: string): Buffer {
  const argument = Buffer.alloc(IFREQ_BYTES);
  argument.write(name, 0, NAME_BYTES, "latin1");
  if (linux.ioctl(fd, request, argument) >= 0) return argument;
  const code = errnoName(linux.errno());
  if (code !== "ENODEV") throw refused(code, name);
  const there = interfaceNames();
  throw captureError("ENODEV", `there is no network interface ${name}${suggestion(name, there)}`);
}

/** Of this network namespace. */
function interfaceNames(): string[] {
  const lines = readFileSync("/proc/self/net/dev", "utf8").split("\n");
  return lines.flatMap((line) => /^\s*([^\s:|]+):/.exec(line)?.[1] ?? []);
}

function refused(code: string, name: string): Error {
  if (code === "EPERM" || code === "EACCES") {
    const text =
      `capturing on ${name} needs the right CAP_NET_RAW, which this user lacks; ` +
      `run: sudo env "PATH=$PATH" npx mote tcpdump -i ${name} (or use: -r FILE)`;
    return captureError("EPERM", text);
  }
  if (code === "EAFNOSUPPORT" || code === "EPROTONOSUPPORT") {
    return captureError(code, `this kernel has no packet sockets; read a file with: -r FILE`);
  }
  return captureError(code, `interface ${name} cannot be captured`);
}

interface Opened {
  readonly linux: Linux;
  readonly calls: PacketCalls;
  readonly fd: number;
  readonly name: string;
  readonly isLoopback: boolean;
}

function listenOn({ linux, calls, fd, name, isLoopback }: Opened): PacketSocket {
  const into = Buffer.alloc(MOST_BYTES);
  const from = Buffer.alloc(ADDRESS_BYTES);
  const fromLength = Buffer.alloc(4);
  const wakeFd = linux.eventfd();
  const set = createPollSet([fd, wakeFd]);
  const timeUs = createStamp(linux, fd);
  let polling = false;
  let closed = false;
  let dropped = 0;

  function release(): void {
    process.off("exit", endPoll);
    linux.close(fd);
    linux.close(wakeFd);
  }

  const endPoll = (): void => signalEventfd(linux, wakeFd);

  /** What is sent over loopback comes in again. */
  const isTwice = (isSent: boolean): boolean => isLoopback && isSent;

  function read(): PassedFrame | null {
    for (;;) {
      if (closed) return null;
      fromLength.writeInt32LE(ADDRESS_BYTES);
      const length = calls.recvfrom(fd, into, MOST_BYTES, MSG_TRUNC, from, fromLength);
      if (length < 0) {
        const error = linux.errno();
        if (error === EINTR) continue;
        if (error === EAGAIN) return null;
        const code = errnoName(error);
        throw captureError(code, `interface ${name} has gone down, or is not there any more`);
      }
      const isSent = from[ADDRESS_KIND] === PACKET_OUTGOING;
      if (isTwice(isSent)) continue;
      const bytes = Uint8Array.from(into.subarray(0, Math.min(length, MOST_BYTES)));
      return { bytes, length, direction: isSent ? "tx" : "rx", timeUs: timeUs() };
    }
  }

  // A poll that never returns would keep the process from ending.
  process.on("exit", endPoll);
  return {
    name,
    read,
    wait: () =>
      new Promise((resolve) => {
        if (closed) return resolve();
        polling = true;
        set.want(0, POLLIN);
        linux.pollAsync(set.bytes, set.count, -1, () => {
          polling = false;
          if (set.got(1)) drainEventfd(linux, wakeFd);
          if (closed) release();
          resolve();
        });
      }),
    dropped() {
      const counts = Buffer.alloc(8);
      const length = Buffer.alloc(4);
      length.writeInt32LE(counts.length);
      // The kernel counts from zero again each time that it is asked.
      if (!closed && calls.getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, counts, length) >= 0) {
        dropped += counts.readUInt32LE(4);
      }
      return dropped;
    },
    close() {
      if (closed) return;
      closed = true;
      if (polling) endPoll();
      else release();
    },
  };
}

/** When the frame that was read last has passed, by the kernel's clock; where that is not told, the time now. */
function createStamp(linux: Linux, fd: number): () => number {
  const stamp = Buffer.alloc(16);
  // The first question makes the kernel note times at all.
  let isTold = linux.ioctl(fd, SIOCGSTAMP, stamp) >= 0 || linux.errno() === constants.errno.ENOENT;
  return () => {
    if (isTold && linux.ioctl(fd, SIOCGSTAMP, stamp) >= 0) {
      return Number(stamp.readBigInt64LE()) * 1e6 + Number(stamp.readBigInt64LE(8));
    }
    isTold = false;
    return (performance.timeOrigin + performance.now()) * 1000;
  };
}

function captureError(code: string, text: string, cause?: unknown): Error {
  return Object.assign(new Error(`${text} (${code})`, { cause }), { code });
}
