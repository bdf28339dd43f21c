// The firmware of each board, with each engine and profile that fits, in its emulator: everything that a user would try
// first, and what goes wrong.

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import { BOARDS } from "../../host/boards/board.js";
import { bootBlock } from "../../host/boards/boot.js";
import { buildFirmware } from "../../host/boards/firmware.js";
import { startMachine } from "../../host/boards/machine.js";
import type { Connection } from "../../host/core/connection.js";
import { until } from "../host/support/until.js";
import {
  BOARD_ADDRESS,
  cellsOf,
  nameOf,
  reportOf,
  skipOf,
  startBench,
  type Bench,
  type Cell,
} from "./support/board.js";
import { bytesOf, converse, echo, ECHO_PORT, openConnection, ping } from "./support/traffic.js";

const HELLO_PORT = 8_000;
const HTTP_PORT = 80;
const PINGS = 1_000;
const LONGEST_PING = 1_472;
const CONNECTIONS = 100;
const BURST = 64;
/** Rings each way: connections that can carry data at a time. */
const MOST = { tiny: 4, esp32: 8 };

for (const cell of cellsOf(BOARDS)) {
  const skip = await skipOf(cell.board);
  const options = { skip, timeout: 240_000 };
  test(`${nameOf(cell)}: boots and serves`, options, async (t) => {
    const bench = await startBench(t, cell);
    const { stack, machine } = bench;
    const part = (name: string, work: (t: TestContext) => Promise<void>) => t.test(name, work);
    await part("answers who has its address", () => answersArp(bench));
    await part("1,000 pings of all sizes", async () => {
      const sizes = Array.from({ length: PINGS }, (_, i) => (i * 3) % (LONGEST_PING + 1));
      assert.equal(await ping(stack, sizes), PINGS);
    });
    await part("hello, and a page about itself", () => servesText(bench));
    await part("echo of 100 KB", () => echo(stack, 100_000));
    await part("100 connections one after another", async () => {
      for (let i = 0; i < CONNECTIONS; i++) await echo(stack, 1 + i * 13);
    });
    await part("as many at once as there are rings; the next waits", () => atOnce(bench, cell));
    await part("a burst of 64 frames", () => burst(bench));
    await bench.assertNeverRestarted();
    await part("link down and up", () => downAndUp(bench));
    await part("a trap: everything is gone, and the core starts anew", async () => {
      machine.console.clear();
      machine.console.write("t");
      await machine.console.seen(/the core has trapped and starts anew\r?\n/);
      await echo(stack, 5_000);
      assert.equal((await reportOf(machine)).restarts, 1);
    });
  });

  test(`${nameOf(cell)}: without entropy nothing opens`, options, async (t) => {
    const { image } = await buildFirmware({ ...cell, testing: true });
    const none = bootBlock({ address: `${BOARD_ADDRESS}/24`, seed: new Uint8Array(32) });
    for (const boot of [none, undefined]) {
      const told = boot === undefined ? {} : { boot };
      const machine = await startMachine({ board: cell.board, image, network: "here", ...told });
      t.after(() => machine.stop());
      await machine.console.seen(/no random bytes: nothing may open without them\r?\nstopped\r?\n/);
    }
  });
}

/** The stack has asked for the station before it could ping. */
async function answersArp({ stack }: Bench): Promise<void> {
  assert.equal(await ping(stack, [0]), 1);
}

async function servesText({ stack }: Bench): Promise<void> {
  const hello = await converse(stack, HELLO_PORT, Buffer.alloc(0));
  assert.match(hello.received.toString(), /^hello -> MoteTCP \d+\.\d+\.\d+\r?\n$/);
  const page = await converse(stack, HTTP_PORT, Buffer.from("GET / HTTP/1.0\r\n\r\n"));
  assert.equal(page.error, "");
  assert.match(page.received.toString(), /^HTTP\/1\.\d 200 [^]*MoteTCP/);
}

async function atOnce({ stack }: Bench, { profile }: Cell): Promise<void> {
  const most = MOST[profile];
  const opened: Connection[] = [];
  for (let i = 0; i < most; i++) {
    const connection = await openConnection(stack, ECHO_PORT, 5_000);
    assert.ok(connection !== null, `connection ${i + 1} of ${most}`);
    opened.push(connection);
  }
  const sent = bytesOf(500, 9);
  const next = converse(stack, ECHO_PORT, sent);
  let isServed = false;
  void next.then(() => (isServed = true));
  await delay(1_500);
  assert.equal(isServed, false, "there is no ring for one more");
  for (const connection of opened) {
    assert.equal(connection.state, "ESTABLISHED");
    assert.equal(connection.write(Buffer.from("alive")), 5);
  }
  const heard = opened.map(() => "");
  const listen = () => {
    const into = Buffer.alloc(16);
    for (const [i, connection] of opened.entries()) {
      heard[i] += into.toString("latin1", 0, Math.max(0, connection.read(into)));
    }
    return heard.every((text) => text.length >= "alive".length);
  };
  await until(listen, "the echoes");
  assert.deepEqual(new Set(heard), new Set(["alive"]));
  for (const connection of opened) connection.close();
  const { received, error } = await next;
  assert.equal(error, "");
  assert.deepEqual(received, sent);
}

/** Some may be lost; the board goes on. */
async function burst({ stack }: Bench): Promise<void> {
  const socket = stack.bind({ protocol: "echo" });
  let answers = 0;
  socket.onReadable = () => {
    while (socket.receive() !== null) answers++;
  };
  for (let i = 0; i < BURST; i++) assert.ok(socket.send(bytesOf(200, i), i, BOARD_ADDRESS));
  await until(() => answers > 0, "an answer");
  await delay(1_000);
  socket.close();
  assert.ok(answers <= BURST, `${answers} answers`);
  assert.equal(await ping(stack, [56, 1_400]), 2);
  await echo(stack, 20_000);
}

async function downAndUp({ stack, machine }: Bench): Promise<void> {
  await machine.setLink(false);
  await assert.rejects(ping(stack, [56], 500), /nothing in/);
  await machine.setLink(true);
  // A gratuitous round: the driver looks at its link between two sleeps.
  await delay(200);
  assert.equal(await ping(stack, [56]), 1);
  assert.equal((await reportOf(machine)).link, 1);
  await echo(stack, 5_000);
}
