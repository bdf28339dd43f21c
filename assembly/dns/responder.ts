// Multicast DNS: our own name and services (RFC 6762, RFC 6763), on each interface that has an address.
// Input: questions and other hosts' answers, from udp/input; names and services, from calls. Output: probes,
// announcements and answers, one frame at a time when transmit asks; to a single asker the immediate reply.

import { get16, get32, get8, put32 } from "../bytes";
import { INTERFACE_COUNT } from "../config";
import { Counter, Event } from "../constants";
import { count, drop } from "../counter";
import { raise } from "../event";
import { elapsed, globals } from "../globals";
import { random } from "../hash";
import { addressOn, findLocal, interfaceOfLocal, isOnNetwork } from "../ip/address";
import { useGroup } from "../ip/group";
import { askingStation, chooseSource } from "../ip/output";
import { interfaceAt, NO_MAC } from "../link/interface";
import {
  HOST_NAME,
  RESPONDER_BYTES,
  RESPONDER_TASK,
  RESPONDERS,
  RX_FRAME,
  TASK_NODE,
} from "../memory";
import { both, either, larger } from "../order";
import { readyTask, stopTask, wakeTask } from "../task";
import { ANY_ADDRESS } from "../tcp/listener";
import { messageAt, sendMessage } from "../udp/message";
import { etherPayload } from "../wire/ethernet";
import { ipDestination, ipSource, IPV4_BYTES } from "../wire/ipv4";
import { MDNS_PORT, UDP_BYTES } from "../wire/udp";
import { nextLabel } from "./label";
import { DNS_HEADER_BYTES, isName, readName } from "./name";
import {
  ADDRESS,
  at,
  CLASS_IN,
  DNS_A,
  DNS_ANY,
  isShared,
  isTold,
  LONGEST_RECORD,
  LONGEST_TTL,
  NSEC,
  PTR,
  putOwner,
  putRecord,
  RECORDS,
  SRV,
  startAt,
  ttlOf,
  TXT,
  TYPE,
} from "./records";

/** 224.0.0.251, as it lies in a packet. */
const GROUP: u32 = 0xfb0000e0;
/** Section 11. */
const HOPS: u32 = 255;
/** The second half of a response's first word: response, authoritative. */
const RESPONSE: u32 = 0x8400;
/** Of a message to a port that is not 5353, s (section 6.7). */
const LEGACY_TTL: u32 = 10;
/** Between probes, and before the first at most, ms (section 8.1). */
const PROBE_MS: u32 = 250;
/** Between announcements, and between two copies of a record, ms (section 8.3, 6). */
const AGAIN_MS: u32 = 1000;
/** So many conflicts within so many ms make each probe wait for so long, ms (section 8.1). */
const MANY_CONFLICTS: u32 = 15;
const CONFLICT_MS: u32 = 10000;
const PAUSE_MS: u32 = 5000;

// What an interface is about to do. From ANNOUNCING on the name is ours there.
const OFF: u32 = 0;
const LEAVING: u32 = 1;
/** Then one more for each probe that has left. */
const PROBING: u32 = 2;
const PROBED: u32 = 5;
const ANNOUNCED: u32 = 6;


@unmanaged
class Responder {
  /** The address told of, as it lies in a packet; 0: the interface does not answer. */
  v4: u32;
  phase: u16;
  /** 1: the name may be in others' caches. */
  told: u16;
  /** Without ten seconds of peace between them. */
  conflicts: u32;
  conflictMs: u32;
  // A Due for each record follows.
}

/** When a record is sent. */
@unmanaged
class Due {
  /** Last time that it was multicast, ms. */
  sentMs: u32;
  /** With DUE: when it is multicast, ms. */
  dueMs: u32;
  flags: u32;
}

/** To be multicast; asked for by this message, to be told to all, or to the asker; belongs to an answer. */
const DUE: u32 = 1;
const ASKED: u32 = 2;
const ASKED_ALONE: u32 = 4;
const EXTRA: u32 = 8;

// The sections of a message, those of a response 4 further on.
const QUESTIONS: u32 = 0;
const KNOWN: u32 = 1;
const AUTHORITY: u32 = 2;
const ADDITIONAL: u32 = 3;
const RESPONSE_SECTIONS: u32 = 4;

/** Behind the records: the next probe or announcement. */
const STEP: u32 = RECORDS;

if (<u32>(offsetof<Responder>() + (STEP + 1) * offsetof<Due>()) != RESPONDER_BYTES)
  ERROR("RESPONDER_BYTES");

