// `mote nc` on a terminal, as it is seen: what is typed and what comes, each in its own rows; Ctrl-D and Ctrl-C.

import assert from "node:assert/strict";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { endsWell, ESCAPE, filled, hasTerminal } from "./support/screen.js";
import { CTRL_C, CTRL_D, openTerminal, type Terminal } from "./support/terminal.js";

const options = { timeout: 60_000 };

/** A terminal with `mote nc`, connected to a server of this process that answers each piece with "got ...". */
async function talk(
  t: TestContext,
  ...words: string[]
): Promise<{ terminal: Terminal; peer: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  t.after(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const calling = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const terminal = openTerminal(t, ["nc", "198.18.0.1", `${port}`, "--link", "user", ...words]);
  const peer = await calling;
  t.after(() => peer.destroy());
  peer.on("error", () => undefined);
  peer.on("data", (bytes) => void peer.write(`got ${String(bytes)}`));
  peer.on("end", () => peer.end("and the end\n"));
  return { terminal, peer };
}

test(
  "nc on a terminal: what is typed, and what comes; Ctrl-D is the end of it",
  options,
  async (t) => {
    if (!hasTerminal(t)) return;
    const { terminal } = await talk(t);
    terminal.type("hello\r");
    await terminal.seen(/^hello\ngot hello\n/);
    terminal.resize(200, 24);
    terminal.type("wider\r");
    await terminal.seen(/^hello\ngot hello\nwider\ngot wider\n/);
    terminal.resize(60, 8);
    terminal.type("lower\r");
    await terminal.seen(/^hello\ngot hello\nwider\ngot wider\nlower\ngot lower\n/);
    terminal.type(CTRL_D);
    await endsWell(terminal, 0);
    assert.deepEqual(filled(terminal.screen()).slice(4), ["lower", "got lower", "and the end"]);
    assert.deepEqual([terminal.cursor.x, terminal.cursor.y], [0, 7]);
    assert.doesNotMatch(terminal.stream, ESCAPE);
  },
);

test("nc: a line that is longer than the window is whole", options, async (t) => {
  if (!hasTerminal(t)) return;
  const { terminal, peer } = await talk(t);
  peer.write(`${"0123456789".repeat(13)}\n`);
  await terminal.seen(/^\d{60}\n\d{60}\n\d{10}\n/);
  assert.equal(terminal.lines()[0], "0123456789".repeat(13));
});

test("nc: Ctrl-C ends it with 130, and the terminal is as it was", options, async (t) => {
  if (!hasTerminal(t)) return;
  const { terminal, peer } = await talk(t, "-v");
  await terminal.seen(/\nconnected to 198\.18\.0\.1:/);
  terminal.type("typed\r");
  await terminal.seen(/\ntyped\ngot typed\n/);
  const closed = new Promise((resolve) => peer.once("close", resolve));
  terminal.type("not sent");
  await terminal.seen(/\nnot sent\n/);
  terminal.type(CTRL_C);
  await endsWell(terminal, 130);
  await closed;
  assert.match(terminal.screen().join("\n"), /\ngot typed\nnot sent\^C/);
  assert.doesNotMatch(terminal.stream, ESCAPE);
});
