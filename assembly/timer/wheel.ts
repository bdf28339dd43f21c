// A hierarchical timer wheel. A node hangs in the slot of the level at which its deadline first
// differs from the present; a level's slot is emptied downwards (a cascade) when its time begins.
// One bit per occupied slot makes the next event a matter of WHEEL_LEVELS looks. Arm, disarm: O(1).
// Input: nowMs through wheelNext; output: the number of an expired node.

import { listAlone, listAppend, listNext, listUnlink } from "../buffer/list";
import { WHEEL_BITS, WHEEL_LEVELS } from "../config";
import { globals } from "../globals";
import { SLOT_HEAD, SLOT_MAPS, TIMER_NODE } from "../memory";
import { deadlineOf, NEVER } from "./deadline";

const SLOTS: u32 = 1 << WHEEL_BITS;
const SLOT_MASK: u32 = SLOTS - 1;
const SPAN: u32 =
  WHEEL_BITS * WHEEL_LEVELS >= 32 ? 0x40000000 : (1 << (WHEEL_BITS * WHEEL_LEVELS)) >> 1;

function mapOf(level: u32): usize {
  return SLOT_MAPS + ((<usize>level) << 3);
}

export function wheelHas(node: u32): bool {
  return !listAlone(TIMER_NODE + node);
}

/** Hangs a node into the slot its deadline asks for, seen from wheelMs. */
function place(node: u32): void {
  const base = globals.wheelMs;
  let left = load<u32>(deadlineOf(node)) - base;
  if (<i32>left < 0) left = 0;
  if (left > SPAN) left = SPAN; // it will be placed again when that slot comes
  const due = base + left;
  let level: u32 = 0;
  let shift: u32 = 0;
  // The lowest level on whose current round the deadline lies.
  while (level + 1 < WHEEL_LEVELS && due >> (shift + WHEEL_BITS) != base >> (shift + WHEEL_BITS)) {
    level++;
    shift += WHEEL_BITS;
  }
  const slot = (due >> shift) & SLOT_MASK;
  listAppend(SLOT_HEAD + (level << WHEEL_BITS) + slot, TIMER_NODE + node);
  store<u64>(mapOf(level), load<u64>(mapOf(level)) | ((<u64>1) << slot));
}

/** Arms a node for a time at most 2^30 ms away; the past counts as now. Arming again moves it. */
export function wheelArm(node: u32, deadlineMs: u32): void {
  if (!wheelHas(node)) {
    globals.timersArmed += 1;
    if (globals.timersArmed == 1) globals.wheelMs = globals.nowMs; // an empty wheel need not turn
  } else if (load<u32>(deadlineOf(node)) == deadlineMs) return;
  store<u32>(deadlineOf(node), deadlineMs);
  place(node);
}

export function wheelDisarm(node: u32): void {
  if (!wheelHas(node)) return;
  listUnlink(TIMER_NODE + node);
  globals.timersArmed -= 1;
}

/** First occupied slot of a level from `from` on, or SLOTS; forgets bits of slots that are empty. */
function firstSlot(level: u32, from: u32): u32 {
  let map = load<u64>(mapOf(level));
  let slot: u32 = SLOTS;
  while (from < SLOTS && map >> from != 0) {
    slot = from + <u32>ctz<u64>(map >> from);
    if (!listAlone(SLOT_HEAD + (level << WHEEL_BITS) + slot)) break;
    map &= ~((<u64>1) << slot);
    slot = SLOTS;
  }
  store<u64>(mapOf(level), map);
  return slot;
}

let eventLevel: u32 = 0;
let eventSlot: u32 = 0;

/** ms from wheelMs to the next slot that holds something, or NEVER; sets eventLevel, eventSlot. */
function nextEvent(): u32 {
  const base = globals.wheelMs;
  let shift: u32 = 0;
  for (let level: u32 = 0; level < WHEEL_LEVELS; level++) {
    const here = (base >> shift) & SLOT_MASK;
    const slot = firstSlot(level, level == 0 ? here : here + 1);
    if (slot < SLOTS) {
      eventLevel = level;
      eventSlot = slot;
      return ((((base >> shift) & ~SLOT_MASK) | slot) << shift) - base;
    }
    shift += WHEEL_BITS;
  }
  // Only the top level wraps around: what is left lies in its next round.
  shift -= WHEEL_BITS;
  const slot = firstSlot(WHEEL_LEVELS - 1, 0);
  if (slot >= SLOTS) return NEVER;
  eventLevel = WHEEL_LEVELS - 1;
  eventSlot = slot;
  return ((((base >> shift) & ~SLOT_MASK) + SLOTS + slot) << shift) - base;
}

/** ms from nowMs to the next event: never late, early by at most a cascade; NEVER when none. */
export function wheelDeadline(): u32 {
  if (globals.timersArmed == 0) return NEVER;
  const ahead = nextEvent();
  const behind = globals.nowMs - globals.wheelMs;
  return ahead > behind ? ahead - behind : 0;
}

/** The next node whose deadline has come, disarmed; -1 when none is left. Cascades on the way. */
export function wheelNext(): i32 {
  while (globals.timersArmed > 0) {
    const ahead = nextEvent();
    if (ahead > globals.nowMs - globals.wheelMs) break;
    globals.wheelMs += ahead;
    const head = SLOT_HEAD + (eventLevel << WHEEL_BITS) + eventSlot;
    if (eventLevel == 0) {
      const node = listNext(head) - TIMER_NODE;
      wheelDisarm(node);
      return node;
    }
    // A cascade: each node moves to a lower level. All at once: the slot's time begins only once.
    while (!listAlone(head)) place(listNext(head) - TIMER_NODE);
  }
  globals.wheelMs = globals.nowMs;
  return -1;
}
