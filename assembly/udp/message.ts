// UDP messages of tasks: built in TX_FRAME where they leave, without a socket.

import { fold, sum } from "../checksum";
import { Counter } from "../constants";
import { count } from "../counter";
import { listAppend } from "../buffer/list";
import { globals } from "../globals";
import { isForMany, ownV4 } from "../ip/address";
import { isMulticast, putV4 } from "../ip/addressing";
import {
  chooseSource,
  interfaceFor,
  ipPayload,
  ipSend,
  isReachable,
  sendToMany,
} from "../ip/output";
import { NO_MAC } from "../link/interface";
import { isKnown, neighbourMac } from "../link/neighbour";
import { TASK_READY, WAIT_HEAD } from "../memory";
import { readyTask } from "../task";
import { neighbourTo } from "../tcp/route";
import { remoteOf, tuple } from "../tcp/tcb";
import { PROTOCOL_UDP } from "../wire/ipv4";
import { MDNS_HOPS, setUdpChecksum, UDP_BYTES, udpEmit, udpPseudoSum } from "../wire/udp";

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
  if (isForMany(destination)) sendToMany(destination);
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

/** The same from the address that leads to v4, for a task that readyTo() has made ready: bytes at messageAt(),
 * counted by `counter` once they leave. 0: there is no way now, or the next hop is being asked for. */
export function sendTo(task: u32, iface: u32, v4: u32, ports: u32, bytes: u32, counter: u32): u32 {
  const local = chooseSource(v4);
  if (local < 0) return 0;
  let to = NO_MAC;
  let hops = MDNS_HOPS;
  if (!isMulticast(v4)) {
    to = stationTo(task, iface, local, v4);
    if (to == 0) return 0;
    hops = globals.ttl;
  }
  count(counter);
  return sendMessage(iface, to, ownV4(local), v4, ports, bytes, hops);
}
