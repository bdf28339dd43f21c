// Two stacks on a memory link under virtual time: a service on one, clients on the other. A test of
// minutes takes milliseconds and repeats exactly.

import type { ProfileName, Stack } from "../../../host/core/stack.js";
import { createStack } from "../../../host/node/createStack.js";
import type { Connection } from "../../../host/core/connection.js";
import { runFor } from "../../../host/core/virtual.js";
import { createVirtualClock } from "../../../host/link/clock.js";
import { createMemoryLinkPair } from "../../../host/link/memory.js";
import type { ServeConnection } from "../../../host/command/services/service.js";

export const PORT = 8000;

/** A client that collects what it gets. */
export interface Client {
  readonly connection: Connection;
  /** Queues bytes; those that do not fit leave as room comes. */
  send(bytes: Uint8Array | string): void;
  /** Half-closes once everything queued is written. */
  end(): void;
  readonly received: Buffer;
  readonly text: string;
  /** The peer's end of the stream was read. */
  readonly ended: boolean;
  /** Code of the error that ended it, or "". */
  readonly error: string;
  /** false: what comes is left unread. */
  reading: boolean;
  /** Reading stops at about so many bytes: a peer that sends for ever must not be read for ever. */
  limit: number;
}

export interface Pair {
  readonly server: Stack;
  readonly client: Stack;
  connect(port?: number): Client;
  /** Runs everything that happens within so many ms of virtual time. */
  run(ms: number): void;
}

export interface PairOptions {
  /** Profile of the stack with the service. */
  readonly profile?: ProfileName;
  /** Makes the service that listens on PORT. */
  readonly service?: (stack: Stack) => ServeConnection;
}

export async function openPair({ profile = "desktop", service }: PairOptions): Promise<Pair> {
  const clock = createVirtualClock(1_000);
  const [left, right] = createMemoryLinkPair();
  const server = await createStack({ profile, clock, loop: false });
  const client = await createStack({ profile: "desktop", clock, loop: false });
  server.attach(left, { addresses: ["198.18.0.2/30"] });
  client.attach(right, { addresses: ["198.18.0.1/30"] });
  if (service !== undefined) server.listen({ port: PORT }, service(server));
  return {
    server,
    client,
    connect: (port = PORT) => createClient(client.connect({ host: "198.18.0.2", port })),
    run: (ms) => runFor({ clock, stacks: [server, client] }, ms),
  };
}

export function createClient(connection: Connection): Client {
  const chunks: Buffer[] = [];
  let waiting = Buffer.alloc(0);
  let ending = false;
  const into = new Uint8Array(64 * 1024);

  function push(): void {
    if (connection.handle === 0 || connection.state === "SYN-SENT") return;
    if (waiting.length > 0) waiting = waiting.subarray(connection.write(waiting));
    if (waiting.length === 0 && ending) {
      ending = false;
      connection.shutdown();
    }
  }

  const client = {
    connection,
    reading: true,
    limit: Infinity,
    ended: false,
    error: "",
    send(bytes: Uint8Array | string) {
      waiting = Buffer.concat([waiting, Buffer.from(bytes as string)]);
      push();
    },
    end() {
      ending = true;
      if (waiting.length === 0) push();
    },
    get received() {
      return Buffer.concat(chunks);
    },
    get text() {
      return Buffer.concat(chunks).toString("latin1");
    },
  };
  connection.onConnect = push;
  connection.onWritable = push;
  connection.onReadable = () => {
    if (!client.reading) return;
    for (;;) {
      const count = connection.read(into);
      if (count < 0) return;
      if (count === 0) {
        client.ended = true;
        return;
      }
      chunks.push(Buffer.from(into.slice(0, count)));
      client.limit -= count;
      if (client.limit <= 0) {
        client.reading = false;
        return;
      }
    }
  };
  connection.onError = (error) => {
    client.error = error.code ?? "unknown";
  };
  return client;
}
