// The memory map: every pool on one screen, and what hosts are told of it.
// Sizes are written out here and checked against the classes where those are defined.
//
//   static data: tuple | globals | interfaces | addresses | counters | listeners | frames | links |
//                neighbours | TCBs | SYN cache | TIME-WAIT | reassembly | sockets | groups, routes, leases,
//                lookups | timers, hash | trace | generations | rings (small)
//   desktop: the rings lie behind the static data, in pages that cost nothing until used.

import {
  ADDRESS_COUNT,
  ASSEMBLY_COUNT,
  DHCP,
  DNS_SD,
  FRAME_BYTES,
  GROUP_COUNT,
  GROUPS,
  HASH_BUCKETS,
  HASHED,
  INTERFACE_COUNT,
  IPV6,
  LISTENER_COUNT,
  LOOKUP_ADDRESSES,
  LOOKUP_COUNT,
  MDNS,
  NEIGHBOUR_COUNT,
  PATH_COUNT,
  PROFILE,
  REASSEMBLY_COUNT,
  RECOVERY_COUNT,
  RETRANSMIT_TALLIES,
  RING_BYTES,
  RING_COUNT,
  ROUTE_COUNT,
  SERVICE_COUNT,
  SNTP,
  SOCKET_COUNT,
  SYN_COUNT,
  TASKS,
  TCB_COUNT,
  TIME_WAIT_COUNT,
  TIMER_WHEEL,
  TRACE_COUNT,
  WHEEL_BITS,
  WHEEL_LEVELS,
} from "./config";
import { Abi, Constant, Counter, Pool } from "./constants";
import { TraceRecord } from "./layout";

/** Bytes of an address in a record. IPv4 in a dual-stack build: mapped (RFC 4291 2.5.5.2). */
export const ADDRESS_BYTES: u32 = IPV6 ? 16 : 4;

export const GLOBAL_BYTES: u32 = 160;
export const INTERFACE_BYTES: u32 = 12 + ADDRESS_BYTES;
export const LOCAL_ADDRESS_BYTES: u32 = 12 + ADDRESS_BYTES;
export const NEIGHBOUR_BYTES: u32 = 20 + ADDRESS_BYTES;
export const LISTENER_BYTES: u32 = 12;
export const ENDPOINT_BYTES: u32 = 12;
export const TCB_BYTES: u32 = 184 + ADDRESS_BYTES;
export const SYN_ENTRY_BYTES: u32 = 28 + ADDRESS_BYTES;
export const TIME_WAIT_BYTES: u32 = 20 + ADDRESS_BYTES;
export const REASSEMBLY_BYTES: u32 = 48;
export const RECOVERY_BYTES: u32 = 96;
export const PATH_BYTES: u32 = 8 + ADDRESS_BYTES;
export const SOCKET_BYTES: u32 = 36 + ADDRESS_BYTES;
export const DATAGRAM_BYTES: u32 = 8 + ADDRESS_BYTES;
export const GROUP_BYTES: u32 = 8;
export const ROUTE_BYTES: u32 = 16;
export const LEASE_BYTES: u32 = 92;
/** Where the name servers stand in one. */
export const LEASE_SERVERS: u32 = 24;
export const LOOKUP_BYTES: u32 = 28 + LOOKUP_ADDRESSES * ADDRESS_BYTES + 256;
export const RESPONDER_BYTES: u32 = DNS_SD ? 84 : 20;
export const SERVICE_BYTES: u32 = 32;
export const TIME_BYTES: u32 = 56;
/** A record of 24 bytes, what a frame holds behind its headers, and a place for the last hole. */
export const ASSEMBLY_BYTES: u32 =
  FRAME_BYTES > 65535 ? 65552 : 24 + ((FRAME_BYTES - 34 + 15) & ~7);

