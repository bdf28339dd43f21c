// Made by tools/generate.mjs from assembly/constants.ts, assembly/layout.ts and docs/abi.md.
// Do not edit: change the source and run `npm run build`.

/** Version of the boundary: raised when an export or a constant changes its meaning. */
export const Abi = {
  VERSION: 1,
} as const;
export type Abi = (typeof Abi)[keyof typeof Abi];

/** Connection states of RFC 9293 section 3.3.2, ordered so that ranges mean something. */
export const State = {
  /** No connection: nothing is sent and nothing accepted. */
  CLOSED: 0,
  /** Waiting for a connection request (listeners only). */
  LISTEN: 1,
  /** SYN sent, waiting for the peer's. */
  SYN_SENT: 2,
  /** SYN received and sent, waiting for the acknowledgment of ours. */
  SYN_RECEIVED: 3,
  /** Open: data flows in both directions. From here on the state is synchronized. */
  ESTABLISHED: 4,
  /** The peer has closed; our side may still send. */
  CLOSE_WAIT: 5,
  /** Our FIN is out and not yet acknowledged. */
  FIN_WAIT_1: 6,
  /** Both FINs are out, ours not yet acknowledged. */
  CLOSING: 7,
  /** The peer closed first, our FIN is out. */
  LAST_ACK: 8,
  /** Our FIN is acknowledged, the peer may still send. */
  FIN_WAIT_2: 9,
  /** Both closed: old segments are given 2 MSL to die. */
  TIME_WAIT: 10,
} as const;
export type State = (typeof State)[keyof typeof State];

/** The name of each State, for people. */
export const StateName: Readonly<Record<number, string>> = {
  0: "CLOSED",
  1: "LISTEN",
  2: "SYN-SENT",
  3: "SYN-RECEIVED",
  4: "ESTABLISHED",
  5: "CLOSE-WAIT",
  6: "FIN-WAIT-1",
  7: "CLOSING",
  8: "LAST-ACK",
  9: "FIN-WAIT-2",
  10: "TIME-WAIT",
};

/** Errors: a call returns them negated. Positive numbers of our own; hosts map them to errnos. */
export const Errno = {
  /** The call would have to wait: nothing to accept, or no entropy yet. */
  EAGAIN: 1,
  /** Not a handle, or one whose connection has ended. */
  EBADF: 2,
  /** An argument is out of its range. */
  EINVAL: 3,
  /** A pool is empty: no connection record, ring or entry is free. */
  ENOBUFS: 4,
  /** The local address and port are in use. */
  EADDRINUSE: 5,
  /** The address is not one of ours, or no local port is free. */
  EADDRNOTAVAIL: 6,
  /** The peer answered the SYN with a reset. */
  ECONNREFUSED: 7,
  /** The peer reset the connection. */
  ECONNRESET: 8,
  /** The stack ended the connection. */
  ECONNABORTED: 9,
  /** The peer did not answer in time. */
  ETIMEDOUT: 10,
  /** The next hop did not answer, or a router said that the host cannot be reached. */
  EHOSTUNREACH: 11,
  /** No route to the network. */
  ENETUNREACH: 12,
  /** The interface is down. */
  ENETDOWN: 13,
  /** The connection is not open (yet). */
  ENOTCONN: 14,
  /** Our side of the connection is closed for sending. */
  EPIPE: 15,
  /** The address family is not in this build. */
  EAFNOSUPPORT: 16,
  /** No such option. */
  ENOPROTOOPT: 17,
  /** The peer would be a broadcast or multicast address. */
  EACCES: 18,
} as const;
export type Errno = (typeof Errno)[keyof typeof Errno];

/** The name of each Errno, for people. */
export const ErrnoName: Readonly<Record<number, string>> = {
  1: "EAGAIN",
  2: "EBADF",
  3: "EINVAL",
  4: "ENOBUFS",
  5: "EADDRINUSE",
  6: "EADDRNOTAVAIL",
  7: "ECONNREFUSED",
  8: "ECONNRESET",
  9: "ECONNABORTED",
  10: "ETIMEDOUT",
  11: "EHOSTUNREACH",
  12: "ENETUNREACH",
  13: "ENETDOWN",
  14: "ENOTCONN",
  15: "EPIPE",
  16: "EAFNOSUPPORT",
  17: "ENOPROTOOPT",
  18: "EACCES",
};

