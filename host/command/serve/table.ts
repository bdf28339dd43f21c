// The live table on a terminal: open connections with their states, the last few that ended, and the
// totals. Drawn only when something changed; it never scrolls and never grows past the screen.

import { alignColumns, cutLine, fitColumns, type Column } from "../columns.js";
import { formatBytes, formatClock, formatCount, formatDuration } from "../format.js";
import type { Io } from "../io.js";
import { createLiveView, type ScreenSize } from "../live.js";
import type { Format, Paint } from "../style.js";
import type { Report, Row } from "./messages.js";

/** Lines of the table that are not rows: a blank one, the header, what is hidden, the totals. */
const FIXED_LINES = 4;
/** Of those that are over, so many at most. */
const MOST_CLOSED = 5;

export interface LiveTable {
  show(report: Report): void;
  /** Writes lines that stay, above the table; they are told how much room there is. */
  note(lines: (room: number) => string): void;
  /** Leaves the last picture on the screen and gives the cursor back. */
  done(): void;
}

export function createLiveTable({ stdout, paint }: Io): LiveTable {
  const view = createLiveView(stdout, { ownsScreen: true });
  return {
    show: (report) => view.show((size) => renderTable(report, size, paint)),
    note: (lines) => view.note(({ columns }) => lines(columns).replace(/\n$/, "").split("\n")),
    done: () => view.done(),
  };
}

export function renderTable(report: Report, screen: ScreenSize, paint: Paint): string[] {
  const room = Math.max(1, screen.rows - FIXED_LINES);
  const closed = lastOf(report.closedRows, Math.min(room - 1, MOST_CLOSED));
  const open = lastOf(report.rows, room - closed.length);
  const hidden = report.open - open.length;
  const lines = [""];
  if (open.length + closed.length > 0) lines.push(...renderRows(open, closed, screen, paint));
  if (hidden > 0) lines.push(paint("dim", `... and ${formatCount(hidden)} more open`));
  lines.push(renderTotals(report, paint));
  return lines.map((line) => cutLine(line, screen.columns));
}

const lastOf = <Item>(list: readonly Item[], count: number): readonly Item[] =>
  list.slice(Math.max(0, list.length - count));

const COLUMNS: readonly Column[] = [
  { head: "STATE" },
  { head: "SERVICE", leaves: 3 },
  { head: "REMOTE" },
  { head: "IN", align: "right", leaves: 4 },
  { head: "OUT", align: "right", leaves: 5 },
  { head: "SINCE", leaves: 1 },
  { head: "FOR", align: "right", leaves: 2 },
];

function renderRows(
  open: readonly Row[],
  closed: readonly Row[],
  { columns }: ScreenSize,
  paint: Paint,
): string[] {
  const dim = (row: Row): string[] =>
    cells(row, (_format, text) => text).map((cell) => paint("dim", cell));
  const rows = [...open.map((row) => cells(row, paint)), ...closed.map(dim)];
  const { kept } = fitColumns(COLUMNS, rows, columns);
  return alignColumns(kept.columns, kept.rows, paint);
}

function cells(row: Row, paint: Paint): string[] {
  const { state, service, remote, received, sent, since, durationMs, error } = row;
  const over = durationMs === undefined ? "" : formatDuration(durationMs);
  return [
    paint(colourOf(state), error ?? state),
    service,
    remote,
    formatBytes(received),
    formatBytes(sent),
    formatClock(since, false),
    over,
  ];
}

function colourOf(state: string): Format {
  if (state === "ESTABLISHED") return "green";
  return state === "TIME-WAIT" || state === "CLOSED" ? "dim" : "yellow";
}

function renderTotals({ open, served, received, sent }: Report, paint: Paint): string {
  const parts = [
    `${formatCount(open)} open`,
    `${formatCount(served)} accepted`,
    `${formatBytes(received)} in`,
    `${formatBytes(sent)} out`,
  ];
  return paint("dim", parts.join(" · "));
}
