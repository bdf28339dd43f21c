// What other stacks take: figures that were measured once, and how.

export interface PeerTable {
  readonly title: string;
  readonly about: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const PEERS: readonly PeerTable[] = [
  {
    title: "Code on Cortex-M3",
    about:
      "2026-11-21: lwIP (master of 2026-06) and smoltcp 0.13.1, each with TCP, IPv4, ARP, ICMP and an echo application, " +
      "linked for Cortex-M3 at -Os. 2026-11-26: lwIP 2.1.3 of Debian's source package, NO_SYS, assertions off, the limits of tiny, with the flags " +
      "and the compiler of our boards (arm-none-eabi-gcc 12.2); by its link map, with the echo application, without a driver and libc.",
    head: ["stack", "code, bytes", "control block, bytes"],
    rows: [
      ["lwIP 2.1.3, no out-of-order data, no fragments", "16,468", "152"],
      [
        "lwIP 2.1.3, with window scale, SACK out, timestamps, keepalive, fragments",
        "20,900",
        "224",
      ],
      ["lwIP master, plain", "18.2 KB", "156"],
      [
        "lwIP master, with window scale, SACK out, timestamps, keepalive, fragments",
        "21.6 KB",
        "224",
      ],
      ["smoltcp 0.13.1", "17.8 KB", "336 and its buffers"],
      ["smoltcp 0.13.1, with fragments", "21.2 KB", "336 and its buffers"],
    ],
  },
  {
    title: "RAM on Cortex-M3",
    about:
      "2026-11-26: data and zeroes of the first image of lwIP 2.1.3 above, without a stack: pools for 4 connections and 6 listeners, a heap of 4 KiB, " +
      "4 packet buffers of 1,536 bytes. Fewer buffers take less, and lose more.",
    head: ["stack", "static RAM, bytes"],
    rows: [["lwIP 2.1.3", "13,514"]],
  },
  {
    title: "Instructions of lwIP on Cortex-M3",
    about:
      "2026-11-26, the first image of lwIP 2.1.3 above with an MSS of 1,460 bytes on mps2-an385 in QEMU, counted as ours: a ping until its reply " +
      "is built, an in-order segment until its ACK is, by the timer for delayed ACKs. lwIP hands the application the buffer in which a frame came; the core " +
      "copies the data into a ring, and no frame needs to be kept.",
    head: ["ping 56", "ping 1,400", "segment 1", "segment 64", "segment 536", "segment 1,460"],
    rows: [["1,106", "5,893", "1,791", "1,951", "3,358", "6,136"]],
  },
  {
    title: "One in-order 64-byte segment among n connections, nanoseconds on x86-64",
    about:
      "2026-11-21, a virtual machine with 2 CPUs (AMD EPYC), Linux 6.18, medians; lwIP at -O2 and smoltcp as a release build. " +
      "lwIP with the ACKs it sends; smoltcp: what comes in / looking for what to send, once per poll.",
    head: ["stack", "n = 1", "16", "64", "256", "1,024"],
    rows: [
      ["lwIP, any connection", "79", "91", "115", "228", "1,549"],
      ["smoltcp 0.13.1", "47 / 69", "66 / 271", "77 / 663", "150 / 2,242", "599 / 8,793"],
    ],
  },
];
