// What `mote get` says on stderr: how far it is while it runs, on a terminal, and at the end where the time went.

import { foldText, roomOf } from "../columns.js";
import { formatBytes } from "../format.js";
import type { Io } from "../io.js";
import { roundUs } from "../network/asking.js";
import { createProgress } from "../progress.js";
import type { GetOptions } from "./options.js";
import type { Times } from "./request.js";

export interface Result {
  readonly url: string;
  readonly status: number;
  /** "198.18.0.1:80". */
  readonly place: string;
  readonly redirects: number;
  readonly times: Times;
  readonly totalMs: number;
  /** Of the body. */
  readonly bytes: number;
}

export interface GetReport {
  /** So many bytes of the body, of so many; null: nobody has said. Whether they end with a line. */
  progress(bytes: number, of: number | null, endsLine: boolean): void;
  done(result: Result): void;
  /** Nothing more is said. */
  close(): void;
}

export function createGetReport(io: Io, options: GetOptions): GetReport {
  const { silent, json } = options;
  const bodyIsSeen = isBodySeen(io, options);
  // Each line of either would be drawn over the other's.
  const row = createProgress(io, !silent && !bodyIsSeen);
  let inLine = false;
  return {
    progress(bytes, of, endsLine) {
      inLine = !endsLine;
      row.at(bytes, of);
    },
    done(result) {
      row.end();
      if (silent) return;
      const text = json
        ? JSON.stringify(asObject(result))
        : foldText(summaryText(result), roomOf(io.stderr));
      // Not behind the last words of a body on the same terminal.
      const start = inLine && bodyIsSeen && io.stderr.isTTY === true ? "\n" : "";
      io.stderr.write(`${start}${text}\n`);
    },
    close: row.end,
  };
}

const isBodySeen = ({ stdout }: Io, { output }: GetOptions): boolean =>
  output === undefined && stdout.isTTY === true;

/** Each step by itself, the sum at the end. */
function stepsOf({ times, totalMs }: Result): [name: string, ms: number][] {
  const { lookupMs, connectMs, tlsMs, firstByteMs } = times;
  return [
    ["lookup", lookupMs],
    ["connect", connectMs - lookupMs],
    ...(tlsMs === null ? [] : ([["TLS", tlsMs - connectMs]] as [string, number][])),
    ["first byte", firstByteMs - (tlsMs ?? connectMs)],
    ["body", totalMs - firstByteMs],
    ["total", totalMs],
  ];
}

/** While the body came; none for a body that came with the head. */
const rateOf = ({ bytes, totalMs, times }: Result): number | null =>
  totalMs > times.firstByteMs ? (1000 * bytes) / (totalMs - times.firstByteMs) : null;

export function summaryText(result: Result): string {
  const { status, place, bytes, redirects } = result;
  const rate = rateOf(result);
  const speed = rate === null || bytes === 0 ? "" : `, ${formatBytes(rate)}/s`;
  const after = redirects === 0 ? "" : ` after ${redirects} redirect${redirects === 1 ? "" : "s"}`;
  const steps = stepsOf(result).map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`);
  return `${status} from ${place}${after}: ${formatBytes(bytes)}${speed}\n${steps.join(", ")}`;
}

function asObject(result: Result): object {
  const { url, status, place, redirects, bytes, times, totalMs } = result;
  const { lookupMs, connectMs, tlsMs, firstByteMs } = times;
  const rate = rateOf(result);
  return {
    ...{ event: "get", url, status, place, redirects, bytes },
    ...{ lookupMs: roundUs(lookupMs), connectMs: roundUs(connectMs) },
    tlsMs: tlsMs === null ? null : roundUs(tlsMs),
    ...{ firstByteMs: roundUs(firstByteMs), totalMs: roundUs(totalMs) },
    bytesPerSecond: rate === null ? null : Math.round(rate),
  };
}
