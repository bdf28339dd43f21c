// Services told of by DNS-SD (RFC 6763) under the host's name.

import { get8 } from "../bytes";
import { MDNS, SERVICE_COUNT } from "../config";
import { Errno, Pool } from "../constants";
import { NAME_BUFFER } from "../memory";
import { both, either } from "../order";
import { claimed, released } from "../pool";
import { messageAt } from "../udp/message";
import { sameName, writeName } from "./name";
import { serviceAt, typeOf } from "./records";
import { isLeaving, serviceChanged } from "./responder";

/** "_tcp" and "_udp" behind their length. */
const TCP: u32 = 0x7063745f;
const UDP: u32 = 0x7064755f;

/** The type in NAME_BUFFER, written as labels at p; returns their bytes, or 0: it is none (section 7). */
function writeType(p: usize, length: u32): u32 {
  const bytes = writeName(p, NAME_BUFFER, length);
  const first = get8(p);
  const second = p + 1 + first;
  const protocol = load<u32>(second, 1);
  const bad = either(bytes != first + 7, either(first - 2 > 14, get8(p + 1) != 95));
  if (bad || get8(second) != 4 || both(protocol != TCP, protocol != UDP)) return 0;
  return bytes - 1;
}

/** ABI: tells of a service at a port; its type is in NAME_BUFFER. Port 0: not any more. */
export function publish(length: u32, port: u32): i32 {
  if (!MDNS) return -Errno.EINVAL;
  const type = messageAt();
  const bytes = writeType(type, length);
  if (either(bytes == 0, port > 65535)) return -Errno.EINVAL;
  let free: i32 = -1;
  for (let i: u32 = 0; i < SERVICE_COUNT; i++) {
    const s = serviceAt(i);
    if (s.port == 0) {
      if (!isLeaving(i << 2)) free = <i32>i;
    } else if (<u32>s.typeBytes == bytes && sameName(typeOf(s), type, bytes)) {
      s.port = <u16>port;
      if (port == 0) released(Pool.SERVICE);
      serviceChanged(i << 2);
      return 0;
    }
  }
  if (port == 0) return -Errno.EADDRNOTAVAIL;
  if (free < 0) return -Errno.ENOBUFS;
  claimed(Pool.SERVICE);
  const s = serviceAt(free);
  s.port = <u16>port;
  s.typeBytes = <u16>bytes;
  memory.copy(typeOf(s), type, bytes);
  serviceChanged(free << 2);
  return 0;
}
