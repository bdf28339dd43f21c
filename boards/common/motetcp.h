/* The boundary of the MoteTCP core for C11 hosts.
 *
 * Made by tools/generate.mjs from assembly/constants.ts, the classes of records, and docs/abi.md,
 * which explains each call. Do not edit: change the source and run `npm run build`.
 *
 * Pointers are offsets into the module's linear memory, which is little-endian. Calls that can
 * fail return a negated MOTE_E number. MOTE_..._AT is the offset of a field in its record. */
#ifndef MOTETCP_H
#define MOTETCP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Version of the boundary: raised when an export, a constant or a record changes its meaning. */
enum mote_abi {
  MOTE_ABI_VERSION = 4
};

/** Connection states of RFC 9293 section 3.3.2, ordered so that ranges mean something. */
enum mote_state {
  /** No connection: nothing is sent and nothing accepted. */
  MOTE_STATE_CLOSED = 0,
  /** Waiting for a connection request (listeners only). */
  MOTE_STATE_LISTEN = 1,
  /** SYN sent, waiting for the peer's. */
  MOTE_STATE_SYN_SENT = 2,
  /** SYN received and sent, waiting for the acknowledgment of ours. */
  MOTE_STATE_SYN_RECEIVED = 3,
  /** Open: data flows in both directions. From here on the state is synchronized. */
  MOTE_STATE_ESTABLISHED = 4,
  /** The peer has closed; our side may still send. */
  MOTE_STATE_CLOSE_WAIT = 5,
  /** Our FIN is out and not yet acknowledged. */
  MOTE_STATE_FIN_WAIT_1 = 6,
  /** Both FINs are out, ours not yet acknowledged. */
  MOTE_STATE_CLOSING = 7,
  /** The peer closed first, our FIN is out. */
  MOTE_STATE_LAST_ACK = 8,
  /** Our FIN is acknowledged, the peer may still send. */
  MOTE_STATE_FIN_WAIT_2 = 9,
  /** Both closed: old segments are given 2 MSL to die. */
  MOTE_STATE_TIME_WAIT = 10
};

/** Errors: a call returns them negated. Positive numbers of our own; hosts map them to errnos. */
enum mote_errno {
  /** The call would have to wait: nothing to accept, or no entropy yet. */
  MOTE_EAGAIN = 1,
  /** Not a handle, or one whose connection has ended. */
  MOTE_EBADF = 2,
  /** An argument is out of its range. */
  MOTE_EINVAL = 3,
  /** A pool is empty: no connection record, ring or entry is free. */
  MOTE_ENOBUFS = 4,
  /** The local address and port are in use. */
  MOTE_EADDRINUSE = 5,
  /** The address is not one of ours, or no local port is free. */
  MOTE_EADDRNOTAVAIL = 6,
  /** The peer answered the SYN with a reset. */
  MOTE_ECONNREFUSED = 7,
  /** The peer reset the connection. */
  MOTE_ECONNRESET = 8,
  /** The stack ended the connection. */
  MOTE_ECONNABORTED = 9,
  /** The peer did not answer in time. */
  MOTE_ETIMEDOUT = 10,
  /** The next hop did not answer, or a router said that the host cannot be reached. */
  MOTE_EHOSTUNREACH = 11,
  /** No route to the network. */
  MOTE_ENETUNREACH = 12,
  /** The interface is down. */
  MOTE_ENETDOWN = 13,
  /** The connection is not open (yet). */
  MOTE_ENOTCONN = 14,
  /** Our side of the connection is closed for sending. */
  MOTE_EPIPE = 15,
  /** The address family is not in this build. */
  MOTE_EAFNOSUPPORT = 16,
  /** No such option. */
  MOTE_ENOPROTOOPT = 17,
  /**
   * The peer would be a broadcast or multicast address: never of a connection, and of a datagram
   * only where an option allows it.
   */
  MOTE_EACCES = 18,
  /** The datagram is too long. */
  MOTE_EMSGSIZE = 19,
  /** A datagram without an address, on a socket without a peer. */
  MOTE_EDESTADDRREQ = 20,
  /** There is no such name. */
  MOTE_ENOTFOUND = 21,
  /** The name has no address of this kind. */
  MOTE_ENODATA = 22,
  /** Name servers failed, refused, or answered what is no answer. */
  MOTE_ESERVFAIL = 23,
  /** This build does not have it. */
  MOTE_ENOTSUP = 24
};

/** Names of enum mote_errno: initialisers of an array. */
#define MOTE_ERRNO_NAMES \
  [0] = "0", [1] = "EAGAIN", [2] = "EBADF", [3] = "EINVAL", [4] = "ENOBUFS", [5] = "EADDRINUSE", \
  [6] = "EADDRNOTAVAIL", [7] = "ECONNREFUSED", [8] = "ECONNRESET", [9] = "ECONNABORTED", \
  [10] = "ETIMEDOUT", [11] = "EHOSTUNREACH", [12] = "ENETUNREACH", [13] = "ENETDOWN", [14] = "ENOTCONN", \
  [15] = "EPIPE", [16] = "EAFNOSUPPORT", [17] = "ENOPROTOOPT", [18] = "EACCES", [19] = "EMSGSIZE", \
  [20] = "EDESTADDRREQ", [21] = "ENOTFOUND", [22] = "ENODATA", [23] = "ESERVFAIL", [24] = "ENOTSUP"

/** Built-in services, for serve(). */
enum mote_service {
  /** One line with the stack's name and version, and the end. */
  MOTE_SERVICE_HELLO = 1,
  /** What comes goes back, until the peer half-closes (RFC 862). */
  MOTE_SERVICE_ECHO = 2,
  /** What comes is thrown away, until the peer half-closes (RFC 863). */
  MOTE_SERVICE_DISCARD = 3,
  /** A page about the stack, as plain text over HTTP: one request for each connection. */
  MOTE_SERVICE_HTTP = 4,
  /** Lines of 72 characters without an end, until the peer half-closes (RFC 864). */
  MOTE_SERVICE_CHARGEN = 5
};

/** Event bits of a handle: returned and cleared by takeEvents. */
enum mote_event {
  /** Listener: a connection waits in the accept queue. */
  MOTE_EVENT_ACCEPT = 1,
  /** The connection we opened is established. */
  MOTE_EVENT_CONNECTED = 2,
  /** Bytes, or the end of the stream, can be read. */
  MOTE_EVENT_READABLE = 4,
  /** The send ring has room again, after sendSpan had none (EAGAIN, ENOBUFS). */
  MOTE_EVENT_WRITABLE = 8,
  /** The peer sent FIN: after the bytes still unread comes the end of the stream. */
  MOTE_EVENT_PEER_CLOSED = 16,
  /** The connection is over: both sides closed, or an error that `error` of its Tcb names. */
  MOTE_EVENT_CLOSED = 32,
  /** Reset, refused, timed out or unreachable: `error` of its Tcb says which. */
  MOTE_EVENT_ERROR = 64,
  /** The urgent pointer moved (RFC 6093: the data stay in line). */
  MOTE_EVENT_URGENT = 128,
  /** R1 retransmissions without an answer: there is trouble (RFC 9293 section 3.8.3). */
  MOTE_EVENT_TROUBLE = 256,
  /** A soft error (ICMP, or a silent next hop) was noted: `error` of its Tcb names it. */
  MOTE_EVENT_SOFT_ERROR = 512,
  /** Address: its state changed (in use, or a conflict). */
  MOTE_EVENT_ADDRESS = 1024,
  /** Interface: the link went up or down. */
  MOTE_EVENT_LINK = 2048,
  /**
   * Interface: its Lease changed: an address came or went, by DHCP or link-local, or no server
   * answers.
   */
  MOTE_EVENT_LEASE = 4096,
  /** Interface: another host has our name below .local, and we have taken another. */
  MOTE_EVENT_NAME = 8192
};

/** Options for setOption. Handle 0 sets the default for what is opened later. */
enum mote_option {
  /** 1: small segments leave at once (Nagle's algorithm off). Default 0. */
  MOTE_OPTION_NO_DELAY = 1,
  /** IPv4 time to live of the packets of a connection or socket, 1 to 255 hops. Default 64. */
  MOTE_OPTION_TTL = 2,
  /** Differentiated-services code point, 0 to 63. Default 0. */
  MOTE_OPTION_DSCP = 3,
  /**
   * R2 for data: seconds without progress until the connection ends (the user timeout of RFC 5482),
   * 1 to 65535. Default 100.
   */
  MOTE_OPTION_R2_SECONDS = 4,
  /** 1: a connection on which nothing is heard is probed (RFC 9293 section 3.8.4). Default 0. */
  MOTE_OPTION_KEEP_ALIVE = 5,
  /** Seconds of silence until the first keepalive probe, 1 to 65535. Default 7200. */
  MOTE_OPTION_KEEP_IDLE_SECONDS = 6,
  /** Seconds between keepalive probes, 1 to 65535. Default 75. */
  MOTE_OPTION_KEEP_INTERVAL_SECONDS = 7,
  /** Keepalive probes without an answer that end the connection, 1 to 255. Default 10. */
  MOTE_OPTION_KEEP_PROBES = 8,
  /** R2 for SYN, in seconds, 1 to 65535. Stack-wide. Default 180. */
  MOTE_OPTION_SYN_R2_SECONDS = 9,
  /**
   * 1: a connection whose own address and port are also the peer's is refused. Stack-wide. Default
   * 0.
   */
  MOTE_OPTION_REFUSE_SELF_CONNECT = 10,
  /**
   * Maximum segment lifetime in ms, 1 to 600000, rounded up to 10 ms; TIME-WAIT lasts twice that.
   * Stack-wide. Default 30000.
   */
  MOTE_OPTION_MSL_MS = 11,
  /** Longest delay of an acknowledgment in ms, 0 to 499. Stack-wide. Default 40. */
  MOTE_OPTION_DELAYED_ACK_MS = 12,
  /** Lower bound of the retransmission timeout in ms, 1 to 60000. Stack-wide. Default 200. */
  MOTE_OPTION_MINIMUM_RTO_MS = 13,
  /**
   * Retransmissions of a SYN+ACK before the handshake is given up, 0 to 7. Stack-wide. Default 3.
   */
  MOTE_OPTION_SYN_ACK_RETRIES = 14,
  /**
   * Seconds that a closed connection may wait without progress, and stay in FIN-WAIT-2. Stack-wide.
   * Default 60.
   */
  MOTE_OPTION_ORPHAN_SECONDS = 15,
  /**
   * Seconds that a connection may stay in CLOSE-WAIT before it is reset, 0: for ever, to 65535.
   * Stack-wide. Default 0.
   */
  MOTE_OPTION_CLOSE_WAIT_SECONDS = 16,
  /** 1: timestamps are offered and accepted. Stack-wide. Default 1. */
  MOTE_OPTION_TIMESTAMPS = 17,
  /** 1: window scaling is offered and accepted. Stack-wide. Default 1. */
  MOTE_OPTION_WINDOW_SCALE = 18,
  /** 1: selective acknowledgments are offered and accepted (RFC 2018). Stack-wide. Default 1. */
  MOTE_OPTION_SACK = 19,
  /**
   * Least time between two challenge ACKs of a connection in ms, 0 to 60000. Stack-wide. Default
   * 500.
   */
  MOTE_OPTION_CHALLENGE_ACK_MS = 20,
  /**
   * 1: R2_SECONDS is told to peers, and theirs is taken up, from 100 s to an hour, by connections
   * that have not set their own (RFC 5482). Stack-wide. Default 0.
   */
  MOTE_OPTION_USER_TIMEOUT = 21,
  /** Listener: 1: a SYN that cannot be admitted is answered with RST, not silence. Default 0. */
  MOTE_OPTION_RESET_WHEN_FULL = 22,
  /**
   * Listener: connections a single source may hold at most; 0: no limit. Default 0 or half the
   * TCBs.
   */
  MOTE_OPTION_SOURCE_LIMIT = 23,
  /** Socket: 1: datagrams may go to broadcast addresses. Default 0. */
  MOTE_OPTION_BROADCAST = 24,
  /** Socket: IPv4 time to live of datagrams to groups, 1 to 255 hops. Default 1. */
  MOTE_OPTION_MULTICAST_TTL = 25,
  /**
   * Connection: bytes of data in the largest segment that it sends, 64 to 65535; set before the SYN
   * leaves, its MSS option says so, too. A value above what the peer, the link and the path allow
   * changes nothing. Default: what they allow.
   */
  MOTE_OPTION_MSS = 26
};

