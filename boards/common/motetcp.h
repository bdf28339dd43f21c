/* The boundary of the MoteTCP core for C11 hosts.
 *
 * Made by tools/generate.mjs from assembly/constants.ts, assembly/layout.ts and docs/abi.md,
 * which explains each call. Do not edit: change the source and run `npm run build`.
 *
 * Pointers are offsets into the module's linear memory, which is little-endian. Calls that can
 * fail return a negated MOTE_E number. */
#ifndef MOTETCP_H
#define MOTETCP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Version of the boundary: raised when an export or a constant changes its meaning. */
enum mote_abi {
  MOTE_ABI_VERSION = 1
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
  /** The peer would be a broadcast or multicast address. */
  MOTE_EACCES = 18
};

/** Event bits of a handle: returned and cleared by takeEvents. */
enum mote_event {
  /** Listener: a connection waits in the accept queue. */
  MOTE_EVENT_ACCEPT = 1,
  /** The connection we opened is established. */
  MOTE_EVENT_CONNECTED = 2,
  /** Bytes, or the end of the stream, can be read. */
  MOTE_EVENT_READABLE = 4,
  /** The send ring has room again, after a span came back empty or short. */
  MOTE_EVENT_WRITABLE = 8,
  /** The peer sent FIN: after the bytes still unread comes the end of the stream. */
  MOTE_EVENT_PEER_CLOSED = 16,
  /** The connection is over: both sides closed, or an error that takeError names. */
  MOTE_EVENT_CLOSED = 32,
  /** Reset, refused, timed out or unreachable: takeError says which. */
  MOTE_EVENT_ERROR = 64,
  /** The urgent pointer moved (RFC 6093: the data stay in line). */
  MOTE_EVENT_URGENT = 128,
  /** R1 retransmissions without an answer: there is trouble (RFC 9293 section 3.8.3). */
  MOTE_EVENT_TROUBLE = 256,
  /** A soft error (ICMP, or a silent next hop) was noted: takeError names it. */
  MOTE_EVENT_SOFT_ERROR = 512,
  /** Address: its state changed (in use, or a conflict). */
  MOTE_EVENT_ADDRESS = 1024
};

/** Options for setOption and getOption. Handle 0 sets the default for what is opened later. */
enum mote_option {
  /** 1: small segments leave at once (Nagle's algorithm off). Default 0. */
  MOTE_OPTION_NO_DELAY = 1,
  /** IPv4 time to live of the connection's packets, 1 to 255 hops. Default 64. */
  MOTE_OPTION_TTL = 2,
  /** Differentiated-services code point, 0 to 63. Default 0. */
  MOTE_OPTION_DSCP = 3,
  /** R2 for data: seconds without progress until the connection ends, 1 to 65535. Default 100. */
  MOTE_OPTION_R2_SECONDS = 4,
  /** R2 for SYN, in seconds, 1 to 65535. Stack-wide. Default 180. */
  MOTE_OPTION_SYN_R2_SECONDS = 5,
  /**
   * 1: a connection whose own address and port are also the peer's is refused. Stack-wide. Default
   * 0.
   */
  MOTE_OPTION_REFUSE_SELF_CONNECT = 6,
  /**
   * Maximum segment lifetime in ms, 1 to 600000; TIME-WAIT lasts twice that. Stack-wide. Default
   * 30000.
   */
  MOTE_OPTION_MSL_MS = 7,
  /** Longest delay of an acknowledgment in ms, 0 to 499. Stack-wide. Default 40. */
  MOTE_OPTION_DELAYED_ACK_MS = 8,
  /** Lower bound of the retransmission timeout in ms, 1 to 60000. Stack-wide. Default 200. */
  MOTE_OPTION_MINIMUM_RTO_MS = 9,
  /** Retransmissions of a SYN+ACK before the SYN cache gives up, 0 to 7. Stack-wide. Default 3. */
  MOTE_OPTION_SYN_ACK_RETRIES = 10,
  /**
   * Seconds that a closed connection may wait without progress, and stay in FIN-WAIT-2. Stack-wide.
   * Default 60.
   */
  MOTE_OPTION_ORPHAN_SECONDS = 11,
  /** 1: timestamps are offered and accepted. Stack-wide. Default 1. */
  MOTE_OPTION_TIMESTAMPS = 12,
  /** 1: window scaling is offered and accepted. Stack-wide. Default 1. */
  MOTE_OPTION_WINDOW_SCALE = 13,
  /**
   * Least time between two challenge ACKs of a connection in ms, 0 to 60000. Stack-wide. Default
   * 500.
   */
  MOTE_OPTION_CHALLENGE_ACK_MS = 14,
  /** Listener: 1: a SYN that cannot be admitted is answered with RST, not silence. Default 0. */
  MOTE_OPTION_RESET_WHEN_FULL = 15,
  /**
   * Listener: connections a single source may hold at most; 0: no limit. Default 0 or half the
   * TCBs.
   */
  MOTE_OPTION_SOURCE_LIMIT = 16
};

