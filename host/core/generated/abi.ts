// Made by tools/generate.mjs from assembly/constants.ts, the classes of records, and docs/abi.md.
// Do not edit: change the source and run `npm run build`.

/** Version of the boundary: raised when an export, a constant or a record changes its meaning. */
export const Abi = {
  VERSION: 4,
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
  /**
   * The peer would be a broadcast or multicast address: never of a connection, and of a datagram
   * only where an option allows it.
   */
  EACCES: 18,
  /** The datagram is too long. */
  EMSGSIZE: 19,
  /** A datagram without an address, on a socket without a peer. */
  EDESTADDRREQ: 20,
  /** There is no such name. */
  ENOTFOUND: 21,
  /** The name has no address of this kind. */
  ENODATA: 22,
  /** Name servers failed, refused, or answered what is no answer. */
  ESERVFAIL: 23,
  /** This build does not have it. */
  ENOTSUP: 24,
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
  19: "EMSGSIZE",
  20: "EDESTADDRREQ",
  21: "ENOTFOUND",
  22: "ENODATA",
  23: "ESERVFAIL",
  24: "ENOTSUP",
};

/** Built-in services, for serve(). */
export const Service = {
  /** One line with the stack's name and version, and the end. */
  HELLO: 1,
  /** What comes goes back, until the peer half-closes (RFC 862). */
  ECHO: 2,
  /** What comes is thrown away, until the peer half-closes (RFC 863). */
  DISCARD: 3,
  /** A page about the stack, as plain text over HTTP: one request for each connection. */
  HTTP: 4,
  /** Lines of 72 characters without an end, until the peer half-closes (RFC 864). */
  CHARGEN: 5,
} as const;
export type Service = (typeof Service)[keyof typeof Service];

/** Event bits of a handle: returned and cleared by takeEvents. */
export const Event = {
  /** Listener: a connection waits in the accept queue. */
  ACCEPT: 1,
  /** The connection we opened is established. */
  CONNECTED: 2,
  /** Bytes, or the end of the stream, can be read. */
  READABLE: 4,
  /** The send ring has room again, after sendSpan had none (EAGAIN, ENOBUFS). */
  WRITABLE: 8,
  /** The peer sent FIN: after the bytes still unread comes the end of the stream. */
  PEER_CLOSED: 16,
  /** The connection is over: both sides closed, or an error that `error` of its Tcb names. */
  CLOSED: 32,
  /** Reset, refused, timed out or unreachable: `error` of its Tcb says which. */
  ERROR: 64,
  /** The urgent pointer moved (RFC 6093: the data stay in line). */
  URGENT: 128,
  /** R1 retransmissions without an answer: there is trouble (RFC 9293 section 3.8.3). */
  TROUBLE: 256,
  /** A soft error (ICMP, or a silent next hop) was noted: `error` of its Tcb names it. */
  SOFT_ERROR: 512,
  /** Address: its state changed (in use, or a conflict). */
  ADDRESS: 1024,
  /** Interface: the link went up or down. */
  LINK: 2048,
  /**
   * Interface: its Lease changed: an address came or went, by DHCP or link-local, or no server
   * answers.
   */
  LEASE: 4096,
  /** Interface: another host has our name below .local, and we have taken another. */
  NAME: 8192,
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
  2048: "LINK",
  4096: "LEASE",
  8192: "NAME",
};

/** Options for setOption. Handle 0 sets the default for what is opened later. */
export const Option = {
  /** 1: small segments leave at once (Nagle's algorithm off). Default 0. */
  NO_DELAY: 1,
  /** IPv4 time to live of the packets of a connection or socket, 1 to 255 hops. Default 64. */
  TTL: 2,
  /** Differentiated-services code point, 0 to 63. Default 0. */
  DSCP: 3,
  /**
   * R2 for data: seconds without progress until the connection ends (the user timeout of RFC 5482),
   * 1 to 65535. Default 100.
   */
  R2_SECONDS: 4,
  /** 1: a connection on which nothing is heard is probed (RFC 9293 section 3.8.4). Default 0. */
  KEEP_ALIVE: 5,
  /** Seconds of silence until the first keepalive probe, 1 to 65535. Default 7200. */
  KEEP_IDLE_SECONDS: 6,
  /** Seconds between keepalive probes, 1 to 65535. Default 75. */
  KEEP_INTERVAL_SECONDS: 7,
  /** Keepalive probes without an answer that end the connection, 1 to 255. Default 10. */
  KEEP_PROBES: 8,
  /** R2 for SYN, in seconds, 1 to 65535. Stack-wide. Default 180. */
  SYN_R2_SECONDS: 9,
  /**
   * 1: a connection whose own address and port are also the peer's is refused. Stack-wide. Default
   * 0.
   */
  REFUSE_SELF_CONNECT: 10,
  /**
   * Maximum segment lifetime in ms, 1 to 600000, rounded up to 10 ms; TIME-WAIT lasts twice that.
   * Stack-wide. Default 30000.
   */
  MSL_MS: 11,
  /** Longest delay of an acknowledgment in ms, 0 to 499. Stack-wide. Default 40. */
  DELAYED_ACK_MS: 12,
  /** Lower bound of the retransmission timeout in ms, 1 to 60000. Stack-wide. Default 200. */
  MINIMUM_RTO_MS: 13,
  /**
   * Retransmissions of a SYN+ACK before the handshake is given up, 0 to 7. Stack-wide. Default 3.
   */
  SYN_ACK_RETRIES: 14,
  /**
   * Seconds that a closed connection may wait without progress, and stay in FIN-WAIT-2. Stack-wide.
   * Default 60.
   */
  ORPHAN_SECONDS: 15,
  /**
   * Seconds that a connection may stay in CLOSE-WAIT before it is reset, 0: for ever, to 65535.
   * Stack-wide. Default 0.
   */
  CLOSE_WAIT_SECONDS: 16,
  /** 1: timestamps are offered and accepted. Stack-wide. Default 1. */
  TIMESTAMPS: 17,
  /** 1: window scaling is offered and accepted. Stack-wide. Default 1. */
  WINDOW_SCALE: 18,
  /** 1: selective acknowledgments are offered and accepted (RFC 2018). Stack-wide. Default 1. */
  SACK: 19,
  /**
   * Least time between two challenge ACKs of a connection in ms, 0 to 60000. Stack-wide. Default
   * 500.
   */
  CHALLENGE_ACK_MS: 20,
  /**
   * 1: R2_SECONDS is told to peers, and theirs is taken up, from 100 s to an hour, by connections
   * that have not set their own (RFC 5482). Stack-wide. Default 0.
   */
  USER_TIMEOUT: 21,
  /** Listener: 1: a SYN that cannot be admitted is answered with RST, not silence. Default 0. */
  RESET_WHEN_FULL: 22,
  /**
   * Listener: connections a single source may hold at most; 0: no limit. Default 0 or half the
   * TCBs.
   */
  SOURCE_LIMIT: 23,
  /** Socket: 1: datagrams may go to broadcast addresses. Default 0. */
  BROADCAST: 24,
  /** Socket: IPv4 time to live of datagrams to groups, 1 to 255 hops. Default 1. */
  MULTICAST_TTL: 25,
  /**
   * Connection: bytes of data in the largest segment that it sends, 64 to 65535; set before the SYN
   * leaves, its MSS option says so, too. A value above what the peer, the link and the path allow
   * changes nothing. Default: what they allow.
   */
  MSS: 26,
} as const;
export type Option = (typeof Option)[keyof typeof Option];

