// fcntl, ioctl and poll.

import { State } from "../../core/generated/abi.js";
import { readError, readRecord, readState } from "../../core/records.js";
import { constantOf, fieldOf, numberOf, singleOf } from "../constants.js";
import { failure, mistake, unsupported } from "../errors.js";
import type { CallEvent, Expression } from "../script.js";
import { infoOf, type Run, type Socket } from "../state.js";
import { argument, fail, numberArgument, once, succeed, type SystemCall } from "./call.js";

const bit = (name: string) => constantOf(name) ?? 0;
const NONBLOCK = bit("O_NONBLOCK");
/** FreeBSD's O_NONBLOCK, where a script writes it as a number. */
const FREEBSD_NONBLOCK = 4;

export const fcntl = once((_run, socket, event) => {
  const command = numberArgument(event, 1, "F_GETFL or F_SETFL");
  if (command === constantOf("F_GETFL")) {
    const readWrite = bit("O_RDWR");
    if (socket.blocking) return succeed(readWrite);
    return succeed(readWrite | NONBLOCK, [readWrite | FREEBSD_NONBLOCK]);
  }
  if (command !== constantOf("F_SETFL")) return fail("EINVAL");
  socket.blocking = (numberArgument(event, 2, "flags") & NONBLOCK) === 0;
  return succeed(0);
});

type Request = (run: Run, socket: Socket) => number;

const received: Request = (run, socket) => infoOf(run, socket)?.receiveQueue ?? 0;
const queued: Request = (run, socket) => infoOf(run, socket)?.sendQueue ?? 0;

const REQUESTS: Readonly<Record<string, Request>> = {
  FIONREAD: received,
  SIOCINQ: received,
  SIOCOUTQ: queued,
  FIONWRITE: queued,
  SIOCOUTQNSD(run, socket) {
    const info = infoOf(run, socket);
    return info ? Math.max(0, (info.sndEnd - info.sndNxt) | 0) : 0;
  },
  // RFC 6093: the mark is where the urgent pointer points; before the first, there is none.
  SIOCATMARK(run, socket) {
    const info = infoOf(run, socket);
    const isSet = info && info.rcvUp !== (info.irs + 1) >>> 0;
    return isSet && info.rcvUp === info.rcvRead ? 1 : 0;
  },
};

export const ioctl = once((run, socket, event) => {
  const request = argument(event, 1, "a request as FIONREAD");
  const name = request.kind === "word" ? request.name : "";
  const value = singleOf(argument(event, 2, "the value that is expected"));
  if (name === "FIONBIO") {
    socket.blocking = numberOf(value) === 0;
    return succeed(0);
  }
  const read = Object.hasOwn(REQUESTS, name) ? REQUESTS[name] : undefined;
  if (!read) throw unsupported(`the runner does not know the request ${name}`, request.place);
  const came = read(run, socket);
  if (value.kind === "any" || numberOf(value) === came) return succeed(0);
  throw failure(`ioctl ${name}: ${numberOf(value)} expected, ${came} came`);
});

/** What is ready of a socket. */
export function readiness(run: Run, socket: Socket): number {
  const { core } = run.wire;
  const { handle, role } = socket;
  if (role === "fresh") return bit("POLLOUT") | bit("POLLHUP");
  const info = readRecord(core, handle);
  if (role === "listener") return info && info.sendQueue > 0 ? bit("POLLIN") | RDNORM : 0;
  const state = readState(core, handle);
  if (state === State.SYN_SENT || state === State.SYN_RECEIVED) return 0;
  const readable = core.exports.receiveSpan(handle) >= 0;
  const room = core.exports.sendSpan(handle);
  if (room > 0) core.exports.commit(handle, 0); // gives a ring back that holds nothing
  const isOver = state === State.CLOSED;
  const hasError = isOver && !socket.errorTold && readError(core, handle) > 0;
  const peerClosed = CLOSED_BY_PEER.has(state) || isOver;
  return (
    (readable || peerClosed || socket.readShut ? bit("POLLIN") | RDNORM : 0) |
    (info && ((info.rcvUp - info.rcvRead) | 0) > 0 ? bit("POLLPRI") : 0) |
    (room > 0 || isOver ? bit("POLLOUT") | WRNORM : 0) |
    (peerClosed || socket.readShut ? bit("POLLRDHUP") : 0) |
    (isOver || state === State.TIME_WAIT ? bit("POLLHUP") : 0) |
    (hasError ? bit("POLLERR") : 0)
  );
}

const RDNORM = bit("POLLRDNORM");
const WRNORM = bit("POLLWRNORM");
/** Reported whether they were asked for or not. */
const ALWAYS = bit("POLLERR") | bit("POLLHUP") | bit("POLLNVAL");

const CLOSED_BY_PEER: ReadonlySet<number> = new Set([
  State.CLOSE_WAIT,
  State.CLOSING,
  State.LAST_ACK,
  State.TIME_WAIT,
]);

interface Polled {
  fd: number;
  events: number;
  wanted: Expression | undefined;
}

export const poll: SystemCall = (run, event) => {
  const list = argument(event, 0, "a list of {fd=..., events=...}");
  if (list.kind !== "list") throw mistake("expected [{fd=..., events=...}]", list.place);
  const entries = list.items.map(polledOf);
  const untilUs = pollEndUs(run, event);
  return () => {
    const ready = entries.map(({ fd, events }) => {
      const socket = run.sockets.get(fd);
      return socket ? readiness(run, socket) & (events | ALWAYS) : bit("POLLNVAL");
    });
    const count = ready.filter((events) => events !== 0).length;
    if (count === 0 && run.wire.nowUs() < untilUs) return undefined;
    for (const [i, { fd, wanted }] of entries.entries()) {
      if (wanted && numberOf(wanted) !== ready[i]) {
        const text = `${pollText(numberOf(wanted))} expected, ${pollText(ready[i]!)} came`;
        throw failure(`poll: revents of ${fd}: ${text}`);
      }
    }
    return succeed(count);
  };
};

/** When a poll gives up; Infinity: never. */
export function pollEndUs(run: Run, event: CallEvent): number {
  const timeoutMs = numberArgument(event, 2, "a timeout in ms");
  return timeoutMs < 0 ? Infinity : run.wire.nowUs() + timeoutMs * 1000;
}

function polledOf(item: Expression): Polled {
  const fd = fieldOf(item, "fd");
  const events = fieldOf(item, "events");
  if (!fd || !events) throw mistake("expected {fd=..., events=...}", item.place);
  return { fd: numberOf(fd), events: numberOf(events), wanted: fieldOf(item, "revents") };
}

function pollText(events: number): string {
  const names = ["POLLIN", "POLLPRI", "POLLOUT", "POLLERR", "POLLHUP", "POLLNVAL", "POLLRDNORM"];
  names.push("POLLWRNORM", "POLLRDHUP");
  return names.filter((name) => events & bit(name)).join("|") || "0";
}
