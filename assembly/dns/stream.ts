// The connection to a name server whose answer was truncated (RFC 7766): a question, an answer, each
// behind its length in two bytes. Its events go to the lookup, not to the host.

import { get16, put16 } from "../bytes";
import { ringAt, ringRead, ringWrite } from "../buffer/ring";
import { DNS, FRAME_BYTES, RING_BYTES } from "../config";
import { Counter, Event } from "../constants";
import { count } from "../counter";
import { takeEvents } from "../event";
import { ADDRESS_BUFFER, RX_FRAME } from "../memory";
import { atLeastZero } from "../order";
import { lendSendRing, unread } from "../tcp/pool";
import { inStates, OPEN_STATES } from "../tcp/state";
import { select, tcb } from "../tcp/tcb";
import { close, connect, offer } from "../tcp/user";
import { DNS_PORT } from "../wire/udp";
import { FAILED, questionEmit, readAnswer, STREAM_MESSAGE } from "./message";
import { lookup } from "./record";

/** Of a message with its length: it must be whole in the ring, and is read in one piece. */
const LONGEST: u32 = RING_BYTES;
if (DNS && STREAM_MESSAGE + LONGEST > RX_FRAME + FRAME_BYTES)
  ERROR("the frame buffers are too small");

/** Opens a connection to the server. Where there is none, the timer goes on to the next. */
export function openStream(): void {
  store<u32>(ADDRESS_BUFFER, lookup.serverAddress);
  lookup.waits = atLeastZero(connect(4, DNS_PORT, 0, 0));
}

/** Nothing is waited for any more; a port is no handle, and closes nothing. */
export function endWaiting(): void {
  close(lookup.waits);
  lookup.waits = 0;
}

/** The connection has events. Returns what came of it, see readAnswer; below 0: it is not all there. */
export function streamEvents(handle: u32): i32 {
  const events = takeEvents(handle);
  select(handle & 0xffff); // an event's handle is never stale
  if (events & (Event.CONNECTED | Event.WRITABLE)) ask();
  const there = unread();
  if (there > 1) {
    ringRead(ringAt(tcb.receiveRing), tcb.rcvRead, STREAM_MESSAGE, there);
    const length = get16(STREAM_MESSAGE) + 2;
    if (there >= length) {
      tcb.rcvRead += there; // so that close() does not reset
      const result = readAnswer(STREAM_MESSAGE + 2, STREAM_MESSAGE + length);
      if (result >= 0) return result;
      count(~result);
      return FAILED;
    }
    if (length > LONGEST) return FAILED;
  }
  return events & (Event.PEER_CLOSED | Event.CLOSED) ? FAILED : -1;
}

/** The question, once the connection is open and has a ring. */
function ask(): void {
  if (!inStates(OPEN_STATES) || !lendSendRing()) return;
  count(Counter.DNS_QUERIES);
  const bytes = questionEmit(STREAM_MESSAGE + 2);
  put16(STREAM_MESSAGE, bytes);
  ringWrite(ringAt(tcb.sendRing), tcb.sndEnd, STREAM_MESSAGE, bytes + 2);
  tcb.sndEnd += bytes + 2;
  offer();
}
