// One look at a running stack: what the options ask for, fetched over its control socket.

import type { ControlClient } from "../../control/client.js";
import type { CallName, CallResults, Greeting } from "../../control/protocol.js";
import type { NetstatOptions } from "./options.js";

/** What was not asked for is null. */
export interface Look {
  readonly greeting: Greeting;
  /** When it was taken, ms since 1970. */
  readonly timeMs: number;
  readonly info: CallResults["info"];
  readonly interfaces: CallResults["interfaces"];
  readonly services: CallResults["services"];
  readonly connections: CallResults["connections"];
  readonly sockets: CallResults["sockets"] | null;
  readonly history: CallResults["history"] | null;
  readonly counters: CallResults["counters"] | null;
  readonly pools: CallResults["pools"] | null;
}

export async function lookAt(
  client: ControlClient,
  { sockets, history, counters }: NetstatOptions,
): Promise<Look> {
  const ask = <Name extends CallName>(name: Name): Promise<CallResults[Name]> => client.call(name);
  const orNull = <Name extends CallName>(wanted: boolean, name: Name) =>
    wanted ? ask(name) : Promise.resolve(null);
  const asked = await Promise.all([
    ask("info"),
    ask("interfaces"),
    ask("services"),
    // The history takes addresses from them, too.
    ask("connections"),
    orNull(sockets?.udp === true, "sockets"),
    orNull(history, "history"),
    orNull(counters, "counters"),
    orNull(counters, "pools"),
  ]);
  return {
    greeting: client.greeting,
    timeMs: Date.now(),
    info: asked[0],
    interfaces: asked[1],
    services: asked[2],
    connections: asked[3],
    sockets: asked[4],
    history: asked[5],
    counters: asked[6],
    pools: asked[7],
  };
}
