// The records of multicast DNS that are ours, and how they are written: of the host an A record and an NSEC
// record that says that it is the only one (RFC 6762 section 6.1); of each service those of DNS-SD (RFC 6763).
// Names are written whole, not compressed. Leaves: no decisions.

import { get8, put16, put32, put8 } from "../bytes";
import { SERVICE_COUNT } from "../config";
import {
  LOCAL_NAME,
  RESPONDER_BYTES,
  RESPONDERS,
  SERVICE_BYTES,
  SERVICES,
  SERVICES_NAME,
} from "../memory";
import { both, smaller } from "../order";

/** Records are numbered: four of each service, in the order of these kinds, then those of the host. */
export const PTR: u32 = 0;
export const SRV: u32 = 1;
export const TXT: u32 = 2;
/** Tells of the type of a service (RFC 6763 section 9). */
export const TYPE: u32 = 3;
/** The host's address, and that it has no other records. */
export const ADDRESS: u32 = 4 * SERVICE_COUNT;
export const NSEC: u32 = ADDRESS + 1;
export const RECORDS: u32 = ADDRESS + 2;

/** No record is longer: a service's SRV. */
export const LONGEST_RECORD: u32 = 192;
export const DNS_A: u32 = 1;
export const CLASS_IN: u32 = 1;
/** Of questions, type or class: all of them. */
export const DNS_ANY: u32 = 255;
/** Seconds that no record outlives. */
export const LONGEST_TTL: u32 = 4500;

/** Parts of names. */
const HOST: u32 = 1;
const KIND: u32 = 2;
const ALL: u32 = 4;
const LOCAL: u32 = 8;
// By kind, and behind those of services the host's two: parts of the owner's name; of the name in the data; the type.
const OWNERS: u32 = 0x99cbba;
const DATA: u32 = 0x90a09b;
const TYPES: u64 = 0x2f010c10210c;
/** Kinds of which there is one for a name: whoever tells of it tells all (RFC 6762 section 10.2). */
const UNIQUE: u32 = 0x36;
/** Kinds that live for 120 s, the others for 75 min (section 10). */
const SHORT: u32 = 0x32;


@unmanaged
export class Service {
  /** 0: the record is free, or says goodbye. */
  port: u16;
  typeBytes: u16;
  // The type follows, as labels without an end: 22 bytes at most.
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
  // The host's label there, as it lies in a name, in 64 bytes; then a Due for each record.
}

/** When a record is multicast. */
@unmanaged
export class Due {
  /** Last time, ms. */
  sentMs: u32;
  /** Why it is sent: see responder.ts. */
  flags: u32;
}

const LABEL: usize = offsetof<Responder>();
export const LABEL_BYTES: u32 = 64;
export const DUES: usize = LABEL + LABEL_BYTES;

if (<u32>DUES + RECORDS * <u32>offsetof<Due>() != RESPONDER_BYTES) ERROR("RESPONDER_BYTES");

/** The interface that is being worked on, and what it tells: scratch of one call. */
export let here: u32 = 0;
export let responder: Responder = changetype<Responder>(RESPONDERS);

export function select(iface: u32): void {
  here = iface;
  responder = changetype<Responder>(RESPONDERS + <usize>iface * RESPONDER_BYTES);
}

export function labelHere(): usize {
  return changetype<usize>(responder) + LABEL;
}

export function dueOf(n: u32): Due {
  return changetype<Due>(changetype<usize>(responder) + DUES + ((<usize>n) << 3));
}

export function serviceAt(i: u32): Service {
  return changetype<Service>(SERVICES + <usize>i * SERVICE_BYTES);
}

export function typeOf(s: Service): usize {
  return changetype<usize>(s) + offsetof<Service>();
}

/** True for the host's records, and those of services that are not withdrawn. */
export function isTold(n: u32): bool {
  return n >= ADDRESS || serviceAt(n >> 2).port != 0;
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

/** Writes a name of some parts; of none: the root. */
function putName(parts: u32, n: u32): void {
  const s = serviceAt(n >> 2);
  if (parts & ALL) put(SERVICES_NAME, 23);
  if (parts & HOST) put(labelHere(), get8(labelHere()) + 1);
  if (parts & KIND) put(typeOf(s), s.typeBytes);
  if (parts & LOCAL) put(LOCAL_NAME, 6);
  put8(at, 0);
  at += 1;
}

function kindOf(n: u32): u32 {
  return n < ADDRESS ? n & 3 : n - ADDRESS + 4;
}

/** True for records that other hosts have, too, under the same name. */
export function isShared(n: u32): bool {
  return ((UNIQUE >> kindOf(n)) & 1) == 0;
}

export function ttlOf(n: u32): u32 {
  return (SHORT >> kindOf(n)) & 1 ? 120 : LONGEST_TTL;
}

/** Writes a record's name. */
export function putOwner(n: u32): void {
  putName(OWNERS >> (kindOf(n) << 2), n);
}

/** Writes a record, to live for at most so many seconds; returns where its type stands. LONGEST_TTL: as
 * long as it may, and that it is unique where it is. */
export function putRecord(n: u32, most: u32): usize {
  const kind = kindOf(n);
  putOwner(n);
  const fields = at;
  const flush = both(most == LONGEST_TTL, !isShared(n));
  put32(fields, ((<u32>(TYPES >> (kind << 3))) << 16) | (u32(flush) << 15) | CLASS_IN);
  put32(fields + 4, smaller(ttlOf(n), most));
  at += 10;
  if (kind == SRV) {
    put32(at, 0);
    put16(at + 4, serviceAt(n >> 2).port);
    at += 6;
  }
  if (n == ADDRESS) {
    store<u32>(at, responder.v4);
    at += 4;
  } else putName(DATA >> (kind << 2), n);
  if (n == NSEC) {
    store<u32>(at, 0x400100); // of the first 256 types the first 8: A
    at += 3;
  }
  put16(fields + 8, <u32>(at - fields) - 10);
  return fields;
}
