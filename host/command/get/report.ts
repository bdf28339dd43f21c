// What `mote get` says on stderr: how far it is while it runs, on a terminal, and at the end where the time went.

import { createLogUpdate } from "log-update";
import { formatBytes, formatDuration } from "../format.js";
import type { Io } from "../io.js";
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
  /** So many bytes of the body, of so many; null: nobody has said. */
  progress(bytes: number, of: number | null): void;
  done(result: Result): void;
  /** Nothing more is said. */
  close(): void;
}

/** A download that is over before is not worth a line. */
const QUIET_MS = 500;
const REDRAW_MS = 200;

export function createGetReport(io: Io, { silent, json }: GetOptions): GetReport {
  const line = silent || io.stderr.isTTY !== true ? null : createLogUpdate(io.stderr as never);
  /** When the body began. */
  let startMs: number | undefined;
  let nextMs = 0;
  /** The line goes, and the cursor comes back. */
  const end = (): void => {
    line?.clear();
    line?.done();
  };
  return {
    progress(bytes, of) {
      const nowMs = performance.now();
      if (startMs === undefined) nextMs = nowMs + QUIET_MS;
      startMs ??= nowMs;
      if (line === null || nowMs < nextMs) return;
      nextMs = nowMs + REDRAW_MS;
      line(progressText(bytes, of, nowMs - startMs));
    },
    done(result) {
      end();
      if (silent) return;
      const text = json ? JSON.stringify(asObject(result)) : summaryText(result);
      io.stderr.write(`${text}\n`);
    },
    close: end,
  };
}

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
