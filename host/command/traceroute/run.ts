// One run of `mote traceroute`: a stack of its own on a TAP device looks for the way. Exit code 0: the host
// itself has answered.

import { EXIT_FAILURE, EXIT_OK } from "../exit.js";
import type { Io } from "../io.js";
import type { RemoteStack } from "../../control/remote/stack.js";
import { withStation, type Asking } from "../network/station.js";
import { explainSend } from "../network/target.js";
import type { TracerouteOptions } from "./options.js";
import { createTraceReport, type TraceReport } from "./report.js";
import { startTracer } from "../../probe/tracer.js";

export function traceroute(options: TracerouteOptions, io: Io): Promise<number> {
  const { host, station, maxHops, json } = options;
  return withStation({ host, station }, io, (asking) => {
    const { stack, remote, link, from, address, fail, onStop } = asking;
    const report = createTraceReport(io, json);
    if (remote !== undefined) return traceFrom(remote, asking, options, report);
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

/** The running stack looks for the way. */
async function traceFrom(
  { control }: RemoteStack,
  { address, from, link, onStop }: Asking,
  { host, maxHops, queries, waitMs }: TracerouteOptions,
  report: TraceReport,
): Promise<number> {
  const stream = await control.stream("trace", { address, maxHops, queries, waitMs });
  onStop(() => stream.cancel());
  report.started({ host, address, from, link }, maxHops);
  for await (const { hop } of stream.items()) report.hop(hop);
  const { reached, error } = stream.end!;
  if (error !== null) throw explainSend(error, address);
  report.done(reached);
  return reached ? EXIT_OK : EXIT_FAILURE;
}