// Tasks (task.ts): what each interface does by itself, the lookups, the clock; then for each interface reports
// about groups, and answers about our own name.
export const LOOKUP_TASK: u32 = TASKS ? INTERFACE_COUNT : 0;
export const CLOCK_TASK: u32 = LOOKUP_TASK + LOOKUP_COUNT;
export const GROUP_TASK: u32 = CLOCK_TASK + (SNTP ? 1 : 0);
export const RESPONDER_TASK: u32 = GROUP_TASK + (GROUPS ? INTERFACE_COUNT : 0);
export const TASK_COUNT: u32 = RESPONDER_TASK + (MDNS ? INTERFACE_COUNT : 0);

// Handles: TCBs, listeners, addresses, sockets and tasks have one.
export const LISTENER_NODE: u32 = TCB_COUNT;
export const ADDRESS_NODE: u32 = LISTENER_NODE + LISTENER_COUNT;
export const SOCKET_NODE: u32 = ADDRESS_NODE + ADDRESS_COUNT;
export const TASK_NODE: u32 = SOCKET_NODE + SOCKET_COUNT;
export const HANDLE_NODES: u32 = TASK_NODE + TASK_COUNT;
// Timers: TCBs, neighbours, addresses, datagrams in fragments and tasks have one.
export const NEIGHBOUR_TIMER: u32 = TCB_COUNT;
export const ADDRESS_TIMER: u32 = NEIGHBOUR_TIMER + NEIGHBOUR_COUNT;
export const ASSEMBLY_TIMER: u32 = ADDRESS_TIMER + ADDRESS_COUNT;
export const TASK_TIMER: u32 = ASSEMBLY_TIMER + ASSEMBLY_COUNT;
export const TIMER_COUNT: u32 = TASK_TIMER + TASK_COUNT;
/** Pools whose free records hang in a list: the first numbers of constants.Pool. */
export const LISTED_POOLS: u32 = 7;

// Nodes of the one array of links: records first, each once for every kind of list it may hang in
// at the same time, then the heads of the lists. First those of the pools, in the order of
// constants.Pool.
// Ready: a TCB is free, over, ready on an interface or on loopback, or waits for a neighbour; so is
// a socket or a task, which is never over.
// Events: all that has a handle hangs in the event queue; TCBs in accept queues.
export const RECEIVE_RING_NODE: u32 = TCB_COUNT;
export const SEND_RING_NODE: u32 = RECEIVE_RING_NODE + RING_COUNT;
export const REASSEMBLY_NODE: u32 = SEND_RING_NODE + RING_COUNT;
export const RECOVERY_NODE: u32 = REASSEMBLY_NODE + REASSEMBLY_COUNT;
export const SYN_NODE: u32 = RECOVERY_NODE + RECOVERY_COUNT;
export const TIME_WAIT_NODE: u32 = SYN_NODE + SYN_COUNT;
export const EVENT_NODE: u32 = TIME_WAIT_NODE + TIME_WAIT_COUNT;
// ARP: neighbours, then addresses, hang in the list of their interface while a request is due.
export const ARP_NODE: u32 = EVENT_NODE + HANDLE_NODES;
// Timers: TCBs, neighbours and addresses hang in the slots of the wheel.
export const TIMER_NODE: u32 = ARP_NODE + NEIGHBOUR_COUNT + ADDRESS_COUNT;
export const SOCKET_READY: u32 = TIMER_NODE + (TIMER_WHEEL ? TIMER_COUNT : 0);
export const TASK_READY: u32 = SOCKET_READY + SOCKET_COUNT;
/** Free records of a pool: this head and the Pool's number. */
export const FREE_HEAD: u32 = TASK_READY + TASK_COUNT;
export const OVER_HEAD: u32 = FREE_HEAD + LISTED_POOLS;
export const READY_HEAD: u32 = OVER_HEAD + 1;
export const ARP_HEAD: u32 = READY_HEAD + INTERFACE_COUNT + 1;
export const WAIT_HEAD: u32 = ARP_HEAD + INTERFACE_COUNT + 1;
export const EVENT_HEAD: u32 = WAIT_HEAD + NEIGHBOUR_COUNT;
export const ACCEPT_HEAD: u32 = EVENT_HEAD + 1;
// SYN-cache entries are free, or due after the n-th SYN+ACK; TIME-WAIT entries free, or by age.
export const SYN_SENT_HEAD: u32 = ACCEPT_HEAD + LISTENER_COUNT;
export const SYN_STAGES: u32 = SYN_COUNT ? 8 : 0;
export const TIME_WAIT_HEAD: u32 = SYN_SENT_HEAD + SYN_STAGES;
export const SLOT_HEAD: u32 = TIME_WAIT_HEAD + 1;
export const LINK_COUNT: u32 = SLOT_HEAD + (TIMER_WHEEL ? WHEEL_LEVELS << WHEEL_BITS : 0);
// Hash numbers: TCBs, then SYN-cache entries, then TIME-WAIT entries.
export const SYN_ID: u32 = TCB_COUNT;
export const TIME_WAIT_ID: u32 = SYN_ID + SYN_COUNT;
export const ID_COUNT: u32 = TIME_WAIT_ID + TIME_WAIT_COUNT;

