// `mote serve` on a terminal: the live table, its colours, and Ctrl-C from the keyboard. The
// terminal is a pseudo-terminal of util-linux's `script`.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import { cleanEnvironment, main, needs } from "./support/process.js";

interface Terminal {
  readonly screen: string;
  type(keys: string): void;
  seen(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<number>;
}

function openTerminal(t: TestContext, words: string, env: NodeJS.ProcessEnv = {}): Terminal {
  const command = `stty rows 24 cols 100; exec "${process.execPath}" "${main}" ${words}`;
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    env: cleanEnvironment({ TERM: "xterm-256color", SHELL: "/bin/sh", ...env }),
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  let screen = "";
  child.stdout.on("data", (bytes) => (screen += String(bytes)));
  const ended = new Promise<number>((resolve) => {
    child.once("close", (code) => resolve(code ?? -1));
  });
  return {
    get screen() {
      return screen;
    },
    type: (keys) => void child.stdin.write(keys),
    async seen(pattern) {
      for (let tries = 0; tries < 200; tries++) {
        const match = pattern.exec(screen.replace(colours, ""));
        if (match !== null) return match;
        await delay(50);
      }
      throw new Error(`${pattern} not in ${JSON.stringify(screen)}`);
    },
    ended,
  };
}

const SERVE = "serve hello,echo --link user --port hello=0 --port echo=0";
const colour = /\u001b\[\d+(;\d+)*m/;
const colours = new RegExp(colour, "g");

test("banner, then a table that follows the connections; Ctrl-C ends it", async (t) => {
  if (!needs(t, "script", "bsdutils")) return;
  const terminal = openTerminal(t, SERVE);
  const [, port] = await terminal.seen(/printf mote \| nc 127\.0\.0\.1 (\d+)/);
  const [, echoPort] = await terminal.seen(/echo\S* +nc 127\.0\.0\.1 (\d+)/);
  await terminal.seen(/stop\S* +Ctrl-C/);

  const echo = connect(Number(echoPort), "127.0.0.1");
  t.after(() => echo.destroy());
  echo.resume();
  echo.write("mote");
  await terminal.seen(/STATE[^]+ESTABLISHED[^\n]+echo[^\n]+4 B +4 B[^]+1 open · 1 accepted/);
  const hello = connect(Number(port), "127.0.0.1", () => hello.end("mote"));
  hello.resume();
  await terminal.seen(/hello[^\n]+4 B +12 B[^]+2 accepted/);
  assert.match(terminal.screen, colour);

  await delay(600);
  const quiet = terminal.screen.length;
  await delay(800);
  assert.equal(terminal.screen.length, quiet, "nothing is drawn while nothing changes");

  terminal.type("\u0003");
  await terminal.seen(/Closing 1 connection; Ctrl-C again stops at once\./);
  assert.equal(await terminal.ended, 0);
  assert.match(terminal.screen, /Stopped\.\r\n/);
  const shown = terminal.screen.lastIndexOf("\u001b[?25h");
  assert.ok(shown > terminal.screen.lastIndexOf("\u001b[?25l"), "the cursor is back");
});

test("NO_COLOR: the table without colours", async (t) => {
  if (!needs(t, "script", "bsdutils")) return;
  const terminal = openTerminal(t, SERVE, { NO_COLOR: "1" });
  const [, port] = await terminal.seen(/printf mote \| nc 127\.0\.0\.1 (\d+)/);
  const hello = connect(Number(port), "127.0.0.1", () => hello.end("mote"));
  hello.resume();
  await terminal.seen(/hello[^\n]+4 B +12 B/);
  assert.doesNotMatch(terminal.screen, colour);
  terminal.type("\u0003");
  assert.equal(await terminal.ended, 0);
});

test("Ctrl-C twice on the keyboard: 130, and the cursor is back", async (t) => {
  if (!needs(t, "script", "bsdutils")) return;
  const terminal = openTerminal(t, SERVE);
  const [, port] = await terminal.seen(/echo\S* +nc 127\.0\.0\.1 (\d+)/);
  const echo = connect({ port: Number(port), host: "127.0.0.1", allowHalfOpen: true });
  echo.on("error", () => undefined);
  t.after(() => echo.destroy());
  await terminal.seen(/ESTABLISHED/);
  terminal.type("\u0003");
  await terminal.seen(/Closing 1 connection/);
  terminal.type("\u0003");
  assert.equal(await terminal.ended, 130);
  assert.ok(terminal.screen.includes("\u001b[?25h"));
});

test("netstat --watch draws in one place, as much as fits, and gives the cursor back", async (t) => {
  if (!needs(t, "script", "bsdutils")) return;
  const folder = mkdtempSync(join(tmpdir(), "mote-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = { XDG_RUNTIME_DIR: folder };
  const served = openTerminal(t, `${SERVE} --name watched`, env);
  await served.seen(/sockets\S* +mote netstat --stack watched\r\n/);
  const watching = openTerminal(t, "netstat --watch 0.1 --counters", env);
  await watching.seen(/(Stack watched[^]+\.\.\. and \d+ more lines[^]*){2}/);
  assert.match(watching.screen, colour);
  const pictures = watching.screen.replace(/\u001b\[[?\d;]*[a-zA-Z]/g, "").split("Stack watched");
  assert.equal(pictures[1]!.split("\n").length - 1, 23, "a line less than the screen");
  assert.ok(pictures.every((picture) => Math.max(...picture.split("\r\n").map(lengthOf)) < 100));
  watching.type("\u0003");
  assert.equal(await watching.ended, 0);
  const shown = watching.screen.lastIndexOf("\u001b[?25h");
  assert.ok(shown > watching.screen.lastIndexOf("\u001b[?25l"));
});

const lengthOf = ({ length }: string): number => length;
