// `mote serve` on a terminal, as it is seen: the commands to try, the live table, what becomes of both when the window
// changes its size, and Ctrl-C from the keyboard.

import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { startMote, cleanEnvironment } from "./support/process.js";
import { COLOUR, endsWell, ESCAPE, folderFor, hasTerminal, shows } from "./support/screen.js";
import { CTRL_C, openTerminal, type Terminal, type TerminalOptions } from "./support/terminal.js";

const options = { timeout: 60_000 };
const SERVE = "serve hello,echo --link user --port hello=0 --port echo=0".split(" ");

interface Served {
  readonly terminal: Terminal;
  readonly ports: { readonly hello: number; readonly echo: number };
}

async function serve(t: TestContext, given: TerminalOptions = {}): Promise<Served> {
  const env = { XDG_RUNTIME_DIR: folderFor(t), ...given.env };
  const terminal = openTerminal(t, SERVE, { ...given, env });
  const [, hello, echo] = await terminal.seen(
    /printf mote \| nc 127\.0\.0\.1 (\d+)[^]+echo +nc 127\.0\.0\.1 (\d+)[^]+stop +Ctrl-C/,
  );
  return { terminal, ports: { hello: Number(hello), echo: Number(echo) } };
}

/** A connection that stays. */
function call(t: TestContext, port: number): Socket {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => undefined);
  socket.resume();
  t.after(() => socket.destroy());
  return socket;
}

const NARROW = [
  "printf mote | nc 127.0.0.1 PORTS",
  "echo     nc 127.0.0.1 PORTS  # port 7 of the stack",
  "link     user mode on 127.0.0.1: the stack (profile",
  "         desktop) has 198.18.0.2/30",
  "sockets  mote netstat --stack mote",
  "capture  off (--pcap FILE writes one for Wireshark)",
  "stop     Ctrl-C",
];
const WIDE = [
  ...NARROW.slice(0, 2),
  "link     user mode on 127.0.0.1: the stack (profile desktop) has 198.18.0.2/30",
  ...NARROW.slice(4),
];
/** Of one connection to echo, to which so many bytes went. */
const narrowTable = (bytes: number): string[] => [
  "",
  "STATE        SERVICE  REMOTE             IN  OUT  FOR",
  `ESTABLISHED  echo     198.18.0.1:PORTS  ${bytes} B  ${bytes} B`,
  `1 open · 1 accepted · ${bytes} B in · ${bytes} B out`,
];
const wideTable = (bytes: number): string[] => [
  "",
  "STATE        SERVICE  REMOTE             IN  OUT  SINCE     FOR",
  `ESTABLISHED  echo     198.18.0.1:PORTS  ${bytes} B  ${bytes} B  HH:MM:SS`,
  `1 open · 1 accepted · ${bytes} B in · ${bytes} B out`,
];

test(
  "serve on a terminal: banner, then a table that follows the connections; Ctrl-C ends it",
  options,
  async (t) => {
    if (!hasTerminal(t)) return;
    const { terminal, ports } = await serve(t, { columns: 100 });
    const echo = call(t, ports.echo);
    echo.write("mote");
    await shows(terminal, [...WIDE, ...wideTable(4)]);
    assert.ok(!terminal.cursor.visible, "no cursor below a picture");
    const hello = connect(ports.hello, "127.0.0.1", () => hello.end("mote"));
    hello.resume();
    await terminal.seen(/hello[^\n]+4 B +12 B[^]+2 accepted/);
    assert.ok(terminal.coloured());
    await terminal.quiet(800);

    terminal.type(CTRL_C);
    await terminal.seen(/\nClosing 1 connection; Ctrl-C again stops at once\.\n/);
    await endsWell(terminal, 0);
    const screen = terminal.screen();
    const last = screen.findIndex((row) => row.startsWith("Stopped."));
    assert.equal(screen.filter((row) => row.startsWith("STATE ")).length, 1);
    assert.deepEqual([terminal.cursor.x, terminal.cursor.y], [0, last + 1]);
  },
);

test("serve: at 60 columns what has no room is left out or folded", options, async (t) => {
  if (!hasTerminal(t)) return;
  const { terminal, ports } = await serve(t);
  call(t, ports.echo).write("mote");
  await shows(terminal, [...NARROW, ...narrowTable(4)]);
  terminal.type(CTRL_C);
  await endsWell(terminal, 0);
  await shows(terminal, [
    ...[...NARROW, ...narrowTable(4)],
    "Closing 1 connection; Ctrl-C again stops at once.",
    "Stopped. 1 connection did not end in time and was reset.",
  ]);
});

test(
  "serve: a window that grows and shrinks shows one banner and one table",
  options,
  async (t) => {
    if (!hasTerminal(t)) return;
    const { terminal, ports } = await serve(t);
    const echo = call(t, ports.echo);
    await shows(terminal, [...NARROW, ...narrowTable(0)]);
    terminal.resize(200, 24);
    await shows(terminal, [...WIDE, ...wideTable(0)]);
    echo.write("m");
    await shows(terminal, [...WIDE, ...wideTable(1)]);
    terminal.resize(60, 24);
    await shows(terminal, [...NARROW, ...narrowTable(1)]);
    echo.write("o");
    await shows(terminal, [...NARROW, ...narrowTable(2)]);
    // As much of it as there is room for, with the table whole.
    terminal.resize(60, 8);
    await shows(terminal, [...NARROW, ...narrowTable(2)].slice(-7));
    echo.write("t");
    await shows(terminal, [...NARROW, ...narrowTable(3)].slice(-7));
    terminal.resize(60, 24);
    await shows(terminal, [...NARROW, ...narrowTable(3)]);
    terminal.resize(60, 3);
    terminal.resize(200, 50);
    echo.write("e");
    await shows(terminal, [...WIDE, ...wideTable(4)]);
  },
);

