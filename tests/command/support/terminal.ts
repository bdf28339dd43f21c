// `mote` in a terminal, as a person has it: a pseudo-terminal (terminal.py) on the program's side, @xterm/headless on the
// other. What tests look at is the screen, rows of text and the cursor, and not how it came about.

import { spawn } from "node:child_process";
import type { Duplex, Readable, Writable } from "node:stream";
import type { TestContext } from "node:test";
import xterm, { type IBufferLine } from "@xterm/headless";
import { until as waitUntil } from "../../host/support/until.js";
import { fromRoot } from "../../static/support/module.js";
import { cleanEnvironment, main } from "./process.js";

export interface TerminalOptions {
  /** Default: 60. */
  readonly columns?: number;
  /** Default: 24. */
  readonly rows?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Program, with its first arguments, that runs the command. */
  readonly through?: readonly string[];
}

export interface Terminal {
  /** What stands in each row, without blanks at the end. */
  screen(): string[];
  /** All lines since the beginning, also those that scrolled away; each whole, however many rows it takes. */
  lines(): string[];
  /** Rows of the screen that go on with the line of the row above, because it did not fit. */
  wrapped(): string[];
  /** Something on the screen has a colour, or is bold or dim. */
  coloured(): boolean;
  readonly cursor: Cursor;
  /** Everything that the program wrote, escape codes and all. */
  readonly stream: string;
  type(keys: string): void;
  /** As a person does who draws at the window. */
  resize(columns: number, rows: number): void;
  /** Waits until the rows of the screen, joined by line ends, match; fails when the program ends without, or after 15 s. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits until the screen is such; `what` says it for the failure. */
  until(condition: (screen: string[]) => boolean, what: string): Promise<void>;
  /** Waits until nothing was written for so long: nothing is drawn while nothing changes. */
  quiet(ms: number): Promise<void>;
  readonly ended: Promise<Ending>;
}

export interface Cursor {
  readonly x: number;
  readonly y: number;
  readonly visible: boolean;
}

export interface Ending {
  /** Exit code; below 0: the signal that ended it. */
  readonly code: number;
  /** Echo, signals and line editing are as they were before. */
  readonly restored: boolean;
}

export const CTRL_C = "\u0003";
export const CTRL_D = "\u0004";
export const CTRL_Z = "\u001a";

const LIMIT_MS = 15_000;
const helper = fromRoot("tests/command/support/terminal.py");

export function openTerminal(
  t: TestContext,
  words: readonly string[],
  options: TerminalOptions = {},
): Terminal {
  const { columns = 60, rows = 24, env = {}, through = [] } = options;
  const command = [...through, process.execPath, main, ...words];
  const child = spawn("python3", [helper, `${columns}`, `${rows}`, ...command], {
    env: cleanEnvironment({ TERM: "xterm-256color", ...env }),
    stdio: ["pipe", "pipe", "inherit", "pipe"],
  });
  const [stdin, stdout, , control] = child.stdio as unknown as [Writable, Readable, null, Duplex];
  // It may have ended when something is typed.
  stdin.on("error", () => undefined);
  control.on("error", () => undefined);
  // The helper takes the program with it.
  t.after(() => void stdin.end());

  const display = new xterm.Terminal({
    cols: columns,
    rows,
    allowProposedApi: true,
    scrollback: 5_000,
  });
  t.after(() => display.dispose());
  const visible = watchCursor(display);
  let stream = "";
  let answer = "";
  let isOver = false;
  let lastMs = performance.now();
  const waiting = new Set<() => void>();
  const look = (): void => [...waiting].forEach((check) => check());
  // A character of several bytes may come in two pieces: the terminal puts them together.
  stdout.on("data", (bytes: Buffer) => {
    stream += bytes.toString("latin1");
    lastMs = performance.now();
    display.write(bytes, look);
  });
  control.on("data", (bytes: Buffer) => (answer += String(bytes)));
  const ended = new Promise<Ending>((resolve) => {
    child.once("close", () => {
      display.write("", () => {
        isOver = true;
        look();
        resolve(answer === "" ? { code: -1, restored: false } : (JSON.parse(answer) as Ending));
      });
    });
  });

  const visibleLines = (): IBufferLine[] => {
    const { active } = display.buffer;
    return Array.from({ length: display.rows }, (_, y) => active.getLine(active.baseY + y)!);
  };
  const screen = (): string[] => visibleLines().map((line) => line.translateToString(true));

  function until(condition: (screen: string[]) => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => done(() => reject(failure(why, what, screen())));
      const timer = setTimeout(fail, LIMIT_MS, `not within ${LIMIT_MS} ms`);
      const done = (settle: () => void): void => {
        clearTimeout(timer);
        waiting.delete(check);
        settle();
      };
      const check = (): void => {
        if (condition(screen())) done(resolve);
        else if (isOver) fail("ended without");
      };
      waiting.add(check);
      check();
    });
  }

  return {
    screen,
    until,
    ended,
    quiet: (ms) => waitUntil(() => performance.now() - lastMs > ms, "it is quiet", LIMIT_MS),
    lines() {
      const { active } = display.buffer;
      const all: string[] = [];
      for (let y = 0; y < active.length; y++) {
        const line = active.getLine(y)!;
        const text = line.translateToString(active.getLine(y + 1)?.isWrapped !== true);
        if (line.isWrapped) all.push((all.pop() ?? "") + text);
        else all.push(text);
      }
      return all;
    },
    wrapped: () =>
      visibleLines()
        .filter((line) => line.isWrapped)
        .map((line) => line.translateToString(true)),
    coloured: () => visibleLines().some(isColoured),
    get cursor() {
      const { cursorX: x, cursorY: y } = display.buffer.active;
      return { x, y, visible: visible() };
    },
    get stream() {
      return stream;
    },
    type: (keys) => void stdin.write(keys),
    resize(toColumns, toRows) {
      display.resize(toColumns, toRows);
      control.write(`${toColumns} ${toRows}\n`);
    },
    async seen(pattern) {
      let found: RegExpExecArray | null = null;
      const matches = (rowsSeen: string[]): boolean =>
        (found = pattern.exec(rowsSeen.join("\n"))) !== null;
      await until(matches, String(pattern));
      return found!;
    },
  };
}

/** Whether the cursor shows (DECTCEM). */
function watchCursor(display: InstanceType<typeof xterm.Terminal>): () => boolean {
  let visible = true;
  const set = (value: boolean) => (params: readonly (number | number[])[]) => {
    if (params.includes(25)) visible = value;
    // The terminal does with it what it does.
    return false;
  };
  display.parser.registerCsiHandler({ prefix: "?", final: "h" }, set(true));
  display.parser.registerCsiHandler({ prefix: "?", final: "l" }, set(false));
  return () => visible;
}

function isColoured(line: IBufferLine): boolean {
  for (let x = 0; x < line.length; x++) {
    const cell = line.getCell(x);
    if (cell === undefined) continue;
    if (!cell.isFgDefault() || cell.isBold() !== 0 || cell.isDim() !== 0) return true;
  }
  return false;
}

function failure(why: string, what: string, screen: readonly string[]): Error {
  return new Error(`${why}: ${what}; on the screen:\n${screen.map((row) => `|${row}`).join("\n")}`);
}
