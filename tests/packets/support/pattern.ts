// Data that say where they belong: each byte follows from its relative sequence number.

import assert from "node:assert/strict";
import type { Rig } from "./rig.js";

/** Byte at a relative sequence number; 1 is the first of a stream. */
export const patternAt = (relative: number) => (relative * 7 + (relative >>> 8) * 13) & 255;

export function pattern(relative: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => patternAt(relative + i));
}

/** Writes the pattern from a number on through spans. */
export function writeSpans(rig: Rig, handle: number, from: number, length: number): void {
  const end = from + length;
  rig.hold(() => {
    for (let at = from; at < end;) {
      const room = rig.call.sendSpan(handle);
      if (room <= 0) rig.fail(`no room for ${end - at} bytes: ${room}`);
      const part = Math.min(room, end - at);
      rig.core.memory.set(pattern(at, part), rig.core.spanPointer());
      assert.equal(rig.call.commit(handle, part), 0);
      at += part;
    }
  });
}

/** Reads exactly so many bytes, which must be the pattern from a number on. */
export function readSpans(rig: Rig, handle: number, from: number, length: number): void {
  const end = from + length;
  rig.hold(() => {
    for (let at = from; at < end;) {
      const ready = rig.call.receiveSpan(handle);
      if (ready <= 0) rig.fail(`${end - at} bytes are missing: ${ready}`);
      const part = Math.min(ready, end - at);
      const pointer = rig.core.spanPointer();
      const came = rig.core.memory.subarray(pointer, pointer + part);
      const same = Buffer.compare(came, pattern(at, part)) === 0;
      if (!same) rig.fail(`bytes ${at} to ${at + part} are not those sent`);
      assert.equal(rig.call.consume(handle, part), 0);
      at += part;
    }
  });
}
