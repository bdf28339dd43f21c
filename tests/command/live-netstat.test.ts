// `mote netstat --watch` on a terminal, as it is seen: one picture in one place, whatever the size of the window.

import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { cleanEnvironment, startMote, type Running } from "./support/process.js";
import { COLOUR, endsWell, ESCAPE, filled, folderFor, hasTerminal } from "./support/screen.js";
import { CTRL_C, openTerminal, type Terminal, type TerminalOptions } from "./support/terminal.js";

const options = { timeout: 60_000 };

interface Watched {
  readonly served: Running;
  readonly env: NodeJS.ProcessEnv;
  call(): Socket;
}

/** A stack called "watched" with the service echo. */
async function serve(t: TestContext): Promise<Watched> {
  const env = { XDG_RUNTIME_DIR: folderFor(t) };
  const words = "serve echo --link user --port echo=0 --name watched --json".split(" ");
  const served = startMote(t, words, { env: cleanEnvironment(env) });
  const [line] = await served.seen(/^.*\n/);
  const { services } = JSON.parse(line) as { services: { port: number }[] };
  return {
    served,
    env,
    call() {
      const socket = connect(services[0]!.port, "127.0.0.1");
      socket.on("error", () => undefined);
      t.after(() => socket.destroy());
      return socket;
    },
  };
}

function watch(
  t: TestContext,
  { env }: Watched,
  words: readonly string[],
  given: TerminalOptions = {},
): Terminal {
  const all = ["netstat", "--watch", "0.1", ...words];
  return openTerminal(t, all, { ...given, env: { ...env, ...given.env } });
}

const steady = (rows: readonly string[]): string[] =>
  filled(rows).map((row) =>
    row
      .replace(/pid \d+/, "pid PID")
      .replace(/(up|desktop,) .*/, "$1 ...")
      .replace(/198\.18\.0\.1:\d{5}/, "198.18.0.1:PORTS"),
  );

async function shows(terminal: Terminal, expected: readonly string[]): Promise<void> {
  const isThere = (rows: string[]): boolean => steady(rows).join("\n") === expected.join("\n");
  await terminal.until(isThere, `\n${expected.join("\n")}`);
  assert.deepEqual(terminal.wrapped(), []);
}

const WIDE = [
  "Stack watched (pid PID, profile desktop, ...",
  "Proto  Recv-Q  Send-Q  Local Address  Foreign Address   State        Service",
  "tcp         0       0  0.0.0.0:7      0.0.0.0:*         LISTEN       echo",
  "tcp         0       0  198.18.0.2:7   198.18.0.1:PORTS  ESTABLISHED  echo",
  "udp         0       0  0.0.0.0:7      0.0.0.0:*                      echo",
];

test(
  "netstat --watch draws in one place, as much as fits, and gives the cursor back",
  options,
  async (t) => {
    if (!hasTerminal(t)) return;
    const watched = await serve(t);
    const terminal = watch(t, watched, ["--counters"], { columns: 100 });
    const [, first] = await terminal.seen(/, up (\d+) s\)[^]+\n\.\.\. and \d+ more lines\n/);
    // Another picture has come.
    await terminal.until(([title = ""]) => !title.includes(`up ${first} s`), "a later time");
    const rows = terminal.screen();
    assert.match(rows[0]!, /^Stack watched/);
    assert.match(rows[22]!, /^\.\.\. and \d+ more lines$/);
    assert.equal(rows[23], "", "a line less than the screen");
    assert.equal(terminal.lines().filter((line) => line.startsWith("Stack watched")).length, 1);
    assert.deepEqual(terminal.wrapped(), []);
    assert.ok(terminal.coloured());
    assert.ok(!terminal.cursor.visible);
    terminal.type(CTRL_C);
    await endsWell(terminal, 0);
    assert.match(terminal.screen()[0]!, /^Stack watched/);
    assert.deepEqual([terminal.cursor.x, terminal.cursor.y, terminal.screen()[23]], [0, 23, ""]);
  },
);

