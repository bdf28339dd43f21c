// Bytes: writes, their callbacks and counts, encodings, back-pressure, reading.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { PassThrough, Readable, Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import {
  allOf,
  bytesOf,
  call,
  closed,
  closedPort,
  connected,
  connectTo,
  errorOf,
  keep,
  listening,
  LOCAL,
  record,
  turns,
  until,
  type NodeError,
} from "./support/ends.js";
import { netTest } from "./support/modules.js";

/** Bytes of which each place tells by its value where it belongs. */
const pattern = (length: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff));

const echo = (socket: Socket): void => void socket.pipe(socket);

netTest("write: text and bytes arrive as they were", async (net, t) => {
  const { client, served } = await connected(net, t);
  const all = allOf(served);
  client.write("text, ");
  client.write(Buffer.from("a Buffer, "));
  client.write(new Uint8Array(Buffer.from("a Uint8Array")));
  client.end();
  assert.equal((await all).toString(), "text, a Buffer, a Uint8Array");
});

netTest("write: each encoding", async (net, t) => {
  const { client, served } = await connected(net, t);
  const all = allOf(served);
  const texts: [string, BufferEncoding][] = [
    ["grüße", "utf8"],
    ["gr\u00fc\u00dfe", "latin1"],
    ["00ff7f", "hex"],
    ["AQID", "base64"],
    ["AQ_-", "base64url"],
    ["zwölf", "utf16le"],
    ["plain", "ascii"],
  ];
  for (const [text, encoding] of texts) client.write(text, encoding);
  client.end();
  assert.deepEqual(
    await all,
    Buffer.concat(texts.map(([text, encoding]) => Buffer.from(text, encoding))),
  );
});

netTest("write: an unknown encoding is refused", async (net, t) => {
  const { client } = await connected(net, t);
  assert.throws(() => call(client, "write", "text", "klingon"), { code: "ERR_UNKNOWN_ENCODING" });
});

netTest("setDefaultEncoding: of texts without one of their own", async (net, t) => {
  const { client, served } = await connected(net, t);
  const all = allOf(served);
  client.setDefaultEncoding("hex");
  client.write("0aff");
  client.end("61", "latin1");
  assert.deepEqual(await all, Buffer.from([0x0a, 0xff, 0x36, 0x31]));
});

netTest("write: null, numbers and objects are refused at once", async (net, t) => {
  const { client } = await connected(net, t);
  assert.throws(() => call(client, "write", null), {
    code: "ERR_STREAM_NULL_VALUES",
    name: "TypeError",
  });
  for (const chunk of [undefined, 5, true, {}, [], () => {}])
    assert.throws(() => call(client, "write", chunk), {
      code: "ERR_INVALID_ARG_TYPE",
      name: "TypeError",
    });
  assert.equal(client.destroyed, false);
});

netTest("write: the same on a socket that never connected", (net, t) => {
  const socket = keep(t, new net.Socket());
  assert.throws(() => call(socket, "write", null), { code: "ERR_STREAM_NULL_VALUES" });
  for (const chunk of [undefined, 5, true, {}])
    assert.throws(() => call(socket, "write", chunk), { code: "ERR_INVALID_ARG_TYPE" });
});

netTest(
  "write: the empty text and no bytes arrive as nothing, and their callbacks come",
  async (net, t) => {
    const { client, served } = await connected(net, t);
    const all = allOf(served);
    const done = [0, 0];
    client.write("", () => done[0]!++);
    client.write(Buffer.alloc(0), () => done[1]!++);
    client.end("x");
    assert.equal((await all).toString(), "x");
    assert.deepEqual(done, [1, 1]);
  },
);

netTest("write: callbacks come in order, later, and before 'finish'", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.resume();
  const order: string[] = [];
  for (let i = 0; i < 5; i++) client.write(`${i}`, () => order.push(`${i}`));
  client.on("finish", () => order.push("finish"));
  client.end("last", () => order.push("end"));
  assert.deepEqual(order, []);
  await once(client, "finish");
  await turns(1);
  assert.deepEqual(order.slice(0, 5), ["0", "1", "2", "3", "4"]);
  assert.deepEqual(order.slice(5).sort(), ["end", "finish"]);
});