// What the code names most comes first: small addresses are short constants.
export const TUPLE: usize = memory.data(ADDRESS_BYTES + ENDPOINT_BYTES, 8);
export const GLOBALS: usize = memory.data(GLOBAL_BYTES, 8);
export const SPAN_POINTER: usize = GLOBALS + 4;
export const ADDRESSES: usize = memory.data(ADDRESS_COUNT * LOCAL_ADDRESS_BYTES, 8);
export const POOLS: usize = memory.data(Pool.COUNT * 8, 8);
export const ENTROPY: usize = memory.data(32, 8);
export const ADDRESS_BUFFER: usize = memory.data(TASKS ? 32 : 16, 8);
export const HASH_INPUT: usize = memory.data(64, 8);
export const NEXT_HOP: usize = memory.data(16, 8);
export const INTERFACES: usize = memory.data((INTERFACE_COUNT + 1) * INTERFACE_BYTES, 8);
export const COUNTERS: usize = memory.data(Counter.COUNT * 4, 8);
export const LISTENERS: usize = memory.data(LISTENER_COUNT * LISTENER_BYTES, 8);
export const EVENT_BITS: usize = memory.data(HANDLE_NODES * 2, 8);
// Frames start at 2 modulo 4, so that what follows the 14 bytes of Ethernet is aligned.
export const RX_METADATA: usize = memory.data(8, 8);
export const TX_METADATA: usize = memory.data(8, 8);
export const TX_FRAME: usize = memory.data(FRAME_BYTES + 8, 8) + 2;
export const RX_FRAME: usize = memory.data(FRAME_BYTES + 8, 8) + 2;
export const LINKS: usize = memory.data(LINK_COUNT * 4, 8);
export const NEIGHBOURS: usize = memory.data((NEIGHBOUR_COUNT + 1) * NEIGHBOUR_BYTES, 8);
export const TCBS: usize = memory.data(TCB_COUNT * TCB_BYTES, 8);
export const RETRANSMITS: usize = RETRANSMIT_TALLIES ? memory.data(TCB_COUNT * 4, 8) : 0;
export const SYN_ENTRIES: usize = memory.data(SYN_COUNT * SYN_ENTRY_BYTES + 8, 8);
export const COOKIE_ENTRY: usize = memory.data(SYN_ENTRY_BYTES, 8) + ADDRESS_BYTES;
export const TIME_WAITS: usize = memory.data(TIME_WAIT_COUNT * TIME_WAIT_BYTES + 8, 8);
export const REASSEMBLIES: usize = memory.data(REASSEMBLY_COUNT * REASSEMBLY_BYTES, 8);
export const RECOVERIES: usize = memory.data(RECOVERY_COUNT * RECOVERY_BYTES + 8, 8);
export const SOCKETS: usize = memory.data(SOCKET_COUNT * SOCKET_BYTES + 8, 8);
export const PATHS: usize = memory.data(PATH_COUNT * PATH_BYTES + 8, 8);
export const GROUP_RECORDS: usize = TASKS ? memory.data(GROUP_COUNT * GROUP_BYTES + 8, 8) : 0;
export const ROUTE_RECORDS: usize = TASKS ? memory.data(ROUTE_COUNT * ROUTE_BYTES + 8, 8) : 0;
/** Two that the host names, where those of one more lease would stand. */
export const NAME_SERVERS: usize = TASKS ? memory.data(LEASE_BYTES - LEASE_SERVERS, 4) : 0;
export const LEASES: usize = TASKS
  ? memory.data((DHCP ? INTERFACE_COUNT : 0) * LEASE_BYTES + 8, 4)
  : 0;
