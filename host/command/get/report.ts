// What `mote get` says on stderr: how far it is while it runs, on a terminal, and at the end where the time went.

import { foldText, roomOf } from "../columns.js";
import { formatBytes, formatDuration } from "../format.js";
import type { Io } from "../io.js";
import { createLiveView, isScreen } from "../live.js";
import { roundUs } from "../network/asking.js";
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

/** A download that is over before is not worth a line. */
const QUIET_MS = 500;
const REDRAW_MS = 200;

export function createGetReport(io: Io, options: GetOptions): GetReport {
  const { silent, json } = options;
  const view = showsProgress(io, options) ? createLiveView(io.stderr, { ownsScreen: false }) : null;
  /** When the body began. */
  let startMs: number | undefined;
  let nextMs = 0;
  const bodyIsSeen = isBodySeen(io, options);
  let inLine = false;
  /** The line goes, and the cursor comes back. */
  const end = (): void => {
    view?.clear();
    view?.done();
  };
  return {
    progress(bytes, of, endsLine) {
      inLine = !endsLine;
      const nowMs = performance.now();
      if (startMs === undefined) nextMs = nowMs + QUIET_MS;
      startMs ??= nowMs;
      if (view === null || nowMs < nextMs) return;
      nextMs = nowMs + REDRAW_MS;
      const text = progressText(bytes, of, nowMs - startMs);
      view.show(() => [text]);
    },
    done(result) {
      end();
      if (silent) return;
      const text = json
        ? JSON.stringify(asObject(result))
        : foldText(summaryText(result), roomOf(io.stderr));
      // Not behind the last words of a body on the same terminal.
      const start = inLine && bodyIsSeen && io.stderr.isTTY === true ? "\n" : "";
      io.stderr.write(`${start}${text}\n`);
    },
    close: end,
  };
}

/** Not where the body itself goes to a terminal: each line of either would be drawn over the other's. */
function showsProgress(io: Io, options: GetOptions): boolean {
  return !options.silent && !isBodySeen(io, options) && isScreen(io.stderr, io.env);
}

const isBodySeen = ({ stdout }: Io, { output }: GetOptions): boolean =>
  output === undefined && stdout.isTTY === true;

/** "34% of 100 MB, 12.3 MB/s, 5.2 s left". */
export function progressText(bytes: number, of: number | null, tookMs: number): string {
  const perMs = bytes / Math.max(1, tookMs);
  const rate = `${formatBytes(1000 * perMs)}/s`;
  if (of === null || of === 0) return `${formatBytes(bytes)}, ${rate}`;
  const percent = Math.floor((100 * bytes) / of);
  const left = perMs === 0 ? "" : `, ${formatDuration((of - bytes) / perMs)} left`;
  return `${percent}% of ${formatBytes(of)}, ${rate}${left}`;
}

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
