// net.Socket on a stack: Node's properties, events and their order, over a Handle. The stream above holds
// what streams hold; nothing else here keeps bytes.

import {
  getDefaultAutoSelectFamily,
  getDefaultAutoSelectFamilyAttemptTimeout,
  normalizedOnce,
} from "./system.js";
import { isIP, type AddressInfo, type TcpSocketConnectOpts } from "node:net";
import { addAbortSignal, Duplex } from "node:stream";
import type { ConnectionInfo, OptionName } from "../core/observe.js";
import { callError, nodeError, validateDelay, validateFunction } from "../nodeErrors.js";
import { Handle, type HandleOwner, type WriteCallback } from "./handle.js";
import {
  checkSocketOptions,
  checkTarget,
  onReadOf,
  planConnect,
  streamOptions,
  type OnRead,
  type SocketOptions,
} from "./options.js";
import { reach, type Reaching } from "./reach.js";
import type { Server } from "./server.js";
import type { World } from "./world.js";

/** The world of a module's sockets: on the prototype of its Socket. */
export const kWorld = Symbol("world");
/** What a socket is made of that the server has accepted. */
export const kAccepted = Symbol("accepted");
const kSettings = Symbol("settings");
const kTimer = Symbol("timer");
const kOnRead = Symbol("onread");
const kOwnEnd = Symbol("own end");
const kPeer = Symbol("peer");
const kCounts = Symbol("counts");
const kAttempt = Symbol("attempt");

type Encoding = BufferEncoding | "buffer";
type AnyCallback = (...args: unknown[]) => void;

interface Settings {
  noDelay: boolean;
  keepAlive: boolean;
  /** Whole seconds. */
  keepAliveSeconds: number;
  isRef: boolean;
}

interface Ends {
  address?: string;
  family?: string;
  port?: number;
}

