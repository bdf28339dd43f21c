// Big-endian numbers in bytes, and the checksum of the internet (RFC 1071). Whoever reads has checked the length.

export const get16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

export const get32 = (bytes: Uint8Array, at: number): number =>
  ((get16(bytes, at) << 16) | get16(bytes, at + 2)) >>> 0;

/** The sum of 16-bit words from `from` to `to`, folded; `start`: what was added up before. */
export function sumOf(bytes: Uint8Array, from: number, to: number, start = 0): number {
  let sum = start;
  for (let at = from; at < to; at += 2) {
    sum += (bytes[at]! << 8) | (at + 1 < to ? bytes[at + 1]! : 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** "0x0a1b": a number of 16 bits. */
export const hex16 = (value: number): string => `0x${value.toString(16).padStart(4, "0")}`;
