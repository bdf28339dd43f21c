// Connections of the kernel outlive the process of the stack: it is killed, and another process goes on from its
// snapshot, on the same TAP device or on one that is made again.

import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { cleanEnvironment } from "../command/support/process.js";
import { temporaryFolder } from "./support/daemon.js";
import type { EchoLevels, Order } from "./support/echoProcess.js";
import { ip, waitUntil } from "./support/far.js";
import { connectFlow } from "./support/flow.js";
import { skip } from "./support/namespace.js";
import { patternAt, patternDigest } from "./support/pattern.js";
import { BOUND } from "./support/programs.js";
import { KERNEL, STACK, usedOf, waitForIdle } from "./support/stationProcess.js";

const options = { skip, timeout: 60_000 };
const DEVICE = "mote0";
const HOST = `${KERNEL}/30`;
const SCRIPT = fileURLToPath(new URL("./support/echoProcess.js", import.meta.url));
/** More than the kernel's and the stack's buffers hold. */
const LENGTH = 12_000_000;

interface EchoProcess {
  tell(order: Order): void;
  levels(): Promise<EchoLevels>;
  /** The next thing it says. */
  heard(): Promise<unknown>;
  /** How it ended: a code or a signal. */
  readonly ended: Promise<unknown>;
  kill(): void;
}

async function start(t: TestContext, ...words: readonly string[]): Promise<EchoProcess> {
  const [first, ...rest] = BOUND;
  const child: ChildProcess = spawn(first, [...rest, process.execPath, SCRIPT, ...words], {
    env: cleanEnvironment(),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "exit").then(([code, signal]) => (signal as unknown) ?? code);
  const heard = async () => ((await once(child, "message")) as [unknown])[0];
  assert.equal(await heard(), "ready");
  const tell = (order: Order): void => void child.send(order);
  return {
    tell,
    heard,
    ended,
    kill: () => child.kill("SIGKILL"),
    levels: () => {
      const answer = heard();
      tell({ ask: "levels" });
      return answer as Promise<EchoLevels>;
    },
  };
}

interface Talk {
  readonly socket: Socket;
  /** The SHA-256 of what came back, once the stack has closed. */
  digest(): Promise<string>;
}

/** Sends the pattern and its FIN, and reads nothing before digest() is asked for. */
function talk(socket: Socket): Talk {
  socket.pause();
  // Thrown to who reads, in digest().
  socket.on("error", () => undefined);
  let position = 0;
  const send = (): void => {
    while (position < LENGTH) {
      const piece = patternAt(position, LENGTH - position);
      position += piece.length;
      if (!socket.write(piece)) return void socket.once("drain", send);
    }
    socket.end();
  };
  send();
  return {
    socket,
    async digest() {
      const hash = createHash("sha256");
      for await (const piece of socket) hash.update(piece as Buffer);
      return hash.digest("hex");
    },
  };
}

/** The kernel's end of a connection that the stack opens. */
async function acceptOne(first: EchoProcess): Promise<Socket> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, KERNEL);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const accepted = once(server, "connection") as Promise<[Socket]>;
  first.tell({ ask: "connect", host: KERNEL, port });
  const [socket] = await accepted;
  server.close();
  return socket;
}

interface Case {
  readonly name: string;
  /** The device outlives the process. */
  readonly persistent: boolean;
  /** The stack stops with its snapshot, and the process is killed later. */
  readonly stop: boolean;
}

const cases: readonly Case[] = [
  { name: "the device stays, and the process dies at once", persistent: true, stop: false },
  { name: "the device goes with the process and is made again", persistent: false, stop: false },
  { name: "the stack stops first, and the process is killed later", persistent: false, stop: true },
];

for (const { name, persistent, stop } of cases) {
  test(`two connections go on in a new process: ${name}`, options, async (t) => {
    const file = join(temporaryFolder(t), "stack.snapshot");
    if (persistent) {
      await ip(`tuntap add ${DEVICE} mode tap`);
      t.after(() => ip(`link delete ${DEVICE}`));
    }

    const first = await start(t, "begin", DEVICE, HOST, `${STACK}/30`);
    const client = connect({ port: 7, host: STACK, allowHalfOpen: true });
    await once(client, "connect");
    const talks = [talk(client), talk(await acceptOne(first))];
    await waitUntil("both rings of both connections are full", async () => {
      const { connections } = await first.levels();
      const open = connections.filter(({ state }) => state === "ESTABLISHED");
      return open.length === 2 && open.every((each) => each.receiveQueue > 0 && each.sendQueue > 0);
    });
    first.tell({ ask: "snapshot", file, stop });
    if (stop) {
      assert.equal(await first.heard(), "stopped");
      first.kill();
    }
    assert.equal(await first.ended, "SIGKILL");
    // os.networkInterfaces() does not tell of a device that nobody holds.
    assert.equal((await ip("-o link show")).includes(`${DEVICE}:`), persistent);

    const second = await start(t, "resume", DEVICE, HOST, file);
    const digests = await Promise.all(talks.map((each) => each.digest()));
    assert.deepEqual(digests, [patternDigest(LENGTH), patternDigest(LENGTH)]);
    // A third one finds the listener.
    const { digest, error } = await connectFlow(STACK, 7, { send: 100_000 });
    assert.deepEqual([digest, error], [patternDigest(100_000), ""]);
    const used = async () => usedOf(await second.levels());
    assert.equal(await waitForIdle(used, 0), "");
    const { connections, counters } = await second.levels();
    assert.deepEqual(
      connections.map(({ state }) => state),
      ["LISTEN"],
    );
    assert.deepEqual([counters.tcp_passive_opens, counters.tcp_active_opens], [2, 1]);
    assert.equal(counters.tcp_resets_received, 0);
    second.tell({ ask: "end" });
    assert.equal(await second.ended, 0);
  });
}