function responderAt(iface: u32): Responder {
  return changetype<Responder>(RESPONDERS + <usize>iface * RESPONDER_BYTES);
}

function dueOf(iface: u32, n: u32): Due {
  return changetype<Due>(
    changetype<usize>(responderAt(iface)) + offsetof<Responder>() + <usize>n * offsetof<Due>(),
  );
}

/** What a message has brought that is no question: a host with our name, or that of a service of ours; of a
 * simultaneous probe an address that is greater than ours, or is not. Scratch of one call. */
let verdict: u32 = 0;
const OTHER_HOST: u32 = 1;
const OTHER_SERVICE: u32 = 2;
const GREATER: u32 = 4;
const NOT_GREATER: u32 = 8;

/** ms until a record may be multicast again, so many ms after the last time. */
function held(d: Due, gapMs: u32): u32 {
  const left = d.sentMs + gapMs - globals.nowMs;
  return left > gapMs ? 0 : left;
}

/** ms until a record is multicast; 0: now. */
function wait(d: Due): u32 {
  const left = d.dueMs - globals.nowMs;
  return left > PAUSE_MS ? 0 : left;
}

function isDue(d: Due): bool {
  return both((d.flags & DUE) != 0, wait(d) == 0);
}

/** A record is multicast in so many ms, or when it may be again (section 6). */
function tell(iface: u32, n: u32, ms: u32): void {
  tellAfter(iface, n, ms, AGAIN_MS);
}

function tellAfter(iface: u32, n: u32, ms: u32, gapMs: u32): void {
  const d = dueOf(iface, n);
  ms = larger(ms, held(d, gapMs));
  if (either((d.flags & DUE) == 0, ms == 0)) d.dueMs = globals.nowMs + ms;
  d.flags |= DUE;
  wakeTask(RESPONDER_TASK + iface, ms);
}

/** All that is announced: what belongs to it comes along (section 8.3). */
function tellAll(iface: u32): void {
  for (let n: u32 = 0; n <= ADDRESS; n++) {
    if (both(isTold(n), (n & 3) != TYPE)) tell(iface, n, 0);
  }
}

/** The name is probed from the beginning, in so many ms; without an address nothing is. */
function begin(iface: u32, ms: u32): void {
  const r = responderAt(iface);
  stopTask(RESPONDER_TASK + iface);
  for (let n: u32 = 0; n <= STEP; n++) dueOf(iface, n).flags = 0;
  r.phase = <u16>OFF;
  if (r.v4 == 0) return;
  r.phase = <u16>PROBING;
  dueOf(iface, STEP).sentMs = globals.nowMs - AGAIN_MS; // no record, never held back
  tell(iface, STEP, ms);
}

/** ms before the first probe (section 8.1). */
function pause(r: Responder): u32 {
  return r.conflicts < MANY_CONFLICTS ? random() % (PROBE_MS + 1) : PAUSE_MS;
}

/** The link is up, or the address or the name is another: everything from the beginning (section 8). */
export function restart(iface: u32): void {
  const r = responderAt(iface);
  let v4 = get8(HOST_NAME) == 0 ? 0 : addressOn(iface);
  if (v4 == 0) {
    if (r.v4 != 0) useGroup(iface, GROUP, -1);
  } else if (r.v4 == 0 && useGroup(iface, GROUP, 1) != 0) v4 = 0;
  r.v4 = v4;
  begin(iface, pause(r));
}

/** The name is another: the last one says goodbye where it was told (section 10.1). */
export function renamed(): void {
  for (let i: u32 = 0; i < INTERFACE_COUNT; i++) {
    const r = responderAt(i);
    begin(i, AGAIN_MS); // by then every record may be multicast again
    if (either(r.told == 0, r.v4 == 0)) {
      restart(i);
      continue;
    }
    r.told = 0;
    r.phase = <u16>LEAVING;
    tellAll(i);
  }
}

/** A service is announced, or its records say goodbye where they were told (section 8.4, 10.1). */
export function serviceChanged(first: u32): void {
  for (let i: u32 = 0; i < INTERFACE_COUNT; i++) {
    const r = responderAt(i);
    if (!isTold(first)) {
      if (r.told == 0) continue;
      for (let n = first; n < first + TYPE; n++) tell(i, n, 0);
    } else if (<u32>r.phase >= ANNOUNCED) {
      r.phase = <u16>PROBED;
      tell(i, STEP, 0);
    }
  }
}

