// `motetcp/dgram`: node:dgram over loopback inside the process, on the stack that `motetcp/net` has there, too.
// It is made when it is first used. `stack.dgram` is the same for a stack of one's own.

import type * as node from "node:dgram";
import type { Stack } from "../core/stack.js";
import { defaultWorld, type Lookup, type World } from "../net/world.js";
import { createDgram, type DgramModule } from "./module.js";

/** Nothing is compiled before the first socket is bound. */
const lazyWorld: World = {
  get stack(): Stack {
    return defaultWorld().stack;
  },
  get lookup(): Lookup {
    return defaultWorld().lookup;
  },
};

const dgram: DgramModule = createDgram(lazyWorld);
Object.defineProperty(dgram, "default", { value: dgram });

/** The types of node:dgram under the names that they have there: `dgram.RemoteInfo`. */
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
export const { createSocket, Socket } = dgram;
export type * from "node:dgram";
export type Socket = node.Socket;
export type { DgramModule, DgramSocket, StackDgramExtras } from "./module.js";
