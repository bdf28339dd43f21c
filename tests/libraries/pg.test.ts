// pg on a stack, with a real PostgreSQL on Linux: connections come from a function that makes a net.Socket.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { Client, type ClientConfig, Pool, type PoolClient, Query } from "pg";
import { waitUntil } from "../interop/support/far.js";
import { bytesOf, MIB, sha256 } from "./support/bytes.js";
import { certificateFor } from "../command/support/certificate.js";
import { postgresFor, whereIs } from "./support/databases.js";
import { everywhere, type World } from "./support/world.js";

/** What a client needs to know; null: there is no PostgreSQL here. */
async function configFor(world: World, t: TestContext): Promise<ClientConfig | null> {
  const port = await postgresFor(t, certificateFor(t));
  if (port === null) return null;
  const where = await whereIs(world, port);
  return {
    ...where,
    user: "mote",
    database: "postgres",
    stream: () => new world.client.net.Socket(),
  };
}

async function connect(world: World, config: ClientConfig): Promise<Client> {
  const client = new Client(config);
  await client.connect();
  world.defer(() => client.end());
  return client;
}

function poolFor(world: World, config: ClientConfig, max: number): Pool {
  const pool = new Pool({ ...config, max });
  world.defer(() => pool.end());
  return pool;
}

everywhere("queries with parameters, and errors with their code", async (world, t) => {
  const config = await configFor(world, t);
  if (config === null) return;
  const client = await connect(world, config);
  const { rows } = await client.query("select $1::int + 1 as sum, $2::text || '!' as text", [
    41,
    "ä",
  ]);
  assert.deepEqual(rows, [{ sum: 42, text: "ä!" }]);
  await assert.rejects(client.query("select nonsense"), { code: "42703" });
  await client.query("begin");
  await client.query("create temporary table numbers (value int) on commit drop");
  await client.query("insert into numbers select generate_series(1, 1000)");
  const sum = await client.query<{ sum: string }>("select sum(value) from numbers");
  await client.query("commit");
  assert.equal(sum.rows[0]?.sum, "500500");
});

everywhere("the server sees the address of its client", async (world, t) => {
  const config = await configFor(world, t);
  if (config === null) return;
  const client = await connect(world, config);
  const { rows } = await client.query<{ host: string }>("select host(inet_client_addr())");
  // A relay comes over loopback.
  const expected = world.server.stack === null ? world.client.address : "127.0.0.1";
  assert.equal(rows[0]?.host, expected);
});

everywhere("a hundred thousand rows arrive whole", async (world, t) => {
  const config = await configFor(world, t);
  if (config === null) return;
  const client = await connect(world, config);
  const query = "select md5(n::text) as text from generate_series(1, 100000) as n";
  const { rows } = await client.query<{ text: string }>(query);
  const whole =
    await client.query(`select encode(sha256(string_agg(text, '')::bytea), 'hex') as hash
    from (${query}) as each`);
  assert.equal(rows.length, 100_000);
  assert.equal(sha256(rows.map(({ text }) => text).join("")), whole.rows[0].hash);
});

everywhere("a value of 8 MB goes there and back", async (world, t) => {
  const config = await configFor(world, t);
  if (config === null) return;
  const client = await connect(world, config);
  const value = bytesOf(8 * MIB);
  const query = "select $1::bytea as back, encode(sha256($1::bytea), 'hex') as hash";
  const { rows } = await client.query<{ back: Buffer; hash: string }>(query, [value]);
  assert.equal(rows[0]?.hash, sha256(value));
  assert.equal(sha256(rows[0]!.back), sha256(value));
});

