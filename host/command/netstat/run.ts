// One run of `mote netstat`: finds the stack, looks once, or again and again until it is told to stop or the stack
// has gone.

import { setTimeout as delay } from "node:timers/promises";
import { openStack, type ControlClient } from "../../control/client.js";
import { controlFolder } from "../../control/place.js";
import { EXIT_OK } from "../exit.js";
import type { Io } from "../io.js";
import { createStopSignals } from "../signals.js";
import { lookAt } from "./look.js";
import type { NetstatOptions } from "./options.js";
import { createNetstatReport, type NetstatReport } from "./report.js";

export async function netstat(options: NetstatOptions, io: Io): Promise<number> {
  const report = createNetstatReport(options, io);
  const stop = createStopSignals(() => report.close());
  const stopping = new AbortController();
  void stop.asked.then(() => stopping.abort());
  let client: ControlClient | undefined;
  try {
    client = await openStack(options.stack, controlFolder(io.env));
    await look(client, options, report, stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    report.close();
    stop.release();
    client?.close();
  }
  return EXIT_OK;
}

/** Rejects when it is stopped, if that is what ends it. */
async function look(
  client: ControlClient,
  options: NetstatOptions,
  report: NetstatReport,
  signal: AbortSignal,
): Promise<void> {
  signal.addEventListener("abort", () => client.close());
  report.show(await lookAt(client, options));
  while (options.watchMs !== undefined) {
    await delay(options.watchMs, undefined, { signal });
    report.show(await lookAt(client, options));
  }
}
