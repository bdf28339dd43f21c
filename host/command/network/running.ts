// A stack that runs elsewhere in place of one's own: found by its control socket, and left as it was.

import { controlFolder } from "../../control/place.js";
import { RemoteStack } from "../../control/remote/stack.js";
import type { Io } from "../io.js";
import { createStopSignals } from "../signals.js";
import { CommandError } from "../exit.js";
import type { Station } from "./station.js";

/** How long a stack may take with what was closed, before it is left with it. */
const SETTLE_MS = 2_000;
/** And after Ctrl-C. */
const STOP_MS = 100;

export async function onRunning(
  running: string | true,
  io: Io,
  work: (station: Station) => Promise<number>,
  stopped: number,
): Promise<number> {
  const stop = createStopSignals(() => undefined);
  try {
    const name = running === true ? undefined : running;
    const opening = RemoteStack.open(name, controlFolder(io.env));
    const remote = await Promise.race([opening, stop.asked]);
    if (!remote) return stopped;
    const failed = remote.control.closed.then(() => {
      const text = `the stack ${remote.name} has gone`;
      throw new CommandError("ECONNRESET", text);
    });
    // Nobody may be waiting yet when it fails.
    failed.catch(() => undefined);
    try {
      return await work({
        ...{ stack: remote.asStack, remote, stop, failed },
        link: `stack:${remote.name}`,
        from: addressOf(remote),
        user: undefined,
        isWire: false,
        delayMs: 0,
      });
    } finally {
      const mostMs = stop.reason === null ? SETTLE_MS : STOP_MS;
      const late = new Promise((resolve) => setTimeout(resolve, mostMs).unref());
      await Promise.race([remote.settled(), late, failed.catch(() => undefined)]);
      remote.close();
    }
  } finally {
    stop.release();
  }
}

/** The first of its own that is no loopback, without prefix. */
function addressOf({ links }: RemoteStack): string {
  const addresses = links.flatMap((link) => link.addresses);
  return (addresses[0] ?? "0.0.0.0").split("/")[0]!;
}
