// Records that hosts read straight from memory, and that belong to no layer alone: those of the trace
// ring, and what stands before each datagram of a socket.

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

/** What a span of a socket begins with. */
@unmanaged
export class Datagram {
  /** Bytes of data behind this record. */
  length: u16;
  /** The other side's port; of an echo socket: the sequence number. */
  port: u16;
  /** Number of the local address that it came to or leaves from; ANY_ADDRESS: a group's or a broadcast. */
  local: u8;
  /** Received: the IPv4 time to live that was left. */
  hops: u8;
  /** Received: 0, or of an ICMP error about what an echo socket sent: 256 * its type + its code; the address is that of who sent the error. */
  kind: u16;
  // The other side's address follows, then the data.
}
