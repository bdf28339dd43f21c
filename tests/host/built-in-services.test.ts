// Built-in services as a host starts them: the core does the work, the host sees listeners only.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../host/core/connection.js";
import type { ProfileName, ServiceName } from "../../host/core/stack.js";
import { A, createPair, pattern, type Pair } from "./support/pair.js";

const PROFILES: readonly ProfileName[] = ["tiny", "esp32", "desktop"];

interface Call {
  readonly connection: Connection;
  readonly chunks: Buffer[];
  ended: boolean;
}

/** A connection that reads all there is, and says something once it is open. */
function call({ b }: Pair, port: number, say: (connection: Connection) => void): Call {
  const connection = b.connect({ host: A, port });
  const made: Call = { connection, chunks: [], ended: false };
  const buffer = new Uint8Array(65_536);
  connection.onConnect = () => say(connection);
  connection.onReadable = () => {
    for (;;) {
      const count = connection.read(buffer);
      if (count === 0) made.ended = true;
      if (count <= 0) return;
      made.chunks.push(Buffer.from(buffer.subarray(0, count)));
    }
  };
  return made;
}

const textOf = ({ chunks }: Call) => Buffer.concat(chunks).toString();

for (const profile of PROFILES) {
  test(`serve: hello and the page: ${profile}`, async () => {
    const pair = await createPair({ profiles: [profile, "desktop"] });
    pair.a.serve("hello", { port: 2000, backlog: 2 });
    pair.a.serve("http", { port: 80, backlog: 2, address: A });
    const hello = call(pair, 2000, () => undefined);
    const page = call(pair, 80, (to) => to.write(Buffer.from("GET / HTTP/1.1\r\n\r\n")));
    pair.run(() => hello.ended && page.ended);
    assert.equal(textOf(hello), "hello -> MoteTCP 0.1.0\n");
    assert.match(textOf(page), /^HTTP\/1\.1 200 OK\r\n[^]*\nframes in \d+, out \d+\n/);
    pair.close();
  });

  test(`serve: echo of 100 KB: ${profile}`, async () => {
    const pair = await createPair({ profiles: [profile, "desktop"] });
    const service = pair.a.serve("echo", { port: 7, backlog: 2 });
    assert.equal(service.port, 7);
    const sent = pattern(100_000, 1);
    let at = 0;
    const write = (to: Connection) => {
      at += to.write(sent.subarray(at));
      if (at === sent.length) to.shutdown();
    };
    const echo = call(pair, 7, write);
    echo.connection.onWritable = () => {
      if (at < sent.length) write(echo.connection);
    };
    pair.run(() => echo.ended);
    assert.ok(Buffer.concat(echo.chunks).equals(sent));
    pair.close();
  });
}

test("serve: close() resets what the service has", async () => {
  const pair = await createPair();
  const service = pair.a.serve("discard", { port: 9 });
  let error = "";
  const { connection } = call(pair, 9, (to) => to.write(Buffer.from("mote")));
  connection.onError = ({ code = "" }) => (error = code);
  pair.run(() => pair.a.connections().some(({ state }) => state === "ESTABLISHED"));
  service.close();
  pair.run(() => error !== "");
  assert.equal(error, "ECONNRESET");
  assert.deepEqual(pair.a.connections(), []);
  pair.close();
});

test("serve: what is no service, and a port that is taken", async () => {
  const pair = await createPair();
  assert.throws(() => pair.a.serve("gopher" as ServiceName, { port: 70 }), { code: "ENOTSUP" });
  pair.a.serve("echo", { port: 7 });
  assert.throws(() => pair.a.serve("discard", { port: 7 }), { code: "EADDRINUSE" });
  pair.close();
});
