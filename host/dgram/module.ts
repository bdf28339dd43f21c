// The module `dgram` of a world: what node:dgram exports, with the sockets of one stack.

import type * as nodeDgram from "node:dgram";
import type { AddressInfo } from "node:net";
import { EventEmitter } from "node:events";
import { callable } from "../callable.js";
import type { Stack } from "../core/stack.js";
import { worldOf, type World } from "../net/world.js";
import { notOnThisStack } from "../nodeErrors.js";
import { setUp, Socket as SocketBase } from "./socket.js";
import { kWorld } from "./state.js";

/** What a socket of a stack can do beyond node:dgram's. */
export interface StackDgramExtras {
  /** The differentiated services code point of what it sends (RFC 2474), 0 to 63. Once it is bound. */
  setDSCP(codePoint: number): number;
  /** As Node 24 has it: bound at once, to an address and not a name. 'listening' follows. */
  bindSync(options?: { port?: number; address?: string }): AddressInfo;
  /** As Node 24 has it. 'connect' follows. */
  connectSync(port: number, address?: string): void;
}

/** A socket of a stack: node:dgram's, and what it can do beyond. */
export type DgramSocket = nodeDgram.Socket & StackDgramExtras;

/** node:dgram, on a stack. */
export type DgramModule = typeof nodeDgram & {
  /** The module itself, for `import dgram from`. */
  default: DgramModule;
};

/** The module for a world; its class is its own. */
export function createDgram(world: World): DgramModule {
  class Socket extends SocketBase {}
  const CallableSocket = callable(Socket, 2, (self, type: unknown, listener?: unknown) => {
    (EventEmitter as unknown as Function).call(self);
    setUp(self, type, listener);
  });
  Object.defineProperty(Socket.prototype, kWorld, { value: world });
  const module = {
    _createSocketHandle: noHandles,
    createSocket: (type: unknown, listener?: unknown) => new Socket(type, listener),
    Socket: CallableSocket,
  };
  return module as unknown as DgramModule;
}

function noHandles(): never {
  throw notOnThisStack("_createSocketHandle()", "sockets have no handle of the system");
}

const modules = new WeakMap<Stack, DgramModule>();

/** node:dgram on a stack; the same object for each call. */
export function dgramOf(stack: Stack): DgramModule {
  let dgram = modules.get(stack);
  if (dgram === undefined) {
    dgram = createDgram(worldOf(stack));
    Object.defineProperty(dgram, "default", { value: dgram });
    modules.set(stack, dgram);
  }
  return dgram;
}
