// Made by tools/generate.mjs from docs/abi.md and the classes of records: the interface core as AssemblyScript
// imports it, and where the fields of records lie. Do not edit: change the source and run `npm run build`.

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "constant")
export declare function constant(id: u32): u32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "initialise")
export declare function initialise(): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "seed")
export declare function seed(): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "interface-configure")
export declare function interfaceConfigure(index: u32, mtu: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "interface-link")
export declare function interfaceLink(index: u32, up: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "interface-router")
export declare function interfaceRouter(index: u32, length: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "address-add")
export declare function addressAdd(index: u32, length: u32, prefixLength: u32, flags: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "address-remove")
export declare function addressRemove(handle: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "receive")
export declare function receive(index: u32, length: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "transmit")
export declare function transmit(index: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "advance")
export declare function advance(nowMs: u32, nowUs: u32): void;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "next-deadline")
export declare function nextDeadline(): u32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "expire")
export declare function expire(): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "listen")
export declare function listen(address: u32, port: u32, backlog: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "connect")
export declare function connect(length: u32, remotePort: u32, address: u32, localPort: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "accept")
export declare function accept(listener: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "send-span")
export declare function sendSpan(handle: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "commit")
export declare function commit(handle: u32, length: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "receive-span")
export declare function receiveSpan(handle: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "consume")
export declare function consume(handle: u32, length: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "shutdown")
export declare function shutdown(handle: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "close")
export declare function close(handle: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "abort")
export declare function abort(handle: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "set-option")
export declare function setOption(handle: u32, option: u32, value: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "bind")
export declare function bind(protocol: u32, address: u32, port: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "associate")
export declare function associate(handle: u32, length: u32, port: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "join")
export declare function join(index: u32, length: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "leave")
export declare function leave(index: u32, length: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "route")
export declare function route(index: u32, length: u32, prefixLength: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "interface-auto")
export declare function interfaceAuto(index: u32, bits: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "host-name")
export declare function hostName(length: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "name-server")
export declare function nameServer(index: u32, length: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "resolve")
export declare function resolve(length: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "publish")
export declare function publish(length: u32, port: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "time-server")
export declare function timeServer(length: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "serve")
export declare function serve(service: u32, address: u32, port: u32, backlog: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "next-event")
export declare function nextEvent(): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "take-events")
export declare function takeEvents(handle: u32): i32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "load")
export declare function load(at: u32): u64;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "store")
export declare function store(at: u32, value: u64): void;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "profile")
export declare function profile(): u32;

// @ts-ignore: decorator
@external("motetcp:stack/core@0.1.0", "digest")
export declare function digest(part: u32): u64;

export const ENDPOINT_BYTES: u32 = 12;
export const ENDPOINT_LOCAL_PORT: u32 = 0;
export const ENDPOINT_REMOTE_PORT: u32 = 2;
export const ENDPOINT_ADDRESS: u32 = 4;
export const ENDPOINT_OPTIONS: u32 = 5;
export const ENDPOINT_LISTENER: u32 = 6;
export const ENDPOINT_RETRIES: u32 = 7;
export const ENDPOINT_TS_RECENT: u32 = 8;