netTest("write: the callback gets no error, and may be the second argument", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.resume();
  const given: unknown[][] = [];
  await Promise.all([
    new Promise<void>((done) =>
      client.write("a", (...args: unknown[]) => {
        given.push(args);
        done();
      }),
    ),
    new Promise<void>((done) =>
      client.write("b", "utf8", (...args: unknown[]) => {
        given.push(args);
        done();
      }),
    ),
  ]);
  for (const args of given) assert.equal(args[0] ?? null, null);
});

netTest("write: before 'connect' it waits, and arrives in order", async (net, t) => {
  const server = await listening(net, t);
  const accepting = once(server, "connection");
  const client = connectTo(net, t, server);
  const order: string[] = [];
  client.on("connect", () => order.push("connect"));
  client.write("one ", () => order.push("one"));
  client.write("two ", () => order.push("two"));
  client.end("three", () => order.push("three"));
  const [served] = (await accepting) as [Socket];
  assert.equal((await allOf(served)).toString(), "one two three");
  await until(() => order.length === 4, t);
  assert.deepEqual(order, ["connect", "one", "two", "three"]);
});

netTest("write: before connect() is called it waits, too", async (net, t) => {
  const server = await listening(net, t);
  const socket = keep(t, new net.Socket());
  const accepting = once(server, "connection");
  socket.connect({ port: (server.address() as { port: number }).port, host: LOCAL });
  socket.write("early");
  const [served] = (await accepting) as [Socket];
  assert.equal((await bytesOf(served, 5)).toString(), "early");
});

netTest("write: on a socket that never connects is ERR_SOCKET_CLOSED", async (net, t) => {
  const socket = keep(t, new net.Socket());
  const failing = errorOf(socket);
  const given = await new Promise<NodeError | null | undefined>((done) => {
    socket.write("nowhere to go", (error) => done(error as NodeError));
  });
  assert.equal(given?.code, "ERR_SOCKET_CLOSED");
  assert.equal(given?.message, "Socket is closed");
  assert.equal((await failing).code, "ERR_SOCKET_CLOSED");
});

netTest("write: the connection fails, the callback gets an error", async (net, t) => {
  const client = keep(t, net.connect(await closedPort(net), LOCAL));
  const failing = errorOf(client);
  const given = await new Promise<NodeError | null | undefined>((done) => {
    client.write("lost", (error) => done(error as NodeError));
  });
  assert.equal((await failing).code, "ECONNREFUSED");
  assert.match(String(given?.code), /^(ECONNREFUSED|ERR_SOCKET_CLOSED_BEFORE_CONNECTION)$/);
});

netTest("write: destroyed while it connects, the callback gets an error", async (net, t) => {
  const server = await listening(net, t);
  const client = connectTo(net, t, server);
  const given = new Promise<NodeError | null | undefined>((done) => {
    client.write("lost", (error) => done(error as NodeError));
  });
  client.destroy();
  assert.match(
    String((await given)?.code),
    /^(ERR_STREAM_DESTROYED|ERR_SOCKET_CLOSED_BEFORE_CONNECTION)$/,
  );
});

netTest(
  "write: after end is ERR_STREAM_WRITE_AFTER_END, for the callback and the socket",
  async (net, t) => {
    const { client, served } = await connected(net, t);
    served.resume();
    client.end();
    const failing = errorOf(client);
    const given = await new Promise<NodeError | null | undefined>((done) => {
      assert.equal(
        client.write("late", (error) => done(error as NodeError)),
        false,
      );
    });
    assert.equal(given?.code, "ERR_STREAM_WRITE_AFTER_END");
    assert.equal((await failing).code, "ERR_STREAM_WRITE_AFTER_END");
  },
);

