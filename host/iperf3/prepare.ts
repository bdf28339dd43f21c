// The options of a test's connections: what was agreed on, before or as they open.

import type { Connection } from "../core/connection.js";
import type { DatagramSocket } from "../core/socket.js";
import type { Settings } from "./settings.js";

const KEEP_IDLE_SECONDS = 10;
const KEEP_INTERVAL_SECONDS = 5;
const KEEP_PROBES = 4;
/** Less is no use, and the stack does not take it. */
const LEAST_MSS = 64;

/** A peer that vanishes without a word is found out in half a minute. */
export function prepareControl(connection: Connection): void {
  connection.setOption("NO_DELAY", 1);
  connection.setOption("KEEP_IDLE_SECONDS", KEEP_IDLE_SECONDS);
  connection.setOption("KEEP_INTERVAL_SECONDS", KEEP_INTERVAL_SECONDS);
  connection.setOption("KEEP_PROBES", KEEP_PROBES);
  connection.setOption("KEEP_ALIVE", 1);
}

export function prepareStream(connection: Connection, settings: Settings): void {
  const { mss, noDelay, tos } = settings;
  if (mss > 0) connection.setOption("MSS", Math.max(LEAST_MSS, mss));
  if (noDelay) connection.setOption("NO_DELAY", 1);
  if (tos > 0) connection.setOption("DSCP", tos >> 2);
}

export function prepareSocket(socket: DatagramSocket, { tos }: Settings): void {
  if (tos > 0) socket.setOption("DSCP", tos >> 2);
}