export const TCB_BYTES: u32 = 184;
export const TCB_LOCAL_PORT: u32 = 0;
export const TCB_REMOTE_PORT: u32 = 2;
export const TCB_ADDRESS: u32 = 4;
export const TCB_OPTIONS: u32 = 5;
export const TCB_LISTENER: u32 = 6;
export const TCB_RETRIES: u32 = 7;
export const TCB_TS_RECENT: u32 = 8;
export const TCB_ISS: u32 = 12;
export const TCB_IRS: u32 = 16;
export const TCB_SND_UNA: u32 = 20;
export const TCB_SND_NXT: u32 = 24;
export const TCB_SND_RTX: u32 = 28;
export const TCB_RTX_END: u32 = 32;
export const TCB_SND_END: u32 = 36;
export const TCB_SND_WND: u32 = 40;
export const TCB_SND_WL1: u32 = 44;
export const TCB_SND_WL2: u32 = 48;
export const TCB_MAX_SND_WND: u32 = 52;
export const TCB_SND_UP: u32 = 56;
export const TCB_RCV_NXT: u32 = 60;
export const TCB_RCV_READ: u32 = 64;
export const TCB_RCV_ADV: u32 = 68;
export const TCB_RCV_ACKED: u32 = 72;
export const TCB_RCV_UP: u32 = 76;
export const TCB_CWND: u32 = 80;
export const TCB_SSTHRESH: u32 = 84;
export const TCB_RECOVER: u32 = 88;
export const TCB_BYTES_ACKED: u32 = 92;
export const TCB_SRTT_US: u32 = 96;
export const TCB_RTTVAR_US: u32 = 100;
export const TCB_FLAGS: u32 = 104;
export const TCB_STATE: u32 = 108;
export const TCB_BACKOFF: u32 = 109;
export const TCB_DUP_ACKS: u32 = 110;
export const TCB_ERROR: u32 = 111;
export const TCB_SND_MSS: u32 = 112;
export const TCB_SEND_RING: u32 = 114;
export const TCB_RECEIVE_RING: u32 = 116;
export const TCB_REASSEMBLY: u32 = 118;
export const TCB_RECOVERY: u32 = 120;
export const TCB_NEIGHBOUR: u32 = 122;
export const TCB_RTT_SEQ: u32 = 124;
export const TCB_RTT_START_US: u32 = 128;
export const TCB_TS_RECENT_MS: u32 = 132;
export const TCB_PROGRESS_MS: u32 = 136;
export const TCB_CHANGED_MS: u32 = 140;
export const TCB_HEARD_MS: u32 = 144;
export const TCB_CHALLENGE_MS: u32 = 148;
export const TCB_TS_OFFSET: u32 = 152;
export const TCB_TIMER_MS: u32 = 156;
export const TCB_ACK_MS: u32 = 160;
export const TCB_LIFE_MS: u32 = 164;
export const TCB_NO_DELAY: u32 = 168;
export const TCB_TTL: u32 = 170;
export const TCB_DSCP: u32 = 172;
export const TCB_R2_SECONDS: u32 = 174;
export const TCB_KEEP_ALIVE: u32 = 176;
export const TCB_KEEP_IDLE_SECONDS: u32 = 178;
export const TCB_KEEP_INTERVAL_SECONDS: u32 = 180;
export const TCB_KEEP_PROBES: u32 = 182;

export const SYN_ENTRY_BYTES: u32 = 28;
export const SYN_ENTRY_LOCAL_PORT: u32 = 0;
export const SYN_ENTRY_REMOTE_PORT: u32 = 2;
export const SYN_ENTRY_ADDRESS: u32 = 4;
export const SYN_ENTRY_OPTIONS: u32 = 5;
export const SYN_ENTRY_LISTENER: u32 = 6;
export const SYN_ENTRY_RETRIES: u32 = 7;
export const SYN_ENTRY_TS_RECENT: u32 = 8;
export const SYN_ENTRY_ISS: u32 = 12;
export const SYN_ENTRY_IRS: u32 = 16;
export const SYN_ENTRY_DUE_MS: u32 = 20;
export const SYN_ENTRY_MSS: u32 = 24;
export const SYN_ENTRY_WINDOW: u32 = 26;

export const TIME_WAIT_BYTES: u32 = 20;
export const TIME_WAIT_LOCAL_PORT: u32 = 0;
export const TIME_WAIT_REMOTE_PORT: u32 = 2;
export const TIME_WAIT_ADDRESS: u32 = 4;
export const TIME_WAIT_OPTIONS: u32 = 5;
export const TIME_WAIT_LISTENER: u32 = 6;
export const TIME_WAIT_RETRIES: u32 = 7;
export const TIME_WAIT_TS_RECENT: u32 = 8;
export const TIME_WAIT_SND_NXT: u32 = 12;
export const TIME_WAIT_RCV_NXT: u32 = 16;

