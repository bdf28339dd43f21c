// net.Socket on a stack: Node's properties, events and their order, over a Handle. The stream above holds
// what streams hold; nothing else here keeps bytes.

import type { AddressInfo, TcpSocketConnectOpts } from "node:net";
import { addAbortSignal, Duplex } from "node:stream";
import type { ConnectionInfo, OptionName } from "../core/observe.js";
import {
  callError,
  invalidArgType,
  nodeError,
  validateDelay,
  validateFunction,
  validateInt32,
} from "../nodeErrors.js";
import { Accepted } from "./accepted.js";
import type { Handle, WriteCallback } from "./handle.js";
import { startHeartbeat, stopHeartbeat } from "./heartbeat.js";
import { newHandle, ownerFor, revive, startConnect } from "./opening.js";
import { checkSocketOptions, checkTarget, streamOptions, type SocketOptions } from "./options.js";
import { onReadOf, resumeOwnBuffer, type OnRead } from "./ownBuffer.js";
import type { Server } from "./server.js";
import {
  kAttempt,
  kCounts,
  kHandle,
  kHeartbeat,
  kOnRead,
  kOwnEnd,
  kPeer,
  kSettings,
  kTimer,
  kWorld,
  type Ends,
  type Settings,
} from "./state.js";
import { normalizedOnce } from "./system.js";
import type { World } from "./world.js";
import {
  bytesOf,
  onEnd,
  waitingBytes,
  writeWhenConnected,
  type Encoding,
  type WritableChunk,
} from "./writing.js";

type Listener = Parameters<Duplex["on"]>[1];

export class Socket extends Duplex {
  declare readonly [kWorld]: World;
  declare connecting: boolean;
  declare timeout: number | undefined;
  /** The server that accepted it, or null. */
  declare server: unknown;
  declare _server: Server | null;
  declare _hadError: boolean;
  declare _host: string | null;
  declare _parent: null;
  declare _pendingData: unknown;
  declare _pendingEncoding: string;
  declare resetAndClosing: boolean;
  /** "address:port" of each address that was tried. */
  declare autoSelectFamilyAttemptedAddresses: string[] | undefined;
  declare [kHandle]: Handle | null;
  declare [kSettings]: Settings;
  declare [kTimer]: NodeJS.Timeout | null;
  declare [kOnRead]: OnRead | null;
  declare [kOwnEnd]: Ends | null;
  declare [kPeer]: Ends | null;
  declare [kCounts]: { read: number; written: number };
  declare [kAttempt]: number;
  declare [kHeartbeat]: NodeJS.Timeout | null;

  constructor(given?: SocketOptions | number | Accepted) {
    const accepted = given instanceof Accepted ? given : null;
    const options = accepted?.options ?? checkSocketOptions(given as SocketOptions | number);
    super(streamOptions(options));
    setUp(this, options, accepted?.handle);
  }

  // What it is connected to.

  /** There from connect() on until the socket is closed. Not Node's class, but with what is called on it there. */
  get _handle(): Handle | null {
    return this[kHandle];
  }

  set _handle(handle: Handle | null) {
    this[kHandle] = handle;
  }

  get pending(): boolean {
    return this[kHandle] === null || this.connecting;
  }

  get readyState(): "opening" | "open" | "readOnly" | "writeOnly" | "closed" {
    if (this.connecting) return "opening";
    if (this.readable && this.writable) return "open";
    if (this.readable) return "readOnly";
    return this.writable ? "writeOnly" : "closed";
  }

  get _connecting(): boolean {
    return this.connecting;
  }

  get bufferSize(): number | undefined {
    return this[kHandle] === null ? undefined : this.writableLength;
  }

  address(): AddressInfo | object {
    return this._getsockname();
  }

  _getsockname(): Ends {
    const connection = this[kHandle]?.connection;
    if (!connection) return {};
    const { localAddress: address, localPort: port } = connection;
    return (this[kOwnEnd] ??= { address, family: "IPv4", port });
  }

