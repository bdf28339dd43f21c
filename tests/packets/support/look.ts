// What a test sees of the inside: info blocks, counters, pools, traces.

import assert from "node:assert/strict";
import type { Core } from "../../../host/core/core.js";
import {
  Counter,
  counterNames,
  InfoOffset,
  TraceRecordOffset,
} from "../../../host/core/generated/abi.js";

export type InfoName = keyof typeof InfoOffset;

export interface TraceView {
  timeMs: number;
  handle: number;
  from: number;
  to: number;
  cause: number;
  localPort: number;
  remotePort: number;
}

export interface Look {
  info(handle: number, name: InfoName): number;
  /** Info of records of a pool. */
  records(pool: number): Record<InfoName, number>[];
  counter(id: number): number;
  /** Counters that changed since the last look, by name. */
  changes(): Record<string, number>;
  used(pool: number): number;
  traces(): TraceView[];
}

export function makeLook(core: Core): Look {
  const call = core.exports;
  const before = new Uint32Array(Counter.COUNT);
  const word = (at: number) => core.words.getUint32(at, true);
  const infoWord = (name: InfoName) => word(call.infoBuffer() + InfoOffset[name]);
  const wholeInfo = () =>
    Object.fromEntries(
      Object.entries(InfoOffset).map(([name, at]) => [name, word(call.infoBuffer() + at)]),
    ) as Record<InfoName, number>;
  function records(pool: number): Record<InfoName, number>[] {
    const found: Record<InfoName, number>[] = [];
    for (let cursor = call.enumerate(0); cursor !== 0; cursor = call.enumerate(cursor)) {
      const record = wholeInfo();
      if (record.pool === pool) found.push(record);
    }
    return found;
  }
  function changes(): Record<string, number> {
    const changed: Record<string, number> = {};
    for (let id = 0; id < Counter.COUNT; id++) {
      const value = call.counter(id) >>> 0;
      const more = value - (before[id] ?? 0);
      if (more !== 0) changed[counterNames[id] ?? id] = more;
      before[id] = value;
    }
    return changed;
  }
  function traces(): TraceView[] {
    const found: TraceView[] = [];
    for (let at; (at = call.traceNext()) !== 0;) {
      const change = word(at + TraceRecordOffset.change);
      const ports = word(at + TraceRecordOffset.ports);
      found.push({
        timeMs: word(at + TraceRecordOffset.timeMs),
        handle: word(at + TraceRecordOffset.handle),
        from: change & 255,
        to: (change >> 8) & 255,
        cause: (change >> 16) & 255,
        localPort: ports & 0xffff,
        remotePort: ports >>> 16,
      });
    }
    return found;
  }

  return {
    info(handle, name) {
      assert.equal(call.info(handle), 0, `info of handle ${handle}`);
      return infoWord(name);
    },
    records,
    counter: (id) => call.counter(id) >>> 0,
    changes,
    used: (pool) => call.poolUsed(pool),
    traces,
  };
}
