// Lookups of names (RFC 1035, 5452): name servers are asked in turn, for names below .local the hosts on
// the link (RFC 6762 section 5.1). Input: user calls, answers, timers, events of connections; output:
// questions, and the records (record.ts), which stay as a cache until they are too old or needed.

import { DHCP, DNS, INTERFACE_COUNT, LOOKUP_COUNT } from "../config";
import { Counter, Errno, Event, LookupState, Pool } from "../constants";
import { count, drop } from "../counter";
import { leaseAt, Lease } from "../dhcp/lease";
import { closeHandle, isOpen, openHandle, raise } from "../event";
import { globals } from "../globals";
import { random } from "../hash";
import { isOnNetwork, ownV4 } from "../ip/address";
import { givenServer } from "../ip/addressing";
import { chooseSource } from "../ip/output";
import {
  LOOKUP_BYTES,
  LOOKUP_TASK,
  NAME_BUFFER,
  NAME_SERVERS,
  RX_FRAME,
  TASK_NODE,
  TX_FRAME,
} from "../memory";
import { both, either } from "../order";
import { claimed, released } from "../pool";
import { armTask, stopTask, taskOf } from "../task";
import { ANY_ADDRESS } from "../tcp/listener";
import { messageAt, readyTo, sendMessage, stationTo } from "../udp/message";
import { choosePort } from "../udp/user";
import { etherPayload } from "../wire/ethernet";
import { ipSource, PROTOCOL_UDP } from "../wire/ipv4";
import { DNS_PORT, MDNS_PORT } from "../wire/udp";
import { questionEmit, readAnswer } from "./message";
import { sameName, writeName } from "./name";
import { Lookup, lookupAt, nameIn, timeLeft } from "./record";
import { endStream, openStream, streamEvents } from "./stream";

/** Servers that the user names, and places for those of leases, two for each interface. */
const GIVEN: u32 = 2;
const PLACES: u32 = GIVEN + (DHCP ? 2 * INTERFACE_COUNT : 0);
/** Questions to the link; there are twice as many to servers. */
const MOST_TRIES: u32 = 3;
/** Questions after which a server that fails is the last. */
const MOST_FAILURES: u32 = 4;
const FIRST_MS: u32 = 1000;
/** ms for an answer by TCP. */
const STREAM_MS: u32 = 5000;
/** 224.0.0.251, as it lies in a packet. */
const MDNS_GROUP: u32 = 0xfb0000e0;
/** Text of names without a dot at the end: RFC 1035 section 2.3.4, less the first length and the root's. */
const LONGEST_TEXT: u32 = 253;

function nodeAt(i: u32): u32 {
  return TASK_NODE + LOOKUP_TASK + i;
}

/** ABI: a name server, in ADDRESS_BUFFER; length 0: none. */
export function nameServer(index: u32, length: u32): i32 {
  if (!DNS || index >= GIVEN) return -Errno.EINVAL;
  return givenServer(NAME_SERVERS + (index << 2), length);
}

/** The server in a place, or 0. */
function serverIn(place: u32): u32 {
  if (!DHCP || place < GIVEN) return load<u32>(NAME_SERVERS + (place << 2));
  place -= GIVEN;
  const lease = leaseAt(place >> 1);
  if (lease.handle == 0) return 0;
  const at = changetype<usize>(lease) + ((place & 1) << 2);
  return load<u32>(at, offsetof<Lease>("nameServer"));
}

/** The next server to ask; false: none is known. */
function chooseServer(l: Lookup): bool {
  let place = <u32>l.server;
  for (let i: u32 = 0; i < PLACES; i++) {
    place = place + 1 < PLACES ? place + 1 : 0;
    const v4 = serverIn(place);
    if (v4 == 0) continue;
    l.server = <u8>place;
    l.serverAddress = v4;
    return true;
  }
  return false;
}

/** True if the name in NAME_BUFFER is below .local. */
function isLocal(bytes: u32): bool {
  return ((load<u64>(NAME_BUFFER + bytes - 8) >> 8) | 0x202020202000) == 0x6c61636f6c05;
}

/** ABI: looks for the addresses of a name, in NAME_BUFFER. */
export function resolve(length: u32): i32 {
  if (!DNS) return -Errno.EINVAL;
  if (!globals.seeded) return -Errno.EAGAIN;
  if (length > LONGEST_TEXT + 1) return -Errno.EINVAL;
  memory.copy(NAME_BUFFER + 1, NAME_BUFFER, length);
  const bytes = writeName(NAME_BUFFER, NAME_BUFFER + 1, length);
  if (bytes == 0) return -Errno.EINVAL;
  let best: i32 = -1;
  let known: i32 = -1;
  let least: u32 = ~0;
  for (let i: u32 = 0; i < LOOKUP_COUNT; i++) {
    const l = lookupAt(i);
    const left = timeLeft(l);
    if (left != 0 && <u32>l.nameBytes == bytes && sameName(NAME_BUFFER, nameIn(l), bytes))
      known = i;
    if (either(isOpen(nodeAt(i)), left >= least)) continue;
    least = left;
    best = i;
  }
  if (best < 0) return -Errno.ENOBUFS;
  if (known < 0) return start(best, bytes);
  count(Counter.DNS_CACHE_HITS);
  if (!isOpen(nodeAt(known))) best = known;
  else
    memory.copy(
      changetype<usize>(lookupAt(best)),
      changetype<usize>(lookupAt(known)),
      LOOKUP_BYTES,
    );
  const handle = open(best);
  raise(nodeAt(best), Event.READABLE);
  return handle;
}

function open(i: u32): i32 {
  claimed(Pool.LOOKUP);
  return <i32>openHandle(nodeAt(i));
}

