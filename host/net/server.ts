// net.Server on a stack: Node's forms of listen(), events and their order, over a listener of the stack.

import { AsyncResource } from "node:async_hooks";
import { channel } from "node:diagnostics_channel";
import { EventEmitter } from "node:events";
import { isIP, isIPv6, type AddressInfo } from "node:net";
import { getDefaultHighWaterMark } from "node:stream";
import type { Connection, Listener } from "../core/connection.js";
import {
  callErrorInWords,
  invalidArgType,
  invalidArgValue,
  nodeError,
  notOnThisStack,
  validateAbortSignal,
  validateNumber,
  validatePort,
} from "../nodeErrors.js";
import { Accepted } from "./accepted.js";
import { Handle } from "./handle.js";
import { Hold } from "../core/keepAlive.js";
import { checkDelay, type KeepAliveSetting } from "./options.js";
import { codeOf } from "./reach.js";
import type { Socket } from "./socket.js";
import { kWorld } from "./state.js";
import { _normalizeArgs as normalizeArgs } from "./system.js";
import type { World } from "./world.js";

/** The class of its sockets: on the prototype of a module's Server. */
export const kSocketClass = Symbol("socket class");
const kContext = Symbol("context");
const kHold = Symbol("hold");

const accepted = channel("net.server.socket");

export interface ServerOptions extends KeepAliveSetting {
  allowHalfOpen?: boolean;
  pauseOnConnect?: boolean;
  highWaterMark?: number;
  blockList?: { check(address: string, family?: "ipv4" | "ipv6"): boolean };
}

interface ListenWhere {
  port?: unknown;
  host?: unknown;
  path?: unknown;
  fd?: unknown;
  backlog?: unknown;
  ipv6Only?: unknown;
  signal?: unknown;
  handle?: unknown;
  _handle?: unknown;
}

/** Node's own. */
const DEFAULT_BACKLOG = 511;
const MOST_BACKLOG = 65_535;

export class Server extends EventEmitter {
  declare readonly [kWorld]: World;
  declare readonly [kSocketClass]: new (accepted: Accepted) => Socket;
  declare _connections: number;
  declare _unref: boolean;
  declare _listeningId: number;
  /** Family, address and port as they were asked for. */
  declare _connectionKey: string | undefined;
  declare _usingWorkers: boolean;
  declare _workers: unknown[];
  declare allowHalfOpen: boolean;
  declare pauseOnConnect: boolean;
  declare noDelay: boolean;
  declare keepAlive: boolean;
  /** Whole seconds, as Node has it. */
  declare keepAliveInitialDelay: number;
  declare highWaterMark: number;
  declare blockList: ServerOptions["blockList"];
  /** More are dropped: 'drop'. */
  declare maxConnections: number | undefined;
  /** There while it listens. */
  declare _handle: ServerHandle | null;
  declare [kContext]: AsyncResource | null;
  declare [kHold]: Hold;

  constructor(
    options?: ServerOptions | ((socket: Socket) => void) | null,
    onConnection?: (socket: Socket) => void,
  ) {
    super();
    setUpServer(this, options, onConnection);
  }

  get listening(): boolean {
    return this._handle !== null;
  }

  listen(...args: unknown[]): this {
    const [options, callback] = normalizeArgs(args);
    if (this.listening) {
      const text = "Listen method has been called more than once without closing.";
      throw nodeError("ERR_SERVER_ALREADY_LISTEN", text);
    }
    if (callback !== null) this.once("listening", callback);
    const backlog = toNumber(args.length > 1 && args[1]) || toNumber(args.length > 2 && args[2]);
    this._listeningId++;
    listenWhere(this, options as ListenWhere, args, backlog);
    return this;
  }

  address(): AddressInfo | string | null {
    return this._handle?.address() ?? null;
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    process.nextTick(callback, null, this._connections);
    return this;
  }

  close(callback?: (error?: Error) => void): this {
    this._listeningId++;
    if (typeof callback === "function") {
      if (this.listening) this.once("close", callback);
      else {
        const error = nodeError("ERR_SERVER_NOT_RUNNING", "Server is not running.");
        this.once("close", () => callback(error));
      }
    }
    if (this._handle !== null) {
      this._handle.close();
      this._handle = null;
    }
    weigh(this);
    this._emitCloseIfDrained();
    return this;
  }

  _emitCloseIfDrained(): void {
    if (this.listening || this._connections > 0) return;
    process.nextTick(emitClose, this);
  }

