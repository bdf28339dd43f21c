// One run of `mote ping`: a stack of its own on a TAP device asks, until the count is reached or it is told
// to stop. Exit code 0: somebody has answered.

import { EXIT_FAILURE, EXIT_OK } from "../exit.js";
import type { Io } from "../io.js";
import { withStation } from "../network/station.js";
import type { PingOptions } from "./options.js";
import { startPinger } from "./pinger.js";
import { createPingReport } from "./report.js";

export function ping(options: PingOptions, io: Io): Promise<number> {
  const { host, station, bytes, json } = options;
  return withStation({ host, station }, io, ({ stack, link, from, address, fail, onStop }) => {
    const report = createPingReport(io, json);
    return new Promise((resolve) => {
      const pinger = startPinger(
        stack,
        { ...options, address },
        {
          begun: () => report.started({ host, address, bytes, from, link }),
          answer: (answer) => report.answer(answer),
          failed: fail,
          done(summary) {
            report.done(summary);
            resolve(summary.received > 0 ? EXIT_OK : EXIT_FAILURE);
          },
        },
      );
      onStop(() => pinger.stop());
    });
  });
}
