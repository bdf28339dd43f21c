// Gives the handles of a stack before their objects again, each waiting for its owner.

import type { Link } from "../link/link.js";
import { StackConnection, type ConnectionOwner } from "./connection.js";
import { Service } from "./generated/abi.js";
import { StackListener, type ListenerOwner } from "./listener.js";
import type {
  Adoptions,
  Restored,
  RestoredConnection,
  RestoredListener,
  RestoredSocket,
} from "./restored.js";
import type { SavedConnection, SavedHost, SavedSocket } from "./saved.js";
import { StackSocket, type SocketOwner } from "./socket.js";
import type { ServiceName } from "./stack.js";

/** What a stack goes on from, beside the memory that the core has already. */
export interface Resumption {
  readonly saved: SavedHost;
  /** One for each interface. */
  readonly links: readonly Link[];
  /** 32 bytes for what is chosen later; null: as the stack before would have chosen. */
  readonly entropy: Uint8Array | null;
  /** By how much the time of day has gone on while the stack's clock stood still. */
  readonly missedMs: number;
}

type Owner = ConnectionOwner & ListenerOwner & SocketOwner;

/** Where the handles go. */
export interface Resuming {
  readonly owner: Owner;
  readonly adoptions: Adoptions;
  readonly connections: Map<number, StackConnection>;
  readonly listeners: Map<number, StackListener>;
  readonly sockets: Map<number, StackSocket>;
}

export function resumeHandles(into: Resuming, saved: SavedHost): Restored {
  return {
    listeners: saved.listeners.map((handle) => resumeListener(into, handle)),
    connections: saved.connections.map((from) => resumeConnection(into, from)),
    sockets: saved.sockets.map((from) => resumeSocket(into, from)),
  };
}

function resumeConnection(into: Resuming, from: SavedConnection): RestoredConnection {
  const { owner, adoptions, connections } = into;
  const connection = new StackConnection(owner, from.handle);
  connection.resume(from);
  const { handle, localAddress, localPort, remoteAddress, remotePort } = connection;
  connections.set(handle, connection);
  const adoptable = adoptions.add(handle);
  const tell = (): void => {
    connection.checkAlive();
    if (connection.handle === 0) return;
    connection.deliver(owner.core.exports.takeEvents(handle) | connection.untold());
  };
  return {
    handle,
    localAddress,
    localPort,
    remoteAddress,
    remotePort,
    get state() {
      return connection.state;
    },
    get adopted() {
      return adoptable.adopted;
    },
    adopt(handlers = {}) {
      adoptable.take(tell);
      return Object.assign(connection, handlers);
    },
  };
}

function resumeSocket(into: Resuming, from: SavedSocket): RestoredSocket {
  const { owner, adoptions, sockets } = into;
  const socket = new StackSocket(owner, from.handle);
  socket.resume(from);
  const { handle, protocol, address, port } = socket;
  sockets.set(handle, socket);
  const adoptable = adoptions.add(handle);
  const tell = (): void => {
    if (socket.handle === 0) return;
    const events = owner.core.exports.takeEvents(handle);
    // It may have gone with its address.
    if (events >= 0) socket.deliver(events | socket.untold());
  };
  return {
    handle,
    protocol,
    address,
    port,
    get adopted() {
      return adoptable.adopted;
    },
    adopt(handlers = {}) {
      adoptable.take(tell);
      return Object.assign(socket, handlers);
    },
  };
}

function resumeListener(into: Resuming, handle: number): RestoredListener {
  const { owner, adoptions, listeners } = into;
  // Nothing is accepted before somebody has adopted it.
  const listener = new StackListener(owner, handle, null);
  listeners.set(handle, listener);
  const { address, port } = listener;
  const adoptable = adoptions.add(handle);
  const tell = (): void => {
    owner.core.exports.takeEvents(handle);
    listener.accept();
  };
  return {
    handle,
    address,
    port,
    service: serviceName(listener.service),
    get adopted() {
      return adoptable.adopted;
    },
    adopt(onConnection) {
      adoptable.take(tell);
      listener.belongTo(onConnection);
      return listener;
    },
  };
}

function serviceName(service: number): ServiceName | null {
  const names = Object.keys(Service) as (keyof typeof Service)[];
  const found = names.find((name) => Service[name] === service);
  return found === undefined ? null : (found.toLowerCase() as ServiceName);
}