/** Bits beside the length of commit. */
enum mote_commit {
  /**
   * The bytes up to here are urgent (RFC 6093: they stay in line, and the peer is told of them at
   * once).
   */
  MOTE_COMMIT_URGENT = 1073741824
};

/** What an address is for. */
enum mote_address_state {
  /** Conflict detection is under way (RFC 5227 section 2.1): not used yet. */
  MOTE_ADDRESS_STATE_TENTATIVE = 1,
  /** In use. */
  MOTE_ADDRESS_STATE_VALID = 2,
  /** Another host has it: never used. */
  MOTE_ADDRESS_STATE_DUPLICATE = 3
};

/** Flags for addressAdd. */
enum mote_address_flag {
  /** Probe before use, announce, and defend (RFC 5227). */
  MOTE_ADDRESS_FLAG_CONFLICT_DETECTION = 1,
  /** Of DHCP or link-local: set by the stack itself. */
  MOTE_ADDRESS_FLAG_LEASED = 2
};

/** What interfaceAuto asks for: bits. */
enum mote_auto {
  /** An address by DHCP (RFC 2131). */
  MOTE_AUTO_DHCP = 1,
  /** A link-local address (RFC 3927): by itself at once, beside DHCP while no server answers. */
  MOTE_AUTO_LINK_LOCAL = 2,
  /**
   * Leased addresses are probed before they are used (RFC 2131 section 2.2, RFC 5227), which takes
   * 4 to 7 s. Link-local ones always are.
   */
  MOTE_AUTO_PROBE = 4
};

/** States of the DHCP client of an interface: RFC 2131 figure 5, and what lies between. */
enum mote_lease_state {
  /** Not asked for. */
  MOTE_LEASE_STATE_OFF = 0,
  /** About to look for a server. */
  MOTE_LEASE_STATE_INIT = 1,
  /** DHCPDISCOVER sent. */
  MOTE_LEASE_STATE_SELECTING = 2,
  /** DHCPREQUEST for an offer sent. */
  MOTE_LEASE_STATE_REQUESTING = 3,
  /** DHCPREQUEST for the lease of before sent: the link came up again. */
  MOTE_LEASE_STATE_REBOOTING = 4,
  /** The lease is ours, and its address is being probed. */
  MOTE_LEASE_STATE_PROBING = 5,
  /** The address is in use. */
  MOTE_LEASE_STATE_BOUND = 6,
  /** After T1: the server is asked to go on. */
  MOTE_LEASE_STATE_RENEWING = 7,
  /** After T2: any server is asked. */
  MOTE_LEASE_STATE_REBINDING = 8,
  /** The lease is being given back. */
  MOTE_LEASE_STATE_RELEASING = 9
};

/** Pools: fixed numbers of records, each with its level and high-water mark. */
enum mote_pool {
  /** Connection records (TCBs). */
  MOTE_POOL_TCB = 0,
  /** Receive rings. */
  MOTE_POOL_RECEIVE_RING = 1,
  /** Send rings. */
  MOTE_POOL_SEND_RING = 2,
  /** Reassembly blocks: the out-of-order ranges of one connection. */
  MOTE_POOL_REASSEMBLY = 3,
  /** Recovery blocks: what SACK has told about the flight of one connection. */
  MOTE_POOL_RECOVERY = 4,
  /** SYN-cache entries: handshakes of passive opens. */
  MOTE_POOL_SYN_CACHE = 5,
  /** TIME-WAIT entries. */
  MOTE_POOL_TIME_WAIT = 6,
  /** Listeners. */
  MOTE_POOL_LISTENER = 7,
  /** Neighbours: the ARP cache. */
  MOTE_POOL_NEIGHBOUR = 8,
  /** Local addresses. */
  MOTE_POOL_ADDRESS = 9,
  /** Sockets: UDP, and ICMP echo. */
  MOTE_POOL_SOCKET = 10,
  /** IPv4 datagrams that are put together from fragments. */
  MOTE_POOL_ASSEMBLY = 11,
  /** Multicast groups, once for each interface. */
  MOTE_POOL_GROUP = 12,
  /** Routes. */
  MOTE_POOL_ROUTE = 13,
  /** Lookups of names: those under way, and those that a handle holds. */
  MOTE_POOL_LOOKUP = 14,
  /** Services told of by DNS-SD. */
  MOTE_POOL_SERVICE = 15,
  MOTE_POOL_COUNT = 16
};

/**
 * What a build is, for constant(): its numbers, and the places of what hosts read and write. From
 * TCBS to ASSEMBLIES the records of each pool, in the order of Pool; AREA: its first byte.
 */
enum mote_constant {
  /** Abi.VERSION. */
  MOTE_CONSTANT_ABI_VERSION = 0,
  /** Connection records. */
  MOTE_CONSTANT_TCBS = 1,
  /** Receive rings. */
  MOTE_CONSTANT_RECEIVE_RINGS = 2,
  /** Send rings. */
  MOTE_CONSTANT_SEND_RINGS = 3,
  /** Reassembly blocks. */
  MOTE_CONSTANT_REASSEMBLY_BLOCKS = 4,
  /** Recovery blocks. */
  MOTE_CONSTANT_RECOVERY_BLOCKS = 5,
  /** SYN-cache entries. */
  MOTE_CONSTANT_SYN_ENTRIES = 6,
  /** TIME-WAIT entries. */
  MOTE_CONSTANT_TIME_WAITS = 7,
  /** Listeners. */
  MOTE_CONSTANT_LISTENERS = 8,
  /** Neighbours. */
  MOTE_CONSTANT_NEIGHBOURS = 9,
  /** Local addresses, 127.0.0.1 among them where the stack talks to itself. */
  MOTE_CONSTANT_ADDRESSES = 10,
  /** Sockets. */
  MOTE_CONSTANT_SOCKETS = 11,
  /** IPv4 datagrams that are put together at the same time. */
  MOTE_CONSTANT_ASSEMBLIES = 12,
  /** Multicast groups. */
  MOTE_CONSTANT_GROUPS = 13,
  /** Routes. */
  MOTE_CONSTANT_ROUTES = 14,
  /** Lookups of names. */
  MOTE_CONSTANT_LOOKUPS = 15,
  /** Services told of by DNS-SD. */
  MOTE_CONSTANT_SERVICES = 16,
  /** Interfaces, numbered from 0; loopback is not counted. */
  MOTE_CONSTANT_INTERFACES = 17,
  /** Records of the trace ring: a power of two or 0. */
  MOTE_CONSTANT_TRACE_RECORDS = 18,
  /** Bytes of one send ring. */
  MOTE_CONSTANT_SEND_RING_BYTES = 19,
  /** Bytes of one receive ring. */
  MOTE_CONSTANT_RECEIVE_RING_BYTES = 20,
  /** Bytes of the frame buffers: the longest frame with its Ethernet header. */
  MOTE_CONSTANT_FRAME_BYTES = 21,
  /** Bytes of an address in a record: 4; 16 when IPv6 addresses are in this build. */
  MOTE_CONSTANT_ADDRESS_BYTES = 22,
  /**
   * Bytes of one TCB with its links, timer and share of the hash table and pools, rings excepted.
   */
  MOTE_CONSTANT_CONNECTION_BYTES = 23,
  /** Bytes of one SYN-cache entry, all in. */
  MOTE_CONSTANT_SYN_CACHE_BYTES = 24,
  /** Bytes of one TIME-WAIT entry, all in. */
  MOTE_CONSTANT_TIME_WAIT_BYTES = 25,
  /** Bytes of one socket, all in, its rings excepted. */
  MOTE_CONSTANT_SOCKET_BYTES = 26,
  /** FRAME_BYTES bytes: the host writes a received frame here. */
  MOTE_CONSTANT_RX_FRAME = 27,
  /** FRAME_BYTES bytes: the frame to send. */
  MOTE_CONSTANT_TX_FRAME = 28,
  /** Two words about the received frame: reserved for offload, keep 0. */
  MOTE_CONSTANT_RX_METADATA = 29,
  /** Two words about the frame to send: reserved for offload, always 0. */
  MOTE_CONSTANT_TX_METADATA = 30,
  /** 32 bytes in which addresses cross: one, or a network and its router. */
  MOTE_CONSTANT_ADDRESS_BUFFER = 31,
  /** 256 bytes in which names cross; 0: none cross in this build. */
  MOTE_CONSTANT_NAME_BUFFER = 32,
  /** 32 bytes for seed(). */
  MOTE_CONSTANT_ENTROPY = 33,
  /** A Globals. */
  MOTE_CONSTANT_GLOBALS = 34,
  /** A u32 for each Counter. */
  MOTE_CONSTANT_COUNTER_AREA = 35,
  /** Two u32 for each Pool: records in use, and the most there ever were. */
  MOTE_CONSTANT_POOL_AREA = 36,
  /**
   * A u16 for each handle's slot: TCBs, then listeners, addresses, sockets, tasks: one for each
   * interface first.
   */
  MOTE_CONSTANT_GENERATION_AREA = 37,
  /** The TCBs: Tcb. */
  MOTE_CONSTANT_TCB_AREA = 38,
  /** The SYN cache: SynEntry. */
  MOTE_CONSTANT_SYN_AREA = 39,
  /** TIME-WAIT: TimeWait. */
  MOTE_CONSTANT_TIME_WAIT_AREA = 40,
  /** The listeners: Listener. */
  MOTE_CONSTANT_LISTENER_AREA = 41,
  /** The local addresses: Address. */
  MOTE_CONSTANT_ADDRESS_AREA = 42,
  /** The sockets: Socket. */
  MOTE_CONSTANT_SOCKET_AREA = 43,
  /** The multicast groups: Group. */
  MOTE_CONSTANT_GROUP_AREA = 44,
  /** The routes: Route. */
  MOTE_CONSTANT_ROUTE_AREA = 45,
  /** The leases, one for each interface: Lease. */
  MOTE_CONSTANT_LEASE_AREA = 46,
  /** The lookups: Lookup. */
  MOTE_CONSTANT_LOOKUP_AREA = 47,
  /** What the time server said: TimeSample. */
  MOTE_CONSTANT_TIME_AREA = 48,
  /** The host's name: a byte that is its length, and at most 63 characters. */
  MOTE_CONSTANT_HOST_NAME = 49,
  /** The trace ring: TraceRecord. */
  MOTE_CONSTANT_TRACE_AREA = 50,
  /** A u16 for each handle's slot: its event bits, and OPEN while the handle lives. */
  MOTE_CONSTANT_EVENT_AREA = 51,
  /** A u32: the pointer of the last span. */
  MOTE_CONSTANT_SPAN_POINTER = 52,
  /** Bytes of memory, from 0, that the core ever touches. */
  MOTE_CONSTANT_MEMORY_BYTES = 53,
  /**
   * A u32 for each TCB: segments with data or FIN that it has sent again; 0: this build does not
   * count them.
   */
  MOTE_CONSTANT_RETRANSMIT_AREA = 54,
  MOTE_CONSTANT_COUNT = 55
};

