// What other stacks take, measured with the same compiler for the same processor.

export interface Peer {
  readonly name: string;
  /** Bytes of code on Cortex-M3, -Os: TCP, IPv4, ARP, ICMP and an echo application. */
  readonly code: number;
  readonly connection: string;
  /** Instructions of an in-order segment of 536 bytes and its acknowledgment; null: not counted. */
  readonly segment: number | null;
}

/** Linked with an echo application. Native code: no check of an access to memory, which is what the figures of this stack
 * have in every load and store. The first two by tests/bench/lwip on 2026-11-26: Debian's sources, arm-none-eabi-gcc 12.2,
 * NO_SYS, no assertions, limits as those of tiny (segments with an MSS of 1,460 bytes), by the link map without driver and C library.
 * The others were built on 2026-11-21. */
export const PEERS: readonly Peer[] = [
  {
    name: "lwIP 2.1.3, no data out of order, no fragments",
    code: 16_468,
    connection: "152 bytes",
    segment: 3_358,
  },
  {
    name: "lwIP 2.1.3 with window scale, SACK out, timestamps, keepalive, fragments",
    code: 20_900,
    connection: "224 bytes",
    segment: null,
  },
  {
    name: "lwIP (master of 2026-06)",
    code: 18_200,
    connection: "156 bytes",
    segment: null,
  },
  {
    name: "lwIP (master) with window scale, SACK out, timestamps, keepalive, fragments",
    code: 21_600,
    connection: "224 bytes",
    segment: null,
  },
  { name: "smoltcp 0.13.1", code: 17_800, connection: "336 bytes and buffers", segment: null },
  {
    name: "smoltcp 0.13.1 with fragments",
    code: 21_200,
    connection: "336 bytes and buffers",
    segment: null,
  },
];