test("netstat --watch: columns go where there is no room, and come back", options, async (t) => {
  if (!hasTerminal(t)) return;
  const watched = await serve(t);
  watched.call();
  const terminal = watch(t, watched, [], { columns: 200 });
  await shows(terminal, WIDE);
  terminal.resize(60, 24);
  const narrow = (await atSixty(terminal)).join("\n");
  assert.match(narrow, /^Proto +Local Address +Foreign Address +State$/m);
  assert.match(narrow, /^tcp +198\.18\.0\.2:7 +198\.18\.0\.1:PORTS +ESTABLISHED$/m);
  assert.match(narrow, /^No room for: Recv-Q, Send-Q, Service$/m);
  terminal.resize(200, 24);
  await shows(terminal, WIDE);
  terminal.type(CTRL_C);
  await endsWell(terminal, 0);
  await shows(terminal, WIDE);
});

async function atSixty(terminal: Terminal): Promise<string[]> {
  await terminal.seen(/^No room for: /m);
  assert.deepEqual(terminal.wrapped(), []);
  return steady(terminal.screen());
}

test(
  "netstat --watch in a window of few rows: the head stays, and nothing is left over",
  options,
  async (t) => {
    if (!hasTerminal(t)) return;
    const watched = await serve(t);
    for (let i = 0; i < 10; i++) watched.call();
    const terminal = watch(t, watched, [], { columns: 100 });
    const connections = (rows: readonly string[]): number =>
      rows.filter((row) => row.includes("ESTABLISHED")).length;
    await terminal.until((rows) => connections(rows) === 10, "ten connections");
    terminal.resize(100, 8);
    await terminal.seen(/^Stack[^\n]+\nProto[^\n]+\n(tcp[^\n]+\n){4}\.\.\. and 8 more lines\n$/);
    terminal.resize(60, 8);
    await terminal.seen(
      /^Stack watched[^\n]*\n {4}[^\n]+\nProto +Local[^]+\n\.\.\. and \d+ more lines\n$/,
    );
    terminal.resize(100, 24);
    await terminal.until((rows) => connections(rows) === 10, "all of them again");
    assert.deepEqual(
      filled(terminal.screen()).map((row) => row.split(" ")[0]),
      ["Stack", "Proto", ...Array<string>(11).fill("tcp"), "udp"],
    );
  },
);

test("netstat --watch says when the stack has gone, and the cursor is back", options, async (t) => {
  if (!hasTerminal(t)) return;
  const watched = await serve(t);
  const terminal = watch(t, watched, [], { columns: 100 });
  await terminal.seen(/LISTEN/);
  watched.served.child.kill("SIGINT");
  await endsWell(terminal, 1);
  const rows = filled(terminal.screen());
  assert.match(rows[0]!, /^Stack watched/);
  assert.match(rows.at(-1)!, /^mote netstat: /);
});

test("netstat --watch with NO_COLOR, on a dumb terminal, and into a pipe", options, async (t) => {
  if (!hasTerminal(t)) return;
  const watched = await serve(t);
  const plain = watch(t, watched, [], { env: { NO_COLOR: "1" } });
  await plain.seen(/LISTEN/);
  assert.ok(!plain.coloured());
  assert.doesNotMatch(plain.stream, COLOUR);

  const dumb = watch(t, watched, [], { env: { TERM: "dumb" } });
  await dumb.seen(/Stack watched[^]+\n\nStack watched/);
  dumb.type(CTRL_C);
  await endsWell(dumb, 0);
  assert.doesNotMatch(dumb.stream, ESCAPE);
  assert.deepEqual(dumb.wrapped(), []);

  const env = cleanEnvironment({ ...watched.env, TERM: "xterm-256color" });
  const piped = startMote(t, ["netstat", "--watch", "0.1"], { env });
  await piped.seen(/Stack watched[^]+\n\nStack watched/);
  piped.child.kill("SIGINT");
  assert.equal(await piped.ended, 0);
  assert.doesNotMatch(piped.out, ESCAPE);
  assert.match(piped.out, /Recv-Q/, "whole");
});

test("netstat, looked at once on 60 columns, has no line that does not fit", options, async (t) => {
  if (!hasTerminal(t)) return;
  const { env, call } = await serve(t);
  call();
  const words = ["netstat", "-tuo", "--history", "--counters"];
  const terminal = openTerminal(t, words, { env, rows: 24 });
  await endsWell(terminal, 0);
  const lines = terminal.lines();
  assert.ok(lines.some((line) => line.startsWith("Pool")));
  assert.deepEqual(
    lines.filter((line) => line.length > 60),
    [],
  );
});
