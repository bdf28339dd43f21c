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
import { LOOKUP_TASK, NAME_BUFFER, NAME_SERVERS, RX_FRAME, TASK_NODE, TX_FRAME } from "../memory";
import { atLeastZero, both } from "../order";
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
import { Lookup, lookup, lookupId, nameOf, selectBy, selectLookup } from "./record";
import { endStream, openStream, STREAM_ANSWER, streamEvents } from "./stream";

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
/** The longest text of a name, with a dot at its end. */
const LONGEST_TEXT: u32 = 254;

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
  const at = changetype<usize>(lease) + ((place & 1) << 2);
  return load<u32>(at, offsetof<Lease>("nameServer"));
}

/** The next server to ask; false: none is known. */
function chooseServer(): bool {
  for (let i: u32 = 0; i < PLACES; i++) {
    const v4 = serverIn(lookup.server);
    lookup.server = <u8>((<u32>lookup.server + 1) % PLACES);
    if (v4 == 0) continue;
    lookup.serverAddress = v4;
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
  memory.copy(NAME_BUFFER + 1, NAME_BUFFER, LONGEST_TEXT);
  const bytes = writeName(NAME_BUFFER, NAME_BUFFER + 1, length);
  if (bytes == 0) return -Errno.EINVAL;
  let best: i32 = -1;
  let least: u32 = ~0;
  for (let i: u32 = 0; i < LOOKUP_COUNT; i++) {
    if (isOpen(nodeAt(i))) continue;
    selectLookup(i);
    const left = atLeastZero(lookup.expiresMs - globals.nowMs); // ms that it may still be used
    if (left != 0 && <u32>lookup.nameBytes == bytes && sameName(NAME_BUFFER, nameOf(), bytes)) {
      count(Counter.DNS_CACHE_HITS);
      finish();
      return open();
    }
    if (left >= least) continue;
    least = left;
    best = i;
  }
  if (best < 0) return -Errno.ENOBUFS;
  selectLookup(best);
  return start(bytes);
}

function open(): i32 {
  claimed(Pool.LOOKUP);
  return <i32>openHandle(nodeAt(lookupId));
}

/** A lookup of the name in NAME_BUFFER. */
function start(bytes: u32): i32 {
  const l = lookup;
  memory.fill(changetype<usize>(l), 0, offsetof<Lookup>());
  l.nameBytes = <u16>bytes;
  memory.copy(nameOf(), NAME_BUFFER, bytes);
  l.expiresMs = globals.nowMs;
  l.state = <u8>LookupState.ASKING;
  l.error = <u8>Errno.ETIMEDOUT;
  if (isLocal(bytes)) {
    l.error = <u8>Errno.ENOTFOUND;
    l.serverAddress = MDNS_GROUP;
    l.local = l.plain = 1;
  } else if (!chooseServer()) return -Errno.ENETUNREACH;
  ask();
  return open();
}

/** Nothing more is waited for. */
function stop(): void {
  endStream();
  lookup.port = 0;
  stopTask(LOOKUP_TASK + lookupId);
}

/** Ends a lookup if the handle is its own; false: it is not. */
export function closeLookup(handle: u32): bool {
  const task = taskOf(handle, LOOKUP_TASK, LOOKUP_COUNT);
  if (task < 0) return false;
  selectLookup(task - LOOKUP_TASK);
  stop();
  closeHandle(nodeAt(lookupId));
  released(Pool.LOOKUP);
  return true;
}

/** No answer has come. */
export function lookupExpired(i: u32): void {
  selectLookup(i);
  ask();
}

/** The next question, or the end. */
function ask(): void {
  const l = lookup;
  const tries = <u32>l.tries;
  const shift = (<u32>l.local) ^ 1;
  if (tries >= MOST_TRIES << shift) return finish();
  stop();
  // RFC 6762 section 5.2: twice as long each time. Servers: once two have been asked, or one twice.
  armTask(LOOKUP_TASK + lookupId, FIRST_MS << (tries >> shift));
  l.tries = <u8>(tries + 1);
  // RFC 5452 section 9.2: both are new for each question, and random.
  l.id = <u16>random();
  l.port = choosePort(PROTOCOL_UDP, ANY_ADDRESS);
  if (both(tries != 0, shift != 0)) chooseServer();
  readyTo(LOOKUP_TASK + lookupId, l.serverAddress);
}

/** The lookup is over; its error tells how. */
function finish(): void {
  stop();
  const found = lookup.error == 0;
  lookup.state = <u8>(found ? LookupState.FOUND : LookupState.FAILED);
  raise(nodeAt(lookupId), found ? Event.READABLE : Event.ERROR);
}

/** The question: its length, or 0. */
export function lookupTransmit(i: u32, iface: u32): u32 {
  selectLookup(i);
  const local = lookup.local != 0;
  const v4 = lookup.serverAddress;
  const source = chooseSource(v4);
  if (source < 0) return 0;
  const to = local ? TX_FRAME : stationTo(LOOKUP_TASK + i, iface, source, v4);
  if (to == 0) return 0;
  count(Counter.DNS_QUERIES);
  const ports = (lookup.port << 16) | (local ? MDNS_PORT : DNS_PORT);
  const hops = local ? 255 : <u32>globals.ttl; // RFC 6762 section 11
  return sendMessage(iface, to, ownV4(source), v4, ports, questionEmit(messageAt()), hops);
}

/** True if the datagram in RX_FRAME comes from who was asked. */
function isFromServer(from: u32): bool {
  const source = ipSource(etherPayload(RX_FRAME));
  if (!lookup.local) return both(from == DNS_PORT, source == lookup.serverAddress);
  // RFC 6762 section 11: any host on the link.
  const local = chooseSource(MDNS_GROUP);
  return from == MDNS_PORT && local >= 0 && isOnNetwork(local, source);
}

/** A datagram; true: it was an answer to a question of ours, or pretends to be. */
export function lookupInput(port: u32, from: u32, p: usize, len: u32): bool {
  if (!selectBy(offsetof<Lookup>("port"), port)) return false;
  conclude(isFromServer(from) ? readAnswer(p, len) : <i32>drop(Counter.DROP_DNS_UNRELATED));
  return true;
}

/** Events of a connection; true: it is a lookup's, to which they went. */
export function lookupEvents(handle: u32): bool {
  if (!selectBy(offsetof<Lookup>("connection"), handle)) return false;
  const length = streamEvents(handle);
  if (length >= 0) conclude(readAnswer(STREAM_ANSWER, length));
  return true;
}

/** What came of a question: see readAnswer. */
function conclude(result: i32): void {
  const l = lookup;
  if (result < 0) {
    count(~result);
    if (l.connection == 0) {
      if (~result != Counter.DNS_TRUNCATED) return; // the question stays open
      // RFC 7766 section 5: the answer did not fit.
      l.port = 0;
      armTask(LOOKUP_TASK + lookupId, STREAM_MS);
      if (openStream()) return;
    }
    result = Errno.ESERVFAIL;
  }
  l.error = <u8>result;
  if (both(result == Errno.ESERVFAIL, <u32>l.tries < MOST_FAILURES)) ask();
  else finish();
}

/** Nothing is kept any more: the clock may wrap before somebody looks. */
export function forgetNames(): void {
  for (let i: u32 = 0; i < LOOKUP_COUNT; i++) {
    selectLookup(i);
    lookup.expiresMs = globals.nowMs;
  }
}
