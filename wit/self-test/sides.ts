// Both libraries behind one set of calls: side 0 and side 1. Each call gives where its result lies, until the next.

import * as first from "./stack";
import * as second from "./generated/peer";

/** As long as the longest result. */
const RESULT = memory.data(128, 8);

export function version(side: u32): usize {
  if (side == 0) first.version(RESULT);
  else second.version(RESULT);
  return RESULT;
}

export function initialise(side: u32): void {
  if (side == 0) first.initialise();
  else second.initialise();
}

export function seed(side: u32, entropy: usize, length: u32): usize {
  if (side == 0) first.seed(entropy, length, RESULT);
  else second.seed(entropy, length, RESULT);
  return RESULT;
}

export function advance(side: u32, us: u64): void {
  if (side == 0) first.advance(us);
  else second.advance(us);
}

export function deadline(side: u32): usize {
  if (side == 0) first.deadline(RESULT);
  else second.deadline(RESULT);
  return RESULT;
}

export function expire(side: u32): u32 {
  return side == 0 ? first.expire() : second.expire();
}

export function configure(
  side: u32,
  index: u32,
  a: u32,
  b: u32,
  c: u32,
  d: u32,
  e: u32,
  f: u32,
  mtu: u32,
): usize {
  if (side == 0) first.configure(index, a, b, c, d, e, f, mtu, RESULT);
  else second.configure(index, a, b, c, d, e, f, mtu, RESULT);
  return RESULT;
}

export function setLink(side: u32, index: u32, up: u32): usize {
  if (side == 0) first.setLink(index, up, RESULT);
  else second.setLink(index, up, RESULT);
  return RESULT;
}

export function addAddress(side: u32, index: u32, to: u32, prefixLength: u32, detects: u32): usize {
  if (side == 0)
    first.addAddress(
      index,
      0,
      to & 255,
      (to >> 8) & 255,
      (to >> 16) & 255,
      to >> 24,
      0,
      0,
      0,
      0,
      prefixLength,
      detects,
      RESULT,
    );
  else
    second.addAddress(
      index,
      0,
      to & 255,
      (to >> 8) & 255,
      (to >> 16) & 255,
      to >> 24,
      0,
      0,
      0,
      0,
      prefixLength,
      detects,
      RESULT,
    );
  return RESULT;
}

export function receive(side: u32, index: u32, frame: usize, length: u32): usize {
  if (side == 0) first.receive(index, frame, length, RESULT);
  else second.receive(index, frame, length, RESULT);
  return RESULT;
}

export function transmit(side: u32, index: u32): usize {
  if (side == 0) first.transmit(index, RESULT);
  else second.transmit(index, RESULT);
  return RESULT;
}

export function listen(side: u32, isBound: u32, address: u32, port: u32, backlog: u32): usize {
  if (side == 0) first.listen(isBound, address, port, backlog, RESULT);
  else second.listen(isBound, address, port, backlog, RESULT);
  return RESULT;
}

export function accept(side: u32, listener: u32): usize {
  if (side == 0) first.accept(listener, RESULT);
  else second.accept(listener, RESULT);
  return RESULT;
}

export function connect(
  side: u32,
  to: u32,
  port: u32,
  isBound: u32,
  address: u32,
  localPort: u32,
): usize {
  if (side == 0)
    first.connect(
      0,
      to & 255,
      (to >> 8) & 255,
      (to >> 16) & 255,
      to >> 24,
      0,
      0,
      0,
      0,
      port,
      isBound,
      address,
      localPort,
      RESULT,
    );
  else
    second.connect(
      0,
      to & 255,
      (to >> 8) & 255,
      (to >> 16) & 255,
      to >> 24,
      0,
      0,
      0,
      0,
      port,
      isBound,
      address,
      localPort,
      RESULT,
    );
  return RESULT;
}

export function write(side: u32, connection: u32, data: usize, length: u32): usize {
  if (side == 0) first.write(connection, data, length, RESULT);
  else second.write(connection, data, length, RESULT);
  return RESULT;
}

export function read(side: u32, connection: u32, limit: u32): usize {
  if (side == 0) first.read(connection, limit, RESULT);
  else second.read(connection, limit, RESULT);
  return RESULT;
}

export function shutdown(side: u32, connection: u32): usize {
  if (side == 0) first.shutdown(connection, RESULT);
  else second.shutdown(connection, RESULT);
  return RESULT;
}

export function close(side: u32, handle: u32): usize {
  if (side == 0) first.close(handle, RESULT);
  else second.close(handle, RESULT);
  return RESULT;
}

export function info(side: u32, handle: u32): usize {
  if (side == 0) first.info(handle, RESULT);
  else second.info(handle, RESULT);
  return RESULT;
}

export function bind(side: u32, isBound: u32, address: u32, port: u32): usize {
  if (side == 0) first.bind(isBound, address, port, RESULT);
  else second.bind(isBound, address, port, RESULT);
  return RESULT;
}

export function send(
  side: u32,
  socket: u32,
  is: u32,
  to: u32,
  port: u32,
  data: usize,
  length: u32,
): usize {
  if (side == 0)
    first.send(
      socket,
      is,
      0,
      to & 255,
      (to >> 8) & 255,
      (to >> 16) & 255,
      to >> 24,
      0,
      0,
      0,
      0,
      port,
      data,
      length,
      RESULT,
    );
  else
    second.send(
      socket,
      is,
      0,
      to & 255,
      (to >> 8) & 255,
      (to >> 16) & 255,
      to >> 24,
      0,
      0,
      0,
      0,
      port,
      data,
      length,
      RESULT,
    );
  return RESULT;
}

export function receiveDatagram(side: u32, socket: u32): usize {
  if (side == 0) first.receiveDatagram(socket, RESULT);
  else second.receiveDatagram(socket, RESULT);
  return RESULT;
}

export function closeSocket(side: u32, socket: u32): usize {
  if (side == 0) first.closeSocket(socket, RESULT);
  else second.closeSocket(socket, RESULT);
  return RESULT;
}

export function nextEvent(side: u32): usize {
  if (side == 0) first.nextEvent(RESULT);
  else second.nextEvent(RESULT);
  return RESULT;
}

export function takeEvents(side: u32, handle: u32): usize {
  if (side == 0) first.takeEvents(handle, RESULT);
  else second.takeEvents(handle, RESULT);
  return RESULT;
}

export function pools(side: u32): usize {
  if (side == 0) first.pools(RESULT);
  else second.pools(RESULT);
  return RESULT;
}

export function counters(side: u32): usize {
  if (side == 0) first.counters(RESULT);
  else second.counters(RESULT);
  return RESULT;
}
