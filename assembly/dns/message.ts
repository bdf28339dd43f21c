// Messages (RFC 1035 section 4): a question is built, an answer to it is taken apart. What RFC 9267 warns
// of is answered by the ends: nothing is read behind that of the message, or of the record that a name
// is in, and counts only end a loop early.

import { get16, get32, put32 } from "../bytes";
import { LOOKUP_ADDRESSES } from "../config";
import { Counter, Errno } from "../constants";
import { count, drop } from "../counter";
import { putV4 } from "../ip/addressing";
import { NAME_BUFFER, TX_FRAME } from "../memory";
import { atLeastZero, both, either, smaller } from "../order";
import { DNS_HEADER_BYTES, isName, nameBytes, readName } from "./name";
import { EDNS, foundAt, lookup, MULTICAST, nameAt, PLAIN } from "./record";

/** Type and class of what we ask for, and of an alias (RFC 1035 section 3.2). */
const A_IN: u32 = 0x00010001;
const CNAME_IN: u32 = 0x00050001;

/** Flags: an answer, to a standard query; truncated; recursion desired; the response code. */
const QR_AND_OPCODE: u32 = 0xf800;
const QR: u32 = 0x8000;
const TC: u32 = 0x0200;
const RD: u32 = 0x0100;
const RCODE: u32 = 15;
const FORMERR: u32 = 1;
const NXDOMAIN: u32 = 3;
const NOTIMP: u32 = 4;

/** Aliases followed in one answer. */
const MOST_ALIASES: u32 = 8;
/** What is kept longer than a day may have changed, whatever its owner thought. */
const MOST_SECONDS: u32 = 86400;

/** What an answer says beside an Errno, or 0 where it has addresses: the same server should be asked without
 * OPT; by TCP. */
export const AGAIN: u32 = 100;
export const TRUNCATED: u32 = 101;

/** Where the target of an alias is copied to: nothing else is built while a message is read. */
const ALIAS: usize = TX_FRAME;
/** Behind it, messages of a connection. */
export const STREAM_MESSAGE: usize = TX_FRAME + 256;

/** Builds the current lookup's question; returns its bytes, and writes no more than one behind them. */
export function writeQuestion(p: usize): u32 {
  const l = lookup;
  count(Counter.DNS_QUERIES);
  put32(p, ((<u32>l.id) << 16) | (l.mode == MULTICAST ? 0 : RD));
  put32(p + 4, 1 << 16);
  put32(p + 8, u32(l.mode == EDNS));
  let end = p + DNS_HEADER_BYTES;
  memory.copy(end, nameAt(), l.nameBytes);
  end += l.nameBytes;
  put32(end, A_IN);
  end += 4;
  if (l.mode == EDNS) {
    // RFC 6891 section 6.1.2: the root, type 41, 1232 bytes for UDP, nothing else.
    put32(end, 0x00002904);
    put32(end + 4, 0xd0000000);
    put32(end + 8, 0);
    end += 11;
  }
  return <u32>(end - p);
}

/** What a message says about the current lookup: 0, an Errno, AGAIN, TRUNCATED, or drop(). */
export function readAnswer(p: usize, end: usize): u32 {
  const l = lookup;
  if (p + DNS_HEADER_BYTES > end) return drop(Counter.DROP_DNS_MALFORMED);
  const flags = get16(p + 2);
  const strange = either((flags & QR_AND_OPCODE) != QR, get16(p + 4) != 1);
  if (either(strange, get16(p) != l.id)) return drop(Counter.DROP_DNS_UNRELATED);
  let q = readName(p, p + DNS_HEADER_BYTES, end);
  if (either(q == 0, q + 4 > end)) return drop(Counter.DROP_DNS_MALFORMED);
  // RFC 5452 section 9.1: the question must be ours.
  if (!isName(nameAt(), l.nameBytes) || get32(q) != A_IN) return drop(Counter.DROP_DNS_UNRELATED);
  if (flags & TC) return TRUNCATED;
  const code = flags & RCODE;
  if (code == 0) return readRecords(p, q + 4, end);
  if (code == NXDOMAIN) return Errno.ENOTFOUND;
  // RFC 6891 section 7: a server that does not know OPT.
  if (l.mode != EDNS || (code != FORMERR && code != NOTIMP)) return Errno.ESERVFAIL;
  l.mode = <u8>PLAIN;
  return AGAIN;
}

/** Takes the addresses of the name, or of what it is an alias of, from the answer's records, which begin at
 * `first`. They are read again until no alias is followed: they may stand in any order. */
function readRecords(message: usize, first: usize, end: usize): u32 {
  const l = lookup;
  let name = nameAt();
  let bytes = <u32>l.nameBytes;
  let aliases: u32 = 0;
  let before: u32 = 0;
  let found: u32 = 0;
  l.ttl = MOST_SECONDS;
  do {
    before = aliases;
    let p = first;
    for (let left = get16(message + 6); left > 0; left--) {
      p = readName(message, p, end);
      const data = p + 10;
      if (either(p == 0, data > end)) return drop(Counter.DROP_DNS_MALFORMED);
      const next = data + get16(p + 8);
      if (next > end) return drop(Counter.DROP_DNS_MALFORMED);
      const kind = get32(p);
      if (either(kind == A_IN, kind == CNAME_IN) && isName(name, bytes)) {
        // RFC 2181 section 8: with its top bit set it counts as 0.
        l.ttl = smaller(l.ttl, atLeastZero(get32(p + 4)));
        if (kind == A_IN) {
          if (next != data + 4) return drop(Counter.DROP_DNS_MALFORMED);
          if (found < LOOKUP_ADDRESSES) putV4(foundAt(found++), load<u32>(data));
        } else {
          if (readName(message, data, next) != next) return drop(Counter.DROP_DNS_MALFORMED);
          if (aliases++ == MOST_ALIASES) return Errno.ESERVFAIL;
          name = ALIAS;
          bytes = nameBytes;
          memory.copy(ALIAS, NAME_BUFFER, bytes);
        }
      }
      p = next;
    }
  } while (both(found == 0, aliases != before));
  l.addresses = <u8>found;
  return found != 0 ? 0 : Errno.ENODATA;
}
