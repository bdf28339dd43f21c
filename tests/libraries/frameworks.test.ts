// fastify and express on a stack, as they are: the server that they have is attached. Both under autocannon.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import express from "express";
import fastify from "fastify";
import { temporaryFolder } from "../interop/support/daemon.js";
import { bytesOf, MIB, sha256, sha256Of } from "./support/bytes.js";
import { agentFor, answerOf, ask, open, responseTo } from "./support/http.js";
import { loadWith } from "./support/load.js";
import { everywhere, type World } from "./support/world.js";

const LOAD = { connections: 10, amount: 1_000 } as const;

async function startFastify(world: World) {
  const app = fastify();
  let answered = 0;
  app.get<{ Params: { name: string } }>("/hello/:name", async ({ params }) => {
    answered++;
    return { hello: params.name };
  });
  const schema = {
    body: {
      type: "object",
      required: ["numbers"],
      properties: { numbers: { type: "array", items: { type: "number" } } },
    },
  };
  app.post<{ Body: { numbers: number[] } }>("/sum", { schema }, async ({ body }) => {
    return { sum: body.numbers.reduce((sum, number) => sum + number, 0) };
  });
  app.get("/who", async ({ ip, socket }) => ({ ip, at: socket.localAddress }));
  await app.ready();
  const port = await world.server.listen(app.server);
  world.defer(() => app.close());
  return { app, port, answered: () => answered };
}

everywhere("fastify: a thousand requests under autocannon, none of them lost", async (world) => {
  const { port, answered } = await startFastify(world);
  const result = await loadWith(world, { ...LOAD, port, path: "/hello/you" });
  const { errors, timeouts, non2xx, mismatches } = result;
  assert.deepEqual(
    { errors, timeouts, non2xx, mismatches },
    { errors: 0, timeouts: 0, non2xx: 0, mismatches: 0 },
  );
  assert.equal(result["2xx"], LOAD.amount);
  assert.equal(answered(), LOAD.amount);
});

everywhere("fastify: schemas, and who asked", async (world) => {
  const { port } = await startFastify(world);
  const agent = agentFor(world);
  const headers = { "content-type": "application/json" };
  const post = (body: string) =>
    answerOf(open(world, { port, agent, path: "/sum", method: "POST", headers }), body);
  assert.equal((await post('{"numbers":[1,2,39]}')).text, '{"sum":42}');
  assert.equal((await post('{"numbers":"none"}')).status, 400);
  const { text } = await ask(world, { port, agent, path: "/who" });
  assert.deepEqual(JSON.parse(text), { ip: world.client.address, at: world.server.address });
});

everywhere("fastify: close() ends the listener, idle connections, and is done", async (world) => {
  const { app, port } = await startFastify(world);
  const agent = agentFor(world, { keepAlive: true });
  assert.equal((await ask(world, { port, agent, path: "/hello/you" })).status, 200);
  await app.close();
  await assert.rejects(ask(world, { port, agent: agentFor(world) }), { code: "ECONNREFUSED" });
});

async function startExpress(world: World, folder = ".") {
  const app = express();
  app.use(express.json({ limit: "8mb" }));
  app.use("/files", express.static(folder));
  app.get("/", (req, res) => void res.send(`hello, ${req.ip}`));
  app.post("/echo", (req, res) => void res.json(req.body));
  const server = createServer(app);
  const port = await world.server.listen(server);
  world.defer(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  return { port };
}

everywhere("express: a thousand requests under autocannon, none of them lost", async (world) => {
  const { port } = await startExpress(world);
  const result = await loadWith(world, { ...LOAD, port });
  assert.deepEqual([result.errors, result.timeouts, result.non2xx], [0, 0, 0]);
  assert.equal(result["2xx"], LOAD.amount);
});

everywhere("express: files in ranges, JSON of 4 MB, and who asked", async (world, t) => {
  const folder = temporaryFolder(t);
  const body = bytesOf(4 * MIB);
  writeFileSync(join(folder, "large.bin"), body);
  const { port } = await startExpress(world, folder);
  const agent = agentFor(world, { keepAlive: true });
  assert.equal((await ask(world, { port, agent })).text, `hello, ${world.client.address}`);
  const path = "/files/large.bin";
  const file = await responseTo(open(world, { port, agent, path }).end());
  assert.equal(await sha256Of(file), sha256(body));
  const headers = { range: "bytes=1000000-1999999" };
  const part = await responseTo(open(world, { port, agent, path, headers }).end());
  assert.equal(part.statusCode, 206);
  assert.equal(await sha256Of(part), sha256(body.subarray(1_000_000, 2_000_000)));
  const json = JSON.stringify({ text: body.toString("base64", 0, 3 * MIB) });
  const type = { "content-type": "application/json" };
  const echoed = open(world, { port, agent, path: "/echo", method: "POST", headers: type });
  assert.equal((await answerOf(echoed, json)).text, json);
});
