// Every number that crosses the boundary: states, errors, events, options, counters, pools.
// This file is the one source; tools/generate.mjs writes the TypeScript module and the C header
// from it, and a test fails when they drift. Const enums cost nothing in the binary.

/** Version of the boundary: raised when an export, a constant or a record changes its meaning. */
export const enum Abi {
  VERSION = 4,
}

/** Connection states of RFC 9293 section 3.3.2, ordered so that ranges mean something. */
export const enum State {
  /** No connection: nothing is sent and nothing accepted. */
  CLOSED = 0,
  /** Waiting for a connection request (listeners only). */
  LISTEN = 1,
  /** SYN sent, waiting for the peer's. */
  SYN_SENT = 2,
  /** SYN received and sent, waiting for the acknowledgment of ours. */
  SYN_RECEIVED = 3,
  /** Open: data flows in both directions. From here on the state is synchronized. */
  ESTABLISHED = 4,
  /** The peer has closed; our side may still send. */
  CLOSE_WAIT = 5,
  /** Our FIN is out and not yet acknowledged. */
  FIN_WAIT_1 = 6,
  /** Both FINs are out, ours not yet acknowledged. */
  CLOSING = 7,
  /** The peer closed first, our FIN is out. */
  LAST_ACK = 8,
  /** Our FIN is acknowledged, the peer may still send. */
  FIN_WAIT_2 = 9,
  /** Both closed: old segments are given 2 MSL to die. */
  TIME_WAIT = 10,
}

/** Errors: a call returns them negated. Positive numbers of our own; hosts map them to errnos. */
export const enum Errno {
  /** The call would have to wait: nothing to accept, or no entropy yet. */
  EAGAIN = 1,
  /** Not a handle, or one whose connection has ended. */
  EBADF = 2,
  /** An argument is out of its range. */
  EINVAL = 3,
  /** A pool is empty: no connection record, ring or entry is free. */
  ENOBUFS = 4,
  /** The local address and port are in use. */
  EADDRINUSE = 5,
  /** The address is not one of ours, or no local port is free. */
  EADDRNOTAVAIL = 6,
  /** The peer answered the SYN with a reset. */
  ECONNREFUSED = 7,
  /** The peer reset the connection. */
  ECONNRESET = 8,
  /** The stack ended the connection. */
  ECONNABORTED = 9,
  /** The peer did not answer in time. */
  ETIMEDOUT = 10,
  /** The next hop did not answer, or a router said that the host cannot be reached. */
  EHOSTUNREACH = 11,
  /** No route to the network. */
  ENETUNREACH = 12,
  /** The interface is down. */
  ENETDOWN = 13,
  /** The connection is not open (yet). */
  ENOTCONN = 14,
  /** Our side of the connection is closed for sending. */
  EPIPE = 15,
  /** The address family is not in this build. */
  EAFNOSUPPORT = 16,
  /** No such option. */
  ENOPROTOOPT = 17,
  /** The peer would be a broadcast or multicast address: never of a connection, and of a datagram only where an option allows it. */
  EACCES = 18,
  /** The datagram is too long. */
  EMSGSIZE = 19,
  /** A datagram without an address, on a socket without a peer. */
  EDESTADDRREQ = 20,
  /** There is no such name. */
  ENOTFOUND = 21,
  /** The name has no address of this kind. */
  ENODATA = 22,
  /** Name servers failed, refused, or answered what is no answer. */
  ESERVFAIL = 23,
  /** This build does not have it. */
  ENOTSUP = 24,
}

/** Built-in services, for serve(). */
export const enum Service {
  /** One line with the stack's name and version, and the end. */
  HELLO = 1,
  /** What comes goes back, until the peer half-closes (RFC 862). */
  ECHO = 2,
  /** What comes is thrown away, until the peer half-closes (RFC 863). */
  DISCARD = 3,
  /** A page about the stack, as plain text over HTTP: one request for each connection. */
  HTTP = 4,
  /** Lines of 72 characters without an end, until the peer half-closes (RFC 864). */
  CHARGEN = 5,
}

