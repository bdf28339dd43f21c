// Routes beside the networks of our addresses and the router of each interface: the longest prefix wins.

import { INTERFACE_COUNT, ROUTE_COUNT, ROUTES } from "../config";
import { Errno, Pool } from "../constants";
import { givenV4, isNoHost, prefixMask } from "./addressing";
import { isConfigured } from "../link/interface";
import { ADDRESS_BUFFER, ROUTE_BYTES, ROUTE_RECORDS } from "../memory";
import { both, either } from "../order";
import { claimed, released } from "../pool";


@unmanaged
export class Route {
  /** As addresses lie in a packet. */
  network: u32;
  mask: u32;
  /** 0: the record is free. */
  router: u32;
  interface: u32;
}

if (offsetof<Route>() != ROUTE_BYTES) ERROR("ROUTE_BYTES");

export function routeAt(i: u32): Route {
  return changetype<Route>(ROUTE_RECORDS + <usize>i * ROUTE_BYTES);
}

/** ABI: what is below a network, in ADDRESS_BUFFER, goes to the router in the 16 bytes behind it; router 0:
 * not any more. */
export function route(iface: u32, length: u32, prefixLength: u32): i32 {
  if (!ROUTES) return -Errno.ENOBUFS;
  if (length == 16) return -Errno.EAFNOSUPPORT;
  const network = givenV4();
  const router = load<u32>(ADDRESS_BUFFER, 16);
  const mask = prefixMask(prefixLength);
  const bad = either(length != 4, either(prefixLength - 1 > 31, (network & ~mask) != 0));
  if (either(bad, both(router != 0, isNoHost(router)))) return -Errno.EINVAL;
  if (iface >= INTERFACE_COUNT || !isConfigured(iface)) return -Errno.EINVAL;
  let free: i32 = -1;
  for (let i: u32 = 0; i < ROUTE_COUNT; i++) {
    const r = routeAt(i);
    if (r.router == 0) free = <i32>i;
    else if (both(both(r.network == network, r.mask == mask), <u32>r.interface == iface)) {
      r.router = router;
      if (router == 0) released(Pool.ROUTE);
      return 0;
    }
  }
  if (router == 0) return -Errno.ENETUNREACH;
  if (free < 0) return -Errno.ENOBUFS;
  claimed(Pool.ROUTE);
  const r = routeAt(free);
  r.network = network;
  r.mask = mask;
  r.interface = iface;
  r.router = router;
  return 0;
}
