// A socket of the host joined to a connection: what waits when the socket is closed still arrives.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import type { Connection } from "../../host/core/connection.js";
import { carry } from "../../host/link/carry.js";

/** Both ends of a connection of the host. */
async function socketPair(t: TestContext): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  t.after(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const far = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const [near] = (await once(server, "connection")) as [Socket];
  return [near, far];
}

/** A connection whose peer has ended, with room for so many bytes. */
function fullConnection(room: number) {
  const calls: string[] = [];
  const taken: Buffer[] = [];
  const connection = {
    room,
    onReadable: null as (() => void) | null,
    onWritable: null as (() => void) | null,
    available: () => 0,
    write(bytes: Uint8Array): number {
      const length = Math.min(bytes.length, connection.room);
      connection.room -= length;
      taken.push(Buffer.from(bytes.subarray(0, length)));
      return length;
    },
    shutdown: () => void calls.push("shutdown"),
    close: () => void calls.push("close"),
    abort: () => void calls.push("abort"),
  };
  return { connection, calls, text: () => Buffer.concat(taken).toString() };
}

test("a socket that is closed while its last bytes wait for room: they arrive, then the end", async (t) => {
  const [near, far] = await socketPair(t);
  const { connection, calls, text } = fullConnection(4);
  carry(near, connection as unknown as Connection);
  connection.onReadable!();
  far.resume().end("the last bytes");
  await once(near, "close");
  assert.equal(text(), "the ");
  assert.deepEqual(calls, []);
  connection.room = 100;
  connection.onWritable!();
  assert.equal(text(), "the last bytes");
  assert.deepEqual(calls, ["close"]);
});

test("a socket that is closed with nothing left: the connection is closed at once", async (t) => {
  const [near, far] = await socketPair(t);
  const { connection, calls, text } = fullConnection(100);
  carry(near, connection as unknown as Connection);
  connection.onReadable!();
  far.resume().end("all");
  await once(near, "close");
  assert.equal(text(), "all");
  assert.deepEqual(calls, ["shutdown", "close"]);
});