everywhere("a pool of eight serves two hundred queries", async (world, t) => {
  const config = await configFor(world, t);
  if (config === null) return;
  const pool = poolFor(world, config, 8);
  const numbers = Array.from({ length: 200 }, (_, i) => i);
  const query = "select $1::int as number, pg_backend_pid() as pid";
  const results = await Promise.all(
    numbers.map((number) => pool.query<{ number: number; pid: number }>(query, [number])),
  );
  const rows = results.flatMap((result) => result.rows);
  assert.deepEqual(
    rows.map(({ number }) => number),
    numbers,
  );
  assert.equal(new Set(rows.map(({ pid }) => pid)).size, 8);
});

everywhere("LISTEN and NOTIFY between two clients", async (world, t) => {
  const config = await configFor(world, t);
  if (config === null) return;
  const [ear, mouth] = [await connect(world, config), await connect(world, config)];
  const heard: (string | undefined)[] = [];
  ear.on("notification", ({ payload }) => heard.push(payload));
  await ear.query("listen news");
  for (let i = 0; i < 10; i++) await mouth.query("select pg_notify('news', $1)", [`number ${i}`]);
  await waitUntil("ten of them", () => heard.length === 10);
  assert.equal(heard.at(-1), "number 9");
});

everywhere("a query is cancelled over a connection of its own", async (world, t) => {
  const config = await configFor(world, t);
  if (config === null) return;
  const client = await connect(world, config);
  const watcher = await connect(world, config);
  const query = new Query("select pg_sleep(30)");
  const failed = once(query, "error");
  client.query(query);
  const asleep = "select from pg_stat_activity where wait_event = 'PgSleep'";
  await waitUntil("its begin", async () => (await watcher.query(asleep)).rowCount === 1);
  // pg's types do not have it.
  const other = new Client(config) as unknown as { cancel(of: Client, what: Query): void };
  other.cancel(client, query);
  assert.equal(((await failed) as [{ code: string }])[0].code, "57014");
  assert.equal((await client.query("select 1 as one")).rows[0].one, 1);
});

everywhere("a pool gets over a connection that the server ends", async (world, t) => {
  const config = await configFor(world, t);
  if (config === null) return;
  const pool = poolFor(world, config, 1);
  pool.on("error", () => undefined);
  const client: PoolClient = await pool.connect();
  const ended = once(client, "error");
  // It tells what the server said, and that it is over.
  client.on("error", () => undefined);
  const killer = await connect(world, config);
  const { rows } = await client.query("select pg_backend_pid() as pid");
  await killer.query("select pg_terminate_backend($1)", [rows[0].pid]);
  await ended;
  client.release(true);
  assert.equal((await pool.query("select 1 as one")).rows[0].one, 1);
});

everywhere("the connection becomes secure, and the certificate is looked at", async (world, t) => {
  const certificate = certificateFor(t);
  const config = certificate && (await configFor(world, t));
  if (config === null) return;
  const ssl = { ca: certificate!.ca, servername: "mote.test" };
  const client = await connect(world, { ...config, ssl });
  const query = "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()";
  assert.deepEqual((await client.query(query)).rows, [{ ssl: true, version: "TLSv1.3" }]);
  const value = bytesOf(MIB);
  const { rows } = await client.query<{ back: Buffer }>("select $1::bytea as back", [value]);
  assert.equal(sha256(rows[0]!.back), sha256(value));
  const stranger = new Client({ ...config, ssl: { servername: "mote.test" } });
  await assert.rejects(stranger.connect(), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
});

everywhere("nobody at the port, and an answer that does not come in time", async (world, t) => {
  const config = await configFor(world, t);
  if (config === null) return;
  const refused = new Client({ ...config, port: 9 });
  await assert.rejects(refused.connect(), { code: "ECONNREFUSED" });
  const mute = world.server.net.createServer((socket) => void socket.resume());
  mute.listen(0, world.server.address);
  await once(mute, "listening");
  world.defer(() => new Promise((resolve) => mute.close(resolve)));
  const { port } = mute.address() as { port: number };
  const late = new Client({ ...config, port, connectionTimeoutMillis: 100 });
  await assert.rejects(late.connect(), /timeout expired/);
});