/** What an address is for; second half of addressState's answer. */
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
  MOTE_ADDRESS_FLAG_CONFLICT_DETECTION = 1
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
  /** SYN-cache entries: handshakes of passive opens. */
  MOTE_POOL_SYN_CACHE = 4,
  /** TIME-WAIT entries. */
  MOTE_POOL_TIME_WAIT = 5,
  /** Listeners. */
  MOTE_POOL_LISTENER = 6,
  /** Neighbours: the ARP cache. */
  MOTE_POOL_NEIGHBOUR = 7,
  /** Local addresses. */
  MOTE_POOL_ADDRESS = 8,
  MOTE_POOL_COUNT = 9
};

/** Limits of this build, for limit(). */
enum mote_limit {
  /** Connection records. */
  MOTE_LIMIT_TCBS = 0,
  /** Bytes of one send ring. */
  MOTE_LIMIT_SEND_RING_BYTES = 1,
  /** Bytes of one receive ring. */
  MOTE_LIMIT_RECEIVE_RING_BYTES = 2,
  /** Interfaces, numbered from 0; loopback is not counted. */
  MOTE_LIMIT_INTERFACES = 3,
  /** Bytes of the frame buffers: the longest frame with its Ethernet header. */
  MOTE_LIMIT_FRAME_BYTES = 4,
  /** 1 when addresses of 16 bytes are in this build. */
  MOTE_LIMIT_IPV6 = 5,
  /** Records of the trace ring. */
  MOTE_LIMIT_TRACE_RECORDS = 6,
  /** Bytes of memory, from 0, that the core ever touches. */
  MOTE_LIMIT_MEMORY_BYTES = 7,
  /**
   * Bytes of one TCB with its links, timer and share of the hash table and pools, rings excepted.
   */
  MOTE_LIMIT_CONNECTION_BYTES = 8,
  /** Bytes of one SYN-cache entry, all in. */
  MOTE_LIMIT_SYN_CACHE_BYTES = 9,
  /** Bytes of one TIME-WAIT entry, all in. */
  MOTE_LIMIT_TIME_WAIT_BYTES = 10,
  MOTE_LIMIT_COUNT = 11
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
  /** Not ours: an EtherType that the stack does not speak (reported by foreignEtherType). */
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
  /** Dropped: fragment (reassembly is not in this build). */
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
  /** Dropped: SYN on a synchronized connection (RFC 5961 section 4). */
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
  /** Zero-window probes sent. */
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
  MOTE_COUNTER_COUNT = 61
};

/** One connection, listener or cache entry, as info() and enumerate() leave it in infoBuffer(). */
struct mote_info {
  /** Handle, or 0 for a record that has none (SYN cache, TIME-WAIT entry, orphan). */
  uint32_t handle;
  /** State. */
  uint32_t state;
  /** Which Pool the record is in: TCB, LISTENER, SYN_CACHE or TIME_WAIT. */
  uint32_t pool;
  /** Interface number; 0xFFFFFFFF: loopback, or any. */
  uint32_t interface;
  /** 4 or 16: bytes of the two addresses that count. */
  uint32_t address_length;
  /** Local address, network order; zeros: any. */
  uint8_t local_address[16];
  /** Remote address, network order. */
  uint8_t remote_address[16];
  uint32_t local_port;
  uint32_t remote_port;
  /** Bytes received and not yet read. */
  uint32_t receive_queue;
  /** Bytes written and not yet acknowledged. Listener: length of the accept queue. */
  uint32_t send_queue;
  /** RFC 9293 section 3.3.1, the send sequence variables. */
  uint32_t iss;
  uint32_t irs;
  uint32_t snd_una;
  uint32_t snd_nxt;
  /** Next sequence number to be sent again, and where that ends; not below it: nothing is. */
  uint32_t snd_rtx;
  uint32_t rtx_end;
  /** Behind the last byte written. */
  uint32_t snd_end;
  uint32_t snd_wnd;
  uint32_t snd_wl1;
  uint32_t snd_wl2;
  /** Largest window the peer ever offered, bytes. */
  uint32_t max_snd_wnd;
  uint32_t snd_up;
  /** RFC 9293 section 3.3.1, the receive sequence variables. */
  uint32_t rcv_nxt;
  /** Next byte to be read. */
  uint32_t rcv_read;
  /** Right edge of the window advertised. */
  uint32_t rcv_adv;
  /** RCV.NXT in the last acknowledgment sent. */
  uint32_t rcv_acked;
  uint32_t rcv_up;
  /** Congestion window and slow-start threshold, bytes; recovery ends at recover. */
  uint32_t cwnd;
  uint32_t ssthresh;
  uint32_t recover;
  uint32_t bytes_acked;
  /** Smoothed round-trip time and its variation, microseconds; 0: not measured. */
  uint32_t srtt_us;
  uint32_t rttvar_us;
  uint32_t rcv_wnd;
  /** Largest segment sent now, bytes of data. */
  uint32_t snd_mss;
  /** Window scale of the peer's and of our window, bits. */
  uint32_t snd_scale;
  uint32_t rcv_scale;
  /** 1: timestamps are in use. */
  uint32_t timestamps;
  /** Retransmission timeout with its back-off, ms. */
  uint32_t rto_ms;
  /** Retransmissions in a row without an answer. */
  uint32_t retries;
  /** ms until the retransmission, probe or TIME-WAIT timer; 0xFFFFFFFF: not armed. */
  uint32_t timer_ms;
  /** ms until the delayed acknowledgment; 0xFFFFFFFF: not armed. */
  uint32_t ack_timer_ms;
  /** ms since the record was made or last changed its state. */
  uint32_t age_ms;
  /** Error that waits to be read, or 0. */
  uint32_t error;
};
#define MOTE_INFO_BYTES 204u

