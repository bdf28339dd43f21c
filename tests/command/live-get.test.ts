// `mote get` on a terminal, as it is seen: how far it is, in one row that goes when it is done, and what stays.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { COLOUR, endsWell, ESCAPE, filled, folderFor, hasTerminal } from "./support/screen.js";
import {
  CTRL_C,
  CTRL_Z,
  openTerminal,
  type Terminal,
  type TerminalOptions,
} from "./support/terminal.js";

const options = { timeout: 60_000 };
const LENGTH = 1_000_000;

interface Fetching {
  readonly terminal: Terminal;
  readonly file: string;
  /** The rest of the body comes at once. */
  finish(): void;
}

/** A server that gives 1 % of the body every 100 ms, and `mote get` that writes it to a file. */
async function fetching(
  t: TestContext,
  given: TerminalOptions = {},
  words?: readonly string[],
): Promise<Fetching> {
  const piece = Buffer.alloc(LENGTH / 100, "mote at a limited rate\n");
  let finish = (): void => undefined;
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-length": LENGTH });
    let left = 100;
    /** Whether there is more. */
    const give = (): boolean => {
      if (left > 0) response.write(piece);
      if (--left > 0) return true;
      clearInterval(timer);
      response.end();
      return false;
    };
    const timer = setInterval(give, 100);
    response.on("close", () => clearInterval(timer));
    finish = () => {
      while (give());
    };
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const file = join(folderFor(t), "body");
  const url = `http://198.18.0.1:${port}/`;
  const all = ["get", url, "--link", "user", ...(words ?? ["-o", file])];
  return { terminal: openTerminal(t, all, given), file, finish: () => finish() };
}

const PROGRESS = /^(?:\[#* *\] )?(\d+)% of 1 MB, [\d.]+ kB\/s, [\d.]+ m?s left$/;

/** Exactly one row, with how far it is; the percentage. */
async function progress(terminal: Terminal, least: number): Promise<number> {
  let percent = 0;
  await terminal.until((rows) => {
    const [only = "", ...rest] = filled(rows);
    percent = Number(PROGRESS.exec(only)?.[1] ?? -1);
    return percent >= least && rest.length === 0;
  }, `${least} % and more in the first row, and nothing else`);
  return percent;
}

test(
  "get on a terminal: one row says how far it is, and at the end where the time went",
  options,
  async (t) => {
    if (!hasTerminal(t)) return;
    const { terminal, file, finish } = await fetching(t);
    const first = await progress(terminal, 1);
    await progress(terminal, first + 1);
    assert.ok(!terminal.cursor.visible);
    assert.equal(terminal.cursor.y, 1);
    finish();
    await endsWell(terminal, 0);
    const rows = filled(terminal.screen());
    assert.match(rows[0]!, /^200 from 198\.18\.0\.1:\d+: 1 MB, [\d.]+ [kM]B\/s$/);
    assert.match(
      rows.slice(1).join(" ").replace(/ +/g, " "),
      /^lookup [\d.]+ ms, connect [^]+, total [\d.]+ ms$/,
    );
    assert.deepEqual(terminal.wrapped(), []);
    assert.deepEqual([terminal.cursor.x, terminal.cursor.y], [0, rows.length]);
    assert.equal(readFileSync(file).length, LENGTH);
  },
);

test(
  "get: a window that grows and shrinks has one row of it, above what was there before",
  options,
  async (t) => {
    if (!hasTerminal(t)) return;
    const { terminal } = await fetching(t, { columns: 60 });
    let percent = await progress(terminal, 1);
    for (const [columns, rows] of [
      [200, 24],
      [60, 8],
      [60, 24],
    ] as const) {
      terminal.resize(columns, rows);
      percent = await progress(terminal, percent + 1);
    }
    // Too narrow: cut, and whole again.
    terminal.resize(12, 24);
    await terminal.until((rows) => /^\d+% of 1 MB?,?\n*$/.test(rows.join("\n")), "one row, cut");
    terminal.resize(60, 24);
    await progress(terminal, percent + 1);
  },
);

test("get: Ctrl-Z gives the shell its cursor, and fg goes on with the row", options, async (t) => {
  if (!hasTerminal(t)) return;
  // A shell with jobs, as people have it.
  const script = 'set -m; "$@"; echo "in the shell"; read -r _; fg > /dev/null';
  const { terminal, finish } = await fetching(t, { through: ["sh", "-c", script, "sh"] });
  await progress(terminal, 1);
  terminal.type(CTRL_Z);
  await terminal.seen(/in the shell/);
  await terminal.quiet(600);
  assert.ok(terminal.cursor.visible);
  terminal.type("\n");
  const last = (): string => filled(terminal.screen()).at(-1)!;
  await terminal.until(() => PROGRESS.test(last()), "the row is there again");
  assert.ok(!terminal.cursor.visible);
  finish();
  await endsWell(terminal, 0);
  assert.match(terminal.screen().join("\n"), /\n200 from /);
});

test("get: Ctrl-Z where no shell waits: it goes on", options, async (t) => {
  if (!hasTerminal(t)) return;
  const { terminal } = await fetching(t);
  const percent = await progress(terminal, 1);
  terminal.type(CTRL_Z);
  await terminal.until((rows) => PROGRESS.test(filled(rows).at(-1) ?? ""), "a row");
  const row = (): number => Number(PROGRESS.exec(filled(terminal.screen()).at(-1) ?? "")?.[1]);
  await terminal.until(() => row() > percent + 2, "it goes on");
  assert.ok(!terminal.cursor.visible);
  terminal.type(CTRL_C);
  await endsWell(terminal, 130);
});

test("get: Ctrl-C ends it with 130, and the row has gone", options, async (t) => {
  if (!hasTerminal(t)) return;
  const { terminal } = await fetching(t);
  await progress(terminal, 1);
  terminal.type(CTRL_C);
  await endsWell(terminal, 130);
  assert.deepEqual(filled(terminal.screen()), []);
  assert.deepEqual([terminal.cursor.x, terminal.cursor.y], [0, 0]);
});

test("get: a body that goes to the terminal has no row of progress in it", options, async (t) => {
  if (!hasTerminal(t)) return;
  const { terminal, finish } = await fetching(t, {}, []);
  // More than a second of it: twice the time after which there would be one.
  await terminal.until(() => terminal.stream.length > 120_000, "12 pieces");
  finish();
  await endsWell(terminal, 0);
  assert.doesNotMatch(terminal.stream, ESCAPE);
  assert.doesNotMatch(terminal.stream, /%/);
  // The body ends in the middle of a line.
  await terminal.seen(/\nmote at a limited ?\n200 from /);
});

test(
  "get with NO_COLOR has no colours, on a dumb terminal no progress at all",
  options,
  async (t) => {
    if (!hasTerminal(t)) return;
    const plain = await fetching(t, { env: { NO_COLOR: "1" } });
    await progress(plain.terminal, 1);
    plain.finish();
    await endsWell(plain.terminal, 0);
    assert.doesNotMatch(plain.terminal.stream, COLOUR);

    const dumb = await fetching(t, { env: { TERM: "dumb" } });
    await endsWell(dumb.terminal, 0);
    assert.match(dumb.terminal.screen()[0]!, /^200 from/);
    assert.doesNotMatch(dumb.terminal.stream, ESCAPE);
  },
);
