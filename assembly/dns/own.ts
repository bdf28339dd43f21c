// The records that multicast DNS tells of us, and how they are written: the host's A record, the NSEC record that
// says that it is the only one (RFC 6762 section 6.1), and of each service those of DNS-SD (RFC 6763). Names
// are written whole, not compressed. Leaves: no decisions.

import { get8, put16, put32 } from "../bytes";
import { DNS_SD, SERVICE_COUNT } from "../config";
import {
  ADDRESS_KIND,
  HOST_NAME,
  NSEC_KIND,
  OWN_KINDS,
  OWN_TEXTS,
  RESPONDER_BYTES,
  RESPONDERS,
  SERVICE_BYTES,
  SERVICES,
  SERVICES_TOLD,
} from "../memory";
import { both, smaller } from "../order";

/** Records are numbered: four of each service (PTR, SRV, TXT, and the PTR that tells of its type: RFC 6763
 * section 9), then the host's address. */
export const ADDRESS: u32 = 4 * SERVICE_COUNT;
/** Goes with the address. */
export const NSEC: u32 = ADDRESS + 1;
// Sets of them have a bit for each.
const SERVICE_BITS: u32 = (1 << ADDRESS) - 1;
export const PTRS: u32 = 0x11111111 & SERVICE_BITS;
export const SRVS: u32 = 0x22222222 & SERVICE_BITS;
export const TYPES: u32 = 0x88888888 & SERVICE_BITS;
/** Those that other hosts have, too, under the same name; of all others there is one (RFC 6762 section 10.2). */
export const SHARED: u32 = PTRS | TYPES;
export const ADDRESS_BIT: u32 = 1 << ADDRESS;
export const NSEC_BIT: u32 = 1 << NSEC;
if (SERVICE_COUNT > 7) ERROR("records are numbered in 32 bits");

/** Nothing is longer: the address with its NSEC. */
export const LONGEST_RECORD: u32 = 240;
export const CLASS_IN: u32 = 1;
/** RFC 4034 section 4. */
export const NSEC_TYPE: u32 = 47;
/** Of questions, type or class: all of them. */
export const DNS_ANY: u32 = 255;
/** Seconds that a record lives (section 10): if the host's name stands in it, at most. */
const SHORT_TTL: u32 = 120;
export const LONGEST_TTL: u32 = 4500;


@unmanaged
export class Service {
  /** Priority and weight, which are 0. */
  priorities: u32;
  /** In network order. */
  port: u16;
  typeBytes: u16;
  // The type follows, as a name: 23 bytes at most.
}

/** What an interface tells. */
@unmanaged
export class Responder {
  /** The address told of, as it lies in a packet; 0: the interface does not answer. */
  v4: u32;
  /** What it is about to do: see responder.ts. */
  phase: u32;
  /** When it does so, ms. */
  stepMs: u32;
  /** Records to be multicast. */
  due: u32;
  /** When records were multicast last, ms. */
  sentMs: u32;
  // With DNS-SD the host's label there follows, as it lies in a name, in 64 bytes: the one that a goodbye says.
}

export const LABEL_BYTES: u32 = 64;

if (<u32>offsetof<Responder>() + (DNS_SD ? LABEL_BYTES : 0) != RESPONDER_BYTES)
  ERROR("RESPONDER_BYTES");

/** The interface that is being worked on, and what it tells: scratch of one call. */
export let here: u32 = 0;
export let responder: Responder = changetype<Responder>(0);

export function select(iface: u32): void {
  here = iface;
  responder = changetype<Responder>(RESPONDERS + <usize>iface * RESPONDER_BYTES);
}

export function labelHere(): usize {
  return DNS_SD ? changetype<usize>(responder) + offsetof<Responder>() : HOST_NAME;
}

export function serviceAt(i: u32): Service {
  return changetype<Service>(SERVICES + <usize>i * SERVICE_BYTES);
}

export function typeOf(s: Service): usize {
  return changetype<usize>(s) + offsetof<Service>();
}

/** The records that there are: the host's, and those of services. */
export function told(): u32 {
  return DNS_SD ? load<u32>(SERVICES_TOLD) | ADDRESS_BIT : ADDRESS_BIT;
}

/** The first record of a set that is not empty; without services there is one record. */
export function firstOf(records: u32): u32 {
  return DNS_SD ? ctz(records) : ADDRESS;
}

/** The set without it. */
export function othersOf(records: u32): u32 {
  return DNS_SD ? records & (records - 1) : 0;
}

/** Where the next byte of the message goes: scratch of one call. */
export let at: usize = 0;

export function startAt(p: usize): void {
  at = p;
}

function put(from: usize, bytes: u32): void {
  memory.copy(at, from, bytes);
  at += bytes;
}

/** Writes parts of a record: a bit each, as OWN_KINDS has them. */
function putParts(parts: u32, n: u32): void {
  const s = serviceAt(n >> 2);
  if (DNS_SD && parts & 1) put(changetype<usize>(s), 6);
  if (DNS_SD && parts & 2) put(OWN_TEXTS + 10, 23);
  if (parts & 4) put(labelHere(), get8(labelHere()) + 1);
  if (DNS_SD && parts & 8) put(typeOf(s), <u32>s.typeBytes - 1); // without the root
  if (parts & 16) put(OWN_TEXTS, 7);
  if (DNS_SD && parts & 32) put(OWN_TEXTS + 6, 1);
  if (parts & 64) put(changetype<usize>(responder), 4);
  if (parts & 128) put(OWN_TEXTS + 7, 3);
}

/** What OWN_KINDS says of a record. */
function kindOf(n: u32): u32 {
  if (!DNS_SD) return n == ADDRESS ? ADDRESS_KIND : NSEC_KIND;
  const kind = n < ADDRESS ? n & 3 : n - ADDRESS + 4;
  return load<u32>(OWN_KINDS + ((<usize>kind) << 2));
}

/** Seconds that a record lives, at most. */
export function ttlOf(n: u32): u32 {
  return DNS_SD && kindOf(n) >> 24 == 0 ? LONGEST_TTL : SHORT_TTL;
}

/** Writes a record's name. */
export function putOwner(n: u32): void {
  putParts(kindOf(n), n);
}

/** Writes a record, to live for at most so many seconds; returns where its type stands. LONGEST_TTL: as
 * long as it may, and that it is unique where it is. */
export function putRecord(n: u32, most: u32): usize {
  const kind = kindOf(n);
  putOwner(n);
  const fields = at;
  const flush = both(most == LONGEST_TTL, ((SHARED >> n) & 1) == 0);
  put32(fields, (((kind >> 16) & 255) << 16) | (u32(flush) << 15) | CLASS_IN);
  put32(fields + 4, smaller(ttlOf(n), most));
  at += 10;
  putParts(kind >> 8, n);
  put16(fields + 8, <u32>(at - fields) - 10);
  return fields;
}
