// ICMP errors about our segments (RFC 9293 section 3.9.2.2). RFC 5927: only with a sequence number
// that is in flight; hard errors end a connection only before it is open.

import { get32 } from "../bytes";
import { CACHES, MINIMUM_MSS, ONE_ADDRESS, PATH_CACHE, PATH_MTU, TCB_COUNT } from "../config";
import { Cause, Errno, Event, State } from "../constants";
import { putV4 } from "../ip/addressing";
import { notePath } from "../ip/path";
import { TIME_WAIT_ID } from "../memory";
import { both, either } from "../order";
import { flight, repair } from "./congestion";
import { forget, lookup } from "./demux";
import { end, endReset } from "./pool";
import { makeReady } from "./ready";
import { startRto } from "./schedule";
import { inStates, isAllAcknowledged, noteProgress, OPENING_STATES, tell } from "./state";
import { synEntryAt } from "./synCache";
import { Flag, has, hasOption, remoteOf, select, setPorts, tcb, TIMESTAMPS, tuple } from "./tcb";
import {
  CODE_FRAGMENTATION_NEEDED,
  CODE_PORT,
  CODE_PROTOCOL,
  ICMP_UNREACHABLE,
} from "../wire/icmp";
import { IPV4_BYTES } from "../wire/ipv4";
import { TCP_BYTES, tcpPorts, TIMESTAMP_BYTES } from "../wire/tcp";

/** p: the quoted ports and sequence number; kind: type and code. False: not about a segment of ours
 * in flight. */
export function tcpUnreachable(local: u32, remoteV4: u32, p: usize, kind: u32, mtu: u32): bool {
  putV4(remoteOf(tuple), remoteV4);
  if (!ONE_ADDRESS) tuple.address = <u8>local;
  setPorts(tuple, rotl<u32>(tcpPorts(p), 16)); // it came from us
  const id = lookup(tuple);
  const code = kind - (ICMP_UNREACHABLE << 8);
  const hard = code - CODE_PROTOCOL <= CODE_PORT - CODE_PROTOCOL;
  if (<u32>id >= TCB_COUNT) {
    return CACHES && hard && <u32>id < TIME_WAIT_ID && handshakeEnds(id, get32(p + 4));
  }
  select(id);
  if (get32(p + 4) - tcb.sndUna >= flight()) return false;
  if (code == CODE_FRAGMENTATION_NEEDED) return PATH_MTU && shrink(mtu);
  const error = hard ? Errno.ECONNREFUSED : Errno.EHOSTUNREACH;
  if (both(hard, inStates(OPENING_STATES))) end(error, Cause.UNREACHABLE);
  else softError(error);
  return true;
}

/** A hard error about a SYN+ACK of the SYN cache: the handshake is over. */
function handshakeEnds(id: u32, seq: u32): bool {
  if (seq != synEntryAt(id).iss) return false;
  forget(id, State.CLOSED, Cause.UNREACHABLE);
  return true;
}

/** What every path takes, and what an old router means that names no size (RFC 1191 section 5). */
export const PLAIN_MTU: u32 = 576;

/** RFC 1191: smaller segments from here on, and what was too large again. A router that names a size
 * that no link has is not believed. */
function shrink(mtu: u32): bool {
  if (inStates(OPENING_STATES)) return false; // a SYN fits every path
  if (mtu == 0) mtu = PLAIN_MTU;
  if (!fitPath(mtu)) return false;
  if (PATH_CACHE) notePath(remoteOf(tcb), mtu);
  if (!isAllAcknowledged()) {
    repair(flight());
    makeReady();
  }
  return true;
}

/** Segments that fit an MTU. False: they did before, or none would. */
export function fitPath(mtu: u32): bool {
  const headers = IPV4_BYTES + TCP_BYTES + (hasOption(tcb, TIMESTAMPS) ? TIMESTAMP_BYTES : 0);
  if (either(mtu < headers + MINIMUM_MSS, mtu - headers >= <u32>tcb.sndMss)) return false;
  tcb.sndMss = <u16>(mtu - headers);
  return true;
}

/** An error that ends nothing: the application may ask for it. */
function softError(error: u32): void {
  tcb.error = <u8>error;
  tell(Event.SOFT_ERROR);
}

/** Nowhere to send to now: the retransmission timer tries again, and R2 ends it. */
export function noRoute(): void {
  if (has(Flag.RESET)) {
    endReset();
    return;
  }
  softError(Errno.EHOSTUNREACH);
  if (has(Flag.TIMER)) return;
  if (isAllAcknowledged()) noteProgress(); // R2 counts from here
  startRto();
}