/** Bits beside the length of commit. */
export const Commit = {
  /**
   * The bytes up to here are urgent (RFC 6093: they stay in line, and the peer is told of them at
   * once).
   */
  URGENT: 1073741824,
} as const;
export type Commit = (typeof Commit)[keyof typeof Commit];

/** What an address is for. */
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
  /** Of DHCP or link-local: set by the stack itself. */
  LEASED: 2,
} as const;
export type AddressFlag = (typeof AddressFlag)[keyof typeof AddressFlag];

/** What interfaceAuto asks for: bits. */
export const Auto = {
  /** An address by DHCP (RFC 2131). */
  DHCP: 1,
  /** A link-local address (RFC 3927): by itself at once, beside DHCP while no server answers. */
  LINK_LOCAL: 2,
  /**
   * Leased addresses are probed before they are used (RFC 2131 section 2.2, RFC 5227), which takes
   * 4 to 7 s. Link-local ones always are.
   */
  PROBE: 4,
} as const;
export type Auto = (typeof Auto)[keyof typeof Auto];

/** States of the DHCP client of an interface: RFC 2131 figure 5, and what lies between. */
export const LeaseState = {
  /** Not asked for. */
  OFF: 0,
  /** About to look for a server. */
  INIT: 1,
  /** DHCPDISCOVER sent. */
  SELECTING: 2,
  /** DHCPREQUEST for an offer sent. */
  REQUESTING: 3,
  /** DHCPREQUEST for the lease of before sent: the link came up again. */
  REBOOTING: 4,
  /** The lease is ours, and its address is being probed. */
  PROBING: 5,
  /** The address is in use. */
  BOUND: 6,
  /** After T1: the server is asked to go on. */
  RENEWING: 7,
  /** After T2: any server is asked. */
  REBINDING: 8,
  /** The lease is being given back. */
  RELEASING: 9,
} as const;
export type LeaseState = (typeof LeaseState)[keyof typeof LeaseState];

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
  /** Recovery blocks: what SACK has told about the flight of one connection. */
  RECOVERY: 4,
  /** SYN-cache entries: handshakes of passive opens. */
  SYN_CACHE: 5,
  /** TIME-WAIT entries. */
  TIME_WAIT: 6,
  /** Listeners. */
  LISTENER: 7,
  /** Neighbours: the ARP cache. */
  NEIGHBOUR: 8,
  /** Local addresses. */
  ADDRESS: 9,
  /** Sockets: UDP, and ICMP echo. */
  SOCKET: 10,
  /** IPv4 datagrams that are put together from fragments. */
  ASSEMBLY: 11,
  /** Multicast groups, once for each interface. */
  GROUP: 12,
  /** Routes. */
  ROUTE: 13,
  /** Lookups of names: those under way, and those that a handle holds. */
  LOOKUP: 14,
  /** Services told of by DNS-SD. */
  SERVICE: 15,
  COUNT: 16,
} as const;
export type Pool = (typeof Pool)[keyof typeof Pool];

/** The name of each Pool in the spelling of metrics; the index is its number. */
export const poolNames: readonly string[] = [
  "tcb",
  "receive_ring",
  "send_ring",
  "reassembly",
  "recovery",
  "syn_cache",
  "time_wait",
  "listener",
  "neighbour",
  "address",
  "socket",
  "assembly",
  "group",
  "route",
  "lookup",
  "service",
];

/**
 * What a build is, for constant(): its numbers, and the places of what hosts read and write. From
 * TCBS to ASSEMBLIES the records of each pool, in the order of Pool; AREA: its first byte.
 */
