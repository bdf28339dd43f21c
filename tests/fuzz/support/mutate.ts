// Damage to frames: single fields set to values that broke stacks before, bytes and bits, lengths,
// parts of other frames; then, as often as not, the checksums made right again, or the damage would
// end at the first check.

import type { Random } from "../../static/support/random.js";

const EXTREME_BYTES = [0, 1, 2, 3, 4, 5, 15, 16, 127, 128, 254, 255] as const;
const EXTREME_WORDS = [0, 1, 19, 20, 40, 67, 68, 535, 0x7fff, 0x8000, 0xfffe, 0xffff] as const;
/** Offsets of fields in a frame with 20 bytes of IPv4 and TCP. */
const BYTE_FIELDS = [14, 15, 20, 22, 23, 46, 47, 54, 55, 56, 57, 58] as const;
const WORD_FIELDS = [12, 16, 18, 20, 34, 36, 48, 52, 56] as const;
const LONG_FIELDS = [26, 30, 38, 42, 58, 62] as const;

/** Changes the first `length` bytes of `into`, in place; the length afterwards. */
export function mutate(into: Uint8Array, length: number, random: Random): number {
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  const times = 1 + random.below(3);
  let size = length;
  for (let i = 0; i < times; i++) size = once(into, view, size, random);
  if (random.percent(75)) repair(into, view, size);
  return size;
}

function once(into: Uint8Array, view: DataView, size: number, random: Random): number {
  const within = (at: number, bytes: number) => at + bytes <= size;
  switch (random.below(9)) {
    case 0: {
      const at = random.pick(BYTE_FIELDS);
      if (within(at, 1)) into[at] = random.pick(EXTREME_BYTES);
      return size;
    }
    case 1: {
      const at = random.pick(WORD_FIELDS);
      if (within(at, 2)) view.setUint16(at, random.pick(EXTREME_WORDS));
      return size;
    }
    case 2: {
      const at = random.pick(LONG_FIELDS);
      if (within(at, 4)) view.setUint32(at, random.word());
      return size;
    }
    case 3: {
      // A number near the one that was there: windows and edges.
      const at = random.pick([38, 42] as const);
      if (within(at, 4)) view.setUint32(at, (view.getUint32(at) + random.below(4000) - 2000) >>> 0);
      return size;
    }
    case 4:
      into[random.below(size)] = random.word() & 255;
      return size;
    case 5: {
      const at = random.below(size);
      into[at] = (into[at] ?? 0) ^ (1 << random.below(8));
      return size;
    }
    case 6:
      return random.below(size + 1);
    case 7: {
      const more = Math.min(into.length, size + random.below(64));
      for (let at = size; at < more; at++) into[at] = random.word() & 255;
      return more;
    }
    default: {
      // Options of any kind, in a header made long enough for them.
      const words = random.below(11);
      if (!within(54, words * 4)) return size;
      into[46] = (5 + words) << 4;
      for (let at = 54; at < 54 + words * 4; at++) {
        into[at] = random.percent(60) ? random.below(12) : random.word() & 255;
      }
      return size;
    }
  }
}

/** Right IPv4 and, as far as lengths allow, right TCP or ICMP checksums. */
function repair(into: Uint8Array, view: DataView, size: number): void {
  if (size < 34 || view.getUint16(12) !== 0x0800) return;
  const header = ((into[14] ?? 0) & 15) * 4;
  if (header < 20 || 14 + header > size) return;
  view.setUint16(24, 0);
  view.setUint16(24, fold(sum(into, 14, 14 + header)));
  const end = 14 + view.getUint16(16);
  const at = 14 + header;
  if (end > size) return;
  const protocol = into[23];
  if (protocol === 6 && end - at >= 20) {
    view.setUint16(at + 16, 0);
    view.setUint16(at + 16, fold(sum(into, at, end) + sum(into, 26, 34) + 6 + end - at));
  } else if (protocol === 1 && end - at >= 8) {
    view.setUint16(at + 2, 0);
    view.setUint16(at + 2, fold(sum(into, at, end)));
  }
}

function sum(bytes: Uint8Array, from: number, to: number): number {
  let total = 0;
  for (let at = from; at < to; at += 2) {
    total += ((bytes[at] ?? 0) << 8) | (at + 1 < to ? (bytes[at + 1] ?? 0) : 0);
  }
  return total;
}

function fold(total: number): number {
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return ~total & 0xffff;
}
