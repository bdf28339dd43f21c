// DHCP messages (RFC 2131 section 2, RFC 2132):
// op 1 | htype 1 | hlen 1 | hops 1 | xid 4 | secs 2 | flags 2 | ciaddr 4 | yiaddr 4 | siaddr 4 | giaddr 4 |
// chaddr 16 | sname 64 | file 128 | cookie 4 | options: code 1, length 1, value
// Addresses are used as they lie in memory. Leaves: no decisions.

import { get8, put16, put8 } from "../bytes";
import { HOST_NAME, TX_FRAME } from "../memory";
import { both, larger } from "../order";
import { macCopy } from "../wire/ethernet";

export const DISCOVER: u32 = 1;
export const OFFER: u32 = 2;
export const REQUEST: u32 = 3;
export const DECLINE: u32 = 4;
export const ACK: u32 = 5;
export const NAK: u32 = 6;
export const RELEASE: u32 = 7;

export const OPTION_MASK: u32 = 1;
export const OPTION_ROUTER: u32 = 3;
export const OPTION_NAME_SERVERS: u32 = 6;
const OPTION_HOST_NAME: u32 = 12;
export const OPTION_MTU: u32 = 26;
export const OPTION_TIME_SERVERS: u32 = 42;
export const OPTION_ADDRESS: u32 = 50;
export const OPTION_LEASE: u32 = 51;
const OPTION_OVERLOAD: u32 = 52;
export const OPTION_TYPE: u32 = 53;
export const OPTION_SERVER: u32 = 54;
export const OPTION_RENEW: u32 = 58;
export const OPTION_REBIND: u32 = 59;
const OPTION_END: u32 = 255;

/** Options with a number from here on are skipped. */
const OPTIONS: u32 = 64;
const OPTIONS_AT: usize = 240;
/** Servers and relays may take no less (RFC 1542 section 2.1). */
const SMALLEST: u32 = 300;
/** The first four bytes of messages, as they lie in memory: op, Ethernet, 6 bytes of MAC, no hops. */
const QUESTION: u32 = 0x00060101;
const ANSWER: u32 = 0x00060102;
const COOKIE: u32 = 0x63538263;
/** The flag BROADCAST, as it lies in memory. */
const BROADCAST: u32 = 0x80;

// What follows the cookie, as it lies in memory: the type, then the client identifier (type 1 and the MAC);
// in questions the longest message that we take, 576 bytes, what we ask for, and the name.
const TYPE_AND_ID: u32 = OPTION_TYPE | 0x100 | 0x3d000000;
const ID_OF_MAC: u32 = 0x0107;
const WISHES: u64 = 0x0301083740020239;
const MORE_WISHES: u64 = ((<u64>OPTION_HOST_NAME) << 48) | 0x3b3a332a1a06;

/** Where the last message read has the value of an option, its first 8 bytes: zeros if it has none. A reply
 * that is being built is not there yet, so its frame is the table. */
export function optionAt(code: u32): usize {
  return TX_FRAME + (code << 3);
}

/** The first 4 bytes of an option's value, as they lie in the message. */
export function option(code: u32): u32 {
  return load<u32>(optionAt(code));
}

/** Options from p on; false: they do not end before `end`. What is shorter than it must be counts as absent. */
function readOptions(p: usize, end: usize): bool {
  while (p < end) {
    const code = get8(p);
    p += 1;
    if (code == OPTION_END) return true;
    if (code == 0) continue;
    const length = get8(p);
    p += 1;
    // Behind the end nothing is believed: it is false then.
    const least: u32 = code == OPTION_MTU ? 2 : (code & 0xfe) == OPTION_OVERLOAD ? 1 : 4;
    if (both(length >= least, code < OPTIONS)) {
      store<u64>(optionAt(code), length < 8 ? <u64>load<u32>(p) : load<u64>(p));
    }
    p += length;
  }
  return false;
}

/** Reads a message of len bytes to a client; false: malformed. */
export function readMessage(p: usize, len: u32): bool {
  memory.fill(TX_FRAME, 0, OPTIONS << 3);
  if (!readOptions(p + OPTIONS_AT, p + len)) return false;
  // RFC 2132 section 9.3: bit 0: options in `file`, bit 1: in `sname`.
  const more = option(OPTION_OVERLOAD);
  let whole = both((load<u32>(p) & 0xffffff) == ANSWER, load<u32>(p, 236) == COOKIE);
  if (more & 1) whole = both(whole, readOptions(p + 108, p + 236));
  if (more & 2) whole = both(whole, readOptions(p + 44, p + 108));
  return whole;
}

export function messageTransaction(p: usize): u32 {
  return load<u32>(p, 4);
}

/** yiaddr: the address that the client is given. */
export function messageAddress(p: usize): u32 {
  return load<u32>(p, 16);
}

/** chaddr: the client's MAC. */
export function messageMac(p: usize): usize {
  return p + 28;
}

/** Begins a message with all that those of its type have (RFC 2131 table 5); returns where its other options
 * go. ciaddr 0: the answer is to be broadcast. */
export function beginMessage(
  p: usize,
  type: u32,
  transaction: u32,
  seconds: u32,
  ciaddr: u32,
  mac: usize,
): usize {
  memory.fill(p, 0, SMALLEST);
  store<u32>(p, QUESTION);
  store<u32>(p, transaction, 4);
  store<u32>(p, ciaddr, 12);
  macCopy(messageMac(p), mac);
  store<u32>(p, COOKIE, 236);
  store<u32>(p, TYPE_AND_ID | (type << 16), 240);
  store<u16>(p, ID_OF_MAC, 244);
  macCopy(p + 246, mac);
  const options = p + 252;
  if (type > REQUEST) return options;
  put16(p + 8, seconds);
  if (ciaddr == 0) store<u16>(p, BROADCAST, 10);
  store<u64>(p, WISHES, 252);
  store<u64>(p, MORE_WISHES, 260);
  const length = get8(HOST_NAME);
  memory.copy(p + 267, HOST_NAME, length + 1);
  return length == 0 ? p + 266 : p + 268 + length; // an option without a name is written over
}

/** Adds an option with a value of 4 bytes if the lowest bit of `wanted` is set; returns what is behind it. */
export function putOption(p: usize, code: u32, value: u32, wanted: u32): usize {
  if ((wanted & 1) == 0) return p;
  store<u16>(p, code | 0x400);
  store<u32>(p, value, 2);
  return p + 6;
}

/** Ends a message at p whose options go up to `end`: its bytes. */
export function endMessage(p: usize, end: usize): u32 {
  put8(end, OPTION_END);
  return larger(SMALLEST, <u32>(end - p) + 1);
}