/** Event bits of a handle: returned and cleared by takeEvents. */
export const Event = {
  /** Listener: a connection waits in the accept queue. */
  ACCEPT: 1,
  /** The connection we opened is established. */
  CONNECTED: 2,
  /** Bytes, or the end of the stream, can be read. */
  READABLE: 4,
  /** The send ring has room again, after a span came back empty or short. */
  WRITABLE: 8,
  /** The peer sent FIN: after the bytes still unread comes the end of the stream. */
  PEER_CLOSED: 16,
  /** The connection is over: both sides closed, or an error that takeError names. */
  CLOSED: 32,
  /** Reset, refused, timed out or unreachable: takeError says which. */
  ERROR: 64,
  /** The urgent pointer moved (RFC 6093: the data stay in line). */
  URGENT: 128,
  /** R1 retransmissions without an answer: there is trouble (RFC 9293 section 3.8.3). */
  TROUBLE: 256,
  /** A soft error (ICMP, or a silent next hop) was noted: takeError names it. */
  SOFT_ERROR: 512,
  /** Address: its state changed (in use, or a conflict). */
  ADDRESS: 1024,
} as const;
export type Event = (typeof Event)[keyof typeof Event];

/** The name of each Event, for people. */
export const EventName: Readonly<Record<number, string>> = {
  1: "ACCEPT",
  2: "CONNECTED",
  4: "READABLE",
  8: "WRITABLE",
  16: "PEER_CLOSED",
  32: "CLOSED",
  64: "ERROR",
  128: "URGENT",
  256: "TROUBLE",
  512: "SOFT_ERROR",
  1024: "ADDRESS",
};

/** Options for setOption and getOption. Handle 0 sets the default for what is opened later. */
export const Option = {
  /** 1: small segments leave at once (Nagle's algorithm off). Default 0. */
  NO_DELAY: 1,
  /** IPv4 time to live of the connection's packets, 1 to 255 hops. Default 64. */
  TTL: 2,
  /** Differentiated-services code point, 0 to 63. Default 0. */
  DSCP: 3,
  /** R2 for data: seconds without progress until the connection ends, 1 to 65535. Default 100. */
  R2_SECONDS: 4,
  /** R2 for SYN, in seconds, 1 to 65535. Stack-wide. Default 180. */
  SYN_R2_SECONDS: 5,
  /**
   * 1: a connection whose own address and port are also the peer's is refused. Stack-wide. Default
   * 0.
   */
  REFUSE_SELF_CONNECT: 6,
  /**
   * Maximum segment lifetime in ms, 1 to 600000; TIME-WAIT lasts twice that. Stack-wide. Default
   * 30000.
   */
  MSL_MS: 7,
  /** Longest delay of an acknowledgment in ms, 0 to 499. Stack-wide. Default 40. */
  DELAYED_ACK_MS: 8,
  /** Lower bound of the retransmission timeout in ms, 1 to 60000. Stack-wide. Default 200. */
  MINIMUM_RTO_MS: 9,
  /** Retransmissions of a SYN+ACK before the SYN cache gives up, 0 to 7. Stack-wide. Default 3. */
  SYN_ACK_RETRIES: 10,
  /**
   * Seconds that a closed connection may wait without progress, and stay in FIN-WAIT-2. Stack-wide.
   * Default 60.
   */
  ORPHAN_SECONDS: 11,
  /** 1: timestamps are offered and accepted. Stack-wide. Default 1. */
  TIMESTAMPS: 12,
  /** 1: window scaling is offered and accepted. Stack-wide. Default 1. */
  WINDOW_SCALE: 13,
  /**
   * Least time between two challenge ACKs of a connection in ms, 0 to 60000. Stack-wide. Default
   * 500.
   */
  CHALLENGE_ACK_MS: 14,
  /** Listener: 1: a SYN that cannot be admitted is answered with RST, not silence. Default 0. */
  RESET_WHEN_FULL: 15,
  /**
   * Listener: connections a single source may hold at most; 0: no limit. Default 0 or half the
   * TCBs.
   */
  SOURCE_LIMIT: 16,
} as const;
export type Option = (typeof Option)[keyof typeof Option];