netTest("write: after destroy is ERR_STREAM_DESTROYED for the callback only", async (net, t) => {
  const { client } = await connected(net, t);
  const seen = record(client, ["error"]);
  client.destroy();
  const given = await new Promise<NodeError | null | undefined>((done) => {
    client.write("late", (error) => done(error as NodeError));
  });
  assert.equal(given?.code, "ERR_STREAM_DESTROYED");
  await turns();
  assert.deepEqual(seen, []);
});

netTest("write: after the peer ended and so did we, EPIPE", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.end();
  client.resume();
  const failing = errorOf(client);
  const given = await new Promise<NodeError | null | undefined>((done) => {
    const write = () => client.write("too late", (error) => done(error as NodeError));
    // The socket ends by itself in the tick after 'end'.
    client.once("end", () => process.nextTick(process.nextTick, write));
  });
  assert.equal(given?.code, "EPIPE");
  assert.equal(given?.message, "This socket has been ended by the other party");
  assert.equal(await failing, given);
});

netTest("bytesWritten: counts what waits, in bytes and not in characters", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.resume() });
  const client = connectTo(net, t, server);
  assert.equal(client.bytesWritten, 0);
  client.write("ü");
  assert.equal(client.bytesWritten, 2);
  client.write(Buffer.alloc(10));
  client.write("ffff", "hex");
  assert.equal(client.bytesWritten, 14);
  await once(client, "connect");
  assert.equal(client.bytesWritten, 14);
  client.end("end");
  await closed(client);
  assert.equal(client.bytesWritten, 17);
});

netTest("bytesWritten: of corked writes", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.resume();
  client.cork();
  client.write("12345");
  client.write(Buffer.alloc(5));
  assert.equal(client.bytesWritten, 10);
  client.uncork();
  client.end();
  await closed(client);
  assert.equal(client.bytesWritten, 10);
});

netTest("bytesRead: counts what came, also after close", async (net, t) => {
  const { client, served } = await connected(net, t);
  assert.equal(served.bytesRead, 0);
  client.end(pattern(1_000));
  await allOf(served);
  assert.equal(served.bytesRead, 1_000);
  await closed(served);
  assert.equal(served.bytesRead, 1_000);
});

netTest("bytesRead and bytesWritten: of both sides agree", async (net, t) => {
  const server = await listening(net, t, { onConnection: echo });
  const accepting = once(server, "connection");
  const client = connectTo(net, t, server);
  const [served] = (await accepting) as [Socket];
  client.end(pattern(50_000));
  client.resume();
  await Promise.all([closed(client), closed(served)]);
  assert.deepEqual(
    [client.bytesWritten, client.bytesRead, served.bytesWritten, served.bytesRead],
    [50_000, 50_000, 50_000, 50_000],
  );
});

netTest("cork: several writes go out as one", async (net, t) => {
  const { client, served } = await connected(net, t);
  const chunks: string[] = [];
  served.setEncoding("latin1").on("data", (chunk: string) => chunks.push(chunk));
  client.cork();
  for (const word of ["a", "b", "c"]) client.write(word);
  client.write(Buffer.from("d"));
  await turns(3);
  assert.deepEqual(chunks, []);
  assert.equal(client.writableCorked, 1);
  client.uncork();
  await until(() => chunks.join("") === "abcd", t);
  assert.equal(chunks.length, 1);
});

netTest("cork: texts of several encodings among bytes", async (net, t) => {
  const { client, served } = await connected(net, t);
  const all = allOf(served);
  client.cork();
  client.write("68656c6c6f", "hex");
  client.write(Buffer.from(" "));
  client.write("d29ybGQ=", "base64");
  client.end("!", "latin1");
  assert.equal((await all).toString(), "hello world!");
});

netTest("cork: before 'connect'", async (net, t) => {
  const server = await listening(net, t);
  const accepting = once(server, "connection");
  const client = connectTo(net, t, server);
  client.cork();
  client.write("first ");
  client.write("second");
  process.nextTick(() => client.uncork());
  const [served] = (await accepting) as [Socket];
  assert.equal((await bytesOf(served, 12)).toString(), "first second");
});