export const Constant = {
  /** Abi.VERSION. */
  ABI_VERSION: 0,
  /** Connection records. */
  TCBS: 1,
  /** Receive rings. */
  RECEIVE_RINGS: 2,
  /** Send rings. */
  SEND_RINGS: 3,
  /** Reassembly blocks. */
  REASSEMBLY_BLOCKS: 4,
  /** Recovery blocks. */
  RECOVERY_BLOCKS: 5,
  /** SYN-cache entries. */
  SYN_ENTRIES: 6,
  /** TIME-WAIT entries. */
  TIME_WAITS: 7,
  /** Listeners. */
  LISTENERS: 8,
  /** Neighbours. */
  NEIGHBOURS: 9,
  /** Local addresses, 127.0.0.1 among them where the stack talks to itself. */
  ADDRESSES: 10,
  /** Sockets. */
  SOCKETS: 11,
  /** IPv4 datagrams that are put together at the same time. */
  ASSEMBLIES: 12,
  /** Multicast groups. */
  GROUPS: 13,
  /** Routes. */
  ROUTES: 14,
  /** Lookups of names. */
  LOOKUPS: 15,
  /** Services told of by DNS-SD. */
  SERVICES: 16,
  /** Interfaces, numbered from 0; loopback is not counted. */
  INTERFACES: 17,
  /** Records of the trace ring: a power of two or 0. */
  TRACE_RECORDS: 18,
  /** Bytes of one send ring. */
  SEND_RING_BYTES: 19,
  /** Bytes of one receive ring. */
  RECEIVE_RING_BYTES: 20,
  /** Bytes of the frame buffers: the longest frame with its Ethernet header. */
  FRAME_BYTES: 21,
  /** Bytes of an address in a record: 4; 16 when IPv6 addresses are in this build. */
  ADDRESS_BYTES: 22,
  /**
   * Bytes of one TCB with its links, timer and share of the hash table and pools, rings excepted.
   */
  CONNECTION_BYTES: 23,
  /** Bytes of one SYN-cache entry, all in. */
  SYN_CACHE_BYTES: 24,
  /** Bytes of one TIME-WAIT entry, all in. */
  TIME_WAIT_BYTES: 25,
  /** Bytes of one socket, all in, its rings excepted. */
  SOCKET_BYTES: 26,
  /** FRAME_BYTES bytes: the host writes a received frame here. */
  RX_FRAME: 27,
  /** FRAME_BYTES bytes: the frame to send. */
  TX_FRAME: 28,
  /** Two words about the received frame: reserved for offload, keep 0. */
  RX_METADATA: 29,
  /** Two words about the frame to send: reserved for offload, always 0. */
  TX_METADATA: 30,
  /** 32 bytes in which addresses cross: one, or a network and its router. */
  ADDRESS_BUFFER: 31,
  /** 256 bytes in which names cross; 0: none cross in this build. */
  NAME_BUFFER: 32,
  /** 32 bytes for seed(). */
  ENTROPY: 33,
  /** A Globals. */
  GLOBALS: 34,
  /** A u32 for each Counter. */
  COUNTER_AREA: 35,
  /** Two u32 for each Pool: records in use, and the most there ever were. */
  POOL_AREA: 36,
  /**
   * A u16 for each handle's slot: TCBs, then listeners, addresses, sockets, tasks: one for each
   * interface first.
   */
  GENERATION_AREA: 37,
  /** The TCBs: Tcb. */
  TCB_AREA: 38,
  /** The SYN cache: SynEntry. */
  SYN_AREA: 39,
  /** TIME-WAIT: TimeWait. */
  TIME_WAIT_AREA: 40,
  /** The listeners: Listener. */
  LISTENER_AREA: 41,
  /** The local addresses: Address. */
  ADDRESS_AREA: 42,
  /** The sockets: Socket. */
  SOCKET_AREA: 43,
  /** The multicast groups: Group. */
  GROUP_AREA: 44,
  /** The routes: Route. */
  ROUTE_AREA: 45,
  /** The leases, one for each interface: Lease. */
  LEASE_AREA: 46,
  /** The lookups: Lookup. */
  LOOKUP_AREA: 47,
  /** What the time server said: TimeSample. */
  TIME_AREA: 48,
  /** The host's name: a byte that is its length, and at most 63 characters. */
  HOST_NAME: 49,
  /** The trace ring: TraceRecord. */
  TRACE_AREA: 50,
  /** A u16 for each handle's slot: its event bits, and OPEN while the handle lives. */
  EVENT_AREA: 51,
  /** A u32: the pointer of the last span. */
  SPAN_POINTER: 52,
  /** Bytes of memory, from 0, that the core ever touches. */
  MEMORY_BYTES: 53,
  /**
   * A u32 for each TCB: segments with data or FIN that it has sent again; 0: this build does not
   * count them.
   */
  RETRANSMIT_AREA: 54,
  COUNT: 55,
} as const;
export type Constant = (typeof Constant)[keyof typeof Constant];

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
  /** Not ours: an EtherType that the stack does not speak (it stands in Globals). */
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
  /**
   * Dropped: fragment that fits no datagram (empty, out of bounds, overlapping), or any where
   * reassembly is not in this build.
   */
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
  /**
   * Dropped: SYN on a synchronized connection (RFC 5961 section 4), or none where one must come.
   */
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
  /** Zero-window probes: each time that the timer asks for one. */
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
  /** Keepalive probes sent. */
  TCP_KEEPALIVE_PROBES: 61,
  /** Connections reset because they stayed in CLOSE-WAIT too long. */
  TCP_CLOSE_WAIT_LIMITED: 62,
  /** SACK blocks that report duplicates (RFC 2883): what was sent again had arrived. */
  TCP_DUPLICATE_SACKS: 63,
  /** SYN cookies sent: the SYN cache was full. */
  TCP_COOKIES_SENT: 64,
  /** Connections that a cookie opened. */
  TCP_COOKIES_TAKEN: 65,
  /** Acknowledgments for a listener that were no cookie of ours, while some were out. */
  TCP_COOKIES_REFUSED: 66,
  /** UDP datagrams that a socket took. */
  UDP_DATAGRAMS_IN: 67,
  /** UDP datagrams sent. */
  UDP_DATAGRAMS_OUT: 68,
  /** Dropped: UDP header malformed (length, destination port 0). */
  DROP_UDP_MALFORMED: 69,
  /** Dropped: UDP checksum. */
  DROP_UDP_CHECKSUM: 70,
  /** Datagrams for a port that no socket has, answered with port unreachable where they may be. */
  UDP_NO_SOCKET: 71,
  /** Dropped: the socket's ring is full. */
  DROP_SOCKET_FULL: 72,
  /** Datagrams of ours that did not leave: no route, or a next hop that does not answer. */
  DROP_SOCKET_UNREACHABLE: 73,
  /** Fragments kept until the others come. */
  IP_FRAGMENTS: 74,
  /** Datagrams put together. */
  IP_REASSEMBLED: 75,
  /** Datagrams of which not all came in time, or which made room for others. */
  IP_REASSEMBLY_TIMEOUTS: 76,
  /** Dropped: malformed IGMP, or its checksum. */
  DROP_IGMP_MALFORMED: 77,
  /** Reports about multicast groups sent. */
  IGMP_REPORTS: 78,
  /** DHCP messages sent. */
  DHCP_SENT: 79,
  /**
   * Dropped: DHCP message malformed, without an option that it must have, or with values that no
   * lease can have.
   */
  DROP_DHCP_MALFORMED: 80,
  /** Dropped: DHCP message that answers no question of ours. */
  DROP_DHCP_UNRELATED: 81,
  /** DHCPNAKs taken. */
  DHCP_NAKS: 82,
  /** Leased addresses that another station has. */
  DHCP_CONFLICTS: 83,
  /** Questions sent to name servers and to multicast groups. */
  DNS_QUERIES: 84,
  /** Lookups answered from the cache. */
  DNS_CACHE_HITS: 85,
  /** Dropped: DNS message malformed. */
  DROP_DNS_MALFORMED: 86,
  /**
   * Dropped: DNS message that answers no question of ours, or that multicast DNS does not take from
   * there.
   */
  DROP_DNS_UNRELATED: 87,
  /** Answers that were truncated, and asked for by TCP. */
  DNS_TRUNCATED: 88,
  /** Multicast DNS: probes, announcements and answers sent. */
  MDNS_SENT: 89,
  /** Multicast DNS: our name was another host's. */
  MDNS_CONFLICTS: 90,
  /** Time servers asked. */
  SNTP_QUERIES: 91,
  /** Dropped: answers of time servers that are none, or that must not be believed. */
  DROP_SNTP: 92,
  COUNT: 93,
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
  "tcp_keepalive_probes",
  "tcp_close_wait_limited",
  "tcp_duplicate_sacks",
  "tcp_cookies_sent",
  "tcp_cookies_taken",
  "tcp_cookies_refused",
  "udp_datagrams_in",
  "udp_datagrams_out",
  "drop_udp_malformed",
  "drop_udp_checksum",
  "udp_no_socket",
  "drop_socket_full",
  "drop_socket_unreachable",
  "ip_fragments",
  "ip_reassembled",
  "ip_reassembly_timeouts",
  "drop_igmp_malformed",
  "igmp_reports",
  "dhcp_sent",
  "drop_dhcp_malformed",
  "drop_dhcp_unrelated",
  "dhcp_naks",
  "dhcp_conflicts",
  "dns_queries",
  "dns_cache_hits",
  "drop_dns_malformed",
  "drop_dns_unrelated",
  "dns_truncated",
  "mdns_sent",
  "mdns_conflicts",
  "sntp_queries",
  "drop_sntp",
];