export const LOOKUPS: usize = TASKS ? memory.data(LOOKUP_COUNT * LOOKUP_BYTES + 8, 8) : 0;
/** Two that the host names; those of leases stand in the leases. */
/** One for each interface: how IGMP goes there. */
export const GROUP_PORTS: usize = TASKS
  ? memory.data((GROUPS ? INTERFACE_COUNT : 0) * 8 + 8, 8)
  : 0;
/** One for each interface, and one for loopback, which never answers. */
export const RESPONDERS: usize = TASKS
  ? memory.data((MDNS ? INTERFACE_COUNT + 1 : 0) * RESPONDER_BYTES + 8, 8)
  : 0;
export const SERVICES: usize = TASKS ? memory.data(SERVICE_COUNT * SERVICE_BYTES + 8, 8) : 0;
/** A u32: of each service four records, a bit each. */
export const SERVICES_TOLD: usize = SERVICES + SERVICE_COUNT * SERVICE_BYTES;
export const TIME_SAMPLE: usize = TASKS ? memory.data(TIME_BYTES, 8) : 0;
/** And behind it how many bytes of it the host gave, and the number behind those. */
export const HOST_NAME: usize = TASKS ? memory.data(72, 8) : 0;
export const NAME_BUFFER: usize = TASKS ? memory.data(256, 8) : 0;
export const TIMER_DEADLINES: usize = memory.data(TIMER_COUNT * 4, 8);
export const SLOT_MAPS: usize = memory.data(TIMER_WHEEL ? WHEEL_LEVELS * 8 : 8, 8);
export const HASH_HEADS: usize = memory.data(HASHED ? HASH_BUCKETS * 2 : 8, 8);
export const HASH_NEXT: usize = memory.data(HASHED ? ID_COUNT * 2 : 8, 8);
export const TRACE: usize = memory.data(TRACE_COUNT * <i32>offsetof<TraceRecord>() + 8, 8);
// Behind everything that initialise() clears: generations outlive it.
export const GENERATIONS: usize = memory.data(HANDLE_NODES * 2, 8);

const RINGS_BEHIND: bool = PROFILE == 2;
const RING_AREA: usize = memory.data(RINGS_BEHIND ? 8 : 2 * RING_COUNT * RING_BYTES, 8);
const ASSEMBLY_AREA: usize = memory.data(RINGS_BEHIND ? 8 : ASSEMBLY_COUNT * ASSEMBLY_BYTES + 8, 8);

/** First byte of the rings: receive rings, then send rings. */
export function ringArea(): usize {
  return RINGS_BEHIND ? (__heap_base + 15) & ~15 : RING_AREA;
}

/** First byte of the datagrams that are put together. */
export function assemblyArea(): usize {
  return RINGS_BEHIND ? ringArea() + 2 * RING_COUNT * RING_BYTES : ASSEMBLY_AREA;
}

/** First byte that the core never touches. */
export function mapEnd(): usize {
  return RINGS_BEHIND ? assemblyArea() + ASSEMBLY_COUNT * ASSEMBLY_BYTES : __heap_base;
}

// What a record costs beside itself: hash number, and its share of the hash heads, rounded up.
const HASH_SHARE: u32 = HASHED ? 2 + (HASH_BUCKETS * 2 + ID_COUNT - 1) / ID_COUNT : 0;

/** The numbers of constants.Constant, in its order, below MEMORY_BYTES: that is known only when all is laid out, and not every
 * build has those behind it. */
