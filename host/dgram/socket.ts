// dgram.Socket on a stack: Node's calls, events and their order, over a Handle.

import { channel } from "node:diagnostics_channel";
import { addAbortListener, EventEmitter } from "node:events";
import { promisify } from "node:util";
import type { World } from "../net/world.js";
import {
  callError,
  invalidArgType,
  missingArgs,
  validateAbortSignal,
  validateNumber,
  validatePort,
} from "../nodeErrors.js";
import {
  bindForm,
  bindSyncForm,
  checkSocketOptions,
  literal,
  sendForm,
  type SocketOptions,
  type SocketType,
} from "./arguments.js";
import {
  alreadyBound,
  badBufferSize,
  bufferSizeError,
  isConnected,
  notConnected,
  throwIf,
} from "./errors.js";
import { Handle } from "./handle.js";
import {
  anyAddress,
  bindAtOnce,
  bindFirst,
  bindNow,
  connectAtOnce,
  connectNow,
  enqueue,
  onceBound,
  startListening,
} from "./opening.js";
import { sendNow, tellSender, type Sending } from "./sending.js";
import { kState, kWorld, lookUp, runningHandle, type AnyCallback, type State } from "./state.js";
import type { RemoteInfo } from "./types.js";

/** Where a socket is, as address() and remoteAddress() tell it. */
interface AddressInfo {
  address: string;
  family: "IPv4";
  port: number;
}

const created = channel("udp.socket");

export class Socket extends EventEmitter {
  declare readonly [kWorld]: World;
  declare type: SocketType;
  declare [kState]: State;

  constructor(type: unknown, listener?: unknown) {
    super();
    setUp(this, type, listener);
  }

  // Where it is.

  bind(...args: unknown[]): this {
    const state = this[kState];
    runningHandle(this);
    if (state.bound !== "no") throw alreadyBound();
    const { port, address } = bindForm(args[0], args[1]);
    state.bound = "binding";
    const callback = args.at(-1);
    if (typeof callback === "function") onceBound(this, callback as AnyCallback);
    lookUp(this, address || anyAddress(this), (error, ip) => {
      if (state.handle === null) return;
      const failure = error ?? bindNow(this, state.handle, ip as string, port);
      if (failure === null) {
        startListening(this);
      } else {
        state.bound = "no";
        this.emit("error", failure);
      }
    });
    return this;
  }

  /** As Node 24 has it: at an address, at once. */
  bindSync(options: unknown = {}): AddressInfo {
    const handle = runningHandle(this);
    const { port, address } = bindSyncForm(options);
    if (this[kState].bound !== "no") throw alreadyBound();
    bindAtOnce(this, handle, address, port);
    return this.address();
  }

  address(): AddressInfo {
    const { own } = runningHandle(this);
    if (own === null) throw callError("EBADF", "getsockname");
    return { address: own.address, family: "IPv4", port: own.port };
  }

  connect(givenPort: unknown, givenAddress?: unknown, givenCallback?: unknown): void {
    const port = validatePort(givenPort, "Port", 1);
    const isShort = typeof givenAddress === "function";
    const address = isShort || givenAddress === undefined ? "" : givenAddress;
    const callback = (isShort ? givenAddress : givenCallback) as AnyCallback | undefined;
    if (typeof address !== "string") throw invalidArgType("address", "string", address);
    const state = this[kState];
    if (state.connected !== "no") throw isConnected();
    runningHandle(this);
    state.connected = "connecting";
    bindFirst(this);
    const run = (): void => connectNow(this, port, address, callback);
    if (state.bound === "yes") run();
    else enqueue(this, { run });
  }

  /** As Node 24 has it: to an address, at once. */
  connectSync(givenPort: unknown, givenAddress?: unknown): void {
    const handle = runningHandle(this);
    const port = validatePort(givenPort, "Port", 1);
    const state = this[kState];
    if (state.connected !== "no") throw isConnected();
    const address = literal(givenAddress, "address", "connectSync");
    if (state.bound === "no") this.bindSync();
    else if (state.bound === "binding") throw alreadyBound();
    connectAtOnce(this, handle, address, port);
  }

