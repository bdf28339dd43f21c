// DNS messages (RFC 1035 section 4) about the current lookup: its question is written, an answer is read.
//
//   id 2 | flags 2 | counts of questions, answers, authorities, others 8 | question | records
//   question: name | type 2 | class 2
//   record:   name | type 2 | class 2 | TTL 4 | RDLENGTH 2 | RDATA
//
// What was found stands in the lookup; it counts only with a result of 0. What is compared with constants stays
// as it lies in a message.

import { get16 } from "../bytes";
import { LOOKUP_ADDRESSES } from "../config";
import { Counter, Errno } from "../constants";
import { drop } from "../counter";
import { globals } from "../globals";
import { putV4 } from "../ip/addressing";
import { NAME_BUFFER, TX_FRAME } from "../memory";
import { atLeastZero, both, either, smaller } from "../order";
import { DNS_HEADER_BYTES, isName, nameBytes, readName } from "./name";
import { addressOf, lookup, nameOf } from "./record";

/** Results: a question more may help, or the Errno beside it stays; of another server. */
export const RETRY: u32 = 0x100;
export const FAILED: u32 = 0x300 | Errno.ESERVFAIL;
/** FAILED has it in its lowest bit. */
export const FAILED_SHIFT: u32 = 9;

/** Type and class of a record, and the bit in which they differ. */
const A_IN: u32 = 0x01000100;
const CNAME_IN: u32 = 0x01000500;
const CNAME_BIT: u32 = 0x00000400;

// The first word: id, flags, response code.
const RECURSION_DESIRED_AT: u32 = 16;
const TRUNCATED: u32 = 0x00020000;
const RESPONSE: u32 = 0x00800000;
/** RFC 1035 section 4.1.1: id, QR and opcode. RFC 6762 section 18: no code either, and not truncated. */
const CHECKED: u32 = 0x00f8ffff;
const CHECKED_LOCAL: u32 = 0x0ffaffff;

const NXDOMAIN: u32 = 3;
/** FORMERR and NOTIMP: a bit for each code. */
const EDNS_FAULTS: u32 = (1 << 1) | (1 << 4);

/** From a record's type to its RDATA. */
const RECORD_BYTES: u32 = 10;
/** s; RFC 1035 section 7.3 and RFC 8767 section 4 leave it to us, a week at most. */
const LONGEST_TTL: u32 = 86400;

/** Where the name stands that an alias is of: nothing is sent while a message is read. */
const ALIASED: usize = TX_FRAME;
/** Behind it: where a message that came by TCP is read, or a question built that goes so. */
export const STREAM_MESSAGE: usize = TX_FRAME + 256;

/** Writes the question; returns its bytes. */
export function questionEmit(p: usize): u32 {
  const bytes = DNS_HEADER_BYTES + <u32>lookup.nameBytes;
  const edns = (<u32>lookup.plain) ^ 1;
  store<u32>(p, (<u32>lookup.id) | (((<u32>lookup.local) ^ 1) << RECURSION_DESIRED_AT));
  store<u64>(p, 0x0100, 4); // one question
  store<u8>(p, edns, 11);
  memory.copy(p + DNS_HEADER_BYTES, nameOf(), lookup.nameBytes);
  p += bytes;
  // A, IN; RFC 6891 section 6.1.2: root, OPT, 1,232 bytes, no extended code, version 0, no options.
  store<u64>(p, 0x0429000001000100);
  store<u64>(p, 0xd0, 8);
  return bytes + 4 + edns * 11;
}

/** What a message says about the lookup. 0: addresses; Errno: there are none, with RETRY: a question more may
 * help; below 0: why it is dropped, see drop. */
export function readAnswer(p: usize, end: usize): i32 {
  const l = lookup;
  const q = readName(p, p + DNS_HEADER_BYTES, end);
  if (either(q == 0, q + 4 > end)) return drop(Counter.DROP_DNS_MALFORMED);
  // RFC 5452 section 9.1: the answer to just our question; RFC 9619: there is one.
  const head = load<u32>(p);
  const wanted = both(load<u16>(p, 4) == 0x0100, load<u32>(q) == A_IN);
  const answers = (head & (l.local ? CHECKED_LOCAL : CHECKED)) == ((<u32>l.id) | RESPONSE);
  if (!both(both(wanted, answers), isName(nameOf(), l.nameBytes)))
    return drop(Counter.DROP_DNS_UNRELATED);
  if (head & TRUNCATED) return drop(Counter.DNS_TRUNCATED);
  const code = (head >> 24) & 15;
  if (code == 0) return readRecords(p, q + 4, end);
  if (code == NXDOMAIN) return Errno.ENOTFOUND;
  // RFC 6891 section 7: a server that does not know EDNS is asked without it.
  if (!((EDNS_FAULTS >> code) & ~(<u32>l.plain) & 1)) return FAILED;
  l.plain = 1;
  return Errno.ESERVFAIL | RETRY;
}

/** The records from `at` on: the addresses of the name, or of what it is an alias of. An alias that stands behind
 * what it leads to is not followed; servers put it first (RFC 1034 section 4.3.2), so that each record is looked
 * at once, and no loop of them is possible. */
function readRecords(p: usize, at: usize, end: usize): i32 {
  let name = nameOf();
  let bytes = <u32>lookup.nameBytes;
  let found: u32 = 0;
  let ttl = LONGEST_TTL;
  for (let n = get16(p + 6); n > 0; n--) {
    const record = readName(p, at, end);
    const data = record + RECORD_BYTES;
    at = data + get16(record + 8);
    if (either(record == 0, at > end)) return drop(Counter.DROP_DNS_MALFORMED);
    const kind = load<u32>(record);
    if (!both((kind | CNAME_BIT) == CNAME_IN, isName(name, bytes))) continue;
    // The lowest of the chain; RFC 2181 section 8: what has the top bit set is 0.
    ttl = smaller(ttl, atLeastZero(bswap<u32>(load<u32>(record, 4))));
    if (kind == A_IN) {
      if (at - data != 4) return drop(Counter.DROP_DNS_MALFORMED);
      if (found < LOOKUP_ADDRESSES) putV4(addressOf(found++), load<u32>(data));
    } else {
      if (readName(p, data, at) != at) return drop(Counter.DROP_DNS_MALFORMED);
      name = ALIASED;
      bytes = nameBytes;
      memory.copy(name, NAME_BUFFER, bytes);
    }
  }
  if (found == 0) return Errno.ENODATA;
  lookup.addresses = <u8>found;
  lookup.expiresMs = globals.nowMs + ttl * 1000;
  return 0;
}
