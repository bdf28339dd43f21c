// Numbers of TCP's sequence space: 32 bits that wrap (RFC 9293 section 3.4).

/** How far `to` lies behind `from`: negative where it lies before it. */
export const distance = (from: number, to: number): number => (to - from) | 0;

export const isBefore = (a: number, b: number): boolean => distance(a, b) > 0;

export const plus = (number: number, bytes: number): number => (number + bytes) >>> 0;