/** What an address is for; second half of addressState's answer. */
export const AddressState = {
  /** Conflict detection is under way (RFC 5227 section 2.1): not used yet. */
  TENTATIVE: 1,
  /** In use. */
  VALID: 2,
  /** Another host has it: never used. */
  DUPLICATE: 3,
} as const;
export type AddressState = (typeof AddressState)[keyof typeof AddressState];

/** Flags for addressAdd. */
export const AddressFlag = {
  /** Probe before use, announce, and defend (RFC 5227). */
  CONFLICT_DETECTION: 1,
} as const;
export type AddressFlag = (typeof AddressFlag)[keyof typeof AddressFlag];

/** Pools: fixed numbers of records, each with its level and high-water mark. */
export const Pool = {
  /** Connection records (TCBs). */
  TCB: 0,
  /** Receive rings. */
  RECEIVE_RING: 1,
  /** Send rings. */
  SEND_RING: 2,
  /** Reassembly blocks: the out-of-order ranges of one connection. */
  REASSEMBLY: 3,
  /** SYN-cache entries: handshakes of passive opens. */
  SYN_CACHE: 4,
  /** TIME-WAIT entries. */
  TIME_WAIT: 5,
  /** Listeners. */
  LISTENER: 6,
  /** Neighbours: the ARP cache. */
  NEIGHBOUR: 7,
  /** Local addresses. */
  ADDRESS: 8,
  COUNT: 9,
} as const;
export type Pool = (typeof Pool)[keyof typeof Pool];

/** The name of each Pool in the spelling of metrics; the index is its number. */
export const poolNames: readonly string[] = [
  "tcb",
  "receive_ring",
  "send_ring",
  "reassembly",
  "syn_cache",
  "time_wait",
  "listener",
  "neighbour",
  "address",
];

/** Limits of this build, for limit(). */
export const Limit = {
  /** Connection records. */
  TCBS: 0,
  /** Bytes of one send ring. */
  SEND_RING_BYTES: 1,
  /** Bytes of one receive ring. */
  RECEIVE_RING_BYTES: 2,
  /** Interfaces, numbered from 0; loopback is not counted. */
  INTERFACES: 3,
  /** Bytes of the frame buffers: the longest frame with its Ethernet header. */
  FRAME_BYTES: 4,
  /** 1 when addresses of 16 bytes are in this build. */
  IPV6: 5,
  /** Records of the trace ring. */
  TRACE_RECORDS: 6,
  /** Bytes of memory, from 0, that the core ever touches. */
  MEMORY_BYTES: 7,
  /**
   * Bytes of one TCB with its links, timer and share of the hash table and pools, rings excepted.
   */
  CONNECTION_BYTES: 8,
  /** Bytes of one SYN-cache entry, all in. */
  SYN_CACHE_BYTES: 9,
  /** Bytes of one TIME-WAIT entry, all in. */
  TIME_WAIT_BYTES: 10,
  COUNT: 11,
} as const;
export type Limit = (typeof Limit)[keyof typeof Limit];

/** The name of each Limit in the spelling of metrics; the index is its number. */
export const limitNames: readonly string[] = [
  "tcbs",
  "send_ring_bytes",
  "receive_ring_bytes",
  "interfaces",
  "frame_bytes",
  "ipv6",
  "trace_records",
  "memory_bytes",
  "connection_bytes",
  "syn_cache_bytes",
  "time_wait_bytes",
];

/** Why a connection changed its state; in the trace records. */
export const Cause = {
  /** A user call: listen, connect, shutdown, close. */
  USER: 1,
  /** A SYN arrived. */
  SYN: 2,
  /** A SYN+ACK arrived. */
  SYN_ACK: 3,
  /** An acknowledgment arrived. */
  ACK: 4,
  /** A FIN arrived. */
  FIN: 5,
  /** A RST arrived. */
  RST: 6,
  /** A timer expired. */
  TIMEOUT: 7,
  /** An ICMP error, or a next hop that does not answer. */
  UNREACHABLE: 8,
  /** A user call: abort. */
  ABORT: 9,
  /** The pool needed the record. */
  RECYCLED: 10,
} as const;
export type Cause = (typeof Cause)[keyof typeof Cause];