test("serve: the banner alone is folded anew, too", options, async (t) => {
  if (!hasTerminal(t)) return;
  const { terminal } = await serve(t, { columns: 200 });
  await shows(terminal, WIDE);
  terminal.resize(60, 24);
  await shows(terminal, NARROW);
  terminal.resize(200, 24);
  await shows(terminal, WIDE);
  terminal.type(CTRL_C);
  await endsWell(terminal, 0);
  await shows(terminal, [...WIDE, "", "0 open · 0 accepted · 0 B in · 0 B out", "Stopped."]);
});

test(
  "serve: more connections than rows are counted, and the head of the table stays",
  options,
  async (t) => {
    if (!hasTerminal(t)) return;
    const { terminal, ports } = await serve(t, { rows: 8 });
    for (let i = 0; i < 12; i++) call(t, ports.echo);
    await terminal.seen(/12 open · 12 accepted/);
    const rows = terminal.screen();
    assert.deepEqual(
      rows.map((row) => row.split(/\s+/).slice(0, 2).join(" ")),
      ["", "STATE SERVICE", ...Array<string>(3).fill("ESTABLISHED echo"), "... and", "12 open", ""],
    );
    assert.equal(rows[5], "... and 9 more open");
    terminal.resize(60, 24);
    await terminal.until((grown) => grown.filter((row) => /^ESTAB/.test(row)).length === 12, "all");
    assert.equal(terminal.screen().filter((row) => row.startsWith("STATE ")).length, 1);
  },
);

test("serve with NO_COLOR: the table without colours", options, async (t) => {
  if (!hasTerminal(t)) return;
  const { terminal, ports } = await serve(t, { env: { NO_COLOR: "1" } });
  call(t, ports.echo).write("mote");
  await shows(terminal, [...NARROW, ...narrowTable(4)]);
  assert.ok(!terminal.coloured());
  assert.doesNotMatch(terminal.stream, COLOUR);
});

test(
  "serve on a dumb terminal, and into a pipe: lines, and nothing but text",
  options,
  async (t) => {
    if (!hasTerminal(t)) return;
    const { terminal, ports } = await serve(t, { env: { TERM: "dumb" } });
    call(t, ports.echo);
    await terminal.seen(/opened echo 198\.18\.0\.1:\d+\n/);
    terminal.type(CTRL_C);
    await endsWell(terminal, 0);
    assert.doesNotMatch(terminal.stream, ESCAPE);

    const env = cleanEnvironment({ XDG_RUNTIME_DIR: folderFor(t), TERM: "xterm-256color" });
    const piped = startMote(t, SERVE, { env });
    const [, port] = await piped.seen(/echo +nc 127\.0\.0\.1 (\d+)/);
    call(t, Number(port));
    await piped.seen(/opened echo/);
    piped.child.kill("SIGINT");
    assert.equal(await piped.ended, 0);
    assert.doesNotMatch(piped.out + piped.err, ESCAPE);
  },
);

test("serve: Ctrl-C twice on the keyboard: 130, and the cursor is back", options, async (t) => {
  if (!hasTerminal(t)) return;
  const { terminal, ports } = await serve(t);
  call(t, ports.echo);
  await terminal.seen(/ESTABLISHED/);
  terminal.type(CTRL_C);
  await terminal.seen(/Closing 1 connection/);
  terminal.type(CTRL_C);
  await endsWell(terminal, 130);
  await shows(terminal, [
    ...[...NARROW, ...narrowTable(0)],
    "Closing 1 connection; Ctrl-C again stops at once.",
    "^C",
  ]);
});

test(
  "serve: a terminal that nobody has given a size is taken for one of 80 columns",
  options,
  async (t) => {
    if (!hasTerminal(t)) return;
    const through = ["sh", "-c", 'stty rows 0 cols 0; exec "$@"', "sh"];
    const { terminal, ports } = await serve(t, { columns: 80, through });
    call(t, ports.echo).write("mote");
    await shows(terminal, [...WIDE, ...wideTable(4)]);
  },
);

test("serve: what it has to say besides stands above the table", options, async (t) => {
  if (!hasTerminal(t)) return;
  // No folder, so no control socket.
  const env = { XDG_RUNTIME_DIR: "/proc/mote" };
  const terminal = openTerminal(t, SERVE, { env });
  const [, port] = await terminal.seen(/echo +nc 127\.0\.0\.1 (\d+)/);
  const echo = call(t, Number(port));
  await terminal.seen(/ 0 B/);
  echo.write("mote");
  await terminal.seen(/ 4 B/);
  await terminal.seen(/No control socket, so mote netstat/);
  assert.equal(terminal.screen().filter((row) => row.startsWith("STATE ")).length, 1);
});
