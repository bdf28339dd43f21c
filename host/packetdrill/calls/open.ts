// System calls that open and close: socket, bind, listen, accept, connect, shutdown, close.

import { parseAddress } from "../../core/address.js";
import { Errno, State } from "../../core/generated/abi.js";
import { readRecord } from "../../core/records.js";
import { constantOf, fieldOf, numberOf } from "../constants.js";
import { createConnection, type Connection } from "../connections.js";
import { mistake, unsupported } from "../errors.js";
import type { CallEvent, Expression } from "../script.js";
import { createSocket, findConnection, recordOf, type Run, type Socket } from "../state.js";
import {
  argument,
  fail,
  failCore,
  numberArgument,
  once,
  stateOf,
  succeed,
  takeError,
  waiting,
  type SystemCall,
} from "./call.js";
import { handOnDefaults, handOnOptions } from "./coreOptions.js";

/** The number of a new socket is the one that the script expects. */
function newNumber(run: Run, event: CallEvent): number {
  const number = numberOf(event.result, "the socket's number");
  if (number < 0 || run.sockets.has(number)) {
    throw mistake(
      `expected the number of a socket that is not in use, found ${number}`,
      event.place,
    );
  }
  return number;
}

export const socket: SystemCall = (run, event) => () => {
  const domain = argument(event, 0, "a domain");
  if (domain.kind === "word" && domain.name === "AF_INET6") {
    throw unsupported("IPv6 is not supported by this stack yet", event.place);
  }
  const type = numberArgument(event, 1, "a type as SOCK_STREAM");
  const protocol = numberArgument(event, 2, "a protocol as IPPROTO_TCP");
  if ((type & 15) !== constantOf("SOCK_STREAM") || (protocol !== 0 && protocol !== 6)) {
    throw unsupported("only TCP sockets: UDP is not supported by this stack yet", event.place);
  }
  const number = newNumber(run, event);
  const isBlocking = (type & (constantOf("SOCK_NONBLOCK") ?? 0)) === 0;
  run.sockets.set(number, createSocket(number, isBlocking));
  return succeed(number);
};

/** Port and address of `...` or of a socket address. */
function endpointIn(
  expression: Expression,
  port: number,
  address: string,
): { port: number; address: string } {
  if (expression.kind === "any") return { port, address };
  const family = fieldOf(expression, "sa_family") ?? fieldOf(expression, "sin_family");
  if (family?.kind === "word" && family.name === "AF_INET6") {
    throw unsupported("IPv6 is not supported by this stack yet", expression.place);
  }
  const portField = fieldOf(expression, "sin_port");
  const addressField = fieldOf(expression, "sin_addr");
  if (!portField) throw mistake("expected an address, or ...", expression.place);
  const text = addressField?.kind === "call" ? addressField.args[0] : addressField;
  if (text && text.kind !== "string") throw mistake('expected inet_addr("...")', text.place);
  return { port: numberOf(portField, "a port"), address: text?.value ?? address };
}

export const bind = once((run, socket, event) => {
  const { bindPort, localIp } = run.config;
  const { port, address } = endpointIn(argument(event, 1, "an address"), bindPort, "0.0.0.0");
  if (socket.bound || socket.role !== "fresh") return fail("EINVAL");
  if (address !== "0.0.0.0" && address !== localIp) return fail("EADDRNOTAVAIL");
  if (isTaken(run, socket, port)) return fail("EADDRINUSE");
  socket.bound = { port, any: address === "0.0.0.0" };
  return succeed(0);
});

/** Somebody has the port, and the socket has not said that it may be shared. Our only address
 * overlaps with any. Whether two may listen or connect is for the core to say. */
function isTaken(run: Run, socket: Socket, port: number): boolean {
  const shares = ["SO_REUSEADDR", "SO_REUSEPORT"].some((name) => socket.values.get(name));
  const others = [...run.sockets.values()].filter(({ bound }) => bound?.port === port);
  return port !== 0 && !shares && others.length > 0;
}

export const listen = once((run, socket, event) => {
  const backlog = Math.max(1, numberArgument(event, 1, "the backlog"));
  if (socket.role === "listener") return succeed(0);
  if (socket.role === "connection") return fail("EINVAL");
  const { core } = run.wire;
  const handle = core.exports.listen(0, socket.bound?.port ?? 0, Math.min(backlog, 65535));
  if (handle < 0) return failCore(handle);
  socket.role = "listener";
  socket.handle = handle;
  handOnDefaults(run, socket);
  socket.bound ??= { port: readRecord(core, handle)?.localPort ?? 0, any: true };
  run.underTest = undefined;
  return succeed(0);
});

