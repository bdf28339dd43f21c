// ssh2 on a stack: the client is given a socket, the server the sockets that come.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import ssh2 from "ssh2";
import type { Client, ClientChannel, ConnectConfig, SFTPWrapper } from "ssh2";
import { temporaryFolder } from "../interop/support/daemon.js";
import { waitUntil } from "../interop/support/far.js";
import { bytesOf, MIB, sha256, sha256Of, streamOf, textOf } from "./support/bytes.js";
import { newKey, PASSWORD, type SshServer, startSshServer, USER } from "./support/sshServer.js";
import { everywhere, type World } from "./support/world.js";

async function connect(
  world: World,
  { port }: SshServer,
  options: ConnectConfig = { password: PASSWORD },
): Promise<Client> {
  const client = new ssh2.Client();
  const sock = world.client.net.connect({ host: world.server.address, port });
  world.defer(async () => {
    client.end();
    if (!sock.destroyed) await once(sock, "close");
  });
  const ready = once(client, "ready");
  client.connect({ sock, username: USER, ...options });
  await ready;
  return client;
}

/** A whole command: what it wrote to standard error, and its exit code. */
function outcomeOf(client: Client, command: string): Promise<{ text: string; code: number }> {
  return new Promise((resolve, reject) => {
    // All of it may come at once: whoever waits first hears nothing.
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      let text = "";
      channel.resume().stderr.on("data", (bytes: Buffer) => (text += String(bytes)));
      channel.on("close", (code: number) =>
        channel.stderr.on("end", () => resolve({ text, code })),
      );
    });
  });
}

const run = (client: Client, command: string): Promise<ClientChannel> =>
  new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
  });

everywhere("a command gets a large input, and its output comes back", async (world) => {
  const client = await connect(world, await startSshServer(world));
  const channel = await run(client, "cat");
  const body = bytesOf(2 * MIB);
  const echoed = sha256Of(channel);
  streamOf(body).pipe(channel);
  assert.equal(await echoed, sha256(body));
});

everywhere("exit codes and standard error arrive", async (world) => {
  const server = await startSshServer(world);
  const client = await connect(world, server);
  const outcome = await outcomeOf(client, "nonsense");
  assert.deepEqual(outcome, { text: "there is no nonsense\n", code: 127 });
  assert.equal(server.clients[0]?.ip, world.client.address);
});

everywhere("a shell with a terminal that changes its size", async (world) => {
  const client = await connect(world, await startSshServer(world));
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    const size = { cols: 80, rows: 24 };
    client.shell(size, (error, stream) => (error ? reject(error) : resolve(stream)));
  });
  let text = "";
  channel.on("data", (bytes: Buffer) => (text += String(bytes)));
  const ended = once(channel, "close");
  channel.write("hello\nsize\n");
  await waitUntil("the first size", () => text.includes("80x24"));
  channel.setWindow(50, 132, 0, 0);
  channel.write("size\nexit\n");
  await ended;
  assert.equal(text, "> hello\n> 80x24\n> 132x50\n> ");
});

everywhere("a file goes there and back by SFTP, many requests at a time", async (world, t) => {
  const server = await startSshServer(world);
  const client = await connect(world, server);
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
    client.sftp((error, wrapper) => (error ? reject(error) : resolve(wrapper)));
  });
  const folder = temporaryFolder(t);
  const body = bytesOf(2 * MIB);
  writeFileSync(join(folder, "up"), body);
  await promisify(sftp.fastPut.bind(sftp) as (a: string, b: string, done: () => void) => void)(
    join(folder, "up"),
    "/file",
  );
  assert.equal(sha256(server.files.get("/file")!), sha256(body));
  await promisify(sftp.fastGet.bind(sftp) as (a: string, b: string, done: () => void) => void)(
    "/file",
    join(folder, "down"),
  );
  assert.equal(sha256(readFileSync(join(folder, "down"))), sha256(body));
  await assert.rejects(promisify(sftp.stat.bind(sftp))("/none"), {
    message: "No such file or directory",
  });
});

everywhere("a port of the server's side, through the connection", async (world) => {
  const client = await connect(world, await startSshServer(world));
  const echo = world.server.net.createServer((socket) => void socket.pipe(socket));
  echo.listen(0, world.server.address);
  await once(echo, "listening");
  world.defer(() => new Promise((resolve) => echo.close(resolve)));
  const { port } = echo.address() as AddressInfo;
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.forwardOut("127.0.0.1", 1, world.server.address, port, (error, stream) =>
      error ? reject(error) : resolve(stream),
    );
  });
  const body = bytesOf(MIB);
  const echoed = sha256Of(channel);
  streamOf(body).pipe(channel);
  assert.equal(await echoed, sha256(body));
});

everywhere("connections to a port of the server come to the client", async (world) => {
  const client = await connect(world, await startSshServer(world));
  client.on("tcp connection", ({ srcIP }, accept) => accept().end(`you are ${srcIP}`));
  const port = await new Promise<number>((resolve, reject) => {
    client.forwardIn(world.server.address, 0, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const visitor = world.client.net.connect({ host: world.server.address, port });
  assert.equal(await textOf(visitor), `you are ${world.client.address}`);
});

everywhere("a key opens, a wrong password does not", async (world) => {
  const privateKey = newKey();
  const server = await startSshServer(world, privateKey);
  const client = await connect(world, server, { privateKey });
  assert.equal((await outcomeOf(client, "nonsense")).code, 127);
  await assert.rejects(connect(world, server, { password: "another" }), {
    level: "client-authentication",
  });
});

everywhere("a server that says nothing is given up", async (world) => {
  const { server } = world;
  const mute = server.net.createServer((socket) => void socket.resume());
  mute.listen(0, server.address);
  await once(mute, "listening");
  world.defer(() => new Promise((resolve) => mute.close(resolve)));
  const { port } = mute.address() as AddressInfo;
  const client = new ssh2.Client();
  const sock = world.client.net.connect({ host: server.address, port });
  const failed = once(client, "error");
  // It says so twice.
  client.on("error", () => undefined);
  client.connect({ sock, username: USER, readyTimeout: 200 });
  const [error] = (await failed) as [Error];
  assert.match(error.message, /Timed out while waiting for handshake/);
  if (!sock.destroyed) await once(sock, "close");
});
