// Options of a socket of promises as those of its connection.

import type { Connection } from "../core/connection.js";
import type { OptionName } from "../core/observe.js";
import type { StreamOptions } from "./types.js";

/** Sets what was asked for. Throws as Connection.setOption(). */
export function configure(connection: Connection, { noDelay, keepAlive }: StreamOptions): void {
  const set = (option: OptionName, value: number | undefined): void => {
    if (value !== undefined) connection.setOption(option, value);
  };
  set("NO_DELAY", asNumber(noDelay));
  if (typeof keepAlive !== "object") {
    set("KEEP_ALIVE", asNumber(keepAlive));
    return;
  }
  set("KEEP_IDLE_SECONDS", keepAlive.idleSeconds);
  set("KEEP_INTERVAL_SECONDS", keepAlive.intervalSeconds);
  set("KEEP_PROBES", keepAlive.probes);
  set("KEEP_ALIVE", 1);
}

const asNumber = (flag: boolean | undefined) => (flag === undefined ? undefined : Number(flag));
