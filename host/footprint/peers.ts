// What other stacks take, measured with the same compiler for the same processor, or said by their own documents.

export interface Peer {
  readonly name: string;
  /** Bytes of code on Cortex-M3, -Os: TCP, IPv4, ARP, ICMP and an echo application. */
  readonly code: number;
  readonly connection: string;
}

/** Built on 2026-11-21, arm-none-eabi-gcc 12.2 and rustc, linked with an echo application. Native code: no check of an
 * access to memory, which is what the figures of this stack have in every load and store. */
export const PEERS: readonly Peer[] = [
  { name: "lwIP (master of 2026-06)", code: 18_200, connection: "156 bytes" },
  {
    name: "lwIP with window scale, SACK out, timestamps, keepalive, fragments",
    code: 21_600,
    connection: "224 bytes",
  },
  { name: "smoltcp 0.13.1", code: 17_800, connection: "336 bytes and buffers" },
  { name: "smoltcp 0.13.1 with fragments", code: 21_200, connection: "336 bytes and buffers" },
];