/** The name of each Cause, for people. */
export const CauseName: Readonly<Record<number, string>> = {
  1: "USER",
  2: "SYN",
  3: "SYN-ACK",
  4: "ACK",
  5: "FIN",
  6: "RST",
  7: "TIMEOUT",
  8: "UNREACHABLE",
  9: "ABORT",
  10: "RECYCLED",
};

/** Counters: every frame and segment is counted, and every drop under its reason. */
export const Counter = {
  /** Frames handed to receive. */
  RX_FRAMES: 0,
  /** Bytes of those frames. */
  RX_BYTES: 1,
  /** Frames built: immediate replies and those of transmit. */
  TX_FRAMES: 2,
  /** Bytes of those frames. */
  TX_BYTES: 3,
  /** Frames handed over inside the stack, from it to itself. */
  LOOPBACK_FRAMES: 4,
  /** Dropped: shorter than its headers say, or than the Ethernet header. */
  DROP_RUNT: 5,
  /** Dropped: longer than the frame buffer or the interface number is wrong. */
  DROP_OVERSIZE: 6,
  /** Dropped: addressed to another station. */
  DROP_OTHER_STATION: 7,
  /** Not ours: an EtherType that the stack does not speak (reported by foreignEtherType). */
  FOREIGN_ETHERTYPE: 8,
  /** Dropped: the interface is down or not configured. */
  DROP_LINK_DOWN: 9,
  /** Dropped: malformed ARP. */
  DROP_ARP_MALFORMED: 10,
  /** Dropped: ARP reply that nobody asked for. */
  DROP_ARP_UNSOLICITED: 11,
  /** Dropped: ARP sender address that cannot be a host's. */
  DROP_ARP_SENDER: 12,
  /** Conflicts seen: another station uses one of our addresses. */
  ARP_CONFLICT: 13,
  /** ARP requests sent. */
  ARP_REQUESTS: 14,
  /** ARP replies sent. */
  ARP_REPLIES: 15,
  /** Dropped: IPv4 header malformed (version, header length, total length, options). */
  DROP_IP_MALFORMED: 16,
  /** Dropped: IPv4 header checksum. */
  DROP_IP_CHECKSUM: 17,
  /** Dropped: source address that no packet may have. */
  DROP_IP_SOURCE: 18,
  /** Dropped: destination is none of our addresses. */
  DROP_IP_DESTINATION: 19,
  /** Dropped: fragment (reassembly is not in this build). */
  DROP_IP_FRAGMENT: 20,
  /** Dropped: source-routed (RFC 7126 section 4.3). */
  DROP_IP_SOURCE_ROUTE: 21,
  /** Dropped: protocol not in this build. */
  DROP_IP_PROTOCOL: 22,
  /** Dropped: malformed ICMP, or its checksum. */
  DROP_ICMP_MALFORMED: 23,
  /** Dropped: ICMP type that we do not answer, or must not. */
  DROP_ICMP_TYPE: 24,
  /** Dropped: ICMP error that quotes no connection of ours, or a number out of its range. */
  DROP_ICMP_UNRELATED: 25,
  /** ICMP errors not sent because of the rate limit. */
  ICMP_RATE_LIMITED: 26,
  /** Echo requests answered. */
  ICMP_ECHO_REPLIES: 27,
  /** ICMP errors sent. */
  ICMP_ERRORS_SENT: 28,
  /** TCP segments that passed the checks of the header. */
  TCP_SEGMENTS_IN: 29,
  /** TCP segments built. */
  TCP_SEGMENTS_OUT: 30,
  /** Dropped: TCP header malformed (data offset, port 0, impossible flags). */
  DROP_TCP_MALFORMED: 31,
  /** Dropped: TCP checksum. */
  DROP_TCP_CHECKSUM: 32,
  /** Dropped: TCP to a broadcast or multicast address. */
  DROP_TCP_BROADCAST: 33,
  /** Segments for no connection, answered with RST. */
  TCP_NO_CONNECTION: 34,
  /** Dropped: out of the receive window. */
  DROP_TCP_WINDOW: 35,
  /** Dropped: older than the timestamps allow (PAWS, RFC 7323 section 5). */
  DROP_TCP_PAWS: 36,
  /** Dropped: acknowledges what was never sent, or is too old (RFC 5961 section 5). */
  DROP_TCP_ACK: 37,
  /** Dropped: RST inside the window but not exact (RFC 5961 section 3), or for no connection. */
  DROP_TCP_RST: 38,
  /** Dropped: SYN on a synchronized connection (RFC 5961 section 4). */
  DROP_TCP_SYN: 39,
  /** Dropped: no ACK bit where one is needed. */
  DROP_TCP_NO_ACK: 40,
  /** TCP options with an impossible length. */
  TCP_BAD_OPTION: 41,
  /** Challenge ACKs sent. */
  TCP_CHALLENGE_ACKS: 42,
  /** Challenge ACKs withheld by the throttle. */
  TCP_CHALLENGE_THROTTLED: 43,
  /** SYNs not admitted: no TCB, receive ring or SYN-cache entry was free. */
  TCP_ADMISSION_DROPS: 44,
  /** SYNs not admitted: the listener's accept queue is full. */
  TCP_BACKLOG_DROPS: 45,
  /** SYNs not admitted: the source holds its share. */
  TCP_SOURCE_LIMIT_DROPS: 46,
  /** Handshakes given up: no ACK came for the SYN+ACK. */
  TCP_HANDSHAKE_TIMEOUTS: 47,
  /** Connections opened actively. */
  TCP_ACTIVE_OPENS: 48,
  /** Connections accepted. */
  TCP_PASSIVE_OPENS: 49,
  /** Segments sent again after a timeout. */
  TCP_TIMEOUT_RETRANSMITS: 50,
  /** Segments sent again after duplicate or partial acknowledgments. */
  TCP_FAST_RETRANSMITS: 51,
  /** Duplicate acknowledgments received. */
  TCP_DUPLICATE_ACKS: 52,
  /** Segments kept out of order. */
  TCP_OUT_OF_ORDER: 53,
  /** Out-of-order segments not kept: no block or no range was free. */
  TCP_OUT_OF_ORDER_DROPS: 54,
  /** Zero-window probes sent. */
  TCP_PROBES: 55,
  /** RSTs sent. */
  TCP_RESETS_SENT: 56,
  /** Connections that a RST ended. */
  TCP_RESETS_RECEIVED: 57,
  /** Connections that a timeout ended. */
  TCP_TIMEOUTS: 58,
  /** TIME-WAIT entries taken back before their time. */
  TCP_TIME_WAIT_RECYCLED: 59,
  /** Data that came after our side had closed: answered with RST (RFC 9293 section 3.6.1). */
  TCP_DATA_AFTER_CLOSE: 60,
  COUNT: 61,
} as const;
export type Counter = (typeof Counter)[keyof typeof Counter];

