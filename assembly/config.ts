// Every limit of the stack, with unit and reason, for each profile. A profile is these numbers and
// switches; the code is the same. Set with `asc --use MOTE_PROFILE=0` (tiny), 1 (esp32), 2 (desktop).

// @as-covers: ignore
export const PROFILE: i32 = isDefined(MOTE_PROFILE) ? MOTE_PROFILE : 2;
const TINY: bool = PROFILE == 0;
const ESP32: bool = PROFILE == 1;
/** Features to leave out, a bit each: `--use MOTE_WITHOUT=N` makes a build that shows what they cost
 * (tools/lib/features.mjs). Builds that ship leave out what their profile says. */
// @as-covers: ignore
const WITHOUT: i32 = (isDefined(MOTE_WITHOUT) ? MOTE_WITHOUT : 0) | (TINY ? 255 : 0);

/** Sockets: UDP, and ICMP echo. */
export const UDP: bool = (WITHOUT & 1) == 0;
/** Reassembly of IPv4 fragments. */
export const FRAGMENTS: bool = (WITHOUT & 2) == 0;
/** Multicast groups: joined, told to routers (IGMP), and the only ones that are heard. */
export const GROUPS: bool = (WITHOUT & 4) == 0;
/** Routes beside the networks and the router of each interface, which are enough where interfaces are two. */
export const ROUTES: bool = PROFILE == 2 && (WITHOUT & 8) == 0;
/** Interfaces get addresses by themselves: DHCP (RFC 2131), link-local ones (RFC 3927). */
export const DHCP: bool = (WITHOUT & 16) == 0;
/** Names are looked up (RFC 1035), those below .local by multicast. */
export const DNS: bool = (WITHOUT & 32) == 0;
/** The host answers for its own name below .local, and for its services (RFC 6762, 6763). */
export const MDNS: bool = GROUPS && (WITHOUT & 64) == 0;
/** The time of day is asked for (RFC 4330). */
export const SNTP: bool = (WITHOUT & 128) == 0;
/** Something works by itself, beside connections and sockets: see task.ts. */
export const TASKS: bool = !TINY;
/** Built-in services (app/), so that a board is of use without an application. Each has a switch. */
export const SERVICES: bool = (WITHOUT & 256) == 0;
export const HELLO: bool = SERVICES;
export const ECHO: bool = SERVICES;
export const DISCARD: bool = SERVICES;
export const CHARGEN: bool = SERVICES;
export const HTTP: bool = SERVICES;

/** Records hold 16-byte addresses. */
export const IPV6: bool = PROFILE == 2;
/** Address conflict detection (RFC 5227). */
export const CONFLICT_DETECTION: bool = !TINY;
/** ICMP errors change the path MTU and end SYN-SENT. */
export const ICMP_ERRORS: bool = true;
/** ICMP errors are sent about protocols and ports that nobody serves. */
export const ICMP_REPORTS: bool = !TINY;

/** Timestamps and window scale (RFC 7323): a ring of 2 KiB holds less than two full segments, so that
 * a scaled window is of no use and a round trip is measured on nearly every segment anyhow. Their bytes
 * go to multicast groups and routes, which a host on any network needs. */
export const EXTENSIONS: bool = PROFILE == 2;
/** Out-of-order data are kept; without it the peer sends them again. */
export const REASSEMBLY: bool = !TINY;
/** Fast retransmit and recovery (RFC 5681 section 3.2): three duplicates need four segments, and a small
 * ring holds two. */
export const FAST_RECOVERY: bool = PROFILE == 2;
/** Smaller segments when a router says so (RFC 1191): half a ring of 1 KiB fits every path. */
export const PATH_MTU: bool = !TINY;
/** A listener may limit the connections of one source: where they are few, one or two are its share. */
export const SOURCE_LIMITS: bool = PROFILE == 2;
/** Handshakes of passive opens and TIME-WAIT have small records of their own. Without them they stay
 * in their TCBs, the oldest of which makes room when records run out. */
export const CACHES: bool = !TINY;
/** Records are found by a keyed hash; where they are few, by a look at each. */
export const HASHED: bool = PROFILE == 2;
/** Selective acknowledgments (RFC 2018, 2883, 6675): no use where a ring holds two segments, for
 * neither three duplicates nor three segments beyond a hole can ever be reported. */
export const SACK: bool = PROFILE == 2;
/** The user timeout option (RFC 5482): both sides tell how long they wait. */
export const USER_TIMEOUTS: bool = PROFILE == 2;
/** SYN cookies while the SYN cache is full (RFC 4987). Where records are few, a burst of clients would
 * be let in by cookies and find no record: there they wait for the handshake. */
export const COOKIES: bool = PROFILE == 2;
/** Stamps of connections are kept from looking young after the clock has wrapped, 50 days on. Without
 * it one challenge ACK may be throttled then, and limits of days may be off by as much. Boards give these
 * 100 bytes for their name below .local. */
