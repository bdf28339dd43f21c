// One run of `mote iperf3`: a stack of its own, with a client or a server of iperf3 on it.

import { startClient, type Client } from "../../iperf3/client.js";
import { Iperf3Error } from "../../iperf3/errors.js";
import type { CpuTimes } from "../../iperf3/measure.js";
import { startServer } from "../../iperf3/server.js";
import { deferred } from "../deferred.js";
import { CommandError, EXIT_INTERRUPTED, EXIT_OK } from "../exit.js";
import type { Io } from "../io.js";
import { explainFailure } from "../network/failure.js";
import { flushed } from "../network/flushed.js";
import { publishPort } from "../network/publish.js";
import { settle } from "../network/settle.js";
import { onStation, type Station } from "../network/station.js";
import { findTarget } from "../network/target.js";
import type { ClientCommand, Iperf3Options, ServerCommand } from "./options.js";
import { createReport, textOf, type Report } from "./report.js";

/** Each way, on the build that verbs run. */
const RING_BYTES = 65_536;

export function iperf3(options: Iperf3Options, io: Io): Promise<number> {
  const { port, json, format, intervalMs } = options;
  const report = createReport(io, {
    ...{ port, json, format, intervalMs, nowMs: Date.now },
  });
  return onStation(
    options.station,
    io,
    async (station) => {
      const { stop } = station;
      try {
        if (options.role === "client") await measure(station, options, io, report);
        else await serve(station, options, io, report);
      } finally {
        await settle(station);
        await flushed(io.stdout);
      }
      return stop.reason === "signal" ? EXIT_INTERRUPTED : EXIT_OK;
    },
    EXIT_INTERRUPTED,
  );
}

async function measure(
  station: Station,
  options: ClientCommand,
  io: Io,
  report: Report,
): Promise<void> {
  const { stack, stop, failed } = station;
  const { host, port, settings, intervalMs, connectMs } = options;
  const address = await Promise.race([findTarget(stack, host), stop.asked, failed]);
  if (!address) return;
  const place = `${address}:${port}`;
  const { promise: over, resolve, reject } = deferred<void>();
  let client: Client | undefined;
  report.begin(`Connecting to host ${host}, port ${port}`, { connecting_to: { host, port } });
  try {
    client = startClient({
      ...{ stack, to: { address, port }, settings, intervalMs, connectMs, ringBytes: RING_BYTES },
      ...{ version: `mote ${io.version}`, cpuTimes, watcher: report },
      random: (bytes) => void crypto.getRandomValues(bytes),
      done: (error) => (error === null ? resolve() : reject(error)),
    });
    void stop.asked.then(client.terminate);
    await Promise.race([over, failed]);
    report.finish(null);
  } catch (cause) {
    // What has been counted is printed, though the link has gone.
    client?.terminate();
    const error = explain(cause, place);
    report.finish(error);
    throw error;
  }
}

async function serve(
  station: Station,
  options: ServerCommand,
  io: Io,
  report: Report,
): Promise<void> {
  const { stack, from, link, stop, failed } = station;
  const { host, port, intervalMs, once } = options;
  const say = (line: string): void => io.stderr.write(`${line}\n`);
  const { promise: over, resolve } = deferred<void>();
  let hasBegun = false;
  const server = explained(`${host ?? from}:${port}`, () =>
    startServer({
      ...{
        stack,
        port,
        address: host,
        intervalMs,
        once,
        ringBytes: RING_BYTES,
        cpuTimes,
        watcher: report,
      },
      onReady: report.ready,
      onAccepted(remote) {
        hasBegun = true;
        const peer = { accepted_connection: { host: remote.address, port: remote.port } };
        report.begin(`Accepted connection from ${textOf(remote)}`, peer);
      },
      onOver(remote, error) {
        report.finish(error);
        if (error !== null) say(`mote iperf3: ${textOf(remote)}: ${error.message}`);
      },
      onRefused(remote, why) {
        const what = why === "busy" ? "another test runs" : "it does not speak iperf3";
        say(`mote iperf3: ${textOf(remote)} was sent away: ${what}`);
      },
      done: resolve,
    }),
  );
  try {
    const place = { host, port };
    await publishPort(station, { ...place, udp: false }, () => undefined);
    await publishPort(station, { ...place, udp: true }, () => undefined);
    if (!hasBegun) say(`The server is ${host ?? from}, port ${port}, on ${link}.`);
    await Promise.race([over, stop.asked, failed]);
  } finally {
    server.close();
  }
}

function explained<Result>(place: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw explain(error, place);
  }
}

function explain(cause: unknown, place: string): CommandError {
  if (!(cause instanceof Iperf3Error)) return explainFailure(cause, place);
  return new CommandError(cause.code, `${place}: ${cause.message} (${cause.code})`, undefined, {
    cause,
  });
}

/** Of this process, with all its threads. */
function cpuTimes(): CpuTimes {
  const { user, system } = process.cpuUsage();
  return { userMs: user / 1000, systemMs: system / 1000 };
}
