// `motetcp/net`: node:net over loopback inside the process. The stack is made when it is first used; each
// thread has one of its own. `stack.net` is the same for a stack of one's own.

import type { Stack } from "../core/stack.js";
import { createNet, type NetModule } from "./module.js";
import { defaultWorld, type Lookup, type World } from "./world.js";

/** Nothing is compiled before the first socket. */
const lazyWorld: World = {
  get stack(): Stack {
    return defaultWorld().stack;
  },
  get lookup(): Lookup {
    return defaultWorld().lookup;
  },
};

const net: NetModule = createNet(lazyWorld);
Object.defineProperty(net, "default", { value: net });

export default net;
export const {
  BlockList,
  SocketAddress,
  connect,
  createConnection,
  createServer,
  getDefaultAutoSelectFamily,
  getDefaultAutoSelectFamilyAttemptTimeout,
  isIP,
  isIPv4,
  isIPv6,
  Server,
  setDefaultAutoSelectFamily,
  setDefaultAutoSelectFamilyAttemptTimeout,
  Socket,
  Stream,
} = net as NetModule & { Stream: NetModule["Socket"] };
export type { Server as ServerType, Socket as SocketType, NetModule } from "./module.js";
