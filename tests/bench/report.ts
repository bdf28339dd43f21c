// From samples to what is printed: medians, a table, the ratios against what is required.

import type { Measure, Sample } from "./load.js";

/** Samples of one stack, by measure, in the order of the rounds. */
export interface Series {
  readonly name: string;
  readonly title: string;
  readonly samples: Record<Measure, Sample[]>;
}

export interface Ratio {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly required: number;
  readonly aim: number | undefined;
}

interface Row {
  readonly title: string;
  readonly measure: Measure;
  readonly digits: number;
  readonly figure: (sample: Sample) => number;
  readonly range?: true;
}

const cpuSeconds = (sample: Sample) => sample.userSeconds + sample.systemSeconds;
const perSecond = (sample: Sample) => sample.count / sample.seconds;
export const gigabits = (sample: Sample) => (perSecond(sample) * 8) / 1e9;
const cpuPerGigabyte = (sample: Sample) => cpuSeconds(sample) / (sample.count / 1e9);
const userPerGigabyte = (sample: Sample) => sample.userSeconds / (sample.count / 1e9);
const userMicroseconds = (sample: Sample) => (sample.userSeconds * 1e6) / sample.count;

const rows: Row[] = [
  { title: "sink, Gbit/s", measure: "sink", digits: 2, figure: gigabits, range: true },
  { title: "  CPU seconds per GB", measure: "sink", digits: 2, figure: cpuPerGigabyte },
  { title: "  of them in user mode", measure: "sink", digits: 2, figure: userPerGigabyte },
  {
    title: "  ACKs per 100 segments",
    measure: "sink",
    digits: 1,
    figure: (sample) => sample.acksPer100 ?? 0,
  },
  { title: "source, Gbit/s", measure: "source", digits: 2, figure: gigabits, range: true },
  { title: "  CPU seconds per GB", measure: "source", digits: 2, figure: cpuPerGigabyte },
  { title: "  of them in user mode", measure: "source", digits: 2, figure: userPerGigabyte },
  {
    title: "1-byte round trips/s",
    measure: "round-trips",
    digits: 0,
    figure: perSecond,
    range: true,
  },
  { title: "  user mode, us each", measure: "round-trips", digits: 1, figure: userMicroseconds },
  { title: "connect+echo+close/s", measure: "connects", digits: 0, figure: perSecond, range: true },
  { title: "  user mode, us each", measure: "connects", digits: 1, figure: userMicroseconds },
];

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * First to second, as the median of the ratios of the rounds: the two samples of a round are
 * taken right after one another, so load that comes and goes on the machine falls out.
 */
export function pairedRatio(
  first: Series,
  second: Series,
  measure: Measure,
  figure: (sample: Sample) => number,
): number {
  const others = second.samples[measure];
  return median(
    first.samples[measure].map((sample, round) => figure(sample) / figure(others[round]!)),
  );
}

/** One line per figure, one column per stack; the ratio is first to second. */
export function table(columns: readonly Series[]): string {
  const [first, second] = columns as [Series, Series];
  const lines = [["", ...columns.map((column) => column.title), "ratio"]];
  for (const row of rows) {
    const ratio = pairedRatio(first, second, row.measure, row.figure);
    lines.push([
      row.title,
      ...columns.map((column) => figureText(column.samples[row.measure].map(row.figure), row)),
      Number.isFinite(ratio) ? ratio.toFixed(2) : "",
    ]);
  }
  return aligned(lines);
}

/** The median, and for the headline figures the lowest and highest of the rounds. */
function figureText(figures: readonly number[], { digits, range }: Row): string {
  const middle = median(figures).toFixed(digits);
  if (range !== true || figures.length < 2) return middle;
  return `${middle} (${Math.min(...figures).toFixed(digits)}-${Math.max(...figures).toFixed(digits)})`;
}

/** Text in columns: the first to the left, the others to the right. */
export function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The figures the project holds itself to. Below is said, and is no failure of the bench. */
export function verdict(ratios: readonly Ratio[]): string {
  return ratios
    .map(({ what, value, unit, required, aim }) => {
      const aimed = aim === undefined ? "" : `, aim ${aim}`;
      const reached =
        value < required ? "below" : aim !== undefined && value >= aim ? "aim" : "met";
      return `${what}: ${value.toFixed(2)}${unit} (required ${required}${aimed}): ${reached}`;
    })
    .join("\n");
}
