// In a namespace where only loopback is up: names of the machine, asked for by sockets of a stack.

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "../../../host/net/index.js";

spawnSync("ip", ["link", "set", "lo", "up"]);
const server = createServer((socket) => socket.end("here")).listen(0);
await once(server, "listening");
const { port } = server.address() as AddressInfo;
for (const options of [{}, { family: 4 as const }, { autoSelectFamily: false }]) {
  const socket = connect({ port, host: "localhost", ...options }).setEncoding("utf8");
  socket.on("data", (text: string) => console.log(text)).on("error", console.log);
  await new Promise((done) => socket.once("close", done));
}
server.close();
