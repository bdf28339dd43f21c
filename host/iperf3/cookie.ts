// The cookie: 36 letters and digits and a zero. The control connection begins with it, and so does each TCP stream of
// the same test, which is how a server knows them.

export const COOKIE_BYTES = 37;
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** `random`: fills the bytes that it is given. */
export function makeCookie(random: (bytes: Uint8Array) => void): string {
  const bytes = new Uint8Array(COOKIE_BYTES - 1);
  random(bytes);
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

export function cookieBytes(cookie: string): Uint8Array {
  const bytes = new Uint8Array(COOKIE_BYTES);
  new TextEncoder().encodeInto(cookie, bytes.subarray(0, COOKIE_BYTES - 1));
  return bytes;
}

/** The cookie in 37 bytes; null: these are none. */
export function readCookie(bytes: Uint8Array): string | null {
  const text = new TextDecoder("latin1").decode(bytes);
  // Who else writes clients has other letters, but printable ones, and a zero at the end.
  return bytes.length === COOKIE_BYTES && /^[\x21-\x7e]{36}\0$/.test(text)
    ? text.slice(0, -1)
    : null;
}