  disconnect(): void {
    const state = this[kState];
    if (state.connected !== "yes" || state.handle === null) throw notConnected();
    throwIf(state.handle.disconnect(), "connect");
    state.connected = "no";
  }

  remoteAddress(): AddressInfo {
    const { peer } = runningHandle(this);
    if (this[kState].connected !== "yes" || peer === null) throw notConnected();
    return { address: peer.address, family: "IPv4", port: peer.port };
  }

  // Sending.

  sendto(
    data: unknown,
    offset: unknown,
    length: unknown,
    port: unknown,
    address: unknown,
    callback?: unknown,
  ): void {
    validateNumber(offset, "offset");
    validateNumber(length, "length");
    validateNumber(port, "port");
    if (typeof address !== "string") throw invalidArgType("address", "string", address);
    this.send(data, offset, length, port, address, callback);
  }

  send(
    data: unknown,
    offset?: unknown,
    length?: unknown,
    port?: unknown,
    address?: unknown,
    callback?: unknown,
  ): void {
    const state = this[kState];
    const isToPeer = state.connected === "yes";
    const form = sendForm(isToPeer, data, offset, length, port, address, callback);
    const handle = runningHandle(this);
    bindFirst(this);
    const bytes = form.chunks.reduce((sum, each) => sum + each.length, 0);
    const to = isToPeer ? null : { port: form.port, address: form.address };
    if (!handle.reserve(bytes)) {
      tellSender(form.callback, "ENOBUFS", to);
      return;
    }
    const sending: Sending = { handle, chunks: form.chunks, bytes, to, callback: form.callback };
    const run = (): void => sendNow(this, sending);
    if (state.bound === "yes") run();
    else enqueue(this, { run, forget: () => handle.giveBack(bytes) });
  }

  getSendQueueSize(): number {
    return runningHandle(this).waiting.bytes;
  }

  getSendQueueCount(): number {
    return runningHandle(this).waiting.count;
  }

  // Options.

  setBroadcast(enable: unknown): void {
    throwIf(runningHandle(this).setBroadcast(Boolean(enable)), "setBroadcast");
  }

  setTTL(ttl: number): number {
    validateNumber(ttl, "ttl");
    throwIf(runningHandle(this).setTTL(ttl | 0), "setTTL");
    return ttl;
  }

  setMulticastTTL(ttl: number): number {
    validateNumber(ttl, "ttl");
    throwIf(runningHandle(this).setMulticastTTL(ttl | 0), "setMulticastTTL");
    return ttl;
  }

  setMulticastLoopback<Flag>(enable: Flag): Flag {
    throwIf(runningHandle(this).setMulticastLoopback(Boolean(enable)), "setMulticastLoopback");
    return enable;
  }

  setMulticastInterface(address: unknown): void {
    const handle = runningHandle(this);
    if (typeof address !== "string") throw invalidArgType("interfaceAddress", "string", address);
    throwIf(handle.setMulticastInterface(address), "setMulticastInterface");
  }

  addMembership(group: unknown, address?: unknown): void {
    const handle = runningHandle(this);
    if (!group) throw missingArgs("multicastAddress");
    throwIf(handle.addMembership(group, address), "addMembership");
  }

  dropMembership(group: unknown, address?: unknown): void {
    const handle = runningHandle(this);
    if (!group) throw missingArgs("multicastAddress");
    throwIf(handle.dropMembership(group, address), "dropMembership");
  }

  /** The stack joins groups for all sources (RFC 3376 EXCLUDE {}): ENOPROTOOPT. */
  addSourceSpecificMembership(source: unknown, group: unknown, _address?: unknown): void {
    refuseSource(this, source, group, "addSourceSpecificMembership");
  }

  dropSourceSpecificMembership(source: unknown, group: unknown, _address?: unknown): void {
    refuseSource(this, source, group, "dropSourceSpecificMembership");
  }