/** Why a connection changed its state; in the trace records. */
enum mote_cause {
  /** A user call: listen, connect, shutdown, close. */
  MOTE_CAUSE_USER = 1,
  /** A SYN arrived. */
  MOTE_CAUSE_SYN = 2,
  /** A SYN+ACK arrived. */
  MOTE_CAUSE_SYN_ACK = 3,
  /** An acknowledgment arrived. */
  MOTE_CAUSE_ACK = 4,
  /** A FIN arrived. */
  MOTE_CAUSE_FIN = 5,
  /** A RST arrived. */
  MOTE_CAUSE_RST = 6,
  /** A timer expired. */
  MOTE_CAUSE_TIMEOUT = 7,
  /** An ICMP error, or a next hop that does not answer. */
  MOTE_CAUSE_UNREACHABLE = 8,
  /** A user call: abort. */
  MOTE_CAUSE_ABORT = 9,
  /** The pool needed the record. */
  MOTE_CAUSE_RECYCLED = 10
};

/** Counters: every frame and segment is counted, and every drop under its reason. */
enum mote_counter {
  /** Frames handed to receive. */
  MOTE_COUNTER_RX_FRAMES = 0,
  /** Bytes of those frames. */
  MOTE_COUNTER_RX_BYTES = 1,
  /** Frames built: immediate replies and those of transmit. */
  MOTE_COUNTER_TX_FRAMES = 2,
  /** Bytes of those frames. */
  MOTE_COUNTER_TX_BYTES = 3,
  /** Frames handed over inside the stack, from it to itself. */
  MOTE_COUNTER_LOOPBACK_FRAMES = 4,
  /** Dropped: shorter than its headers say, or than the Ethernet header. */
  MOTE_COUNTER_DROP_RUNT = 5,
  /** Dropped: longer than the frame buffer or the interface number is wrong. */
  MOTE_COUNTER_DROP_OVERSIZE = 6,
  /** Dropped: addressed to another station. */
  MOTE_COUNTER_DROP_OTHER_STATION = 7,
  /** Not ours: an EtherType that the stack does not speak (it stands in Globals). */
  MOTE_COUNTER_FOREIGN_ETHERTYPE = 8,
  /** Dropped: the interface is down or not configured. */
  MOTE_COUNTER_DROP_LINK_DOWN = 9,
  /** Dropped: malformed ARP. */
  MOTE_COUNTER_DROP_ARP_MALFORMED = 10,
  /** Dropped: ARP reply that nobody asked for. */
  MOTE_COUNTER_DROP_ARP_UNSOLICITED = 11,
  /** Dropped: ARP sender address that cannot be a host's. */
  MOTE_COUNTER_DROP_ARP_SENDER = 12,
  /** Conflicts seen: another station uses one of our addresses. */
  MOTE_COUNTER_ARP_CONFLICT = 13,
  /** ARP requests sent. */
  MOTE_COUNTER_ARP_REQUESTS = 14,
  /** ARP replies sent. */
  MOTE_COUNTER_ARP_REPLIES = 15,
  /** Dropped: IPv4 header malformed (version, header length, total length, options). */
  MOTE_COUNTER_DROP_IP_MALFORMED = 16,
  /** Dropped: IPv4 header checksum. */
  MOTE_COUNTER_DROP_IP_CHECKSUM = 17,
  /** Dropped: source address that no packet may have. */
  MOTE_COUNTER_DROP_IP_SOURCE = 18,
  /** Dropped: destination is none of our addresses. */
  MOTE_COUNTER_DROP_IP_DESTINATION = 19,
  /**
   * Dropped: fragment that fits no datagram (empty, out of bounds, overlapping), or any where
   * reassembly is not in this build.
   */
  MOTE_COUNTER_DROP_IP_FRAGMENT = 20,
  /** Dropped: source-routed (RFC 7126 section 4.3). */
  MOTE_COUNTER_DROP_IP_SOURCE_ROUTE = 21,
  /** Dropped: protocol not in this build. */
  MOTE_COUNTER_DROP_IP_PROTOCOL = 22,
  /** Dropped: malformed ICMP, or its checksum. */
  MOTE_COUNTER_DROP_ICMP_MALFORMED = 23,
  /** Dropped: ICMP type that we do not answer, or must not. */
  MOTE_COUNTER_DROP_ICMP_TYPE = 24,
  /** Dropped: ICMP error that quotes no connection of ours, or a number out of its range. */
  MOTE_COUNTER_DROP_ICMP_UNRELATED = 25,
  /** ICMP errors not sent because of the rate limit. */
  MOTE_COUNTER_ICMP_RATE_LIMITED = 26,
  /** Echo requests answered. */
  MOTE_COUNTER_ICMP_ECHO_REPLIES = 27,
  /** ICMP errors sent. */
  MOTE_COUNTER_ICMP_ERRORS_SENT = 28,
  /** TCP segments that passed the checks of the header. */
  MOTE_COUNTER_TCP_SEGMENTS_IN = 29,
  /** TCP segments built. */
  MOTE_COUNTER_TCP_SEGMENTS_OUT = 30,
  /** Dropped: TCP header malformed (data offset, port 0, impossible flags). */
  MOTE_COUNTER_DROP_TCP_MALFORMED = 31,
  /** Dropped: TCP checksum. */
  MOTE_COUNTER_DROP_TCP_CHECKSUM = 32,
  /** Dropped: TCP to a broadcast or multicast address. */
  MOTE_COUNTER_DROP_TCP_BROADCAST = 33,
  /** Segments for no connection, answered with RST. */
  MOTE_COUNTER_TCP_NO_CONNECTION = 34,
  /** Dropped: out of the receive window. */
  MOTE_COUNTER_DROP_TCP_WINDOW = 35,
  /** Dropped: older than the timestamps allow (PAWS, RFC 7323 section 5). */
  MOTE_COUNTER_DROP_TCP_PAWS = 36,
  /** Dropped: acknowledges what was never sent, or is too old (RFC 5961 section 5). */
  MOTE_COUNTER_DROP_TCP_ACK = 37,
  /** Dropped: RST inside the window but not exact (RFC 5961 section 3), or for no connection. */
  MOTE_COUNTER_DROP_TCP_RST = 38,
  /**
   * Dropped: SYN on a synchronized connection (RFC 5961 section 4), or none where one must come.
   */
  MOTE_COUNTER_DROP_TCP_SYN = 39,
  /** Dropped: no ACK bit where one is needed. */
  MOTE_COUNTER_DROP_TCP_NO_ACK = 40,
  /** TCP options with an impossible length. */
  MOTE_COUNTER_TCP_BAD_OPTION = 41,
  /** Challenge ACKs sent. */
  MOTE_COUNTER_TCP_CHALLENGE_ACKS = 42,
  /** Challenge ACKs withheld by the throttle. */
  MOTE_COUNTER_TCP_CHALLENGE_THROTTLED = 43,
  /** SYNs not admitted: no TCB, receive ring or SYN-cache entry was free. */
  MOTE_COUNTER_TCP_ADMISSION_DROPS = 44,
  /** SYNs not admitted: the listener's accept queue is full. */
  MOTE_COUNTER_TCP_BACKLOG_DROPS = 45,
  /** SYNs not admitted: the source holds its share. */
  MOTE_COUNTER_TCP_SOURCE_LIMIT_DROPS = 46,
  /** Handshakes given up: no ACK came for the SYN+ACK. */
  MOTE_COUNTER_TCP_HANDSHAKE_TIMEOUTS = 47,
  /** Connections opened actively. */
  MOTE_COUNTER_TCP_ACTIVE_OPENS = 48,
  /** Connections accepted. */
  MOTE_COUNTER_TCP_PASSIVE_OPENS = 49,
  /** Segments sent again after a timeout. */
  MOTE_COUNTER_TCP_TIMEOUT_RETRANSMITS = 50,
  /** Segments sent again after duplicate or partial acknowledgments. */
  MOTE_COUNTER_TCP_FAST_RETRANSMITS = 51,
  /** Duplicate acknowledgments received. */
  MOTE_COUNTER_TCP_DUPLICATE_ACKS = 52,
  /** Segments kept out of order. */
  MOTE_COUNTER_TCP_OUT_OF_ORDER = 53,
  /** Out-of-order segments not kept: no block or no range was free. */
  MOTE_COUNTER_TCP_OUT_OF_ORDER_DROPS = 54,
  /** Zero-window probes: each time that the timer asks for one. */
  MOTE_COUNTER_TCP_PROBES = 55,
  /** RSTs sent. */
  MOTE_COUNTER_TCP_RESETS_SENT = 56,
  /** Connections that a RST ended. */
  MOTE_COUNTER_TCP_RESETS_RECEIVED = 57,
  /** Connections that a timeout ended. */
  MOTE_COUNTER_TCP_TIMEOUTS = 58,
  /** TIME-WAIT entries taken back before their time. */
  MOTE_COUNTER_TCP_TIME_WAIT_RECYCLED = 59,
  /** Data that came after our side had closed: answered with RST (RFC 9293 section 3.6.1). */
  MOTE_COUNTER_TCP_DATA_AFTER_CLOSE = 60,
  /** Keepalive probes sent. */
  MOTE_COUNTER_TCP_KEEPALIVE_PROBES = 61,
  /** Connections reset because they stayed in CLOSE-WAIT too long. */
  MOTE_COUNTER_TCP_CLOSE_WAIT_LIMITED = 62,
  /** SACK blocks that report duplicates (RFC 2883): what was sent again had arrived. */
  MOTE_COUNTER_TCP_DUPLICATE_SACKS = 63,
  /** SYN cookies sent: the SYN cache was full. */
  MOTE_COUNTER_TCP_COOKIES_SENT = 64,
  /** Connections that a cookie opened. */
  MOTE_COUNTER_TCP_COOKIES_TAKEN = 65,
  /** Acknowledgments for a listener that were no cookie of ours, while some were out. */
  MOTE_COUNTER_TCP_COOKIES_REFUSED = 66,
  /** UDP datagrams that a socket took. */
  MOTE_COUNTER_UDP_DATAGRAMS_IN = 67,
  /** UDP datagrams sent. */
  MOTE_COUNTER_UDP_DATAGRAMS_OUT = 68,
  /** Dropped: UDP header malformed (length, destination port 0). */
  MOTE_COUNTER_DROP_UDP_MALFORMED = 69,
  /** Dropped: UDP checksum. */
  MOTE_COUNTER_DROP_UDP_CHECKSUM = 70,
  /** Datagrams for a port that no socket has, answered with port unreachable where they may be. */
  MOTE_COUNTER_UDP_NO_SOCKET = 71,
  /** Dropped: the socket's ring is full. */
  MOTE_COUNTER_DROP_SOCKET_FULL = 72,
  /** Datagrams of ours that did not leave: no route, or a next hop that does not answer. */
  MOTE_COUNTER_DROP_SOCKET_UNREACHABLE = 73,
  /** Fragments kept until the others come. */
  MOTE_COUNTER_IP_FRAGMENTS = 74,
  /** Datagrams put together. */
  MOTE_COUNTER_IP_REASSEMBLED = 75,
  /** Datagrams of which not all came in time, or which made room for others. */
  MOTE_COUNTER_IP_REASSEMBLY_TIMEOUTS = 76,
  /** Dropped: malformed IGMP, or its checksum. */
  MOTE_COUNTER_DROP_IGMP_MALFORMED = 77,
  /** Reports about multicast groups sent. */
  MOTE_COUNTER_IGMP_REPORTS = 78,
  /** DHCP messages sent. */
  MOTE_COUNTER_DHCP_SENT = 79,
  /**
   * Dropped: DHCP message malformed, without an option that it must have, or with values that no
   * lease can have.
   */
  MOTE_COUNTER_DROP_DHCP_MALFORMED = 80,
  /** Dropped: DHCP message that answers no question of ours. */
  MOTE_COUNTER_DROP_DHCP_UNRELATED = 81,
  /** DHCPNAKs taken. */
  MOTE_COUNTER_DHCP_NAKS = 82,
  /** Leased addresses that another station has. */
  MOTE_COUNTER_DHCP_CONFLICTS = 83,
  /** Questions sent to name servers and to multicast groups. */
  MOTE_COUNTER_DNS_QUERIES = 84,
  /** Lookups answered from the cache. */
  MOTE_COUNTER_DNS_CACHE_HITS = 85,
  /** Dropped: DNS message malformed. */
  MOTE_COUNTER_DROP_DNS_MALFORMED = 86,
  /**
   * Dropped: DNS message that answers no question of ours, or that multicast DNS does not take from
   * there.
   */
  MOTE_COUNTER_DROP_DNS_UNRELATED = 87,
  /** Answers that were truncated, and asked for by TCP. */
  MOTE_COUNTER_DNS_TRUNCATED = 88,
  /** Multicast DNS: probes, announcements and answers sent. */
  MOTE_COUNTER_MDNS_SENT = 89,
  /** Multicast DNS: our name was another host's. */
  MOTE_COUNTER_MDNS_CONFLICTS = 90,
  /** Time servers asked. */
  MOTE_COUNTER_SNTP_QUERIES = 91,
  /** Dropped: answers of time servers that are none, or that must not be believed. */
  MOTE_COUNTER_DROP_SNTP = 92,
  MOTE_COUNTER_COUNT = 93
};

