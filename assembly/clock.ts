// Time: one clock call, one question when to come back, and the timers that are due.

import { listAlone, listUnlink } from "./buffer/list";
import {
  AGEING,
  AGEING_MS,
  CACHES,
  CONFLICT_DETECTION,
  DNS,
  EXPIRE_BATCH,
  FRAGMENTS,
  HTTP,
  ICMP_REPORTS,
  INTERFACE_COUNT,
  PATH_CACHE,
  TALKS_TO_ITSELF,
  TASKS,
  TCB_COUNT,
  TIMER_WHEEL,
  UDP,
} from "./config";
import { forgetNames } from "./dns/lookup";
import { globals } from "./globals";
import { addressExpired } from "./ip/address";
import { assemblyExpired } from "./ip/fragment";
import { agePaths } from "./ip/path";
import { isUp } from "./link/interface";
import { firstWaiter, forgetStations, neighbourExpired } from "./link/neighbour";
import {
  ADDRESS_TIMER,
  ASSEMBLY_TIMER,
  ARP_HEAD,
  NEIGHBOUR_TIMER,
  READY_HEAD,
  SOCKET_READY,
  TASK_READY,
  TASK_TIMER,
} from "./memory";
import { both, smaller } from "./order";
import { taskExpired } from "./tasks";
import { age } from "./tcp/state";
import { giveUpHandshakes, synDeadline } from "./tcp/synCache";
import { Tcb, tcbAt } from "./tcp/tcb";
import { endTimeWaits, expireTimeWait, timeWaitDeadline } from "./tcp/timeWait";
import { nextHopFailed, tcbExpired } from "./tcp/timers";
import { NEVER } from "./timer/deadline";
import { timerDeadline, timerNext } from "./timer/timer";
import { datagramLost } from "./udp/output";

/** More than any 2 x MSL and any handshake, less than the ticks of TIME-WAIT entries can tell. */
const LONG_SLEEP_MS: u32 = 30 * 60000;

/** ABI: the time is now. Both clocks wrap; backwards counts as standing still. */
export function advance(nowMs: u32, nowUs: u32): void {
  const g = globals;
  if (!g.clockRuns) {
    g.clockRuns = 1;
    if (HTTP) g.startMs = nowMs;
    if (TIMER_WHEEL) g.wheelMs = nowMs;
    if (ICMP_REPORTS) g.icmpMs = nowMs - 1000;
  } else if (<i32>(nowMs - g.nowMs) < 0) return;
  if (CACHES && nowMs - g.nowMs >= LONG_SLEEP_MS) {
    endTimeWaits();
    giveUpHandshakes();
  }
  g.nowMs = nowMs;
  g.nowUs = nowUs;
  if (nowMs - g.agedMs >= AGEING_MS) ageAll();
}

/** Those of connections. */
function ageStamps(): void {
  let i: u32 = 0;
  do {
    const t = changetype<usize>(tcbAt(i));
    for (let at = offsetof<Tcb>("tsRecentMs"); at < offsetof<Tcb>("tsOffset"); at += 4) {
      store<u32>(t + at, age(load<u32>(t + at)));
    }
  } while (++i < TCB_COUNT);
}

/** Moves stamps along that are so old that a wrap would make them look young. */
function ageAll(): void {
  globals.agedMs = globals.nowMs;
  if (AGEING) ageStamps();
  if (PATH_CACHE) agePaths();
  if (DNS) forgetNames();
  forgetStations(~0); // asked again when they are used
  if (CACHES) globals.synOverflowed = 0; // a minute counts, and this is once in three days
}

/** True if transmit has something for an interface that is up. */
function isOutputPending(): bool {
  let i: u32 = 0;
  do {
    if (isUp(i) && !both(listAlone(READY_HEAD + i), listAlone(ARP_HEAD + i))) return true;
  } while (++i < INTERFACE_COUNT + u32(TALKS_TO_ITSELF));
  return false;
}

/** ABI: ms from the last advance until there is work; 0: now; 0xFFFFFFFF: never. */
export function nextDeadline(): u32 {
  if (CACHES && !globals.started) return NEVER; // lists are none yet
  if (isOutputPending()) return 0;
  if (!CACHES) return timerDeadline();
  return smaller(timerDeadline(), smaller(synDeadline(), timeWaitDeadline()));
}

/** ABI: timers that are due, a bounded number; 1: more are. */
export function expire(): u32 {
  if (CACHES && !globals.started) return 0;
  let i: u32 = 0;
  do {
    const node = timerNext();
    if (node >= 0) expired(node);
    else if (!CACHES || !expireTimeWait()) return 0;
  } while (++i < EXPIRE_BATCH);
  return 1;
}

function expired(node: u32): void {
  if (node < NEIGHBOUR_TIMER) tcbExpired(node);
  else if (node < ADDRESS_TIMER) {
    const neighbour = node - NEIGHBOUR_TIMER;
    if (neighbourExpired(neighbour)) neighbourFailed(neighbour);
  } else if (TASKS && node >= TASK_TIMER) taskExpired(node - TASK_TIMER);
  else if (FRAGMENTS && node >= ASSEMBLY_TIMER) assemblyExpired(node - ASSEMBLY_TIMER);
  else if (CONFLICT_DETECTION) addressExpired(node - ADDRESS_TIMER);
}

/** What waits for a next hop that does not answer. */
function neighbourFailed(neighbour: u32): void {
  for (;;) {
    const node = firstWaiter(neighbour);
    if (node < 0) return;
    listUnlink(node);
    if (TASKS && <u32>node >= TASK_READY) continue; // its own timer tells it
    if (UDP && <u32>node >= SOCKET_READY) datagramLost(node - SOCKET_READY);
    else nextHopFailed(node);
  }
}
