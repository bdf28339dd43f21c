// Quantities as iperf3 writes and reads them: bytes by powers of 1,024, bits per second by powers of 1,000.

import { UsageError } from "../exit.js";

const PREFIXES = ["", "K", "M", "G", "T"] as const;

/** The letter of -f: k, m, g, t for bits; K, M, G, T for bytes; undefined: bits, by size. */
export type RateFormat = "k" | "m" | "g" | "t" | "K" | "M" | "G" | "T";

/** "2.21 GBytes". */
export const formatAmount = (bytes: number): string => `${scaled(bytes, 1024, undefined)}Bytes`;

/** "19.0 Gbits/sec". */
export function formatRate(bitsPerSecond: number, format: RateFormat | undefined): string {
  const isBytes = format !== undefined && format === format.toUpperCase();
  const power = format === undefined ? undefined : "kmgt".indexOf(format.toLowerCase()) + 1;
  if (isBytes) return `${scaled(bitsPerSecond / 8, 1024, power)}Bytes/sec`;
  return `${scaled(bitsPerSecond, 1000, power)}bits/sec`;
}

/** Four places at most, and the prefix of the unit. */
function scaled(value: number, base: number, power: number | undefined): string {
  const places = power ?? largest(value, base);
  const number = value / base ** places;
  const digits = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
  return `${number.toFixed(digits).padStart(4)} ${PREFIXES[places]}`;
}

function largest(value: number, base: number): number {
  let power = 0;
  for (let rest = value; rest >= base && power < PREFIXES.length - 1; rest /= base) power++;
  return power;
}

export interface Quantity {
  readonly least: number;
  readonly most: number;
  /** Of K, M, G and T. */
  readonly base: 1000 | 1024;
}

/** "128K", "1.5M", "10". */
export function parseQuantity(
  option: string,
  word: string,
  { least, most, base }: Quantity,
): number {
  const [, digits = "", letter = ""] = /^(\d+(?:\.\d+)?)([kmgt]?)$/i.exec(word) ?? [];
  const power = letter === "" ? 0 : "kmgt".indexOf(letter.toLowerCase()) + 1;
  const value = digits === "" ? NaN : Math.floor(Number(digits) * base ** power);
  if (value >= least && value <= most) return value;
  throw new UsageError(
    `${option} takes a number from ${least} to ${most}, with K, M, G or T behind it, not "${word}"`,
  );
}
