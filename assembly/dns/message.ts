// DNS messages (RFC 1035 section 4) about the current lookup: its question is written, an answer is read.
//
//   id 2 | flags 2 | counts of questions, answers, authorities, others 8 | question | records
//   question: name | type 2 | class 2
//   record:   name | type 2 | class 2 | TTL 4 | RDLENGTH 2 | RDATA
//
// What was found stands in the lookup; it counts only with a result of 0.

import { get16, get32 } from "../bytes";
import { LOOKUP_ADDRESSES } from "../config";
import { Counter, Errno } from "../constants";
import { drop } from "../counter";
import { globals } from "../globals";
import { putV4 } from "../ip/addressing";
import { atLeastZero, either, smaller } from "../order";
import { DNS_HEADER_BYTES, isSame, readName, sameNameAt, useName } from "./name";
import { addressOf, lookup, nameOf } from "./record";

/** Type and class of a record. */
const A_IN: u32 = 0x00010001;
const CNAME_IN: u32 = 0x00050001;

// Flags, as they lie in a packet.
const TRUNCATED: u32 = 0x0002;
const RESPONSE: u32 = 0x0080;
/** RFC 1035 section 4.1.1: QR and opcode. RFC 6762 section 18: and no code, and not truncated. */
const CHECKED: u32 = 0x00f8;
const CHECKED_LOCAL: u32 = 0x0ffa;

const NXDOMAIN: u32 = 3;

/** From a record's type to its RDATA. */
const RECORD_BYTES: u32 = 10;
/** s; RFC 1035 section 7.3 and RFC 8767 section 4 leave it to us, a week at most. */
const LONGEST_TTL: u32 = 86400;

/** Writes the question; returns its bytes. */
export function questionEmit(p: usize): u32 {
  const bytes = DNS_HEADER_BYTES + <u32>lookup.nameBytes;
  const edns = (<u32>lookup.plain) ^ 1;
  store<u32>(p, (<u32>lookup.id) | (((<u32>lookup.local) ^ 1) << 16)); // RD, but to hosts on the link
  store<u64>(p, 0x0100, 4); // one question
  store<u8>(p, edns, 11);
  memory.copy(p + DNS_HEADER_BYTES, nameOf(), bytes - DNS_HEADER_BYTES);
  p += bytes;
  // A, IN; RFC 6891 section 6.1.2: root, OPT, 1,232 bytes, no extended code, version 0, no options.
  store<u64>(p, 0x0429000001000100);
  store<u64>(p, 0xd0, 8);
  return bytes + 4 + edns * 11;
}

/** What a message of len bytes at p says about the lookup. 0: addresses; Errno: there are none, and with
 * ESERVFAIL another server may know; below 0: why it is dropped, see drop. */
export function readAnswer(p: usize, len: u32): i32 {
  const l = lookup;
  const end = p + len;
  const flags = <u32>load<u16>(p, 2);
  if (len < DNS_HEADER_BYTES) return drop(Counter.DROP_DNS_MALFORMED);
  // RFC 5452 section 9.1: the answer to just our question; RFC 9619: there is one.
  const answers = (flags & (l.local ? CHECKED_LOCAL : CHECKED)) == RESPONSE;
  if (either(!answers, either(load<u16>(p) != l.id, load<u16>(p, 4) != 0x0100)))
    return drop(Counter.DROP_DNS_UNRELATED);
  useName(nameOf(), l.nameBytes);
  const q = sameNameAt(p, p + DNS_HEADER_BYTES, end);
  if (either(q == 0, q + 4 > end)) return drop(Counter.DROP_DNS_MALFORMED);
  if (either(!isSame, get32(q) != A_IN)) return drop(Counter.DROP_DNS_UNRELATED);
  if (flags & TRUNCATED) return drop(Counter.DNS_TRUNCATED);
  const code = (flags >> 8) & 15;
  if (code == 0) return readRecords(p, q + 4, end);
  if (code == NXDOMAIN) return Errno.ENOTFOUND;
  // RFC 6891 section 7: it may be EDNS that the server does not like, whatever it calls that.
  l.plain = 1;
  return Errno.ESERVFAIL;
}

/** The records from `at` on: the addresses of the name in NAME_BUFFER, or of what it is an alias of.
 * An alias that stands behind what it leads to is not followed; servers put it first (RFC 1034
 * section 4.3.2), so that each record is looked at once, and no loop of them is possible. */
function readRecords(p: usize, at: usize, end: usize): i32 {
  let found: u32 = 0;
  let ttl = LONGEST_TTL;
  for (let n = get16(p + 6); n > 0; n--) {
    const record = sameNameAt(p, at, end);
    const kind = get32(record);
    const bytes = get16(record + 8);
    at = record + RECORD_BYTES + bytes;
    if (either(record == 0, at > end)) return drop(Counter.DROP_DNS_MALFORMED);
    if (!isSame) continue;
    // The lowest of the chain; RFC 2181 section 8: what has the top bit set is 0.
    ttl = smaller(ttl, atLeastZero(get32(record + 4)));
    if (kind == A_IN) {
      if (bytes != 4) return drop(Counter.DROP_DNS_MALFORMED);
      if (found == LOOKUP_ADDRESSES) continue;
      putV4(addressOf(found), load<u32>(record, RECORD_BYTES));
      found += 1;
    } else if (kind == CNAME_IN && readName(p, record + RECORD_BYTES, end) == 0)
      return drop(Counter.DROP_DNS_MALFORMED);
  }
  if (found == 0) return Errno.ENODATA;
  lookup.addresses = <u8>found;
  lookup.expiresMs = globals.nowMs + ttl * 1000;
  return 0;
}
