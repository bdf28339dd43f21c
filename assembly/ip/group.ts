// Multicast groups (RFC 1112), and what routers are told of them: IGMPv3 (RFC 3376), or the version of an
// older router (RFC 2236) while one is heard. Every report has one record. Groups are joined for all
// sources; another host's report does not silence ours (version 3 knows no such rule).

import { get8 } from "../bytes";
import { checksum } from "../checksum";
import { GROUP_COUNT, INTERFACE_COUNT } from "../config";
import { Counter, Errno, Pool } from "../constants";
import { count, drop } from "../counter";
import { elapsed, globals } from "../globals";
import { random } from "../hash";
import { addressOn } from "./address";
import { givenV4, isMulticast } from "./addressing";
import { ipPayload, ipSend } from "./output";
import { isConfigured, macOf } from "../link/interface";
import { GROUP_BYTES, GROUP_PORTS, GROUP_RECORDS, GROUP_TASK, TX_FRAME } from "../memory";
import { both, either } from "../order";
import { claimed, released } from "../pool";
import { readyTask, wakeTask } from "../task";
import { etherPayload, macGroup } from "../wire/ethernet";
import {
  IGMP_BYTES,
  IGMP_QUERY,
  IGMP_V1_REPORT,
  IGMP_V2_LEAVE,
  IGMP_V2_REPORT,
  IGMP_V3_QUERY_BYTES,
  igmpEmit,
  igmpEmitRecord,
  igmpGroup,
  IS_EXCLUDE,
  TO_EXCLUDE,
  TO_INCLUDE,
} from "../wire/igmp";
import { PROTOCOL_IGMP, setRouterAlert } from "../wire/ipv4";

/** 224.0.0.1 and 224.0.0.2, as they lie in a packet: all hosts, all routers. */
const ALL_HOSTS: u32 = 0x010000e0;
const ALL_ROUTERS: u32 = 0x020000e0;
/** RFC 3376 section 8.1: each change is told so often. */
const ROBUSTNESS: u32 = 2;
/** RFC 3376 section 8.11: between two such reports, ms at most. */
const REPORT_MS: u32 = 1000;
/** RFC 3376 section 8.12: how long an older router counts as present, ms. */
const OLDER_ROUTER_MS: u32 = 260000;
/** To all who hear it here and no further, before other traffic: RFC 3376 section 4. */
const HOPS: u32 = 1 | (48 << 16);


@unmanaged
export class Group {
  /** As it lies in a packet; 0: free. */
  v4: u32;
  interface: u8;
  /** How often it was joined; 0: it has been left, and routers are being told. */
  users: u8;
  /** Reports of a change that have not left yet. */
  changes: u8;
  /** 1: a report is due. */
  due: u8;
}

if (offsetof<Group>() != GROUP_BYTES) ERROR("GROUP_BYTES");

/** What is known of the routers on an interface. */
@unmanaged
class GroupPort {
  /** The version of an older router, 1 or 2; 0: there is none. */
  older: u32;
  /** When it was heard last, ms. */
  olderMs: u32;
}

function groupAt(i: u32): Group {
  return changetype<Group>(GROUP_RECORDS + <usize>i * GROUP_BYTES);
}

function portOf(iface: u32): GroupPort {
  return changetype<GroupPort>(GROUP_PORTS + ((<usize>iface) << 3));
}

/** The number of a group on an interface, or of a free record (0, 0); -1: there is none. */
function findGroup(iface: u32, v4: u32): i32 {
  for (let i: u32 = 0; i < GROUP_COUNT; i++) {
    const g = groupAt(i);
    if (both(g.v4 == v4, <u32>g.interface == iface)) return <i32>i;
  }
  return -1;
}

/** True for a group that is heard on an interface. */
export function isHeard(iface: u32, v4: u32): bool {
  if (v4 == ALL_HOSTS) return true;
  const i = findGroup(iface, v4);
  return i >= 0 && groupAt(i).users != 0;
}

/** ABI: hears a group, in ADDRESS_BUFFER, on an interface. */
export function join(iface: u32, length: u32): i32 {
  const error = badGroup(iface, length);
  return error != 0 ? error : joinGroup(iface, givenV4());
}

/** ABI: as often as it was joined; then the group is not heard any more. */
export function leave(iface: u32, length: u32): i32 {
  const error = badGroup(iface, length);
  return error != 0 ? error : leaveGroup(iface, givenV4());
}

function badGroup(iface: u32, length: u32): i32 {
  if (length == 16) return -Errno.EAFNOSUPPORT;
  const v4 = givenV4();
  const bad = either(length != 4, either(!isMulticast(v4), v4 == ALL_HOSTS));
  return bad || iface >= INTERFACE_COUNT || !isConfigured(iface) ? -Errno.EINVAL : 0;
}

export function joinGroup(iface: u32, v4: u32): i32 {
  let i = findGroup(iface, v4);
  if (i < 0) {
    i = findGroup(0, 0);
    if (i < 0) return -Errno.ENOBUFS;
    claimed(Pool.GROUP);
    groupAt(i).v4 = v4;
    groupAt(i).interface = <u8>iface;
  }
  const g = groupAt(i);
  if (<u32>g.users == 255) return -Errno.ENOBUFS;
  g.users += 1;
  if (<u32>g.users == 1) change(g);
  return 0;
}

