// Lookups of names (RFC 1035; RFC 6762 section 5.1 for those below .local): user calls, questions and their
// repetition, and what becomes of answers. The task's timer is that of the question, then that of the
// addresses: while it runs they may be used again.

import { DNS, LOOKUP_COUNT } from "../config";
import { Counter, Errno, Event, Pool } from "../constants";
import { count, drop, taken } from "../counter";
import { closeHandle, isOpen, openHandle, raise } from "../event";
import { globals } from "../globals";
import { random } from "../hash";
import { ownV4 } from "../ip/address";
import { chooseSource } from "../ip/output";
import { NO_MAC } from "../link/interface";
import { LOOKUP_BYTES, LOOKUP_TASK, NAME_BUFFER, RX_FRAME, TASK_NODE, TASK_TIMER } from "../memory";
import { atLeastZero, both, either } from "../order";
import { claimed, released } from "../pool";
import { armTask, stopTask, taskOf } from "../task";
import { ANY_ADDRESS } from "../tcp/listener";
import { deadlineOf } from "../timer/deadline";
import { disarm, isArmed } from "../timer/timer";
import { messageAt, readyTo, sendMessage, stationTo } from "../udp/message";
import { choosePort } from "../udp/user";
import { etherPayload } from "../wire/ethernet";
import { ipSource, PROTOCOL_UDP } from "../wire/ipv4";
import { DNS_PORT, MDNS_PORT } from "../wire/udp";
import { readAnswer, TRUNCATED, writeQuestion } from "./message";
import { givenName, isName, nameBytes } from "./name";
import {
  Lookup,
  lookup,
  lookupPointer,
  lookupTask,
  MULTICAST,
  nameAt,
  selectLookup,
} from "./record";
import { findServer } from "./server";
import { closeStream, openStream, streamEvent, WAIT } from "./stream";

/** 224.0.0.251, as it lies in a packet. */
const MDNS_GROUP: u32 = 0xfb0000e0;
/** ".local" and the root at the end of a name, behind one byte of something else: bytes, and the bit that makes
 * letters small. */
const LOCAL: u64 = 0x006c61636f6c0500;
const SMALL: u64 = 0x0020202020200000;

/** Questions of a lookup; those by multicast count twice. */
const MOST_TRIES: u32 = 6;
/** ms for a connection and its answer. */
const STREAM_MS: u32 = 5000;
/** RFC 6762 section 11. */
const MDNS_HOPS: u32 = 255;

/** ABI: looks for the addresses of a name, in NAME_BUFFER. */
export function resolve(length: u32): i32 {
  if (!DNS) return -Errno.EINVAL;
  if (!globals.seeded) return -Errno.EAGAIN;
  if (!givenName(length)) return -Errno.EINVAL;
  // A record that is free, else the one whose addresses are too old first; but before all, the same name's.
  let known: i32 = -1;
  let best: i32 = -1;
  let least: i32 = i32.MAX_VALUE;
  for (let i: u32 = 0; i < LOOKUP_COUNT; i++) {
    selectLookup(i);
    let left = keptMs();
    if (both(left != 0, lookup.addresses != 0) && isName(nameAt(), lookup.nameBytes)) {
      known = i;
      left = -1;
    }
    if (either(left >= least, isOpen(TASK_NODE + lookupTask))) continue;
    least = left;
    best = i;
  }
  if (best < 0) return -Errno.ENOBUFS;
  selectLookup(best);
  const l = lookup;
  if (best != known) disarm(TASK_TIMER + lookupTask);
  if (known >= 0) memory.copy(changetype<usize>(l), lookupPointer(known), LOOKUP_BYTES);
  else {
    memory.fill(changetype<usize>(l), 0, offsetof<Lookup>());
    l.nameBytes = <u16>nameBytes;
    memory.copy(nameAt(), NAME_BUFFER, nameBytes);
    if ((load<u64>(nameAt() + nameBytes - 8) | SMALL) >> 8 == LOCAL >> 8) {
      l.mode = <u8>MULTICAST;
      l.serverAddress = MDNS_GROUP;
    }
    if (!findServer()) return -Errno.ENETUNREACH;
  }
  claimed(Pool.LOOKUP);
  const handle = openHandle(TASK_NODE + lookupTask);
  if (known < 0) ask(0);
  else {
    count(Counter.DNS_CACHE_HITS);
    raise(TASK_NODE + lookupTask, Event.READABLE);
  }
  return <i32>handle;
}

