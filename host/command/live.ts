// A picture on a terminal, drawn again and again in one place, and lines above it that stay. After a change of the
// terminal's size nobody knows where the old picture is: terminals fold lines that have become too long, or cut them, or
// scroll. So the screen is cleared, and everything drawn again.

import { cutLine, roomOf, widthOf } from "./columns.js";
import type { Output } from "./io.js";

export interface ScreenSize {
  readonly columns: number;
  /** One less than the screen has: the cursor rests on the line below the picture. */
  readonly rows: number;
}

/** Lines for so much room; what is longer is cut, and what is more than fits is left out. */
export type Picture = (size: ScreenSize) => readonly string[];

export interface LiveView {
  /** Draws in place of what was drawn before. */
  show(picture: Picture): void;
  /** Writes lines that stay, above the picture; they are not cut. */
  note(lines: Picture): void;
  /** Takes the picture away. */
  clear(): void;
  /** Leaves the last picture, with the cursor below it, and gives the cursor back. */
  done(): void;
}

export interface LiveOptions {
  /**
   * The screen is the view's: after a change of size all of it is cleared. Else only so many rows as the
   * picture takes where long lines are folded, as most terminals do.
   */
  readonly ownsScreen: boolean;
}

/** Moves the cursor, and may. */
export function isScreen({ isTTY }: Output, env: NodeJS.ProcessEnv): boolean {
  return isTTY === true && env["TERM"] !== "dumb";
}

/** Lines that stay are drawn again after a change of size; of those the newest. */
const MOST_NOTES = 20;
const DEFAULT_ROWS = 24;

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const HOME = "\u001b[H";
const ERASE_BELOW = "\u001b[J";
const ERASE_RIGHT = "\u001b[K";
/** To the first column, so many lines up. What was typed, as ^C, is drawn over. */
const up = (lines: number): string => (lines > 0 ? `\r\u001b[${lines}A` : "\r");

export function createLiveView(stream: Output, { ownsScreen }: LiveOptions): LiveView {
  const notes: Picture[] = [];
  let picture: Picture | null = null;
  let drawn: readonly string[] = [];
  let lastText = "";
  let isListening = false;
  let isHidden = false;

  const sizeNow = (): ScreenSize => ({
    // The last column stays free: there are terminals that go on to the next row once something stands in it.
    columns: roomOf(stream) - 1,
    rows: (stream.rows || DEFAULT_ROWS) - 1,
  });

  function listen(): void {
    if (isListening) return;
    isListening = true;
    stream.on?.("resize", resized);
  }

  function hide(): string {
    if (isHidden) return "";
    isHidden = true;
    process.on("exit", giveBack);
    process.on("SIGTSTP", suspend);
    return HIDE_CURSOR;
  }

  /** Ctrl-Z: the shell gets a cursor. Behind the signal it goes on: later, or at once where there is no shell to come back from. */
  function suspend(): void {
    giveBack();
    process.off("SIGTSTP", suspend);
    process.kill(process.pid, "SIGTSTP");
    process.on("SIGTSTP", suspend);
    // What was drawn is somewhere above what the shell has written.
    drawn = [];
    stream.write(HIDE_CURSOR);
    resized();
  }

  function giveBack(): void {
    stream.write(SHOW_CURSOR);
  }

  /** The picture as it is drawn from the first column of its first line on. */
  function draw(size: ScreenSize): string {
    const lines = (picture?.(size) ?? []).slice(0, Math.max(1, size.rows));
    drawn = lines.map((line) => cutLine(line, size.columns));
    lastText = drawn.map((line) => `${line}${ERASE_RIGHT}\n`).join("");
    return `${lastText}${ERASE_BELOW}`;
  }

  function resized(): void {
    const size = sizeNow();
    const all = notes.map((note) => ended(note(size))).join("");
    const wipe = ownsScreen ? HOME + ERASE_BELOW + all : up(rowsOf(drawn, size)) + ERASE_BELOW;
    stream.write(wipe + draw(size));
  }

  return {
    show(next) {
      picture = next;
      listen();
      const start = hide() + up(drawn.length);
      const before = lastText;
      const text = draw(sizeNow());
      if (text !== `${before}${ERASE_BELOW}`) stream.write(start + text);
    },
    note(lines) {
      listen();
      notes.push(lines);
      if (notes.length > MOST_NOTES) notes.shift();
      const size = sizeNow();
      const text = ended(lines(size));
      stream.write(picture === null ? text : up(drawn.length) + ERASE_BELOW + text + draw(size));
    },
    clear() {
      if (drawn.length > 0) stream.write(up(drawn.length) + ERASE_BELOW);
      picture = null;
      drawn = [];
      lastText = "";
    },
    done() {
      if (!isListening) return;
      isListening = false;
      stream.off?.("resize", resized);
      process.off("exit", giveBack);
      process.off("SIGTSTP", suspend);
      // Over the ^C that a terminal shows where it was typed.
      stream.write(`\r${ERASE_RIGHT}${isHidden ? SHOW_CURSOR : ""}`);
      isHidden = false;
    },
  };
}

const ended = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

/** How many rows these lines take where those that are too long are folded. */
function rowsOf(lines: readonly string[], { columns }: ScreenSize): number {
  const width = columns + 1;
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / width)), 0);
}
