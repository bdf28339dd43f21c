// Interface tcp: calls of users. Spans of the core are copied here, so that a caller sees lists alone.

import { Commit, Constant } from "../../assembly/constants";
import * as core from "./generated/core";
import { putAddress } from "./address";
import {
  allocate,
  answer,
  failure,
  field,
  nothing,
  numberOr,
  outcome,
  someBytes,
} from "./canonical";
import { copyIn, copyOut, read32 } from "./coreMemory";
import { connection as checked, connectionOrListener, given, maybe } from "./handle";

export { info } from "./tcpInfo";

export function listen(isBound: u32, address: u32, port: u32, backlog: u32): usize {
  return numberOr(core.listen(maybe(isBound, address), port, backlog));
}

export function accept(listener: u32): usize {
  return numberOr(core.accept(given(listener)));
}

export function connect(
  family: u32,
  a: u32,
  b: u32,
  c: u32,
  d: u32,
  e: u32,
  f: u32,
  g: u32,
  h: u32,
  port: u32,
  isBound: u32,
  address: u32,
  localPort: u32,
): usize {
  const length = putAddress(family, a, b, c, d);
  if (length < 0) return failure(length);
  return numberOr(core.connect(length, port, maybe(isBound, address), localPort));
}

export function room(connection: u32): usize {
  const length = core.sendSpan(checked(connection));
  // A ring that was lent for this and holds nothing goes back.
  if (length > 0) core.commit(connection, 0);
  return numberOr(length);
}

export function write(connection: u32, data: usize, length: u32): usize {
  return writeAll(connection, data, length, 0);
}

export function writeUrgent(connection: u32, data: usize, length: u32): usize {
  return writeAll(connection, data, length, Commit.URGENT);
}

function writeAll(connection: u32, data: usize, length: u32, mark: u32): usize {
  let taken: u32 = 0;
  do {
    const span = core.sendSpan(checked(connection));
    if (span <= 0) return taken > 0 ? numberOr(taken) : failure(span);
    const part = min(<u32>span, length - taken);
    copyIn(data + taken, spanPointer(), part);
    const isLast = taken + part == length;
    const result = core.commit(connection, isLast && length > 0 ? part | mark : part);
    if (result < 0) return failure(result);
    taken += part;
  } while (taken < length);
  return numberOr(taken);
}

export function read(connection: u32, limit: u32): usize {
  // There is never more to read than a ring holds.
  const most = min(limit, core.constant(Constant.RECEIVE_RING_BYTES));
  const data = allocate(most);
  let total: u32 = 0;
  do {
    const span = core.receiveSpan(checked(connection));
    if (span <= 0) {
      if (total > 0) break;
      return span < 0 ? failure(span) : nothing();
    }
    const part = min(<u32>span, most - total);
    copyOut(spanPointer(), data + total, part);
    core.consume(connection, part);
    total += part;
  } while (total < most);
  return someBytes(data, total);
}

export function peek(connection: u32, limit: u32): usize {
  const span = core.receiveSpan(checked(connection));
  if (span <= 0) return span < 0 ? failure(span) : nothing();
  const length = min(<u32>span, limit);
  const data = allocate(length);
  copyOut(spanPointer(), data, length);
  return someBytes(data, length);
}

export function discard(connection: u32, limit: u32): usize {
  let total: u32 = 0;
  do {
    const span = core.receiveSpan(checked(connection));
    if (span <= 0) {
      if (total > 0) break;
      return span < 0 ? failure(span) : nothing();
    }
    const part = min(<u32>span, limit - total);
    core.consume(connection, part);
    total += part;
  } while (total < limit);
  store<u8>(field(0), 0);
  store<u8>(field(4), 1);
  store<u32>(field(8), total);
  return answer();
}

export function shutdown(connection: u32): usize {
  return outcome(core.shutdown(checked(connection)));
}

export function close(handle: u32): usize {
  return outcome(core.close(connectionOrListener(handle)));
}

export function abort(handle: u32): usize {
  return outcome(core.abort(connectionOrListener(handle)));
}

function spanPointer(): u32 {
  return read32(core.constant(Constant.SPAN_POINTER));
}
