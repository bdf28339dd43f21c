// A script as the parser leaves it: options, then events in their order. Sequence numbers, ports and
// timestamps are the script's; what they are on the wire is found out when it runs.

import type { Place } from "./errors.js";

export interface Script {
  readonly file: string;
  readonly options: readonly ScriptOption[];
  readonly events: readonly ScriptEvent[];
}

/** A line `--name=value`. */
export interface ScriptOption {
  readonly name: string;
  readonly value: string;
  readonly place: Place;
}

/** `at`: a moment of the script, or of the event before; `any`: whenever it comes. */
export interface EventTime {
  readonly kind: "at" | "range" | "any";
  readonly relative: boolean;
  readonly us: number;
  /** Of a range. */
  readonly endUs: number;
}

interface EventBase {
  readonly time: EventTime;
  readonly place: Place;
}

export type ScriptEvent = PacketEvent | CallEvent | ShellEvent | CodeEvent;

export interface PacketEvent extends EventBase {
  readonly kind: "packet";
  readonly inbound: boolean;
  readonly packet: ScriptPacket;
}

export type ScriptPacket = ScriptTcp | ScriptIcmp;

/** What a script says of the IP header; undefined: not checked, and the usual value when sent. */
export interface IpInfo {
  readonly tos?: number;
  /** The bits of `tos` that are meant. */
  readonly tosMask?: number;
  /** ECT(0) or ECT(1), either. */
  readonly anyEct?: boolean;
  readonly ttl?: number;
  readonly dontFragment?: boolean;
}

export interface Ports {
  readonly source: number;
  readonly destination: number;
}

/** `any`: not compared (`...`); `absolute`: as on the wire (`!`). */
export interface SequenceRange {
  readonly mode: "relative" | "absolute" | "any";
  readonly start: number;
  readonly length: number;
}

export interface ScriptTcp {
  readonly kind: "tcp";
  readonly ip: IpInfo;
  readonly ports: Ports | undefined;
  /** Bits of the header, FIN lowest; bit 8 is AE. */
  readonly flags: number;
  readonly seq: SequenceRange;
  readonly ack: number | undefined;
  readonly absoluteAck: boolean;
  readonly window: number | undefined;
  readonly urgent: number | undefined;
  /** undefined: `<...>`, any. */
  readonly options: readonly TcpOption[] | undefined;
}

export interface ScriptIcmp {
  readonly kind: "icmp";
  readonly ip: IpInfo;
  readonly type: number;
  readonly code: number;
  readonly mtu: number | undefined;
  readonly id: number | undefined;
  /** The segment that the error quotes. */
  readonly quoted: SequenceRange | undefined;
  /** Bytes of a message that quotes nothing. */
  readonly rawBytes: number | undefined;
}

export interface SackBlock {
  readonly left: number;
  readonly right: number;
}

export type TcpOption =
  | { readonly kind: "nop" }
  | { readonly kind: "eol" }
  | { readonly kind: "mss"; readonly value: number }
  | { readonly kind: "wscale"; readonly value: number }
  | { readonly kind: "sackOK" }
  | { readonly kind: "sack"; readonly blocks: readonly SackBlock[] }
  | {
      readonly kind: "TS";
      /** undefined: not compared. */
      readonly val: number | undefined;
      readonly ecr: number;
      readonly absoluteEcr?: boolean;
    }
  | { readonly kind: "bytes"; readonly number: number; readonly bytes: Uint8Array };

export interface CallEvent extends EventBase {
  readonly kind: "call";
  /** End of a call that blocks, in the same terms as its beginning. */
  readonly endUs: number | undefined;
  readonly name: string;
  readonly args: readonly Expression[];
  readonly result: Expression;
  readonly errno: string | undefined;
}

export interface ShellEvent extends EventBase {
  readonly kind: "shell";
  readonly text: string;
}

export interface CodeEvent extends EventBase {
  readonly kind: "code";
  readonly text: string;
}

/** Arguments and results of system calls. */
export type Expression = { readonly place: Place } & (
  | { readonly kind: "any" }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "word"; readonly name: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "struct"; readonly fields: readonly StructField[] }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "or"; readonly left: Expression; readonly right: Expression }
);

export interface StructField {
  readonly name: string;
  readonly value: Expression;
}

/** Bits of the TCP header. */
export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;
export const URG = 32;
export const ECE = 64;
export const CWR = 128;
export const AE = 256;
