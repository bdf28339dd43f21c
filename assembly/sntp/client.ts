// SNTP client (RFC 4330): asks a time server at once, then every 17 minutes; one that does not answer less
// and less often. What it says is offered to applications; no timer here ever uses it.

import { DHCP, INTERFACE_COUNT, SNTP } from "../config";
import { Counter, Errno, Event } from "../constants";
import { count } from "../counter";
import { leaseAt } from "../dhcp/lease";
import { closeHandle, handleOf, isOpen, openHandle, raise } from "../event";
import { globals } from "../globals";
import { random } from "../hash";
import { ownV4 } from "../ip/address";
import { givenServer } from "../ip/addressing";
import { chooseSource } from "../ip/output";
import { CLOCK_TASK, RX_FRAME, TASK_NODE } from "../memory";
import { both, either, smaller } from "../order";
import { armTask, stopTask, taskOf } from "../task";
import { ANY_ADDRESS } from "../tcp/listener";
import { messageAt, readyTo, sendMessage, stationTo } from "../udp/message";
import { choosePort } from "../udp/user";
import { etherPayload } from "../wire/ethernet";
import { ipSource, PROTOCOL_UDP } from "../wire/ipv4";
import {
  NTP_BYTES,
  ntpEmit,
  ntpIsAnswer,
  ntpOrigin,
  ntpReceived,
  ntpSent,
  ntpStratum,
} from "../wire/ntp";
import { NTP_PORT } from "../wire/udp";
import { TimeSample, timeSample } from "./sample";

/** Between questions, ms: never less than 15 s (RFC 4330 section 10). */
const FIRST_MS: u32 = 16000;
const LONGEST_SHIFT: u32 = 6;
const POLL_MS: u32 = FIRST_MS << LONGEST_SHIFT;
/** From 1900 to 1970, s. */
const UNIX_EPOCH: u32 = 2208988800;

/** ABI: the time server, in ADDRESS_BUFFER; length 0: those of the leases. */
export function timeServer(length: u32): i32 {
  if (!SNTP) return -Errno.EINVAL;
  if (!globals.seeded) return -Errno.EAGAIN;
  const error = givenServer(changetype<usize>(timeSample) + offsetof<TimeSample>("wanted"), length);
  if (error != 0) return error;
  timeSample.tries = 0;
  armTask(CLOCK_TASK, 0);
  const node = TASK_NODE + CLOCK_TASK;
  return <i32>(isOpen(node) ? handleOf(node) : openHandle(node));
}

/** Stops the clock if the handle is its own; false: it is not. */
export function closeClock(handle: u32): bool {
  if (taskOf(handle, CLOCK_TASK, 1) < 0) return false;
  stopTask(CLOCK_TASK);
  closeHandle(TASK_NODE + CLOCK_TASK);
  timeSample.port = 0;
  return true;
}

/** The server to ask, or 0: the user's; else one of a lease, each in turn. */
function chooseServer(): u32 {
  const s = timeSample;
  if (s.wanted != 0) return s.wanted;
  for (let i: u32 = 0; DHCP && i < INTERFACE_COUNT; i++) {
    const lease = leaseAt(i);
    const second = both((s.tries & 1) != 0, lease.timeServer2 != 0);
    const server = second ? lease.timeServer2 : lease.timeServer;
    if (server != 0) return server;
  }
  return 0;
}

/** A question is due. */
export function clockExpired(): void {
  const s = timeSample;
  armTask(CLOCK_TASK, FIRST_MS << smaller(s.tries, LONGEST_SHIFT));
  s.asked = chooseServer();
  if (s.asked == 0) return; // a lease may name one later
  s.port = <u16>choosePort(PROTOCOL_UDP, ANY_ADDRESS);
  // Not the time: it is nobody's business, and a random number cannot be guessed.
  s.origin = ((<u64>random()) << 32) | (<u64>random());
  s.tries += u16(<u32>s.tries < 255);
  readyTo(CLOCK_TASK, s.asked);
}

/** The question: its length, or 0. */
export function clockTransmit(iface: u32): u32 {
  const s = timeSample;
  const local = chooseSource(s.asked);
  if (local < 0) return 0;
  const to = stationTo(CLOCK_TASK, iface, local, s.asked);
  if (to == 0) return 0;
  count(Counter.SNTP_QUERIES);
  ntpEmit(messageAt(), s.origin);
  s.sentUs = globals.nowUs;
  const ports = ((<u32>s.port) << 16) | NTP_PORT;
  return sendMessage(iface, to, ownV4(local), s.asked, ports, NTP_BYTES, globals.ttl);
}

/** A datagram; true: it was an answer to a question of ours, or pretends to be. */
export function clockInput(port: u32, from: u32, p: usize, len: u32): bool {
  const s = timeSample;
  if (either(port == 0, <u32>s.port != port)) return false;
  const server = both(from == NTP_PORT, ipSource(etherPayload(RX_FRAME)) == s.asked);
  if (!server || len < NTP_BYTES || ntpOrigin(p) != s.origin) count(Counter.DROP_SNTP);
  else answer(p);
  return true;
}

/** RFC 4330 section 5: what the server says, or that it asks for silence. */
function answer(p: usize): void {
  const s = timeSample;
  s.port = 0; // one answer to a question
  armTask(CLOCK_TASK, POLL_MS);
  if (either(!ntpIsAnswer(p), ntpStratum(p) - 1 > 14)) {
    count(Counter.DROP_SNTP);
    return;
  }
  const roundTripUs = globals.nowUs - s.sentUs;
  const stay = ntpSent(p) - ntpReceived(p);
  const away = ((<u64>roundTripUs) << 32) / 1000000;
  const now = ntpSent(p) + (away > stay ? (away - stay) >> 1 : 0);
  s.seconds = <u32>(now >> 32) - UNIX_EPOCH;
  s.fraction = <u32>now;
  s.atMs = globals.nowMs;
  s.atUs = globals.nowUs;
  s.roundTripUs = roundTripUs;
  s.stratum = ntpStratum(p);
  s.server = s.asked;
  s.tries = 0;
  raise(TASK_NODE + CLOCK_TASK, Event.READABLE);
}