/** True while a goodbye of a service waits to be sent. */
export function isLeaving(first: u32): bool {
  for (let i: u32 = 0; i < INTERFACE_COUNT; i++) {
    if (dueOf(i, first + TXT).flags & DUE) return true;
  }
  return false;
}

/** The timer of an interface. */
export function responderExpired(iface: u32): void {
  if (addressOn(iface) != responderAt(iface).v4) restart(iface);
  for (let n: u32 = 0; n <= STEP; n++) {
    const d = dueOf(iface, n);
    if (isDue(d)) readyTask(RESPONDER_TASK + iface, iface);
    else if (d.flags & DUE) wakeTask(RESPONDER_TASK + iface, wait(d));
  }
}

/** The next message of an interface: its length, or 0. */
export function responderTransmit(iface: u32): u32 {
  const r = responderAt(iface);
  const length = multicast(iface);
  const step = dueOf(iface, STEP);
  if (length != 0 || !isDue(step)) return length;
  if (<u32>r.phase == LEAVING) {
    restart(iface);
    return 0;
  }
  step.flags = 0;
  r.phase += 1;
  if (<u32>r.phase <= PROBED) {
    tell(iface, STEP, PROBE_MS);
    return probe(iface, r.v4);
  }
  r.told = 1;
  tellAll(iface);
  if (<u32>r.phase == ANNOUNCED) tell(iface, STEP, AGAIN_MS);
  return multicast(iface);
}

/** Asks whether another host has the name, and says what we would tell of it (section 8.1, 8.2). */
function probe(iface: u32, v4: u32): u32 {
  startAt(messageAt() + DNS_HEADER_BYTES, false);
  putOwner(ADDRESS);
  put32(at, (DNS_ANY << 16) | 0x8001);
  startAt(at + 4, false);
  putRecord(ADDRESS, v4, 120);
  return send(iface, NO_MAC, v4, GROUP, MDNS_PORT, 0, 0x10000, 0x10000);
}

/** What is due, to all. */
function multicast(iface: u32): u32 {
  const r = responderAt(iface);
  startAt(messageAt() + DNS_HEADER_BYTES, <u32>r.phase == LEAVING);
  const answers = putRecords(iface, DUE, LONGEST_TTL, true);
  if (answers == 0) return 0;
  readyTask(RESPONDER_TASK + iface, iface); // there may be more
  const extras = putRecords(iface, EXTRA, LONGEST_TTL, true);
  return send(iface, NO_MAC, r.v4, GROUP, MDNS_PORT, RESPONSE, answers, extras);
}

/** A message that ends at `at`: its head, questions and answers, other records. */
function send(
  iface: u32,
  to: usize,
  source: u32,
  destination: u32,
  port: u32,
  head: u32,
  counts: u32,
  more: u32,
): u32 {
  const m = messageAt();
  put32(m, head);
  put32(m + 4, counts);
  put32(m + 8, more);
  count(Counter.MDNS_SENT);
  const ports = (MDNS_PORT << 16) | port;
  return sendMessage(iface, to, source, destination, ports, <u32>(at - m), HOPS);
}

/** Writes the records with a flag while there is room, to live for `most` seconds at most, and flags what
 * belongs to them (RFC 6763 section 12); returns how many. all: they are multicast. */
function putRecords(iface: u32, which: u32, most: u32, all: bool): u32 {
  const r = responderAt(iface);
  const end = messageAt() + interfaceAt(iface).mtu - (IPV4_BYTES + UDP_BYTES + LONGEST_RECORD);
  let records: u32 = 0;
  for (let n: u32 = 0; n < RECORDS; n++) {
    const d = dueOf(iface, n);
    if (either((d.flags & which) == 0, both(which == DUE, !isDue(d)))) continue;
    if (at > end) break;
    const gone = either(<u32>r.phase == LEAVING, !isTold(n));
    putRecord(n, r.v4, gone ? 0 : most);
    d.flags &= all ? 0 : DUE;
    if (all) d.sentMs = globals.nowMs;
    records += 1;
    if ((n & 3) == PTR) {
      addExtra(iface, n + 1, all); // SRV, or the address's NSEC
      if (n != ADDRESS) addExtra(iface, n + TXT, all);
    } else if (both((n & 3) == SRV, n < ADDRESS)) addExtra(iface, ADDRESS, all);
  }
  return records;
}

function addExtra(iface: u32, n: u32, all: bool): void {
  const d = dueOf(iface, n);
  if (either(!all, held(d, AGAIN_MS) == 0)) d.flags |= EXTRA;
}

