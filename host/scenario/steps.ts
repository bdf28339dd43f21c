// Steps that many scripts begin or end with.

import type { Host, Talk } from "./host.js";
import type { World } from "./world.js";

/** Where servers of scenarios listen. */
export const PORT = 8000;

export interface Ends {
  readonly near: Talk;
  readonly far: Talk;
}

/** The server listens, the client connects: both ends of the connection. */
export function open(world: World): Ends {
  const { client, server } = world;
  if (!server.ports.has(PORT)) server.listen(PORT);
  const before = server.talks.length;
  const near = client.connect(PORT);
  world.until("the connection is open", () => near.isOpen && server.talks.length > before);
  return { near, far: server.talks.at(-1)! };
}

/** Records of TCP that are neither listeners nor gone, with their states. */
export const openStates = ({ stack }: Host): string[] =>
  stack
    .connections()
    .filter(({ pool }) => pool !== "listener")
    .map(({ state }) => state)
    .sort();
