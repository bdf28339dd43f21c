// DHCP messages (RFC 2131 section 2, RFC 2132):
// op 1 | htype 1 | hlen 1 | hops 1 | xid 4 | secs 2 | flags 2 | ciaddr 4 | yiaddr 4 | siaddr 4 | giaddr 4 |
// chaddr 16 | sname 64 | file 128 | magic cookie 4 | options: code 1, length 1, data.

import { get16, get8, put16, put8 } from "../bytes";
import { NAME_BUFFER } from "../memory";
import { larger } from "../order";
import { macCopy, macEqual } from "./ethernet";

export const DISCOVER: u32 = 1;
export const OFFER: u32 = 2;
export const REQUEST: u32 = 3;
export const DECLINE: u32 = 4;
export const DHCP_ACK: u32 = 5;
export const NAK: u32 = 6;
export const RELEASE: u32 = 7;

export const OPTION_MASK: u32 = 1;
export const OPTION_ROUTER: u32 = 3;
export const OPTION_NAME_SERVER: u32 = 6;
const OPTION_HOST_NAME: u32 = 12;
export const OPTION_MTU: u32 = 26;
export const OPTION_NTP_SERVER: u32 = 42;
export const OPTION_REQUESTED: u32 = 50;
export const OPTION_LEASE: u32 = 51;
const OPTION_OVERLOAD: u32 = 52;
const OPTION_TYPE: u32 = 53;
export const OPTION_SERVER: u32 = 54;
export const OPTION_RENEW: u32 = 58;
export const OPTION_REBIND: u32 = 59;
const OPTION_END: u32 = 255;

/** Bytes of a message before its options, and of one that every relay and server takes (RFC 1542 2.1). */
const FIXED_BYTES: u32 = 240;
const LEAST_BYTES: u32 = 300;
/** Bytes of the longest that we write, with a host name of 63. */
const MOST_BYTES: u32 = 360;
/** Options with lower numbers are kept while a message is read. */
const KEPT: u32 = 64;

/** A request over Ethernet, as it lies in memory. */
const BOOT_REQUEST: u32 = 0x00060101;
const BOOT_REPLY: u32 = 0x00060102;
const COOKIE: u32 = 0x63538263;
/** The cookie, the message's type, and the client's identifier up to its MAC. */
const HEAD: usize = memory.data<u8>([0x63, 0x82, 0x53, 0x63, 53, 1, 0, 61, 7, 1]);
const HEAD_BYTES: u32 = 10;
/** The longest message that we take, and what we want to know. */
const WISHES: usize = memory.data<u8>([57, 2, 0x05, 0xdc, 55, 8, 1, 3, 6, 26, 42, 51, 58, 59]);
const WISHES_BYTES: u32 = 14;

export function dhcpTransaction(p: usize): u32 {
  return load<u32>(p, 4);
}

/** yiaddr: the address that is offered or leased. */
export function dhcpYours(p: usize): u32 {
  return load<u32>(p, 16);
}

/** Where the place of an option's data stands while a message is read; 0: it has none. */
function slot(code: u32): usize {
  return NAME_BUFFER + ((<usize>code) << 2);
}

/** Reads the options of a message of len bytes for the station with this MAC; returns its type, or 0: it is
 * malformed, or for another. */
export function dhcpRead(p: usize, len: u32, mac: usize): u32 {
  if (len < FIXED_BYTES + 1) return 0;
  const kind = (load<u32>(p) & 0xffffff) == BOOT_REPLY; // whatever the hops
  if (!kind || load<u32>(p, 236) != COOKIE || !macEqual(p + 28, mac)) return 0;
  memory.fill(NAME_BUFFER, 0, KEPT << 2);
  if (!readOptions(p + FIXED_BYTES, p + len)) return 0;
  const overload = option(OPTION_OVERLOAD, 1);
  const fields = overload == 0 ? 0 : get8(overload);
  if (fields & 1 && !readOptions(p + 108, p + 236)) return 0;
  if (fields & 2 && !readOptions(p + 44, p + 108)) return 0;
  const type = option(OPTION_TYPE, 1);
  return type == 0 ? 0 : get8(type);
}

/** Notes the options from p on; false: one goes beyond end, or there is no end option. */
function readOptions(p: usize, end: usize): bool {
  while (p < end) {
    const code = get8(p);
    p += 1;
    if (code == OPTION_END) return true;
    if (code == 0) continue;
    if (p >= end) return false;
    const data = p + 1;
    p = data + get8(p);
    if (p > end) return false;
    if (code < KEPT) store<u32>(slot(code), <u32>data);
  }
  return false;
}

/** The data of an option of the message that was read last, if it has so many bytes at least; or 0. */
function option(code: u32, bytes: u32): usize {
  const data = <usize>load<u32>(slot(code));
  return data != 0 && get8(data - 1) >= bytes ? data : 0;
}

/** The i-th address of an option, as it lies in a packet, or 0. */
export function dhcpAddress(code: u32, i: u32): u32 {
  const data = option(code, (i + 1) << 2);
  return data == 0 ? 0 : load<u32>(data + (i << 2));
}

/** Seconds, or 0. */
export function dhcpSeconds(code: u32): u32 {
  return bswap<u32>(dhcpAddress(code, 0));
}

/** The MTU, or 0. */
export function dhcpMtu(): u32 {
  const data = option(OPTION_MTU, 2);
  return data == 0 ? 0 : get16(data);
}

/** Writes a message from the station with this MAC, without the end; returns where options go on. flags: 0x80: the
 * answer is to be broadcast. */
export function dhcpEmit(
  p: usize,
  type: u32,
  mac: usize,
  transaction: u32,
  secs: u32,
  flags: u32,
  client: u32,
): usize {
  memory.fill(p, 0, MOST_BYTES);
  store<u32>(p, BOOT_REQUEST);
  store<u32>(p, transaction, 4);
  put16(p + 8, secs);
  store<u8>(p, flags, 10);
  store<u32>(p, client, 12);
  macCopy(p + 28, mac);
  memory.copy(p + 236, HEAD, HEAD_BYTES);
  put8(p + 242, type);
  p += 236 + HEAD_BYTES;
  macCopy(p, mac);
  return p + 6;
}

/** An option that is an address. */
export function dhcpPutAddress(p: usize, code: u32, v4: u32): usize {
  store<u16>(p, code | 0x400);
  store<u32>(p, v4, 2);
  return p + 6;
}

/** What we want to know, and the host's name, which stands behind its length; no name: 0. */
export function dhcpPutWishes(p: usize, name: usize): usize {
  memory.copy(p, WISHES, WISHES_BYTES);
  p += WISHES_BYTES;
  const length = get8(name);
  if (length == 0) return p;
  put8(p, OPTION_HOST_NAME);
  memory.copy(p + 1, name, length + 1);
  return p + 2 + length;
}

/** Ends the options at p of a message; returns its bytes. */
export function dhcpEnd(message: usize, p: usize): u32 {
  put8(p, OPTION_END);
  return larger(<u32>(p - message) + 1, LEAST_BYTES);
}