  _getpeername(): Ends {
    const connection = this[kHandle]?.connection;
    if (!connection || this.connecting) return this[kPeer] ?? {};
    const { remoteAddress: address, remotePort: port } = connection;
    return (this[kPeer] ??= { address, family: "IPv4", port });
  }

  get localAddress(): string | undefined {
    return this._getsockname().address;
  }
  get localPort(): number | undefined {
    return this._getsockname().port;
  }
  get localFamily(): string | undefined {
    return this._getsockname().family;
  }
  get remoteAddress(): string | undefined {
    return this._getpeername().address;
  }
  get remotePort(): number | undefined {
    return this._getpeername().port;
  }
  get remoteFamily(): string | undefined {
    return this._getpeername().family;
  }

  get bytesRead(): number {
    return this[kHandle]?.bytesRead ?? this[kCounts].read;
  }

  get _bytesDispatched(): number {
    return this[kHandle]?.bytesWritten ?? this[kCounts].written;
  }

  get bytesWritten(): number | undefined {
    return this._bytesDispatched + waitingBytes(this);
  }

  // Options.

  setTimeout(msecs: number, callback?: () => void): this {
    if (this.destroyed) return this;
    this.timeout = msecs;
    const delayMs = validateDelay(msecs, "msecs");
    clearTimeout(this[kTimer] ?? undefined);
    if (callback !== undefined) validateFunction(callback, "callback");
    if (delayMs === 0) {
      this[kTimer] = null;
      if (callback !== undefined) this.removeListener("timeout", callback);
      return this;
    }
    this[kTimer] = setTimeout(() => this._onTimeout(), delayMs).unref();
    if (callback !== undefined) this.once("timeout", callback);
    return this;
  }

  _onTimeout(): void {
    this.emit("timeout");
  }

  _unrefTimer(): void {
    this[kTimer]?.refresh();
  }

  setNoDelay(enable: unknown = true): this {
    const settings = this[kSettings];
    const noDelay = Boolean(enable);
    if (noDelay === settings.noDelay) return this;
    settings.noDelay = noDelay;
    this[kHandle]?.setNoDelay(noDelay);
    return this;
  }

  setKeepAlive(enable?: unknown, initialDelayMs?: unknown): this {
    const settings = this[kSettings];
    const keepAlive = Boolean(enable);
    const seconds = ~~((initialDelayMs as number) / 1000);
    const isSame = keepAlive === settings.keepAlive;
    if (isSame && (!keepAlive || seconds === settings.keepAliveSeconds)) return this;
    settings.keepAlive = keepAlive;
    settings.keepAliveSeconds = seconds;
    this[kHandle]?.setKeepAlive(keepAlive, seconds);
    return this;
  }

  /** Octet of the IP header, 0 to 255, as in Node 24. Its upper six bits are the DSCP; ECN is not the user's. */
  setTypeOfService(tos: number): this {
    if (Number.isNaN(tos)) throw invalidArgType("tos", "number", tos);
    validateInt32(tos, "tos", 0, 255);
    const handle = this[kHandle];
    if (handle !== null && tos === this[kSettings].typeOfService) return this;
    this[kSettings].typeOfService = tos;
    if (handle !== null && handle.setTypeOfService(tos) < 0)
      throw callError("EBADF", "setTypeOfService");
    return this;
  }

  getTypeOfService(): number {
    const tos = this[kHandle]?.getTypeOfService() ?? this[kSettings].typeOfService ?? 0;
    if (tos < 0) throw callError("EBADF", "getTypeOfService");
    return tos;
  }

  ref(): this {
    this[kSettings].isRef = true;
    this[kHandle]?.ref();
    return this;
  }

  unref(): this {
    this[kSettings].isRef = false;
    this[kHandle]?.unref();
    return this;
  }

  // Beyond Node's.

  /** Everything the stack knows of the connection: RFC 9293's variables, timers, what was agreed. null: none is open. */
  info(): ConnectionInfo | null {
    return this[kHandle]?.connection?.info() ?? null;
  }

