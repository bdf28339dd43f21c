// DNS messages (RFC 1035 section 4) about one lookup: the question is written, the answer is read.
//
//   id 2 | flags 2 | counts of questions, answers, authorities, others 8 | question | records
//   question: name | type 2 | class 2
//   record:   name | type 2 | class 2 | TTL 4 | RDLENGTH 2 | RDATA
//
// Nothing here changes a lookup but for what was found, which counts only with a result of 0.

import { get16, get32 } from "../bytes";
import { LOOKUP_ADDRESSES } from "../config";
import { Counter, Errno } from "../constants";
import { drop } from "../counter";
import { putV4 } from "../ip/addressing";
import { atLeastZero, both, either, smaller } from "../order";
import { DNS_HEADER_BYTES, isName, isSame, readName, sameNameAt } from "./name";
import { addressIn, Lookup, nameIn } from "./record";

/** Type and class, as they lie in a record. */
const A_IN: u32 = 0x00010001;
const CNAME_IN: u32 = 0x00050001;

const TRUNCATED: u32 = 0x0200;
const RESPONSE: u32 = 0x8000;
/** RFC 1035 section 4.1.1: QR and opcode; RFC 6762 section 18: and no code, and not truncated. */
const CHECKED: u32 = 0xf800;
const CHECKED_LOCAL: u32 = 0xfa0f;

const FORMERR: u32 = 1;
const NXDOMAIN: u32 = 3;
const NOTIMP: u32 = 4;

/** Between type and RDATA. */
const RECORD_BYTES: u32 = 10;
/** RFC 8767 section 4: 7 days are the most; a day is enough for what is asked again so cheaply. s */
const LONGEST_TTL: u32 = 86400;

/** Writes the question of a lookup; returns its bytes. */
export function questionEmit(p: usize, l: Lookup): u32 {
  const bytes = DNS_HEADER_BYTES + <u32>l.nameBytes;
  const edns = (<u32>l.plain) ^ 1;
  store<u32>(p, (<u32>l.id) | (((<u32>l.local) ^ 1) << 16)); // RD, but to hosts on the link
  store<u64>(p, 0x0100, 4); // one question
  store<u8>(p, edns, 11);
  memory.copy(p + DNS_HEADER_BYTES, nameIn(l), bytes - DNS_HEADER_BYTES);
  p += bytes;
  // A, IN; RFC 6891 section 6.1.2: root, OPT, 1,232 bytes, no extended code, version 0, no options.
  store<u64>(p, 0x0429000001000100);
  store<u64>(p, 0xd0, 8);
  return bytes + 4 + edns * 11;
}

/** What a message of len bytes at p says about a lookup. 0: addresses, which stand in the lookup then;
 * Errno: there are none; ESERVFAIL: this server does not know; below 0: its counter, see drop. */
export function readAnswer(l: Lookup, p: usize, len: u32): i32 {
  if (len < DNS_HEADER_BYTES) return drop(Counter.DROP_DNS_MALFORMED);
  const end = p + len;
  const flags = get16(p + 2);
  // RFC 5452 section 9.1: the answer to just our question; RFC 9619: there is one.
  const answers = (flags & (l.local ? CHECKED_LOCAL : CHECKED)) == RESPONSE;
  if (either(!answers, either(load<u16>(p) != l.id, get16(p + 4) != 1)))
    return drop(Counter.DROP_DNS_UNRELATED);
  const q = readName(p, p + DNS_HEADER_BYTES, end);
  if (either(q == 0, q + 4 > end)) return drop(Counter.DROP_DNS_MALFORMED);
  if (!isName(nameIn(l), l.nameBytes) || get32(q) != A_IN) return drop(Counter.DROP_DNS_UNRELATED);
  if (flags & TRUNCATED) return drop(Counter.DNS_TRUNCATED);
  const code = flags & 15;
  if (code == NXDOMAIN) return Errno.ENOTFOUND;
  if (code == 0) return readRecords(l, p, q + 4, end);
  // RFC 6891 section 7: a server that does not know of EDNS.
  if (either(code == FORMERR, code == NOTIMP)) l.plain = 1;
  return Errno.ESERVFAIL;
}

/** The records from `at` on: the addresses of the name in NAME_BUFFER, or of what it is an alias of.
 * Deviation: an alias that stands behind what it leads to is not followed; servers put it first (RFC 1034
 * section 4.3.2), so that each record is looked at once, and no loop of them is possible. */
function readRecords(l: Lookup, p: usize, at: usize, end: usize): i32 {
  l.addresses = 0;
  l.ttl = LONGEST_TTL;
  for (let n = get16(p + 6); n > 0; n--) {
    const record = sameNameAt(p, at, end);
    const bytes = get16(record + 8);
    at = record + RECORD_BYTES + bytes;
    if (either(record == 0, at > end)) return drop(Counter.DROP_DNS_MALFORMED);
    const data = record + RECORD_BYTES;
    const kind = get32(record);
    if (!both(isSame, either(kind == A_IN, kind == CNAME_IN))) continue;
    // RFC 2181 section 8: what has the top bit set is 0.
    l.ttl = smaller(l.ttl, atLeastZero(get32(record + 4)));
    if (kind == A_IN ? bytes != 4 : readName(p, data, end) == 0)
      return drop(Counter.DROP_DNS_MALFORMED);
    if (both(kind == A_IN, <u32>l.addresses < LOOKUP_ADDRESSES)) {
      putV4(addressIn(l, l.addresses), load<u32>(data));
      l.addresses += 1;
    }
  }
  return l.addresses == 0 ? Errno.ENODATA : 0;
}
