// The sockets for datagrams, read from the core's memory: who may talk to whom, and what waits.

import type { Core } from "./core.js";
import { Constant, Pool, Reading, SocketField, SocketSize } from "./generated/abi.js";
import type { Endpoints } from "./recordInfo.js";
import { addressText, handleOf, localText, readField, readLevels } from "./records.js";
import { PROTOCOLS, type SocketProtocol } from "./socket.js";

/** One socket. Zeros as the remote address: it has no peer. */
export interface SocketInfo extends Endpoints {
  handle: number;
  protocol: SocketProtocol;
  /** Bytes of datagrams that wait, with what stands before each: who has sent it. */
  receiveQueue: number;
  sendQueue: number;
}

const ANY = "0.0.0.0";

/** All that are open. Of many records few may be. */
export function readSockets(core: Core): SocketInfo[] {
  const found: SocketInfo[] = [];
  const { capacity, used } = readLevels(core, Pool.SOCKET);
  for (let i = 0; i < capacity && found.length < used; i++) {
    const socket = readSocket(core, i);
    if (socket !== null) found.push(socket);
  }
  return found;
}

function readSocket(core: Core, i: number): SocketInfo | null {
  const { constant } = core;
  const at = constant(Constant.SOCKET_AREA) + i * (SocketSize + constant(Constant.ADDRESS_BYTES));
  const get = (name: keyof typeof SocketField) => readField(core, at, SocketField[name]);
  const protocol = get("protocol");
  if (protocol === 0) return null;
  const before =
    constant(Constant.TCBS) + constant(Constant.LISTENERS) + constant(Constant.ADDRESSES);
  const local = get("address");
  const remotePort = get("remotePort");
  return {
    handle: handleOf(core, before + i),
    protocol: protocol === PROTOCOLS.udp ? "udp" : "echo",
    localAddress: local === Reading.ANY_ADDRESS ? ANY : localText(core, local),
    localPort: get("localPort"),
    remoteAddress: remotePort === 0 ? ANY : addressText(core, at + SocketSize),
    remotePort,
    receiveQueue: get("receiveUsed"),
    sendQueue: get("sendUsed"),
  };
}
