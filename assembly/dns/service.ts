// Services told of by DNS-SD (RFC 6763) under the host's name.

import { get8 } from "../bytes";
import { DNS_SD } from "../config";
import { Errno, Pool } from "../constants";
import { NAME_BUFFER, SERVICES_TOLD } from "../memory";
import { both, either } from "../order";
import { claimed, released } from "../pool";
import { messageAt } from "../udp/message";
import { sameName, writeName } from "./name";
import { ADDRESS, PTRS, serviceAt, told, typeOf } from "./own";
import { ANNOUNCED, changed, dueAnywhere } from "./responder";

/** "_tcp" and "_udp", as they lie in memory. */
const TCP: u32 = 0x7063745f;
const UDP: u32 = 0x7064755f;
const UNDERSCORE: u32 = 95;

/** Writes the type that is text in NAME_BUFFER as labels at p; returns their bytes, or 0: it is none (section 7). */
function writeType(p: usize, length: u32): u32 {
  const bytes = writeName(p, NAME_BUFFER, length);
  const first = get8(p);
  const last = load<u32>(p + first, 2);
  const good = both(bytes == first + 7, both(first - 2 <= 14, get8(p + 1) == UNDERSCORE));
  return both(good, either(last == TCP, last == UDP)) ? bytes - 1 : 0;
}

/** The first record of the service with a type, or -1. */
function find(type: usize, bytes: u32): i32 {
  for (let n: u32 = 0; n < ADDRESS; n += 4) {
    const s = serviceAt(n >> 2);
    const same = both(<u32>s.typeBytes == bytes, ((told() >> n) & 1) != 0);
    if (both(same, sameName(typeOf(s), type, bytes))) return <i32>n;
  }
  return -1;
}

/** ABI: tells of a service at a port; its type is in NAME_BUFFER. Port 0: not any more. */
export function publish(length: u32, port: u32): i32 {
  if (!DNS_SD) return -Errno.ENOBUFS;
  const type = messageAt();
  const bytes = writeType(type, length);
  if (either(bytes == 0, port > 65535)) return -Errno.EINVAL;
  let n = find(type, bytes);
  let records = told();
  if (port == 0) {
    if (n < 0) return -Errno.EADDRNOTAVAIL;
    released(Pool.SERVICE);
    records &= ~(15 << n);
  } else {
    if (n < 0) {
      // What says goodbye is not free yet.
      const free = PTRS & ~(records | dueAnywhere());
      if (free == 0) return -Errno.ENOBUFS;
      n = ctz(free);
      claimed(Pool.SERVICE);
    }
    const s = serviceAt(n >> 2);
    s.port = bswap<u16>(<u16>port);
    s.typeBytes = <u16>bytes;
    memory.copy(typeOf(s), type, bytes);
    records |= 15 << n;
  }
  store<u32>(SERVICES_TOLD, records);
  changed(7 << n, ANNOUNCED, 0);
  return 0;
}