  /** An option of the connection by its name: DSCP, TTL, R2_SECONDS (the user timeout) ... Throws EBADF while none is open. */
  setOption(option: OptionName, value: number): this {
    openOf(this, "setsockopt").setOption(option, value);
    return this;
  }

  getOption(option: OptionName): number {
    return openOf(this, "getsockopt").getOption(option);
  }

  /**
   * Writes `data` whenever nothing was written for `everyMs`, so that a peer that ends silent connections keeps this
   * one. It neither keeps the process alive nor piles up behind a peer that does not read. 0: not any more.
   */
  setHeartbeat(everyMs: number, data?: string | Uint8Array): this {
    startHeartbeat(this, everyMs, data);
    return this;
  }

  /**
   * Bytes of which the peer is told at once (RFC 6093: in line all the same). How many the stack took: it takes
   * none while earlier ones wait.
   */
  writeUrgent(data: string | Uint8Array): number {
    if (this.writableLength > 0) return 0;
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    const taken = openOf(this, "write").write(bytes, true);
    this[kHandle]!.bytesWritten += taken;
    return taken;
  }

  override on(event: string | symbol, listener: Listener): this {
    listens(this, event);
    return super.on(event, listener);
  }

  override addListener(event: string | symbol, listener: Listener): this {
    listens(this, event);
    return super.addListener(event, listener);
  }

  override prependListener(event: string | symbol, listener: Listener): this {
    listens(this, event);
    return super.prependListener(event, listener);
  }

  override prependOnceListener(event: string | symbol, listener: Listener): this {
    listens(this, event);
    return super.prependOnceListener(event, listener);
  }

  // Opening.

  connect(...args: unknown[]): this {
    const [options, callback] = normalizedOnce(args);
    if (callback !== null) this.once("connect", callback);
    checkTarget(options);
    if (Object.hasOwn(this, "write")) delete (this as Partial<this>).write;
    if (this.destroyed) revive(this);
    if (this[kHandle] === null) newHandle(this);
    this._unrefTimer();
    this.connecting = true;
    startConnect(this, options as TcpSocketConnectOpts);
    return this;
  }

  // The stream.

  override _read(): void {
    const handle = this[kHandle];
    if (this.connecting || handle === null) this.once("connect", () => this._read());
    else if (!handle.reading) handle.readStart();
  }

  override pause(): this {
    if (this[kOnRead] !== null && !this.connecting) this[kHandle]?.readStop();
    return super.pause();
  }

  override resume(): this {
    resumeOwnBuffer(this);
    return super.resume();
  }

  override read(size?: number): unknown {
    resumeOwnBuffer(this);
    return super.read(size);
  }

  override _write(chunk: string | Uint8Array, encoding: Encoding, callback: WriteCallback): void {
    this._writeGeneric(false, chunk, encoding, callback);
  }

  override _writev(chunks: WritableChunk[], callback: WriteCallback): void {
    this._writeGeneric(true, chunks, "", callback);
  }

  _writeGeneric(several: boolean, data: unknown, encoding: string, callback: WriteCallback): void {
    if (this.connecting) {
      writeWhenConnected(this, several, data, encoding, callback);
      return;
    }
    this._pendingData = null;
    this._pendingEncoding = "";
    const handle = this[kHandle];
    if (handle === null) {
      callback(nodeError("ERR_SOCKET_CLOSED", "Socket is closed"));
      return;
    }
    this._unrefTimer();
    this[kHeartbeat]?.refresh();
    const chunks = several
      ? (data as WritableChunk[]).map(bytesOf)
      : [bytesOf({ chunk: data, encoding } as WritableChunk)];
    handle.write(chunks, (error) => {
      this._unrefTimer();
      callback(error);
    });
  }

