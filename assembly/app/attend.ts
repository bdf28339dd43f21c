// What a built-in service does with a connection of its own, each time that something has come, that there is room
// to send, or that a segment has left: the connection is ready then, and transmit comes by. Input: the receive
// ring; output: the send ring. One look does a ring's worth of work at most.
//
// No service keeps a record: what it is about follows from the state of the connection and from sndUp, the
// place, which nobody else needs while nothing urgent is sent. The limits are those of an orphan: a peer
// without progress is let go after ORPHAN_SECONDS.

import { CHARGEN, DISCARD, ECHO, HELLO, HTTP, RINGS_ARE_FEWER } from "../config";
import { Service } from "../constants";
import { both } from "../order";
import { listenerAt, unqueue } from "../tcp/listener";
import { finReceived, lendSendRing, unread } from "../tcp/pool";
import { inStates, noteProgress, OPEN_STATES } from "../tcp/state";
import { Flag, has, tcb } from "../tcp/tcb";
import { closeSending, forgetRead, letGo } from "../tcp/user";
import { limitLife } from "../tcp/watch";
import { answerRequest } from "./http";
import { echo, generate } from "./stream";
import { GREETING, print } from "./text";

/** The current connection is ready: its service looks at it, if it has one. */
export function attend(): void {
  if (!has(Flag.SERVED)) return;
  const open = inStates(OPEN_STATES);
  if (open && !has(Flag.LIFE)) limitLife();
  const service = open ? <u32>listenerAt(tcb.listener).service : 0;
  if (ECHO && service == Service.ECHO) echo();
  else if (HTTP && service == Service.HTTP) answerRequest();
  else {
    if (HELLO && service == Service.HELLO) greet();
    else if (CHARGEN && service == Service.CHARGEN) generate();
    discard(DISCARD && service == Service.DISCARD);
  }
  if (RINGS_ARE_FEWER && has(Flag.WANTS_RING)) return; // there is an answer yet to come
  if (!both(finReceived(), unread() == 0)) return;
  unqueue();
  letGo();
}

/** hello: its line, and our FIN. */
function greet(): void {
  if (!lendSendRing()) return;
  print(GREETING);
  closeSending();
}

/** What has come is thrown away: as a service, or because the answer has been given. */
function discard(isProgress: bool): void {
  const length = unread();
  if (length == 0) return;
  if (isProgress) noteProgress();
  forgetRead(length);
}
