// The live table on a terminal: open connections with their states, the last few that ended, and the
// totals. Drawn only when something changed; it never scrolls and never grows past the screen.

import Table from "cli-table3";
import { createLogUpdate } from "log-update";
import { cutLine } from "../columns.js";
import { formatBytes, formatClock, formatCount, formatDuration } from "../format.js";
import type { Io } from "../io.js";
import type { Format, Paint } from "../style.js";
import type { Report, Row } from "./messages.js";

/** Lines of the table that are not rows: header, totals, one blank above and below. */
const FIXED_LINES = 6;
const DEFAULT_ROWS = 24;

export interface LiveTable {
  show(report: Report): void;
  /** Writes lines that stay, above the table. */
  note(lines: string): void;
  /** Draws again, after the terminal changed its size. */
  redraw(): void;
  /** Leaves the last picture on the screen and gives the cursor back. */
  done(): void;
}

export function createLiveTable({ stdout, paint }: Io): LiveTable {
  const update = createLogUpdate(stdout);
  let last: Report | undefined;

  function redraw(): void {
    if (last === undefined) return;
    const { columns = 80, rows = DEFAULT_ROWS } = stdout;
    update(renderTable(last, { columns, rows }, paint));
  }

  return {
    show(report) {
      last = report;
      redraw();
    },
    redraw,
    note(lines) {
      update.clear();
      stdout.write(lines);
      redraw();
    },
    done() {
      update.done();
    },
  };
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export function renderTable(report: Report, screen: ScreenSize, paint: Paint): string {
  const room = Math.max(1, screen.rows - FIXED_LINES);
  const closed = report.closedRows.slice(-Math.max(0, Math.min(room - 1, 5)));
  const open = report.rows.slice(-Math.max(1, room - closed.length));
  const hidden = report.open - open.length;
  const lines = [""];
  if (open.length + closed.length > 0) lines.push(...renderRows(open, closed, paint));
  if (hidden > 0) lines.push(paint("dim", `... and ${formatCount(hidden)} more open`));
  lines.push(renderTotals(report, paint));
  return lines.map((line) => cutLine(line, screen.columns)).join("\n");
}

function renderRows(open: readonly Row[], closed: readonly Row[], paint: Paint): string[] {
  const head = ["STATE", "SERVICE", "REMOTE", "IN", "OUT", "SINCE", "FOR"];
  const table = new Table({
    head: head.map((name) => paint("dim", name)),
    chars: noBorders,
    colAligns: ["left", "left", "left", "right", "right", "left", "right"],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
  });
  for (const row of open) table.push(cells(row, paint));
  for (const row of closed) {
    const plain = cells(row, (_format, text) => text);
    table.push(plain.map((cell) => paint("dim", cell)));
  }
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
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

const noBorders = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};