netTest("end: with data, encoding and callback", async (net, t) => {
  for (const args of [["bye"], ["bye", "utf8"], ["627965", "hex"], [Buffer.from("bye")]]) {
    const { client, served } = await connected(net, t);
    const all = allOf(served);
    await new Promise<void>((done) => {
      assert.equal(
        call(client, "end", ...args, () => done()),
        client,
      );
    });
    assert.equal((await all).toString(), "bye");
    assert.equal(client.writableEnded, true);
    assert.equal(client.writableFinished, true);
  }
});

netTest("end: callback alone, and after 'finish' it gets an error", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.resume();
  await new Promise<void>((done) => client.end(() => done()));
  const error = await new Promise<NodeError | undefined>((done) => {
    call(client, "end", (given?: NodeError) => done(given));
  });
  assert.match(String(error?.code), /^(ERR_STREAM_ALREADY_FINISHED|ERR_STREAM_DESTROYED)$/);
});

netTest("end: while it connects, the peer sees an end", async (net, t) => {
  const server = await listening(net, t);
  const accepting = once(server, "connection");
  const client = connectTo(net, t, server);
  client.end();
  const [served] = (await accepting) as [Socket];
  assert.equal((await allOf(served)).length, 0);
  client.resume();
  await closed(client);
});

netTest("'drain': after write returned false, when all is gone", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.resume();
  let isFull = false;
  for (let i = 0; i < 10_000 && !isFull; i++) isFull = !client.write(Buffer.alloc(16_384));
  assert.equal(isFull, true);
  assert.equal(client.writableNeedDrain, true);
  await once(client, "drain");
  assert.equal(client.writableLength, 0);
  assert.equal(client.writableNeedDrain, false);
});

netTest("write: false exactly when the high-water mark is reached", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.resume() });
  const client = connectTo(net, t, server, { highWaterMark: 10 } as object);
  assert.equal(client.write("12345"), true);
  assert.equal(client.write("12345"), false);
  assert.equal(client.writableLength, 10);
  await once(client, "drain");
  assert.equal(client.writableLength, 0);
});

netTest(
  "back-pressure: a reader that is paused stops the writer, and nothing is lost",
  async (net, t) => {
    const { client, served } = await connected(net, t);
    served.pause();
    const chunk = pattern(65_536);
    let accepted = 0;
    let isStuck = false;
    const limit = 1_000;
    while (accepted < limit && !isStuck) {
      accepted++;
      if (client.write(chunk)) continue;
      isStuck = await Promise.race([
        once(client, "drain").then(() => false),
        new Promise<boolean>((done) => setTimeout(done, 150, true)),
      ]);
    }
    assert.ok(accepted < limit, "the writer was never stopped");
    const all = allOf(served);
    served.resume();
    client.end();
    const received = await all;
    assert.equal(received.length, accepted * chunk.length);
    for (let i = 0; i < accepted; i++) {
      const at = i * chunk.length;
      assert.ok(received.subarray(at, at + chunk.length).equals(chunk), `chunk ${i}`);
    }
  },
);

netTest("back-pressure: a paused socket reads at most its buffer full", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.pause();
  client.write(Buffer.alloc(1_000_000));
  await turns(20);
  assert.ok(served.readableLength <= 200_000, String(served.readableLength));
  served.destroy();
});

netTest("pause and resume: nothing comes in between, all comes after", async (net, t) => {
  const { client, served } = await connected(net, t);
  let count = 0;
  served.on("data", (chunk: Buffer) => (count += chunk.length));
  client.write("12345");
  await until(() => count === 5, t);
  served.pause();
  assert.equal(served.isPaused(), true);
  client.write("67890");
  await turns(10);
  assert.equal(count, 5);
  served.resume();
  await until(() => count === 10, t);
  assert.equal(served.isPaused(), false);
});

netTest("pause in the handler of 'data', resume later, many times", async (net, t) => {
  const { client, served } = await connected(net, t);
  const sent = pattern(300_000);
  const chunks: Buffer[] = [];
  served.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    served.pause();
    setImmediate(() => served.resume());
  });
  client.end(sent);
  await once(served, "end");
  assert.ok(Buffer.concat(chunks).equals(sent));
});