export const LISTENER_BYTES: u32 = 12;
export const LISTENER_PORT: u32 = 0;
export const LISTENER_ADDRESS: u32 = 2;
export const LISTENER_SERVICE: u32 = 3;
export const LISTENER_BACKLOG: u32 = 4;
export const LISTENER_QUEUED: u32 = 6;
export const LISTENER_RESET_WHEN_FULL: u32 = 8;
export const LISTENER_SOURCE_LIMIT: u32 = 10;

export const ADDRESS_BYTES: u32 = 12;
export const ADDRESS_INTERFACE: u32 = 0;
export const ADDRESS_STATE: u32 = 1;
export const ADDRESS_FLAGS: u32 = 2;
export const ADDRESS_PHASE: u32 = 3;
export const ADDRESS_DEFENDED_MS: u32 = 4;
export const ADDRESS_MASK: u32 = 8;

export const SOCKET_BYTES: u32 = 36;
export const SOCKET_LOCAL_PORT: u32 = 0;
export const SOCKET_REMOTE_PORT: u32 = 2;
export const SOCKET_ADDRESS: u32 = 4;
export const SOCKET_PROTOCOL: u32 = 5;
export const SOCKET_ERROR: u32 = 6;
export const SOCKET_WANTS_SPACE: u32 = 7;
export const SOCKET_NEIGHBOUR: u32 = 8;
export const SOCKET_RECEIVE_RING: u32 = 10;
export const SOCKET_RECEIVE_AT: u32 = 12;
export const SOCKET_RECEIVE_USED: u32 = 14;
export const SOCKET_SEND_RING: u32 = 16;
export const SOCKET_SEND_AT: u32 = 18;
export const SOCKET_SEND_USED: u32 = 20;
export const SOCKET_SENT: u32 = 22;
export const SOCKET_IDENTIFICATION: u32 = 24;
export const SOCKET_TTL: u32 = 26;
export const SOCKET_DSCP: u32 = 28;
export const SOCKET_BROADCAST: u32 = 30;
export const SOCKET_MULTICAST_TTL: u32 = 32;
export const SOCKET_RESERVED: u32 = 34;

export const GROUP_BYTES: u32 = 8;
export const GROUP_V4: u32 = 0;
export const GROUP_INTERFACE: u32 = 4;
export const GROUP_USERS: u32 = 5;
export const GROUP_CHANGES: u32 = 6;
export const GROUP_DUE: u32 = 7;

export const ROUTE_BYTES: u32 = 16;
export const ROUTE_NETWORK: u32 = 0;
export const ROUTE_MASK: u32 = 4;
export const ROUTE_ROUTER: u32 = 8;
export const ROUTE_INTERFACE: u32 = 12;

export const LEASE_BYTES: u32 = 92;
export const LEASE_STATE: u32 = 0;
export const LEASE_AUTO: u32 = 1;
export const LEASE_LOCAL: u32 = 2;
export const LEASE_LINK_LOCAL: u32 = 3;
export const LEASE_TRIES: u32 = 4;
export const LEASE_ADDRESS: u32 = 8;
export const LEASE_MASK: u32 = 12;
export const LEASE_SERVER: u32 = 16;
export const LEASE_ROUTER: u32 = 20;
export const LEASE_NAME_SERVER: u32 = 24;
export const LEASE_NAME_SERVER2: u32 = 28;
export const LEASE_TIME_SERVER: u32 = 32;
export const LEASE_TIME_SERVER2: u32 = 36;
export const LEASE_SECONDS: u32 = 40;
export const LEASE_RENEW_SECONDS: u32 = 44;
export const LEASE_REBIND_SECONDS: u32 = 48;
export const LEASE_MTU: u32 = 52;
export const LEASE_LINK_MTU: u32 = 56;
export const LEASE_AGE_SECONDS: u32 = 60;
export const LEASE_AGED_MS: u32 = 64;
export const LEASE_STARTED_MS: u32 = 68;
export const LEASE_ASKED_MS: u32 = 72;
export const LEASE_TRANSACTION: u32 = 76;
export const LEASE_NAKS: u32 = 80;
export const LEASE_LINK_LOCAL_ADDRESS: u32 = 84;
export const LEASE_LINK_LOCAL_CONFLICTS: u32 = 88;