/** Flags of a connection; what small profiles use most first: short constants. */
enum mote_flag {
  /** The user holds a handle. */
  MOTE_FLAG_OWNED = 1,
  /** timerMs is armed: retransmission, probe, or TIME-WAIT. */
  MOTE_FLAG_TIMER = 2,
  /** An acknowledgment is to leave with the next transmit. */
  MOTE_FLAG_ACK_NOW = 4,
  /** An acknowledgment waits for ackMs. */
  MOTE_FLAG_ACK_DELAYED = 8,
  /** A segment is being timed (RFC 6298 section 3). */
  MOTE_FLAG_TIMING = 16,
  /** timerMs is the zero-window probe's. */
  MOTE_FLAG_PERSIST = 32,
  /** In the accept queue of its listener. */
  MOTE_FLAG_QUEUED = 64,
  /** A RST is to leave, then the record goes. */
  MOTE_FLAG_RESET = 128,
  /** Repair after a timeout: everything up to recover is sent again as cwnd allows. */
  MOTE_FLAG_LOSS = 256,
  /** SYN or SYN+ACK is to leave. */
  MOTE_FLAG_SYN_DUE = 512,
  /** lifeMs is armed: the limit of an orphan, of FIN-WAIT-2 or of CLOSE-WAIT, or keepalive. */
  MOTE_FLAG_LIFE = 1024,
  /** Our side has closed: FIN follows the last byte queued. */
  MOTE_FLAG_FIN_QUEUED = 2048,
  /** A SYN was lost: RTO of 3 s and a window of one segment (RFC 6298 5.7, RFC 5681 3.1). */
  MOTE_FLAG_SYN_LOST = 4096,
  /** Opened by connect. */
  MOTE_FLAG_ACTIVE = 8192,
  /** sendSpan had no room: WRITABLE is owed. */
  MOTE_FLAG_WANTS_SPACE = 16384,
  /** PSH and URG: urgent data are announced up to rcvUp. */
  MOTE_FLAG_URGENT = 32768,
  /** A probe is to leave. */
  MOTE_FLAG_PROBE = 65536,
  /** A challenge ACK was sent at challengeMs. */
  MOTE_FLAG_CHALLENGED = 131072,
  /** Fast recovery (RFC 6582). */
  MOTE_FLAG_RECOVERY = 262144,
  /** The peer is this stack. */
  MOTE_FLAG_LOCAL = 524288,
  /** Waits for a send ring. */
  MOTE_FLAG_WANTS_RING = 1048576,
  /** A keepalive probe is to leave. */
  MOTE_FLAG_KEEP_PROBE = 2097152,
  /** What lies below sndUp is urgent, and not all acknowledged. */
  MOTE_FLAG_SENDS_URGENT = 4194304,
  /** Its user timeout was set by its user: the peer's says nothing. */
  MOTE_FLAG_OWN_TIMEOUT = 8388608,
  /** The next acknowledgment without data tells the peer our user timeout. */
  MOTE_FLAG_TELLS_TIMEOUT = 16777216,
  /** A built-in service has it, that of its listener. Its limits are those of an orphan. */
  MOTE_FLAG_SERVED = 33554432
};

/** Numbers with which records are read. */
enum mote_reading {
  /**
   * Endpoint.options: both sides know selective acknowledgments; timestamps are in use; both
   * windows are scaled.
   */
  MOTE_READING_SACKS = 64,
  MOTE_READING_TIMESTAMPS = 32,
  MOTE_READING_SCALED = 16,
  /** Every address. */
  MOTE_READING_ANY_ADDRESS = 255,
  MOTE_READING_TICK_BITS = 6,
  /** SynEntry.retries: SYN+ACKs sent again. */
  MOTE_READING_RETRIES = 7,
  /** The event bit of a node whose handle lives: above all others. */
  MOTE_READING_OPEN = 32768,
  /** No ring: the field of a connection that holds none. A ring is known by its node. */
  MOTE_READING_NO_RING = 0,
  /** Retransmission timeout before the first sample, ms (RFC 6298 section 2.1). */
  MOTE_READING_INITIAL_RTO_MS = 1000,
  /** Retransmission timeout after a lost SYN, ms (RFC 6298 section 5.7). */
  MOTE_READING_SYN_LOST_RTO_MS = 3000,
  /** Upper bound of the retransmission timeout, ms (RFC 6298 section 2.5). */
  MOTE_READING_MAXIMUM_RTO_MS = 60000,
  /** Addresses that a lookup keeps of those in the answer. */
  MOTE_READING_LOOKUP_ADDRESSES = 4
};

/** What a Tcb, SynEntry and TimeWait begin with. `localPort` 0: the record is free. */
enum mote_endpoint_field {
  /** u16 */
  MOTE_ENDPOINT_LOCAL_PORT_AT = 0,
  /** u16 */
  MOTE_ENDPOINT_REMOTE_PORT_AT = 2,
  /** u8: Number of the local address. */
  MOTE_ENDPOINT_ADDRESS_AT = 4,
  /** u8: SACKS, TIMESTAMPS, SCALED, and the peer's scale in the lowest four bits (RFC 7323). */
  MOTE_ENDPOINT_OPTIONS_AT = 5,
  /**
   * u8: SYN-cache entries, and what became of them. TIME-WAIT keeps its time in these two bytes.
   */
  MOTE_ENDPOINT_LISTENER_AT = 6,
  /** u8: Retransmissions or unanswered probes in a row; the SYN cache has two bits of its own. */
  MOTE_ENDPOINT_RETRIES_AT = 7,
  /** u32: TS.Recent. */
  MOTE_ENDPOINT_TS_RECENT_AT = 8
};
#define MOTE_ENDPOINT_BYTES 12u

