// Ports of a stack in user mode that are open on the host: listeners for connections, sockets for datagrams.

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Socket as StreamSocket } from "node:net";
import { addressToNumber } from "../core/address.js";
import type { Connection } from "../core/connection.js";
import type { Stack } from "../core/stack.js";
import { kernelNet } from "../kernelNet.js";
import { carry } from "./carry.js";
import { openHostPort } from "./hostPort.js";
import type { DatagramFlow, Datagrams } from "./nat/datagrams.js";

/** A port of the host while it is open. */
export interface HostPort {
  readonly hostPort: number;
  close(): void;
}

/** Who and what is published. */
export interface Publishing {
  readonly carrier: Stack;
  /** The stack's address, and the virtual router's. */
  readonly stack: string;
  readonly router: string;
  readonly hostAddress: string;
  /** Sockets that are carried. */
  readonly sockets: Set<StreamSocket>;
  readonly datagrams: Datagrams;
}

export async function publishStream(
  { carrier, stack, hostAddress, sockets }: Publishing,
  port: number,
  asked: number | undefined,
): Promise<HostPort> {
  const server = kernelNet.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    let connection: Connection;
    try {
      connection = carrier.connect({ host: stack, port });
    } catch {
      // Without a free record the newcomer is turned away; nobody else notices.
      socket.resetAndDestroy();
      return;
    }
    carry(socket, connection);
  });
  const open = (hostPort: number): Promise<number> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: hostAddress, port: hostPort }, () => {
        server.off("error", reject);
        resolve((server.address() as { port: number }).port);
      });
    });
  const hostPort = await openHostPort(hostAddress, port, asked, open);
  return { hostPort, close: () => void server.close() };
}

/** Each peer of the host's is a port of the virtual router to the stack: its own number, or the next free one. */
export async function publishDatagrams(
  { stack, router, hostAddress, datagrams }: Publishing,
  port: number,
  asked: number | undefined,
): Promise<HostPort> {
  const peers = new Map<string, DatagramFlow>();
  const [source, destination] = [addressToNumber(stack), addressToNumber(router)];

  function flowOf(socket: Socket, from: RemoteInfo): DatagramFlow {
    const name = `${from.address}:${from.port}`;
    const known = peers.get(name);
    if (known !== undefined) return known;
    let destinationPort = from.port;
    const keyOf = () => ({ source, destination, sourcePort: port, destinationPort });
    while (datagrams.find(keyOf()) !== undefined) destinationPort = (destinationPort % 65_535) + 1;
    const flow = datagrams.add(keyOf(), {
      send: (data) => void socket.send(data, from.port, from.address, () => undefined),
      close: () => void peers.delete(name),
    });
    peers.set(name, flow);
    return flow;
  }

  let bound: Socket | undefined;
  const open = (hostPort: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const socket = createSocket("udp4");
      socket.once("error", (error) => {
        socket.close();
        reject(error);
      });
      socket.bind(hostPort, hostAddress, () => {
        bound = socket.removeAllListeners("error");
        resolve(socket.address().port);
      });
    });
  const hostPort = await openHostPort(hostAddress, port, asked, open);
  const socket = bound!;
  socket.on("error", () => undefined);
  socket.on("message", (data, from) => {
    const flow = flowOf(socket, from);
    datagrams.touch(flow);
    datagrams.deliver(flow, data);
  });
  return {
    hostPort,
    close() {
      socket.close();
      for (const flow of peers.values()) datagrams.remove(flow);
    },
  };
}
