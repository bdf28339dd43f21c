// MQTT on a stack: the broker aedes takes its connections from net.Server, the client mqtt gets its streams from a
// function. Also over a WebSocket, as browsers do.

import assert from "node:assert/strict";
import { type EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import { Aedes } from "aedes";
import { type IClientOptions, MqttClient } from "mqtt";
import type { Duplex } from "node:stream";
import { createWebSocketStream, WebSocket, WebSocketServer } from "ws";
import { waitUntil } from "../interop/support/far.js";
import { bytesOf, sha256 } from "./support/bytes.js";
import { everywhere, type World } from "./support/world.js";

interface Broker {
  readonly aedes: Aedes;
  readonly port: number;
}

async function startBroker(world: World): Promise<Broker> {
  const aedes = await Aedes.createBroker();
  const server = world.server.net.createServer(aedes.handle);
  server.listen(0, world.server.address);
  await once(server, "listening");
  world.defer(async () => {
    await new Promise<void>((resolve) => aedes.close(resolve));
    await new Promise((resolve) => server.close(resolve));
  });
  return { aedes, port: (server.address() as { port: number }).port };
}

/** A client that is connected; ended with the test. */
async function connect(world: World, { port }: Broker, options: IClientOptions = {}) {
  const host = world.server.address;
  const stream = (): Duplex => world.client.net.connect({ host, port });
  const client = new MqttClient(stream, { reconnectPeriod: 20, ...options });
  world.defer(() => client.endAsync(true));
  await soon(client, "connect");
  return client;
}

/** Its types do not say that it is an emitter. */
const soon = (client: MqttClient, event: string) => once(client as unknown as EventEmitter, event);

interface Heard {
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly retain: boolean;
}

function listenTo(client: MqttClient): Heard[] {
  const heard: Heard[] = [];
  client.on("message", (topic, payload, { qos, retain }) => {
    heard.push({ topic, payload: String(payload), qos, retain });
  });
  return heard;
}

for (const qos of [0, 1, 2] as const) {
  everywhere(`a hundred messages with QoS ${qos} arrive in order, each once`, async (world) => {
    const broker = await startBroker(world);
    const publisher = await connect(world, broker);
    const subscriber = await connect(world, broker);
    const heard = listenTo(subscriber);
    await subscriber.subscribeAsync("numbers/#", { qos });
    const numbers = Array.from({ length: 100 }, (_, i) => String(i));
    await Promise.all(
      numbers.map((number) => publisher.publishAsync("numbers/one", number, { qos })),
    );
    await waitUntil("all of them", () => heard.length >= numbers.length);
    assert.deepEqual(
      heard.map(({ payload }) => payload),
      numbers,
    );
    assert.ok(heard.every((message) => message.qos === qos));
  });
}

everywhere("a payload of 1 MB, and what is retained for who comes later", async (world) => {
  const broker = await startBroker(world);
  const publisher = await connect(world, broker);
  const payload = bytesOf(1 << 20);
  await publisher.publishAsync("large", payload, { qos: 1, retain: true });
  const subscriber = await connect(world, broker);
  const arrived = soon(subscriber, "message");
  await subscriber.subscribeAsync("large", { qos: 1 });
  const [topic, bytes] = (await arrived) as [string, Buffer];
  assert.equal(topic, "large");
  assert.equal(sha256(bytes), sha256(payload));
});

everywhere("the will of a client whose connection is cut is told", async (world) => {
  const broker = await startBroker(world);
  const subscriber = await connect(world, broker);
  const heard = listenTo(subscriber);
  await subscriber.subscribeAsync("wills/#", { qos: 1 });
  const will = { topic: "wills/one", payload: Buffer.from("gone"), qos: 1 as const, retain: false };
  const client = await connect(world, broker, { will, reconnectPeriod: 0 });
  client.stream.destroy();
  await waitUntil("the will", () => heard.length > 0);
  const [{ topic, payload }] = heard as [Heard];
  assert.deepEqual({ topic, payload }, { topic: "wills/one", payload: "gone" });
  // Who takes leave has none.
  const polite = await connect(world, broker, { will, reconnectPeriod: 0 });
  await polite.endAsync();
  await subscriber.publishAsync("wills/last", "", { qos: 1 });
  await waitUntil("the last", () => heard.length > 1);
  assert.equal(heard[1]!.topic, "wills/last");
});

everywhere("keepalive: a client asks, and the broker answers", async (world) => {
  const broker = await startBroker(world);
  const pinged = once(broker.aedes, "ping");
  const client = await connect(world, broker, { keepalive: 1 });
  const answered = new Promise<void>((resolve) => {
    client.on("packetreceive", ({ cmd }) => {
      if (cmd === "pingresp") resolve();
    });
  });
  await Promise.all([pinged, answered]);
  assert.equal(client.connected, true);
});

everywhere("a client that is cut off comes back, and has its session still", async (world) => {
  const broker = await startBroker(world);
  const options = { clientId: "steady", clean: false };
  const client = await connect(world, broker, options);
  const heard = listenTo(client);
  await client.subscribeAsync("news", { qos: 1 });
  const publisher = await connect(world, broker);
  const back = soon(client, "connect");
  client.stream.destroy();
  await publisher.publishAsync("news", "while it was away, or just after", { qos: 1 });
  const [packet] = (await back) as [{ sessionPresent: boolean }];
  assert.equal(packet.sessionPresent, true);
  await waitUntil("the news", () => heard.length === 1);
});

everywhere("the broker knows the address of its client", async (world) => {
  const broker = await startBroker(world);
  const arrived = once(broker.aedes, "client");
  await connect(world, broker);
  const [{ conn }] = (await arrived) as [{ conn: { remoteAddress: string } }];
  assert.equal(conn.remoteAddress, world.client.address);
});

everywhere("MQTT over a WebSocket", async (world) => {
  const { aedes } = await startBroker(world);
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => void aedes.handle(createWebSocketStream(socket)));
  const port = await world.server.listen(server);
  world.defer(async () => {
    for (const client of sockets.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  });
  const agent = world.client.agent();
  const stream = (): Duplex => {
    const url = `ws://${world.server.address}:${port}/`;
    return createWebSocketStream(new WebSocket(url, "mqtt", { agent }));
  };
  const client = new MqttClient(stream, {});
  world.defer(() => client.endAsync(true));
  await soon(client, "connect");
  const heard = listenTo(client);
  await client.subscribeAsync("echo", { qos: 1 });
  await client.publishAsync("echo", "through a socket in a socket", { qos: 1 });
  await waitUntil("the echo", () => heard.length === 1);
  assert.equal(heard[0]!.payload, "through a socket in a socket");
});
