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

export interface Handles {
  readonly connections: Map<number, StackConnection>;
  readonly listeners: Map<number, StackListener>;
  readonly sockets: Map<number, StackSocket>;
}

export function resumeHandles(
  owner: Owner,
  saved: SavedHost,
  into: Handles,
  adoptions: Adoptions,
): Restored {
  const { takeEvents } = owner.core.exports;

  function connection(from: SavedConnection): RestoredConnection {
    const thing = new StackConnection(owner, from.handle);
    thing.resume(from);
    into.connections.set(from.handle, thing);
    const { handle, localAddress, localPort, remoteAddress, remotePort } = thing;
    const adoptable = adoptions.add(handle);
    const tell = (): void => {
      thing.checkAlive();
      if (thing.handle !== 0) thing.deliver(takeEvents(handle) | thing.untold(from.over));
    };
    return {
      handle,
      localAddress,
      localPort,
      remoteAddress,
      remotePort,
      get state() {
        return thing.state;
      },
      get adopted() {
        return adoptable.adopted;
      },
      adopt(handlers = {}) {
        adoptable.take(tell);
        return Object.assign(thing, handlers);
      },
    };
  }

  function socket(from: SavedSocket): RestoredSocket {
    const thing = new StackSocket(owner, from.handle);
    thing.resume(from);
    into.sockets.set(from.handle, thing);
    const { handle, protocol, address, port } = thing;
    const adoptable = adoptions.add(handle);
    const tell = (): void => {
      if (thing.handle !== 0) thing.deliver(takeEvents(handle) | thing.untold());
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
        return Object.assign(thing, handlers);
      },
    };
  }

  function listener(handle: number): RestoredListener {
    const thing = new StackListener(owner, handle, () => undefined);
    into.listeners.set(handle, thing);
    const { address, port } = thing;
    const adoptable = adoptions.add(handle);
    const tell = (): void => {
      takeEvents(handle);
      thing.accept();
    };
    return {
      handle,
      address,
      port,
      service: serviceName(thing.service),
      get adopted() {
        return adoptable.adopted;
      },
      adopt(onConnection) {
        adoptable.take(tell);
        thing.belongTo(onConnection);
        return thing;
      },
    };
  }

  return {
    listeners: saved.listeners.map(listener),
    connections: saved.connections.map(connection),
    sockets: saved.sockets.map(socket),
  };
}

function serviceName(service: number): ServiceName | null {
  const names = Object.keys(Service) as (keyof typeof Service)[];
  const found = names.find((name) => Service[name] === service);
  return found === undefined ? null : (found.toLowerCase() as ServiceName);
}