/** Flags of a connection; what small profiles use most first: short constants. */
export const Flag = {
  /** The user holds a handle. */
  OWNED: 1,
  /** timerMs is armed: retransmission, probe, or TIME-WAIT. */
  TIMER: 2,
  /** An acknowledgment is to leave with the next transmit. */
  ACK_NOW: 4,
  /** An acknowledgment waits for ackMs. */
  ACK_DELAYED: 8,
  /** A segment is being timed (RFC 6298 section 3). */
  TIMING: 16,
  /** timerMs is the zero-window probe's. */
  PERSIST: 32,
  /** In the accept queue of its listener. */
  QUEUED: 64,
  /** A RST is to leave, then the record goes. */
  RESET: 128,
  /** Repair after a timeout: everything up to recover is sent again as cwnd allows. */
  LOSS: 256,
  /** SYN or SYN+ACK is to leave. */
  SYN_DUE: 512,
  /** lifeMs is armed: the limit of an orphan, of FIN-WAIT-2 or of CLOSE-WAIT, or keepalive. */
  LIFE: 1024,
  /** Our side has closed: FIN follows the last byte queued. */
  FIN_QUEUED: 2048,
  /** A SYN was lost: RTO of 3 s and a window of one segment (RFC 6298 5.7, RFC 5681 3.1). */
  SYN_LOST: 4096,
  /** Opened by connect. */
  ACTIVE: 8192,
  /** sendSpan had no room: WRITABLE is owed. */
  WANTS_SPACE: 16384,
  /** PSH and URG: urgent data are announced up to rcvUp. */
  URGENT: 32768,
  /** A probe is to leave. */
  PROBE: 65536,
  /** A challenge ACK was sent at challengeMs. */
  CHALLENGED: 131072,
  /** Fast recovery (RFC 6582). */
  RECOVERY: 262144,
  /** The peer is this stack. */
  LOCAL: 524288,
  /** Waits for a send ring. */
  WANTS_RING: 1048576,
  /** A keepalive probe is to leave. */
  KEEP_PROBE: 2097152,
  /** What lies below sndUp is urgent, and not all acknowledged. */
  SENDS_URGENT: 4194304,
  /** Its user timeout was set by its user: the peer's says nothing. */
  OWN_TIMEOUT: 8388608,
  /** The next acknowledgment without data tells the peer our user timeout. */
  TELLS_TIMEOUT: 16777216,
  /** A built-in service has it, that of its listener. Its limits are those of an orphan. */
  SERVED: 33554432,
} as const;
export type Flag = (typeof Flag)[keyof typeof Flag];

/** Numbers with which records are read. */
export const Reading = {
  /**
   * Endpoint.options: both sides know selective acknowledgments; timestamps are in use; both
   * windows are scaled.
   */
  SACKS: 64,
  TIMESTAMPS: 32,
  SCALED: 16,
  /** Every address. */
  ANY_ADDRESS: 255,
  TICK_BITS: 6,
  /** SynEntry.retries: SYN+ACKs sent again. */
  RETRIES: 7,
  /** The event bit of a node whose handle lives: above all others. */
  OPEN: 32768,
  /** No ring: the field of a connection that holds none. A ring is known by its node. */
  NO_RING: 0,
  /** Retransmission timeout before the first sample, ms (RFC 6298 section 2.1). */
  INITIAL_RTO_MS: 1000,
  /** Retransmission timeout after a lost SYN, ms (RFC 6298 section 5.7). */
  SYN_LOST_RTO_MS: 3000,
  /** Upper bound of the retransmission timeout, ms (RFC 6298 section 2.5). */
  MAXIMUM_RTO_MS: 60000,
  /** Addresses that a lookup keeps of those in the answer. */
  LOOKUP_ADDRESSES: 4,
} as const;
export type Reading = (typeof Reading)[keyof typeof Reading];

/** What a Tcb, SynEntry and TimeWait begin with. `localPort` 0: the record is free. */
export const EndpointField = {
  localPort: { offset: 0, bytes: 2 },
  remotePort: { offset: 2, bytes: 2 },
  /** Number of the local address. */
  address: { offset: 4, bytes: 1 },
  /** SACKS, TIMESTAMPS, SCALED, and the peer's scale in the lowest four bits (RFC 7323). */
  options: { offset: 5, bytes: 1 },
  /** SYN-cache entries, and what became of them. TIME-WAIT keeps its time in these two bytes. */
  listener: { offset: 6, bytes: 1 },
  /** Retransmissions or unanswered probes in a row; the SYN cache has two bits of its own. */
  retries: { offset: 7, bytes: 1 },
  /** TS.Recent. */
  tsRecent: { offset: 8, bytes: 4 },
} as const;
export const EndpointSize = 12;