  ref(): this {
    this._unref = false;
    weigh(this);
    return this;
  }

  unref(): this {
    this._unref = true;
    weigh(this);
    return this;
  }
}

const emitClose = (server: Server): void => void server.emit("close");

// `await using` is not in every Node that runs this.
const asyncDispose = (Symbol as { asyncDispose?: symbol }).asyncDispose;
if (asyncDispose !== undefined) {
  Object.defineProperty(Server.prototype, asyncDispose, {
    async value(this: Server) {
      if (!this.listening) return;
      await new Promise<void>((done, fail) =>
        this.close((error) => (error ? fail(error) : done())),
      );
    },
    writable: true,
    configurable: true,
  });
}

/** The rest of the constructor, also for classes of old style. */
export function setUpServer(
  server: Server,
  given?: ServerOptions | ((socket: Socket) => void) | null,
  onConnection?: (socket: Socket) => void,
): void {
  let options: ServerOptions = {};
  if (typeof given === "function") server.on("connection", given);
  else if (given == null || typeof given === "object") {
    options = { ...given };
    if (typeof onConnection === "function") server.on("connection", onConnection);
  } else throw invalidArgType("options", "Object", given);
  checkDelay(options);
  if (options.highWaterMark !== undefined)
    validateNumber(options.highWaterMark, "options.highWaterMark");
  server._connections = 0;
  server._unref = false;
  server._listeningId = 1;
  server._usingWorkers = false;
  server._workers = [];
  server.allowHalfOpen = options.allowHalfOpen || false;
  server.pauseOnConnect = Boolean(options.pauseOnConnect);
  server.noDelay = Boolean(options.noDelay);
  server.keepAlive = Boolean(options.keepAlive);
  server.keepAliveInitialDelay = ~~((options.keepAliveInitialDelay ?? 0) / 1000);
  const { highWaterMark = -1 } = options;
  server.highWaterMark = highWaterMark < 0 ? getDefaultHighWaterMark(false) : highWaterMark;
  server.blockList = options.blockList;
  server._handle = null;
  server[kContext] = null;
  server[kHold] = new Hold();
}

/** "10" and 10 as numbers, else false: what is no number is no backlog. */
function toNumber(value: unknown): number | false {
  const number = Number(value);
  return number >= 0 && value !== false ? number : false;
}

function listenWhere(
  server: Server,
  where: ListenWhere,
  args: readonly unknown[],
  backlogGiven: number | false,
): void {
  const target = (where._handle ?? where.handle) as ListenWhere | undefined;
  if (target) throw notOnThisStack("options.handle", NO_HANDLES);
  if (where.signal !== undefined) stopOnAbort(server, where.signal);
  if (typeof where.fd === "number" && where.fd >= 0) throw notOnThisStack("options.fd", NO_HANDLES);
  const isOmitted = args.length === 0 || typeof args[0] === "function";
  const isUndefined = where.port === undefined && "port" in where;
  const port = isOmitted || isUndefined || where.port === null ? 0 : where.port;
  if (typeof port === "number" || typeof port === "string") {
    const number = validatePort(port, "options.port");
    const backlog = Number(where.backlog) || backlogGiven || DEFAULT_BACKLOG;
    const place = { port: number, backlog, ipv6Only: where.ipv6Only === true };
    if (where.host) lookUpAndListen(server, String(where.host), place);
    else startListening(server, { ...place, host: null });
    return;
  }
  if (typeof where.path === "string") throw notOnThisStack("options.path", NO_PATHS);
  if (!("port" in where || "path" in where)) {
    const reason = 'must have the property "port" or "path"';
    throw invalidArgValue("options", where, reason);
  }
  throw invalidArgValue("options", where);
}

const NO_HANDLES = "listeners are not the system's, and have no descriptor or handle of it";
const NO_PATHS = "there are no local sockets with a path on this stack";

function stopOnAbort(server: Server, signal: unknown): void {
  validateAbortSignal(signal, "options.signal");
  const stop = (): void => void server.close();
  if (signal.aborted) {
    process.nextTick(stop);
    return;
  }
  signal.addEventListener("abort", stop, { once: true });
  server.once("close", () => signal.removeEventListener("abort", stop));
}

interface ListenPlace {
  readonly host: string | null;
  readonly port: number;
  readonly backlog: number;
  readonly ipv6Only: boolean;
}

