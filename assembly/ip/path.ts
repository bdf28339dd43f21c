// What routers have said about paths (RFC 1191): the MTU to a host, for connections that are opened in
// the next ten minutes. A path is never believed to be wider than its first hop.

import { PATH_COUNT } from "../config";
import { elapsed, globals } from "../globals";
import { addressCopy, addressEqual } from "./addressing";
import { ADDRESS_BYTES, PATH_BYTES, PATHS } from "../memory";
import { both } from "../order";

/** How long a path is remembered, ms (RFC 1191 section 6.3). */
const PATH_MS: u32 = 10 * 60000;


@unmanaged
class Path {
  /** Bytes of a packet; 0: free. */
  mtu: u32;
  notedMs: u32;
  // The address follows.
}

if (<u32>offsetof<Path>() + ADDRESS_BYTES != PATH_BYTES) ERROR("PATH_BYTES");

function pathAt(i: u32): Path {
  return changetype<Path>(PATHS + <usize>i * PATH_BYTES);
}

function addressOf(path: Path): usize {
  return changetype<usize>(path) + offsetof<Path>();
}

/** The MTU of the path to an address, or most when nothing less is known. */
export function pathMtu(address: usize, most: u32): u32 {
  for (let i: u32 = 0; i < PATH_COUNT; i++) {
    const path = pathAt(i);
    if (both(path.mtu - 1 < most - 1, addressEqual(addressOf(path), address))) {
      if (elapsed(path.notedMs) < PATH_MS) return path.mtu;
    }
  }
  return most;
}

/** A router has named an MTU for the path to an address. It takes the place of the oldest. */
export function notePath(address: usize, mtu: u32): void {
  let place = pathAt(0);
  for (let i: u32 = 0; i < PATH_COUNT; i++) {
    const path = pathAt(i);
    if (path.mtu != 0 && addressEqual(addressOf(path), address)) {
      place = path;
      break;
    }
    if (place.mtu == 0) continue;
    if (path.mtu == 0 || elapsed(path.notedMs) > elapsed(place.notedMs)) place = path;
  }
  addressCopy(addressOf(place), address);
  place.mtu = mtu;
  place.notedMs = globals.nowMs;
}

/** Frees what is too old, so that it never looks young after the clock has wrapped. */
export function agePaths(): void {
  for (let i: u32 = 0; i < PATH_COUNT; i++) {
    if (elapsed(pathAt(i).notedMs) >= PATH_MS) pathAt(i).mtu = 0;
  }
}