/** A connection. */
export const TcbField = {
  localPort: { offset: 0, bytes: 2 },
  remotePort: { offset: 2, bytes: 2 },
  /** Number of the local address. */
  address: { offset: 4, bytes: 1 },
  /** SACKS, TIMESTAMPS, SCALED, and the peer's scale in the lowest four bits (RFC 7323). */
  options: { offset: 5, bytes: 1 },
  /** SYN-cache entries, and what became of them. TIME-WAIT keeps its time in these two bytes. */
  listener: { offset: 6, bytes: 1 },
  /** Retransmissions or unanswered probes in a row; the SYN cache has two bits of its own. */
  retries: { offset: 7, bytes: 1 },
  /** TS.Recent. */
  tsRecent: { offset: 8, bytes: 4 },
  iss: { offset: 12, bytes: 4 },
  irs: { offset: 16, bytes: 4 },
  sndUna: { offset: 20, bytes: 4 },
  sndNxt: { offset: 24, bytes: 4 },
  /** Next number to be sent again, below rtxEnd; sndNxt never rolls back. */
  sndRtx: { offset: 28, bytes: 4 },
  rtxEnd: { offset: 32, bytes: 4 },
  /** Behind the last byte queued; the FIN's number once it is queued. */
  sndEnd: { offset: 36, bytes: 4 },
  sndWnd: { offset: 40, bytes: 4 },
  sndWl1: { offset: 44, bytes: 4 },
  sndWl2: { offset: 48, bytes: 4 },
  maxSndWnd: { offset: 52, bytes: 4 },
  sndUp: { offset: 56, bytes: 4 },
  rcvNxt: { offset: 60, bytes: 4 },
  /** Next byte the user reads. */
  rcvRead: { offset: 64, bytes: 4 },
  /** Right edge of the window advertised: never moves back. */
  rcvAdv: { offset: 68, bytes: 4 },
  /** RCV.NXT in the last acknowledgment sent (Last.ACK.sent). */
  rcvAcked: { offset: 72, bytes: 4 },
  rcvUp: { offset: 76, bytes: 4 },
  cwnd: { offset: 80, bytes: 4 },
  ssthresh: { offset: 84, bytes: 4 },
  recover: { offset: 88, bytes: 4 },
  bytesAcked: { offset: 92, bytes: 4 },
  srttUs: { offset: 96, bytes: 4 },
  rttvarUs: { offset: 100, bytes: 4 },
  flags: { offset: 104, bytes: 4 },
  state: { offset: 108, bytes: 1 },
  /** Doublings of the RTO. */
  backoff: { offset: 109, bytes: 1 },
  dupAcks: { offset: 110, bytes: 1 },
  /** Errno of what ended the connection, or of a soft error since the last progress; 0: none. */
  error: { offset: 111, bytes: 1 },
  /** Largest segment sent, options deducted. */
  sndMss: { offset: 112, bytes: 2 },
  /** Rings and blocks, lent while needed, by their nodes; NO_RING, NO_BLOCK: none. */
  sendRing: { offset: 114, bytes: 2 },
  receiveRing: { offset: 116, bytes: 2 },
  reassembly: { offset: 118, bytes: 2 },
  /** Recovery block: the scoreboard of SACK. */
  recovery: { offset: 120, bytes: 2 },
  /** Where the next hop was in the neighbour cache last time. */
  neighbour: { offset: 122, bytes: 2 },
  rttSeq: { offset: 124, bytes: 4 },
  rttStartUs: { offset: 128, bytes: 4 },
  /** When tsRecent was taken. */
  tsRecentMs: { offset: 132, bytes: 4 },
  /** Last progress of the peer: new data acknowledged, or the first byte sent after silence. */
  progressMs: { offset: 136, bytes: 4 },
  /** Last change of state. */
  changedMs: { offset: 140, bytes: 4 },
  /** The peer was last heard. */
  heardMs: { offset: 144, bytes: 4 },
  /** Last challenge ACK. */
  challengeMs: { offset: 148, bytes: 4 },
  /** What is added to nowMs in our timestamps (RFC 7323). */
  tsOffset: { offset: 152, bytes: 4 },
  timerMs: { offset: 156, bytes: 4 },
  ackMs: { offset: 160, bytes: 4 },
  lifeMs: { offset: 164, bytes: 4 },
  /** The first of the options of connections, in the order of Option. */
  noDelay: { offset: 168, bytes: 2 },
  ttl: { offset: 170, bytes: 2 },
  dscp: { offset: 172, bytes: 2 },
  r2Seconds: { offset: 174, bytes: 2 },
  keepAlive: { offset: 176, bytes: 2 },
  keepIdleSeconds: { offset: 178, bytes: 2 },
  keepIntervalSeconds: { offset: 180, bytes: 2 },
  keepProbes: { offset: 182, bytes: 2 },
} as const;
export const TcbSize = 184;

/** The handshake of a passive open. */
export const SynEntryField = {
  localPort: { offset: 0, bytes: 2 },
  remotePort: { offset: 2, bytes: 2 },
  /** Number of the local address. */
  address: { offset: 4, bytes: 1 },
  /** SACKS, TIMESTAMPS, SCALED, and the peer's scale in the lowest four bits (RFC 7323). */
  options: { offset: 5, bytes: 1 },
  /** SYN-cache entries, and what became of them. TIME-WAIT keeps its time in these two bytes. */
  listener: { offset: 6, bytes: 1 },
  /** Retransmissions or unanswered probes in a row; the SYN cache has two bits of its own. */
  retries: { offset: 7, bytes: 1 },
  /** TS.Recent. */
  tsRecent: { offset: 8, bytes: 4 },
  iss: { offset: 12, bytes: 4 },
  irs: { offset: 16, bytes: 4 },
  /** When the next SYN+ACK is due, ms. */
  dueMs: { offset: 20, bytes: 4 },
  /** Peer's MSS option, 0: none; its window. */
  mss: { offset: 24, bytes: 2 },
  window: { offset: 26, bytes: 2 },
} as const;
export const SynEntrySize = 28;

/**
 * A connection in TIME-WAIT. `listener` and `retries` together are a u16: when it began, in ticks
 * of 1 << `TICK_BITS` ms.
 */
export const TimeWaitField = {
  localPort: { offset: 0, bytes: 2 },
  remotePort: { offset: 2, bytes: 2 },
  /** Number of the local address. */
  address: { offset: 4, bytes: 1 },
  /** SACKS, TIMESTAMPS, SCALED, and the peer's scale in the lowest four bits (RFC 7323). */
  options: { offset: 5, bytes: 1 },
  /** SYN-cache entries, and what became of them. TIME-WAIT keeps its time in these two bytes. */
  listener: { offset: 6, bytes: 1 },
  /** Retransmissions or unanswered probes in a row; the SYN cache has two bits of its own. */
  retries: { offset: 7, bytes: 1 },
  /** TS.Recent. */
  tsRecent: { offset: 8, bytes: 4 },
  sndNxt: { offset: 12, bytes: 4 },
  rcvNxt: { offset: 16, bytes: 4 },
} as const;
export const TimeWaitSize = 20;

/** A passive open. */
export const ListenerField = {
  /** 0: free. */
  port: { offset: 0, bytes: 2 },
  address: { offset: 2, bytes: 1 },
  /** Service: its connections are the stack's own; 0: they wait to be accepted. */
  service: { offset: 3, bytes: 1 },
  backlog: { offset: 4, bytes: 2 },
  /** Connections in the accept queue, or with the service. */
  queued: { offset: 6, bytes: 2 },
  /**
   * 1: what cannot be admitted is reset. The first of the options of listeners, in the order of
   * Option.
   */
  resetWhenFull: { offset: 8, bytes: 2 },
  /** Connections that one source may hold; 0: no limit. */
  sourceLimit: { offset: 10, bytes: 2 },
} as const;
export const ListenerSize = 12;

/**
 * A local address, which follows its record. Number 0 is 127.0.0.1 where the stack talks to itself.
 */
export const AddressField = {
  interface: { offset: 0, bytes: 1 },
  /** AddressState; 0: free. */
  state: { offset: 1, bytes: 1 },
  flags: { offset: 2, bytes: 1 },
  /** Probes and announcements sent. */
  phase: { offset: 3, bytes: 1 },
  /** Last defence (RFC 5227 section 2.4), ms; 0: never. */
  defendedMs: { offset: 4, bytes: 4 },
  /** Network mask, as it lies in a packet. */
  mask: { offset: 8, bytes: 4 },
} as const;
export const AddressSize = 12;

