// What tests of live views say of a screen.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needs } from "./process.js";
import type { Ending, Terminal } from "./terminal.js";

/** Skips the test where there is no pseudo-terminal to be had. */
export const hasTerminal = (t: TestContext): boolean => needs(t, "python3", "python3");

/** Without what differs from run to run: ports that nobody chose (of five digits), process ids, times of day, ages. */
export const steady = (rows: readonly string[]): string[] =>
  rows.map((row) =>
    row
      .replace(/(?<=127\.0\.0\.1 |198\.18\.0\.1:)\d{5}/g, "PORTS")
      .replace(/\d\d:\d\d:\d\d/, "HH:MM:SS"),
  );

/** Down to the last row in which something stands. */
export function filled(rows: readonly string[]): string[] {
  let count = rows.length;
  while (count > 0 && rows[count - 1] === "") count--;
  return rows.slice(0, count);
}

/** The screen comes to show exactly this, and no row goes on with the one above. */
export async function shows(terminal: Terminal, expected: readonly string[]): Promise<void> {
  const rows = (): string[] => filled(steady(terminal.screen()));
  const isThere = (): boolean => rows().join("\n") === expected.join("\n");
  await terminal.until(isThere, `\n${expected.join("\n")}`).catch((error: unknown) => {
    // With the difference, row by row.
    assert.deepEqual(rows(), expected);
    throw error;
  });
  assert.deepEqual(terminal.wrapped(), []);
}

/** It has ended so, and the terminal is as it was: with a cursor, in the first column, and its settings. */
export async function endsWell(terminal: Terminal, code: number): Promise<void> {
  const ending: Ending = await terminal.ended;
  assert.deepEqual(ending, { code, restored: true });
  assert.ok(terminal.cursor.visible, "the cursor is back");
}

/** Colours. */
export const COLOUR = /\u001b\[\d+(;\d+)*m/;
/** Anything that is not text: colours, and whatever moves the cursor. */
export const ESCAPE = /\u001b/;

/** A folder of the test's own, also as the place of control sockets. */
export function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mote-live-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
