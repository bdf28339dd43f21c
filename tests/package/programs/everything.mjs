// What Node has on top of node:net, once each, in modules of ES; it knows nothing of stacks. Prints what it got,
// and stays until its standard input ends. TLS is with a key that both sides know, so that no certificate is needed.

import { exec } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net, { connect, createServer, Socket } from "node:net";
import { text } from "node:stream/consumers";
import tls from "node:tls";
import { promisify } from "node:util";

const key = Buffer.alloc(32, 7);
const shared = { ciphers: "PSK", maxVersion: "TLSv1.2" };
const serverTls = { ...shared, pskCallback: () => key, pskIdentityHint: "test" };
const clientTls = {
  ...shared,
  pskCallback: () => ({ psk: key, identity: "test" }),
  checkServerIdentity: () => undefined,
};

const servers = [];

async function listen(server, ...where) {
  server.listen(0, ...where);
  await once(server, "listening");
  servers.push(server);
  return server.address().port;
}

async function get(module, options) {
  const [response] = await once(module.get(options), "response");
  return `${response.statusCode} ${await text(response)}`;
}

const answer = (request, response) => response.end(`to ${request.socket.remoteAddress}`);

const half = createServer({ allowHalfOpen: true }, (socket) => {
  socket.setEncoding("utf8");
  socket.on("data", (chunk) => socket.write(chunk));
  socket.on("end", () => socket.end(" and back"));
});
const halfPort = await listen(half, "127.0.0.1");
const plainPort = await listen(http.createServer(answer), "127.0.0.1");
const securePort = await listen(https.createServer(serverTls, answer), "127.0.0.1");
const tlsPort = await listen(tls.createServer(serverTls, (socket) => socket.end("secret")));
const http2Port = await listen(
  http2.createServer((request, response) => response.end("by a stream")),
  "127.0.0.1",
);
console.log(JSON.stringify({ ports: servers.map((server) => server.address().port) }));

const socket = connect({ port: halfPort, host: "127.0.0.1" });
socket.end("there");
console.log("net:", await text(socket));

const waiting = new Socket();
waiting.connect(halfPort, "localhost").end("a new Socket");
console.log("new Socket:", await text(waiting));

console.log("classes:", waiting instanceof net.Socket, half instanceof net.Server);
console.log("http:", await get(http, { host: "127.0.0.1", port: plainPort }));
console.log("no agent:", await get(http, { host: "127.0.0.1", port: plainPort, agent: false }));
const agent = new http.Agent({ keepAlive: true });
console.log("keep-alive:", await get(http, { host: "127.0.0.1", port: plainPort, agent }));
console.log("again:", await get(http, { host: "127.0.0.1", port: plainPort, agent }));
agent.destroy();
console.log("fetch:", await (await fetch(`http://127.0.0.1:${plainPort}`)).text());
const secure = { host: "127.0.0.1", port: securePort, agent: false, ...clientTls };
console.log("https:", await get(https, secure));

const direct = tls.connect(tlsPort, "127.0.0.1", clientTls);
await once(direct, "secureConnect");
console.log("tls:", direct.remoteAddress, direct.remotePort === tlsPort, await text(direct));

// STARTTLS: what was plain goes on as TLS, at both ends.
const upgrading = createServer((plain) => {
  plain.once("data", () => {
    plain.write("go on");
    const above = new tls.TLSSocket(plain, { isServer: true, ...serverTls });
    above.end(`upgraded for ${above.remoteAddress}`);
  });
});
const upgradePort = await listen(upgrading, "127.0.0.1");
const plain = connect(upgradePort, "127.0.0.1");
plain.write("STARTTLS");
await once(plain, "data");
console.log("STARTTLS:", await text(tls.connect({ socket: plain, ...clientTls })));

const session = http2.connect(`http://127.0.0.1:${http2Port}`);
const stream = session.request({ ":path": "/" });
console.log("http2:", await text(stream));
session.close();

const [refused] = await once(connect(1, "127.0.0.1"), "error");
console.log("refused:", refused.message);
const [absent] = await once(connect("/nowhere/at/all"), "error");
console.log("path:", absent.code);
const { stdout } = await promisify(exec)("cat /dev/null; echo from a child");
console.log("child:", stdout.trim());

console.log("done");
console.log("input:", await text(process.stdin));
for (const server of servers) {
  server.closeAllConnections?.();
  server.close();
}
await Promise.all(servers.map((server) => once(server, "close")));
console.log("closed");
