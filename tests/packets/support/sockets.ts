// A socket of the stack, as a test uses it: datagrams in and out through spans, frames on the wire.

import assert from "node:assert/strict";
import { Constant, DatagramField, DatagramSize } from "../../../host/core/generated/abi.js";
import { peerAddress, type IpFields, udpFrame, type UdpView } from "./frame.js";
import type { Rig } from "./rig.js";

export const UDP = 17;
export const ECHO = 1;

export interface Received {
  address: number[];
  port: number;
  local: number;
  hops: number;
  kind: number;
  data: number[];
}

/** An IPv4 address as records have it. */
function inRecord(rig: Rig, address: number[]): number[] {
  const bytes = rig.core.constant(Constant.ADDRESS_BYTES);
  return bytes === 4 ? address : [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...address];
}

export function bindTo(rig: Rig, port: number, address = 0, protocol = UDP): number {
  const handle = rig.call.bind(protocol, address, port);
  assert.ok(handle > 0, `bind: ${handle}`);
  return handle;
}

/** Queues a datagram; the result of commit, or of sendSpan where that failed. */
export function sendTo(
  rig: Rig,
  handle: number,
  to: number[],
  port: number,
  data: ArrayLike<number>,
): number {
  const room = rig.call.sendSpan(handle);
  if (room < 0) return room;
  const head = DatagramSize + rig.core.constant(Constant.ADDRESS_BYTES);
  if (room < head + data.length) return rig.call.commit(handle, 0) && -1000;
  const at = rig.core.spanPointer();
  rig.core.words.setUint16(at + DatagramField.port.offset, port, true);
  rig.core.memory.set(inRecord(rig, to), at + DatagramSize);
  rig.core.memory.set(Uint8Array.from(data), at + head);
  const result = rig.call.commit(handle, head + data.length);
  rig.pump();
  return result;
}

/** The next datagram, or the error. */
export function receiveFrom(rig: Rig, handle: number): Received | number {
  const length = rig.call.receiveSpan(handle);
  if (length < 0) return length;
  const at = rig.core.spanPointer();
  const field = (offset: number) => rig.core.words.getUint16(at + offset, true);
  const head = DatagramSize + rig.core.constant(Constant.ADDRESS_BYTES);
  assert.equal(length, head + field(DatagramField.length.offset));
  const datagram = {
    address: [...rig.core.memory.subarray(at + head - 4, at + head)],
    port: field(DatagramField.port.offset),
    local: rig.core.memory[at + DatagramField.local.offset]!,
    hops: rig.core.memory[at + DatagramField.hops.offset]!,
    kind: field(DatagramField.kind.offset),
    data: [...rig.core.memory.subarray(at + head, at + length)],
  };
  assert.equal(rig.call.consume(handle, length), 0);
  return datagram;
}

export function takeUdp(rig: Rig): UdpView {
  const { view } = rig.take("a datagram");
  return view.kind === "udp" ? view : rig.fail(`expected a datagram, came ${view.kind}`);
}

/** A datagram from a peer's port to a port of the stack. */
export const datagram = (
  peer: number,
  from: number,
  to: number,
  data: ArrayLike<number>,
  ip: IpFields = {},
) => udpFrame(peer, { sourcePort: from, destinationPort: to, data }, ip);

export const peer = peerAddress;