/** The name of each Counter in the spelling of metrics; the index is its number. */
export const counterNames: readonly string[] = [
  "rx_frames",
  "rx_bytes",
  "tx_frames",
  "tx_bytes",
  "loopback_frames",
  "drop_runt",
  "drop_oversize",
  "drop_other_station",
  "foreign_ethertype",
  "drop_link_down",
  "drop_arp_malformed",
  "drop_arp_unsolicited",
  "drop_arp_sender",
  "arp_conflict",
  "arp_requests",
  "arp_replies",
  "drop_ip_malformed",
  "drop_ip_checksum",
  "drop_ip_source",
  "drop_ip_destination",
  "drop_ip_fragment",
  "drop_ip_source_route",
  "drop_ip_protocol",
  "drop_icmp_malformed",
  "drop_icmp_type",
  "drop_icmp_unrelated",
  "icmp_rate_limited",
  "icmp_echo_replies",
  "icmp_errors_sent",
  "tcp_segments_in",
  "tcp_segments_out",
  "drop_tcp_malformed",
  "drop_tcp_checksum",
  "drop_tcp_broadcast",
  "tcp_no_connection",
  "drop_tcp_window",
  "drop_tcp_paws",
  "drop_tcp_ack",
  "drop_tcp_rst",
  "drop_tcp_syn",
  "drop_tcp_no_ack",
  "tcp_bad_option",
  "tcp_challenge_acks",
  "tcp_challenge_throttled",
  "tcp_admission_drops",
  "tcp_backlog_drops",
  "tcp_source_limit_drops",
  "tcp_handshake_timeouts",
  "tcp_active_opens",
  "tcp_passive_opens",
  "tcp_timeout_retransmits",
  "tcp_fast_retransmits",
  "tcp_duplicate_acks",
  "tcp_out_of_order",
  "tcp_out_of_order_drops",
  "tcp_probes",
  "tcp_resets_sent",
  "tcp_resets_received",
  "tcp_timeouts",
  "tcp_time_wait_recycled",
  "tcp_data_after_close",
];