interface InternalOptions extends SocketOptions {
  [kAccepted]?: Handle;
}

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
  /** There from connect() on until the socket is closed. Not Node's class, but with what is called on it there. */
  declare _handle: Handle | null;
  declare [kSettings]: Settings;
  declare [kTimer]: NodeJS.Timeout | null;
  declare [kOnRead]: OnRead | null;
  declare [kOwnEnd]: Ends | null;
  declare [kPeer]: Ends | null;
  declare [kCounts]: { read: number; written: number };
  declare [kAttempt]: number;

  constructor(options?: SocketOptions | number) {
    const isOurs = typeof options === "object" && options !== null && kAccepted in options;
    const checked = isOurs ? options : checkSocketOptions(options);
    super(streamOptions(checked));
    setUp(this, checked);
  }

  // What it is connected to.

  get pending(): boolean {
    return this._handle === null || this.connecting;
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
    return this._handle === null ? undefined : this.writableLength;
  }

  address(): AddressInfo | object {
    return this._getsockname();
  }

  _getsockname(): Ends {
    const connection = this._handle?.connection;
    if (!connection) return {};
    const { localAddress: address, localPort: port } = connection;
    return (this[kOwnEnd] ??= { address, family: "IPv4", port });
  }

  _getpeername(): Ends {
    const connection = this._handle?.connection;
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
    return this._handle?.bytesRead ?? this[kCounts].read;
  }

  get _bytesDispatched(): number {
    return this._handle?.bytesWritten ?? this[kCounts].written;
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
    this._handle?.setNoDelay(noDelay);
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
    this._handle?.setKeepAlive(keepAlive, seconds);
    return this;
  }

  ref(): this {
    this[kSettings].isRef = true;
    this._handle?.ref();
    return this;
  }

  unref(): this {
    this[kSettings].isRef = false;
    this._handle?.unref();
    return this;
  }

  // Beyond Node's.

  /** Everything the stack knows of the connection: RFC 9293's variables, timers, what was agreed. null: none is open. */
  info(): ConnectionInfo | null {
    return this._handle?.connection?.info() ?? null;
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
   * Bytes of which the peer is told at once (RFC 6093: in line all the same). How many the stack took: it takes
   * none while earlier ones wait.
   */
  writeUrgent(data: string | Uint8Array): number {
    if (this.writableLength > 0) return 0;
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    const taken = openOf(this, "write").write(bytes, true);
    this._handle!.bytesWritten += taken;
    return taken;
  }

  // Opening.

  connect(...args: unknown[]): this {
    const [options, callback] = normalizedOnce(args);
    if (callback !== null) this.once("connect", callback);
    checkTarget(options);
    if (Object.hasOwn(this, "write")) delete (this as Partial<this>).write;
    if (this.destroyed) revive(this);
    if (this._handle === null) newHandle(this);
    this._unrefTimer();
    this.connecting = true;
    startConnect(this, options as TcpSocketConnectOpts);
    return this;
  }

  // The stream.

  override _read(): void {
    const handle = this._handle;
    if (this.connecting || handle === null) this.once("connect", () => this._read());
    else if (!handle.reading) handle.readStart();
  }

  override pause(): this {
    if (this[kOnRead] !== null && !this.connecting) this._handle?.readStop();
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
    const handle = this._handle;
    if (handle === null) {
      callback(nodeError("ERR_SOCKET_CLOSED", "Socket is closed"));
      return;
    }
    this._unrefTimer();
    const chunks = several
      ? (data as WritableChunk[]).map((each) => bytesOf(each.chunk, each.encoding))
      : [bytesOf(data as string | Uint8Array, encoding as Encoding)];
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
      this._handle?.shutdown();
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
    else if (this._handle !== null) this._reset();
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
    const handle = this._handle;
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

interface WritableChunk {
  chunk: string | Uint8Array;
  encoding: Encoding;
}

/** The rest of the constructor, also for classes of old style that call it on themselves. */
export function setUp(socket: Socket, options: InternalOptions): void {
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
  socket._handle = options[kAccepted] ?? null;
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
  };
  socket.on("end", onEnd);
  if (socket._handle !== null) start(socket, options);
  if (options.signal) addAbortSignal(options.signal, socket);
}

/** The server's socket reads from the start, unless it was told to wait. */
function start(socket: Socket, options: InternalOptions): void {
  const handle = socket._handle!;
  handle.belongTo(ownerFor(socket));
  if (options.pauseOnCreate)
    (socket as { readableFlowing: boolean | null }).readableFlowing = false;
  else if (!options.manualStart) socket.read(0);
}

function onEnd(this: Socket): void {
  if (!this.allowHalfOpen) this.write = writeAfterEnd as Socket["write"];
}

/** The peer has ended, and so have we: nothing can be written any more. */
function writeAfterEnd(
  this: Socket,
  chunk: unknown,
  encoding?: unknown,
  callback?: unknown,
): boolean {
  if (!this.writableEnded) {
    return Duplex.prototype.write.call(
      this,
      chunk,
      encoding as BufferEncoding,
      callback as AnyCallback,
    );
  }
  const done = typeof encoding === "function" ? encoding : callback;
  const text = "This socket has been ended by the other party";
  const error = Object.assign(new Error(text), { code: "EPIPE" });
  if (typeof done === "function") process.nextTick(done as AnyCallback, error);
  this.destroy(error);
  return false;
}

const emitClose = (socket: Socket): void => void socket.emit("close");

function closeHandle(socket: Socket, handle: Handle, isException: boolean): void {
  // Who it was is asked after it is gone, too.
  socket._getpeername();
  socket[kCounts] = { read: handle.bytesRead, written: handle.bytesWritten };
  socket._handle = null;
  socket[kOwnEnd] = null;
  const done = (): void => void socket.emit("close", isException);
  if (socket.resetAndClosing) {
    socket.resetAndClosing = false;
    handle.reset(done);
  } else {
    handle.close(done);
  }
}

/** The connection, where something is asked of it. */
function openOf(socket: Socket, syscall: string) {
  const connection = socket._handle?.connection;
  if (!connection) throw callError("EBADF", syscall);
  return connection;
}

function resumeOwnBuffer(socket: Socket): void {
  const handle = socket._handle;
  if (socket[kOnRead] !== null && !socket.connecting && handle !== null && !handle.reading)
    handle.readStart();
}

function bytesOf(chunk: string | Uint8Array, encoding: Encoding): Uint8Array {
  return typeof chunk === "string" ? Buffer.from(chunk, encoding as BufferEncoding) : chunk;
}

function lengthOf({ chunk, encoding }: WritableChunk): number {
  return typeof chunk === "string"
    ? Buffer.byteLength(chunk, encoding as BufferEncoding)
    : chunk.length;
}

/** Bytes in the stream, and of the write that waits for the connection. */
function waitingBytes(socket: Socket): number {
  const buffered = (socket as unknown as { writableBuffer?: WritableChunk[] }).writableBuffer ?? [];
  let bytes = buffered.reduce((sum, each) => sum + lengthOf(each), 0);
  const data = socket._pendingData;
  if (Array.isArray(data)) {
    for (const each of data as WritableChunk[]) bytes += lengthOf(each);
  } else if (data) {
    bytes += lengthOf({
      chunk: data as string | Uint8Array,
      encoding: socket._pendingEncoding as Encoding,
    });
  }
  return bytes;
}

function writeWhenConnected(
  socket: Socket,
  several: boolean,
  data: unknown,
  encoding: string,
  callback: WriteCallback,
): void {
  socket._pendingData = data;
  socket._pendingEncoding = encoding;
  const onConnect = (): void => {
    socket.off("close", onClose);
    socket._writeGeneric(several, data, encoding, callback);
  };
  const onClose = (): void => {
    const text = "Socket closed before the connection was established";
    callback(nodeError("ERR_SOCKET_CLOSED_BEFORE_CONNECTION", text));
  };
  socket.once("connect", onConnect);
  socket.once("close", onClose);
}

// Between the handle and the stream.

/** KeepAlive and Nagle, once there is a connection. */
function applySettings(socket: Socket): void {
  const { noDelay, keepAlive, keepAliveSeconds } = socket[kSettings];
  if (noDelay) socket._handle?.setNoDelay(true);
  if (keepAlive) socket._handle?.setKeepAlive(true, keepAliveSeconds);
}

function ownerFor(socket: Socket): HandleOwner {
  return {
    onConnect: () => {},
    onError: (error) => void socket.destroy(error),
    onEnd() {
      socket.push(null);
      socket.read(0);
    },
    readInto: () => socket[kOnRead]?.buffer ?? null,
    onData(bytes) {
      socket._unrefTimer();
      return typeof bytes === "number" ? intoOwnBuffer(socket, bytes) : socket.push(bytes);
    },
  };
}

function intoOwnBuffer(socket: Socket, length: number): boolean {
  const onread = socket[kOnRead]!;
  const goOn = onread.callback.call(socket, length, onread.buffer) !== false;
  const next = onread.next?.();
  if (next instanceof Uint8Array) onread.buffer = next;
  return goOn;
}

/** A socket that was destroyed may connect again. */
function revive(socket: Socket): void {
  (socket as unknown as { _undestroy(): void })._undestroy();
  socket._handle = null;
  socket[kPeer] = socket[kOwnEnd] = null;
  socket[kCounts] = { read: 0, written: 0 };
}

function startConnect(socket: Socket, options: TcpSocketConnectOpts): void {
  const plan = planConnect(options, {
    autoSelectFamily: getDefaultAutoSelectFamily(),
    attemptTimeoutMs: getDefaultAutoSelectFamilyAttemptTimeout(),
  });
  if (!isIP(plan.host)) socket._host = plan.host;
  socket.autoSelectFamilyAttemptedAddresses = undefined;
  const attempt = ++socket[kAttempt];
  const isWanted = () => socket.connecting && socket[kAttempt] === attempt;
  reach(plan, reachingFor(socket, isWanted));
}

function reachingFor(socket: Socket, isWanted: () => boolean): Reaching {
  return {
    world: socket[kWorld],
    isWanted,
    onLookup: (error, address, family, host) =>
      void socket.emit("lookup", error, address, family, host),
    open(connection) {
      const handle = socket._handle?.isFresh ? socket._handle : newHandle(socket);
      handle.open(connection);
      return handle;
    },
    onAttempt(address, port, family) {
      (socket.autoSelectFamilyAttemptedAddresses ??= []).push(`${address}:${port}`);
      socket.emit("connectionAttempt", address, port, family);
    },
    onAttemptFailed: (address, port, family, error) =>
      void socket.emit("connectionAttemptFailed", address, port, family, error),
    onAttemptTimeout: (address, port, family) =>
      void socket.emit("connectionAttemptTimeout", address, port, family),
    onReached: (handle) => reached(socket, handle),
    onFailed: (error) => void socket.destroy(error),
  };
}

function newHandle(socket: Socket): Handle {
  const handle = new Handle();
  if (!socket[kSettings].isRef) handle.unref();
  socket._handle = handle;
  return handle;
}

function reached(socket: Socket, handle: Handle): void {
  handle.belongTo(ownerFor(socket));
  socket.connecting = false;
  socket[kOwnEnd] = null;
  applySettings(socket);
  socket._unrefTimer();
  socket.emit("connect");
  socket.emit("ready");
  if (socket.readable && !socket.isPaused() && !socket.destroyed) socket.read(0);
}
