// Captures taken on the TAP device, and what tshark finds in captures: every packet as a row of
// fields, with all checksums validated and Wireshark's expert opinions.

import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { start } from "../../command/support/process.js";
import { BOUND, output } from "./programs.js";
import { KERNEL } from "./stationProcess.js";

const FIELDS = {
  number: "frame.number",
  bytes: "frame.len",
  source: "ip.src",
  stream: "tcp.stream",
  sourcePort: "tcp.srcport",
  destinationPort: "tcp.dstport",
  flags: "tcp.flags",
  sequence: "tcp.seq",
  acknowledgment: "tcp.ack",
  rawSequence: "tcp.seq_raw",
  rawAcknowledgment: "tcp.ack_raw",
  length: "tcp.len",
  completeness: "tcp.completeness",
  ipChecksum: "ip.checksum.status",
  tcpChecksum: "tcp.checksum.status",
  icmpType: "icmp.type",
  icmpSequence: "icmp.seq",
  icmpChecksum: "icmp.checksum.status",
  arpOperation: "arp.opcode",
  protocols: "frame.protocols",
  opinions: "_ws.expert.message",
} as const;

/** One packet: fields as tshark prints them, "" where it has none. */
export type Packet = Readonly<Record<keyof typeof FIELDS, string>>;

/** Values of the checksum status fields: "" where there is none. */
export const GOOD = "1";
export const BAD = "0";

/** Bits of tcp.completeness. */
export const Seen = { SYN: 1, SYN_ACK: 2, ACK: 4, DATA: 8, FIN: 16, RST: 32 } as const;

const FETCH_MS = 1000;
const VALIDATE = ["ip.check_checksum", "tcp.check_checksum", "tcp.relative_sequence_numbers"];

/** All packets of ARP and IPv4 in a capture; read twice, so that fields of a stream are final. */
export async function readCapture(file: string): Promise<Packet[]> {
  const names = Object.keys(FIELDS) as (keyof Packet)[];
  const text = await output(
    [
      ...["tshark", "-2", "-n", "-r", file, "-Y", "arp || ip"],
      ...VALIDATE.flatMap((preference) => ["-o", `${preference}:TRUE`]),
      ...["-T", "fields", "-E", "separator=/t", "-E", "aggregator=;"],
      ...Object.values(FIELDS).flatMap((field) => ["-e", field]),
    ],
    { limitMs: 60_000 },
  );
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const values = line.split("\t");
    const packet = Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
    return judged(packet as Packet);
  });
}

const MANGLED_ZERO = "TCP Checksum 0xffff instead of 0x0000 (see RFC 1624)";

/** Of 65,536 segments one has the checksum 0, for which Linux writes its other form: any receiver takes it, and tshark calls it bad. */
function judged(packet: Packet): Packet {
  const opinions = packet.opinions.split(";");
  if (packet.source !== KERNEL || !opinions.includes(MANGLED_ZERO)) return packet;
  const others = opinions.filter((opinion) => opinion !== MANGLED_ZERO).join(";");
  return { ...packet, tcpChecksum: GOOD, opinions: others };
}

/** These fields of the packets that a display filter takes; a field that occurs often is joined by
 * commas. */
export async function dissect<Field extends string>(
  file: string,
  filter: string,
  fields: readonly Field[],
): Promise<Record<Field, string>[]> {
  const text = await output(
    [
      ...["tshark", "-n", "-r", file, "-Y", filter, "-o", "ip.check_checksum:TRUE"],
      ...["-o", "udp.check_checksum:TRUE", "-T", "fields", "-E", "separator=/t"],
      ...fields.flatMap((field) => ["-e", field]),
    ],
    { limitMs: 60_000 },
  );
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const values = line.split("\t");
    const pairs = fields.map((field, index) => [field, values[index] ?? ""]);
    return Object.fromEntries(pairs) as Record<Field, string>;
  });
}

export interface TapCapture {
  /** Ends it; fails when the kernel had to drop packets. */
  stop(): Promise<void>;
}

/** Starts dumpcap on a device of this namespace; resolves when it captures. */
export async function captureDevice(
  t: TestContext,
  device: string,
  file: string,
): Promise<TapCapture> {
  // Room for all of it (MiB): nothing is dropped while the machine is busy.
  const words = ["-P", "-i", device, "-w", file, "-B", "32"];
  const [first, ...rest] = BOUND;
  const process = start(t, first, [...rest, "sh", "-c", 'exec dumpcap "$@" 2>&1', "sh", ...words]);
  await process.seen(/^File: /m);
  return {
    async stop() {
      // It fetches packets from the kernel a few times a second.
      await delay(FETCH_MS);
      process.child.kill("SIGINT");
      await process.ended;
      const dropped = /received\/dropped on interface '[^']*': \d+\/(\d+) /.exec(process.out)?.[1];
      if (dropped !== "0") throw new Error(`dumpcap: ${process.out}`);
    },
  };
}
