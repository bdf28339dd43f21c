// An answer that is too long for a datagram is asked for by TCP (RFC 7766): each message behind its length.
// The core is the user of the connection: its handle is the lookup's, and hosts never hear of it.

import { get16, put16 } from "../bytes";
import { ringAt, ringRead, ringWrite } from "../buffer/ring";
import { FRAME_BYTES, RING_BYTES } from "../config";
import { Counter, Errno, Event } from "../constants";
import { count } from "../counter";
import { takeEvents } from "../event";
import { ADDRESS_BUFFER, RX_FRAME } from "../memory";
import { atLeastZero } from "../order";
import { lendSendRing, unread } from "../tcp/pool";
import { makeReady } from "../tcp/ready";
import { selectHandle, tcb } from "../tcp/tcb";
import { close, connect } from "../tcp/user";
import { DNS_PORT } from "../wire/udp";
import { readAnswer, STREAM_MESSAGE, TRUNCATED, writeQuestion } from "./message";
import { lookup } from "./record";

if (STREAM_MESSAGE + RING_BYTES > RX_FRAME + FRAME_BYTES)
  ERROR("both frame buffers take what a ring holds");

/** The answer has not come yet. */
export const WAIT: u32 = 102;

/** Connects to the server that truncated its answer. Where that fails the timer goes on to the next. */
export function openStream(): void {
  count(Counter.DNS_TRUNCATED);
  const l = lookup;
  l.port = 0;
  store<u32>(ADDRESS_BUFFER, l.serverAddress);
  l.connection = atLeastZero(connect(4, DNS_PORT, 0, 0));
}

/** Ends the connection, if there is one, in good order: what it brought counts as read. */
export function closeStream(): void {
  const handle = lookup.connection;
  lookup.connection = 0;
  if (selectHandle(handle)) tcb.rcvRead += unread();
  close(handle);
}

/** Something happened to the connection: what its answer says, or WAIT. */
export function streamEvent(): u32 {
  const handle = lookup.connection;
  const events = takeEvents(handle);
  selectHandle(handle);
  if (events & (Event.CONNECTED | Event.WRITABLE)) sendQuestion();
  const bytes = unread();
  if (bytes > 1) {
    ringRead(ringAt(tcb.receiveRing), tcb.rcvRead, STREAM_MESSAGE, bytes);
    const length = get16(STREAM_MESSAGE);
    if (length <= bytes - 2) {
      const message = STREAM_MESSAGE + 2;
      const says = readAnswer(message, message + length);
      return says < TRUNCATED ? says : Errno.ESERVFAIL; // or dropped
    }
    if (length > RING_BYTES - 2) return Errno.ESERVFAIL;
  }
  return events & (Event.PEER_CLOSED | Event.CLOSED) ? Errno.ESERVFAIL : WAIT;
}

/** The question, once the connection is open; without a send ring WRITABLE comes when there is one. */
function sendQuestion(): void {
  if (!lendSendRing()) return;
  const bytes = writeQuestion(STREAM_MESSAGE + 2);
  put16(STREAM_MESSAGE, bytes);
  ringWrite(ringAt(tcb.sendRing), tcb.sndEnd, STREAM_MESSAGE, bytes + 2);
  tcb.sndEnd += bytes + 2;
  makeReady();
}
