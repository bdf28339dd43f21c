// How netstat speaks: tables, on a terminal that is watched in one place, or JSON lines.

import { counterNames } from "../../core/generated/abi.js";
import type { CounterName } from "../../core/observe.js";
import { dropReason } from "../../metrics/families.js";
import { roomOf } from "../columns.js";
import type { Io } from "../io.js";
import { createLiveView, isScreen } from "../live.js";
import { listChanges } from "./changes.js";
import type { Look } from "./look.js";
import type { NetstatOptions } from "./options.js";
import { listSockets } from "./sockets.js";
import { renderLook } from "./tables.js";

export interface NetstatReport {
  show(look: Look): void;
  /** Leaves the last picture, and gives the cursor back. */
  close(): void;
}

export function createNetstatReport(options: NetstatOptions, io: Io): NetstatReport {
  if (options.json) return jsonReport(options, io);
  return options.watchMs !== undefined && isScreen(io.stdout, io.env)
    ? screenReport(options, io)
    : textReport(options, io);
}

function textReport(options: NetstatOptions, { stdout, paint }: Io): NetstatReport {
  let shown = 0;
  return {
    show(look) {
      const lines = renderLook(look, options, paint, roomOf(stdout));
      stdout.write(`${shown++ === 0 ? "" : "\n"}${lines.join("\n")}\n`);
    },
    close: () => undefined,
  };
}

/** Draws over what was there before; what the screen has no room for is counted. */
function screenReport(options: NetstatOptions, { stdout, paint }: Io): NetstatReport {
  const view = createLiveView(stdout, { ownsScreen: true });
  return {
    show: (look) =>
      view.show(({ columns, rows }) => {
        const all = renderLook(look, options, paint, columns);
        if (all.length <= rows) return all;
        const lines = all.slice(0, Math.max(1, rows - 1));
        return [...lines, paint("dim", `... and ${all.length - lines.length} more lines`)];
      }),
    close: () => view.done(),
  };
}

function jsonReport(options: NetstatOptions, io: Io): NetstatReport {
  const write = (value: object): void => void io.stdout.write(`${JSON.stringify(value)}\n`);
  return {
    show(look) {
      const { greeting, timeMs: time, info, interfaces, services } = look;
      const { name, pid, version } = greeting;
      write({ event: "stack", time, name, pid, version, ...info, interfaces, services });
      for (const { details, ...socket } of listSockets(look, options)) {
        write({ event: "socket", ...socket, ...details });
      }
      for (const change of listChanges(look)) write({ event: "change", ...change });
      if (look.history !== null) {
        const { capacity, overwritten } = look.history;
        write({ event: "history", capacity, overwritten });
      }
      if (look.counters !== null) write({ event: "counters", ...sorted(look.counters) });
      for (const pool of look.pools ?? []) write({ event: "pool", ...pool });
    },
    close: () => undefined,
  };
}

/** Drops under their reasons, the others under their names. */
function sorted(counters: Readonly<Record<CounterName, number>>): object {
  const drops: Record<string, number> = {};
  const others: Record<string, number> = {};
  for (const name of counterNames as readonly CounterName[]) {
    const reason = dropReason(name);
    if (reason === null) others[name] = counters[name];
    else drops[reason] = counters[name];
  }
  return { drops, counters: others };
}