export const LOOKUP_BYTES: u32 = 28;
export const LOOKUP_ERROR: u32 = 0;
export const LOOKUP_ADDRESSES: u32 = 1;
export const LOOKUP_TRIES: u32 = 2;
export const LOOKUP_PLAIN: u32 = 3;
export const LOOKUP_LOCAL: u32 = 4;
export const LOOKUP_SERVER: u32 = 5;
export const LOOKUP_NAME_BYTES: u32 = 6;
export const LOOKUP_RESERVED: u32 = 7;
export const LOOKUP_ID: u32 = 8;
export const LOOKUP_RESERVED2: u32 = 10;
export const LOOKUP_FAILED: u32 = 12;
export const LOOKUP_SERVER_ADDRESS: u32 = 16;
export const LOOKUP_EXPIRES_MS: u32 = 20;
export const LOOKUP_WAITS: u32 = 24;

export const TIME_SAMPLE_BYTES: u32 = 56;
export const TIME_SAMPLE_SECONDS: u32 = 0;
export const TIME_SAMPLE_FRACTION: u32 = 4;
export const TIME_SAMPLE_AT_MS: u32 = 8;
export const TIME_SAMPLE_AT_US: u32 = 12;
export const TIME_SAMPLE_ROUND_TRIP_US: u32 = 16;
export const TIME_SAMPLE_STRATUM: u32 = 20;
export const TIME_SAMPLE_SERVER: u32 = 24;
export const TIME_SAMPLE_WANTED: u32 = 28;
export const TIME_SAMPLE_ASKED: u32 = 32;
export const TIME_SAMPLE_ORIGIN: u32 = 40;
export const TIME_SAMPLE_SENT_US: u32 = 48;
export const TIME_SAMPLE_PORT: u32 = 52;
export const TIME_SAMPLE_TRIES: u32 = 54;

export const DATAGRAM_BYTES: u32 = 8;
export const DATAGRAM_LENGTH: u32 = 0;
export const DATAGRAM_PORT: u32 = 2;
export const DATAGRAM_LOCAL: u32 = 4;
export const DATAGRAM_HOPS: u32 = 5;
export const DATAGRAM_KIND: u32 = 6;

export const TRACE_RECORD_BYTES: u32 = 16;
export const TRACE_RECORD_TIME_MS: u32 = 0;
export const TRACE_RECORD_HANDLE: u32 = 4;
export const TRACE_RECORD_CHANGE: u32 = 8;
export const TRACE_RECORD_PORTS: u32 = 12;

export const GLOBALS_BYTES: u32 = 160;
export const GLOBALS_NOW_MS: u32 = 0;
export const GLOBALS_NO_DELAY: u32 = 28;
export const GLOBALS_MSL_CS: u32 = 48;
export const GLOBALS_MINIMUM_RTO_MS: u32 = 52;
export const GLOBALS_FOREIGN_ETHER_TYPE: u32 = 92;
export const GLOBALS_TRACE_WRITTEN: u32 = 96;

export const READING_SACKS: u32 = 64;
export const READING_TIMESTAMPS: u32 = 32;
export const READING_SCALED: u32 = 16;
export const READING_ANY_ADDRESS: u32 = 255;
export const READING_TICK_BITS: u32 = 6;
export const READING_RETRIES: u32 = 7;
export const READING_OPEN: u32 = 32768;
export const READING_NO_RING: u32 = 0;
export const READING_INITIAL_RTO_MS: u32 = 1000;
export const READING_SYN_LOST_RTO_MS: u32 = 3000;
export const READING_MAXIMUM_RTO_MS: u32 = 60000;
export const READING_LOOKUP_ADDRESSES: u32 = 4;
