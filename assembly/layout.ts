// Records that hosts read straight from memory: the info block and the trace record.
// Fields are u32 (or four of them for an address), in this order and without gaps, so that
// tools/generate.mjs can give TypeScript and C the same layout from this file.

/** One connection, listener or cache entry, as info() and enumerate() leave it in infoBuffer(). */
@unmanaged
export class Info {
  /** Handle, or 0 for a record that has none (SYN cache, TIME-WAIT entry, orphan). */
  handle: u32;
  /** State. */
  state: u32;
  /** Which Pool the record is in: TCB, LISTENER, SYN_CACHE or TIME_WAIT. */
  pool: u32;
  /** Interface number; 0xFFFFFFFF: loopback, or any. */
  interface: u32;
  /** 4 or 16: bytes of the two addresses that count. */
  addressLength: u32;
  /** Local address, network order; zeros: any. */
  localAddress0: u32;
  localAddress1: u32;
  localAddress2: u32;
  localAddress3: u32;
  /** Remote address, network order. */
  remoteAddress0: u32;
  remoteAddress1: u32;
  remoteAddress2: u32;
  remoteAddress3: u32;
  localPort: u32;
  remotePort: u32;
  /** Bytes received and not yet read. */
  receiveQueue: u32;
  /** Bytes written and not yet acknowledged. Listener: length of the accept queue. */
  sendQueue: u32;
  // From here to rttvarUs: the control block as it is (tcp/tcb.ts), in one piece.
  /** RFC 9293 section 3.3.1, the send sequence variables. */
  iss: u32;
  irs: u32;
  sndUna: u32;
  sndNxt: u32;
  /** Next sequence number to be sent again, and where that ends; not below it: nothing is. */
  sndRtx: u32;
  rtxEnd: u32;
  /** Behind the last byte written. */
  sndEnd: u32;
  sndWnd: u32;
  sndWl1: u32;
  sndWl2: u32;
  /** Largest window the peer ever offered, bytes. */
  maxSndWnd: u32;
  sndUp: u32;
  /** RFC 9293 section 3.3.1, the receive sequence variables. */
  rcvNxt: u32;
  /** Next byte to be read. */
  rcvRead: u32;
  /** Right edge of the window advertised. */
  rcvAdv: u32;
  /** RCV.NXT in the last acknowledgment sent. */
  rcvAcked: u32;
  rcvUp: u32;
  /** Congestion window and slow-start threshold, bytes; recovery ends at recover. */
  cwnd: u32;
  ssthresh: u32;
  recover: u32;
  bytesAcked: u32;
  /** Smoothed round-trip time and its variation, microseconds; 0: not measured. */
  srttUs: u32;
  rttvarUs: u32;
  rcvWnd: u32;
  /** Largest segment sent now, bytes of data. */
  sndMss: u32;
  /** Window scale of the peer's and of our window, bits. */
  sndScale: u32;
  rcvScale: u32;
  /** 1: timestamps are in use. */
  timestamps: u32;
  /** Retransmission timeout with its back-off, ms. */
  rtoMs: u32;
  /** Retransmissions in a row without an answer. */
  retries: u32;
  /** ms until the retransmission, probe or TIME-WAIT timer; 0xFFFFFFFF: not armed. */
  timerMs: u32;
  /** ms until the delayed acknowledgment; 0xFFFFFFFF: not armed. */
  ackTimerMs: u32;
  /** ms since the record was made or last changed its state. */
  ageMs: u32;
  /** Error that waits to be read, or 0. */
  error: u32;
}

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
