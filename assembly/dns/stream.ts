// The connection to a name server whose answer was truncated (RFC 7766): a question, an answer, each
// behind its length in two bytes. Its events go to the lookup, not to the host.

import { get16, put16 } from "../bytes";
import { ringAt, ringRead, ringWrite } from "../buffer/ring";
import { FRAME_BYTES, RING_BYTES } from "../config";
import { Event } from "../constants";
import { takeEvents } from "../event";
import { ADDRESS_BUFFER, TX_FRAME } from "../memory";
import { smaller } from "../order";
import { lendSendRing, unread } from "../tcp/pool";
import { inStates, OPEN_STATES } from "../tcp/state";
import { select, tcb } from "../tcp/tcb";
import { close, connect, offer } from "../tcp/user";
import { DNS_PORT } from "../wire/udp";
import { questionEmit } from "./message";
import { lookup } from "./record";

/** Where the answer stands, for as long as nothing is sent. */
export const STREAM_ANSWER: usize = TX_FRAME + 2;

/** Bytes of an answer with its length: it must be whole in the ring, and is read in one piece. */
const LONGEST: u32 = RING_BYTES < FRAME_BYTES ? RING_BYTES : FRAME_BYTES;

/** Opens a connection to the server; false: there is none. */
export function openStream(): bool {
  store<u32>(ADDRESS_BUFFER, lookup.serverAddress);
  const handle = connect(4, DNS_PORT, 0, 0);
  if (handle < 0) return false;
  lookup.connection = handle;
  return true;
}

export function endStream(): void {
  if (lookup.connection == 0) return;
  close(lookup.connection);
  lookup.connection = 0;
}

/** The connection has events. Returns the bytes of the answer, at STREAM_ANSWER then; 0: none will come;
 * below 0: it is not all there. */
export function streamEvents(handle: u32): i32 {
  const events = takeEvents(handle);
  select(handle & 0xffff); // an event's handle is never stale
  if (events & (Event.CONNECTED | Event.WRITABLE)) ask();
  const there = unread();
  if (there >= 2) {
    ringRead(ringAt(tcb.receiveRing), tcb.rcvRead, TX_FRAME, smaller(there, LONGEST));
    const length = get16(TX_FRAME);
    if (length + 2 > LONGEST) return 0;
    if (there >= length + 2) {
      tcb.rcvRead += there; // so that close() does not reset
      return length;
    }
  }
  return events & (Event.PEER_CLOSED | Event.CLOSED) ? 0 : -1;
}

/** The question, once the connection is open and has a ring. */
function ask(): void {
  if (!inStates(OPEN_STATES) || !lendSendRing()) return;
  const bytes = questionEmit(STREAM_ANSWER);
  put16(TX_FRAME, bytes);
  ringWrite(ringAt(tcb.sendRing), tcb.sndEnd, TX_FRAME, bytes + 2);
  tcb.sndEnd += bytes + 2;
  offer();
}