/** A UDP socket or an echo socket; its peer's address stands in its last bytes. */
export const SocketField = {
  localPort: { offset: 0, bytes: 2 },
  /** The peer's port; 0: not connected. */
  remotePort: { offset: 2, bytes: 2 },
  /** Number of the local address, or ANY_ADDRESS. */
  address: { offset: 4, bytes: 1 },
  /** IPv4's number: 17 UDP, 1 echo; 0: free. */
  protocol: { offset: 5, bytes: 1 },
  /** Errno of an ICMP error about a datagram to the peer, until it is read; 0: none. */
  error: { offset: 6, bytes: 1 },
  /** 1: sendSpan had no room: WRITABLE is owed. */
  wantsSpace: { offset: 7, bytes: 1 },
  /** Where the next hop was in the neighbour cache last time. */
  neighbour: { offset: 8, bytes: 2 },
  /** Datagrams received: the ring, the place of the first, bytes in use. */
  receiveRing: { offset: 10, bytes: 2 },
  receiveAt: { offset: 12, bytes: 2 },
  receiveUsed: { offset: 14, bytes: 2 },
  /** Datagrams to send. */
  sendRing: { offset: 16, bytes: 2 },
  sendAt: { offset: 18, bytes: 2 },
  sendUsed: { offset: 20, bytes: 2 },
  /** Bytes of the first that have left in fragments, and their identification. */
  sent: { offset: 22, bytes: 2 },
  identification: { offset: 24, bytes: 2 },
  /** The first of the options of sockets. */
  ttl: { offset: 26, bytes: 2 },
  dscp: { offset: 28, bytes: 2 },
  broadcast: { offset: 30, bytes: 2 },
  multicastTtl: { offset: 32, bytes: 2 },
  reserved: { offset: 34, bytes: 2 },
} as const;
export const SocketSize = 36;

/** A multicast group that is heard on an interface. */
export const GroupField = {
  /** As it lies in a packet; 0: free. */
  v4: { offset: 0, bytes: 4 },
  interface: { offset: 4, bytes: 1 },
  /** How often it was joined; 0: it has been left, and routers are being told. */
  users: { offset: 5, bytes: 1 },
  /** Reports of a change that have not left yet. */
  changes: { offset: 6, bytes: 1 },
  /** 1: a report is due. */
  due: { offset: 7, bytes: 1 },
} as const;
export const GroupSize = 8;

/** A route. */
export const RouteField = {
  /** As addresses lie in a packet. */
  network: { offset: 0, bytes: 4 },
  mask: { offset: 4, bytes: 4 },
  /** 0: the record is free. */
  router: { offset: 8, bytes: 4 },
  interface: { offset: 12, bytes: 4 },
} as const;
export const RouteSize = 16;

/** What an interface has by DHCP, or by itself. Addresses are as they lie in a packet. */
export const LeaseField = {
  /** LeaseState. */
  state: { offset: 0, bytes: 1 },
  /** Auto: what was asked for. */
  auto: { offset: 1, bytes: 1 },
  /** Number of the leased address, in use or being probed; 0: there is none. */
  local: { offset: 2, bytes: 1 },
  /** Number of the link-local address, in use or being probed; 0: there is none. */
  linkLocal: { offset: 3, bytes: 1 },
  /** Messages of this state sent without an answer. */
  tries: { offset: 4, bytes: 4 },
  /** The leased address, or the one that was offered last. */
  address: { offset: 8, bytes: 4 },
  /** Network mask of the lease or the offer. */
  mask: { offset: 12, bytes: 4 },
  /** The server that gave the lease, or made the offer. */
  server: { offset: 16, bytes: 4 },
  /** Router; 0: the server named none. From here to `mtu` all is 0 while there is no lease. */
  router: { offset: 20, bytes: 4 },
  /** Name servers; 0: the server named none, or just one. */
  nameServer: { offset: 24, bytes: 4 },
  nameServer2: { offset: 28, bytes: 4 },
  /** Time servers; 0: the server named none, or just one. */
  timeServer: { offset: 32, bytes: 4 },
  timeServer2: { offset: 36, bytes: 4 },
  /** Seconds that the lease lasts from when it was asked for; 0xffffffff: for ever. */
  seconds: { offset: 40, bytes: 4 },
  /** T1 and T2: seconds after which the server, and any server, is asked to go on. */
  renewSeconds: { offset: 44, bytes: 4 },
  rebindSeconds: { offset: 48, bytes: 4 },
  /**
   * Bytes of a packet that the interface has by the lease; 0: the server named none, or no fewer.
   */
  mtu: { offset: 52, bytes: 4 },
  /** MTU of the interface without the lease. */
  linkMtu: { offset: 56, bytes: 4 },
  /** Seconds since the lease was asked for. */
  ageSeconds: { offset: 60, bytes: 4 },
  /** When ageSeconds was right, ms. */
  agedMs: { offset: 64, bytes: 4 },
  /** When servers were first asked for what is asked for now, ms. */
  startedMs: { offset: 68, bytes: 4 },
  /**
   * When they were asked last, ms, the request for an offer not counted: `secs` of the messages.
   */
  askedMs: { offset: 72, bytes: 4 },
  /** Identifies our question. */
  transaction: { offset: 76, bytes: 4 },
  /** DHCPNAKs since an address was in use. */
  naks: { offset: 80, bytes: 4 },
  /** The link-local address; 0: none was tried yet, or another station has it. */
  linkLocalAddress: { offset: 84, bytes: 4 },
  /** Link-local addresses that other stations had. */
  linkLocalConflicts: { offset: 88, bytes: 4 },
} as const;
export const LeaseSize = 92;

/** A lookup of a name. The addresses stand behind it, `LOOKUP_ADDRESSES` at most. */
export const LookupField = {
  /** Errno of a lookup that failed. */
  error: { offset: 0, bytes: 1 },
  /** Addresses that were found. */
  addresses: { offset: 1, bytes: 1 },
  /** Questions sent; to the link each counts twice. */
  tries: { offset: 2, bytes: 1 },
  /** 1: questions go without EDNS. */
  plain: { offset: 3, bytes: 1 },
  /** 1: the name is below .local, and hosts on the link are asked. */
  local: { offset: 4, bytes: 1 },
  /** The place of the server, among those that are known. */
  server: { offset: 5, bytes: 1 },
  /** Bytes of the name, as it stands in a message. */
  nameBytes: { offset: 6, bytes: 1 },
  reserved: { offset: 7, bytes: 1 },
  /** Identifies the question, as it lies in a packet. */
  id: { offset: 8, bytes: 2 },
  reserved2: { offset: 10, bytes: 2 },
  /** Servers that have failed: a bit for each place. */
  failed: { offset: 12, bytes: 4 },
  /** The server's address, or the group's, as it lies in a packet. */
  serverAddress: { offset: 16, bytes: 4 },
  /** When what was found is too old, ms; before that: when the lookup began. */
  expiresMs: { offset: 20, bytes: 4 },
  /**
   * Where the answer is to come: the port that the question went from, or the handle of the
   * connection to the server, which is larger than any port; 0: there is no question under way.
   */
  waits: { offset: 24, bytes: 4 },
} as const;
export const LookupSize = 28;

