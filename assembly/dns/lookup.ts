// Lookups of names (RFC 1035, 5452): name servers are asked in turn, for names below .local the hosts on
// the link (RFC 6762 section 5.1). Input: user calls, answers, timers, events of connections; output:
// questions, and the records (record.ts), which stay as a cache until they are too old or needed.

import { DHCP, INTERFACE_COUNT, LOOKUP_COUNT } from "../config";
import { Counter, Errno, Event, LookupState, Pool } from "../constants";
import { count } from "../counter";
import { leaseAt, Lease } from "../dhcp/lease";
import { closeHandle, isOpen, openHandle, raise } from "../event";
import { globals } from "../globals";
import { random } from "../hash";
import { interfaceOfLocal, isOnNetwork, ownV4 } from "../ip/address";
import { givenV4, isNoHost } from "../ip/addressing";
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
import { armTask, readyTask, stopTask, taskOf } from "../task";
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
/** Questions to servers, at most; to the link it is half of them. */
const MOST_TRIES: u32 = 6;
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
  if (length == 16) return -Errno.EAFNOSUPPORT;
  const v4 = length == 0 ? 0 : givenV4();
  if (either(index >= GIVEN, both(length != 0, either(length != 4, isNoHost(v4)))))
    return -Errno.EINVAL;
  store<u32>(NAME_SERVERS + (index << 2), v4);
  return 0;
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
  l.servers = 0;
  for (let i: u32 = 0; i < PLACES; i++) {
    place = place + 1 < PLACES ? place + 1 : 0;
    const v4 = serverIn(place);
    if (v4 == 0) continue;
    if (l.servers == 0) {
      l.server = <u8>place;
      l.serverAddress = v4;
    }
    l.servers += 1;
  }
  return l.servers != 0;
}

/** True if the name in NAME_BUFFER is below .local. */
function isLocal(bytes: u32): bool {
  return ((load<u64>(NAME_BUFFER + bytes - 8) >> 8) | 0x202020202000) == 0x6c61636f6c05;
}

/** ABI: looks for the addresses of a name, in NAME_BUFFER. */
export function resolve(length: u32): i32 {
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
  l.error = <u8>Errno.ETIMEDOUT;
  l.server = <u8>(PLACES - 1);
  if (isLocal(bytes)) {
    l.error = <u8>Errno.ENOTFOUND;
    l.serverAddress = MDNS_GROUP;
    l.local = l.plain = 1;
  } else if (!chooseServer(l)) return -Errno.ENETUNREACH;
  l.state = <u8>LookupState.ASKING;
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
  if (lookupAt(i).expiresMs == 0) lookupAt(i).state = <u8>LookupState.NONE;
  closeHandle(nodeAt(i));
  released(Pool.LOOKUP);
  return true;
}

/** No answer has come: the next question. */
export function lookupExpired(i: u32): void {
  const l = lookupAt(i);
  const tries = <u32>l.tries;
  stop(i);
  if (tries >= MOST_TRIES >> l.local) {
    l.state = <u8>LookupState.FAILED;
    raise(nodeAt(i), Event.ERROR);
    return;
  }
  // RFC 6762 section 5.2: twice as long each time; servers: once each has been asked.
  armTask(LOOKUP_TASK + i, FIRST_MS << (tries >> (l.local ^ 1)));
  l.tries = <u8>(tries + 1);
  // RFC 5452 section 9.2: both are new for each question, and random.
  l.id = <u16>random();
  l.port = <u16>choosePort(PROTOCOL_UDP, ANY_ADDRESS);
  if (l.local) {
    const local = chooseSource(MDNS_GROUP);
    if (local >= 0) readyTask(LOOKUP_TASK + i, interfaceOfLocal(local));
    return;
  }
  if (tries != 0) chooseServer(l);
  readyTo(LOOKUP_TASK + i, l.serverAddress);
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
    const result = isFromServer(l, from) ? readAnswer(l, p, len) : ~Counter.DROP_DNS_UNRELATED;
    if (result >= 0) conclude(i, result);
    else {
      count(~result);
      if (~result == Counter.DNS_TRUNCATED) askByStream(i);
    }
    return true;
  }
  return false;
}

/** RFC 7766 section 5: the answer did not fit. */
function askByStream(i: u32): void {
  stop(i);
  if (openStream(lookupAt(i))) armTask(LOOKUP_TASK + i, STREAM_MS);
  else conclude(i, Errno.ESERVFAIL);
}

/** Events of a connection; true: it is a lookup's, to which they went. */
export function lookupEvents(handle: u32): bool {
  for (let i: u32 = 0; i < LOOKUP_COUNT; i++) {
    const l = lookupAt(i);
    if (l.connection != handle) continue;
    const length = streamEvents(l);
    if (length == 0) return true;
    const result = length < 0 ? -1 : readAnswer(l, TX_FRAME, length);
    if (length > 0 && result < 0) count(~result);
    conclude(i, result < 0 ? Errno.ESERVFAIL : result);
    return true;
  }
  return false;
}

/** What came of a question: see readAnswer. */
function conclude(i: u32, result: i32): void {
  const l = lookupAt(i);
  if (result != 0) l.error = <u8>result;
  if (result == Errno.ESERVFAIL) {
    // Another server may know; each is asked twice, if only because the second time is without EDNS.
    if (<u32>l.tries >= (<u32>l.servers) << 1) l.tries = <u8>MOST_TRIES;
    lookupExpired(i);
    return;
  }
  stop(i);
  l.state = <u8>(result == 0 ? LookupState.FOUND : LookupState.FAILED);
  // RFC 1035 section 3.2.1: a TTL of 0 is for this answer alone. An odd number is not 0.
  if (both(result == 0, l.ttl != 0)) l.expiresMs = (globals.nowMs + l.ttl * 1000) | 1;
  raise(nodeAt(i), result == 0 ? Event.READABLE : Event.ERROR);
}

/** Nothing is kept any more: the clock may wrap before somebody looks. */
export function forgetNames(): void {
  for (let i: u32 = 0; i < LOOKUP_COUNT; i++) lookupAt(i).expiresMs = 0;
}
