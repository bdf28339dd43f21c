// Addresses as text and as bytes. IPv4 for now; lengths are carried along so that addresses of
// 16 bytes fit in the same places.

export interface Prefix {
  address: string;
  prefixLength: number;
}

function invalid(text: string, expected: string): Error {
  return Object.assign(new Error(`"${text}" is not ${expected}`), { code: "EINVAL" });
}

const DOT = 46;
const ZERO = 48;

/** "198.18.0.2" as its four bytes, or null. By hand: each connection and datagram has one. */
function bytesOf(given: string): Uint8Array | null {
  const text = String(given);
  const bytes = new Uint8Array(4);
  let [at, value, digits] = [0, 0, 0];
  for (let i = 0; i <= text.length; i++) {
    const code = i === text.length ? DOT : text.charCodeAt(i);
    if (code === DOT) {
      if (digits === 0 || value > 255 || at > 3) return null;
      bytes[at++] = value;
      value = digits = 0;
    } else {
      if (code < ZERO || code > ZERO + 9 || ++digits > 3) return null;
      value = 10 * value + code - ZERO;
    }
  }
  return at === 4 ? bytes : null;
}

export function isAddress(text: string): boolean {
  return bytesOf(text) !== null;
}

/** "198.18.0.2" as its four bytes. Throws EINVAL. */
export function parseAddress(text: string): Uint8Array {
  const bytes = bytesOf(text);
  if (bytes === null) throw invalid(text, "an IPv4 address like 198.18.0.2");
  return bytes;
}

/** The same where people give a name, too. */
export function parseHost(text: string): Uint8Array {
  const bytes = bytesOf(text);
  if (bytes === null) throw invalid(text, "an IPv4 address; lookup() finds those of a name");
  return bytes;
}

/** "198.18.0.2/30" in its two parts. Throws EINVAL. */
export function parsePrefix(text: string): Prefix {
  const [address = "", length = "", ...rest] = text.split("/");
  const prefixLength = /^\d{1,2}$/.test(length) ? Number(length) : NaN;
  if (rest.length > 0 || !(prefixLength >= 0 && prefixLength <= 32)) {
    throw invalid(text, "an address with prefix length like 198.18.0.2/30");
  }
  parseAddress(address);
  return { address, prefixLength };
}

/** Bytes as text; 4 bytes for IPv4, 16 for IPv6 (RFC 5952, without zone). */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[i]! << 8) | bytes[i + 1]!);
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > bestLength) [best, bestLength] = [i, end - i];
  }
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  return best < 0 ? hex(0, 8) : `${hex(0, best)}::${hex(best + bestLength, 8)}`;
}

/** The address as one number, for arithmetic on IPv4 blocks. */
export function addressToNumber(text: string): number {
  return parseAddress(text).reduce((value, byte) => value * 256 + byte, 0);
}

export function numberToAddress(value: number): string {
  return formatAddress(
    Uint8Array.of(value / 2 ** 24, (value / 2 ** 16) % 256, (value / 256) % 256, value % 256),
  );
}

/** An IPv4 address in a word of a record, where it lies as in a packet. */
export function wordToAddress(word: number): string {
  return formatAddress(Uint8Array.of(word, word >>> 8, word >>> 16, word >>> 24));
}

/** The length of a prefix whose mask lies in a word of a record. */
export function prefixLengthOf(mask: number): number {
  let length = 0;
  for (let bits = mask; bits !== 0; bits &= bits - 1) length++;
  return length;
}

/** Six bytes made the MAC of one station, locally administered (IEEE 802: the two lowest bits of the first). */
export function localMac(bytes: Uint8Array): Uint8Array {
  const mac = Uint8Array.from(bytes);
  mac[0] = (mac[0]! & 0xfc) | 0x02;
  return mac;
}

/** "02:00:5e:10:00:01" as its six bytes. Throws EINVAL. */
export function parseMac(text: string): Uint8Array {
  const parts = text.split(/[:-]/);
  if (parts.length !== 6 || !parts.every((part) => /^[0-9a-f]{2}$/i.test(part))) {
    throw invalid(text, "a MAC address like 02:00:5e:10:00:01");
  }
  return Uint8Array.from(parts, (part) => parseInt(part, 16));
}

export function formatMac(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}
