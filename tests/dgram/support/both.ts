// The same test on node:dgram and on motetcp/dgram: what Node does says what is expected.

import nodeDgram, { type RemoteInfo, type Socket, type SocketOptions } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import ownDgram from "../../../host/dgram/index.js";

export type Dgram = typeof nodeDgram;

/** What socket options have in later versions of Node, too. */
export type AnySocketOptions = SocketOptions & { reusePort?: boolean };

/** Ours: what a program gets by default from the package. */
export const OURS: Dgram = ownDgram;

const SIDES: readonly (readonly [string, Dgram])[] = [
  ["node:dgram", nodeDgram],
  ["motetcp/dgram", OURS],
];

/** One of both, with the sockets that a test has opened there. */
export class Side {
  readonly dgram: Dgram;
  readonly isOurs: boolean;
  readonly #sockets: Socket[] = [];

  constructor(dgram: Dgram) {
    this.dgram = dgram;
    this.isOurs = dgram !== nodeDgram;
  }

  /** A socket that is closed after the test. */
  create(options: Partial<AnySocketOptions> = {}): Socket {
    return this.keep(this.dgram.createSocket({ type: "udp4", ...options }));
  }

  keep(socket: Socket): Socket {
    this.#sockets.push(socket);
    return socket;
  }

  /** The same, bound. */
  async bound(
    port = 0,
    address = "127.0.0.1",
    options: Partial<AnySocketOptions> = {},
  ): Promise<Socket> {
    const socket = this.create(options);
    socket.bind(port, address);
    await once(socket, "listening");
    return socket;
  }

  /** A port that nobody has. */
  async freePort(address = "127.0.0.1"): Promise<number> {
    const socket = await this.bound(0, address);
    const { port } = socket.address();
    await closed(socket);
    return port;
  }

  async end(): Promise<void> {
    await Promise.all(this.#sockets.map(closed));
  }
}

/** Closes a socket, whatever became of it. */
export async function closed(socket: Socket): Promise<void> {
  await socket[Symbol.asyncDispose]();
}

export function both(title: string, body: (side: Side) => Promise<void> | void): void {
  onSides(SIDES, title, body);
}

/** On ours, and on Node's where it has the call. */
export function bothWith(
  call: string,
  title: string,
  body: (side: Side) => Promise<void> | void,
): void {
  const able = SIDES.filter(([, { Socket: Class }]) => call in Class.prototype);
  onSides(able, title, body);
}

function onSides(
  sides: typeof SIDES,
  title: string,
  body: (side: Side) => Promise<void> | void,
): void {
  for (const [name, dgram] of sides) {
    test(`${title} (${name})`, { timeout: 30_000 }, async () => {
      const side = new Side(dgram);
      try {
        await body(side);
      } finally {
        await side.end();
      }
    });
  }
}

export interface Message {
  readonly text: string;
  readonly from: RemoteInfo;
}

/** The next datagram that a socket gets. */
export async function message(socket: Socket): Promise<Message> {
  const [data, from] = (await once(socket, "message")) as [Buffer, RemoteInfo];
  return { text: data.toString(), from };
}

/** The texts that a socket gets from now on. */
export function texts(socket: Socket): string[] {
  const all: string[] = [];
  socket.on("message", (data) => all.push(data.toString()));
  return all;
}

type Arguments = readonly unknown[];

/** send() with a callback: what it was called with. */
export function sent(socket: Socket, ...words: Arguments): Promise<readonly unknown[]> {
  return new Promise((resolve) => {
    const callback = (...got: unknown[]) => resolve(got);
    (socket.send as (...all: unknown[]) => void).call(socket, ...words, callback);
  });
}

/** The same where an error is expected. */
export async function sendError(socket: Socket, ...words: Arguments): Promise<ErrorFacts> {
  const [error] = await sent(socket, ...words);
  return factsOf(error);
}

export interface ErrorFacts {
  name: string;
  message: string;
  code?: unknown;
  errno?: unknown;
  syscall?: unknown;
  address?: unknown;
  port?: unknown;
  hostname?: unknown;
}

/** What an error says, to be compared. */
export function factsOf(error: unknown): ErrorFacts {
  if (!(error instanceof Error)) throw new TypeError(`no error, but ${String(error)}`);
  const { name, message: text } = error;
  return Object.assign({ name, message: text }, error);
}

/** What a call throws. */
export function thrownBy(action: () => unknown): ErrorFacts {
  try {
    action();
  } catch (error) {
    return factsOf(error);
  }
  throw new Error("nothing was thrown");
}

/** The error event that comes next. */
export async function errorOf(socket: Socket): Promise<ErrorFacts> {
  const [error] = await new Promise<unknown[]>((resolve) => {
    socket.once("error", (...got) => resolve(got));
  });
  return factsOf(error);
}