  override _final(callback: WriteCallback): void {
    if (this.pending) {
      this.once("connect", () => this._final(callback));
      return;
    }
    try {
      this[kHandle]?.shutdown();
      callback(null);
    } catch (error) {
      callback(callError((error as NodeJS.ErrnoException).code ?? "EIO", "shutdown"));
    }
  }

  override end(...args: unknown[]): this {
    super.end(...(args as [unknown, BufferEncoding, () => void]));
    return this;
  }

  // Closing.

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", this.destroy);
  }

  resetAndDestroy(): this {
    if (this.connecting) this.once("connect", () => this._reset());
    else if (this[kHandle] !== null) this._reset();
    else this.destroy(nodeError("ERR_SOCKET_CLOSED", "Socket is closed"));
    return this;
  }

  _reset(): this {
    this.resetAndClosing = true;
    return this.destroy();
  }

  override _destroy(exception: Error | null, callback: (error: Error | null) => void): void {
    this.connecting = false;
    this[kAttempt]++;
    clearTimeout(this[kTimer] ?? undefined);
    stopHeartbeat(this);
    const handle = this[kHandle];
    const isException = exception !== null && exception !== undefined;
    if (handle === null) {
      callback(exception);
      process.nextTick(emitClose, this);
    } else {
      closeHandle(this, handle, isException);
      callback(exception);
    }
    const server = this._server;
    if (server === null) return;
    server._connections--;
    server._emitCloseIfDrained();
  }
}

/** The rest of the constructor, also for classes of old style that call it on themselves. */
export function setUp(socket: Socket, options: SocketOptions, accepted?: Handle): void {
  socket.connecting = false;
  socket.timeout = undefined;
  socket.server = null;
  socket._server = null;
  socket._hadError = false;
  socket._host = null;
  socket._parent = null;
  socket._pendingData = null;
  socket._pendingEncoding = "";
  socket.resetAndClosing = false;
  socket[kHandle] = accepted ?? null;
  socket[kTimer] = null;
  socket[kOnRead] = onReadOf(options);
  socket[kOwnEnd] = socket[kPeer] = null;
  socket[kCounts] = { read: 0, written: 0 };
  socket[kAttempt] = 0;
  socket[kSettings] = {
    noDelay: Boolean(options.noDelay),
    keepAlive: Boolean(options.keepAlive),
    keepAliveSeconds: ~~((options.keepAliveInitialDelay ?? 0) / 1000),
    isRef: true,
    typeOfService: options.typeOfService,
  };
  socket[kHeartbeat] = null;
  socket.on("end", onEnd);
  if (socket[kHandle] !== null) start(socket, options);
  if (options.signal) addAbortSignal(options.signal, socket);
}

/** The server's socket reads from the start, unless it was told to wait. */
function start(socket: Socket, options: SocketOptions): void {
  const handle = socket[kHandle]!;
  handle.belongTo(ownerFor(socket));
  if (options.pauseOnCreate)
    (socket as { readableFlowing: boolean | null }).readableFlowing = false;
  else if (!options.manualStart) socket.read(0);
}

const emitClose = (socket: Socket): void => void socket.emit("close");

function closeHandle(socket: Socket, handle: Handle, isException: boolean): void {
  // Who it was is asked after it is gone, too.
  socket._getpeername();
  socket[kCounts] = { read: handle.bytesRead, written: handle.bytesWritten };
  socket[kHandle] = null;
  socket[kOwnEnd] = null;
  const done = (): void => void socket.emit("close", isException);
  if (socket.resetAndClosing) {
    socket.resetAndClosing = false;
    handle.reset(done);
  } else {
    handle.close(done);
  }
}

/** Changes of state are told only where somebody listens for them. */
function listens(socket: Socket, event: string | symbol): void {
  if (event === "stateChange") socket[kHandle]?.tellState(true);
}

/** The connection, where something is asked of it. */
function openOf(socket: Socket, syscall: string) {
  const connection = socket[kHandle]?.connection;
  if (!connection) throw callError("EBADF", syscall);
  return connection;
}