/** What a time server has said. */
export const TimeSampleField = {
  /**
   * Seconds since 1970-01-01 00:00 UTC, as a u32; with `fraction` 0: no server has answered yet.
   */
  seconds: { offset: 0, bytes: 4 },
  /** Of a second, in units of 2^-32 s. */
  fraction: { offset: 4, bytes: 4 },
  /** The moment at which it was that time: nowMs and nowUs of an advance. */
  atMs: { offset: 8, bytes: 4 },
  atUs: { offset: 12, bytes: 4 },
  /** Round trip to the server, us. */
  roundTripUs: { offset: 16, bytes: 4 },
  /** Stratum of the server, 1 to 15. */
  stratum: { offset: 20, bytes: 4 },
  /** The server, as it lies in a packet. */
  server: { offset: 24, bytes: 4 },
  /** The server that the user named, 0: those of leases. */
  wanted: { offset: 28, bytes: 4 },
  /** The server that was asked last. */
  asked: { offset: 32, bytes: 4 },
  /** Random: what the answer must repeat. */
  origin: { offset: 40, bytes: 8 },
  /** When the question left, us. */
  sentUs: { offset: 48, bytes: 4 },
  /** Port that it went from; 0: none is open. */
  port: { offset: 52, bytes: 2 },
  /** Questions without an answer. */
  tries: { offset: 54, bytes: 2 },
} as const;
export const TimeSampleSize = 56;

/** What stands before the address and the data of a datagram in a socket's span. */
export const DatagramField = {
  /** Bytes of data behind this record. */
  length: { offset: 0, bytes: 2 },
  /** The other side's port; of an echo socket: the sequence number. */
  port: { offset: 2, bytes: 2 },
  /**
   * Number of the local address that it came to or leaves from; ANY_ADDRESS: a group's or a
   * broadcast.
   */
  local: { offset: 4, bytes: 1 },
  /** Received: the IPv4 time to live that was left. */
  hops: { offset: 5, bytes: 1 },
  /**
   * Received: 0, or of an ICMP error about what an echo socket sent: 256 * its type + its code; the
   * address is that of who sent the error.
   */
  kind: { offset: 6, bytes: 2 },
} as const;
export const DatagramSize = 8;

/** One change of state. */
export const TraceRecordField = {
  /** Time of the change: nowMs of the advance before it. */
  timeMs: { offset: 0, bytes: 4 },
  /** Handle of the connection; for a SYN-cache entry 0. */
  handle: { offset: 4, bytes: 4 },
  /** From-state in the lowest byte, to-state in the next, Cause in the third. */
  change: { offset: 8, bytes: 4 },
  /** Remote port in the upper, local port in the lower half. */
  ports: { offset: 12, bytes: 4 },
} as const;
export const TraceRecordSize = 16;

/** What hosts may read of the stack as a whole. */
export const GlobalsField = {
  nowMs: { offset: 0, bytes: 4 },
  /** The first of the stack's options and defaults, in the order of Option. */
  noDelay: { offset: 28, bytes: 2 },
  /** Hundredths of a second. */
  mslCs: { offset: 48, bytes: 2 },
  minimumRtoMs: { offset: 52, bytes: 2 },
  /** EtherType of the last frame received if it was none of ours, else 0. */
  foreignEtherType: { offset: 92, bytes: 4 },
  /** Trace records written; the host remembers how many it has read. */
  traceWritten: { offset: 96, bytes: 4 },
} as const;
export const GlobalsSize = 160;

/**
 * What the module exports. WebAssembly hands i32 results over as signed numbers: use `>>> 0` for
 * counters, times and pointers; negative results are `-Errno`.
 */