export function leaveGroup(iface: u32, v4: u32): i32 {
  if (!isHeard(iface, v4)) return -Errno.EADDRNOTAVAIL;
  const g = groupAt(findGroup(iface, v4));
  g.users -= 1;
  if (g.users == 0) change(g);
  return 0;
}

/** RFC 3376 section 5.1: a change is told at once, and again. */
function change(g: Group): void {
  g.changes = <u8>ROBUSTNESS;
  g.due = 1;
  readyTask(GROUP_TASK + <u32>g.interface, g.interface);
}

/** The link is up again: its routers may be others. */
export function tellGroups(iface: u32): void {
  portOf(iface).older = 0;
  for (let i: u32 = 0; i < GROUP_COUNT; i++) {
    const g = groupAt(i);
    if (both(g.v4 != 0, <u32>g.interface == iface)) change(g);
  }
}

/** One IGMP message of len bytes: queries are answered later (RFC 3376 section 5.2, 7.2). */
export function igmpInput(iface: u32, p: usize, len: u32): u32 {
  if (len < IGMP_BYTES || checksum(p, len, 0) != 0) return drop(Counter.DROP_IGMP_MALFORMED);
  if (get8(p) != IGMP_QUERY) return 0; // what other hosts report
  const group = igmpGroup(p);
  const short = len < IGMP_V3_QUERY_BYTES;
  if (either(both(group != 0, !isMulticast(group)), both(short, len != IGMP_BYTES)))
    return drop(Counter.DROP_IGMP_MALFORMED);
  let code = get8(p + 1);
  if (short) {
    const port = portOf(iface);
    port.older = 2 - u32(code == 0);
    port.olderMs = globals.nowMs;
    if (code == 0) code = 100; // version 1: 10 s
  } else if (code > 127) code = ((code & 15) | 16) << (((code >> 4) & 7) + 3);
  for (let i: u32 = 0; i < GROUP_COUNT; i++) {
    const g = groupAt(i);
    const asked = both(g.users != 0, either(group == 0, g.v4 == group));
    if (both(asked, <u32>g.interface == iface)) wakeTask(GROUP_TASK + iface, answer(g, code));
  }
  return 0;
}

/** Marks a group for a report; returns in how many ms, at most code tenths of a second. */
function answer(g: Group, code: u32): u32 {
  g.due = 2;
  return random() % (code * 100 + 1);
}

/** The timer of an interface: what has been asked for, and changes that are told once more. */
export function groupExpired(iface: u32): void {
  for (let i: u32 = 0; i < GROUP_COUNT; i++) {
    const g = groupAt(i);
    if (either(<u32>g.interface != iface, (g.changes | g.due) == 0)) continue;
    g.due = 1;
    readyTask(GROUP_TASK + iface, iface);
  }
}

/** The next report of an interface: its length, or 0. */
export function groupTransmit(iface: u32): u32 {
  for (let i: u32 = 0; i < GROUP_COUNT; i++) {
    const g = groupAt(i);
    if (either(<u32>g.interface != iface, <u32>g.due != 1)) continue;
    readyTask(GROUP_TASK + iface, iface); // there may be more
    const left = g.users == 0;
    const record = g.changes == 0 ? IS_EXCLUDE : left ? TO_INCLUDE : TO_EXCLUDE;
    const v4 = g.v4;
    reported(g);
    return report(iface, v4, record);
  }
  return 0;
}

/** A report of a group has left. */
function reported(g: Group): void {
  g.due = 0;
  if (g.changes != 0) g.changes -= 1;
  if (g.changes != 0) wakeTask(GROUP_TASK + <u32>g.interface, random() % REPORT_MS);
  else if (g.users == 0) {
    g.v4 = 0;
    g.interface = 0;
    released(Pool.GROUP);
  }
}

/** One report, in the version that the routers of the interface speak; its length, or 0. */
function report(iface: u32, v4: u32, record: u32): u32 {
  const port = portOf(iface);
  if (elapsed(port.olderMs) >= OLDER_ROUTER_MS) port.older = 0;
  const left = record == TO_INCLUDE;
  if (both(<u32>port.older == 1, left)) return 0; // version 1 hosts leave in silence
  const p = ipPayload() + 4;
  let to: u32 = 0x160000e0; // 224.0.0.22 (RFC 3376 section 4.2.14)
  let bytes: u32 = 0;
  if (port.older == 0) bytes = igmpEmitRecord(p, record, v4);
  else {
    const type = left ? IGMP_V2_LEAVE : port.older == 1 ? IGMP_V1_REPORT : IGMP_V2_REPORT;
    bytes = igmpEmit(p, type, v4);
    to = left ? ALL_ROUTERS : v4;
  }
  count(Counter.IGMP_REPORTS);
  const source = addressOn(iface);
  const length = ipSend(iface, macOf(iface), source, to, PROTOCOL_IGMP, bytes + 4, HOPS);
  setRouterAlert(etherPayload(TX_FRAME));
  macGroup(TX_FRAME, to);
  return length;
}
