// Multicast DNS: our own name and services (RFC 6762, RFC 6763), on each interface that has an address.
// Input: questions and other hosts' answers, from udp/input; names and services, from calls. Output: probes,
// announcements and answers, one frame at a time when transmit asks; to a single asker the immediate reply.

import { get16, get32, get8, put32 } from "../bytes";
import { DNS_SD, INTERFACE_COUNT } from "../config";
import { Counter, Event } from "../constants";
import { count, drop } from "../counter";
import { raise } from "../event";
import { elapsed, globals } from "../globals";
import { random } from "../hash";
import { addressOn, findLocal, isOnNetwork } from "../ip/address";
import { useGroup } from "../ip/group";
import { askingStation, chooseSource } from "../ip/output";
import { interfaceAt } from "../link/interface";
import { HOST_NAME, RESPONDER_TASK, RX_FRAME, TASK_NODE } from "../memory";
import { both, either } from "../order";
import { readyTask, wakeTask } from "../task";
import { ANY_ADDRESS } from "../tcp/listener";
import { messageAt, sendMessage } from "../udp/message";
import { etherPayload } from "../wire/ethernet";
import { ipSource, IPV4_BYTES } from "../wire/ipv4";
import { MDNS_GROUP, MDNS_HOPS, MDNS_PORT, UDP_BYTES } from "../wire/udp";
import { nextLabel } from "./label";
import { DNS_HEADER_BYTES, isName, readName } from "./name";
import {
  ADDRESS,
  ADDRESS_BIT,
  at,
  CLASS_IN,
  DNS_ANY,
  firstOf,
  here,
  LABEL_BYTES,
  labelHere,
  LONGEST_RECORD,
  LONGEST_TTL,
  NSEC,
  NSEC_BIT,
  NSEC_TYPE,
  othersOf,
  PTRS,
  putOwner,
  putRecord,
  ttlOf,
  responder,
  select,
  SHARED,
  SRVS,
  startAt,
  told,
  TYPES,
} from "./own";

/** The second half of a response's first word: response, authoritative. */
const RESPONSE: u32 = 0x8400;
/** Of a message to a port that is not 5353, s (section 6.7). */
const LEGACY_TTL: u32 = 10;
/** Between probes, and before the first at most, ms (section 8.1). */
const PROBE_MS: u32 = 250;
/** Between announcements, and between two copies of a record, ms (section 8.3, 6). After a conflict, too, so that
 * fifteen within ten seconds, which would call for a longer pause (section 8.1), are not possible. */
const AGAIN_MS: u32 = 1000;

// Phases, from 0, off. From PROBED on the steps are announcements, from ANNOUNCED on the name is ours.
const LEAVING: u32 = 1;
/** Then one more for each probe that has left. */
const PROBING: u32 = 2;
const PROBED: u32 = 5;
export const ANNOUNCED: u32 = 6;
const DONE: u32 = 7;

// The sections of a message, those of a response 4 further on.
const QUESTIONS: u32 = 0;
const KNOWN: u32 = 1;
const AUTHORITY: u32 = 2;
const ADDITIONAL: u32 = 3;

/** Records that a message asks for; not 0: all its questions are to be answered to the asker alone. Scratch of
 * one call. */
let asked: u32 = 0;
let alone: u32 = 0;

/** What a message has brought that is no question: another host with our name; with a simultaneous probe an
 * address that is greater than ours. Scratch of one call. */
let verdict: u32 = 0;
const OTHER_HOST: u32 = 1;
const GREATER: u32 = 2;

/** Wakes the responder in so many ms. */
function wake(ms: u32): void {
  wakeTask(RESPONDER_TASK + here, ms);
}

/** The next probe or announcement comes in so many ms. */
function stepIn(ms: u32): void {
  responder.stepMs = globals.nowMs + ms;
  wake(ms);
}

/** Records are multicast in so many ms, or earlier with others, but never twice in a second. */
function tell(records: u32, ms: u32): void {
  responder.due |= records;
  wake(ms);
}

/** Everything from the beginning (section 8): with the name and the address of now, if there are. The first probe
 * comes after so many ms, and some that other hosts do not choose, too (section 8.1). */
