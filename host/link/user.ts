// User mode: a link that needs no rights. Behind it a second stack sits on a virtual Ethernet and
// carries ordinary host sockets to the first: every published port has a listener of the host, and
// each of its connections is joined to one of the second stack's. Bytes, half-closes and resets
// cross both ways; each direction holds a bounded number of bytes.

import type { Server, Socket } from "node:net";
import { parsePrefix } from "../core/address.js";
import type { Connection } from "../core/connection.js";
import { createStack, type Stack } from "../core/stack.js";
import { kernelNet } from "../kernelNet.js";
import { peerAddress } from "./addresses.js";
import type { Link } from "./link.js";
import { createMemoryLinkPair } from "./memory.js";
import { wrapLink } from "./wrap.js";

/** A port of the stack that the host listens for. */
export interface PublishedPort {
  /** Port of the stack. */
  port: number;
  /** Port on the host. */
  hostPort: number;
  /** Where the host listens: "127.0.0.1". */
  hostAddress: string;
}

/** The addresses of user mode. */
export interface UserLinkOptions {
  /**
   * Address of the stack that will be attached, default "198.18.0.2/30". The user side takes
   * another address of that block.
   */
  stackAddress?: string;
  /** Where the host's listeners are. Default "127.0.0.1". */
  hostAddress?: string;
}

/** Attach it to the stack, then publish ports. */
export interface UserLink extends Link {
  /**
   * Opens a listener of the host for a port of the stack. Without hostPort: the same number (below
   * 1024: plus 8000), or the next free one. With hostPort: exactly that, or EADDRINUSE.
   */
  publish(port: number, hostPort?: number): Promise<PublishedPort>;
  /** What was published so far. */
  readonly published: readonly PublishedPort[];
  /** Host connections carried now. */
  readonly connections: number;
}

const PRIVILEGED_PORTS = 1024;
const PRIVILEGED_SHIFT = 8000;
const PORTS_TRIED = 200;
/** Frames on the virtual Ethernet: more than a full window of the desktop profile. */
const CAPACITY = 512;
/** Bytes read from a connection at once. */
const CHUNK_BYTES = 64 * 1024;

/** The number a port gets on the host when nobody asks for another. */
export function defaultHostPort(port: number): number {
  return port < PRIVILEGED_PORTS ? port + PRIVILEGED_SHIFT : port;
}

/** A link that needs no rights. Rejects with EINVAL for an address that is none. */
export async function openUserLink(options: UserLinkOptions = {}): Promise<UserLink> {
  const { stackAddress = "198.18.0.2/30", hostAddress = "127.0.0.1" } = options;
  const target = parsePrefix(stackAddress).address;
  const [outside, inside] = createMemoryLinkPair({ capacity: CAPACITY });
  const carrier = await createStack();
  carrier.attach(inside, { addresses: [peerAddress(stackAddress)] });
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const published: PublishedPort[] = [];

  async function publish(port: number, asked?: number): Promise<PublishedPort> {
    const server = kernelNet.createServer(
      { allowHalfOpen: true, pauseOnConnect: true },
      (socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        carry(carrier, socket, target, port);
      },
    );
    const hostPort = await listenOnHost(server, hostAddress, port, asked);
    servers.push(server);
    const entry = { port, hostPort, hostAddress };
    published.push(entry);
    return entry;
  }

  const link = wrapLink(outside, {
    close() {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
      carrier.close();
      outside.close();
    },
  });
  return Object.defineProperties(Object.assign(link, { publish, published, sharedSource: true }), {
    connections: { get: () => sockets.size },
  }) as unknown as UserLink;
}

/** The port that was got. */
async function listenOnHost(
  server: Server,
  address: string,
  port: number,
  asked?: number,
): Promise<number> {
  const first = asked ?? defaultHostPort(port);
  const tries = asked === undefined ? PORTS_TRIED : 1;
  for (let tried = 0; tried < tries && first + tried < 65536; tried++) {
    try {
      return await tryListen(server, address, first + tried);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE" || asked !== undefined)
        throw portError(code, address, first, cause);
    }
  }
  throw portError("EADDRINUSE", address, first, undefined);
}

function tryListen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: address, port }, () => {
      server.off("error", reject);
      resolve((server.address() as { port: number }).port);
    });
  });
}

const PORT_ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use on this machine; choose another number",
  EACCES: "may not be opened by this user; choose a number of 1024 or more",
};

function portError(code = "EIO", address: string, port: number, cause: unknown): Error {
  const advice = PORT_ADVICE[code] ?? `cannot be opened (${code})`;
  const error = new Error(`port ${port} on ${address} ${advice}`, { cause });
  return Object.assign(error, { code, address, port });
}

/** Joins a socket of the host to a connection of the carrying stack. */
function carry(carrier: Stack, socket: Socket, host: string, port: number): void {
  let connection: Connection;
  try {
    connection = carrier.connect({ host, port });
  } catch {
    // Without a free record the newcomer is turned away; nobody else notices.
    socket.resetAndDestroy();
    return;
  }
  carryToStack(socket, connection);
  carryToHost(socket, connection);

  connection.onError = () => socket.resetAndDestroy();
  // An error of the socket is followed by its close.
  socket.on("error", () => {});
  socket.once("close", () => {
    // Closed both ways in good order, the connection is over or on its way to be.
    const inOrder = socket.readableEnded && socket.writableFinished;
    if (inOrder) connection.close();
    else connection.abort();
  });
}

/** From the host's socket into the connection; the socket is paused while the connection is full. */
function carryToStack(socket: Socket, connection: Connection): void {
  let waiting: Buffer | null = null;
  let ended = false;

  function push(): void {
    if (waiting) {
      const taken = connection.write(waiting);
      waiting = taken < waiting.length ? waiting.subarray(taken) : null;
    }
    if (waiting) return;
    if (ended) connection.shutdown();
    else socket.resume();
  }

  socket.on("data", (bytes: Buffer) => {
    waiting = bytes;
    socket.pause();
    push();
  });
  socket.on("end", () => {
    ended = true;
    if (!waiting) push();
  });
  connection.onConnect = push;
  connection.onWritable = push;
}

/** From the connection to the host's socket; reading rests while the socket's buffer is full. */
function carryToHost(socket: Socket, connection: Connection): void {
  let draining = false;

  function pull(): void {
    while (!draining && !socket.writableEnded) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const length = connection.read(chunk);
      if (length < 0) return;
      if (length === 0) return void socket.end();
      draining = !socket.write(chunk.subarray(0, length));
    }
  }

  socket.on("drain", () => {
    draining = false;
    pull();
  });
  connection.onReadable = pull;
}