/** A lookup of the name in NAME_BUFFER. */
function start(i: u32, bytes: u32): i32 {
  const l = lookupAt(i);
  memory.fill(changetype<usize>(l), 0, offsetof<Lookup>());
  l.nameBytes = <u16>bytes;
  memory.copy(nameIn(l), NAME_BUFFER, bytes);
  l.expiresMs = globals.nowMs;
  l.server = <u8>(PLACES - 1);
  l.state = <u8>LookupState.ASKING;
  l.error = <u8>Errno.ETIMEDOUT;
  if (isLocal(bytes)) {
    l.error = <u8>Errno.ENOTFOUND;
    l.serverAddress = MDNS_GROUP;
    l.local = l.plain = 1;
  } else if (!chooseServer(l)) return -Errno.ENETUNREACH;
  lookupExpired(i);
  return open(i);
}

/** Nothing more is waited for. */
function stop(i: u32): void {
  endStream(lookupAt(i));
  lookupAt(i).port = 0;
  stopTask(LOOKUP_TASK + i);
}

/** Ends a lookup if the handle is its own; false: it is not. */
export function closeLookup(handle: u32): bool {
  const task = taskOf(handle, LOOKUP_TASK, LOOKUP_COUNT);
  if (task < 0) return false;
  const i = task - LOOKUP_TASK;
  stop(i);
  closeHandle(nodeAt(i));
  released(Pool.LOOKUP);
  return true;
}

/** No answer has come: the next question. */
export function lookupExpired(i: u32): void {
  const l = lookupAt(i);
  const tries = <u32>l.tries;
  const shift = (<u32>l.local) ^ 1;
  if (tries >= MOST_TRIES << shift) return finish(i);
  stop(i);
  // RFC 6762 section 5.2: twice as long each time. Servers: once two have been asked, or one twice.
  armTask(LOOKUP_TASK + i, FIRST_MS << (tries >> shift));
  l.tries = <u8>(tries + 1);
  // RFC 5452 section 9.2: both are new for each question, and random.
  l.id = <u16>random();
  l.port = <u16>choosePort(PROTOCOL_UDP, ANY_ADDRESS);
  if (both(tries != 0, shift != 0)) chooseServer(l);
  readyTo(LOOKUP_TASK + i, l.serverAddress);
}

/** The lookup is over; its error tells how. */
function finish(i: u32): void {
  stop(i);
  const l = lookupAt(i);
  const found = l.error == 0;
  l.state = <u8>(found ? LookupState.FOUND : LookupState.FAILED);
  raise(nodeAt(i), found ? Event.READABLE : Event.ERROR);
}

/** The question: its length, or 0. */
export function lookupTransmit(i: u32, iface: u32): u32 {
  const l = lookupAt(i);
  const v4 = l.serverAddress;
  const local = chooseSource(v4);
  if (local < 0) return 0;
  const to = l.local ? TX_FRAME : stationTo(LOOKUP_TASK + i, iface, local, v4);
  if (to == 0) return 0;
  count(Counter.DNS_QUERIES);
  const ports = ((<u32>l.port) << 16) | (l.local ? MDNS_PORT : DNS_PORT);
  const hops = l.local ? 255 : <u32>globals.ttl; // RFC 6762 section 11
  return sendMessage(iface, to, ownV4(local), v4, ports, questionEmit(messageAt(), l), hops);
}

/** True if the datagram in RX_FRAME comes from who was asked. */
function isFromServer(l: Lookup, from: u32): bool {
  const source = ipSource(etherPayload(RX_FRAME));
  if (!l.local) return both(from == DNS_PORT, source == l.serverAddress);
  // RFC 6762 section 11: any host on the link.
  const local = chooseSource(MDNS_GROUP);
  return from == MDNS_PORT && local >= 0 && isOnNetwork(local, source);
}

/** A datagram; true: it was an answer to a question of ours, or pretends to be. */
export function lookupInput(port: u32, from: u32, p: usize, len: u32): bool {
  for (let i: u32 = 0; i < LOOKUP_COUNT; i++) {
    const l = lookupAt(i);
    if (either(port == 0, <u32>l.port != port)) continue;
    conclude(
      i,
      isFromServer(l, from) ? readAnswer(l, p, len) : <i32>drop(Counter.DROP_DNS_UNRELATED),
    );
    return true;
  }
  return false;
}

/** Events of a connection; true: it is a lookup's, to which they went. */
export function lookupEvents(handle: u32): bool {
  for (let i: u32 = 0; i < LOOKUP_COUNT; i++) {
    const l = lookupAt(i);
    if (l.connection != handle) continue;
    const length = streamEvents(l);
    if (length >= 0) conclude(i, readAnswer(l, TX_FRAME, length));
    return true;
  }
  return false;
}

/** What came of a question: see readAnswer. */
function conclude(i: u32, result: i32): void {
  const l = lookupAt(i);
  if (result < 0) {
    count(~result);
    if (l.connection == 0) {
      if (~result != Counter.DNS_TRUNCATED) return; // the question stays open
      // RFC 7766 section 5: the answer did not fit.
      l.port = 0;
      armTask(LOOKUP_TASK + i, STREAM_MS);
      if (openStream(l)) return;
    }
    result = Errno.ESERVFAIL;
  }
  l.error = <u8>result;
  if (both(result == Errno.ESERVFAIL, <u32>l.tries < MOST_FAILURES)) return lookupExpired(i);
  if (result == 0) l.expiresMs = globals.nowMs + l.ttl * 1000;
  finish(i);
}

/** Nothing is kept any more: the clock may wrap before somebody looks. */
export function forgetNames(): void {
  for (let i: u32 = 0; i < LOOKUP_COUNT; i++) lookupAt(i).expiresMs = globals.nowMs;
}
