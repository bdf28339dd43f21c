// A status page over HTTP (RFC 9112): one request, one answer, the end. A request may come in any pieces and
// be longer than the ring: but for its first line nothing of it is kept. What comes behind it is thrown
// away, so that no reset overtakes the answer.

import { ringAt, ringRead } from "../buffer/ring";
import { FRAME_BYTES, HTTP, RING_BYTES } from "../config";
import { elapsed, globals } from "../globals";
import { HASH_INPUT, RX_FRAME, TX_FRAME } from "../memory";
import { both, either } from "../order";
import { finReceived, lendSendRing, unread } from "../tcp/pool";
import { tcb } from "../tcp/tcb";
import { closeSending, forgetRead } from "../tcp/user";
import {
  BAD_REQUEST,
  HEAD_FIELDS,
  METHOD_NOT_ALLOWED,
  NAME,
  NOT_FOUND,
  OK,
  PAGE,
  print,
  STATUS_LINE,
} from "./text";

/** What has come is looked at in the frame buffers, where no frame is while nothing is built. */
const REQUEST: usize = TX_FRAME;
if (HTTP && REQUEST + RING_BYTES > RX_FRAME + FRAME_BYTES) ERROR("the frame buffers are too small");

/** A request line of so many bytes that has no end yet is none. */
const LINE_MOST: u32 = 512;

// The place of a request (Tcb.sndUp): 0 until its first line has come, then where its status stands among
// the texts, shifted, and beside it:
/** The present line is empty so far: with its end the request is over. */
const EMPTY: u32 = 1;
/** The answer is due. */
const OVER: u32 = 2;
/** The method is HEAD: no page. */
const HEAD: u32 = 4;
const STATUS_SHIFT: u32 = 3;

const LF: u32 = 10;
const CR: u32 = 13;
// Words as they lie in memory.
const WORD_GET: u32 = 0x20544547;
const WORD_HEAD: u32 = 0x44414548;
/** A space, and what HTTP/1.1 begins with. */
const WORD_HTTP: u32 = 0x54544820;
/** "/ " and "/?" behind a space. */
const ROOT: u32 = 0x202f20;
const ROOT_QUERY: u32 = 0x3f2f20;

/** Takes up what has come of a request, and answers it once it is over. */
export function answerRequest(): void {
  let place = tcb.sndUp;
  const length = unread();
  const last = finReceived();
  // After the end of the stream there is no ring.
  if (length != 0) ringRead(ringAt(tcb.receiveRing), tcb.rcvRead, REQUEST, length);
  let p = REQUEST;
  while (both(p < REQUEST + length, (place & OVER) == 0)) {
    const c = <u32>load<u8>(p++);
    if (c == LF) {
      if (place == 0) place = judge(p);
      else if (place & EMPTY) place |= OVER;
      place |= EMPTY;
    } else if (c != CR) place &= ~EMPTY;
  }
  if (place != 0) forgetRead(<u32>(p - REQUEST));
  else if (both(length != 0, either(last, length >= LINE_MOST)))
    place = (BAD_REQUEST << STATUS_SHIFT) | OVER;
  if (last && place != 0) place |= OVER;
  tcb.sndUp = place;
  if ((place & OVER) != 0 && lendSendRing()) answer(place);
}

/** The place after the request line, which ends in front of p (section 3): METHOD SP TARGET SP HTTP/1.1. */
function judge(p: usize): u32 {
  if (<u32>load<u8>(p - 2) == CR) p--;
  if (load<u32>(p - 10) != WORD_HTTP) return (BAD_REQUEST << STATUS_SHIFT) | OVER;
  const word = load<u32>(REQUEST);
  const head = u32(word == WORD_HEAD);
  if (!either(head != 0, word == WORD_GET)) return METHOD_NOT_ALLOWED << STATUS_SHIFT;
  const target = load<u32>(REQUEST + 3 + head) & 0xffffff;
  const found = either(target == ROOT, target == ROOT_QUERY);
  return ((found ? OK : NOT_FOUND) << STATUS_SHIFT) | (head * HEAD);
}

/** The answer, which fits an empty ring, and our FIN: that is its end. */
function answer(place: u32): void {
  const status = place >> STATUS_SHIFT;
  print(STATUS_LINE);
  print(status);
  print(HEAD_FIELDS);
  if ((place & HEAD) == 0) {
    store<u32>(HASH_INPUT, elapsed(globals.startMs) / 1000);
    print(status == OK ? NAME : status);
    if (status == OK) print(PAGE);
  }
  closeSending();
}