function begin(ms: u32): void {
  const r = responder;
  let v4 = get8(HOST_NAME) == 0 ? 0 : addressOn(here);
  if ((v4 == 0) != (r.v4 == 0) && useGroup(here, MDNS_GROUP, v4 == 0 ? -1 : 1) != 0) v4 = 0;
  r.v4 = v4;
  r.phase = 0;
  r.due = 0;
  if (v4 == 0) return;
  r.phase = PROBING;
  if (DNS_SD) memory.copy(labelHere(), HOST_NAME, LABEL_BYTES);
  stepIn(ms + (random() % (PROBE_MS + 1)));
}

/** The link is up. */
export function restart(iface: u32): void {
  select(iface);
  begin(0);
}

/** A goodbye waits to be told: the name of now is probed when it has left. */
function isLeaving(): bool {
  return DNS_SD && both(responder.phase == LEAVING, responder.due != 0);
}

/** What has changed is told where our name is known: in phase ANNOUNCED twice, as everything is (section 8.3, 8.4);
 * in phase LEAVING it says goodbye (section 10.1), and then, elsewhere in so many ms, a new name is probed. */
export function changed(records: u32, phase: u32, ms: u32): void {
  for (let i: u32 = 0; i < INTERFACE_COUNT; i++) {
    select(i);
    if (DNS_SD && responder.phase >= ANNOUNCED) {
      responder.phase = phase;
      stepIn(AGAIN_MS);
      tell(records, 0);
    } else if (both(phase == LEAVING, !isLeaving())) begin(ms);
  }
}

/** The name is another. Other hosts may have services of the same types. */
export function renamed(ms: u32): void {
  changed(told() & ~TYPES, LEAVING, ms);
}

/** Records that wait to be multicast, on whatever interface. */
export function dueAnywhere(): u32 {
  let due: u32 = 0;
  for (let i: u32 = 0; i < INTERFACE_COUNT; i++) {
    select(i);
    due |= responder.due;
  }
  return due;
}

/** The timer of an interface. */
export function responderExpired(iface: u32): void {
  readyTask(RESPONDER_TASK + iface, iface);
}

/** The next message of an interface: its length, or 0. */
export function responderTransmit(iface: u32): u32 {
  select(iface);
  const r = responder;
  if (addressOn(iface) != r.v4) begin(0);
  if (r.phase - LEAVING < DONE - LEAVING) {
    const left = r.stepMs - globals.nowMs;
    if (<i32>left > 0) wake(left);
    else if (!DNS_SD || r.phase != LEAVING) {
      r.phase += 1;
      const probing = r.phase <= PROBED;
      stepIn(probing ? PROBE_MS : AGAIN_MS);
      if (probing) return probe();
      r.due = DNS_SD ? r.due | told() : told();
    } else if (r.due == 0) begin(0);
  }
  return multicast();
}

/** Asks whether another host has the name, and says what we would tell of it (section 8.1, 8.2). */
function probe(): u32 {
  startAt(messageAt() + DNS_HEADER_BYTES);
  putOwner(ADDRESS);
  put32(at, (DNS_ANY << 16) | 0x8000 | CLASS_IN);
  startAt(at + 4);
  putRecord(ADDRESS, LONGEST_TTL - 1);
  return send(MDNS_GROUP, MDNS_PORT, 0, 0x10000);
}

/** What is due, to all; no record twice within a second (section 6), and so no message. */
function multicast(): u32 {
  const r = responder;
  if (r.due == 0) return 0;
  const age = elapsed(r.sentMs);
  if (age < AGAIN_MS) {
    wake(AGAIN_MS - age);
    return 0;
  }
  r.sentMs = globals.nowMs;
  startAt(messageAt() + DNS_HEADER_BYTES);
  const records = putRecords(r.due, LONGEST_TTL);
  r.due = DNS_SD ? r.due & ~records : 0;
  if (DNS_SD) readyTask(RESPONDER_TASK + here, here); // there may be more
  return send(MDNS_GROUP, MDNS_PORT, RESPONSE, popcnt(records));
}