/**
 * Byte offsets: One connection, listener or cache entry, as info() and enumerate() leave it in
 * infoBuffer().
 */
export const InfoOffset = {
  /** Handle, or 0 for a record that has none (SYN cache, TIME-WAIT entry, orphan). */
  handle: 0,
  /** State. */
  state: 4,
  /** Which Pool the record is in: TCB, LISTENER, SYN_CACHE or TIME_WAIT. */
  pool: 8,
  /** Interface number; 0xFFFFFFFF: loopback, or any. */
  interface: 12,
  /** 4 or 16: bytes of the two addresses that count. */
  addressLength: 16,
  /** Local address, network order; zeros: any. */
  localAddress: 20,
  /** Remote address, network order. */
  remoteAddress: 36,
  localPort: 52,
  remotePort: 56,
  /** Bytes received and not yet read. */
  receiveQueue: 60,
  /** Bytes written and not yet acknowledged. Listener: length of the accept queue. */
  sendQueue: 64,
  /** RFC 9293 section 3.3.1, the send sequence variables. */
  iss: 68,
  irs: 72,
  sndUna: 76,
  sndNxt: 80,
  /** Next sequence number to be sent again, and where that ends; not below it: nothing is. */
  sndRtx: 84,
  rtxEnd: 88,
  /** Behind the last byte written. */
  sndEnd: 92,
  sndWnd: 96,
  sndWl1: 100,
  sndWl2: 104,
  /** Largest window the peer ever offered, bytes. */
  maxSndWnd: 108,
  sndUp: 112,
  /** RFC 9293 section 3.3.1, the receive sequence variables. */
  rcvNxt: 116,
  /** Next byte to be read. */
  rcvRead: 120,
  /** Right edge of the window advertised. */
  rcvAdv: 124,
  /** RCV.NXT in the last acknowledgment sent. */
  rcvAcked: 128,
  rcvUp: 132,
  /** Congestion window and slow-start threshold, bytes; recovery ends at recover. */
  cwnd: 136,
  ssthresh: 140,
  recover: 144,
  bytesAcked: 148,
  /** Smoothed round-trip time and its variation, microseconds; 0: not measured. */
  srttUs: 152,
  rttvarUs: 156,
  rcvWnd: 160,
  /** Largest segment sent now, bytes of data. */
  sndMss: 164,
  /** Window scale of the peer's and of our window, bits. */
  sndScale: 168,
  rcvScale: 172,
  /** 1: timestamps are in use. */
  timestamps: 176,
  /** Retransmission timeout with its back-off, ms. */
  rtoMs: 180,
  /** Retransmissions in a row without an answer. */
  retries: 184,
  /** ms until the retransmission, probe or TIME-WAIT timer; 0xFFFFFFFF: not armed. */
  timerMs: 188,
  /** ms until the delayed acknowledgment; 0xFFFFFFFF: not armed. */
  ackTimerMs: 192,
  /** ms since the record was made or last changed its state. */
  ageMs: 196,
  /** Error that waits to be read, or 0. */
  error: 200,
} as const;
export const InfoSize = 204;

