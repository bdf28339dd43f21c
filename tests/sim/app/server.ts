// An application that listens: it accepts at once or after a pause, and hands connections on.

import { Constant, Errno, ErrnoName, Event, Option } from "../../../host/core/generated/abi.js";
import type { Random } from "../../static/support/random.js";
import type { Agenda } from "../agenda.js";
import type { Station } from "../station.js";
import { Violation } from "../watch.js";

export interface ServerHabits {
  port: number;
  backlog: number;
  /** Accepts after up to so many ms. */
  pauseMs: number;
  resetWhenFull: boolean;
  /** 0: as the stack has it. */
  sourceLimit: number;
}

export interface Server {
  readonly handle: number;
  onEvent(bits: number): void;
  checkRest(): void;
  close(): void;
}

/** Null: the stack has no listener left, or no memory of the last one's end. */
export function createServer(
  station: Station,
  habits: ServerHabits,
  { agenda, random }: { agenda: Agenda; random: Random },
  onAccept: (handle: number) => void,
): Server | null {
  const { port, backlog, pauseMs, resetWhenFull, sourceLimit } = habits;
  const { ask } = station;
  const handle = ask("listen", 0, port, backlog);
  if (handle === -Errno.ENOBUFS || handle === -Errno.EADDRINUSE) return null;
  if (handle <= 0) throw new Violation(`listen says ${ErrnoName[-handle]}`);
  if (resetWhenFull) ask("setOption", handle, Option.RESET_WHEN_FULL, 1);
  if (sourceLimit > 0) ask("setOption", handle, Option.SOURCE_LIMIT, sourceLimit);
  let paused = false;
  let closed = false;

  function acceptAll(): void {
    paused = false;
    for (;;) {
      if (closed) return; // perhaps by what the last one did
      const accepted = ask("accept", handle);
      if (accepted === -Errno.EAGAIN) return;
      if (accepted <= 0) throw new Violation(`accept says ${ErrnoName[-accepted]}`);
      onAccept(accepted);
    }
  }

  return {
    handle,
    onEvent(bits) {
      if (closed || paused || !(bits & Event.ACCEPT)) return;
      if (pauseMs === 0) return acceptAll();
      paused = true;
      agenda.after(random.below(pauseMs) * 1000, () => station.act(acceptAll));
    },
    checkRest() {
      const node = (handle & 0xffff) - station.core.constant(Constant.TCBS);
      const listener = station.watch.records().listeners.find((one) => one.node === node);
      if (closed || !listener) return;
      if (!paused && listener.queued > 0) throw new Violation(`ACCEPT never came on port ${port}`);
    },
    close() {
      if (closed) return;
      closed = true;
      if (ask("close", handle) !== 0) throw new Violation("close of a listener fails");
    },
  };
}
