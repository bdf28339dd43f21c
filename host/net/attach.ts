// Servers of Node's own libraries on a stack: they take any Duplex as a connection, and know nothing of where
// it comes from.

import type { EventEmitter } from "node:events";
import type { Server as NetServer, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Stack } from "../core/stack.js";
import { createNet, type NetModule } from "./module.js";
import { keepAddresses } from "./secure.js";
import { worldOf } from "./world.js";

/** An http, https, http2 or tls server, or anything that handles 'connection'. */
export type Attachable = EventEmitter;

/** Where a server of Node's libraries is reached. */
export interface AttachServerOptions {
  /** 0 to 65535; 0: a free one, which the server's address() tells. */
  port: number;
  /** One of the stack's addresses, or a name of one; default: all. */
  host?: string;
  /** Connections that may wait, 1 to 65535. Default 511. */
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
  const listener = netOf(stack).createServer({ allowHalfOpen: true, noDelay: true });
  listener.on("connection", (socket) => {
    (socket as unknown as { server: unknown }).server = server;
    server.emit("connection", socket);
  });
  listener.on("listening", () => server.emit("listening"));
  listener.on("error", (error) => server.emit("error", error));
  listener.listen({ port, host, backlog });
  followClose(server, listener);
  keepAddressesOf(server);
  return listener;
}

/** What servers have of it where they have it at all. */
interface Closable extends EventEmitter {
  close?(callback?: (error?: Error) => void): unknown;
  closeIdleConnections?(): void;
  address?(): unknown;
}

/** From now on server.close() closes the listener first, and then what it has itself. */
function followClose(server: Closable, listener: NetServer): void {
  const { close, address } = server;
  const restore = (): void => {
    if (close) server.close = close;
    else delete server.close;
    if (address) server.address = address;
    else delete server.address;
  };
  server.address = () => listener.address();
  server.close = (callback) => {
    restore();
    listener.close(() => {
      // It never listened itself, which is no error of the caller's.
      if (close) close.call(server, () => callback?.());
      else {
        server.emit("close");
        callback?.();
      }
    });
    server.closeIdleConnections?.();
    return server;
  };
}

/** What Node's TLSSocket holds of the stream below; internal, and looked at with care. */
interface Secure extends Duplex {
  _handle?: { _parentWrap?: { stream?: Socket } };
}

/** A TLSSocket over a Duplex does not know its peer: it is told before anybody hears of it. */
function keepAddressesOf(server: EventEmitter): void {
  server.prependListener("secureConnection", (secure: Secure) => {
    const below = secure._handle?._parentWrap?.stream;
    if (below !== undefined) keepAddresses(secure, below);
  });
}