/** Event bits of a handle: returned and cleared by takeEvents. */
export const enum Event {
  /** Listener: a connection waits in the accept queue. */
  ACCEPT = 1,
  /** The connection we opened is established. */
  CONNECTED = 2,
  /** Bytes, or the end of the stream, can be read. */
  READABLE = 4,
  /** The send ring has room again, after sendSpan had none (EAGAIN, ENOBUFS). */
  WRITABLE = 8,
  /** The peer sent FIN: after the bytes still unread comes the end of the stream. */
  PEER_CLOSED = 16,
  /** The connection is over: both sides closed, or an error that `error` of its Tcb names. */
  CLOSED = 32,
  /** Reset, refused, timed out or unreachable: `error` of its Tcb says which. */
  ERROR = 64,
  /** The urgent pointer moved (RFC 6093: the data stay in line). */
  URGENT = 128,
  /** R1 retransmissions without an answer: there is trouble (RFC 9293 section 3.8.3). */
  TROUBLE = 256,
  /** A soft error (ICMP, or a silent next hop) was noted: `error` of its Tcb names it. */
  SOFT_ERROR = 512,
  /** Address: its state changed (in use, or a conflict). */
  ADDRESS = 1024,
  /** Interface: the link went up or down. */
  LINK = 2048,
  /** Interface: its Lease changed: an address came or went, by DHCP or link-local, or no server answers. */
  LEASE = 4096,
  /** Interface: another host has our name below .local, and we have taken another. */
  NAME = 8192,
}

/** Options for setOption. Handle 0 sets the default for what is opened later. */
export const enum Option {
  /** 1: small segments leave at once (Nagle's algorithm off). Default 0. */
  NO_DELAY = 1,
  /** IPv4 time to live of the packets of a connection or socket, 1 to 255 hops. Default 64. */
  TTL = 2,
  /** Differentiated-services code point, 0 to 63. Default 0. */
  DSCP = 3,
  /** R2 for data: seconds without progress until the connection ends (the user timeout of RFC 5482), 1 to 65535. Default 100. */
  R2_SECONDS = 4,
  /** 1: a connection on which nothing is heard is probed (RFC 9293 section 3.8.4). Default 0. */
  KEEP_ALIVE = 5,
  /** Seconds of silence until the first keepalive probe, 1 to 65535. Default 7200. */
  KEEP_IDLE_SECONDS = 6,
  /** Seconds between keepalive probes, 1 to 65535. Default 75. */
  KEEP_INTERVAL_SECONDS = 7,
  /** Keepalive probes without an answer that end the connection, 1 to 255. Default 10. */
  KEEP_PROBES = 8,
  /** R2 for SYN, in seconds, 1 to 65535. Stack-wide. Default 180. */
  SYN_R2_SECONDS = 9,
  /** 1: a connection whose own address and port are also the peer's is refused. Stack-wide. Default 0. */
  REFUSE_SELF_CONNECT = 10,
  /** Maximum segment lifetime in ms, 1 to 600000, rounded up to 10 ms; TIME-WAIT lasts twice that. Stack-wide. Default 30000. */
  MSL_MS = 11,
  /** Longest delay of an acknowledgment in ms, 0 to 499. Stack-wide. Default 40. */
  DELAYED_ACK_MS = 12,
  /** Lower bound of the retransmission timeout in ms, 1 to 60000. Stack-wide. Default 200. */
  MINIMUM_RTO_MS = 13,
  /** Retransmissions of a SYN+ACK before the handshake is given up, 0 to 7. Stack-wide. Default 3. */
  SYN_ACK_RETRIES = 14,
  /** Seconds that a closed connection may wait without progress, and stay in FIN-WAIT-2. Stack-wide. Default 60. */
  ORPHAN_SECONDS = 15,
  /** Seconds that a connection may stay in CLOSE-WAIT before it is reset, 0: for ever, to 65535. Stack-wide. Default 0. */
  CLOSE_WAIT_SECONDS = 16,
  /** 1: timestamps are offered and accepted. Stack-wide. Default 1. */
  TIMESTAMPS = 17,
  /** 1: window scaling is offered and accepted. Stack-wide. Default 1. */
  WINDOW_SCALE = 18,
  /** 1: selective acknowledgments are offered and accepted (RFC 2018). Stack-wide. Default 1. */
  SACK = 19,
  /** Least time between two challenge ACKs of a connection in ms, 0 to 60000. Stack-wide. Default 500. */
  CHALLENGE_ACK_MS = 20,
  /** 1: R2_SECONDS is told to peers, and theirs is taken up, from 100 s to an hour, by connections that have not set their own (RFC 5482). Stack-wide. Default 0. */
  USER_TIMEOUT = 21,
  /** Listener: 1: a SYN that cannot be admitted is answered with RST, not silence. Default 0. */
  RESET_WHEN_FULL = 22,
  /** Listener: connections a single source may hold at most; 0: no limit. Default 0 or half the TCBs. */
  SOURCE_LIMIT = 23,
  /** Socket: 1: datagrams may go to broadcast addresses. Default 0. */
  BROADCAST = 24,
  /** Socket: IPv4 time to live of datagrams to groups, 1 to 255 hops. Default 1. */
  MULTICAST_TTL = 25,
  /** Connection: bytes of data in the largest segment that it sends, 64 to 65535; set before the SYN leaves, its MSS option says so, too. A value above what the peer, the link and the path allow changes nothing. Default: what they allow. */
  MSS = 26,
}