/** A connection. */
enum mote_tcb_field {
  /** u16 */
  MOTE_TCB_LOCAL_PORT_AT = 0,
  /** u16 */
  MOTE_TCB_REMOTE_PORT_AT = 2,
  /** u8: Number of the local address. */
  MOTE_TCB_ADDRESS_AT = 4,
  /** u8: SACKS, TIMESTAMPS, SCALED, and the peer's scale in the lowest four bits (RFC 7323). */
  MOTE_TCB_OPTIONS_AT = 5,
  /**
   * u8: SYN-cache entries, and what became of them. TIME-WAIT keeps its time in these two bytes.
   */
  MOTE_TCB_LISTENER_AT = 6,
  /** u8: Retransmissions or unanswered probes in a row; the SYN cache has two bits of its own. */
  MOTE_TCB_RETRIES_AT = 7,
  /** u32: TS.Recent. */
  MOTE_TCB_TS_RECENT_AT = 8,
  /** u32 */
  MOTE_TCB_ISS_AT = 12,
  /** u32 */
  MOTE_TCB_IRS_AT = 16,
  /** u32 */
  MOTE_TCB_SND_UNA_AT = 20,
  /** u32 */
  MOTE_TCB_SND_NXT_AT = 24,
  /** u32: Next number to be sent again, below rtxEnd; sndNxt never rolls back. */
  MOTE_TCB_SND_RTX_AT = 28,
  /** u32 */
  MOTE_TCB_RTX_END_AT = 32,
  /** u32: Behind the last byte queued; the FIN's number once it is queued. */
  MOTE_TCB_SND_END_AT = 36,
  /** u32 */
  MOTE_TCB_SND_WND_AT = 40,
  /** u32 */
  MOTE_TCB_SND_WL1_AT = 44,
  /** u32 */
  MOTE_TCB_SND_WL2_AT = 48,
  /** u32 */
  MOTE_TCB_MAX_SND_WND_AT = 52,
  /** u32 */
  MOTE_TCB_SND_UP_AT = 56,
  /** u32 */
  MOTE_TCB_RCV_NXT_AT = 60,
  /** u32: Next byte the user reads. */
  MOTE_TCB_RCV_READ_AT = 64,
  /** u32: Right edge of the window advertised: never moves back. */
  MOTE_TCB_RCV_ADV_AT = 68,
  /** u32: RCV.NXT in the last acknowledgment sent (Last.ACK.sent). */
  MOTE_TCB_RCV_ACKED_AT = 72,
  /** u32 */
  MOTE_TCB_RCV_UP_AT = 76,
  /** u32 */
  MOTE_TCB_CWND_AT = 80,
  /** u32 */
  MOTE_TCB_SSTHRESH_AT = 84,
  /** u32 */
  MOTE_TCB_RECOVER_AT = 88,
  /** u32 */
  MOTE_TCB_BYTES_ACKED_AT = 92,
  /** u32 */
  MOTE_TCB_SRTT_US_AT = 96,
  /** u32 */
  MOTE_TCB_RTTVAR_US_AT = 100,
  /** u32 */
  MOTE_TCB_FLAGS_AT = 104,
  /** u8 */
  MOTE_TCB_STATE_AT = 108,
  /** u8: Doublings of the RTO. */
  MOTE_TCB_BACKOFF_AT = 109,
  /** u8 */
  MOTE_TCB_DUP_ACKS_AT = 110,
  /**
   * u8: Errno of what ended the connection, or of a soft error since the last progress; 0: none.
   */
  MOTE_TCB_ERROR_AT = 111,
  /** u16: Largest segment sent, options deducted. */
  MOTE_TCB_SND_MSS_AT = 112,
  /** u16: Rings and blocks, lent while needed, by their nodes; NO_RING, NO_BLOCK: none. */
  MOTE_TCB_SEND_RING_AT = 114,
  /** u16 */
  MOTE_TCB_RECEIVE_RING_AT = 116,
  /** u16 */
  MOTE_TCB_REASSEMBLY_AT = 118,
  /** u16: Recovery block: the scoreboard of SACK. */
  MOTE_TCB_RECOVERY_AT = 120,
  /** u16: Where the next hop was in the neighbour cache last time. */
  MOTE_TCB_NEIGHBOUR_AT = 122,
  /** u32 */
  MOTE_TCB_RTT_SEQ_AT = 124,
  /** u32 */
  MOTE_TCB_RTT_START_US_AT = 128,
  /** u32: When tsRecent was taken. */
  MOTE_TCB_TS_RECENT_MS_AT = 132,
  /**
   * u32: Last progress of the peer: new data acknowledged, or the first byte sent after silence.
   */
  MOTE_TCB_PROGRESS_MS_AT = 136,
  /** u32: Last change of state. */
  MOTE_TCB_CHANGED_MS_AT = 140,
  /** u32: The peer was last heard. */
  MOTE_TCB_HEARD_MS_AT = 144,
  /** u32: Last challenge ACK. */
  MOTE_TCB_CHALLENGE_MS_AT = 148,
  /** u32: What is added to nowMs in our timestamps (RFC 7323). */
  MOTE_TCB_TS_OFFSET_AT = 152,
  /** u32 */
  MOTE_TCB_TIMER_MS_AT = 156,
  /** u32 */
  MOTE_TCB_ACK_MS_AT = 160,
  /** u32 */
  MOTE_TCB_LIFE_MS_AT = 164,
  /** u16: The first of the options of connections, in the order of Option. */
  MOTE_TCB_NO_DELAY_AT = 168,
  /** u16 */
  MOTE_TCB_TTL_AT = 170,
  /** u16 */
  MOTE_TCB_DSCP_AT = 172,
  /** u16 */
  MOTE_TCB_R2_SECONDS_AT = 174,
  /** u16 */
  MOTE_TCB_KEEP_ALIVE_AT = 176,
  /** u16 */
  MOTE_TCB_KEEP_IDLE_SECONDS_AT = 178,
  /** u16 */
  MOTE_TCB_KEEP_INTERVAL_SECONDS_AT = 180,
  /** u16 */
  MOTE_TCB_KEEP_PROBES_AT = 182
};
#define MOTE_TCB_BYTES 184u

/** The handshake of a passive open. */
enum mote_syn_entry_field {
  /** u16 */
  MOTE_SYN_ENTRY_LOCAL_PORT_AT = 0,
  /** u16 */
  MOTE_SYN_ENTRY_REMOTE_PORT_AT = 2,
  /** u8: Number of the local address. */
  MOTE_SYN_ENTRY_ADDRESS_AT = 4,
  /** u8: SACKS, TIMESTAMPS, SCALED, and the peer's scale in the lowest four bits (RFC 7323). */
  MOTE_SYN_ENTRY_OPTIONS_AT = 5,
  /**
   * u8: SYN-cache entries, and what became of them. TIME-WAIT keeps its time in these two bytes.
   */
  MOTE_SYN_ENTRY_LISTENER_AT = 6,
  /** u8: Retransmissions or unanswered probes in a row; the SYN cache has two bits of its own. */
  MOTE_SYN_ENTRY_RETRIES_AT = 7,
  /** u32: TS.Recent. */
  MOTE_SYN_ENTRY_TS_RECENT_AT = 8,
  /** u32 */
  MOTE_SYN_ENTRY_ISS_AT = 12,
  /** u32 */
  MOTE_SYN_ENTRY_IRS_AT = 16,
  /** u32: When the next SYN+ACK is due, ms. */
  MOTE_SYN_ENTRY_DUE_MS_AT = 20,
  /** u16: Peer's MSS option, 0: none; its window. */
  MOTE_SYN_ENTRY_MSS_AT = 24,
  /** u16 */
  MOTE_SYN_ENTRY_WINDOW_AT = 26
};
#define MOTE_SYN_ENTRY_BYTES 28u

/**
 * A connection in TIME-WAIT. `listener` and `retries` together are a u16: when it began, in ticks
 * of 1 << `TICK_BITS` ms.
 */
enum mote_time_wait_field {
  /** u16 */
  MOTE_TIME_WAIT_LOCAL_PORT_AT = 0,
  /** u16 */
  MOTE_TIME_WAIT_REMOTE_PORT_AT = 2,
  /** u8: Number of the local address. */
  MOTE_TIME_WAIT_ADDRESS_AT = 4,
  /** u8: SACKS, TIMESTAMPS, SCALED, and the peer's scale in the lowest four bits (RFC 7323). */
  MOTE_TIME_WAIT_OPTIONS_AT = 5,
  /**
   * u8: SYN-cache entries, and what became of them. TIME-WAIT keeps its time in these two bytes.
   */
  MOTE_TIME_WAIT_LISTENER_AT = 6,
  /** u8: Retransmissions or unanswered probes in a row; the SYN cache has two bits of its own. */
  MOTE_TIME_WAIT_RETRIES_AT = 7,
  /** u32: TS.Recent. */
  MOTE_TIME_WAIT_TS_RECENT_AT = 8,
  /** u32 */
  MOTE_TIME_WAIT_SND_NXT_AT = 12,
  /** u32 */
  MOTE_TIME_WAIT_RCV_NXT_AT = 16
};
#define MOTE_TIME_WAIT_BYTES 20u

/** A passive open. */
enum mote_listener_field {
  /** u16: 0: free. */
  MOTE_LISTENER_PORT_AT = 0,
  /** u8 */
  MOTE_LISTENER_ADDRESS_AT = 2,
  /** u8: Service: its connections are the stack's own; 0: they wait to be accepted. */
  MOTE_LISTENER_SERVICE_AT = 3,
  /** u16 */
  MOTE_LISTENER_BACKLOG_AT = 4,
  /** u16: Connections in the accept queue, or with the service. */
  MOTE_LISTENER_QUEUED_AT = 6,
  /**
   * u16: 1: what cannot be admitted is reset. The first of the options of listeners, in the order
   * of Option.
   */
  MOTE_LISTENER_RESET_WHEN_FULL_AT = 8,
  /** u16: Connections that one source may hold; 0: no limit. */
  MOTE_LISTENER_SOURCE_LIMIT_AT = 10
};
#define MOTE_LISTENER_BYTES 12u

/**
 * A local address, which follows its record. Number 0 is 127.0.0.1 where the stack talks to itself.
 */
