// IGMP (RFC 2236 section 2, RFC 3376 section 4):
// query, and version 1 and 2 reports: type 1 | max response 1 | checksum 2 | group 4
// version 3 report: type 1 | 0 1 | checksum 2 | 0 2 | records 2 | record: type 1 | 0 1 | sources 2 | group 4

import { checksum } from "../checksum";

/** Bytes of a query of version 1 or 2; one of version 3 has 12 at least. */
export const IGMP_BYTES: u32 = 8;
export const IGMP_V3_QUERY_BYTES: u32 = 12;
/** A version 3 report with one record. */
export const IGMP_V3_REPORT_BYTES: u32 = 16;
export const IGMP_QUERY: u32 = 0x11;
export const IGMP_V2_REPORT: u32 = 0x16;
export const IGMP_V2_LEAVE: u32 = 0x17;
const IGMP_V3_REPORT: u32 = 0x22;

/** Record types: the group is heard from all sources; it is so from now on; it is not any more. */
export const IS_EXCLUDE: u32 = 2;
export const TO_INCLUDE: u32 = 3;
export const TO_EXCLUDE: u32 = 4;

/** The group of a query or report, as it lies in memory; 0: all groups. */
export function igmpGroup(p: usize): u32 {
  return load<u32>(p, 4);
}

/** A version 2 message. */
export function igmpEmit(p: usize, type: u32, group: u32): void {
  store<u32>(p, type);
  store<u32>(p, group, 4);
  store<u16>(p, checksum(p, IGMP_BYTES, 0), 2);
}

/** A version 3 report with one record and no sources. */
export function igmpEmitRecord(p: usize, record: u32, group: u32): void {
  store<u32>(p, record, 8);
  store<u32>(p, group, 12);
  store<u64>(p, ((<u64>0x01000000) << 32) | IGMP_V3_REPORT);
  store<u16>(p, checksum(p, IGMP_V3_REPORT_BYTES, 0), 2);
}
