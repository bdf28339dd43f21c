// The module `net` of a world: what node:net exports, with the sockets of one stack.

import { channel } from "node:diagnostics_channel";
import * as nodeNet from "node:net";
import { Duplex } from "node:stream";
import { EventEmitter } from "node:events";
import { callable } from "../callable.js";
import { notOnThisStack } from "../nodeErrors.js";
import type { ConnectionInfo, OptionName } from "../core/observe.js";
import type { StateChange } from "../core/stateChanges.js";
import { checkSocketOptions, streamOptions, type SocketOptions } from "./options.js";
import { kSocketClass, Server as ServerBase, setUpServer, type ServerOptions } from "./server.js";
import { setUp, Socket as SocketBase } from "./socket.js";
import { kWorld } from "./state.js";
import * as system from "./system.js";
import type { World } from "./world.js";

/** What a socket of a stack can do beyond node:net's. */
export interface StackSocketExtras {
  /** Everything the stack knows of the connection; null while none is open. */
  info(): ConnectionInfo | null;
  /** An option of the connection by its name: DSCP, TTL, R2_SECONDS ... */
  setOption(option: OptionName, value: number): this;
  /** Its value. Throws EBADF where there is no connection. */
  getOption(option: OptionName): number;
  /** Bytes of which the peer is told at once (RFC 6093); how many were taken. */
  writeUrgent(data: string | Uint8Array): number;
  /** Octet of the IP header, 0 to 255: its upper six bits are the DSCP. Node's own from version 24 on. */
  setTypeOfService(tos: number): this;
  /** The same, as packets have it: without the two bits of ECN. */
  getTypeOfService(): number;
  /** Writes `data` whenever nothing was written for `everyMs` (0: not any more). */
  setHeartbeat(everyMs: number, data?: string | Uint8Array): this;
  /** 'stateChange': the connection has gone from one state of RFC 9293 to another. */
  on(event: "stateChange", listener: (change: StateChange) => void): this;
  /** As on(). */
  once(event: "stateChange", listener: (change: StateChange) => void): this;
}

/** A socket of a stack: node:net's, and what it can do beyond. */
export type Socket = nodeNet.Socket & StackSocketExtras;
export type Server = nodeNet.Server;

/** net.connect() of a stack. */
export interface Connect {
  (options: nodeNet.NetConnectOpts, connectionListener?: () => void): Socket;
  (port: number, host?: string, connectionListener?: () => void): Socket;
  (path: string, connectionListener?: () => void): Socket;
}

/** node:net, on a stack. */
export type NetModule = Omit<typeof nodeNet, "connect" | "createConnection" | "Socket"> & {
  /** Opens a connection. What goes wrong is an 'error' of the socket, with Node's codes. */
  connect: Connect;
  /** connect() under its other name. */
  createConnection: Connect;
  /** A socket of the stack: all of net.Socket, and what StackSocketExtras has. */
  Socket: (new (options?: nodeNet.SocketConstructorOpts) => Socket) &
    Omit<typeof nodeNet.Socket, never>;
  /** The module itself, for `import net from`. */
  default: NetModule;
};

const clientSocket = channel("net.client.socket");

/** The module for a world; its classes are its own. */
export function createNet(world: World): NetModule {
  class Socket extends SocketBase {}
  class Server extends ServerBase {}
  const CallableSocket = callable(Socket, 1, (self, options?: SocketOptions | number) => {
    const checked = checkSocketOptions(options);
    (Duplex as unknown as Function).call(self, streamOptions(checked));
    setUp(self, checked);
  });
  const CallableServer = callable(
    Server,
    2,
    (self, options?: ServerOptions, onConnection?: (socket: SocketBase) => void) => {
      (EventEmitter as unknown as Function).call(self);
      setUpServer(self, options, onConnection);
    },
  );
  ownMethods(Socket, SocketBase);
  ownMethods(Server, ServerBase);
  define(Socket.prototype, kWorld, world);
  define(Server.prototype, kWorld, world);
  define(Server.prototype, kSocketClass, Socket);

  function connect(...args: unknown[]): SocketBase {
    const normalized = system._normalizeArgs(args);
    const options = normalized[0] as SocketOptions & { timeout?: number };
    const socket = new Socket(options);
    if (clientSocket.hasSubscribers) clientSocket.publish({ socket });
    if (options.timeout) socket.setTimeout(options.timeout);
    return socket.connect(normalized);
  }

  const createServer = (options?: ServerOptions, onConnection?: (socket: SocketBase) => void) =>
    new Server(options, onConnection);

  const module = {
    _createServerHandle: createServerHandle,
    _normalizeArgs: system._normalizeArgs,
    _setSimultaneousAccepts: () => {},
    BoundSocket,
    BlockList: system.BlockList,
    SocketAddress: system.SocketAddress,
    connect,
    createConnection: connect,
    createServer,
    isIP: system.isIP,
    isIPv4: system.isIPv4,
    isIPv6: system.isIPv6,
    Server: CallableServer,
    Socket: CallableSocket,
    Stream: CallableSocket,
    getDefaultAutoSelectFamily: system.getDefaultAutoSelectFamily,
    setDefaultAutoSelectFamily: system.setDefaultAutoSelectFamily,
    getDefaultAutoSelectFamilyAttemptTimeout: system.getDefaultAutoSelectFamilyAttemptTimeout,
    setDefaultAutoSelectFamilyAttemptTimeout: system.setDefaultAutoSelectFamilyAttemptTimeout,
  };
  // Some names not all of Node's versions have.
  for (const name of Object.keys(module))
    if (!(name in nodeNet)) Reflect.deleteProperty(module, name);
  // Not listed, as node:net does not list it either.
  Object.defineProperty(module, "default", { value: module });
  return module as unknown as NetModule;
}

function createServerHandle(
  _address: unknown,
  _port: unknown,
  _addressType: unknown,
  _fd: unknown,
  _flags: unknown,
): never {
  throw notOnThisStack("_createServerHandle()", "listeners have no handle of the system");
}

/** Node 24: a handle of the system that is bound before it is used. */
class BoundSocket {
  declare readonly address: () => never;

  constructor() {
    throw notOnThisStack(
      "BoundSocket",
      "sockets have no handle of the system; use localPort, or listen() with a port",
    );
  }
}

function define(target: object, key: symbol, value: unknown): void {
  Object.defineProperty(target, key, { value });
}

/** What watches programs replaces methods where node:net has them: on the prototype itself, below Duplex or EventEmitter. */
function ownMethods(Class: Function, Base: Function): void {
  const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(Base.prototype as object);
  const prototype = Class.prototype as object;
  Object.defineProperties(prototype, methods);
  Object.setPrototypeOf(prototype, Object.getPrototypeOf(Base.prototype) as object);
}
