// What a test sees of the inside: records, counters, pools, traces, as host/core reads them.

import assert from "node:assert/strict";
import type { Core } from "../../../host/core/core.js";
import type { Endpoints, RecordInfo } from "../../../host/core/recordInfo.js";
import { Counter, counterNames } from "../../../host/core/generated/abi.js";
import { readCounter, readPool, type PoolLevels } from "../../../host/core/observe.js";
import {
  readAddressState,
  readError,
  readGlobal,
  readOption,
  readRecord,
  readRecords,
  readState,
} from "../../../host/core/records.js";
import { createTraceReader, type TraceReader } from "../../../host/core/trace.js";

export type InfoName = Exclude<keyof RecordInfo, keyof Endpoints> | "localPort" | "remotePort";

export interface Look {
  info(handle: number, name: InfoName): number;
  /** Records of a pool. */
  records(pool: number): RecordInfo[];
  counter(id: number): number;
  /** Counters that changed since the last look, by name. */
  changes(): Record<string, number>;
  pool(id: number): PoolLevels;
  used(id: number): number;
  foreignEtherType(): number;
  /** Of a handle; -EBADF: stale. */
  state(handle: number): number;
  error(handle: number): number;
  addressState(handle: number): number;
  /** The value of an option; -EBADF, -ENOPROTOOPT. */
  option(handle: number, option: number): number;
  readonly trace: TraceReader;
}

export function makeLook(core: Core): Look {
  const before = new Uint32Array(Counter.COUNT);
  function changes(): Record<string, number> {
    const changed: Record<string, number> = {};
    for (let id = 0; id < Counter.COUNT; id++) {
      const value = readCounter(core, id);
      const more = value - (before[id] ?? 0);
      if (more !== 0) changed[counterNames[id] ?? id] = more;
      before[id] = value;
    }
    return changed;
  }

  return {
    info(handle, name) {
      const record = readRecord(core, handle);
      assert.ok(record, `info of handle ${handle}`);
      return record[name];
    },
    records: (pool) => readRecords(core).filter((record) => record.pool === pool),
    counter: (id) => readCounter(core, id),
    changes,
    pool: (id) => readPool(core, id),
    used: (id) => readPool(core, id).used,
    foreignEtherType: () => readGlobal(core, "foreignEtherType"),
    state: (handle) => readState(core, handle),
    error: (handle) => readError(core, handle),
    addressState: (handle) => readAddressState(core, handle),
    option: (handle, option) => readOption(core, handle, option),
    trace: createTraceReader(core),
  };
}
