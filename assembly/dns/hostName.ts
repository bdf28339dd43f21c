// The name that the host gives itself: for DHCP servers, and below .local.

import { MDNS } from "../config";
import { Errno } from "../constants";
import { takeLabel } from "./label";
import { renamed } from "./responder";

/** ABI: the host's name, in NAME_BUFFER. */
export function hostName(length: u32): i32 {
  if (!takeLabel(length)) return -Errno.EINVAL;
  if (MDNS) renamed();
  return 0;
}
