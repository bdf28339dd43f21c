// The connection to a name server whose answer was truncated (RFC 7766): a question, an answer, each
// behind its length in two bytes. Its events go to the lookup, not to the host.

import { get16, put16 } from "../bytes";
import { ringAt, ringRead, ringWrite } from "../buffer/ring";
import { FRAME_BYTES, RING_BYTES } from "../config";
import { Event } from "../constants";
import { takeEvents } from "../event";
import { ADDRESS_BUFFER, TX_FRAME } from "../memory";
import { lendSendRing, unread } from "../tcp/pool";
import { inStates, OPEN_STATES } from "../tcp/state";
import { selectHandle, tcb } from "../tcp/tcb";
import { close, connect, offer } from "../tcp/user";
import { DNS_PORT } from "../wire/udp";
import { questionEmit } from "./message";
import { Lookup } from "./record";

/** Bytes of an answer: it must be whole in the ring, and is read in one piece. */
const LONGEST: u32 = RING_BYTES - 2 < FRAME_BYTES ? RING_BYTES - 2 : FRAME_BYTES;

/** Opens a connection to the lookup's server; false: there is none. */
export function openStream(l: Lookup): bool {
  store<u32>(ADDRESS_BUFFER, l.serverAddress);
  const handle = connect(4, DNS_PORT, 0, 0);
  if (handle < 0) return false;
  l.connection = handle;
  return true;
}

export function endStream(l: Lookup): void {
  if (l.connection == 0) return;
  close(l.connection);
  l.connection = 0;
}

/** The connection has events. Returns the bytes of the answer, in TX_FRAME then; 0: none will come; below
 * 0: it is not all there. */
export function streamEvents(l: Lookup): i32 {
  const events = takeEvents(l.connection);
  if (!selectHandle(l.connection)) return 0;
  if (events & (Event.CONNECTED | Event.WRITABLE)) ask(l);
  const there = unread();
  if (there >= 2) {
    const ring = ringAt(tcb.receiveRing);
    ringRead(ring, tcb.rcvRead, TX_FRAME, 2);
    const length = get16(TX_FRAME);
    if (length > LONGEST) return 0;
    if (there >= length + 2) {
      ringRead(ring, tcb.rcvRead + 2, TX_FRAME, length);
      tcb.rcvRead += there; // so that close() does not reset
      return length;
    }
  }
  return events & (Event.PEER_CLOSED | Event.CLOSED) ? 0 : -1;
}

/** The question, once the connection is open and has a ring. */
function ask(l: Lookup): void {
  if (!inStates(OPEN_STATES) || !lendSendRing()) return;
  const bytes = questionEmit(TX_FRAME + 2, l);
  put16(TX_FRAME, bytes);
  ringWrite(ringAt(tcb.sendRing), tcb.sndEnd, TX_FRAME, bytes + 2);
  tcb.sndEnd += bytes + 2;
  offer();
}