/** Bits beside the length of commit. */
export const enum Commit {
  /** The bytes up to here are urgent (RFC 6093: they stay in line, and the peer is told of them at once). */
  URGENT = 1 << 30,
}

/** What an address is for. */
export const enum AddressState {
  /** Conflict detection is under way (RFC 5227 section 2.1): not used yet. */
  TENTATIVE = 1,
  /** In use. */
  VALID = 2,
  /** Another host has it: never used. */
  DUPLICATE = 3,
}

/** Flags for addressAdd. */
export const enum AddressFlag {
  /** Probe before use, announce, and defend (RFC 5227). */
  CONFLICT_DETECTION = 1,
  /** Of DHCP or link-local: set by the stack itself. */
  LEASED = 2,
}

/** What interfaceAuto asks for: bits. */
export const enum Auto {
  /** An address by DHCP (RFC 2131). */
  DHCP = 1,
  /** A link-local address (RFC 3927): by itself at once, beside DHCP while no server answers. */
  LINK_LOCAL = 2,
  /** Leased addresses are probed before they are used (RFC 2131 section 2.2, RFC 5227), which takes 4 to 7 s. Link-local ones always are. */
  PROBE = 4,
}

/** States of the DHCP client of an interface: RFC 2131 figure 5, and what lies between. */
export const enum LeaseState {
  /** Not asked for. */
  OFF = 0,
  /** About to look for a server. */
  INIT = 1,
  /** DHCPDISCOVER sent. */
  SELECTING = 2,
  /** DHCPREQUEST for an offer sent. */
  REQUESTING = 3,
  /** DHCPREQUEST for the lease of before sent: the link came up again. */
  REBOOTING = 4,
  /** The lease is ours, and its address is being probed. */
  PROBING = 5,
  /** The address is in use. */
  BOUND = 6,
  /** After T1: the server is asked to go on. */
  RENEWING = 7,
  /** After T2: any server is asked. */
  REBINDING = 8,
  /** The lease is being given back. */
  RELEASING = 9,
}

/** Pools: fixed numbers of records, each with its level and high-water mark. */
export const enum Pool {
  /** Connection records (TCBs). */
  TCB = 0,
  /** Receive rings. */
  RECEIVE_RING = 1,
  /** Send rings. */
  SEND_RING = 2,
  /** Reassembly blocks: the out-of-order ranges of one connection. */
  REASSEMBLY = 3,
  /** Recovery blocks: what SACK has told about the flight of one connection. */
  RECOVERY = 4,
  /** SYN-cache entries: handshakes of passive opens. */
  SYN_CACHE = 5,
  /** TIME-WAIT entries. */
  TIME_WAIT = 6,
  /** Listeners. */
  LISTENER = 7,
  /** Neighbours: the ARP cache. */
  NEIGHBOUR = 8,
  /** Local addresses. */
  ADDRESS = 9,
  /** Sockets: UDP, and ICMP echo. */
  SOCKET = 10,
  /** IPv4 datagrams that are put together from fragments. */
  ASSEMBLY = 11,
  /** Multicast groups, once for each interface. */
  GROUP = 12,
  /** Routes. */
  ROUTE = 13,
  /** Lookups of names: those under way, and those that a handle holds. */
  LOOKUP = 14,
  /** Services told of by DNS-SD. */
  SERVICE = 15,
  COUNT = 16,
}

