// Stacks on one switch, in real time, with sockets of node:dgram's shape on each.

import type { RemoteInfo, Socket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { createStack, type NodeStack } from "../../../host/nodeStack.js";
import type { StackOptions } from "../../../host/core/stack.js";
import type { Link } from "../../../host/link/link.js";
import { createSwitch } from "../../../host/link/switch.js";
import { closed } from "./both.js";

export class Segment {
  readonly #stacks: NodeStack[] = [];
  readonly #sockets: Socket[] = [];
  readonly #wire = createSwitch();

  /** A stack with the address 198.18.0.N/24. */
  async add(
    number: number,
    options: StackOptions = {},
    wrap: (link: Link) => Link = (link) => link,
  ): Promise<NodeStack> {
    const link = wrap(this.#wire.port());
    const stack = await createStack({ link, addresses: [`198.18.0.${number}/24`], ...options });
    this.#stacks.push(stack);
    return stack;
  }

  /** Another interface of a stack, with its own wire to a new stack. */
  port(): Link {
    return this.#wire.port();
  }

  async bound(stack: NodeStack, port = 0, address = "0.0.0.0", reuseAddr = false): Promise<Socket> {
    const socket = stack.dgram.createSocket({ type: "udp4", reuseAddr });
    this.#sockets.push(socket);
    socket.bind(port, address);
    await once(socket, "listening");
    return socket;
  }

  async end(): Promise<void> {
    await Promise.all(this.#sockets.map(closed));
    for (const each of this.#stacks) each.close();
  }
}

export function onSegment(title: string, body: (segment: Segment) => Promise<void>): void {
  test(title, { timeout: 30_000 }, async () => {
    const segment = new Segment();
    try {
      await body(segment);
    } finally {
      await segment.end();
    }
  });
}

/** The next datagram, as bytes. */
export async function datagram(socket: Socket): Promise<{ data: Buffer; from: RemoteInfo }> {
  const [data, from] = (await once(socket, "message")) as [Buffer, RemoteInfo];
  return { data, from };
}
