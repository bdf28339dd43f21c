// Servers of Node's own libraries on a stack: they take any Duplex as a connection, and know nothing of where
// it comes from.

import type { EventEmitter } from "node:events";
import type { Server as NetServer, ServerOpts, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Stack } from "../core/stack.js";
import { createNet, type NetModule } from "./module.js";
import { keepAddresses } from "./secure.js";
import { worldOf } from "./world.js";

/** An http, https, http2 or tls server, or anything that handles 'connection'. */
export type Attachable = EventEmitter;

export interface AttachServerOptions {
  port: number;
  /** One of the stack's addresses, or a name of one; default: all. */
  host?: string;
  backlog?: number;
}

const modules = new WeakMap<Stack, NetModule>();

/** node:net on a stack; the same object for each call. */
export function netOf(stack: Stack): NetModule {
  let net = modules.get(stack);
  if (net === undefined) {
    net = createNet(worldOf(stack));
    Object.defineProperty(net, "default", { value: net });
    modules.set(stack, net);
  }
  return net;
}

/**
 * Hands the connections of a port to a server. The result listens: its close() ends that, and so does the
 * server's. Without 'listening' an http server would not enforce its timeouts.
 */
export function attachServer(
  stack: Stack,
  server: Attachable,
  { port, host, backlog }: AttachServerOptions,
): NetServer {
  const listener = netOf(stack).createServer(optionsOf(server));
  listener.on("connection", (socket) => {
    (socket as unknown as { server: unknown }).server = server;
    server.emit("connection", socket);
  });
  listener.on("listening", () => server.emit("listening"));
  listener.on("error", (error) => server.emit("error", error));
  listener.on("drop", (data) => server.emit("drop", data));
  listener.listen({ port, host, backlog });
  tellAs(server, listener);
  keepAddressesOf(server);
  return listener;
}

/** What servers have of node:net's where they have it at all. */
interface Closable extends EventEmitter {
  close?(callback?: (error?: Error) => void): unknown;
  closeIdleConnections?(): void;
  readonly allowHalfOpen?: boolean;
  readonly noDelay?: boolean;
  readonly pauseOnConnect?: boolean;
  readonly keepAlive?: boolean;
  /** Whole seconds, as Node keeps it. */
  readonly keepAliveInitialDelay?: number;
  readonly highWaterMark?: number;
  readonly maxConnections?: number;
}

/** Its connections are to be as if it listened itself: an http server wants half-open ones, a tls server not. */
function optionsOf(server: Closable): ServerOpts {
  const {
    allowHalfOpen = true,
    noDelay = true,
    pauseOnConnect = false,
    keepAlive = false,
  } = server;
  const { keepAliveInitialDelay = 0, highWaterMark } = server;
  return {
    ...{ allowHalfOpen, noDelay, pauseOnConnect, keepAlive },
    keepAliveInitialDelay: keepAliveInitialDelay * 1000,
    ...(highWaterMark === undefined ? {} : { highWaterMark }),
  };
}

/** What a server says of itself is the listener's while there is one; all of them may change from outside. */
function tellAs(server: Closable, listener: NetServer): void {
  const told = {
    listening: { get: () => listener.listening },
    address: { value: () => listener.address() },
    getConnections: { value: (callback: CountCallback) => listener.getConnections(callback) },
    close: { value: (callback?: () => void) => closeBoth(server, listener, restore, callback) },
  };
  const before = Object.keys(told).map(
    (name) => [name, Object.getOwnPropertyDescriptor(server, name)] as const,
  );
  const restore = (): void => {
    for (const [name, own] of before) {
      if (own === undefined) delete (server as unknown as Record<string, unknown>)[name];
      else Object.defineProperty(server, name, own);
    }
  };
  for (const [name, own] of Object.entries(told)) {
    const form = "value" in own ? { ...own, writable: true } : own;
    Object.defineProperty(server, name, { ...form, configurable: true, enumerable: false });
  }
  Object.defineProperty(listener, "maxConnections", { get: () => server.maxConnections });
}

type CountCallback = (error: Error | null, count: number) => void;

/** The listener first, and then what the server has itself: it never listened, which is no error of the caller's. */
function closeBoth(
  server: Closable,
  listener: NetServer,
  restore: () => void,
  callback?: () => void,
): Closable {
  restore();
  listener.close(() => {
    if (server.close) server.close(() => callback?.());
    else {
      server.emit("close");
      callback?.();
    }
  });
  server.closeIdleConnections?.();
  return server;
}

/** What Node's TLSSocket holds of the stream below; internal, and looked at with care. */
interface Secure extends Duplex {
  _handle?: { _parentWrap?: { stream?: Socket } };
}

/** What an http2 session without TLS holds of it. */
interface Session {
  readonly socket: { stream?: Socket; _getpeername: () => object; _getsockname: () => object };
}

/** What Node puts around a Duplex does not know its peer: it is told before anybody hears of it. */
function keepAddressesOf(server: EventEmitter): void {
  server.prependListener("secureConnection", (secure: Secure) => {
    const below = secure._handle?._parentWrap?.stream;
    if (below !== undefined) keepAddresses(secure, below);
  });
  server.prependListener("session", ({ socket }: Session) => {
    const below = socket?.stream;
    if (below === undefined) return;
    // The session shows its socket through a proxy that lets these two pass.
    socket._getpeername = () => {
      const { remoteAddress, remotePort, remoteFamily } = below;
      return { address: remoteAddress, port: remotePort, family: remoteFamily };
    };
    socket._getsockname = () => below.address();
  });
}
