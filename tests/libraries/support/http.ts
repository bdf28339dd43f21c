// What the tests of http, express and fastify share: requests that are waited for, and connections on which a
// test writes what no library would.

import { once } from "node:events";
import {
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  request,
  type RequestOptions,
} from "node:http";
import { request as secureRequest, type RequestOptions as SecureOptions } from "node:https";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { textOf } from "./bytes.js";
import type { World } from "./world.js";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** The agent of a test, which is closed when it ends. */
export function agentFor(
  world: World,
  options: Parameters<World["client"]["agent"]>[0] = {},
): Agent {
  const agent = world.client.agent(options);
  world.defer(() => agent.destroy());
  return agent;
}

/** The response to a request, as soon as its headers are there. */
export async function responseTo(req: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(req, "response")) as [IncomingMessage];
  return response;
}

export function open(world: World, options: RequestOptions): ClientRequest {
  return request({ host: world.server.address, ...options });
}

export function openSecure(world: World, options: SecureOptions): ClientRequest {
  return secureRequest({ host: world.server.address, ...options });
}

/** A whole exchange. */
export async function ask(
  world: World,
  options: RequestOptions,
  body: Readable | Buffer | string = "",
): Promise<Answer> {
  return answerOf(open(world, options), body);
}

export async function answerOf(
  req: ClientRequest,
  body: Readable | Buffer | string = "",
): Promise<Answer> {
  if (typeof body === "string" || Buffer.isBuffer(body)) req.end(body);
  else body.pipe(req);
  const response = await responseTo(req);
  const text = await textOf(response.setEncoding("latin1"));
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

/** A connection of the client on which a test writes by hand. */
export async function raw(world: World, port: number): Promise<Socket> {
  const socket = world.client.net.connect({ host: world.server.address, port });
  world.defer(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** All that comes until the other side ends, whether in good order or not. */
export function untilClosed(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk) => (text += String(chunk)));
  return new Promise((resolve) => {
    socket.on("error", () => undefined).once("close", () => resolve(text));
  });
}