export const AGEING: bool = PROFILE == 2;
/** What each connection has sent again is counted. */
export const RETRANSMIT_TALLIES: bool = PROFILE == 2;
/** The stack talks to itself: to 127.0.0.1 and to its own addresses. */
export const TALKS_TO_ITSELF: bool = !TINY;
/** 127.0.0.1 has a handle, so that listeners and sockets can be bound to it. */
export const LOOPBACK_HANDLE: bool = PROFILE == 2;
/** Initial sequence numbers rise every 4 us, not every ms: the same ports may come again within one. */
export const FINE_ISN: bool = PROFILE == 2;
/** Ports are taken in turn from a secret beginning (RFC 6056 section 3.3.3), not by chance each. */
export const PORTS_IN_TURN: bool = PROFILE == 2;
/** Shortcuts that only save time. */
export const SPEED: bool = PROFILE == 2;
/** The checksum takes 16 bytes at a time, not 2. */
export const UNROLLED_CHECKSUM: bool = !TINY;

/** Interfaces, loopback not counted. */
export const INTERFACE_COUNT: u32 = TINY ? 1 : ESP32 ? 2 : 8;
/** There is one interface to name: what a host gave is checked once, then it is 0 everywhere. */
export const ONE_INTERFACE: bool = INTERFACE_COUNT == 1 && !TALKS_TO_ITSELF;
/** Local addresses. A stack that talks to itself has 127.0.0.1 as its first. */
export const ADDRESS_COUNT: u32 = TINY ? 1 : ESP32 ? 4 : 16;
/** The first that may be on a wire. */
export const FIRST_ADDRESS: u32 = TALKS_TO_ITSELF ? 1 : 0;
/** There is one address: its number is 0 everywhere. */
export const ONE_ADDRESS: bool = ADDRESS_COUNT == 1;
/** Neighbours (ARP cache). At least one per directly connected peer in use. */
export const NEIGHBOUR_COUNT: u32 = TINY ? 4 : ESP32 ? 8 : 256;
/** Hosts whose path has a smaller MTU, remembered for what is opened later. */
export const PATH_COUNT: u32 = PROFILE == 2 ? 16 : 0;
export const PATH_CACHE: bool = PATH_COUNT != 0;
/** Bytes of a frame buffer: MTU + 14. Desktop takes 64 KiB, for loopback and later offload. */
export const FRAME_BYTES: u32 = TINY || ESP32 ? 1514 : 65550;

/** Connection records. */
export const TCB_COUNT: u32 = TINY ? 4 : ESP32 ? 16 : 1024;
/** Rings of each kind: the connections and sockets that can receive at the same time. */
export const RING_COUNT: u32 = TINY ? 4 : ESP32 ? 8 : 1088;
/** UDP sockets and echo sockets. An open one holds a receive ring. */
export const SOCKET_COUNT: u32 = !UDP ? 0 : ESP32 ? 4 : 64;
/** IPv4 datagrams that are put together from fragments at the same time. */
export const ASSEMBLY_COUNT: u32 = !FRAGMENTS ? 0 : ESP32 ? 2 : 32;
/** Multicast groups, counted once for each interface; 224.0.0.1 is not counted. */
export const GROUP_COUNT: u32 = !GROUPS ? 0 : ESP32 ? 4 : 64;
/** Routes. */
export const ROUTE_COUNT: u32 = ROUTES ? 64 : 0;
/** Lookups of names, those that are over and stay as a cache among them. */
export const LOOKUP_COUNT: u32 = !DNS ? 0 : ESP32 ? 4 : 64;
/** Addresses that a lookup keeps of those in the answer. */
export const LOOKUP_ADDRESSES: u32 = 4;
/** Services told of by DNS-SD: each has four records, and with the host's address they are bits of a u32. */
export const SERVICE_COUNT: u32 = PROFILE == 2 && MDNS ? 7 : 0;
export const DNS_SD: bool = SERVICE_COUNT != 0;
/** A connection may have to wait for a ring; else there is one for each record. */
export const RINGS_ARE_FEWER: bool = RING_COUNT < TCB_COUNT + SOCKET_COUNT;
/** Bytes of a ring: a power of two, at most 2^28 (RFC 7323 section 2.3). */
export const RING_BYTES: u32 = TINY ? 1024 : ESP32 ? 2048 : 65536;
/** Reassembly blocks: connections that may have holes at the same time. */
export const REASSEMBLY_COUNT: u32 = TINY ? 1 : ESP32 ? 4 : 256;
/** Out-of-order ranges of one block: 48 bytes a block. */
export const RANGE_COUNT: u32 = 5;
/** Recovery blocks: connections that may repair losses by SACK at the same time. */
export const RECOVERY_COUNT: u32 = SACK ? 256 : 0;
/** Handshakes of passive opens at the same time. */
export const SYN_COUNT: u32 = TINY ? 0 : ESP32 ? 16 : 1024;
/** TIME-WAIT entries. The oldest is taken back when more are needed. */
export const TIME_WAIT_COUNT: u32 = TINY ? 0 : ESP32 ? 32 : 4096;
/** Listeners: one for each of the usual services at least. */
export const LISTENER_COUNT: u32 = TINY ? 6 : ESP32 ? 8 : 128;