/** True if multicast DNS of an interface is ours, not a socket's. */
export function isResponding(iface: u32): bool {
  return responderAt(iface).v4 != 0;
}

/** A message to the port of multicast DNS, to a local address or to all; returns the length of the reply to its
 * sender alone, 0, or drop(). */
export function responderInput(iface: u32, address: u32, p: usize, len: u32, from: u32): u32 {
  const r = responderAt(iface);
  const ip = etherPayload(RX_FRAME);
  const source = ipSource(ip);
  const local = chooseSource(source);
  // Section 11: who is on the link.
  const near = local >= 0 && both(interfaceOfLocal(local) == iface, isOnNetwork(local, source));
  const toOne = address != ANY_ADDRESS;
  const legacy = from != MDNS_PORT;
  const flags = get16(p + 2);
  const response = flags >> 15;
  // Section 18.3, 18.11; 6: responses come from 5353; 5.4: alone only to who has asked.
  let odd = either((flags & 0x780f) != 0, both(either(toOne, legacy), !near));
  odd = either(odd, both(response != 0, either(legacy, both(toOne, <u32>r.phase > PROBED))));
  if (len < DNS_HEADER_BYTES) return drop(Counter.DROP_DNS_MALFORMED);
  if (odd) return drop(Counter.DROP_DNS_UNRELATED);
  const alone: u32 = legacy ? 0xffff : near ? 0x8000 : 0;
  const questionsEnd = walk(iface, p, p + len, response, alone);
  if (questionsEnd == 0) return drop(Counter.DROP_DNS_MALFORMED);
  if (verdict & (OTHER_HOST | OTHER_SERVICE)) conflict(iface);
  else if (verdict & (GREATER | NOT_GREATER)) {
    // Section 8.2: the lowest of the addresses that it will tell of counts.
    if (verdict == GREATER) begin(iface, AGAIN_MS);
  } else if (<u32>r.phase >= ANNOUNCED) {
    if (!legacy) schedule(iface, get16(p + 4) > 1, get16(p + 8) != 0);
    return reply(iface, toOne ? ipDestination(ip) : r.v4, from, p, legacy ? questionsEnd : 0);
  }
  return 0;
}

/** Looks at all that a message has; returns where its questions end, or 0: it is malformed. */
function walk(iface: u32, message: usize, end: usize, response: u32, alone: u32): usize {
  for (let n: u32 = 0; n < RECORDS; n++) dueOf(iface, n).flags &= DUE;
  verdict = 0;
  let p = message + DNS_HEADER_BYTES;
  let questionsEnd = p;
  for (let section: u32 = QUESTIONS; section <= ADDITIONAL; section++) {
    for (let left = get16(message + 4 + (section << 1)); left > 0; left--) {
      p = look(iface, message, p, end, section | (response << 2), alone);
      if (p == 0) return 0;
    }
    if (section == QUESTIONS) questionsEnd = p;
  }
  return questionsEnd;
}

/** Compares a question or a record with each of ours; returns what is behind it, or 0: it is malformed. */
function look(iface: u32, message: usize, p: usize, end: usize, section: u32, alone: u32): usize {
  const fields = readName(message, p, end);
  if (fields == 0) return 0;
  const short = (section & 3) == QUESTIONS;
  const next = short ? fields + 4 : fields + 10 + get16(fields + 8);
  if (next > end) return 0;
  const r = responderAt(iface);
  const kind = get16(fields + 2);
  if (both((kind & 0x7fff) != CLASS_IN, (kind & 0x7fff) != DNS_ANY)) return next;
  for (let n: u32 = 0; n < RECORDS; n++) {
    startAt(messageAt(), false);
    const own = putRecord(n, r.v4, LONGEST_TTL);
    if (!both(isName(messageAt(), <u32>(own - messageAt())), isTold(n))) continue;
    if (section == QUESTIONS) ask(iface, n, get16(fields), get16(own), kind & alone);
    if (short) continue;
    compare(iface, n, section, message, fields, next, own);
    readName(message, p, end);
  }
  return next;
}

/** A question is for a record of ours with its name: flags it for all, or for the asker alone. */
function ask(iface: u32, n: u32, type: u32, own: u32, alone: u32): void {
  const right = type == DNS_ANY ? n != NSEC : n == NSEC ? type != DNS_A : type == own;
  if (right) dueOf(iface, n).flags |= alone != 0 ? ASKED_ALONE : ASKED;
}

