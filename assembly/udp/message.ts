// UDP messages of tasks: built in TX_FRAME where they leave, without a socket.

import { fold, sum } from "../checksum";
import { Counter } from "../constants";
import { count } from "../counter";
import { listAppend } from "../buffer/list";
import { isForMany } from "../ip/address";
import { isMulticast, putV4 } from "../ip/addressing";
import { chooseSource, interfaceFor, ipPayload, ipSend, isReachable } from "../ip/output";
import { isKnown, neighbourMac } from "../link/neighbour";
import { TASK_READY, TX_FRAME, WAIT_HEAD } from "../memory";
import { readyTask } from "../task";
import { neighbourTo } from "../tcp/route";
import { remoteOf, tuple } from "../tcp/tcb";
import { macFill, macGroup } from "../wire/ethernet";
import { PROTOCOL_UDP } from "../wire/ipv4";
import { setUdpChecksum, UDP_BYTES, udpEmit, udpPseudoSum } from "../wire/udp";

/** Where the message goes, behind the headers. */
export function messageAt(): usize {
  return ipPayload() + UDP_BYTES;
}

/** Sends bytes at messageAt() from one address and port to others (ports: the source's in the upper half)
 * with a time to live of hops; `to`: the station's MAC, not used for a group or broadcast. */
export function sendMessage(
  iface: u32,
  to: usize,
  source: u32,
  destination: u32,
  ports: u32,
  bytes: u32,
  hops: u32,
): u32 {
  const q = ipPayload();
  bytes += UDP_BYTES;
  udpEmit(q, ports >> 16, ports & 0xffff, bytes);
  setUdpChecksum(q, ~fold(sum(q, bytes, udpPseudoSum(source, destination, bytes))) & 0xffff);
  count(Counter.UDP_DATAGRAMS_OUT);
  const length = ipSend(iface, to, source, destination, PROTOCOL_UDP, bytes, hops);
  if (isMulticast(destination)) macGroup(TX_FRAME, destination);
  else if (isForMany(destination)) macFill(TX_FRAME, 0xff);
  return length;
}

/** Puts the task into the ready list of the interface that leads to v4; false: there is no way. */
export function readyTo(task: u32, v4: u32): bool {
  const local = chooseSource(v4);
  if (local < 0) return false;
  putV4(remoteOf(tuple), v4);
  if (!isMulticast(v4) && !isReachable(local, remoteOf(tuple))) return false;
  readyTask(task, interfaceFor(local, remoteOf(tuple)));
  return true;
}

/** The MAC of the next hop from a local address to v4; 0: it is being asked for, and the task is ready
 * again when it has answered; its own timer tells when it has not. */
export function stationTo(task: u32, iface: u32, local: u32, v4: u32): usize {
  putV4(remoteOf(tuple), v4);
  tuple.address = <u8>local;
  const n = neighbourTo(iface, tuple, 0, 0);
  if (n < 0) return 0;
  if (isKnown(n)) return neighbourMac(n);
  listAppend(WAIT_HEAD + n, TASK_READY + task);
  return 0;
}
