// The records of multicast DNS that are ours, and how they are written: of the host an A record and an NSEC
// record that says that it is the only one (RFC 6762 section 6.1); of each service those of DNS-SD (RFC 6763).
// Names are written whole, not compressed. Leaves: no decisions.

import { get8, put16, put32, put8 } from "../bytes";
import { SERVICE_COUNT } from "../config";
import {
  HOST_NAME,
  LAST_NAME,
  LOCAL_NAME,
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
/** Seconds that no record outlives. */
export const LONGEST_TTL: u32 = 4500;


@unmanaged
export class Service {
  /** 0: the record is free, or says goodbye. */
  port: u16;
  typeBytes: u16;
  // The type follows, as labels without an end: 22 bytes at most.
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

/** Where the next byte of the message goes, and which name the host has in it: scratch of one call. */
export let at: usize = 0;
let label: usize = 0;

/** The next byte goes to p; with the name that the host had before, or has. */
export function startAt(p: usize, last: bool): void {
  at = p;
  label = last ? LAST_NAME : HOST_NAME;
}

function put(from: usize, bytes: u32): void {
  memory.copy(at, from, bytes);
  at += bytes;
}

function putName(parts: u32, s: Service): void {
  if (parts & ALL) put(SERVICES_NAME, 23);
  if (parts & HOST) put(label, get8(label) + 1);
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
  putName(OWNERS >> (kindOf(n) << 2), serviceAt(n >> 2));
}

/** Writes a record, to live for at most so many seconds; returns where its type stands. LONGEST_TTL: as
 * long as it may, and that it is unique where it is. */
export function putRecord(n: u32, v4: u32, most: u32): usize {
  const kind = kindOf(n);
  putOwner(n);
  const fields = at;
  const flush = both(most == LONGEST_TTL, !isShared(n));
  put32(fields, ((<u32>((TYPES >> (kind << 3)) & 255)) << 16) | (u32(flush) << 15) | 1);
  put32(fields + 4, smaller(ttlOf(n), most));
  at += 10;
  if (n == ADDRESS) {
    store<u32>(at, v4);
    at += 4;
  } else {
    if (kind == SRV) {
      put32(at, 0);
      put16(at + 4, serviceAt(n >> 2).port);
      at += 6;
    }
    putName(DATA >> (kind << 2), serviceAt(n >> 2));
    if (n == NSEC) {
      store<u32>(at, 0x400100); // of the first 256 types the first 8: A
      at += 3;
    }
  }
  put16(fields + 8, <u32>(at - fields) - 10);
  return fields;
}