enum mote_address_field {
  /** u8 */
  MOTE_ADDRESS_INTERFACE_AT = 0,
  /** u8: AddressState; 0: free. */
  MOTE_ADDRESS_STATE_AT = 1,
  /** u8 */
  MOTE_ADDRESS_FLAGS_AT = 2,
  /** u8: Probes and announcements sent. */
  MOTE_ADDRESS_PHASE_AT = 3,
  /** u32: Last defence (RFC 5227 section 2.4), ms; 0: never. */
  MOTE_ADDRESS_DEFENDED_MS_AT = 4,
  /** u32: Network mask, as it lies in a packet. */
  MOTE_ADDRESS_MASK_AT = 8
};
#define MOTE_ADDRESS_BYTES 12u

/** A UDP socket or an echo socket; its peer's address stands in its last bytes. */
enum mote_socket_field {
  /** u16 */
  MOTE_SOCKET_LOCAL_PORT_AT = 0,
  /** u16: The peer's port; 0: not connected. */
  MOTE_SOCKET_REMOTE_PORT_AT = 2,
  /** u8: Number of the local address, or ANY_ADDRESS. */
  MOTE_SOCKET_ADDRESS_AT = 4,
  /** u8: IPv4's number: 17 UDP, 1 echo; 0: free. */
  MOTE_SOCKET_PROTOCOL_AT = 5,
  /** u8: Errno of an ICMP error about a datagram to the peer, until it is read; 0: none. */
  MOTE_SOCKET_ERROR_AT = 6,
  /** u8: 1: sendSpan had no room: WRITABLE is owed. */
  MOTE_SOCKET_WANTS_SPACE_AT = 7,
  /** u16: Where the next hop was in the neighbour cache last time. */
  MOTE_SOCKET_NEIGHBOUR_AT = 8,
  /** u16: Datagrams received: the ring, the place of the first, bytes in use. */
  MOTE_SOCKET_RECEIVE_RING_AT = 10,
  /** u16 */
  MOTE_SOCKET_RECEIVE_AT_AT = 12,
  /** u16 */
  MOTE_SOCKET_RECEIVE_USED_AT = 14,
  /** u16: Datagrams to send. */
  MOTE_SOCKET_SEND_RING_AT = 16,
  /** u16 */
  MOTE_SOCKET_SEND_AT_AT = 18,
  /** u16 */
  MOTE_SOCKET_SEND_USED_AT = 20,
  /** u16: Bytes of the first that have left in fragments, and their identification. */
  MOTE_SOCKET_SENT_AT = 22,
  /** u16 */
  MOTE_SOCKET_IDENTIFICATION_AT = 24,
  /** u16: The first of the options of sockets. */
  MOTE_SOCKET_TTL_AT = 26,
  /** u16 */
  MOTE_SOCKET_DSCP_AT = 28,
  /** u16 */
  MOTE_SOCKET_BROADCAST_AT = 30,
  /** u16 */
  MOTE_SOCKET_MULTICAST_TTL_AT = 32,
  /** u16 */
  MOTE_SOCKET_RESERVED_AT = 34
};
#define MOTE_SOCKET_BYTES 36u

/** A multicast group that is heard on an interface. */
enum mote_group_field {
  /** u32: As it lies in a packet; 0: free. */
  MOTE_GROUP_V4_AT = 0,
  /** u8 */
  MOTE_GROUP_INTERFACE_AT = 4,
  /** u8: How often it was joined; 0: it has been left, and routers are being told. */
  MOTE_GROUP_USERS_AT = 5,
  /** u8: Reports of a change that have not left yet. */
  MOTE_GROUP_CHANGES_AT = 6,
  /** u8: 1: a report is due. */
  MOTE_GROUP_DUE_AT = 7
};
#define MOTE_GROUP_BYTES 8u

/** A route. */
enum mote_route_field {
  /** u32: As addresses lie in a packet. */
  MOTE_ROUTE_NETWORK_AT = 0,
  /** u32 */
  MOTE_ROUTE_MASK_AT = 4,
  /** u32: 0: the record is free. */
  MOTE_ROUTE_ROUTER_AT = 8,
  /** u32 */
  MOTE_ROUTE_INTERFACE_AT = 12
};
#define MOTE_ROUTE_BYTES 16u

/** What an interface has by DHCP, or by itself. Addresses are as they lie in a packet. */
enum mote_lease_field {
  /** u8: LeaseState. */
  MOTE_LEASE_STATE_AT = 0,
  /** u8: Auto: what was asked for. */
  MOTE_LEASE_AUTO_AT = 1,
  /** u8: Number of the leased address, in use or being probed; 0: there is none. */
  MOTE_LEASE_LOCAL_AT = 2,
  /** u8: Number of the link-local address, in use or being probed; 0: there is none. */
  MOTE_LEASE_LINK_LOCAL_AT = 3,
  /** u32: Messages of this state sent without an answer. */
  MOTE_LEASE_TRIES_AT = 4,
  /** u32: The leased address, or the one that was offered last. */
  MOTE_LEASE_ADDRESS_AT = 8,
  /** u32: Network mask of the lease or the offer. */
  MOTE_LEASE_MASK_AT = 12,
  /** u32: The server that gave the lease, or made the offer. */
  MOTE_LEASE_SERVER_AT = 16,
  /** u32: Router; 0: the server named none. From here to `mtu` all is 0 while there is no lease. */
  MOTE_LEASE_ROUTER_AT = 20,
  /** u32: Name servers; 0: the server named none, or just one. */
  MOTE_LEASE_NAME_SERVER_AT = 24,
  /** u32 */
  MOTE_LEASE_NAME_SERVER2_AT = 28,
  /** u32: Time servers; 0: the server named none, or just one. */
  MOTE_LEASE_TIME_SERVER_AT = 32,
  /** u32 */
  MOTE_LEASE_TIME_SERVER2_AT = 36,
  /** u32: Seconds that the lease lasts from when it was asked for; 0xffffffff: for ever. */
  MOTE_LEASE_SECONDS_AT = 40,
  /** u32: T1 and T2: seconds after which the server, and any server, is asked to go on. */
  MOTE_LEASE_RENEW_SECONDS_AT = 44,
  /** u32 */
  MOTE_LEASE_REBIND_SECONDS_AT = 48,
  /**
   * u32: Bytes of a packet that the interface has by the lease; 0: the server named none, or no
   * fewer.
   */
  MOTE_LEASE_MTU_AT = 52,
  /** u32: MTU of the interface without the lease. */
  MOTE_LEASE_LINK_MTU_AT = 56,
  /** u32: Seconds since the lease was asked for. */
  MOTE_LEASE_AGE_SECONDS_AT = 60,
  /** u32: When ageSeconds was right, ms. */
  MOTE_LEASE_AGED_MS_AT = 64,
  /** u32: When servers were first asked for what is asked for now, ms. */
  MOTE_LEASE_STARTED_MS_AT = 68,
  /**
   * u32: When they were asked last, ms, the request for an offer not counted: `secs` of the
   * messages.
   */
  MOTE_LEASE_ASKED_MS_AT = 72,
  /** u32: Identifies our question. */
  MOTE_LEASE_TRANSACTION_AT = 76,
  /** u32: DHCPNAKs since an address was in use. */
  MOTE_LEASE_NAKS_AT = 80,
  /** u32: The link-local address; 0: none was tried yet, or another station has it. */
  MOTE_LEASE_LINK_LOCAL_ADDRESS_AT = 84,
  /** u32: Link-local addresses that other stations had. */
  MOTE_LEASE_LINK_LOCAL_CONFLICTS_AT = 88
};
#define MOTE_LEASE_BYTES 92u

/** A lookup of a name. The addresses stand behind it, `LOOKUP_ADDRESSES` at most. */
enum mote_lookup_field {
  /** u8: Errno of a lookup that failed. */
  MOTE_LOOKUP_ERROR_AT = 0,
  /** u8: Addresses that were found. */
  MOTE_LOOKUP_ADDRESSES_AT = 1,
  /** u8: Questions sent; to the link each counts twice. */
  MOTE_LOOKUP_TRIES_AT = 2,
  /** u8: 1: questions go without EDNS. */
  MOTE_LOOKUP_PLAIN_AT = 3,
  /** u8: 1: the name is below .local, and hosts on the link are asked. */
  MOTE_LOOKUP_LOCAL_AT = 4,
  /** u8: The place of the server, among those that are known. */
  MOTE_LOOKUP_SERVER_AT = 5,
  /** u8: Bytes of the name, as it stands in a message. */
  MOTE_LOOKUP_NAME_BYTES_AT = 6,
  /** u8 */
  MOTE_LOOKUP_RESERVED_AT = 7,
  /** u16: Identifies the question, as it lies in a packet. */
  MOTE_LOOKUP_ID_AT = 8,
  /** u16 */
  MOTE_LOOKUP_RESERVED2_AT = 10,
  /** u32: Servers that have failed: a bit for each place. */
  MOTE_LOOKUP_FAILED_AT = 12,
  /** u32: The server's address, or the group's, as it lies in a packet. */
  MOTE_LOOKUP_SERVER_ADDRESS_AT = 16,
  /** u32: When what was found is too old, ms; before that: when the lookup began. */
  MOTE_LOOKUP_EXPIRES_MS_AT = 20,
  /**
   * u32: Where the answer is to come: the port that the question went from, or the handle of the
   * connection to the server, which is larger than any port; 0: there is no question under way.
   */
  MOTE_LOOKUP_WAITS_AT = 24
};
#define MOTE_LOOKUP_BYTES 28u

/** What a time server has said. */
enum mote_time_sample_field {
  /**
   * u32: Seconds since 1970-01-01 00:00 UTC, as a u32; with `fraction` 0: no server has answered
   * yet.
   */
  MOTE_TIME_SAMPLE_SECONDS_AT = 0,
  /** u32: Of a second, in units of 2^-32 s. */
  MOTE_TIME_SAMPLE_FRACTION_AT = 4,
  /** u32: The moment at which it was that time: nowMs and nowUs of an advance. */
  MOTE_TIME_SAMPLE_AT_MS_AT = 8,
  /** u32 */
  MOTE_TIME_SAMPLE_AT_US_AT = 12,
  /** u32: Round trip to the server, us. */
  MOTE_TIME_SAMPLE_ROUND_TRIP_US_AT = 16,
  /** u32: Stratum of the server, 1 to 15. */
  MOTE_TIME_SAMPLE_STRATUM_AT = 20,
  /** u32: The server, as it lies in a packet. */
  MOTE_TIME_SAMPLE_SERVER_AT = 24,
  /** u32: The server that the user named, 0: those of leases. */
  MOTE_TIME_SAMPLE_WANTED_AT = 28,
  /** u32: The server that was asked last. */
  MOTE_TIME_SAMPLE_ASKED_AT = 32,
  /** u64: Random: what the answer must repeat. */
  MOTE_TIME_SAMPLE_ORIGIN_AT = 40,
  /** u32: When the question left, us. */
  MOTE_TIME_SAMPLE_SENT_US_AT = 48,
  /** u16: Port that it went from; 0: none is open. */
  MOTE_TIME_SAMPLE_PORT_AT = 52,
  /** u16: Questions without an answer. */
  MOTE_TIME_SAMPLE_TRIES_AT = 54
};
#define MOTE_TIME_SAMPLE_BYTES 56u