/** As in Node, an address that is written out is looked up, too: the server listens a moment later. */
function lookUpAndListen(server: Server, host: string, place: Omit<ListenPlace, "host">): void {
  const id = server._listeningId;
  const found = (error: Error | null, address: unknown): void => {
    // close() came first.
    if (id !== server._listeningId) return;
    if (error) server.emit("error", error);
    else startListening(server, { ...place, host: address as string });
  };
  if (isIP(host)) process.nextTick(found, null, host);
  else server[kWorld].lookup(host, {}, found as never);
}

function startListening(server: Server, place: ListenPlace): void {
  const { host, port, backlog, ipv6Only } = place;
  const id = server._listeningId;
  // The unspecified address of IPv6 takes IPv4 as well, unless it was told not to.
  const isAny = host === null || host === "0.0.0.0" || (host === "::" && !ipv6Only);
  try {
    if (!isAny && isIPv6(host)) throw Object.assign(new Error(), { code: "EAFNOSUPPORT" });
    server[kContext] = new AsyncResource("TCPSERVERWRAP");
    const listener = server[kWorld].stack.listen(
      {
        port,
        backlog: Math.min(backlog, MOST_BACKLOG),
        ...(isAny ? {} : { address: host }),
      },
      (connection) =>
        server[kContext]!.runInAsyncScope(() =>
          server._handle?.onconnection(null, Handle.of(connection)),
        ),
    );
    if (server[kWorld].isLoopback) listener.setOption("SOURCE_LIMIT", 0);
    server._handle = new ServerHandle(server, listener, host);
    listener.onAbandoned = () => server.close();
    const address = server._handle.address();
    server._connectionKey = `${isIP(address.address)}:${address.address}:${port}`;
  } catch (error) {
    const code = codeOf(error as NodeJS.ErrnoException);
    const failure = callErrorInWords(code, "listen", { address: host ?? "0.0.0.0", port });
    process.nextTick(() => void server.emit("error", failure));
    return;
  }
  weigh(server);
  process.nextTick(() => {
    if (server.listening && id === server._listeningId) server.emit("listening");
  });
}

/** An open listener, and the address as it was asked for. */
class ServerHandle {
  readonly #listener: Listener;
  readonly #host: string | null;
  readonly #server: Server;

  constructor(server: Server, listener: Listener, host: string | null) {
    this.#server = server;
    this.#listener = listener;
    this.#host = host;
  }

  /** Called for each connection; who watches puts a function of its own here. */
  onconnection = (_error: unknown, handle: Handle): void => onConnection(this.#server, handle);

  address(): AddressInfo {
    const address = this.#host ?? this.#listener.address;
    return { address, family: isIPv6(address) ? "IPv6" : "IPv4", port: this.#listener.port };
  }

  ref(): void {
    this.#server.ref();
  }

  unref(): void {
    this.#server.unref();
  }

  hasRef(): boolean {
    return !this.#server._unref;
  }

  close(): void {
    this.#listener.close();
  }
}

/** Whether it keeps the process alive. */
function weigh(server: Server): void {
  const wanted = server.listening && !server._unref;
  server[kHold].set(wanted);
}

function onConnection(server: Server, handle: Handle): void {
  const connection = handle.connection!;
  if (isTooMany(server) || server.blockList?.check(connection.remoteAddress, "ipv4")) {
    const data = endsOf(connection);
    connection.close();
    server.emit("drop", data);
    return;
  }
  const socket = new server[kSocketClass](new Accepted(server, handle));
  if (server.noDelay) handle.setNoDelay(true);
  if (server.keepAlive) handle.setKeepAlive(true, server.keepAliveInitialDelay);
  server._connections++;
  socket.server = server;
  socket._server = server;
  server.emit("connection", socket);
  if (accepted.hasSubscribers) accepted.publish({ socket });
}

/** Before Node 21 none at all was as many as come. */
const ZERO_IS_NO_LIMIT = Number(process.versions.node.split(".")[0]) < 21;

function isTooMany({ maxConnections, _connections }: Server): boolean {
  if (maxConnections == null || (maxConnections === 0 && ZERO_IS_NO_LIMIT)) return false;
  return _connections >= maxConnections;
}

function endsOf({ localAddress, localPort, remoteAddress, remotePort }: Connection) {
  const local = { localAddress, localPort, localFamily: "IPv4" };
  return { ...local, remoteAddress, remotePort, remoteFamily: "IPv4" };
}