/** What a build is, for constant(): its numbers, and the places of what hosts read and write.
 * From TCBS to ASSEMBLIES the records of each pool, in the order of Pool; AREA: its first byte. */
export const enum Constant {
  /** Abi.VERSION. */
  ABI_VERSION = 0,
  /** Connection records. */
  TCBS = 1,
  /** Receive rings. */
  RECEIVE_RINGS = 2,
  /** Send rings. */
  SEND_RINGS = 3,
  /** Reassembly blocks. */
  REASSEMBLY_BLOCKS = 4,
  /** Recovery blocks. */
  RECOVERY_BLOCKS = 5,
  /** SYN-cache entries. */
  SYN_ENTRIES = 6,
  /** TIME-WAIT entries. */
  TIME_WAITS = 7,
  /** Listeners. */
  LISTENERS = 8,
  /** Neighbours. */
  NEIGHBOURS = 9,
  /** Local addresses, 127.0.0.1 among them where the stack talks to itself. */
  ADDRESSES = 10,
  /** Sockets. */
  SOCKETS = 11,
  /** IPv4 datagrams that are put together at the same time. */
  ASSEMBLIES = 12,
  /** Multicast groups. */
  GROUPS = 13,
  /** Routes. */
  ROUTES = 14,
  /** Lookups of names. */
  LOOKUPS = 15,
  /** Services told of by DNS-SD. */
  SERVICES = 16,
  /** Interfaces, numbered from 0; loopback is not counted. */
  INTERFACES = 17,
  /** Records of the trace ring: a power of two or 0. */
  TRACE_RECORDS = 18,
  /** Bytes of one send ring. */
  SEND_RING_BYTES = 19,
  /** Bytes of one receive ring. */
  RECEIVE_RING_BYTES = 20,
  /** Bytes of the frame buffers: the longest frame with its Ethernet header. */
  FRAME_BYTES = 21,
  /** Bytes of an address in a record: 4; 16 when IPv6 addresses are in this build. */
  ADDRESS_BYTES = 22,
  /** Bytes of one TCB with its links, timer and share of the hash table and pools, rings excepted. */
  CONNECTION_BYTES = 23,
  /** Bytes of one SYN-cache entry, all in. */
  SYN_CACHE_BYTES = 24,
  /** Bytes of one TIME-WAIT entry, all in. */
  TIME_WAIT_BYTES = 25,
  /** Bytes of one socket, all in, its rings excepted. */
  SOCKET_BYTES = 26,
  /** FRAME_BYTES bytes: the host writes a received frame here. */
  RX_FRAME = 27,
  /** FRAME_BYTES bytes: the frame to send. */
  TX_FRAME = 28,
  /** Two words about the received frame: reserved for offload, keep 0. */
  RX_METADATA = 29,
  /** Two words about the frame to send: reserved for offload, always 0. */
  TX_METADATA = 30,
  /** 32 bytes in which addresses cross: one, or a network and its router. */
  ADDRESS_BUFFER = 31,
  /** 256 bytes in which names cross; 0: none cross in this build. */
  NAME_BUFFER = 32,
  /** 32 bytes for seed(). */
  ENTROPY = 33,
  /** A Globals. */
  GLOBALS = 34,
  /** A u32 for each Counter. */
  COUNTER_AREA = 35,
  /** Two u32 for each Pool: records in use, and the most there ever were. */
  POOL_AREA = 36,
  /** A u16 for each handle's slot: TCBs, then listeners, addresses, sockets, tasks: one for each interface first. */
  GENERATION_AREA = 37,
  /** The TCBs: Tcb. */
  TCB_AREA = 38,
  /** The SYN cache: SynEntry. */
  SYN_AREA = 39,
  /** TIME-WAIT: TimeWait. */
  TIME_WAIT_AREA = 40,
  /** The listeners: Listener. */
  LISTENER_AREA = 41,
  /** The local addresses: Address. */
  ADDRESS_AREA = 42,
  /** The sockets: Socket. */
  SOCKET_AREA = 43,
  /** The multicast groups: Group. */
  GROUP_AREA = 44,
  /** The routes: Route. */
  ROUTE_AREA = 45,
  /** The leases, one for each interface: Lease. */
  LEASE_AREA = 46,
  /** The lookups: Lookup. */
  LOOKUP_AREA = 47,
  /** What the time server said: TimeSample. */
  TIME_AREA = 48,
  /** The host's name: a byte that is its length, and at most 63 characters. */
  HOST_NAME = 49,
  /** The trace ring: TraceRecord. */
  TRACE_AREA = 50,
  /** A u16 for each handle's slot: its event bits, and OPEN while the handle lives. */
  EVENT_AREA = 51,
  /** A u32: the pointer of the last span. */
  SPAN_POINTER = 52,
  /** Bytes of memory, from 0, that the core ever touches. */
  MEMORY_BYTES = 53,
  /** A u32 for each TCB: segments with data or FIN that it has sent again; 0: this build does not count them. */
  RETRANSMIT_AREA = 54,
  COUNT = 55,
}

