// The control socket of `mote serve`. It is in this thread, where there is an event loop; the calls are passed on to
// where the stack is, which over TAP is a worker that has none.

import { openControl } from "../../control/server.js";
import type { Outcome } from "../../control/protocol.js";
import { messageOf } from "../exit.js";
import type { FromServices } from "./messages.js";
import type { ControlChoice } from "./options.js";
import type { Place, PlaceEvents } from "./place.js";

export interface ServeControl {
  /** Under which mote netstat finds it; null: there is no socket. */
  readonly name: string | null;
  close(): Promise<void>;
}

type Answered = Extract<FromServices, { readonly type: "answer" }>;

/** The calls under way: numbers for them, and what becomes of each. */
export interface Calls {
  ask(place: Place, call: string, reply: (outcome: Outcome) => void): void;
  answered(answer: Answered): void;
}

export function createPassedCalls(): Calls {
  const waiting = new Map<number, (outcome: Outcome) => void>();
  let last = 0;
  return {
    ask(place, call, reply) {
      waiting.set(++last, reply);
      place.post({ type: "ask", id: last, call });
    },
    answered({ id, outcome }) {
      const reply = waiting.get(id);
      waiting.delete(id);
      reply?.(outcome);
    },
  };
}

/** Without a name that was asked for it goes without a socket where none can be had, and says why. */
export async function openServeControl(
  choice: ControlChoice,
  place: Place,
  calls: Calls,
  events: PlaceEvents,
): Promise<ServeControl> {
  const none = { name: null, close: async () => undefined };
  if (choice.kind === "off") return none;
  const name = choice.kind === "named" ? choice.name : undefined;
  try {
    return await openControl({
      name,
      ask: ({ call }, reply) => calls.ask(place, call, reply),
    });
  } catch (error) {
    if (name !== undefined) throw error;
    // On Windows there never is one.
    if (process.platform !== "win32") {
      events.note?.(`No control socket, so mote netstat will not see it: ${messageOf(error)}`);
    }
    return none;
  }
}