/** What stands before the address and the data of a datagram in a socket's span. */
enum mote_datagram_field {
  /** u16: Bytes of data behind this record. */
  MOTE_DATAGRAM_LENGTH_AT = 0,
  /** u16: The other side's port; of an echo socket: the sequence number. */
  MOTE_DATAGRAM_PORT_AT = 2,
  /**
   * u8: Number of the local address that it came to or leaves from; ANY_ADDRESS: a group's or a
   * broadcast.
   */
  MOTE_DATAGRAM_LOCAL_AT = 4,
  /** u8: Received: the IPv4 time to live that was left. */
  MOTE_DATAGRAM_HOPS_AT = 5,
  /**
   * u16: Received: 0, or of an ICMP error about what an echo socket sent: 256 * its type + its
   * code; the address is that of who sent the error.
   */
  MOTE_DATAGRAM_KIND_AT = 6
};
#define MOTE_DATAGRAM_BYTES 8u

/** One change of state. */
enum mote_trace_record_field {
  /** u32: Time of the change: nowMs of the advance before it. */
  MOTE_TRACE_RECORD_TIME_MS_AT = 0,
  /** u32: Handle of the connection; for a SYN-cache entry 0. */
  MOTE_TRACE_RECORD_HANDLE_AT = 4,
  /** u32: From-state in the lowest byte, to-state in the next, Cause in the third. */
  MOTE_TRACE_RECORD_CHANGE_AT = 8,
  /** u32: Remote port in the upper, local port in the lower half. */
  MOTE_TRACE_RECORD_PORTS_AT = 12
};
#define MOTE_TRACE_RECORD_BYTES 16u

/** What hosts may read of the stack as a whole. */
enum mote_globals_field {
  /** u32 */
  MOTE_GLOBALS_NOW_MS_AT = 0,
  /** u16: The first of the stack's options and defaults, in the order of Option. */
  MOTE_GLOBALS_NO_DELAY_AT = 28,
  /** u16: Hundredths of a second. */
  MOTE_GLOBALS_MSL_CS_AT = 48,
  /** u16 */
  MOTE_GLOBALS_MINIMUM_RTO_MS_AT = 52,
  /** u32: EtherType of the last frame received if it was none of ours, else 0. */
  MOTE_GLOBALS_FOREIGN_ETHER_TYPE_AT = 92,
  /** u32: Trace records written; the host remembers how many it has read. */
  MOTE_GLOBALS_TRACE_WRITTEN_AT = 96
};
#define MOTE_GLOBALS_BYTES 160u

/** A number in the module's memory. */
static inline uint32_t mote_u8(const uint8_t *memory, uint32_t at) {
  return memory[at];
}
static inline uint32_t mote_u16(const uint8_t *memory, uint32_t at) {
  return mote_u8(memory, at) | mote_u8(memory, at + 1) << 8;
}
static inline uint32_t mote_u32(const uint8_t *memory, uint32_t at) {
  return mote_u16(memory, at) | mote_u16(memory, at + 2) << 16;
}

/** A counter. area: MOTE_CONSTANT_COUNTER_AREA. */
static inline uint32_t mote_counter_value(const uint8_t *memory, uint32_t area,
                                          enum mote_counter id) {
  return mote_u32(memory, area + 4 * (uint32_t)id);
}

/** Records of a pool in use, and the most there ever were. area: MOTE_CONSTANT_POOL_AREA. */
static inline uint32_t mote_pool_used(const uint8_t *memory, uint32_t area, enum mote_pool id) {
  return mote_u32(memory, area + 8 * (uint32_t)id);
}
static inline uint32_t mote_pool_high_water(const uint8_t *memory, uint32_t area,
                                            enum mote_pool id) {
  return mote_u32(memory, area + 8 * (uint32_t)id + 4);
}

/**
 * Takes Constant. Result: its value in this build; 0 for no such constant. The same at any time,
 * before initialise too.
 */
uint32_t mote_constant(uint32_t id);

/** Result: 0; everything is as after instantiation. */
uint32_t mote_initialise(void);

/**
 * Takes 32 random bytes in ENTROPY. Result: 0; the buffer is wiped. Call again after restoring a
 * snapshot. Errors: EINVAL: all 32 bytes are zero; EAGAIN: before initialise.
 */
int32_t mote_seed(void);

/**
 * Takes MAC in the first 6 bytes of ADDRESS_BUFFER; mtu: bytes of an IP packet, 576 up to
 * FRAME_BYTES - 14. Result: the interface's handle, for its events; in tiny, which has none, 0.
 * Errors: EINVAL (also while the link is up), EAGAIN: before initialise.
 */
int32_t mote_interface_configure(uint32_t interface_index, uint32_t mtu);

/**
 * Takes 1: frames pass; 0: they do not, handshakes under way, RSTs not yet sent and MACs are
 * forgotten. Result: 0. Errors: EINVAL, ENETDOWN: not configured.
 */
int32_t mote_interface_link(uint32_t interface_index, uint32_t up);

/**
 * Takes router's address in ADDRESS_BUFFER; length 0: none. Result: 0. Errors: EINVAL,
 * EAFNOSUPPORT.
 */
int32_t mote_interface_router(uint32_t interface_index, uint32_t length);

/**
 * Takes address in ADDRESS_BUFFER; AddressFlag bits. desktop: on interface INTERFACES, which is
 * loopback, addresses of 127/8. Result: handle. Errors: EINVAL, EAFNOSUPPORT, EADDRINUSE, ENOBUFS.
 */
int32_t mote_address_add(uint32_t interface_index, uint32_t length, uint32_t prefix_length,
    uint32_t flags);

/**
 * Result: 0; its connections end with ECONNABORTED. Errors: EBADF, EINVAL: it came by
 * interfaceAuto, and goes by it; or it is 127.0.0.1.
 */
int32_t mote_address_remove(uint32_t handle);

/**
 * Takes a frame of length bytes in RX_FRAME. Result: 0, or the length of one immediate reply in
 * TX_FRAME: send it on the same interface before the next call.
 */
uint32_t mote_receive(uint32_t interface_index, uint32_t length);

/** Result: length of the next frame in TX_FRAME, or 0. Call until it is 0. */
uint32_t mote_transmit(uint32_t interface_index);

/**
 * Takes two clocks that wrap at 2^32; at most 2^30 ms after the last call: feed longer steps in
 * pieces. Result: none. Time that runs backwards counts as standing still.
 */
void mote_advance(uint32_t now_ms, uint32_t now_us);

/**
 * Result: ms from the last advance until expire has work; 0: output is pending; 0xFFFFFFFF:
 * nothing.
 */
uint32_t mote_next_deadline(void);

/** Result: 1: more is due, call again; 0: done. */
uint32_t mote_expire(void);

/**
 * Takes address handle or 0 for any; port 0: a free one; backlog: accept queue, 1 to 65535. Result:
 * handle. Errors: EAGAIN, EBADF, EINVAL, EADDRINUSE, EADDRNOTAVAIL, ENOBUFS.
 */
int32_t mote_listen(uint32_t address, uint32_t port, uint32_t backlog);

/**
 * Takes remote address in ADDRESS_BUFFER; address handle or 0 to choose; local port or 0 to choose.
 * Result: handle, in SYN-SENT; later event CONNECTED or ERROR. Errors: EAGAIN, EBADF, EINVAL,
 * EACCES, EAFNOSUPPORT, EADDRINUSE, EADDRNOTAVAIL, ENETUNREACH, ENETDOWN, ENOBUFS.
 */
int32_t mote_connect(uint32_t length, uint32_t remote_port, uint32_t address, uint32_t
    local_port);

/** Result: handle of an established connection. Errors: EAGAIN, EBADF. */
int32_t mote_accept(uint32_t listener);

/**
 * Result: n > 0: n bytes can be written at the pointer at SPAN_POINTER, until the next call.
 * Errors: EAGAIN: full (event WRITABLE follows), ENOBUFS: no ring is free (WRITABLE follows),
 * ENOTCONN: not open yet, EPIPE: closed for sending, EBADF, or the connection's error. Socket: the
 * room for one datagram; EAGAIN: WRITABLE follows once the queue is empty; ENOBUFS: try again
 * later; an ICMP error about the peer, once.
 */
int32_t mote_send_span(uint32_t handle);

/**
 * Takes at most the last span's length, of the same handle; with the bit Commit.URGENT the bytes up
 * to here are urgent. Result: 0: queued, leaves with transmit; a length of 0 gives a ring back that
 * holds nothing. Errors: EINVAL, EBADF. Socket: EMSGSIZE, EDESTADDRREQ, EACCES, ENETUNREACH:
 * nothing was queued.
 */
int32_t mote_commit(uint32_t handle, uint32_t length);

/**
 * Result: n > 0: n bytes can be read at the pointer at SPAN_POINTER, until the next call; 0: end of
 * the stream. Socket: one datagram. Errors: EAGAIN: nothing yet (event READABLE follows), ENOTCONN,
 * EBADF, or the connection's error.
 */
int32_t mote_receive_span(uint32_t handle);

/**
 * Takes at most the last span's length, of the same handle. Result: 0: the bytes are gone, the
 * window opens. Errors: EINVAL, EBADF.
 */
int32_t mote_consume(uint32_t handle, uint32_t length);

/** Result: 0: FIN follows the bytes queued; reading goes on. Errors: EBADF, ENOTCONN, EPIPE. */
int32_t mote_shutdown(uint32_t handle);

/**
 * Takes connection, listener, built-in service or socket. Result: 0: the handle is gone; FIN
 * follows the bytes queued. With bytes unread the connection is reset instead (RFC 9293 section
 * 3.6.1), in TIME-WAIT nobody is left to hear of it. Errors: EBADF.
 */
int32_t mote_close(uint32_t handle);

/**
 * Result: 0: the handle is gone, a RST leaves with the next transmit where the peer may still have
 * something to say (RFC 9293 section 3.10.5) and the link is up. A socket is closed. Errors: EBADF.
 */
int32_t mote_abort(uint32_t handle);

/**
 * Takes handle 0: the default for what is opened later, or stack-wide; options of a listener have
 * no default to set. Result: 0. Errors: EBADF, EINVAL, ENOPROTOOPT.
 */
int32_t mote_set_option(uint32_t handle, uint32_t option, uint32_t value);

