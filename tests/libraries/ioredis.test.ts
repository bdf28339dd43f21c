// ioredis on a stack, with a real Redis on Linux: connections come from a Connector.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { AbstractConnector, Redis, type RedisOptions } from "ioredis";
import { waitUntil } from "../interop/support/far.js";
import { bytesOf, MIB, sha256 } from "./support/bytes.js";
import { redisFor, whereIs, type Where } from "./support/databases.js";
import { everywhere, type World } from "./support/world.js";

type Connecting = new (options: unknown) => AbstractConnector;

/** What makes connections of the client's side. */
function connectorOf(world: World, where: Where): Connecting {
  return class extends AbstractConnector {
    constructor() {
      super(2_000);
    }

    override async connect() {
      this.connecting = true;
      return (this.stream = world.client.net.connect({ ...where, noDelay: true }));
    }
  };
}

interface Server {
  connect(options?: RedisOptions): Promise<Redis>;
}

/** null: there is no Redis here. */
async function serverFor(world: World, t: TestContext): Promise<Server | null> {
  const port = await redisFor(t);
  if (port === null) return null;
  const where = await whereIs(world, port);
  return {
    async connect(options = {}) {
      const Connector = connectorOf(world, where);
      const redis = new Redis({ ...options, Connector, lazyConnect: true });
      world.defer(async () => {
        const ended = once(redis, "end");
        redis.disconnect();
        if (redis.status !== "end") await ended;
      });
      await redis.connect();
      return redis;
    },
  };
}

everywhere("values of 8 MB, as they were", async (world, t) => {
  const server = await serverFor(world, t);
  if (server === null) return;
  const redis = await server.connect();
  const value = bytesOf(8 * MIB);
  assert.equal(await redis.set("large", value), "OK");
  assert.equal(sha256((await redis.getBuffer("large"))!), sha256(value));
  assert.equal(await redis.strlen("large"), value.length);
});

everywhere("five thousand commands in one pipeline, and a transaction", async (world, t) => {
  const server = await serverFor(world, t);
  if (server === null) return;
  const redis = await server.connect();
  await redis.del("count");
  const pipeline = redis.pipeline();
  for (let i = 0; i < 5_000; i++) pipeline.incr("count");
  const results = (await pipeline.exec())!;
  assert.deepEqual(
    results.map(([error, value]) => [error, value]),
    results.map((_, i) => [null, i + 1]),
  );
  assert.deepEqual(await redis.multi().get("count").incr("count").exec(), [
    [null, "5000"],
    [null, 5_001],
  ]);
});

everywhere("what is published is heard by all who subscribed", async (world, t) => {
  const server = await serverFor(world, t);
  if (server === null) return;
  const ears = await Promise.all([server.connect(), server.connect(), server.connect()]);
  const heard = ears.map((ear) => {
    const messages: string[] = [];
    ear.on("message", (_channel, message: string) => messages.push(message));
    return messages;
  });
  await Promise.all(ears.map((ear) => ear.subscribe("news")));
  const mouth = await server.connect();
  const news = Array.from({ length: 200 }, (_, i) => `news ${i}`);
  for (const message of news) await mouth.publish("news", message);
  await waitUntil("all of it", () => heard.every(({ length }) => length === news.length));
  for (const messages of heard) assert.deepEqual(messages, news);
});

everywhere("a call that blocks until somebody else has something", async (world, t) => {
  const server = await serverFor(world, t);
  if (server === null) return;
  const [taker, giver] = [await server.connect(), await server.connect()];
  await giver.del("queue");
  const taken = taker.blpop("queue", 10);
  await giver.rpush("queue", "at last");
  assert.deepEqual(await taken, ["queue", "at last"]);
});

everywhere("the server sees the address of its client", async (world, t) => {
  const server = await serverFor(world, t);
  if (server === null) return;
  const redis = await server.connect();
  const [, address] = /\baddr=([\d.]+):\d+/.exec(String(await redis.call("CLIENT", "INFO"))) ?? [];
  // A relay comes over loopback.
  assert.equal(address, world.server.stack === null ? world.client.address : "127.0.0.1");
});

everywhere("a client that the server cuts off comes back, and goes on", async (world, t) => {
  const server = await serverFor(world, t);
  if (server === null) return;
  const redis = await server.connect({ retryStrategy: () => 10 });
  const killer = await server.connect();
  const id = await redis.client("ID");
  const again = once(redis, "ready");
  assert.equal(await killer.call("CLIENT", "KILL", "ID", String(id)), 1);
  // Waits for the new connection.
  assert.equal(await redis.set("after", "all"), "OK");
  await again;
  assert.notEqual(await redis.client("ID"), id);
});

everywhere("a command that gets no answer in time is an error", async (world, t) => {
  const server = await serverFor(world, t);
  if (server === null) return;
  const redis = await server.connect();
  // From now on: what it asks while it connects may take longer.
  redis.options.commandTimeout = 100;
  await assert.rejects(redis.blpop("nobody's", 1), /Command timed out/);
});

everywhere("nobody at the port: an error, and no more tries than wanted", async (world) => {
  const where = { host: world.server.address, port: 9 };
  const errors: NodeJS.ErrnoException[] = [];
  const redis = new Redis({
    Connector: connectorOf(world, where),
    lazyConnect: true,
    retryStrategy: (times) => (times < 3 ? 5 : null),
  });
  redis.on("error", (error: NodeJS.ErrnoException) => errors.push(error));
  const ended = new Promise((resolve) => redis.once("end", resolve));
  await assert.rejects(redis.connect());
  await ended;
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["ECONNREFUSED", "ECONNREFUSED", "ECONNREFUSED"],
  );
});
