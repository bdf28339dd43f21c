// Services told of by DNS-SD (RFC 6763) under the host's name.

import { get8 } from "../bytes";
import { DNS_SD } from "../config";
import { Errno, Pool } from "../constants";
import { NAME_BUFFER, SERVICES_TOLD } from "../memory";
import { both, either } from "../order";
import { claimed, released } from "../pool";
import { givenName, isName, nameBytes } from "./name";
import { ADDRESS, PTRS, serviceAt, told, typeOf } from "./own";
import { ANNOUNCED, changed, dueAnywhere } from "./responder";

/** "_tcp" and "_udp", as they lie in memory. */
const TCP: u32 = 0x7063745f;
const UDP: u32 = 0x7064755f;
const UNDERSCORE: u32 = 95;

/** Makes the text in NAME_BUFFER, of length bytes, a service's type there; false: it is none (section 7). */
function givenType(length: u32): bool {
  if (!givenName(length)) return false;
  const first = get8(NAME_BUFFER);
  const last = load<u32>(NAME_BUFFER + first, 2);
  const marked = both(first - 2 <= 14, get8(NAME_BUFFER + 1) == UNDERSCORE);
  return both(both(marked, nameBytes == first + 7), either(last == TCP, last == UDP));
}

/** The first record of the service with the type in NAME_BUFFER, or -1. */
function find(): i32 {
  for (let n: u32 = 0; n < ADDRESS; n += 4) {
    const s = serviceAt(n >> 2);
    if (both(((told() >> n) & 1) != 0, isName(typeOf(s), s.typeBytes))) return <i32>n;
  }
  return -1;
}

/** ABI: tells of a service at a port; its type is in NAME_BUFFER. Port 0: not any more. */
export function publish(length: u32, port: u32): i32 {
  if (!DNS_SD) return -Errno.ENOBUFS;
  if (either(!givenType(length), port > 65535)) return -Errno.EINVAL;
  let n = find();
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
    s.typeBytes = <u16>nameBytes;
    memory.copy(typeOf(s), NAME_BUFFER, nameBytes);
    records |= 15 << n;
  }
  store<u32>(SERVICES_TOLD, records);
  changed(7 << n, ANNOUNCED, 0);
  return 0;
}