/** A message that ends at `at`, to all or to the station that has just asked; its head, questions and answers. */
function send(destination: u32, port: u32, head: u32, counts: u32): u32 {
  const m = messageAt();
  put32(m, head);
  put32(m + 4, counts);
  put32(m + 8, u32(head == 0) << 16); // a probe proposes a record
  count(Counter.MDNS_SENT);
  const ports = (MDNS_PORT << 16) | port;
  const to = askingStation(); // not used for the group
  return sendMessage(here, to, responder.v4, destination, ports, <u32>(at - m), MDNS_HOPS);
}

/** Writes records, and those that belong to them (RFC 6763 section 12), while there is room, to live for `most`
 * seconds at most; returns which. */
function putRecords(records: u32, most: u32): u32 {
  const end = messageAt() + interfaceAt(here).mtu - (IPV4_BYTES + UDP_BYTES + LONGEST_RECORD);
  if (DNS_SD) records |= (records & PTRS) * 6; // SRV and TXT
  if (DNS_SD && records & SRVS) records |= ADDRESS_BIT;
  const alive = DNS_SD && responder.phase == LEAVING ? 0 : told();
  for (let left = records; left != 0; left = othersOf(left)) {
    if (at > end) return records ^ left;
    const n = firstOf(left);
    const ttl = !DNS_SD || (alive >> n) & 1 ? most : 0;
    putRecord(n, ttl);
    if (n != ADDRESS) continue;
    putRecord(NSEC, ttl);
    records |= NSEC_BIT;
  }
  return records;
}

/** True if multicast DNS of an interface is ours, not a socket's. */
export function isResponding(iface: u32): bool {
  select(iface);
  return responder.v4 != 0;
}

/** A message to the port of multicast DNS, to a local address or to all; returns the length of the reply to its
 * sender alone, 0, or drop(). The interface has been selected. */
export function responderInput(address: u32, p: usize, len: u32, from: u32): u32 {
  const r = responder;
  const ip = etherPayload(RX_FRAME);
  const source = ipSource(ip);
  const local = chooseSource(source);
  // Section 11: who is on the link.
  const near = local >= 0 && isOnNetwork(local, source);
  const toOne = address != ANY_ADDRESS;
  const legacy = from != MDNS_PORT;
  const flags = get16(p + 2);
  const response = flags >> 15;
  // Section 18.3, 18.11; 6: responses come from 5353; 5.4: alone only to who has asked.
  const far = both(either(toOne, legacy), !near);
  const unasked = both(response != 0, either(legacy, both(toOne, r.phase > PROBED)));
  if (len < DNS_HEADER_BYTES) return drop(Counter.DROP_DNS_MALFORMED);
  if (either((flags & 0x780f) != 0, either(far, unasked))) return drop(Counter.DROP_DNS_UNRELATED);
  alone = (u32(near) << 15) | u32(legacy);
  const questionsEnd = walk(p, p + len, response);
  if (questionsEnd == 0) return drop(Counter.DROP_DNS_MALFORMED);
  if (verdict != 0) yieldName();
  if (either(r.phase < ANNOUNCED, asked == 0)) return 0;
  if (alone != 0) return reply(from, p, legacy ? <u32>(questionsEnd - p) : DNS_HEADER_BYTES);
  // Section 6: who probes cannot wait for long; what other hosts may have, too, is told later.
  if (both(get16(p + 8) != 0, elapsed(r.sentMs) >= PROBE_MS)) r.sentMs -= AGAIN_MS;
  tell(asked, DNS_SD && asked & SHARED ? 20 + (random() % 101) : 0);
  return 0;
}

/** Looks at all that a message has; returns where its questions end, or 0: it is malformed. */
function walk(message: usize, end: usize, response: u32): usize {
  asked = 0;
  verdict = 0;
  let p = message + DNS_HEADER_BYTES;
  let questionsEnd = p;
  for (let section: u32 = QUESTIONS; section <= ADDITIONAL; section++) {
    for (let left = get16(message + 4 + (section << 1)); left > 0; left--) {
      p = look(message, p, end, section | (response << 2));
      if (p == 0) return 0;
    }
    if (section == QUESTIONS) questionsEnd = p;
  }
  return questionsEnd;
}