/** Buckets of the demultiplexing hash: a power of two, about one for each two records. */
export const HASH_BUCKETS: u32 = TINY ? 8 : ESP32 ? 32 : 4096;
/** A timer wheel where timers are many; where they are few, a look at each is smaller. */
export const TIMER_WHEEL: bool = PROFILE == 2;
/** Bits of one level of the timer wheel, and levels: together at least 2^30 ms. */
export const WHEEL_BITS: u32 = 6;
export const WHEEL_LEVELS: u32 = 5;
/** Records of the trace ring: a power of two or 0. A board is looked at through its states; who watches every
 * change runs the same code on a desk. */
export const TRACE_COUNT: u32 = PROFILE == 2 ? 4096 : 0;

/** Timers expired by one call of expire(). */
export const EXPIRE_BATCH: u32 = 64;
/** Frames handed over on loopback by one call of transmit(). */
export const LOOPBACK_BATCH: u32 = 64;

/** Upper bound of the retransmission timeout, ms (RFC 6298 section 2.5). */
export const MAXIMUM_RTO_MS: u32 = 60000;
/** Retransmission timeout before the first sample, ms (RFC 6298 section 2.1). */
export const INITIAL_RTO_MS: u32 = 1000;
/** Retransmission timeout after a lost SYN, ms (RFC 6298 section 5.7). */
export const SYN_LOST_RTO_MS: u32 = 3000;
/** What a peer's user timeout may raise ours to at least and at most, s (RFC 5482 section 3.1). */
export const USER_TIMEOUT_LEAST: u32 = 100;
export const USER_TIMEOUT_MOST: u32 = 3600;
/** R1: retransmissions until the application is told (RFC 9293 SHLD-10). */
export const R1_RETRIES: u32 = 3;
/** Segment size when the peer names none (RFC 9293 MUST-15). */
export const DEFAULT_MSS: u32 = 536;
/** Smallest segment size taken from a peer or a router: less would be an attack. */
export const MINIMUM_MSS: u32 = 64;
/** Ephemeral ports (RFC 6056 section 2.1): first, and how many. */
export const EPHEMERAL_FIRST: u32 = 49152;
export const EPHEMERAL_COUNT: u32 = 16384;
/** Age at which TS.Recent is no longer believed, ms (RFC 7323 section 5.5: 24 days). */
export const PAWS_AGE_MS: u32 = 24 * 86400000;
/** How often old stamps are looked at, ms. */
export const AGEING_MS: u32 = 1 << 28;
/** Age beyond which a stamp is moved along, ms, so that it never looks young after a wrap. */
export const AGE_LIMIT_MS: u32 = 0x7c000000;

/** ARP: requests until a neighbour counts as silent, ms between them (RFC 1122 2.3.2.1: 1 a second). */
export const ARP_RETRIES: u32 = 3;
export const ARP_RETRY_MS: u32 = 1000;
/** ms after which a neighbour is asked again while it is used, and forgotten while it is not. */
export const NEIGHBOUR_REFRESH_MS: u32 = 60000;
/** Conflict detection (RFC 5227 section 1.1). */
export const PROBE_COUNT: u32 = 3;
export const PROBE_MS: u32 = 1000;
export const ANNOUNCE_WAIT_MS: u32 = 2000;
export const ANNOUNCE_COUNT: u32 = 2;
export const ANNOUNCE_MS: u32 = 2000;
export const DEFEND_MS: u32 = 10000;
/** ICMP errors sent, at most this many per second, in bursts of as many. */
export const ICMP_RATE: u32 = 10;

if ((RING_BYTES & (RING_BYTES - 1)) != 0) ERROR("RING_BYTES must be a power of two");
if ((HASH_BUCKETS & (HASH_BUCKETS - 1)) != 0) ERROR("HASH_BUCKETS must be a power of two");
if ((TRACE_COUNT & (TRACE_COUNT - 1)) != 0) ERROR("TRACE_COUNT must be a power of two");
if (WHEEL_BITS * WHEEL_LEVELS < 30) ERROR("the wheel must span 2^30 ms");
if (WHEEL_BITS > 6) ERROR("a wheel level has at most 64 slots: one bit each in its map");
if (TCB_COUNT + SYN_COUNT + TIME_WAIT_COUNT > 65000) ERROR("record numbers are u16");
if (ADDRESS_COUNT > 255 || LISTENER_COUNT > 255) ERROR("these numbers are stored in a byte");
