// Services that go on until the peer half-closes: echo (RFC 862) and chargen (RFC 864).

import { ringAt, ringPointer, ringSpan, ringWrite } from "../buffer/ring";
import { smaller } from "../order";
import { lendSendRing, unread } from "../tcp/pool";
import { noteProgress } from "../tcp/state";
import { tcb } from "../tcp/tcb";
import { forgetRead, offer, sendRoom } from "../tcp/user";
import { write } from "./text";

/** What has come, as far as there is room and it lies in one piece: the rest when that has left. */
export function echo(): void {
  if (unread() == 0 || !lendSendRing()) return;
  const length = ringSpan(tcb.rcvRead, smaller(unread(), sendRoom()));
  if (length == 0) return;
  const from = ringPointer(ringAt(tcb.receiveRing), tcb.rcvRead);
  ringWrite(ringAt(tcb.sendRing), tcb.sndEnd, from, length);
  tcb.sndEnd += length;
  noteProgress();
  forgetRead(length);
  offer();
}

const LINE: u32 = 72;
const PRINTABLES: u32 = 95;
const PERIOD: u32 = (LINE + 2) * PRINTABLES;

/** As much of the pattern as there is room for: each line begins one character later than that before. */
export function generate(): void {
  if (!lendSendRing()) return;
  let room = sendRoom();
  if (room == 0) return;
  let place = tcb.sndUp;
  do {
    const line = place / (LINE + 2);
    const column = place % (LINE + 2);
    write(column < LINE ? 32 + ((line + column) % PRINTABLES) : column == LINE ? 13 : 10);
    if (++place == PERIOD) place = 0;
  } while (--room != 0);
  tcb.sndUp = place;
  offer();
}
