// Changes of state, told to the connections whose owners ask for them. They come from the trace ring, which has
// the short-lived ones, too; where a build has none, from a look at each connection between turns.

import type { StackConnection } from "./connection.js";
import type { Core } from "./core.js";
import { readTraces, type StateName } from "./observe.js";
import { createTraceReader, endOfTrace } from "./trace.js";

/** One change of state of a connection. */
export interface StateChange {
  /** The state before. */
  from: StateName;
  /** The state after. */
  to: StateName;
  /** Why: USER, SYN, ACK, FIN, RST, TIMEOUT ...; null: not known, as the build keeps no trace, or it was overwritten. */
  cause: string | null;
}

export interface StateWatch {
  /** From now on it is told, or not any more. */
  watch(connection: StackConnection, wanted: boolean): void;
  /** Tells what has changed. */
  tell(): void;
}

export function createStateWatch(core: Core): StateWatch {
  /** The state that each knows of. */
  const known = new Map<StackConnection, StateName>();
  let reader = createTraceReader(core);

  function watch(connection: StackConnection, wanted: boolean): void {
    if (!wanted) known.delete(connection);
    else if (!known.has(connection)) {
      if (known.size === 0) reader = createTraceReader(core, { taken: endOfTrace(core), lost: 0 });
      known.set(connection, connection.state);
    }
  }

  function change(connection: StackConnection, to: StateName, cause: string | null): void {
    const from = known.get(connection)!;
    known.set(connection, to);
    connection.onState?.({ from, to, cause });
  }

  function tell(): void {
    if (known.size === 0) return;
    const byHandle = new Map([...known.keys()].map((each) => [each.handle, each]));
    for (const { handle, from, to, cause } of readTraces(reader)) {
      const connection = byHandle.get(handle);
      // What lies before the one that it knows of was there before it asked.
      if (connection && known.get(connection) === from) change(connection, to, cause);
    }
    for (const [connection, state] of [...known]) {
      const now = connection.state;
      if (known.has(connection) && now !== state) change(connection, now, null);
    }
  }

  return { watch, tell };
}