/** One change of state. */
struct mote_trace_record {
  /** Time of the change: nowMs of the advance before it. */
  uint32_t time_ms;
  /** Handle of the connection; for a SYN-cache entry 0. */
  uint32_t handle;
  /** From-state in the lowest byte, to-state in the next, Cause in the third. */
  uint32_t change;
  /** Remote port in the upper, local port in the lower half. */
  uint32_t ports;
};
#define MOTE_TRACE_RECORD_BYTES 16u

/** Result: version of this page. */
uint32_t mote_abi_version(void);

/** Result: 0; everything is as after instantiation. */
uint32_t mote_initialise(void);

/** Result: pointer to 32 bytes. */
uint32_t mote_entropy_buffer(void);

/**
 * Takes 32 random bytes in entropyBuffer(). Result: 0; the buffer is wiped. Call again after
 * restoring a snapshot. Errors: EINVAL: all 32 bytes are zero; EAGAIN: before initialise.
 */
int32_t mote_seed(void);

/** Takes Limit. Result: its value; 0 for no such limit. */
uint32_t mote_limit(uint32_t id);

/** Result: first byte the core never touches. */
uint32_t mote_static_end(void);

/** Result: pointer to 16 bytes. */
uint32_t mote_address_buffer(void);

/**
 * Takes MAC in the first 6 bytes of addressBuffer(); mtu: bytes of an IP packet, 576 up to
 * FRAME_BYTES - 14. Result: 0. Errors: EINVAL (also while the link is up), EAGAIN: before
 * initialise.
 */
int32_t mote_interface_configure(uint32_t interface_index, uint32_t mtu);

/**
 * Takes 1: frames pass; 0: they do not, handshakes under way, RSTs not yet sent and MACs are
 * forgotten. Result: 0. Errors: EINVAL, ENETDOWN: not configured.
 */
int32_t mote_interface_link(uint32_t interface_index, uint32_t up);

/**
 * Takes router's address in addressBuffer(); length 0: none. Result: 0. Errors: EINVAL,
 * EAFNOSUPPORT.
 */
int32_t mote_interface_router(uint32_t interface_index, uint32_t length);

/**
 * Takes address in addressBuffer(); AddressFlag bits. Result: handle. Errors: EINVAL, EAFNOSUPPORT,
 * EADDRINUSE, ENOBUFS.
 */
int32_t mote_address_add(uint32_t interface_index, uint32_t length, uint32_t prefix_length,
    uint32_t flags);

/** Result: 0; its connections end with ECONNABORTED. Errors: EBADF. */
int32_t mote_address_remove(uint32_t handle);

/** Result: AddressState. Errors: EBADF. */
int32_t mote_address_state(uint32_t handle);

/** Result: pointer to FRAME_BYTES bytes: the host writes a received frame here. */
uint32_t mote_rx_buffer(void);

/** Result: pointer to two words about that frame: reserved for offload, keep 0. */
uint32_t mote_rx_metadata(void);

/**
 * Result: 0, or the length of one immediate reply in txBuffer(): send it on the same interface
 * before the next call.
 */
uint32_t mote_receive(uint32_t interface_index, uint32_t length);

/** Result: pointer to FRAME_BYTES bytes. */
uint32_t mote_tx_buffer(void);

/** Result: pointer to two words about that frame: reserved for offload, always 0. */
uint32_t mote_tx_metadata(void);