netTest("pause: before connect, the socket stays paused", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.end("waits") });
  const client = connectTo(net, t, server);
  client.pause();
  let text = "";
  client.on("data", (chunk: Buffer) => (text += chunk));
  await once(client, "connect");
  await turns(10);
  assert.equal(text, "");
  client.resume();
  await once(client, "end");
  assert.equal(text, "waits");
});

netTest("'end' does not come while the reader is paused", async (net, t) => {
  const { client, served } = await connected(net, t);
  const seen = record(client, ["end", "close"]);
  client.pause();
  served.end("unread");
  await turns(20);
  assert.deepEqual(seen, []);
  client.resume();
  await closed(client);
  assert.deepEqual(seen, ["end", "close"]);
});

netTest("setEncoding: texts, with characters that are cut across chunks", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.setEncoding("utf8");
  let text = "";
  served.on("data", (chunk: unknown) => {
    assert.equal(typeof chunk, "string");
    text += chunk;
  });
  const bytes = Buffer.from("ü€😀");
  for (const byte of bytes) {
    client.write(Buffer.from([byte]));
    await turns(1);
  }
  client.end();
  await once(served, "end");
  assert.equal(text, "ü€😀");
});

netTest("setEncoding: returns the socket; hex and base64", async (net, t) => {
  for (const encoding of ["hex", "base64", "latin1"] as const) {
    const { client, served } = await connected(net, t);
    assert.equal(served.setEncoding(encoding), served);
    let text = "";
    served.on("data", (chunk: string) => (text += chunk));
    client.end(Buffer.from([0, 255, 128, 7]));
    await once(served, "end");
    assert.equal(text, Buffer.from([0, 255, 128, 7]).toString(encoding));
  }
});

netTest("'readable' and read(): as many bytes as asked for", async (net, t) => {
  const { client, served } = await connected(net, t);
  client.end("0123456789");
  const got: string[] = [];
  served.on("readable", () => {
    for (
      let chunk = served.read(3) as Buffer | null;
      chunk !== null;
      chunk = served.read(3) as Buffer | null
    )
      got.push(chunk.toString());
  });
  await once(served, "end");
  assert.equal(got.join(""), "0123456789");
  assert.equal(got[0], "012");
});

netTest("unshift: comes again first", async (net, t) => {
  const { client, served } = await connected(net, t);
  client.end("head|rest");
  const [first] = (await once(served, "data")) as [Buffer];
  served.pause();
  served.unshift(first.subarray(5));
  const all = allOf(served);
  served.resume();
  assert.equal((await all).toString(), "rest");
});

netTest("pipe: both ways, an echo of a large transfer", async (net, t) => {
  const server = await listening(net, t, { onConnection: echo });
  const client = connectTo(net, t, server);
  const sent = pattern(3_000_000);
  const all = allOf(client);
  client.end(sent);
  const received = await all;
  assert.equal(received.length, sent.length);
  assert.ok(received.equals(sent));
});

netTest("pipe: to another connection, through a proxy", async (net, t) => {
  const options = { allowHalfOpen: true };
  const origin = await listening(net, t, { options, onConnection: echo });
  const proxy = await listening(net, t, {
    options,
    onConnection(socket) {
      const onward = connectTo(net, t, origin, options);
      socket.pipe(onward).pipe(socket);
    },
  });
  const client = connectTo(net, t, proxy);
  const sent = pattern(500_000);
  const all = allOf(client);
  client.end(sent);
  assert.ok((await all).equals(sent));
});

netTest("pipeline: from a stream into a socket and from a socket into a stream", async (net, t) => {
  const { client, served } = await connected(net, t);
  const sent = pattern(400_000);
  const chunks: Buffer[] = [];
  const into = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      setImmediate(done);
    },
  });
  const parts = Readable.from([sent.subarray(0, 100_000), sent.subarray(100_000)]);
  await Promise.all([pipeline(parts, new PassThrough(), client), pipeline(served, into)]);
  assert.ok(Buffer.concat(chunks).equals(sent));
});

