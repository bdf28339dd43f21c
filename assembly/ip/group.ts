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
  IGMP_V2_LEAVE,
  IGMP_V2_REPORT,
  IGMP_V3_QUERY_BYTES,
  IGMP_V3_REPORT_BYTES,
  igmpEmit,
  igmpEmitRecord,
  igmpGroup,
  IS_EXCLUDE,
  TO_EXCLUDE,
  TO_INCLUDE,
} from "../wire/igmp";
import { PROTOCOL_IGMP, ROUTER_ALERT_BYTES, setRouterAlert } from "../wire/ipv4";

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
  /** When an older router was heard last, ms. */
  olderMs: u32;
  /** 1: there is one. */
  older: u16;
  /** 1: a router has asked, and waits for an answer. */
  asked: u16;
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
  return given(iface, length, 1);
}

/** ABI: as often as it was joined; then the group is not heard any more. */
export function leave(iface: u32, length: u32): i32 {
  return given(iface, length, -1);
}

function given(iface: u32, length: u32, more: i32): i32 {
  if (length == 16) return -Errno.EAFNOSUPPORT;
  const v4 = givenV4();
  if (length != 4 || !isMulticast(v4) || v4 == ALL_HOSTS) return -Errno.EINVAL;
  if (iface >= INTERFACE_COUNT || !isConfigured(iface)) return -Errno.EINVAL;
  return useGroup(iface, v4, more);
}

/** One user more (1) or less (-1) of a group on an interface: 0 or -Errno. */
export function useGroup(iface: u32, v4: u32, more: i32): i32 {
  let i = findGroup(iface, v4);
  if (more < 0 && !isHeard(iface, v4)) return -Errno.EADDRNOTAVAIL;
  if (i < 0) {
    i = findGroup(0, 0);
    if (i < 0) return -Errno.ENOBUFS;
    claimed(Pool.GROUP);
  }
  const g = groupAt(i);
  const users = <u32>g.users + more;
  if (users > 255) return -Errno.ENOBUFS;
  g.v4 = v4;
  g.interface = <u8>iface;
  g.users = <u8>users;
  // RFC 3376 section 5.1: a change is told at once, and again.
  if (users == u32(more > 0)) {
    g.changes = <u8>ROBUSTNESS;
    tell(iface, 0);
  }
  return 0;
}

/** The link is up again: its routers may be others. */
export function tellGroups(iface: u32): void {
  portOf(iface).older = 0;
  tell(iface, ROBUSTNESS);
}

/** Reports of an interface are due: those of changes, and in answer to a router; changes: more of them. */
function tell(iface: u32, changes: u32): void {
  const port = portOf(iface);
  for (let i: u32 = 0; i < GROUP_COUNT; i++) {
    const g = groupAt(i);
    if (either(<u32>g.interface != iface, g.v4 == 0)) continue;
    g.changes |= <u8>changes;
    g.due |= u8(either(port.asked != 0, g.changes != 0));
  }
  port.asked = 0;
  readyTask(GROUP_TASK + iface, iface);
}

/** The timer of an interface: what a router has asked for, and changes that are told once more. */
export function groupExpired(iface: u32): void {
  tell(iface, 0);
}

/** One IGMP message of len bytes: a query is answered later, with all groups (RFC 3376 section 5.2). */
export function igmpInput(iface: u32, p: usize, len: u32): u32 {
  if (len < IGMP_BYTES || checksum(p, len, 0) != 0) return drop(Counter.DROP_IGMP_MALFORMED);
  if (get8(p) != IGMP_QUERY) return 0; // what other hosts report
  const group = igmpGroup(p);
  const older = len < IGMP_V3_QUERY_BYTES;
  if (either(both(group != 0, !isMulticast(group)), both(older, len != IGMP_BYTES)))
    return drop(Counter.DROP_IGMP_MALFORMED);
  const port = portOf(iface);
  let code = get8(p + 1);
  if (older) {
    port.older = 1;
    port.olderMs = globals.nowMs;
    // Deviation: to a router of version 1, whose field is 0, version 2 is spoken. None has been built for long.
    if (code == 0) code = 100;
  } else if (code > 127) code = ((code & 15) | 16) << (((code >> 4) & 7) + 3);
  if (group != 0 && !isHeard(iface, group)) return 0;
  port.asked = 1;
  wakeTask(GROUP_TASK + iface, random() % (code * 100 + 1));
  return 0;
}

/** The next report of an interface: its length, or 0. */
export function groupTransmit(iface: u32): u32 {
  for (let i: u32 = 0; i < GROUP_COUNT; i++) {
    const g = groupAt(i);
    if (either(<u32>g.interface != iface, g.due == 0)) continue;
    readyTask(GROUP_TASK + iface, iface); // there may be more
    const length = report(iface, g);
    g.due = 0;
    if (g.changes != 0) g.changes -= 1;
    if (g.changes != 0) wakeTask(GROUP_TASK + iface, random() % REPORT_MS);
    else if (g.users == 0) {
      g.v4 = 0;
      g.interface = 0;
      released(Pool.GROUP);
    }
    return length;
  }
  return 0;
}

/** A report of a group, in the version that the routers of the interface speak; its length. */
function report(iface: u32, g: Group): u32 {
  const port = portOf(iface);
  if (elapsed(port.olderMs) >= OLDER_ROUTER_MS) port.older = 0;
  const left = g.users == 0;
  const p = ipPayload() + ROUTER_ALERT_BYTES;
  let to: u32 = 0x160000e0; // 224.0.0.22 (RFC 3376 section 4.2.14)
  let bytes = IGMP_V3_REPORT_BYTES;
  if (port.older == 0) {
    igmpEmitRecord(p, g.changes == 0 ? IS_EXCLUDE : left ? TO_INCLUDE : TO_EXCLUDE, g.v4);
  } else {
    bytes = IGMP_BYTES;
    igmpEmit(p, left ? IGMP_V2_LEAVE : IGMP_V2_REPORT, g.v4);
    to = left ? ALL_ROUTERS : g.v4;
  }
  count(Counter.IGMP_REPORTS);
  const source = addressOn(iface);
  bytes += ROUTER_ALERT_BYTES;
  const length = ipSend(iface, macOf(iface), source, to, PROTOCOL_IGMP, bytes, HOPS);
  setRouterAlert(etherPayload(TX_FRAME));
  macGroup(TX_FRAME, to);
  return length;
}
