// Puts a segment together in TX_FRAME: header, options, checksum, and the IP and link headers.
// The caller says what (build*), then where to (reply or send).

import { get16, put16, put32, put8 } from "../bytes";
import { checksum } from "../checksum";
import { EXTENSIONS, SACK } from "../config";
import { Counter } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { ownV4 } from "../ip/address";
import { getV4 } from "../ip/addressing";
import { smaller } from "../order";
import { askingStation, ipPayload, ipSend } from "../ip/output";
import { putSack, sackCount } from "./sack";
import { segInterface } from "./segment";
import { Endpoint, portsOf, remoteOf } from "./tcb";
import { RECEIVE_SCALE, receiveMss } from "./window";
import { PROTOCOL_TCP } from "../wire/ipv4";
import {
  ACK,
  OPTION_MSS,
  OPTION_NOP,
  OPTION_SACK,
  OPTION_SACK_PERMITTED,
  OPTION_SCALE,
  OPTION_TIMESTAMPS,
  OPTION_USER_TIMEOUT,
  pseudoSum,
  TCP_BYTES,
  TIMESTAMP_BYTES,
} from "../wire/tcp";

let headerBytes: u32 = 0;
/** A header with all the options it may have. */
const MAXIMUM_TCP_BYTES: u32 = 60;

/** Two of them, so that what follows in an option is aligned. */
const NOPS: u32 = (OPTION_NOP << 24) | (OPTION_NOP << 16);

/** Fixed header, without options yet. */
export function buildHeader(e: Endpoint, seq: u32, ack: u32, flags: u32, window: u32): void {
  const p = ipPayload();
  put32(p, rotl<u32>(portsOf(e), 16));
  put32(p + 4, seq);
  put32(p + 8, flags & ACK ? ack : 0);
  put8(p + 13, flags);
  put16(p + 14, window);
  store<u32>(p, 0, 16);
  headerBytes = TCP_BYTES;
}

/** The urgent pointer: bytes up to the one behind the last urgent one (RFC 9293 MUST-62); what is further
 * off than 16 bits can say is told by later segments. */
export function buildUrgent(bytes: u32): void {
  put16(ipPayload() + 18, smaller(bytes, 65535));
}

/** One word of options. */
function buildOption(word: u32): void {
  put32(buildData(), word);
  headerBytes += 4;
}

/** Options of a SYN through an interface: MSS always; scaled: window scale; sack: SACK permitted. */
export function buildSynOptions(iface: u32, scaled: bool, sack: bool): void {
  buildOption((OPTION_MSS << 24) | (4 << 16) | receiveMss(iface));
  if (EXTENSIONS && scaled) {
    buildOption((OPTION_NOP << 24) | (OPTION_SCALE << 16) | (3 << 8) | RECEIVE_SCALE);
  }
  if (SACK && sack) buildOption(NOPS | (OPTION_SACK_PERMITTED << 8) | 2);
}

/** Another MSS in the options just built: less, because the user wants it so. */
export function lowerSynMss(mss: u32): void {
  const p = ipPayload() + TCP_BYTES;
  put16(p + 2, smaller(get16(p + 2), mss));
}

/** How long we wait for an acknowledgment, s (RFC 5482 section 3.3): in minutes where seconds need more
 * than 15 bits. False: the other options leave no room. */
export function buildUserTimeout(seconds: u32): bool {
  if (headerBytes == MAXIMUM_TCP_BYTES) return false;
  const value = seconds < 0x8000 ? seconds : 0x8000 | ((seconds + 59) / 60);
  buildOption((OPTION_USER_TIMEOUT << 24) | (4 << 16) | value);
  return true;
}

/** What is kept out of order, newest first, behind a duplicate that the current segment brought
 * (RFC 2018 section 4, RFC 2883); as many blocks as fit. */
export function buildSack(): void {
  const count = sackCount();
  if (count == 0) return;
  buildOption(NOPS | (OPTION_SACK << 8) | (2 + 8 * count));
  putSack(buildData(), count);
  headerBytes += 8 * count;
}

/** Timestamps, padded to 12 bytes. offset: what our clock is moved by. */
export function buildTimestamps(offset: u32, echo: u32): void {
  const p = buildData();
  put32(p, NOPS | (OPTION_TIMESTAMPS << 8) | 10);
  put32(p + 4, globals.nowMs + offset);
  put32(p + 8, echo);
  headerBytes += TIMESTAMP_BYTES;
}

/** Where the data of the segment go. */
export function buildData(): usize {
  return ipPayload() + headerBytes;
}

/** Data offset and checksum over pseudo header, header and data; returns the segment's bytes. */
function finish(e: Endpoint, dataBytes: u32): u32 {
  const p = ipPayload();
  const length = headerBytes + dataBytes;
  put8(p + 12, headerBytes << 2);
  store<u16>(p, checksum(p, length, pseudoSum(localV4(e), remoteV4(e), length)), 16);
  count(Counter.TCP_SEGMENTS_OUT);
  return length;
}

function localV4(e: Endpoint): u32 {
  return ownV4(e.address);
}

function remoteV4(e: Endpoint): u32 {
  return getV4(remoteOf(e));
}

/** The segment goes back to where the received one came from; returns the frame's length. hops: TTL,
 * and DSCP << 16. */
export function buildReply(e: Endpoint, hops: u32): u32 {
  return buildSend(segInterface, askingStation(), e, 0, hops);
}

/** The segment goes to the station whose MAC lies at `to`; returns the frame's length. */
export function buildSend(iface: u32, to: usize, e: Endpoint, dataBytes: u32, hops: u32): u32 {
  const length = finish(e, dataBytes);
  return ipSend(iface, to, localV4(e), remoteV4(e), PROTOCOL_TCP, length, hops);
}
