// One run of `mote iperf3`: a client or a server of iperf3 on a stack of its own, or on one that runs.

import { startClient } from "../../iperf3/client.js";
import { Iperf3Error } from "../../iperf3/errors.js";
import type { TestHandlers } from "../../iperf3/events.js";
import { startServer } from "../../iperf3/server.js";
import { cpuTimes } from "../../node/cpuTimes.js";
import { deferred } from "../deferred.js";
import { CommandError, EXIT_INTERRUPTED, EXIT_OK } from "../exit.js";
import type { Io } from "../io.js";
import { explainFailure } from "../network/failure.js";
import { flushed } from "../network/flushed.js";
import { publishPort } from "../network/publish.js";
import { settle } from "../network/settle.js";
import { onStation, type Station } from "../network/station.js";
import { findTarget } from "../network/target.js";
import { measureElsewhere, serveElsewhere } from "./elsewhere.js";
import type { Going } from "./going.js";
import type { ClientCommand, Iperf3Options, ServerCommand } from "./options.js";
import { createReport, textOf, type Report } from "./report.js";

/** Each way, on the build that verbs run. */
const RING_BYTES = 65_536;

/** What no client tells. */
const SERVERS_ONLY = {
  onReady: () => undefined,
  onAccepted: () => undefined,
  onRefused: () => undefined,
  onOver: () => undefined,
};

export function iperf3(options: Iperf3Options, io: Io): Promise<number> {
  const { port, json, format, intervalMs } = options;
  const report = createReport(io, { port, json, format, intervalMs, nowMs: Date.now });
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
  const { host, port } = options;
  const address = await Promise.race([findTarget(stack, host), stop.asked, failed]);
  if (!address) return;
  let going: Going | undefined;
  report.begin(`Connecting to host ${host}, port ${port}`, { connecting_to: { host, port } });
  try {
    going = await beginClient(station, options, address, { io, report });
    void stop.asked.then(going.end);
    await Promise.race([going.over, failed]);
    report.finish(null);
  } catch (cause) {
    // What has been counted is printed, though the link has gone.
    going?.end();
    const error = explain(cause, `${address}:${port}`);
    report.finish(error);
    throw error;
  }
}

async function beginClient(
  { stack, remote }: Station,
  options: ClientCommand,
  address: string,
  { io, report }: { io: Io; report: Report },
): Promise<Going> {
  if (remote !== undefined) {
    return measureElsewhere(remote, options, address, { watcher: report, ...SERVERS_ONLY });
  }
  const { port, settings, intervalMs, connectMs } = options;
  const { promise: over, resolve, reject } = deferred<void>();
  const client = startClient({
    ...{ stack, to: { address, port }, settings, intervalMs, connectMs, ringBytes: RING_BYTES },
    ...{ version: `mote ${io.version}`, cpuTimes, watcher: report },
    random: (bytes) => void crypto.getRandomValues(bytes),
    done: (error) => (error === null ? resolve() : reject(error)),
  });
  return { over, end: client.terminate };
}

async function serve(
  station: Station,
  options: ServerCommand,
  io: Io,
  report: Report,
): Promise<void> {
  const { from, link, stop, failed } = station;
  const { host, port } = options;
  const say = (line: string): void => io.stderr.write(`${line}\n`);
  const ready = deferred<void>();
  let hasBegun = false;
  const handlers: TestHandlers = {
    watcher: report,
    onReady(number) {
      report.ready(number);
      ready.resolve();
    },
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
  };
  const at = `${host ?? from}:${port}`;
  const going = await explained(at, beginServer(station, options, handlers));
  const over = explained(at, going.over);
  try {
    await Promise.race([ready.promise, over, failed]);
    const place = { host, port };
    await publishPort(station, { ...place, udp: false }, () => undefined);
    await publishPort(station, { ...place, udp: true }, () => undefined);
    if (!hasBegun) say(`The server is ${host ?? from}, port ${port}, on ${link}.`);
    await Promise.race([over, stop.asked, failed]);
  } finally {
    going.end();
    // Of a test that runs is told by then what was counted.
    await Promise.race([over, failed]).catch(() => undefined);
  }
}

async function beginServer(
  { stack, remote }: Station,
  options: ServerCommand,
  handlers: TestHandlers,
): Promise<Going> {
  if (remote !== undefined) return serveElsewhere(remote, options, handlers);
  const { host, port, intervalMs, once } = options;
  const { promise: over, resolve } = deferred<void>();
  const server = startServer({
    ...{ stack, port, address: host, intervalMs, once, ringBytes: RING_BYTES, cpuTimes },
    ...handlers,
    done: resolve,
  });
  const end = (): void => {
    server.close();
    resolve();
  };
  return { over, end };
}

async function explained<Result>(place: string, promised: Promise<Result>): Promise<Result> {
  try {
    return await promised;
  } catch (cause) {
    throw explain(cause, place);
  }
}

function explain(cause: unknown, place: string): CommandError {
  if (!(cause instanceof Iperf3Error)) return explainFailure(cause, place);
  return new CommandError(cause.code, `${place}: ${cause.message} (${cause.code})`, undefined, {
    cause,
  });
}