/** Why a connection changed its state; in the trace records. */
export const enum Cause {
  /** A user call: listen, connect, shutdown, close. */
  USER = 1,
  /** A SYN arrived. */
  SYN = 2,
  /** A SYN+ACK arrived. */
  SYN_ACK = 3,
  /** An acknowledgment arrived. */
  ACK = 4,
  /** A FIN arrived. */
  FIN = 5,
  /** A RST arrived. */
  RST = 6,
  /** A timer expired. */
  TIMEOUT = 7,
  /** An ICMP error, or a next hop that does not answer. */
  UNREACHABLE = 8,
  /** A user call: abort. */
  ABORT = 9,
  /** The pool needed the record. */
  RECYCLED = 10,
}

/** Counters: every frame and segment is counted, and every drop under its reason. */
export const enum Counter {
  /** Frames handed to receive. */
  RX_FRAMES = 0,
  /** Bytes of those frames. */
  RX_BYTES = 1,
  /** Frames built: immediate replies and those of transmit. */
  TX_FRAMES = 2,
  /** Bytes of those frames. */
  TX_BYTES = 3,
  /** Frames handed over inside the stack, from it to itself. */
  LOOPBACK_FRAMES = 4,
  /** Dropped: shorter than its headers say, or than the Ethernet header. */
  DROP_RUNT = 5,
  /** Dropped: longer than the frame buffer or the interface number is wrong. */
  DROP_OVERSIZE = 6,
  /** Dropped: addressed to another station. */
  DROP_OTHER_STATION = 7,
  /** Not ours: an EtherType that the stack does not speak (it stands in Globals). */
  FOREIGN_ETHERTYPE = 8,
  /** Dropped: the interface is down or not configured. */
  DROP_LINK_DOWN = 9,
  /** Dropped: malformed ARP. */
  DROP_ARP_MALFORMED = 10,
  /** Dropped: ARP reply that nobody asked for. */
  DROP_ARP_UNSOLICITED = 11,
  /** Dropped: ARP sender address that cannot be a host's. */
  DROP_ARP_SENDER = 12,
  /** Conflicts seen: another station uses one of our addresses. */
  ARP_CONFLICT = 13,
  /** ARP requests sent. */
  ARP_REQUESTS = 14,
  /** ARP replies sent. */
  ARP_REPLIES = 15,
  /** Dropped: IPv4 header malformed (version, header length, total length, options). */
  DROP_IP_MALFORMED = 16,
  /** Dropped: IPv4 header checksum. */
  DROP_IP_CHECKSUM = 17,
  /** Dropped: source address that no packet may have. */
  DROP_IP_SOURCE = 18,
  /** Dropped: destination is none of our addresses. */
  DROP_IP_DESTINATION = 19,
  /** Dropped: fragment that fits no datagram (empty, out of bounds, overlapping), or any where reassembly is not in this build. */
  DROP_IP_FRAGMENT = 20,
  /** Dropped: source-routed (RFC 7126 section 4.3). */
  DROP_IP_SOURCE_ROUTE = 21,
  /** Dropped: protocol not in this build. */
  DROP_IP_PROTOCOL = 22,
  /** Dropped: malformed ICMP, or its checksum. */
  DROP_ICMP_MALFORMED = 23,
  /** Dropped: ICMP type that we do not answer, or must not. */
  DROP_ICMP_TYPE = 24,
  /** Dropped: ICMP error that quotes no connection of ours, or a number out of its range. */
  DROP_ICMP_UNRELATED = 25,
  /** ICMP errors not sent because of the rate limit. */
  ICMP_RATE_LIMITED = 26,
  /** Echo requests answered. */
  ICMP_ECHO_REPLIES = 27,
  /** ICMP errors sent. */
  ICMP_ERRORS_SENT = 28,
  /** TCP segments that passed the checks of the header. */
  TCP_SEGMENTS_IN = 29,
  /** TCP segments built. */
  TCP_SEGMENTS_OUT = 30,
  /** Dropped: TCP header malformed (data offset, port 0, impossible flags). */
  DROP_TCP_MALFORMED = 31,
  /** Dropped: TCP checksum. */
  DROP_TCP_CHECKSUM = 32,
  /** Dropped: TCP to a broadcast or multicast address. */
  DROP_TCP_BROADCAST = 33,
  /** Segments for no connection, answered with RST. */
  TCP_NO_CONNECTION = 34,
  /** Dropped: out of the receive window. */
  DROP_TCP_WINDOW = 35,
  /** Dropped: older than the timestamps allow (PAWS, RFC 7323 section 5). */
  DROP_TCP_PAWS = 36,
  /** Dropped: acknowledges what was never sent, or is too old (RFC 5961 section 5). */
  DROP_TCP_ACK = 37,
  /** Dropped: RST inside the window but not exact (RFC 5961 section 3), or for no connection. */
  DROP_TCP_RST = 38,
  /** Dropped: SYN on a synchronized connection (RFC 5961 section 4), or none where one must come. */
  DROP_TCP_SYN = 39,
  /** Dropped: no ACK bit where one is needed. */
  DROP_TCP_NO_ACK = 40,
  /** TCP options with an impossible length. */
  TCP_BAD_OPTION = 41,
  /** Challenge ACKs sent. */
  TCP_CHALLENGE_ACKS = 42,
  /** Challenge ACKs withheld by the throttle. */
  TCP_CHALLENGE_THROTTLED = 43,
  /** SYNs not admitted: no TCB, receive ring or SYN-cache entry was free. */
  TCP_ADMISSION_DROPS = 44,
  /** SYNs not admitted: the listener's accept queue is full. */
  TCP_BACKLOG_DROPS = 45,
  /** SYNs not admitted: the source holds its share. */
  TCP_SOURCE_LIMIT_DROPS = 46,
  /** Handshakes given up: no ACK came for the SYN+ACK. */
  TCP_HANDSHAKE_TIMEOUTS = 47,
  /** Connections opened actively. */
  TCP_ACTIVE_OPENS = 48,
  /** Connections accepted. */
  TCP_PASSIVE_OPENS = 49,
  /** Segments sent again after a timeout. */
  TCP_TIMEOUT_RETRANSMITS = 50,
  /** Segments sent again after duplicate or partial acknowledgments. */
  TCP_FAST_RETRANSMITS = 51,
  /** Duplicate acknowledgments received. */
  TCP_DUPLICATE_ACKS = 52,
  /** Segments kept out of order. */
  TCP_OUT_OF_ORDER = 53,
  /** Out-of-order segments not kept: no block or no range was free. */
  TCP_OUT_OF_ORDER_DROPS = 54,
  /** Zero-window probes: each time that the timer asks for one. */
  TCP_PROBES = 55,
  /** RSTs sent. */
  TCP_RESETS_SENT = 56,
  /** Connections that a RST ended. */
  TCP_RESETS_RECEIVED = 57,
  /** Connections that a timeout ended. */
  TCP_TIMEOUTS = 58,
  /** TIME-WAIT entries taken back before their time. */
  TCP_TIME_WAIT_RECYCLED = 59,
  /** Data that came after our side had closed: answered with RST (RFC 9293 section 3.6.1). */
  TCP_DATA_AFTER_CLOSE = 60,
  /** Keepalive probes sent. */
  TCP_KEEPALIVE_PROBES = 61,
  /** Connections reset because they stayed in CLOSE-WAIT too long. */
  TCP_CLOSE_WAIT_LIMITED = 62,
  /** SACK blocks that report duplicates (RFC 2883): what was sent again had arrived. */
  TCP_DUPLICATE_SACKS = 63,
  /** SYN cookies sent: the SYN cache was full. */
  TCP_COOKIES_SENT = 64,
  /** Connections that a cookie opened. */
  TCP_COOKIES_TAKEN = 65,
  /** Acknowledgments for a listener that were no cookie of ours, while some were out. */
  TCP_COOKIES_REFUSED = 66,
  /** UDP datagrams that a socket took. */
  UDP_DATAGRAMS_IN = 67,
  /** UDP datagrams sent. */
  UDP_DATAGRAMS_OUT = 68,
  /** Dropped: UDP header malformed (length, destination port 0). */
  DROP_UDP_MALFORMED = 69,
  /** Dropped: UDP checksum. */
  DROP_UDP_CHECKSUM = 70,
  /** Datagrams for a port that no socket has, answered with port unreachable where they may be. */
  UDP_NO_SOCKET = 71,
  /** Dropped: the socket's ring is full. */
  DROP_SOCKET_FULL = 72,
  /** Datagrams of ours that did not leave: no route, or a next hop that does not answer. */
  DROP_SOCKET_UNREACHABLE = 73,
  /** Fragments kept until the others come. */
  IP_FRAGMENTS = 74,
  /** Datagrams put together. */
  IP_REASSEMBLED = 75,
  /** Datagrams of which not all came in time, or which made room for others. */
  IP_REASSEMBLY_TIMEOUTS = 76,
  /** Dropped: malformed IGMP, or its checksum. */
  DROP_IGMP_MALFORMED = 77,
  /** Reports about multicast groups sent. */
  IGMP_REPORTS = 78,
  /** DHCP messages sent. */
  DHCP_SENT = 79,
  /** Dropped: DHCP message malformed, without an option that it must have, or with values that no lease can have. */
  DROP_DHCP_MALFORMED = 80,
  /** Dropped: DHCP message that answers no question of ours. */
  DROP_DHCP_UNRELATED = 81,
  /** DHCPNAKs taken. */
  DHCP_NAKS = 82,
  /** Leased addresses that another station has. */
  DHCP_CONFLICTS = 83,
  /** Questions sent to name servers and to multicast groups. */
  DNS_QUERIES = 84,
  /** Lookups answered from the cache. */
  DNS_CACHE_HITS = 85,
  /** Dropped: DNS message malformed. */
  DROP_DNS_MALFORMED = 86,
  /** Dropped: DNS message that answers no question of ours, or that multicast DNS does not take from there. */
  DROP_DNS_UNRELATED = 87,
  /** Answers that were truncated, and asked for by TCP. */
  DNS_TRUNCATED = 88,
  /** Multicast DNS: probes, announcements and answers sent. */
  MDNS_SENT = 89,
  /** Multicast DNS: our name was another host's. */
  MDNS_CONFLICTS = 90,
  /** Time servers asked. */
  SNTP_QUERIES = 91,
  /** Dropped: answers of time servers that are none, or that must not be believed. */
  DROP_SNTP = 92,
  COUNT = 93,
}
