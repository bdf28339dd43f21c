// A server and a client of node:http over motetcp/net, in one process.

import http from "node:http";
import net, { createServer } from "motetcp/net";

const server = http.createServer((request, response) => {
  let length = 0;
  request.on("data", (bytes) => (length += bytes.length));
  request.on("end", () => response.end(`${request.method} ${request.url} ${length}`));
});
const listener = createServer((socket) => server.emit("connection", socket));
listener.listen(80, () => {
  const agent = new http.Agent({ keepAlive: true });
  agent.createConnection = net.createConnection;
  const request = http.request({ method: "POST", path: "/much", agent });
  request.on("response", (response) => {
    response.setEncoding("utf8").on("data", (text) => console.log(text));
    response.on("end", () => {
      agent.destroy();
      listener.close(() => console.log("closed"));
    });
  });
  request.end(Buffer.alloc(1_000_000));
});
