// One run of `mote ping`: a stack of its own on a TAP device asks, until the count is reached or it is told
// to stop. Exit code 0: somebody has answered.

import { EXIT_FAILURE, EXIT_OK } from "../exit.js";
import type { Io } from "../io.js";
import type { RemoteStack } from "../../control/remote/stack.js";
import { withStation, type Asking } from "../network/station.js";
import { explainSend } from "../network/target.js";
import type { PingOptions } from "./options.js";
import { startPinger } from "../../probe/pinger.js";
import { createPingReport, type PingReport } from "./report.js";

export function ping(options: PingOptions, io: Io): Promise<number> {
  const { host, station, bytes, json } = options;
  return withStation({ host, station }, io, (asking) => {
    const { stack, remote, link, from, address, fail, onStop } = asking;
    const report = createPingReport(io, json);
    if (remote !== undefined) return pingFrom(remote, asking, options, report);
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

/** The running stack asks, and its clock measures. */
async function pingFrom(
  { control }: RemoteStack,
  { address, from, link, onStop }: Asking,
  options: PingOptions,
  report: PingReport,
): Promise<number> {
  const { host, count, intervalMs, bytes, timeoutMs, ttl } = options;
  const plan = { address, intervalMs, bytes, timeoutMs, ttl };
  const limit = count === Infinity ? {} : { count };
  const stream = await control.stream("ping", { ...plan, ...limit });
  onStop(() => stream.cancel());
  report.started({ host, address, bytes, from, link });
  for await (const { answer } of stream.items()) report.answer(answer);
  const { summary, error } = stream.end!;
  if (error !== null) throw explainSend(error, address);
  report.done(summary!);
  return summary!.received > 0 ? EXIT_OK : EXIT_FAILURE;
}
