// Lookups of names (RFC 1035, 5452): name servers are asked in turn, for names below .local the hosts on
// the link (RFC 6762 section 5.1). Input: user calls, answers, timers, events of connections; output:
// questions, and the records (record.ts), which stay as a cache until they are too old or needed.

import { DNS, LOOKUP_COUNT } from "../config";
import { Counter, Errno, Event, Pool } from "../constants";
import { count } from "../counter";
import { closeHandle, isOpen, openHandle, raise } from "../event";
import { globals } from "../globals";
import { random } from "../hash";
import { isOnNetwork } from "../ip/address";
import { LOOKUP_BYTES, LOOKUP_TASK, NAME_BUFFER, RX_FRAME, TASK_NODE } from "../memory";
import { atLeastZero, both, either } from "../order";
import { claimed, released } from "../pool";
import { armTask, stopTask, taskOf } from "../task";
import { ANY_ADDRESS } from "../tcp/listener";
import { messageAt, readyTo, sendTo } from "../udp/message";
import { choosePort } from "../udp/user";
import { etherPayload } from "../wire/ethernet";
import { ipSource, PROTOCOL_UDP } from "../wire/ipv4";
import { DNS_PORT, MDNS_GROUP, MDNS_PORT } from "../wire/udp";
import { FAILED_SHIFT, questionEmit, readAnswer, RETRY } from "./message";
import { givenName, isName, nameBytes } from "./name";
import {
  Lookup,
  lookup,
  lookupOf,
  lookupTask,
  nameOf,
  selectWaiting,
  selectLookup,
} from "./record";
import { chooseServer } from "./server";
import { endWaiting, openStream, streamEvents } from "./stream";

/** Questions of a lookup; those to the link count twice. */
const MOST_TRIES: u32 = 6;
const FIRST_MS: u32 = 1000;
/** ms for an answer by TCP. */
const STREAM_MS: u32 = 5000;

/** True if the name in NAME_BUFFER is below .local. */
function isLocal(): bool {
  return ((load<u64>(NAME_BUFFER + nameBytes - 8) >> 8) | 0x202020202000) == 0x6c61636f6c05;
}

/** ABI: looks for the addresses of a name, in NAME_BUFFER. */
export function resolve(length: u32): i32 {
  if (!DNS) return -Errno.EINVAL;
  if (!globals.seeded) return -Errno.EAGAIN;
  if (!givenName(length)) return -Errno.EINVAL;
  let known: u32 = 0;
  let best: u32 = 0;
  let least: u32 = ~0;
  for (let task = LOOKUP_TASK; task < LOOKUP_TASK + LOOKUP_COUNT; task++) {
    selectLookup(task);
    // ms that it may still be used; what is free has none, and the same name goes before it.
    let left = atLeastZero(lookup.expiresMs - globals.nowMs) + 1;
    if (both(left > 1, isName(nameOf(), lookup.nameBytes))) {
      known = task;
      left = 0;
    }
    if (either(left >= least, isOpen(TASK_NODE + task))) continue;
    least = left;
    best = task;
  }
  if (best == 0) return -Errno.ENOBUFS;
  selectLookup(best);
  if (known != 0) {
    count(Counter.DNS_CACHE_HITS);
    memory.copy(changetype<usize>(lookup), changetype<usize>(lookupOf(known)), LOOKUP_BYTES);
    settle(0);
  } else {
    start();
    if (!chooseServer()) return -Errno.ENETUNREACH;
    settle(RETRY);
  }
  claimed(Pool.LOOKUP);
  return <i32>openHandle(TASK_NODE + lookupTask);
}

/** The current lookup is of the name in NAME_BUFFER, and nothing is known of it. */
function start(): void {
  const l = lookup;
  memory.fill(changetype<usize>(l), 0, offsetof<Lookup>());
  l.nameBytes = <u8>nameBytes;
  memory.copy(nameOf(), NAME_BUFFER, nameBytes);
  l.expiresMs = globals.nowMs;
  if (!isLocal()) return;
  l.local = l.plain = 1;
  l.serverAddress = MDNS_GROUP;
}

/** Nothing more is waited for. */
function stop(): void {
  endWaiting();
  stopTask(lookupTask);
}

/** What came of a question, or would have to come of it: see readAnswer. The next question, or the end. */
function settle(result: u32): void {
  const l = lookup;
  stop();
  l.error = <u8>result;
  l.failed |= (result >> FAILED_SHIFT) << l.server;
  if (either(result < RETRY, <u32>l.tries >= MOST_TRIES) || !chooseServer()) {
    raise(TASK_NODE + lookupTask, l.error == 0 ? Event.READABLE : Event.ERROR);
    return;
  }
  // RFC 6762 section 5.2: twice as long each time. Servers: once two have been asked, or one twice.
  armTask(lookupTask, FIRST_MS << (l.tries >> 1));
  l.tries += 1 + l.local;
  // RFC 5452 section 9.2: both are new for each question, and random.
  l.id = <u16>random();
  l.waits = choosePort(PROTOCOL_UDP, ANY_ADDRESS);
  readyTo(lookupTask, l.serverAddress);
}

/** Ends a lookup if the handle is its own; false: it is not. */
export function closeLookup(handle: u32): bool {
  const task = taskOf(handle, LOOKUP_TASK, LOOKUP_COUNT);
  if (task < 0) return false;
  selectLookup(task);
  stop();
  closeHandle(TASK_NODE + lookupTask);
  released(Pool.LOOKUP);
  return true;
}

/** No answer has come. */
export function lookupExpired(task: u32): void {
  selectLookup(task);
  lookup.server += 1;
  settle((lookup.local ? Errno.ENOTFOUND : Errno.ETIMEDOUT) | RETRY);
}

/** The port of who is asked. */
function serverPort(): u32 {
  return lookup.local ? MDNS_PORT : DNS_PORT;
}

/** The question: its length, or 0. */
export function lookupTransmit(task: u32, iface: u32): u32 {
  selectLookup(task);
  const ports = (lookup.waits << 16) | serverPort();
  const bytes = questionEmit(messageAt());
  return sendTo(task, iface, lookup.serverAddress, ports, bytes, Counter.DNS_QUERIES);
}

/** A datagram for a local address; true: it came from whom we had asked, to where it was asked from. From others
 * a port that waits for an answer looks like one that nobody has. */
export function lookupInput(address: u32, port: u32, from: u32, p: usize, len: u32): bool {
  if (!selectWaiting(port)) return false;
  const source = ipSource(etherPayload(RX_FRAME));
  // RFC 6762 section 11: any host on the link.
  const known = lookup.local
    ? both(address != ANY_ADDRESS, isOnNetwork(address, source))
    : source == lookup.serverAddress;
  if (!both(known, from == serverPort())) return false;
  const result = readAnswer(p, p + len);
  if (result >= 0) settle(result);
  else count(~result);
  if (result != ~(<i32>Counter.DNS_TRUNCATED)) return true;
  // RFC 7766 section 5: the answer did not fit.
  stop();
  armTask(lookupTask, STREAM_MS);
  openStream();
  return true;
}

/** Events of a connection; true: it is a lookup's, to which they went. */
export function lookupEvents(handle: u32): bool {
  if (!selectWaiting(handle)) return false;
  const result = streamEvents(handle);
  if (result >= 0) settle(result);
  return true;
}

/** Nothing is kept any more: the clock may wrap before somebody looks. */
export function forgetNames(): void {
  for (let task = LOOKUP_TASK; task < LOOKUP_TASK + LOOKUP_COUNT; task++)
    lookupOf(task).expiresMs = globals.nowMs;
}
