// The trace ring: one fixed record for each change of state, so that states which last less than
// a batch of frames are seen too. The host takes records in order; what it misses is counted.

import { TRACE_COUNT } from "./config";
import { globals } from "./globals";
import { TraceRecord } from "./layout";
import { TRACE } from "./memory";

export function trace(handle: u32, from: u32, to: u32, cause: u32, ports: u32): void {
  if (TRACE_COUNT == 0) return;
  const g = globals;
  const at = TRACE + <usize>(g.traceWritten & (TRACE_COUNT - 1)) * offsetof<TraceRecord>();
  const r = changetype<TraceRecord>(at);
  r.timeMs = g.nowMs;
  r.handle = handle;
  r.change = from | (to << 8) | (cause << 16);
  r.ports = ports;
  g.traceWritten += 1;
  if (g.traceWritten - g.traceTaken > <u32>TRACE_COUNT) {
    g.traceTaken += 1;
    g.traceLost += 1;
  }
}

/** ABI: pointer to the oldest record not yet taken, or 0. */
export function traceNext(): u32 {
  const g = globals;
  if (TRACE_COUNT == 0 || g.traceTaken == g.traceWritten) return 0;
  const at = TRACE + <usize>(g.traceTaken & (TRACE_COUNT - 1)) * offsetof<TraceRecord>();
  g.traceTaken += 1;
  return <u32>at;
}

/** ABI: records overwritten before they were taken. */
export function traceLost(): u32 {
  return globals.traceLost;
}