/** Result: length of the next frame in txBuffer(), or 0. Call until it is 0. */
uint32_t mote_transmit(uint32_t interface_index);

/** Result: EtherType of the last received frame if it was none of ours, else 0. */
uint32_t mote_foreign_ether_type(void);

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
 * Takes remote address in addressBuffer(); address handle or 0 to choose; local port or 0 to
 * choose. Result: handle, in SYN-SENT; later event CONNECTED or ERROR. Errors: EAGAIN, EBADF,
 * EINVAL, EACCES, EAFNOSUPPORT, EADDRINUSE, EADDRNOTAVAIL, ENETUNREACH, ENETDOWN, ENOBUFS.
 */
int32_t mote_connect(uint32_t length, uint32_t remote_port, uint32_t address, uint32_t
    local_port);

/** Result: handle of an established connection. Errors: EAGAIN, EBADF. */
int32_t mote_accept(uint32_t listener);

/**
 * Result: n > 0: n bytes can be written at spanPointer(). Errors: EAGAIN: full (event WRITABLE
 * follows), ENOBUFS: no ring is free (WRITABLE follows), ENOTCONN: not open yet, EPIPE: closed for
 * sending, EBADF, or the connection's error.
 */
int32_t mote_send_span(uint32_t handle);

/**
 * Takes at most the last span's length, of the same handle. Result: 0: queued, leaves with
 * transmit; a length of 0 gives a ring back that holds nothing. Errors: EINVAL, EBADF.
 */
int32_t mote_commit(uint32_t handle, uint32_t length);

/**
 * Result: n > 0: n bytes can be read at spanPointer(); 0: end of the stream. Errors: EAGAIN:
 * nothing yet (event READABLE follows), ENOTCONN, EBADF, or the connection's error.
 */
int32_t mote_receive_span(uint32_t handle);

/**
 * Takes at most the last span's length, of the same handle. Result: 0: the bytes are gone, the
 * window opens. Errors: EINVAL, EBADF.
 */
int32_t mote_consume(uint32_t handle, uint32_t length);

/** Result: pointer of the last span; valid until the next call but this one. */
uint32_t mote_span_pointer(void);

/** Result: 0: FIN follows the bytes queued; reading goes on. Errors: EBADF, ENOTCONN, EPIPE. */
int32_t mote_shutdown(uint32_t handle);

/**
 * Takes connection or listener. Result: 0: the handle is gone; FIN follows the bytes queued. With
 * bytes unread the connection is reset instead (RFC 9293 section 3.6.1). Errors: EBADF.
 */
int32_t mote_close(uint32_t handle);

/** Result: 0: the handle is gone, a RST leaves with the next transmit. Errors: EBADF. */
int32_t mote_abort(uint32_t handle);

/**
 * Takes handle 0: the default for what is opened later, or stack-wide; options of a listener have
 * no default to set. Result: 0. Errors: EBADF, EINVAL, ENOPROTOOPT.
 */
int32_t mote_set_option(uint32_t handle, uint32_t option, uint32_t value);

/** Result: its value. Errors: EBADF, ENOPROTOOPT. */
int32_t mote_get_option(uint32_t handle, uint32_t option);

/** Result: State. Errors: EBADF. */
int32_t mote_status(uint32_t handle);

/** Result: handle with events, or 0; the handle leaves the queue. */
uint32_t mote_next_event(void);

/** Result: Event bits, cleared. Errors: EBADF. */
int32_t mote_take_events(uint32_t handle);

/**
 * Result: Errno that ended the connection, or a soft one, else 0; cleared; a connection that is
 * over keeps its record until this call or close. Errors: EBADF.
 */
int32_t mote_take_error(uint32_t handle);

/** Result: pointer to an Info. */
uint32_t mote_info_buffer(void);

/** Result: 0: Info of a connection or listener is filled in. Errors: EBADF. */
int32_t mote_info(uint32_t handle);

/**
 * Takes 0 to start, then the last result. Result: next cursor; Info of one record is filled in:
 * listeners, TCBs, SYN cache, TIME-WAIT. 0: no more.
 */
uint32_t mote_enumerate(uint32_t cursor);

/** Takes Counter. Result: its value, wraps at 2^32. */
uint32_t mote_counter(uint32_t id);

/** Takes Pool. Result: records. */
uint32_t mote_pool_capacity(uint32_t id);

/** Takes Pool. Result: records. */
uint32_t mote_pool_used(uint32_t id);

/** Takes Pool. Result: records. */
uint32_t mote_pool_high_water(uint32_t id);

/** Result: pointer to the oldest TraceRecord not yet taken, or 0. */
uint32_t mote_trace_next(void);

/** Result: records overwritten before they were taken, since initialise. */
uint32_t mote_trace_lost(void);

#ifdef __cplusplus
}
#endif

#endif
