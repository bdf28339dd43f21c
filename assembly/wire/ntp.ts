// NTP messages of a client (RFC 4330 section 4):
// leap 2b, version 3b, mode 3b | stratum 1 | poll 1 | precision 1 | root delay 4 | root dispersion 4 |
// reference 4 | reference time 8 | originate 8 | receive 8 | transmit 8
// A time is seconds since 1900 in 32 bits and their fraction in 32.

import { get8 } from "../bytes";

export const NTP_BYTES: u32 = 48;
/** Version 4 of a client. */
const CLIENT: u32 = 0x23;
const MODE_SERVER: u32 = 4;
/** Of the leap indicator: the server's clock is not set. */
const NOT_SET: u32 = 3;

/** The server's time when the question came. */
export function ntpReceived(p: usize): u64 {
  return bswap<u64>(load<u64>(p, 32));
}

/** The server's time when the answer left. */
export function ntpSent(p: usize): u64 {
  return bswap<u64>(load<u64>(p, 40));
}

/** What the question had for the time when it left, as it lies in memory. */
export function ntpOrigin(p: usize): u64 {
  return load<u64>(p, 24);
}

/** 0: the server asks not to be asked (RFC 4330 section 8). */
export function ntpStratum(p: usize): u32 {
  return get8(p + 1);
}

/** A server's answer that has the time. */
export function ntpIsAnswer(p: usize): bool {
  const first = get8(p);
  return (first & 7) == MODE_SERVER && first >> 6 != NOT_SET && load<u64>(p, 40) != 0;
}

/** A question; sent: in place of the time when it leaves, as it is to lie in memory. */
export function ntpEmit(p: usize, sent: u64): void {
  memory.fill(p, 0, NTP_BYTES);
  store<u8>(p, CLIENT);
  store<u64>(p, sent, 40);
}
