// What the services say, in ASCII, and how it comes into the send ring.

import { ringAt, ringPointer } from "../buffer/ring";
import { HELLO, HTTP } from "../config";
import { Counter, Pool } from "../constants";
import { COUNTERS, HASH_INPUT, POOLS } from "../memory";
import { tcb } from "../tcp/tcb";

// Where each text begins; it ends with 0. The version is that of package.json.
/** "hello -> MoteTCP 0.1.0" */
export const GREETING: u32 = 0;
/** "MoteTCP 0.1.0" */
export const NAME: u32 = 9;
/** "HTTP/1.1 " */
export const STATUS_LINE: u32 = 24;
/** "200 OK" */
export const OK: u32 = 34;
/** "400 Bad Request" */
export const BAD_REQUEST: u32 = 41;
/** "404 Not Found" */
export const NOT_FOUND: u32 = 57;
/** "405 Method Not Allowed", "Allow: GET, HEAD" (RFC 9110 section 15.5.6) */
export const METHOD_NOT_ALLOWED: u32 = 71;
/** "Connection: close", "Content-Type: text/plain", an empty line */
export const HEAD_FIELDS: u32 = 112;
/** "up N s", "connections N, most N", "frames in N, out N", "segments in N, out N, again N" */
export const PAGE: u32 = 162;

/** From here on a byte and the next one are an address, in words: of a number. */
const NUMBER: u32 = 128;
const SECONDS: u32 = <u32>HASH_INPUT;
const USED: u32 = <u32>(POOLS + 8 * Pool.TCB);
const FRAMES_IN: u32 = <u32>(COUNTERS + 4 * Counter.RX_FRAMES);
const FRAMES_OUT: u32 = <u32>(COUNTERS + 4 * Counter.TX_FRAMES);
const SEGMENTS_IN: u32 = <u32>(COUNTERS + 4 * Counter.TCP_SEGMENTS_IN);
const SEGMENTS_OUT: u32 = <u32>(COUNTERS + 4 * Counter.TCP_SEGMENTS_OUT);
const SENT_AGAIN: u32 = <u32>(COUNTERS + 4 * Counter.TCP_TIMEOUT_RETRANSMITS);
if (HTTP && SENT_AGAIN >= 128 << 10) ERROR("the counters lie too far up");

// prettier-ignore
const TEXTS: usize = HTTP ? memory.data<u8>([
  104, 101, 108, 108, 111, 32, 45, 62, 32, 77, 111, 116, 101, 84, 67, 80, 32, 48, 46, 49, 46, 48, 10, 0,
  72, 84, 84, 80, 47, 49, 46, 49, 32, 0,
  50, 48, 48, 32, 79, 75, 0,
  52, 48, 48, 32, 66, 97, 100, 32, 82, 101, 113, 117, 101, 115, 116, 0,
  52, 48, 52, 32, 78, 111, 116, 32, 70, 111, 117, 110, 100, 0,
  52, 48, 53, 32, 77, 101, 116, 104, 111, 100, 32, 78, 111, 116, 32, 65, 108, 108, 111, 119, 101, 100, 13, 10,
  65, 108, 108, 111, 119, 58, 32, 71, 69, 84, 44, 32, 72, 69, 65, 68, 0,
  13, 10, 67, 111, 110, 110, 101, 99, 116, 105, 111, 110, 58, 32, 99, 108, 111, 115, 101, 13, 10,
  67, 111, 110, 116, 101, 110, 116, 45, 84, 121, 112, 101, 58, 32, 116, 101, 120, 116, 47, 112, 108, 97, 105, 110,
  13, 10, 13, 10, 0,
  117, 112, 32, <u8>(NUMBER + (SECONDS >> 10)), <u8>(SECONDS >> 2), 32, 115, 10,
  99, 111, 110, 110, 101, 99, 116, 105, 111, 110, 115, 32, <u8>(NUMBER + (USED >> 10)), <u8>(USED >> 2),
  44, 32, 109, 111, 115, 116, 32, <u8>(NUMBER + ((USED + 4) >> 10)), <u8>((USED + 4) >> 2), 10,
  102, 114, 97, 109, 101, 115, 32, 105, 110, 32, <u8>(NUMBER + (FRAMES_IN >> 10)), <u8>(FRAMES_IN >> 2),
  44, 32, 111, 117, 116, 32, <u8>(NUMBER + (FRAMES_OUT >> 10)), <u8>(FRAMES_OUT >> 2), 10,
  115, 101, 103, 109, 101, 110, 116, 115, 32, 105, 110, 32, <u8>(NUMBER + (SEGMENTS_IN >> 10)), <u8>(SEGMENTS_IN >> 2),
  44, 32, 111, 117, 116, 32, <u8>(NUMBER + (SEGMENTS_OUT >> 10)), <u8>(SEGMENTS_OUT >> 2),
  44, 32, 97, 103, 97, 105, 110, 32, <u8>(NUMBER + (SENT_AGAIN >> 10)), <u8>(SENT_AGAIN >> 2), 10, 0,
], 1) : HELLO ? memory.data<u8>([
  104, 101, 108, 108, 111, 32, 45, 62, 32, 77, 111, 116, 101, 84, 67, 80, 32, 48, 46, 49, 46, 48, 10, 0,
], 1) : 0;

/** Puts a byte into the send ring; the caller knows that there is room. */
export function write(c: u32): void {
  store<u8>(ringPointer(ringAt(tcb.sendRing), tcb.sndEnd), c);
  tcb.sndEnd += 1;
}

/** The same for a number in decimal: ten digits at most, and as deep. */
function writeNumber(n: u32): void {
  if (n > 9) writeNumber(n / 10);
  write(48 + (n % 10));
}

/** Puts a text into the send ring. */
export function print(text: u32): void {
  let p = TEXTS + text;
  for (;;) {
    const c = <u32>load<u8>(p++);
    if (c == 0) return;
    if (HTTP && c >= NUMBER)
      writeNumber(load<u32>(((c - NUMBER) << 10) + ((<u32>load<u8>(p++)) << 2)));
    else write(c);
  }
}
