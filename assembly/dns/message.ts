// Messages (RFC 1035 section 4): a question is built, an answer to it is taken apart. What RFC 9267 warns
// of is answered by the ends: nothing is read behind that of the message, or of the record that a name
// is in, and counts only end a loop early.

import { get16 } from "../bytes";
import { LOOKUP_ADDRESSES } from "../config";
import { Counter, Errno } from "../constants";
import { drop } from "../counter";
import { putV4 } from "../ip/addressing";
import { NAME_BUFFER, TX_FRAME } from "../memory";
import { atLeastZero, both, either, smaller } from "../order";
import { DNS_HEADER_BYTES, isName, nameBytes, readName } from "./name";
import { EDNS, foundAt, lookup, MULTICAST, nameAt, PLAIN } from "./record";

// What is compared with constants, and the id, stay as they lie in a message.

/** Type and class: A of class IN, and CNAME (RFC 1035 section 3.2), and the bit in which they differ. */
const A_IN: u32 = 0x01000100;
const CNAME_IN: u32 = 0x01000500;
const CNAME_BIT: u32 = 0x0400;

/** The first word: id; recursion desired; an answer, to a standard query; truncated; response code. */
const RD: u32 = 0x00010000;
const QR: u32 = 0x00800000;
const ID_AND_KIND: u32 = 0x00f8ffff;
const TC: u32 = 0x00020000;
const FORMERR: u32 = 1;
const NXDOMAIN: u32 = 3;
const NOTIMP: u32 = 4;

/** A count of 1 in the first half of a word. */
const ONE: u32 = 0x0100;
/** What follows the name of a question: A_IN, and of an OPT record the root, type 41, and 1232 bytes for UDP
 * (RFC 6891 section 6.1.2); its rest is 0. */
const ASKED: u64 = 0x0429000001000100;
const OPT: u64 = 0xd0;
const OPT_BYTES: u32 = 11;

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

/** Builds the current lookup's question; returns its bytes, and writes a few behind them. */
export function writeQuestion(p: usize): u32 {
  const l = lookup;
  const plain = l.mode != EDNS;
  store<u32>(p, (<u32>l.id) | (l.mode == MULTICAST ? 0 : RD));
  store<u32>(p, ONE, 4);
  store<u32>(p, plain ? 0 : ONE << 16, 8);
  const name = p + DNS_HEADER_BYTES;
  memory.copy(name, nameAt(), l.nameBytes);
  store<u64>(name + l.nameBytes, ASKED);
  store<u64>(name + l.nameBytes, OPT, 8);
  return DNS_HEADER_BYTES + <u32>l.nameBytes + (plain ? 4 : 4 + OPT_BYTES);
}

/** What a message says about the current lookup: 0, an Errno, AGAIN, TRUNCATED, or drop(). */
export function readAnswer(p: usize, end: usize): u32 {
  const l = lookup;
  const q = readName(p, p + DNS_HEADER_BYTES, end);
  if (either(q == 0, q + 4 > end)) return drop(Counter.DROP_DNS_MALFORMED);
  const head = load<u32>(p);
  // RFC 5452 section 9.1: id and question must be ours.
  const known = both((head & ID_AND_KIND) == ((<u32>l.id) | QR), load<u16>(p, 4) == ONE);
  if (!both(both(known, load<u32>(q) == A_IN), isName(nameAt(), l.nameBytes)))
    return drop(Counter.DROP_DNS_UNRELATED);
  if (head & TC) return TRUNCATED;
  const code = (head >> 24) & 15;
  if (code == 0) return readRecords(p, q + 4, end);
  if (code == NXDOMAIN) return Errno.ENOTFOUND;
  // RFC 6891 section 7: a server that does not know OPT.
  if (both(l.mode == EDNS, either(code == FORMERR, code == NOTIMP))) {
    l.mode = <u8>PLAIN;
    return AGAIN;
  }
  return Errno.ESERVFAIL;
}

/** Takes the addresses of the name, or of what it is an alias of, from the answer's records, which begin at
 * `first`. They are read again while aliases are followed: they may stand in any order. */
function readRecords(message: usize, first: usize, end: usize): u32 {
  const l = lookup;
  let name = nameAt();
  let bytes = <u32>l.nameBytes;
  let aliases: u32 = 0;
  let before: u32 = 0;
  let found: u32 = 0;
  let ttl = MOST_SECONDS;
  do {
    before = aliases;
    let p = first;
    for (let left = get16(message + 6); left > 0; left--) {
      p = readName(message, p, end);
      const data = p + 10;
      const next = data + get16(p + 8);
      if (either(p == 0, next > end)) return drop(Counter.DROP_DNS_MALFORMED);
      const kind = load<u32>(p);
      if (both((kind | CNAME_BIT) == CNAME_IN, isName(name, bytes))) {
        // RFC 2181 section 8: with its top bit set it counts as 0.
        ttl = smaller(ttl, atLeastZero(bswap<u32>(load<u32>(p, 4))));
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
  l.ttl = ttl;
  return found != 0 ? 0 : Errno.ENODATA;
}
