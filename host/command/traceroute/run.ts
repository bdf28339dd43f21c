// One run of `mote traceroute`: a stack of its own on a TAP device looks for the way. Exit code 0: the host
// itself has answered.

import { EXIT_FAILURE, EXIT_OK } from "../exit.js";
import type { Io } from "../io.js";
import { withStation } from "../network/station.js";
import type { TracerouteOptions } from "./options.js";
import { createTraceReport } from "./report.js";
import { startTracer } from "./tracer.js";

export function traceroute(options: TracerouteOptions, io: Io): Promise<number> {
  const { host, station, maxHops, json } = options;
  return withStation({ host, station }, io, ({ stack, link, from, address, fail, onStop }) => {
    const report = createTraceReport(io, json);
    return new Promise((resolve) => {
      const tracer = startTracer(
        stack,
        { ...options, address },
        {
          begun: () => report.started({ host, address, from, link }, maxHops),
          hop: (hop) => report.hop(hop),
          failed: fail,
          done(reached) {
            report.done(reached);
            resolve(reached ? EXIT_OK : EXIT_FAILURE);
          },
        },
      );
      onStop(() => tracer.stop());
    });
  });
}
