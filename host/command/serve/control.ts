// The control socket of `mote serve`. It is in this thread, where there is an event loop; the calls are passed on to
// where the stack is, which over TAP is a worker that has none.

import { openControl } from "../../control/server.js";
import { isStreamName, type ControlRequest, type Running } from "../../control/protocol.js";
import type { Ask } from "../../control/session.js";
import { messageOf } from "../exit.js";
import type { FromServices } from "./messages.js";
import type { ControlChoice } from "./options.js";
import type { Place, PlaceEvents } from "./place.js";

export interface ServeControl {
  /** Under which mote netstat finds it; null: there is no socket. */
  readonly name: string | null;
  close(): Promise<void>;
}

type FromCall = Extract<FromServices, { readonly type: "told" }>;
type Reply = Parameters<Ask>[1];

/** The calls under way: numbers for them, and what becomes of each. */
export interface Calls {
  ask(place: Place, request: ControlRequest, reply: Reply): Running;
  told(message: FromCall): void;
}

export function createPassedCalls(): Calls {
  const waiting = new Map<number, { readonly reply: Reply; readonly goesOn: boolean }>();
  let last = 0;
  return {
    ask(place, { call, args }, reply) {
      const id = ++last;
      waiting.set(id, { reply, goesOn: isStreamName(call) });
      place.post({ type: "ask", id, call, args });
      return {
        credit: () => place.post({ type: "credit", id }),
        cancel: () => place.post({ type: "cancel", id }),
        // Which calls take something is known where the stack is.
        input: (args) => place.post({ type: "input", id, args }),
      };
    },
    told({ id, told }) {
      const call = waiting.get(id);
      if (call === undefined) return;
      if (!call.goesOn || "end" in told || "error" in told) waiting.delete(id);
      call.reply(told);
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
      ask: (request, reply) => calls.ask(place, request, reply),
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
