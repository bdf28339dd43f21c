// The trace ring: one fixed record for each change of state, so that states which last less than
// a batch of frames are seen too. The host reads it and sees by the count what it has missed.

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
}