function acceptWith(flags: (event: CallEvent) => number): SystemCall {
  return waiting((run, listener, event) => {
    if (listener.role !== "listener") return fail("EINVAL");
    const { core } = run.wire;
    const handle = core.exports.accept(listener.handle);
    if (handle === -Errno.EAGAIN) return listener.blocking ? undefined : fail("EAGAIN");
    if (handle < 0) return failCore(handle);
    const number = newNumber(run, event);
    const isBlocking = (flags(event) & (constantOf("SOCK_NONBLOCK") ?? 0)) === 0;
    // As FreeBSD has it; Linux hands nothing on, and its scripts set both.
    const accepted = createSocket(number, isBlocking && listener.blocking);
    accepted.role = "connection";
    accepted.handle = handle;
    accepted.connectTold = true;
    accepted.coreOptions = new Map(listener.coreOptions);
    accepted.values = new Map(listener.values);
    accepted.linger = listener.linger;
    accepted.connection = connectionOf(run, handle);
    run.sockets.set(number, accepted);
    handOnOptions(run, accepted);
    return succeed(number);
  });
}

export const accept = acceptWith(() => 0);
export const accept4 = acceptWith((event) => numberArgument(event, 3, "flags"));

function connectionOf(run: Run, handle: number): Connection | undefined {
  const record = readRecord(run.wire.core, handle);
  if (!record) return undefined;
  const known = findConnection(run, record.localPort, record.remotePort);
  if (known) return known;
  const connection = createConnection(record.localPort, record.remotePort);
  run.connections.push(connection);
  return connection;
}

/** Begins at its first attempt; a blocking one waits for the end of the handshake. */
export const connect: SystemCall = (run, event) => {
  let isMine = false;
  return waiting((_run, socket) => {
    if (socket.role === "listener") return fail("EOPNOTSUPP");
    if (socket.role === "connection" && !isMine) return connectAgain(run, socket);
    if (!isMine) {
      const problem = beginConnect(run, socket, event);
      if (problem) return problem;
      isMine = true;
      if (!socket.blocking) return fail("EINPROGRESS");
    }
    return connectResult(run, socket);
  })(run, event);
};

function beginConnect(run: Run, socket: Socket, event: CallEvent) {
  const { core } = run.wire;
  const { connectPort, remoteIp } = run.config;
  const { port, address } = endpointIn(argument(event, 1, "an address"), connectPort, remoteIp);
  const length = core.putAddress(parseAddress(address));
  const handle = core.exports.connect(length, port, 0, socket.bound?.port ?? 0);
  if (handle < 0) return failCore(handle);
  socket.role = "connection";
  socket.handle = handle;
  socket.connection = connectionOf(run, handle);
  run.underTest = socket.connection;
  handOnOptions(run, socket);
  return undefined;
}

function connectResult(run: Run, socket: Socket) {
  const state = stateOf(run, socket);
  if (state === State.SYN_SENT || state === State.SYN_RECEIVED) return undefined;
  socket.connectTold = true;
  const errno = takeError(run, socket);
  return errno === undefined ? succeed(0) : fail(errno);
}

/** As Linux has it: the first call after the handshake tells that it succeeded. */
function connectAgain(run: Run, socket: Socket) {
  if (socket.connectTold) return fail("EISCONN");
  const result = connectResult(run, socket);
  return result ?? fail("EALREADY");
}

export const shutdown = once((run, socket, event) => {
  const how = numberArgument(event, 1, "SHUT_RD, SHUT_WR or SHUT_RDWR");
  if (socket.role !== "connection") return fail("ENOTCONN");
  if (how === constantOf("SHUT_RD") || how === constantOf("SHUT_RDWR")) socket.readShut = true;
  if (how === constantOf("SHUT_RD")) return succeed(0);
  const result = run.wire.core.exports.shutdown(socket.handle);
  // To shut what is shut already is no error.
  return result === 0 || result === -Errno.EPIPE ? succeed(0) : failCore(result);
});

/** States in which bytes or our FIN still wait for their acknowledgment. */
const LINGERS: ReadonlySet<number> = new Set([
  State.ESTABLISHED,
  State.CLOSE_WAIT,
  State.FIN_WAIT_1,
  State.CLOSING,
  State.LAST_ACK,
]);

/** With SO_LINGER and 0 s a reset; with more it waits for the peer's acknowledgment. */
export const close: SystemCall = (run, event) => {
  let sinceUs = -1;
  return waiting((_run, socket) => {
    const { linger, connection, handle } = socket;
    const { exports } = run.wire.core;
    if (sinceUs < 0) {
      sinceUs = run.wire.nowUs();
      run.sockets.delete(socket.fd);
      const isAbort = linger?.onoff !== 0 && linger?.seconds === 0 && socket.role === "connection";
      if (handle !== 0 && stateOf(run, socket) >= 0) {
        if (isAbort) exports.abort(handle);
        else exports.close(handle);
      }
    }
    const waits = socket.blocking && linger && linger.onoff !== 0 && linger.seconds > 0;
    if (!waits || !connection) return succeed(0);
    if (run.wire.nowUs() >= sinceUs + linger.seconds * 1e6) return succeed(0);
    return LINGERS.has(recordOf(run, connection)?.state ?? State.CLOSED) ? undefined : succeed(0);
  })(run, event);
};

/** Names of sockets are only asked for, never compared. */
export const getSocketName = once(() => succeed(0));

const CONNECTING: ReadonlySet<number> = new Set([State.CLOSED, State.SYN_SENT]);

export const getPeerName = once((run, socket) =>
  socket.role === "connection" && !CONNECTING.has(stateOf(run, socket))
    ? succeed(0)
    : fail("ENOTCONN"),
);
