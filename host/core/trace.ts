// The trace ring, read from the core's memory. The core only counts what it writes; how far it was
// read, and so what was overwritten before that, is remembered here.

import type { Core } from "./core.js";
import { Constant, TraceRecordField, TraceRecordSize } from "./generated/abi.js";
import { readField, readGlobal } from "./records.js";
import type { SavedTrace } from "./saved.js";

/** One change of state, in the core's numbers. */
export interface TraceRecord {
  timeMs: number;
  handle: number;
  from: number;
  to: number;
  cause: number;
  localPort: number;
  remotePort: number;
}

export interface TraceReader {
  /** Records written since the last call, the oldest first. */
  take(): TraceRecord[];
  /** Records overwritten before they were taken. */
  lost(): number;
  saved(): SavedTrace;
}

export function createTraceReader(core: Core, from: SavedTrace = START): TraceReader {
  const area = core.constant(Constant.TRACE_AREA);
  const capacity = core.constant(Constant.TRACE_RECORDS);
  let { taken, lost } = from;

  /** Passes over what is gone; how many records wait. */
  function waiting(): number {
    const behind = (readGlobal(core, "traceWritten") - taken) >>> 0;
    const gone = Math.max(0, behind - capacity);
    taken = (taken + gone) >>> 0;
    lost += gone;
    return behind - gone;
  }

  function take(): TraceRecord[] {
    return Array.from({ length: waiting() }, () => {
      const at = area + (taken % capacity) * TraceRecordSize;
      taken = (taken + 1) >>> 0;
      return readTrace(core, at);
    });
  }

  return {
    take,
    lost() {
      waiting();
      return lost;
    },
    saved: () => ({ taken, lost }),
  };
}

/** A reader of all that the ring still has; what others take, and miss, is not changed by it. */
export function readFromOldest(core: Core): TraceReader {
  const oldest = endOfTrace(core) - core.constant(Constant.TRACE_RECORDS);
  return createTraceReader(core, { taken: Math.max(0, oldest), lost: 0 });
}

/** How many records there have been: a reader that begins there hears of what comes. */
export const endOfTrace = (core: Core): number => readGlobal(core, "traceWritten");

const START: SavedTrace = { taken: 0, lost: 0 };

function readTrace(core: Core, at: number): TraceRecord {
  const change = readField(core, at, TraceRecordField.change);
  const ports = readField(core, at, TraceRecordField.ports);
  return {
    timeMs: readField(core, at, TraceRecordField.timeMs),
    handle: readField(core, at, TraceRecordField.handle),
    from: change & 0xff,
    to: (change >>> 8) & 0xff,
    cause: (change >>> 16) & 0xff,
    localPort: ports & 0xffff,
    remotePort: ports >>> 16,
  };
}