/**
 * Takes protocol: 17 UDP, 1 ICMP echo; address handle or 0 for any; port (of an echo socket its
 * identifier), 0: a random one. Result: handle of a new socket. Errors: EAGAIN, EBADF, EINVAL,
 * EADDRINUSE, EADDRNOTAVAIL, ENOBUFS: no socket or receive ring is free.
 */
int32_t mote_bind(uint32_t protocol, uint32_t address, uint32_t port);

/**
 * Takes the peer of a UDP socket: address in ADDRESS_BUFFER; length 0: none. Result: 0: only the
 * peer is heard, datagrams without an address go to it, ICMP errors about them are told. Errors:
 * EBADF, EINVAL, EAFNOSUPPORT.
 */
int32_t mote_associate(uint32_t handle, uint32_t length, uint32_t port);

/**
 * Takes a group in ADDRESS_BUFFER, other than 224.0.0.1, which is always heard. Result: 0:
 * datagrams to the group are heard on the interface, and routers are told (IGMP). Errors: EINVAL,
 * EAFNOSUPPORT, ENOBUFS: no record is free, or the group was joined 255 times.
 */
int32_t mote_join(uint32_t interface_index, uint32_t length);

/**
 * Takes a group that was joined. Result: 0: as often as it was joined, then it is not heard any
 * more. Errors: EINVAL, EAFNOSUPPORT, EADDRNOTAVAIL.
 */
int32_t mote_leave(uint32_t interface_index, uint32_t length);

/**
 * Takes a network in ADDRESS_BUFFER, the router that leads there in the 16 bytes behind it (0:
 * there is none any more), 1 to 32 bits. Result: 0: the longest prefix wins, networks of addresses
 * before routes of the same length, interfaceRouter last. Errors: EINVAL (also: bits beyond the
 * prefix), EAFNOSUPPORT, ENOBUFS, ENETUNREACH: there is no such route.
 */
int32_t mote_route(uint32_t interface_index, uint32_t length, uint32_t prefix_length);

/**
 * Takes Auto bits; 0: the lease is given back, and its address goes. Result: 0; event LEASE tells
 * of addresses that come and go, and of the first question that no DHCP server answers. Errors:
 * EINVAL (also: not configured), EAGAIN: before seed.
 */
int32_t mote_interface_auto(uint32_t interface_index, uint32_t bits);

/**
 * Takes 1 to 63 letters, digits and hyphens in NAME_BUFFER. Result: 0: told to DHCP servers, and
 * answered for below .local once no other host objects; event NAME of an interface: another did,
 * and HOST_NAME has a number. Errors: EINVAL.
 */
int32_t mote_host_name(uint32_t length);

/**
 * Takes 0 or 1; address in ADDRESS_BUFFER; length 0: none. Result: 0: asked before those of leases.
 * Errors: EINVAL, EAFNOSUPPORT.
 */
int32_t mote_name_server(uint32_t index, uint32_t length);

/**
 * Takes a name in NAME_BUFFER, 1 to 253 characters, with or without a dot at its end. Result:
 * handle of a Lookup: event READABLE when it has addresses, ERROR when it has failed; close ends
 * it. Errors: EAGAIN, EINVAL: no name, ENOBUFS, ENETUNREACH: no name server is known.
 */
int32_t mote_resolve(uint32_t length);

/**
 * Takes a service's type in NAME_BUFFER, as in _http._tcp; port 0: it is not told of any more.
 * Result: 0: DNS-SD tells of it under the host's name; again with another port: from now on with
 * this one. Errors: EINVAL: not _ and 1 to 15 characters, then ._tcp or ._udp; ENOBUFS: no record
 * is free, or what was withdrawn has not said goodbye yet, or there are no services in this build
 * (esp32); EADDRNOTAVAIL: it was not told of.
 */
int32_t mote_publish(uint32_t length, uint32_t port);

/**
 * Takes address in ADDRESS_BUFFER; length 0: those of leases. Result: handle of the clock: event
 * READABLE each time that TIME_AREA holds another TimeSample; close stops it. Errors: EAGAIN,
 * EINVAL, EAFNOSUPPORT.
 */
int32_t mote_time_server(uint32_t length);

/**
 * Takes Service; address handle or 0 for any; port 0: a free one; backlog: connections that it may
 * have at the same time, 1 to 65535. Result: handle of its listener: close stops the service and
 * resets its connections. accept finds nothing there, and no event comes of it: transmit does the
 * work. Errors: ENOTSUP: no such service in this build; as listen.
 */
int32_t mote_serve(uint32_t service, uint32_t address, uint32_t port, uint32_t backlog);

/** Result: handle with events, or 0; the handle leaves the queue. */
uint32_t mote_next_event(void);

/** Result: Event bits, cleared. Errors: EBADF. */
int32_t mote_take_events(uint32_t handle);

/** Where a build has its records: asked for once. */
struct mote_places {
  uint32_t tcbs, listeners, addresses, address_bytes;
  uint32_t globals, tcb_area, listener_area, address_area, event_area, generation_area;
};
static inline struct mote_places mote_find_places(void) {
  struct mote_places p;
  p.tcbs = mote_constant(MOTE_CONSTANT_TCBS);
  p.listeners = mote_constant(MOTE_CONSTANT_LISTENERS);
  p.addresses = mote_constant(MOTE_CONSTANT_ADDRESSES);
  p.address_bytes = mote_constant(MOTE_CONSTANT_ADDRESS_BYTES);
  p.globals = mote_constant(MOTE_CONSTANT_GLOBALS);
  p.tcb_area = mote_constant(MOTE_CONSTANT_TCB_AREA);
  p.listener_area = mote_constant(MOTE_CONSTANT_LISTENER_AREA);
  p.address_area = mote_constant(MOTE_CONSTANT_ADDRESS_AREA);
  p.event_area = mote_constant(MOTE_CONSTANT_EVENT_AREA);
  p.generation_area = mote_constant(MOTE_CONSTANT_GENERATION_AREA);
  return p;
}

/** 1 while a handle lives. */
static inline int mote_is_living(const uint8_t *memory, const struct mote_places *p,
                                 uint32_t handle) {
  uint32_t slot = handle & 0xffff;
  if (slot >= p->tcbs + p->listeners + p->addresses) return 0;
  return (mote_u16(memory, p->event_area + 2 * slot) & MOTE_READING_OPEN) != 0 &&
         mote_u16(memory, p->generation_area + 2 * slot) == handle >> 16;
}

/** Where the Tcb, and the Listener, of a living handle lies; 0: it is the handle of something else. */
static inline uint32_t mote_tcb_at(const struct mote_places *p, uint32_t handle) {
  uint32_t slot = handle & 0xffff;
  if (slot >= p->tcbs) return 0;
  return p->tcb_area + p->address_bytes + slot * (p->address_bytes + MOTE_TCB_BYTES);
}
static inline uint32_t mote_listener_at(const struct mote_places *p, uint32_t handle) {
  uint32_t i = (handle & 0xffff) - p->tcbs;
  return i < p->listeners ? p->listener_area + i * MOTE_LISTENER_BYTES : 0;
}

/** STATUS (RFC 9293 section 3.10.6): the mote_state of a connection or listener, or -MOTE_EBADF. */
static inline int32_t mote_status(const uint8_t *memory, const struct mote_places *p,
                                  uint32_t handle) {
  uint32_t tcb = mote_tcb_at(p, handle);
  if (!mote_is_living(memory, p, handle)) return -MOTE_EBADF;
  if (tcb != 0) return (int32_t)mote_u8(memory, tcb + MOTE_TCB_STATE_AT);
  return mote_listener_at(p, handle) != 0 ? (int32_t)MOTE_STATE_LISTEN : -MOTE_EBADF;
}

/** What ended a connection, or a soft error since its last progress: a mote_errno, 0: nothing; or
 * -MOTE_EBADF. */
static inline int32_t mote_error(const uint8_t *memory, const struct mote_places *p,
                                 uint32_t handle) {
  uint32_t tcb = mote_tcb_at(p, handle);
  if (!mote_is_living(memory, p, handle)) return -MOTE_EBADF;
  if (tcb != 0) return (int32_t)mote_u8(memory, tcb + MOTE_TCB_ERROR_AT);
  return mote_listener_at(p, handle) != 0 ? 0 : -MOTE_EBADF;
}

/** The mote_address_state of an address, or -MOTE_EBADF. */
static inline int32_t mote_address_state(const uint8_t *memory, const struct mote_places *p,
                                         uint32_t handle) {
  uint32_t i = (handle & 0xffff) - p->tcbs - p->listeners;
  if (i >= p->addresses || !mote_is_living(memory, p, handle)) return -MOTE_EBADF;
  return (int32_t)mote_u8(memory, p->address_area + i * (MOTE_ADDRESS_BYTES + p->address_bytes) +
                                      MOTE_ADDRESS_STATE_AT);
}

/** The value of an option; handle 0: the stack's own and the defaults. -MOTE_EBADF,
 * -MOTE_ENOPROTOOPT. */
static inline int32_t mote_get_option(const uint8_t *memory, const struct mote_places *p,
                                      uint32_t handle, uint32_t option) {
  uint32_t at = mote_tcb_at(p, handle) + MOTE_TCB_NO_DELAY_AT;
  uint32_t first = MOTE_OPTION_NO_DELAY, last = MOTE_OPTION_KEEP_PROBES;
  if (handle == 0) {
    at = p->globals + MOTE_GLOBALS_NO_DELAY_AT;
    last = MOTE_OPTION_USER_TIMEOUT;
  } else if (!mote_is_living(memory, p, handle)) {
    return -MOTE_EBADF;
  } else if (mote_listener_at(p, handle) != 0) {
    at = mote_listener_at(p, handle) + MOTE_LISTENER_RESET_WHEN_FULL_AT;
    first = MOTE_OPTION_RESET_WHEN_FULL;
    last = MOTE_OPTION_SOURCE_LIMIT;
  } else if (mote_tcb_at(p, handle) == 0) {
    return -MOTE_EBADF;
  } else if (option == MOTE_OPTION_MSS) {
    return (int32_t)mote_u16(memory, mote_tcb_at(p, handle) + MOTE_TCB_SND_MSS_AT);
  }
  if (option < first || option > last) return -MOTE_ENOPROTOOPT;
  at += 2 * (option - first);
  return (int32_t)(mote_u16(memory, at) * (option == MOTE_OPTION_MSL_MS ? 10 : 1));
}

#ifdef __cplusplus
}
#endif

/* What runs the core on a board, and sockets over spans. */
#include "pump.h"
#include "socket.h"
#include "text.h"

#endif