netTest("pipeline: a connection that is reset fails it", async (net, t) => {
  const { client, served } = await connected(net, t);
  const into = new Writable({ write: (_chunk, _encoding, done) => done() });
  const piping = pipeline(served, into).catch((error: unknown) => error as NodeError);
  client.write("some");
  await once(served, "data");
  client.resetAndDestroy();
  const error = (await piping) as NodeError;
  assert.equal(error.code, "ECONNRESET");
  assert.equal(into.destroyed, true);
});

netTest("finished: of both directions", async (net, t) => {
  const { client, served } = await connected(net, t);
  const all = Promise.all([finished(client), finished(served)]);
  served.resume();
  client.resume();
  client.end("bye");
  await all;
  assert.deepEqual([client.readableEnded, client.writableFinished], [true, true]);
});

netTest("finished: a destroyed socket is ERR_STREAM_PREMATURE_CLOSE", async (net, t) => {
  const { client } = await connected(net, t);
  const ending = finished(client).catch((error: unknown) => error as NodeError);
  client.destroy();
  assert.equal(((await ending) as NodeError).code, "ERR_STREAM_PREMATURE_CLOSE");
});

netTest("for await: each chunk until the end", async (net, t) => {
  const { client, served } = await connected(net, t);
  const sent = pattern(200_000);
  client.end(sent);
  const chunks: Buffer[] = [];
  for await (const chunk of served) chunks.push(chunk as Buffer);
  assert.ok(Buffer.concat(chunks).equals(sent));
  assert.equal(served.readableEnded, true);
});

netTest("for await: leaving the loop destroys the socket", async (net, t) => {
  const { client, served } = await connected(net, t);
  client.on("error", () => undefined);
  client.write("first");
  for await (const chunk of served) {
    assert.equal(String(chunk), "first");
    break;
  }
  assert.equal(served.destroyed, true);
});

netTest("10 MB in small writes that wait for 'drain'", async (net, t) => {
  const { client, served } = await connected(net, t);
  const chunk = pattern(10_000);
  let received = 0;
  served.on("data", (bytes: Buffer) => (received += bytes.length));
  for (let i = 0; i < 1_000; i++) if (!client.write(chunk)) await once(client, "drain");
  client.end();
  await once(served, "end");
  assert.equal(received, 10_000_000);
  assert.equal(client.bytesWritten, 10_000_000);
});

netTest("one write of 5 MB", async (net, t) => {
  const { client, served } = await connected(net, t);
  const sent = Buffer.alloc(5_000_000, "0123456789");
  const all = allOf(served);
  client.end(sent);
  assert.ok((await all).equals(sent));
});

netTest("both sides write much at once", async (net, t) => {
  const { client, served } = await connected(net, t);
  const sent = pattern(2_000_000);
  const all = Promise.all([allOf(client), allOf(served)]);
  client.end(sent);
  served.end(sent);
  const [toClient, toServed] = await all;
  assert.ok(toClient.equals(sent) && toServed.equals(sent));
});

netTest(
  "bytes that are changed after write's callback do not change what was sent",
  async (net, t) => {
    const { client, served } = await connected(net, t);
    const bytes = Buffer.from("before");
    await new Promise<void>((done) => client.write(bytes, () => done()));
    bytes.fill("x");
    client.end();
    assert.equal((await allOf(served)).toString(), "before");
  },
);

netTest("chunks that were read stay what they were", async (net, t) => {
  const { client, served } = await connected(net, t);
  const kept: Buffer[] = [];
  served.on("data", (chunk: Buffer) => kept.push(chunk));
  for (const letter of "abcdef") {
    client.write(letter.repeat(1_000));
    await turns(2);
  }
  client.end();
  await once(served, "end");
  assert.equal(
    Buffer.concat(kept).toString(),
    [..."abcdef"].map((letter) => letter.repeat(1_000)).join(""),
  );
});

netTest("'data': Buffers", async (net, t) => {
  const { client, served } = await connected(net, t);
  client.write("x");
  const [chunk] = (await once(served, "data")) as unknown[];
  assert.ok(Buffer.isBuffer(chunk));
});

