// What is told of the core's records: connections, listeners and cache entries in numbers, as the core has them.

/** Variables of RFC 9293 section 3.3.1 and of congestion control; sequence numbers as on the wire. */
export interface Variables {
  /** Our initial sequence number. */
  iss: number;
  /** The peer's. */
  irs: number;
  /** SND.UNA: the oldest that is not acknowledged. */
  sndUna: number;
  /** SND.NXT: the next that leaves for the first time. */
  sndNxt: number;
  /** Next number to be sent again, below rtxEnd. */
  sndRtx: number;
  /** Where sending again ends. */
  rtxEnd: number;
  /** Behind the last byte queued. */
  sndEnd: number;
  /** SND.WND: the peer's window, bytes. */
  sndWnd: number;
  /** SND.WL1: sequence number of the segment that last set it. */
  sndWl1: number;
  /** SND.WL2: acknowledgment number of that segment. */
  sndWl2: number;
  /** The largest window that the peer has had, bytes. */
  maxSndWnd: number;
  /** SND.UP: behind the last urgent byte of ours. */
  sndUp: number;
  /** RCV.NXT: the next that is expected. */
  rcvNxt: number;
  /** The next that the owner reads. */
  rcvRead: number;
  /** Right edge of the window that was advertised. */
  rcvAdv: number;
  /** RCV.NXT in the last acknowledgment that was sent. */
  rcvAcked: number;
  /** RCV.UP: behind the last urgent byte of the peer's. */
  rcvUp: number;
  /** Congestion window, bytes. */
  cwnd: number;
  /** Slow-start threshold, bytes. */
  ssthresh: number;
  /** NewReno's recover (RFC 6582): what ends a recovery when it is acknowledged. */
  recover: number;
  /** Bytes acknowledged that have not yet widened cwnd. */
  bytesAcked: number;
  /** Smoothed round-trip time, us; 0: none was measured. */
  srttUs: number;
  /** Its variation, us. */
  rttvarUs: number;
  /** Largest segment that is sent, bytes, options deducted. */
  sndMss: number;
  /** Duplicate acknowledgments in a row. */
  dupAcks: number;
  /** Retransmissions without an answer. */
  retries: number;
  /** The core's number for what ended it, or for trouble since the last progress; 0: none. */
  error: number;
}

/** Who talks to whom. */
export interface Endpoints {
  /** Zeros: any. */
  localAddress: string;
  /** Ours. */
  localPort: number;
  /** Zeros: a listener. */
  remoteAddress: string;
  /** The peer's; 0: a listener. */
  remotePort: number;
}

/** What is known of each record; what a kind of record does not have is 0. */
export interface RecordInfo extends Endpoints, Variables {
  /** 0 for a record that has none: SYN cache, TIME-WAIT entry, orphan. */
  handle: number;
  state: number;
  /** Which Pool it is in: TCB, LISTENER, SYN_CACHE or TIME_WAIT. */
  pool: number;
  /** Interface number; -1: loopback, or any. */
  interface: number;
  /** Bytes received and not yet read. */
  receiveQueue: number;
  /** Bytes written and not yet acknowledged. Listener: length of the accept queue. */
  sendQueue: number;
  /** RCV.WND: our window, bytes. */
  rcvWnd: number;
  /** Window scale of the peer's window, bits. */
  sndScale: number;
  /** Window scale of ours, bits. */
  rcvScale: number;
  /** 1: timestamps are in use. */
  timestamps: number;
  /** 1: selective acknowledgments are in use. */
  sack: number;
  /** Segments with data or FIN that were sent again; -1: the profile does not count them for each connection. */
  retransmits: number;
  /** 1: what was lost is sent again after duplicate acknowledgments. */
  recovery: number;
  /** 1: what was lost is sent again after a timeout. */
  loss: number;
  /** Retransmission timeout with its back-off, ms. */
  rtoMs: number;
  /** ms until the retransmission, probe or TIME-WAIT timer; -1: not armed. */
  timerMs: number;
  /** ms until the delayed acknowledgment; -1: not armed. */
  ackTimerMs: number;
  /** ms since the record was made or last changed its state. */
  ageMs: number;
}

/** Records of a pool. */
export interface Levels {
  /** Records that there are. */
  capacity: number;
  /** Records in use now. */
  used: number;
  /** The most that were ever in use. */
  highWater: number;
}