  /** The queue of datagrams received is the core's, and of one size. */
  setRecvBufferSize(size: unknown): void {
    checkBufferSize(size);
    receiveBytesOf(this);
  }

  getRecvBufferSize(): number {
    return receiveBytesOf(this);
  }

  /** Bytes of what may wait until there is room for it. */
  setSendBufferSize(size: unknown): void {
    checkBufferSize(size);
    boundHandle(this, "uv_send_buffer_size").leastSendBytes = size as number;
  }

  getSendBufferSize(): number {
    return boundHandle(this, "uv_send_buffer_size").sendBytes;
  }

  /** Beyond Node: the code point of what is sent (RFC 2474), 0 to 63. */
  setDSCP(codePoint: number): number {
    validateNumber(codePoint, "codePoint");
    throwIf(runningHandle(this).setDscp(codePoint | 0), "setDSCP");
    return codePoint;
  }

  // Its life.

  ref(): this {
    this[kState].handle?.ref();
    return this;
  }

  unref(): this {
    this[kState].handle?.unref();
    return this;
  }

  close(callback?: unknown): this {
    const state = this[kState];
    if (typeof callback === "function") this.on("close", callback as AnyCallback);
    if (state.queue !== null) {
      state.queue.push({ run: () => void this.close() });
      return this;
    }
    runningHandle(this).close();
    state.handle = null;
    process.nextTick(() => this.emit("close"));
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this[kState].handle === null) return;
    await promisify((done: () => void) => this.close(done))();
  }
}

/** The rest of the constructor, also for classes of old style that call it on themselves. */
export function setUp(socket: Socket, type: unknown, listener?: unknown): void {
  const options = checkSocketOptions(type);
  socket.type = options.type;
  if (typeof listener === "function") socket.on("message", listener as AnyCallback);
  const sharing = { address: Boolean(options.reuseAddr), port: Boolean(options.reusePort) };
  const state: State = {
    handle: new Handle(socket[kWorld], sharing, {
      onMessage: (data, from) => receive(socket, data, from),
      onFailed: (code) => void socket.emit("error", callError(code, "recvmsg")),
      onClosed: () => void (state.handle !== null && socket.close()),
    }),
    bound: "no",
    connected: "no",
    queue: null,
    lookup: options.lookup,
    sendBytes: options.sendBufferSize,
    receiveBlockList: options.receiveBlockList,
    sendBlockList: options.sendBlockList,
  };
  Object.defineProperty(socket, kState, { value: state });
  closeWhenAborted(socket, options);
  if (created.hasSubscribers) created.publish({ socket });
}

function closeWhenAborted(socket: Socket, { signal }: SocketOptions): void {
  if (signal === undefined) return;
  validateAbortSignal(signal, "options.signal");
  const onAborted = (): void => {
    if (socket[kState].handle !== null) socket.close();
  };
  if (signal.aborted) {
    onAborted();
    return;
  }
  const listening = addAbortListener(signal, onAborted);
  socket.once("close", () => listening[Symbol.dispose]());
}

function boundHandle(socket: Socket, syscall: string): Handle {
  const handle = runningHandle(socket);
  if (!handle.isBound) throw bufferSizeError(syscall);
  return handle;
}

const receiveBytesOf = (socket: Socket): number =>
  boundHandle(socket, "uv_recv_buffer_size").receiveBytes!;

function checkBufferSize(size: unknown): void {
  if (!Number.isInteger(size) || (size as number) < 0 || (size as number) > 2 ** 32 - 1)
    throw badBufferSize();
}

function refuseSource(socket: Socket, source: unknown, group: unknown, syscall: string): never {
  runningHandle(socket);
  if (typeof source !== "string") throw invalidArgType("sourceAddress", "string", source);
  if (typeof group !== "string") throw invalidArgType("groupAddress", "string", group);
  throw callError("ENOPROTOOPT", syscall);
}

function receive(socket: Socket, data: Buffer, from: RemoteInfo): void {
  if (socket[kState].receiveBlockList?.check(from.address, "ipv4")) return;
  socket.emit("message", data, from);
}
