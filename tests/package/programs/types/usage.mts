// A program of another author's, in modules of ES: what it may rely on compiles.

import type nodeDgram from "node:dgram";
import type nodeNet from "node:net";
import { createStack, MemoryLink, type Connection, type NodeStack } from "motetcp";
import net, { connect, Server, Socket, type AddressInfo, type StackSocket } from "motetcp/net";
import dgram, { createSocket, Socket as Datagrams, type DgramSocket } from "motetcp/dgram";
import "motetcp/register";

// In place of node:net, wherever that is asked for.
export const inPlace: typeof nodeNet = net;
export const asSocket: nodeNet.Socket = new net.Socket({ allowHalfOpen: true });
export const asServer: nodeNet.Server = net.createServer((socket: nodeNet.Socket) => socket.end());

// The types have the names that they have there.
export const socket: net.Socket = net.connect({ port: 1, host: "localhost" });
export const server: net.Server = new Server();
export const where: net.AddressInfo | AddressInfo | string | null = server.address();
export const options: net.ServerOpts & net.NetConnectOpts = { port: 1, noDelay: true };
export const named: Socket = connect(1);
export class Mine extends net.Socket {
  readonly mine = true;
}

// What only sockets of a stack have.
export const seen: string | undefined = (named as StackSocket).info()?.state;
export const beating: StackSocket = connect(1).setHeartbeat(1000, "\n");
beating.on("stateChange", ({ from, to, cause }) => console.log(from, to, cause));

// The same for node:dgram.
export const datagrams: typeof nodeDgram = dgram;
export const sender: dgram.Socket = createSocket({ type: "udp4", reuseAddr: true });
export const asDatagrams: nodeDgram.Socket = new Datagrams();
export const from = (info: dgram.RemoteInfo): number => info.size;
export const codePoint: number = (sender as DgramSocket).setDSCP(46);

export async function start(): Promise<NodeStack> {
  const stack = await createStack({ profile: "desktop" });
  stack.attach(MemoryLink.pair()[0], { addresses: ["198.18.0.2/30"] });
  stack.listen({ port: 1 }, (connection: Connection) => connection.close());
  const onStack: typeof nodeNet = stack.net;
  onStack.connect(1, "198.18.0.2");
  const onStackToo: typeof nodeDgram = stack.dgram;
  onStackToo.createSocket("udp4").send("x", 1, "198.18.0.2");
  return stack;
}
