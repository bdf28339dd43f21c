// `motetcp/dgram`: node:dgram over loopback inside the process, on the stack that `motetcp/net` has there, too.
// It is made when it is first used. `stack.dgram` is the same for a stack of one's own.

import type * as node from "node:dgram";
import { lazyWorld } from "../net/world.js";
import { createDgram, type DgramModule } from "./module.js";

/** node:dgram, on the stack of this thread. */
const dgram: DgramModule = createDgram(lazyWorld);
Object.defineProperty(dgram, "default", { value: dgram });

/** @ignore The types of node:dgram under the names that they have there: `dgram.RemoteInfo`. */
declare namespace dgram {
  type BindOptions = node.BindOptions;
  type RemoteInfo = node.RemoteInfo;
  type Socket = node.Socket;
  type SocketOptions = node.SocketOptions;
  type SocketType = node.SocketType;
}

export default dgram;
// What require() gives: the module itself, as with node:dgram.
export { dgram as "module.exports" };

/** A socket that is not bound yet. */
export const createSocket: typeof node.createSocket = dgram.createSocket;
/** A socket of the stack: all of dgram.Socket, and what StackDgramExtras has. */
export const Socket: typeof node.Socket = dgram.Socket;

export type * from "node:dgram";
/** @ignore */
export type Socket = node.Socket;
export type { DgramModule, DgramSocket, StackDgramExtras } from "./module.js";