/** Compares a question or a record with each of ours; returns what is behind it, or 0: it is malformed. */
function look(message: usize, p: usize, end: usize, section: u32): usize {
  const fields = readName(message, p, end);
  if (fields == 0) return 0;
  const short = (section & 3) == QUESTIONS;
  const next = short ? fields + 4 : fields + 10 + get16(fields + 8);
  if (next > end) return 0;
  const kind = get16(fields + 2);
  const cls = kind & 0x7fff;
  if (both(cls != CLASS_IN, cls != DNS_ANY)) return next;
  for (let left = section > KNOWN ? ADDRESS_BIT : told(); left != 0; left = othersOf(left)) {
    const n = firstOf(left);
    const to = messageAt();
    startAt(to);
    const own = putRecord(n, LONGEST_TTL);
    if (!isName(to, <u32>(own - to))) continue;
    if (section == QUESTIONS) ask(n, get16(fields), get16(own), kind);
    if (short) continue;
    compare(n, section, message, fields, next, own);
    if (DNS_SD) readName(message, p, end); // data may have been read since
  }
  return next;
}

/** A question with the name of a record of ours. */
function ask(n: u32, type: u32, own: u32, cls: u32): void {
  // Section 6.1: of a type that the host has not, by its NSEC record.
  if (both(n != ADDRESS, both(type != DNS_ANY, type != own))) return;
  asked |= 1 << n;
  alone &= cls;
}

/** True if the data of a record between fields and next are those of ours, of the same type. Never for an SRV. */
function sameData(n: u32, message: usize, fields: usize, next: usize, own: usize): bool {
  // An address of another interface of ours is no other host's: links may be joined.
  if (n == ADDRESS) return findLocal(load<u32>(fields, 10)) >= 0;
  own += 10;
  return both(readName(message, fields + 10, next) != 0, isName(own, <u32>(at - own)));
}

/** A record with the name of one of ours. */
function compare(
  n: u32,
  section: u32,
  message: usize,
  fields: usize,
  next: usize,
  own: usize,
): void {
  const phase = responder.phase;
  const type = get16(fields);
  const sameType = type == get16(own);
  const same = sameType && sameData(n, message, fields, next, own);
  if (section == KNOWN) {
    // Section 7.1.
    if (both(same, get32(fields + 4) >= ttlOf(n) >> 1)) asked &= ~(1 << n);
  } else if (section == AUTHORITY) {
    if (both(sameType, phase < ANNOUNCED))
      if (get32(fields + 10) > get32(own + 10)) verdict = GREATER; // section 8.2
    // Section 8.1: whatever has the name that is probed, but what goes with an address, which may be ours; 9:
    // another address for what is ours. Section 10.1: what says goodbye is nobody's any more.
  } else if (both(section > ADDITIONAL, both(phase > PROBING, load<u32>(fields, 4) != 0))) {
    if (both(!same, either(sameType, both(phase < ANNOUNCED, type != NSEC_TYPE))))
      verdict = OTHER_HOST;
  }
}

/** Another host has our name, or probes for it with a greater address: what is ours already is probed again
 * (section 9), and what may become the other's (section 8.2); else there is another name. */
function yieldName(): void {
  if (verdict == OTHER_HOST) {
    count(Counter.MDNS_CONFLICTS);
    if (responder.phase < ANNOUNCED) {
      nextLabel();
      raise(TASK_NODE + here, Event.NAME);
      renamed(AGAIN_MS);
      return;
    }
  }
  begin(AGAIN_MS);
}

/** What is asked for, to the asker alone: behind the first bytes of its message. If it knows nothing of multicast
 * these are more than the header: it gets its questions back (section 6.7). */
function reply(port: u32, message: usize, bytes: u32): u32 {
  let questions: u32 = 0;
  let most = LONGEST_TTL;
  if (bytes > DNS_HEADER_BYTES) {
    questions = get16(message + 4) << 16;
    most = LEGACY_TTL;
  }
  memory.copy(messageAt(), message, bytes);
  startAt(messageAt() + bytes);
  const records = putRecords(asked, most);
  if (records == 0) return 0;
  const head = (get16(message) << 16) | RESPONSE; // section 18.1
  return send(ipSource(etherPayload(RX_FRAME)), port, head, questions | popcnt(records));
}