netTest(
  "onread: into a buffer of one's own, with the callback in place of 'data'",
  async (net, t) => {
    const server = await listening(net, t, {
      onConnection: (socket) => void socket.end(pattern(1_000)),
    });
    const buffer = Buffer.alloc(100);
    const sizes: number[] = [];
    const chunks: Buffer[] = [];
    const client = connectTo(net, t, server, {
      onread: {
        buffer,
        callback(size: number, into: Uint8Array) {
          assert.equal(into, buffer);
          sizes.push(size);
          chunks.push(Buffer.from(into.subarray(0, size)));
          return true;
        },
      },
    });
    const seen = record(client, ["data", "end"]);
    client.on("end", () => undefined);
    client.resume();
    await closed(client);
    assert.ok(Buffer.concat(chunks).equals(pattern(1_000)));
    assert.ok(sizes.every((size) => size <= 100));
    assert.deepEqual(seen, ["end"]);
    assert.equal(client.bytesRead, 1_000);
  },
);

netTest("onread: `this` is the socket", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.write("x") });
  const callers: unknown[] = [];
  const client = connectTo(net, t, server, {
    onread: {
      buffer: Buffer.alloc(10),
      callback(this: unknown) {
        callers.push(this);
        return true;
      },
    },
  });
  await until(() => callers.length > 0, t);
  assert.equal(callers[0], client);
});

netTest("onread: a function gives the buffer, a new one for each read", async (net, t) => {
  const server = await listening(net, t, {
    onConnection: (socket) => void socket.end(pattern(500)),
  });
  const made: Uint8Array[] = [];
  const chunks: Buffer[] = [];
  const client = connectTo(net, t, server, {
    onread: {
      buffer() {
        const buffer = new Uint8Array(200);
        made.push(buffer);
        return buffer;
      },
      callback(size: number, into: Uint8Array) {
        chunks.push(Buffer.from(into.subarray(0, size)));
        return true;
      },
    } as never,
  });
  await closed(client.resume());
  assert.ok(Buffer.concat(chunks).equals(pattern(500)));
  assert.ok(made.length >= 3);
});

/** A buffer of 10 bytes, and what its callback counted; `then` decides whether reading goes on. */
function counting(then: () => boolean) {
  const counted = { calls: 0, read: 0 };
  const callback = (size: number): boolean => {
    counted.calls++;
    counted.read += size;
    return then();
  };
  return { counted, onread: { buffer: Buffer.alloc(10), callback } };
}

netTest("onread: false stops reading until resume", async (net, t) => {
  const server = await listening(net, t, {
    onConnection: (socket) => void socket.end(pattern(50)),
  });
  const { counted, onread } = counting(() => false);
  const client = connectTo(net, t, server, { onread });
  const seen = record(client, ["end", "close"]);
  await until(() => counted.calls === 1, t);
  await turns(10);
  assert.equal(counted.calls, 1);
  client.resume();
  await until(() => counted.calls === 2, t);
  assert.deepEqual(seen, []);
  const again = setInterval(() => client.resume(), 2);
  await closed(client);
  clearInterval(again);
  assert.equal(counted.read, 50);
});

netTest("onread: pause in the callback", async (net, t) => {
  const server = await listening(net, t, {
    onConnection: (socket) => void socket.end(pattern(30)),
  });
  const { counted, onread } = counting(() => {
    client.pause();
    setTimeout(() => client.resume(), 2);
    return true;
  });
  const client = connectTo(net, t, server, { onread });
  await closed(client);
  assert.deepEqual([counted.calls >= 3, counted.read], [true, 30]);
});

netTest("onread: what lacks a callback or a buffer is as if there were none", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.end("plain") });
  for (const onread of [
    null,
    {},
    { buffer: Buffer.alloc(5) },
    { callback() {} },
    { buffer: "x", callback() {} },
    "x",
  ]) {
    const client = connectTo(net, t, server, { onread } as never);
    assert.equal((await allOf(client)).toString(), "plain");
  }
});
