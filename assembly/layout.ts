// The record of the trace ring, which hosts read straight from memory.

/** One change of state. */
@unmanaged
export class TraceRecord {
  /** Time of the change: nowMs of the advance before it. */
  timeMs: u32;
  /** Handle of the connection; for a SYN-cache entry 0. */
  handle: u32;
  /** From-state in the lowest byte, to-state in the next, Cause in the third. */
  change: u32;
  /** Remote port in the upper, local port in the lower half. */
  ports: u32;
}
