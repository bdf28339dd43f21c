// `motetcp/net`: node:net over loopback inside the process. The stack is made when it is first used; each
// thread has one of its own. `stack.net` is the same for a stack of one's own.

import type * as node from "node:net";
import { createNet, type Connect, type NetModule } from "./module.js";
import { lazyWorld } from "./world.js";

/** node:net, on the stack of this thread. */
const net: NetModule = createNet(lazyWorld);

/** @ignore The types of node:net under the names that they have there: `net.AddressInfo`. */
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

/** Opens a connection. What goes wrong is an 'error' of the socket, with Node's codes. */
export const connect: Connect = net.connect;
/** connect() under its other name. */
export const createConnection: Connect = net.createConnection;
/** A server that does not listen yet. */
export const createServer: typeof node.createServer = net.createServer;
/** A socket of the stack: all of net.Socket, and what StackSocketExtras has. */
export const Socket: NetModule["Socket"] = net.Socket;
/** Socket under its old name. */
export const Stream: NetModule["Socket"] = net.Socket;
/** A server on the stack: all of net.Server. */
export const Server: typeof node.Server = net.Server;
/** Only in versions of Node that have it, and there it throws ERR_FEATURE_UNAVAILABLE_ON_PLATFORM. */
export const BoundSocket: unknown = (net as { BoundSocket?: unknown }).BoundSocket;
/** Node's own. */
export const BlockList: typeof node.BlockList = net.BlockList;
/** Node's own. */
export const SocketAddress: typeof node.SocketAddress = net.SocketAddress;
/** Node's own: 4, 6, or 0 for what is no address. */
export const isIP: typeof node.isIP = net.isIP;
/** Node's own. */
export const isIPv4: typeof node.isIPv4 = net.isIPv4;
/** Node's own. */
export const isIPv6: typeof node.isIPv6 = net.isIPv6;
/** Node's own: whether the addresses of a name are tried one after the other. */
export const getDefaultAutoSelectFamily: typeof node.getDefaultAutoSelectFamily =
  net.getDefaultAutoSelectFamily;
/** Node's own: for the whole program. */
export const setDefaultAutoSelectFamily: typeof node.setDefaultAutoSelectFamily =
  net.setDefaultAutoSelectFamily;
/** Node's own: ms until the next address is tried. */
export const getDefaultAutoSelectFamilyAttemptTimeout: typeof node.getDefaultAutoSelectFamilyAttemptTimeout =
  net.getDefaultAutoSelectFamilyAttemptTimeout;
/** Node's own: ms, at least 10, for the whole program. */
export const setDefaultAutoSelectFamilyAttemptTimeout: typeof node.setDefaultAutoSelectFamilyAttemptTimeout =
  net.setDefaultAutoSelectFamilyAttemptTimeout;

export type * from "node:net";
/** @ignore */
export type Server = node.Server;
/** @ignore */
export type Socket = node.Socket;
/** @ignore */
export type BlockList = node.BlockList;
/** @ignore */
export type SocketAddress = node.SocketAddress;
export type { Connect, NetModule, Socket as StackSocket, StackSocketExtras } from "./module.js";
