// The host's name: told to DHCP servers (RFC 2132 section 3.14), and answered for below .local.

import { get8, put8 } from "../bytes";
import { MDNS } from "../config";
import { Errno } from "../constants";
import { HOST_NAME, NAME_BUFFER } from "../memory";
import { both, either } from "../order";
import { HYPHEN, labelGiven } from "./label";
import { renamed } from "./responder";

/** ABI: the host's name, in NAME_BUFFER: one label (RFC 952, RFC 1123 section 2.1). */
export function hostName(length: u32): i32 {
  if (length - 1 > 62) return -Errno.EINVAL;
  for (let i: u32 = 0; i < length; i++) {
    const c = get8(NAME_BUFFER + i);
    const inside = both(i != 0, i + 1 != length);
    const known = either((c | 32) - 97 < 26, c - 48 < 10);
    if (!either(known, both(c == HYPHEN, inside))) return -Errno.EINVAL;
  }
  put8(HOST_NAME, length);
  memory.copy(HOST_NAME + 1, NAME_BUFFER, length);
  if (MDNS) {
    labelGiven(length);
    renamed(0);
  }
  return 0;
}