export interface CoreExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /**
   * Takes Constant. Result: its value in this build; 0 for no such constant. The same at any time,
   * before initialise too.
   */
  constant(id: number): number;
  /** Result: 0; everything is as after instantiation. */
  initialise(): number;
  /**
   * Takes 32 random bytes in ENTROPY. Result: 0; the buffer is wiped. Call again after restoring a
   * snapshot. Errors: EINVAL: all 32 bytes are zero; EAGAIN: before initialise.
   */
  seed(): number;
  /**
   * Takes MAC in the first 6 bytes of ADDRESS_BUFFER; mtu: bytes of an IP packet, 576 up to
   * FRAME_BYTES - 14. Result: the interface's handle, for its events; in tiny, which has none, 0.
   * Errors: EINVAL (also while the link is up), EAGAIN: before initialise.
   */
  interfaceConfigure(interfaceIndex: number, mtu: number): number;
  /**
   * Takes 1: frames pass; 0: they do not, handshakes under way, RSTs not yet sent and MACs are
   * forgotten. Result: 0. Errors: EINVAL, ENETDOWN: not configured.
   */
  interfaceLink(interfaceIndex: number, up: number): number;
  /**
   * Takes router's address in ADDRESS_BUFFER; length 0: none. Result: 0. Errors: EINVAL,
   * EAFNOSUPPORT.
   */
  interfaceRouter(interfaceIndex: number, length: number): number;
  /**
   * Takes address in ADDRESS_BUFFER; AddressFlag bits. desktop: on interface INTERFACES, which is
   * loopback, addresses of 127/8. Result: handle. Errors: EINVAL, EAFNOSUPPORT, EADDRINUSE,
   * ENOBUFS.
   */
  addressAdd(interfaceIndex: number, length: number, prefixLength: number, flags: number): number;
  /**
   * Result: 0; its connections end with ECONNABORTED. Errors: EBADF, EINVAL: it came by
   * interfaceAuto, and goes by it; or it is 127.0.0.1.
   */
  addressRemove(handle: number): number;
  /**
   * Takes a frame of length bytes in RX_FRAME. Result: 0, or the length of one immediate reply in
   * TX_FRAME: send it on the same interface before the next call.
   */
  receive(interfaceIndex: number, length: number): number;
  /** Result: length of the next frame in TX_FRAME, or 0. Call until it is 0. */
  transmit(interfaceIndex: number): number;
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
   * Takes remote address in ADDRESS_BUFFER; address handle or 0 to choose; local port or 0 to
   * choose. Result: handle, in SYN-SENT; later event CONNECTED or ERROR. Errors: EAGAIN, EBADF,
   * EINVAL, EACCES, EAFNOSUPPORT, EADDRINUSE, EADDRNOTAVAIL, ENETUNREACH, ENETDOWN, ENOBUFS.
   */
  connect(length: number, remotePort: number, address: number, localPort: number): number;
  /** Result: handle of an established connection. Errors: EAGAIN, EBADF. */
  accept(listener: number): number;
  /**
   * Result: n > 0: n bytes can be written at the pointer at SPAN_POINTER, until the next call.
   * Errors: EAGAIN: full (event WRITABLE follows), ENOBUFS: no ring is free (WRITABLE follows),
   * ENOTCONN: not open yet, EPIPE: closed for sending, EBADF, or the connection's error. Socket:
   * the room for one datagram; EAGAIN: WRITABLE follows once the queue is empty; ENOBUFS: try again
   * later; an ICMP error about the peer, once.
   */
  sendSpan(handle: number): number;
  /**
   * Takes at most the last span's length, of the same handle; with the bit Commit.URGENT the bytes
   * up to here are urgent. Result: 0: queued, leaves with transmit; a length of 0 gives a ring back
   * that holds nothing. Errors: EINVAL, EBADF. Socket: EMSGSIZE, EDESTADDRREQ, EACCES, ENETUNREACH:
   * nothing was queued.
   */
  commit(handle: number, length: number): number;
  /**
   * Result: n > 0: n bytes can be read at the pointer at SPAN_POINTER, until the next call; 0: end
   * of the stream. Socket: one datagram. Errors: EAGAIN: nothing yet (event READABLE follows),
   * ENOTCONN, EBADF, or the connection's error.
   */
  receiveSpan(handle: number): number;
  /**
   * Takes at most the last span's length, of the same handle. Result: 0: the bytes are gone, the
   * window opens. Errors: EINVAL, EBADF.
   */
  consume(handle: number, length: number): number;
  /** Result: 0: FIN follows the bytes queued; reading goes on. Errors: EBADF, ENOTCONN, EPIPE. */
  shutdown(handle: number): number;
  /**
   * Takes connection, listener, built-in service or socket. Result: 0: the handle is gone; FIN
   * follows the bytes queued. With bytes unread the connection is reset instead (RFC 9293 section
   * 3.6.1), in TIME-WAIT nobody is left to hear of it. Errors: EBADF.
   */
  close(handle: number): number;
  /**
   * Result: 0: the handle is gone, a RST leaves with the next transmit where the peer may still
   * have something to say (RFC 9293 section 3.10.5) and the link is up. A socket is closed. Errors:
   * EBADF.
   */
  abort(handle: number): number;
  /**
   * Takes handle 0: the default for what is opened later, or stack-wide; options of a listener have
   * no default to set. Result: 0. Errors: EBADF, EINVAL, ENOPROTOOPT.
   */
  setOption(handle: number, option: number, value: number): number;
  /**
   * Takes protocol: 17 UDP, 1 ICMP echo; address handle or 0 for any; port (of an echo socket its
   * identifier), 0: a random one. Result: handle of a new socket. Errors: EAGAIN, EBADF, EINVAL,
   * EADDRINUSE, EADDRNOTAVAIL, ENOBUFS: no socket or receive ring is free.
   */
  bind(protocol: number, address: number, port: number): number;
  /**
   * Takes the peer of a UDP socket: address in ADDRESS_BUFFER; length 0: none. Result: 0: only the
   * peer is heard, datagrams without an address go to it, ICMP errors about them are told. Errors:
   * EBADF, EINVAL, EAFNOSUPPORT.
   */
  associate(handle: number, length: number, port: number): number;
  /**
   * Takes a group in ADDRESS_BUFFER, other than 224.0.0.1, which is always heard. Result: 0:
   * datagrams to the group are heard on the interface, and routers are told (IGMP). Errors: EINVAL,
   * EAFNOSUPPORT, ENOBUFS: no record is free, or the group was joined 255 times.
   */
  join(interfaceIndex: number, length: number): number;
  /**
   * Takes a group that was joined. Result: 0: as often as it was joined, then it is not heard any
   * more. Errors: EINVAL, EAFNOSUPPORT, EADDRNOTAVAIL.
   */
  leave(interfaceIndex: number, length: number): number;
  /**
   * Takes a network in ADDRESS_BUFFER, the router that leads there in the 16 bytes behind it (0:
   * there is none any more), 1 to 32 bits. Result: 0: the longest prefix wins, networks of
   * addresses before routes of the same length, interfaceRouter last. Errors: EINVAL (also: bits
   * beyond the prefix), EAFNOSUPPORT, ENOBUFS, ENETUNREACH: there is no such route.
   */
  route(interfaceIndex: number, length: number, prefixLength: number): number;
  /**
   * Takes Auto bits; 0: the lease is given back, and its address goes. Result: 0; event LEASE tells
   * of addresses that come and go, and of the first question that no DHCP server answers. Errors:
   * EINVAL (also: not configured), EAGAIN: before seed.
   */
  interfaceAuto(interfaceIndex: number, bits: number): number;
  /**
   * Takes 1 to 63 letters, digits and hyphens in NAME_BUFFER. Result: 0: told to DHCP servers, and
   * answered for below .local once no other host objects; event NAME of an interface: another did,
   * and HOST_NAME has a number. Errors: EINVAL.
   */
  hostName(length: number): number;
  /**
   * Takes 0 or 1; address in ADDRESS_BUFFER; length 0: none. Result: 0: asked before those of
   * leases. Errors: EINVAL, EAFNOSUPPORT.
   */
  nameServer(index: number, length: number): number;
  /**
   * Takes a name in NAME_BUFFER, 1 to 253 characters, with or without a dot at its end. Result:
   * handle of a Lookup: event READABLE when it has addresses, ERROR when it has failed; close ends
   * it. Errors: EAGAIN, EINVAL: no name, ENOBUFS, ENETUNREACH: no name server is known.
   */
  resolve(length: number): number;
  /**
   * Takes a service's type in NAME_BUFFER, as in _http._tcp; port 0: it is not told of any more.
   * Result: 0: DNS-SD tells of it under the host's name; again with another port: from now on with
   * this one. Errors: EINVAL: not _ and 1 to 15 characters, then ._tcp or ._udp; ENOBUFS: no record
   * is free, or what was withdrawn has not said goodbye yet, or there are no services in this build
   * (esp32); EADDRNOTAVAIL: it was not told of.
   */
  publish(length: number, port: number): number;
  /**
   * Takes address in ADDRESS_BUFFER; length 0: those of leases. Result: handle of the clock: event
   * READABLE each time that TIME_AREA holds another TimeSample; close stops it. Errors: EAGAIN,
   * EINVAL, EAFNOSUPPORT.
   */
  timeServer(length: number): number;
  /**
   * Takes Service; address handle or 0 for any; port 0: a free one; backlog: connections that it
   * may have at the same time, 1 to 65535. Result: handle of its listener: close stops the service
   * and resets its connections. accept finds nothing there, and no event comes of it: transmit does
   * the work. Errors: ENOTSUP: no such service in this build; as listen.
   */
  serve(service: number, address: number, port: number, backlog: number): number;
  /** Result: handle with events, or 0; the handle leaves the queue. */
  nextEvent(): number;
  /** Result: Event bits, cleared. Errors: EBADF. */
  takeEvents(handle: number): number;
}
