// How far long work is, as one row on a terminal: not for what is over before anybody looks, and gone at the end.

import { formatBytes, formatDuration } from "./format.js";
import type { Io } from "./io.js";
import { createLiveView, isScreen } from "./live.js";

export interface Progress {
  /** So many bytes of so many are done; null: nobody has said how much there is. */
  at(done: number, of: number | null): void;
  /** The row goes, and the cursor comes back. */
  end(): void;
}

/** Work that is over before is not worth a row. */
const QUIET_MS = 500;
const REDRAW_MS = 200;

const BAR_COLUMNS = 20;
/** Narrower screens have the words alone. */
const LEAST_COLUMNS_FOR_BAR = 71;

/** On stderr, if that is a screen; `isWanted` false: never. Time counts from the first at(). */
export function createProgress(io: Io, isWanted: boolean): Progress {
  const isShown = isWanted && isScreen(io.stderr, io.env);
  const view = isShown ? createLiveView(io.stderr, { ownsScreen: false }) : null;
  let startMs: number | undefined;
  let nextMs = 0;
  return {
    at(done, of) {
      if (view === null) return;
      const nowMs = performance.now();
      if (startMs === undefined) nextMs = nowMs + QUIET_MS;
      startMs ??= nowMs;
      if (nowMs < nextMs) return;
      nextMs = nowMs + REDRAW_MS;
      const text = progressText(done, of, nowMs - startMs);
      view.show(({ columns }) => [
        of && columns >= LEAST_COLUMNS_FOR_BAR ? `${bar(done / of)} ${text}` : text,
      ]);
    },
    end() {
      view?.clear();
      view?.done();
    },
  };
}

/** "34% of 100 MB, 12.3 MB/s, 5.2 s left". */
export function progressText(done: number, of: number | null, tookMs: number): string {
  const perMs = done / Math.max(1, tookMs);
  const rate = `${formatBytes(1000 * perMs)}/s`;
  if (of === null || of === 0) return `${formatBytes(done)}, ${rate}`;
  const percent = Math.floor((100 * done) / of);
  const left = perMs === 0 ? "" : `, ${formatDuration((of - done) / perMs)} left`;
  return `${percent}% of ${formatBytes(of)}, ${rate}${left}`;
}

/** "[#######             ]". */
const bar = (share: number): string =>
  `[${"#".repeat(Math.floor(share * BAR_COLUMNS)).padEnd(BAR_COLUMNS)}]`;