/** Byte offsets: One change of state. */
export const TraceRecordOffset = {
  /** Time of the change: nowMs of the advance before it. */
  timeMs: 0,
  /** Handle of the connection; for a SYN-cache entry 0. */
  handle: 4,
  /** From-state in the lowest byte, to-state in the next, Cause in the third. */
  change: 8,
  /** Remote port in the upper, local port in the lower half. */
  ports: 12,
} as const;
export const TraceRecordSize = 16;

/**
 * What the module exports. WebAssembly hands i32 results over as signed numbers: use `>>> 0` for
 * counters, times and pointers; negative results are `-Errno`.
 */
export interface CoreExports {
  readonly memory: WebAssembly.Memory;
  /** Result: version of this page. */
  abiVersion(): number;
  /** Result: 0; everything is as after instantiation. */
  initialise(): number;
  /** Result: pointer to 32 bytes. */
  entropyBuffer(): number;
  /**
   * Takes 32 random bytes in entropyBuffer(). Result: 0; the buffer is wiped. Call again after
   * restoring a snapshot. Errors: EINVAL: all 32 bytes are zero; EAGAIN: before initialise.
   */
  seed(): number;
  /** Takes Limit. Result: its value; 0 for no such limit. */
  limit(id: number): number;
  /** Result: first byte the core never touches. */
  staticEnd(): number;
  /** Result: pointer to 16 bytes. */
  addressBuffer(): number;
  /**
   * Takes MAC in the first 6 bytes of addressBuffer(); mtu: bytes of an IP packet, 576 up to
   * FRAME_BYTES - 14. Result: 0. Errors: EINVAL (also while the link is up), EAGAIN: before
   * initialise.
   */
  interfaceConfigure(interfaceIndex: number, mtu: number): number;
  /**
   * Takes 1: frames pass; 0: they do not, handshakes under way, RSTs not yet sent and MACs are
   * forgotten. Result: 0. Errors: EINVAL, ENETDOWN: not configured.
   */
  interfaceLink(interfaceIndex: number, up: number): number;
  /**
   * Takes router's address in addressBuffer(); length 0: none. Result: 0. Errors: EINVAL,
   * EAFNOSUPPORT.
   */
  interfaceRouter(interfaceIndex: number, length: number): number;
  /**
   * Takes address in addressBuffer(); AddressFlag bits. Result: handle. Errors: EINVAL,
   * EAFNOSUPPORT, EADDRINUSE, ENOBUFS.
   */
  addressAdd(interfaceIndex: number, length: number, prefixLength: number, flags: number): number;
  /** Result: 0; its connections end with ECONNABORTED. Errors: EBADF. */
  addressRemove(handle: number): number;
  /** Result: AddressState. Errors: EBADF. */
  addressState(handle: number): number;
  /** Result: pointer to FRAME_BYTES bytes: the host writes a received frame here. */
  rxBuffer(): number;
  /** Result: pointer to two words about that frame: reserved for offload, keep 0. */
  rxMetadata(): number;
  /**
   * Result: 0, or the length of one immediate reply in txBuffer(): send it on the same interface
   * before the next call.
   */
  receive(interfaceIndex: number, length: number): number;
  /** Result: pointer to FRAME_BYTES bytes. */
  txBuffer(): number;
  /** Result: pointer to two words about that frame: reserved for offload, always 0. */
  txMetadata(): number;
  /** Result: length of the next frame in txBuffer(), or 0. Call until it is 0. */
  transmit(interfaceIndex: number): number;
  /** Result: EtherType of the last received frame if it was none of ours, else 0. */
  foreignEtherType(): number;
  /**
   * Takes two clocks that wrap at 2^32; at most 2^30 ms after the last call: feed longer steps in
   * pieces. Result: none. Time that runs backwards counts as standing still.
   */
  advance(nowMs: number, nowUs: number): void;
  /**
   * Result: ms from the last advance until expire has work; 0: output is pending; 0xFFFFFFFF:
   * nothing.
   */
  nextDeadline(): number;
  /** Result: 1: more is due, call again; 0: done. */
  expire(): number;
  /**
   * Takes address handle or 0 for any; port 0: a free one; backlog: accept queue, 1 to 65535.
   * Result: handle. Errors: EAGAIN, EBADF, EINVAL, EADDRINUSE, EADDRNOTAVAIL, ENOBUFS.
   */
  listen(address: number, port: number, backlog: number): number;
  /**
   * Takes remote address in addressBuffer(); address handle or 0 to choose; local port or 0 to
   * choose. Result: handle, in SYN-SENT; later event CONNECTED or ERROR. Errors: EAGAIN, EBADF,
   * EINVAL, EACCES, EAFNOSUPPORT, EADDRINUSE, EADDRNOTAVAIL, ENETUNREACH, ENETDOWN, ENOBUFS.
   */
  connect(length: number, remotePort: number, address: number, localPort: number): number;
  /** Result: handle of an established connection. Errors: EAGAIN, EBADF. */
  accept(listener: number): number;
  /**
   * Result: n > 0: n bytes can be written at spanPointer(). Errors: EAGAIN: full (event WRITABLE
   * follows), ENOBUFS: no ring is free (WRITABLE follows), ENOTCONN: not open yet, EPIPE: closed
   * for sending, EBADF, or the connection's error.
   */
  sendSpan(handle: number): number;
  /**
   * Takes at most the last span's length, of the same handle. Result: 0: queued, leaves with
   * transmit; a length of 0 gives a ring back that holds nothing. Errors: EINVAL, EBADF.
   */
  commit(handle: number, length: number): number;
  /**
   * Result: n > 0: n bytes can be read at spanPointer(); 0: end of the stream. Errors: EAGAIN:
   * nothing yet (event READABLE follows), ENOTCONN, EBADF, or the connection's error.
   */
  receiveSpan(handle: number): number;
  /**
   * Takes at most the last span's length, of the same handle. Result: 0: the bytes are gone, the
   * window opens. Errors: EINVAL, EBADF.
   */
  consume(handle: number, length: number): number;
  /** Result: pointer of the last span; valid until the next call but this one. */
  spanPointer(): number;
  /** Result: 0: FIN follows the bytes queued; reading goes on. Errors: EBADF, ENOTCONN, EPIPE. */
  shutdown(handle: number): number;
  /**
   * Takes connection or listener. Result: 0: the handle is gone; FIN follows the bytes queued. With
   * bytes unread the connection is reset instead (RFC 9293 section 3.6.1). Errors: EBADF.
   */
  close(handle: number): number;
  /** Result: 0: the handle is gone, a RST leaves with the next transmit. Errors: EBADF. */
  abort(handle: number): number;
  /**
   * Takes handle 0: the default for what is opened later, or stack-wide; options of a listener have
   * no default to set. Result: 0. Errors: EBADF, EINVAL, ENOPROTOOPT.
   */
  setOption(handle: number, option: number, value: number): number;
  /** Result: its value. Errors: EBADF, ENOPROTOOPT. */
  getOption(handle: number, option: number): number;
  /** Result: State. Errors: EBADF. */
  status(handle: number): number;
  /** Result: handle with events, or 0; the handle leaves the queue. */
  nextEvent(): number;
  /** Result: Event bits, cleared. Errors: EBADF. */
  takeEvents(handle: number): number;
  /**
   * Result: Errno that ended the connection, or a soft one, else 0; cleared; a connection that is
   * over keeps its record until this call or close. Errors: EBADF.
   */
  takeError(handle: number): number;
  /** Result: pointer to an Info. */
  infoBuffer(): number;
  /** Result: 0: Info of a connection or listener is filled in. Errors: EBADF. */
  info(handle: number): number;
  /**
   * Takes 0 to start, then the last result. Result: next cursor; Info of one record is filled in:
   * listeners, TCBs, SYN cache, TIME-WAIT. 0: no more.
   */
  enumerate(cursor: number): number;
  /** Takes Counter. Result: its value, wraps at 2^32. */
  counter(id: number): number;
  /** Takes Pool. Result: records. */
  poolCapacity(id: number): number;
  /** Takes Pool. Result: records. */
  poolUsed(id: number): number;
  /** Takes Pool. Result: records. */
  poolHighWater(id: number): number;
  /** Result: pointer to the oldest TraceRecord not yet taken, or 0. */
  traceNext(): number;
  /** Result: records overwritten before they were taken, since initialise. */
  traceLost(): number;
}