/** True if the data of a record between fields and next are those of ours, of the same type. */
function sameData(n: u32, message: usize, fields: usize, next: usize, own: usize): bool {
  const data = fields + 10;
  own += 10;
  // An address of another interface of ours is no other host's: links may be joined.
  if (n == ADDRESS) return both(next - data == 4, findLocal(load<u32>(data)) >= 0);
  const before: u32 = (n & 3) == SRV ? 6 : 0;
  // Weight and port; we have no priorities.
  if (both(before != 0, load<u32>(data + 2) != load<u32>(own + 2))) return false;
  return (
    readName(message, data + before, next) != 0 && isName(own + before, <u32>(at - own) - before)
  );
}

/** A record with the name of one of ours. */
function compare(
  iface: u32,
  n: u32,
  section: u32,
  message: usize,
  fields: usize,
  next: usize,
  own: usize,
): void {
  const r = responderAt(iface);
  const phase = <u32>r.phase;
  const d = dueOf(iface, n);
  const sameType = get16(fields) == get16(own);
  const same = sameType && sameData(n, message, fields, next, own);
  const soonOver = get32(fields + 4) < ttlOf(n) >> 1;
  if (section == KNOWN) {
    if (both(same, !soonOver)) d.flags &= DUE; // section 7.1
  } else if (section < RESPONSE_SECTIONS) {
    if (both(both(n == ADDRESS, sameType), both(section == AUTHORITY, phase < ANNOUNCED)))
      verdict |= get32(fields + 10) > get32(own + 10) ? GREATER : NOT_GREATER;
  } else if (phase > PROBING) {
    // Section 6.6: other hosts tell that it is about to go.
    if (same) {
      if (both(soonOver, phase >= ANNOUNCED)) tell(iface, n, 0);
      // Section 8.1: whatever has the name that is probed; 9: what only one host can have.
    } else if (n == ADDRESS) {
      if (either(sameType, phase < ANNOUNCED)) verdict |= OTHER_HOST;
    } else if (both(sameType, both(!isShared(n), n != NSEC))) verdict |= OTHER_SERVICE;
  }
}

/** Another host has our name: what is ours already is probed again (section 9), else there is another name. */
function conflict(iface: u32): void {
  const r = responderAt(iface);
  count(Counter.MDNS_CONFLICTS);
  if (elapsed(r.conflictMs) >= CONFLICT_MS) r.conflicts = 0;
  r.conflicts += 1;
  r.conflictMs = globals.nowMs;
  if (both(<u32>r.phase >= ANNOUNCED, verdict == OTHER_HOST)) {
    begin(iface, pause(r));
    return;
  }
  nextLabel();
  raise(TASK_NODE + iface, Event.NAME);
  renamed();
}

/** What is asked for is told to all: at once if nobody else can have it (section 6, 6.3). */
function schedule(iface: u32, several: bool, probe: bool): void {
  const ms = 20 + (random() % 101);
  for (let n: u32 = 0; n < RECORDS; n++) {
    const d = dueOf(iface, n);
    // Section 5.4: and what it alone asks for, if all have not heard it for a quarter of its time.
    const old = both((d.flags & ASKED_ALONE) != 0, elapsed(d.sentMs) >= ttlOf(n) * 250);
    if (!either(old, (d.flags & ASKED) != 0)) continue;
    if (probe) tellAfter(iface, n, 0, PROBE_MS);
    else tell(iface, n, either(several, isShared(n)) ? ms : 0);
  }
}

/** What the asker alone has asked for. questionsEnd: it knows nothing of multicast, and gets its questions
 * back (section 6.7); 0: it does. */
function reply(iface: u32, source: u32, port: u32, message: usize, questionsEnd: usize): u32 {
  const legacy = questionsEnd != 0;
  const bytes = legacy ? <u32>(questionsEnd - message) : DNS_HEADER_BYTES;
  const head = legacy ? (get16(message) << 16) | RESPONSE : RESPONSE;
  const questions = legacy ? get16(message + 4) << 16 : 0;
  const most = legacy ? LEGACY_TTL : LONGEST_TTL;
  memory.copy(messageAt(), message, bytes);
  startAt(messageAt() + bytes, false);
  const answers = putRecords(iface, ASKED_ALONE, most, false);
  if (answers == 0) return 0;
  const extras = putRecords(iface, EXTRA, most, false);
  const to = ipSource(etherPayload(RX_FRAME));
  return send(iface, askingStation(), source, to, port, head, questions | answers, extras);
}