// @ts-ignore: decorator
@inline
function constants<T>(): usize {
  return memory.data<T>([
    <T>Abi.VERSION,
    <T>TCB_COUNT,
    <T>RING_COUNT,
    <T>RING_COUNT,
    <T>REASSEMBLY_COUNT,
    <T>RECOVERY_COUNT,
    <T>SYN_COUNT,
    <T>TIME_WAIT_COUNT,
    <T>LISTENER_COUNT,
    <T>NEIGHBOUR_COUNT,
    <T>ADDRESS_COUNT,
    <T>SOCKET_COUNT,
    <T>ASSEMBLY_COUNT,
    <T>GROUP_COUNT,
    <T>ROUTE_COUNT,
    <T>LOOKUP_COUNT,
    <T>SERVICE_COUNT,
    <T>INTERFACE_COUNT,
    <T>TRACE_COUNT,
    <T>RING_BYTES,
    <T>RING_BYTES,
    <T>FRAME_BYTES,
    <T>ADDRESS_BYTES,
    // Ready and event links 4 + 4, timer 8, event bits and generation 2 + 2, two ring nodes 4 + 4, and the tally.
    <T>(TCB_BYTES + 28 + (RETRANSMIT_TALLIES ? 4 : 0) + HASH_SHARE),
    <T>(SYN_ENTRY_BYTES + 4 + HASH_SHARE),
    <T>(TIME_WAIT_BYTES + 4 + HASH_SHARE),
    // Ready and event links 4 + 4, event bits and generation 2 + 2.
    <T>(SOCKET_BYTES + 12),
    <T>RX_FRAME,
    <T>TX_FRAME,
    <T>RX_METADATA,
    <T>TX_METADATA,
    <T>ADDRESS_BUFFER,
    <T>NAME_BUFFER,
    <T>ENTROPY,
    <T>GLOBALS,
    <T>COUNTERS,
    <T>POOLS,
    <T>GENERATIONS,
    <T>TCBS,
    <T>SYN_ENTRIES,
    <T>TIME_WAITS,
    <T>LISTENERS,
    <T>ADDRESSES,
    <T>SOCKETS,
    <T>GROUP_RECORDS,
    <T>ROUTE_RECORDS,
    <T>LEASES,
    <T>LOOKUPS,
    <T>TIME_SAMPLE,
    <T>HOST_NAME,
    <T>TRACE,
    <T>EVENT_BITS,
    <T>SPAN_POINTER,
  ]);
}

/** PTR, SRV, TXT, the type's PTR, A, NSEC: from the lowest byte on parts of the name, parts of the data, type, and 1 if
 * it lives for 120 s. Parts: port 1, _services 2, label 4, type 8, local 16, root 32, address 64, types 128. */
export const ADDRESS_KIND: u32 = 0x01014014;
export const NSEC_KIND: u32 = 0x012f9414;
export const OWN_KINDS: usize = DNS_SD
  ? memory.data<u32>([0x000c1c18, 0x0121151c, 0x0010201c, 0x000c1812, ADDRESS_KIND, NSEC_KIND])
  : 0;
/** Parts of our records: local and the root; of the first 256 types the first 8: A; _services, _dns-sd and _udp. */
export const OWN_TEXTS: usize = DNS_SD
  ? memory.data<u8>([
      5, 108, 111, 99, 97, 108, 0, 0, 1, 64, 9, 95, 115, 101, 114, 118, 105, 99, 101, 115, 7, 95,
      100, 110, 115, 45, 115, 100, 4, 95, 117, 100, 112,
    ])
  : MDNS
    ? memory.data<u8>([5, 108, 111, 99, 97, 108, 0, 0, 1, 64])
    : 0;

const WORD: usize = RINGS_BEHIND ? 4 : 2;
const CONSTANTS: usize = RINGS_BEHIND ? constants<u32>() : constants<u16>();

/** ABI: a number of this build; 0 for one that does not exist. */
export function constant(id: u32): u32 {
  if (id == Constant.MEMORY_BYTES) return <u32>mapEnd();
  if (RETRANSMIT_TALLIES && id == Constant.RETRANSMIT_AREA) return <u32>RETRANSMITS;
  if (id >= <u32>Constant.MEMORY_BYTES) return 0;
  const at = CONSTANTS + <usize>id * WORD;
  return RINGS_BEHIND ? load<u32>(at) : <u32>load<u16>(at);
}
