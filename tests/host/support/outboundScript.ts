// Runs in a namespace: a stack in user mode and hosts with other addresses, which are all this one; one network in
// which nobody answers, and none for the rest.

import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import type { Connection } from "../../../host/core/connection.js";
import { createStack } from "../../../host/node/createStack.js";
import { openUserLink } from "../../../host/link/user.js";
import { pattern, sha256, transfer } from "./pair.js";
import { until } from "./until.js";

const HOST = "10.9.8.7";
const ip = (words: string) => execFileSync("ip", words.split(" "));
ip("link set lo up");
ip(`address add ${HOST}/32 dev lo`);
// Nobody is at the other end of it.
ip("link add silent type veth peer name end");
ip("link set end up");
ip("address add 10.1.0.1/24 dev silent");
ip("link set silent up");

async function serve(): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  await once(server.listen(0, HOST), "listening");
  return server;
}

const servers = [await serve(), await serve()];
const [port = 0, named = 0] = servers.map((server) => (server.address() as AddressInfo).port);
const datagrams = createSocket("udp4");
datagrams.on("message", (data, from) => datagrams.send(data, from.port, from.address));
datagrams.bind(port, HOST);
await once(datagrams, "listening");

const link = await openUserLink({
  outbound: {
    allow: [`${HOST}/32:${port}`, "10.1.0.0/16:80", "172.16.0.1:80", `echo.test:${named}/tcp`],
    lookup: async () => [HOST],
    connectTimeout: 300,
  },
});
const stack = await createStack();
stack.attach(link, { addresses: ["198.18.0.2/30"], router: link.router });
stack.setNameServers([link.router]);

function outcome(connection: Connection): Promise<string> {
  return new Promise((resolve) => {
    connection.onError = (error) => resolve(error.code ?? "");
    connection.onConnect = () => {
      connection.abort();
      resolve("it opened");
    };
  });
}

const bytes = pattern(300_000, 1);
const connection = stack.connect({ host: HOST, port });
const moved = transfer(connection, bytes);
await until(() => moved.ended, "the echo", 20_000);
const isSame = sha256(moved.received()) === sha256(bytes);
console.log("echo", moved.received().length, isSame, "from", connection.remoteAddress);

const socket = stack.bind();
socket.send(new Uint8Array(5000), port, HOST);
await new Promise<void>((resolve) => (socket.onReadable = resolve));
const answer = socket.receive();
console.log("datagram", answer?.data.length, "from", answer?.address);

console.log("denied", await outcome(stack.connect({ host: HOST, port: named })));
const [address = ""] = await stack.lookup("echo.test");
console.log("name", address, await outcome(stack.connect({ host: address, port: named })));
console.log("no route", await outcome(stack.connect({ host: "172.16.0.1", port: 80 })));
console.log("silent", await outcome(stack.connect({ host: "10.1.0.9", port: 80 })));
const { opened, denied, refused, timedOut } = link.outbound;
console.log("counts opened", opened, "denied", denied, "refused", refused, "timedOut", timedOut);

stack.close();
for (const server of servers) server.close();
datagrams.close();
