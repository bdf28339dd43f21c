// `motetcp/net`: node:net over loopback inside the process. The stack is made when it is first used; each
// thread has one of its own. `stack.net` is the same for a stack of one's own.

import type * as node from "node:net";
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
  isLoopback: true,
};

const net: NetModule = createNet(lazyWorld);
Object.defineProperty(net, "default", { value: net });

/** The types of node:net under the names that they have there: `net.AddressInfo`. */
declare namespace net {
  type Server = node.Server;
  type Socket = node.Socket;
  type AddressInfo = node.AddressInfo;
  type BlockList = node.BlockList;
  type DropArgument = node.DropArgument;
  type IPVersion = node.IPVersion;
  type IpcNetConnectOpts = node.IpcNetConnectOpts;
  type IpcSocketConnectOpts = node.IpcSocketConnectOpts;
  type ListenOptions = node.ListenOptions;
  type LookupFunction = node.LookupFunction;
  type NetConnectOpts = node.NetConnectOpts;
  type OnReadOpts = node.OnReadOpts;
  type ServerOpts = node.ServerOpts;
  type SocketAddress = node.SocketAddress;
  type SocketAddressInitOptions = node.SocketAddressInitOptions;
  type SocketConnectOpts = node.SocketConnectOpts;
  type SocketConstructorOpts = node.SocketConstructorOpts;
  type SocketReadyState = node.SocketReadyState;
  type TcpNetConnectOpts = node.TcpNetConnectOpts;
  type TcpSocketConnectOpts = node.TcpSocketConnectOpts;
}

export default net;
// What require() gives: the module itself, as with node:net.
export { net as "module.exports" };
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
export type * from "node:net";
export type Server = node.Server;
export type Socket = node.Socket;
export type BlockList = node.BlockList;
export type SocketAddress = node.SocketAddress;
export type { NetModule, Socket as StackSocket, StackSocketExtras } from "./module.js";
