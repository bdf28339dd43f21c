// A program whose stack reaches a server of the host that ends the connection first; nothing is closed by hand.

import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { openUserLink } from "../../../host/link/user.js";
import { createStack } from "../../../host/nodeStack.js";

const server = createServer((socket) => socket.end("bytes")).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;
const link = await openUserLink({ outbound: { allow: [`127.0.0.1:${port}`] } });
const stack = await createStack({ link, addresses: ["198.18.0.2/30"], router: link.router });
link.forward(port, `127.0.0.1:${port}`);
const socket = stack.net.connect(port, link.router).setEncoding("utf8");
socket.on("data", (text: string) => console.log(text));
await once(socket, "close");
server.close();
