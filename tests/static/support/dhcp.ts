// A DHCP server for the soak: short leases of few addresses, mostly right, sometimes refused or damaged.

import { ipv4, udp } from "./frames.js";
import type { Random } from "./random.js";

const SERVER = 10;
const DISCOVER = 1;
const REQUEST = 3;
const OFFER = 2;
const ACK = 5;
const NAK = 6;
/** UDP data in a frame, options in a message; the type comes first in those of the stack. */
const DATA = 42;
const OPTIONS = 240;

/** The answer to a frame that the stack sent, if that is a question to DHCP servers. */
export function answerToDhcp(frame: Uint8Array, random: Random): Uint8Array | undefined {
  const isUdp = frame[12] === 8 && frame[13] === 0 && frame[23] === 17;
  if (!isUdp || frame[36] !== 0 || frame[37] !== 67) return undefined;
  const asked = frame.subarray(DATA);
  const type = asked[OPTIONS + 2];
  if (type !== DISCOVER && type !== REQUEST) return undefined;
  const right = type === DISCOVER ? OFFER : random.percent(85) ? ACK : NAK;
  const bytes = [...asked.subarray(0, OPTIONS)];
  bytes[0] = 2;
  // What the stack says that it has, or would have; else one of three, of which it may have one already.
  const has = [...asked.subarray(12, 16)];
  const wants = asked[OPTIONS + 26 + optionsBefore(asked)];
  const last = type === DISCOVER ? 1 + random.below(3) : has[0] === 0 ? (wants ?? 2) : has[3]!;
  bytes.splice(16, 4, 192, 0, 2, last);
  bytes.push(53, 1, random.percent(97) ? right : random.below(9), 54, 4, 192, 0, 2, SERVER);
  bytes.push(51, 4, 0, 0, 0, random.below(100), 1, 4, 255, 255, 255, 0);
  if (random.percent(50)) bytes.push(3, 4, 192, 0, 2, 254, 6, 4, 192, 0, 2, 11);
  if (random.percent(20)) bytes.push(26, 2, random.below(8), 0);
  if (random.percent(10)) bytes.push(52, 1, random.below(5));
  if (random.percent(98)) bytes.push(255);
  if (random.percent(10)) bytes[random.below(bytes.length)] = random.below(256);
  const datagram = udp(SERVER, 67, 68, Uint8Array.from(bytes));
  // Without a checksum what is damaged later is looked at, too.
  if (random.percent(80)) datagram.splice(6, 2, 0, 0);
  return ipv4(SERVER, 17, datagram);
}

/** Bytes of the name, which stands before the requested address. */
function optionsBefore(asked: Uint8Array): number {
  const at = OPTIONS + 26;
  return asked[at] === 12 ? 2 + (asked[at + 1] ?? 0) + 5 : 5;
}