/** ms that the timer of the current lookup still has to run. */
function keptMs(): i32 {
  const timer = TASK_TIMER + lookupTask;
  return isArmed(timer) ? atLeastZero(load<u32>(deadlineOf(timer)) - globals.nowMs) : 0;
}

/** Asks the next time; where that was the last, or nobody is left to ask, the lookup has failed. */
function ask(error: u32): void {
  closeStream();
  const l = lookup;
  if (l.tries >= MOST_TRIES || !findServer()) {
    finish(error);
    return;
  }
  armTask(lookupTask, 1000 << (l.tries >> 1));
  l.tries += 1 + (l.mode >> 1);
  // RFC 5452 section 9.2: nobody can guess them, and they are new each time.
  l.id = <u16>random();
  l.port = <u16>choosePort(PROTOCOL_UDP, ANY_ADDRESS);
  readyTo(lookupTask, l.serverAddress);
}

/** The question is not open any more. */
function stop(): void {
  closeStream();
  stopTask(lookupTask);
  lookup.port = 0;
}

/** The lookup is over. error 0: its addresses are kept until they are too old. */
function finish(error: u32): void {
  stop();
  lookup.error = <u8>error;
  if (error == 0) armTask(lookupTask, lookup.ttl * 1000);
  raise(TASK_NODE + lookupTask, error == 0 ? Event.READABLE : Event.ERROR);
}

/** What an answer says, or a connection that brought none. */
function settle(says: u32): void {
  const l = lookup;
  if (says < <u32>Errno.ESERVFAIL) finish(says);
  else if (says == TRUNCATED) {
    openStream();
    armTask(lookupTask, STREAM_MS);
  } else {
    if (says == Errno.ESERVFAIL) l.failed |= 1 << l.server;
    ask(Errno.ESERVFAIL);
  }
}

/** A datagram; true: it came from where a question of ours went, to the port that it left by. */
export function lookupInput(port: u32, from: u32, p: usize, len: u32): bool {
  for (let i: u32 = 0; i < LOOKUP_COUNT; i++) {
    selectLookup(i);
    const l = lookup;
    const many = l.mode == MULTICAST;
    if (either(<u32>l.port != port, from != (many ? MDNS_PORT : DNS_PORT))) continue;
    if (!either(many, ipSource(etherPayload(RX_FRAME)) == l.serverAddress)) continue;
    let says = readAnswer(p, p + len);
    // RFC 6762 section 18: of several that may answer, one that does not know says nothing.
    if (many && says != 0) says = drop(Counter.DROP_DNS_UNRELATED);
    if (<i32>says < 0) taken(says);
    else settle(says);
    return true;
  }
  return false;
}

/** The timer: of a question that was not answered, or of addresses, which are too old now. */
export function lookupExpired(i: u32): void {
  selectLookup(i);
  const l = lookup;
  if (l.addresses != 0) return;
  l.server += 1;
  ask(l.mode == MULTICAST ? Errno.ENOTFOUND : Errno.ETIMEDOUT);
}

/** The question leaves. */
export function lookupTransmit(i: u32, iface: u32): u32 {
  selectLookup(i);
  const l = lookup;
  const v4 = l.serverAddress;
  const local = chooseSource(v4);
  if (local < 0) return 0;
  let to = NO_MAC;
  let port = MDNS_PORT;
  let hops = MDNS_HOPS;
  if (l.mode != MULTICAST) {
    to = stationTo(lookupTask, iface, local, v4);
    if (to == 0) return 0;
    port = DNS_PORT;
    hops = globals.ttl;
  }
  const bytes = writeQuestion(messageAt());
  return sendMessage(iface, to, ownV4(local), v4, ((<u32>l.port) << 16) | port, bytes, hops);
}

/** True if the handle of an event is that of a lookup's connection: what it brought is dealt with. */
export function lookupEvent(handle: u32): bool {
  for (let i: u32 = 0; i < LOOKUP_COUNT; i++) {
    selectLookup(i);
    if (lookup.connection != handle) continue;
    const says = streamEvent();
    if (says != WAIT) settle(says);
    return true;
  }
  return false;
}

/** The user is done with a lookup; false: the handle is none's. */
export function closeLookup(handle: u32): bool {
  const task = taskOf(handle, LOOKUP_TASK, LOOKUP_COUNT);
  if (task < 0) return false;
  selectLookup(task - LOOKUP_TASK);
  if (lookup.addresses == 0) stop();
  closeHandle(TASK_NODE + task);
  released(Pool.LOOKUP);
  return true;
}
