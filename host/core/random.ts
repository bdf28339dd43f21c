// Random bytes from the system, as every host of JavaScript offers them.

export const randomBytes = (length: number): Uint8Array =>
  globalThis.crypto.getRandomValues(new Uint8Array(length));
