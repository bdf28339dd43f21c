// Servers and sockets of a test, on 127.0.0.1 and closed when the test is over, and what tests wait for.

import { once as onceEvent, type EventEmitter } from "node:events";
import type {
  AddressInfo,
  ListenOptions,
  NetConnectOpts,
  Server,
  ServerOpts,
  Socket,
} from "node:net";
import type { TestContext } from "node:test";
import type { Net } from "./modules.js";

export const LOCAL = "127.0.0.1";

/** Errors that a test does not ask about come from its end, when all is destroyed. */
const ignore = (): void => undefined;

/** The socket is destroyed after the test. */
export function keep<Kept extends Socket>(t: TestContext, socket: Kept): Kept {
  t.after(() => {
    socket.on("error", ignore);
    socket.destroy();
  });
  return socket;
}

/** The server is closed after the test, and what it accepted destroyed. */
export function keepServer<Kept extends Server>(t: TestContext, server: Kept): Kept {
  const accepted = new Set<Socket>();
  server.on("connection", (socket) => {
    accepted.add(socket);
    socket.once("close", () => accepted.delete(socket));
  });
  t.after(() => {
    for (const socket of accepted) {
      socket.on("error", ignore);
      socket.destroy();
    }
    server.close();
  });
  return server;
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

interface Listening {
  readonly options?: ServerOpts;
  readonly listen?: ListenOptions;
  readonly onConnection?: (socket: Socket) => void;
}

/** A server that listens. */
export async function listening(net: Net, t: TestContext, how: Listening = {}): Promise<Server> {
  const server = keepServer(t, net.createServer(how.options ?? {}));
  if (how.onConnection) server.on("connection", how.onConnection);
  server.listen({ port: 0, host: LOCAL, ...how.listen });
  await onceEvent(server, "listening");
  return server;
}

/** A socket that connects to a server. */
export function connectTo(
  net: Net,
  t: TestContext,
  server: Server,
  options: Partial<NetConnectOpts> = {},
): Socket {
  const target = { port: portOf(server), host: LOCAL, ...options } as NetConnectOpts;
  return keep(t, net.connect(target));
}

export interface Ends {
  readonly server: Server;
  readonly client: Socket;
  readonly served: Socket;
}

/** Both ends of a connection that is open. */
export async function connected(
  net: Net,
  t: TestContext,
  { options, connect }: { options?: ServerOpts; connect?: Partial<NetConnectOpts> } = {},
): Promise<Ends> {
  const server = await listening(net, t, options === undefined ? {} : { options });
  const accepting = onceEvent(server, "connection");
  const client = connectTo(net, t, server, connect);
  const connecting = onceEvent(client, "connect");
  const [served] = (await accepting) as [Socket];
  await connecting;
  return { server, client, served };
}

/** A port on which nobody listens: one that was free a moment ago. */
export async function closedPort(net: Net): Promise<number> {
  const server = net.createServer().listen(0, LOCAL);
  await onceEvent(server, "listening");
  const port = portOf(server);
  server.close();
  await onceEvent(server, "close");
  return port;
}

/** The arguments of the next event; an 'error' is no failure where it is what is waited for. */
export function next(on: EventEmitter, event: string): Promise<unknown[]> {
  return event === "error"
    ? new Promise((done) => on.once("error", (...args: unknown[]) => done(args)))
    : onceEvent(on, event);
}

/** The error that an emitter tells. */
export async function errorOf(on: EventEmitter): Promise<NodeError> {
  const [error] = await next(on, "error");
  return error as NodeError;
}

/** The error of a call's callback, or null. */
export type NodeError = NodeJS.ErrnoException & {
  readonly address?: string;
  readonly port?: number;
  readonly localAddress?: string;
  readonly localPort?: number;
};

/** 'close', whatever comes before. */
export function closed(on: EventEmitter): Promise<unknown[]> {
  return new Promise((done) => on.once("close", (...args: unknown[]) => done(args)));
}

/** Everything until the other side ends. */
export async function allOf(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await onceEvent(socket, "end");
  return Buffer.concat(chunks);
}

/** As many bytes as that, at least. */
export function bytesOf(socket: Socket, count: number): Promise<Buffer> {
  return new Promise((done) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      length += chunk.length;
      if (length < count) return;
      socket.off("data", onData);
      done(Buffer.concat(chunks));
    };
    socket.on("data", onData);
  });
}

/** Turns of the event loop: what would come at once has come after a few. */
export async function turns(count = 5): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((done) => setImmediate(done));
}

/** Waits until something is so; the test's own timeout ends what never is. */
export async function until(isSo: () => boolean, t: TestContext): Promise<void> {
  while (!isSo() && !t.signal.aborted) await new Promise((done) => setTimeout(done, 2));
}

/** A call that the types do not allow: how wrong arguments are answered. */
export function call(on: object, name: string, ...args: unknown[]): unknown {
  const method = (on as Record<string, (...args: unknown[]) => unknown>)[name]!;
  return method.apply(on, args);
}

/** Names of events in the order in which they come. */
export function record(on: EventEmitter, names: readonly string[]): string[] {
  const seen: string[] = [];
  for (const name of names) on.on(name, () => seen.push(name));
  return seen;
}

/** What a call throws. */
export function thrownBy(act: () => unknown): NodeError {
  try {
    act();
  } catch (error) {
    return error as NodeError;
  }
  throw new Error("Nothing was thrown");
}

/** The code of what a call throws; null when it does not throw. */
export function codeOf(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return (error as NodeError).code ?? String(error);
  }
}
