// One run of `mote serve`: opens a link, serves until it is told to stop, closes in good order. The
// first SIGINT, SIGTERM or SIGHUP (or the end of whoever reads stdout) lets connections end, for a bounded
// time; a second SIGINT ends the process at once.

import { CommandError, EXIT_OK } from "../exit.js";
import { deferred } from "../deferred.js";
import type { Io } from "../io.js";
import { isMissingTap } from "../network/tap.js";
import { isWire } from "../network/wire.js";
import { DHCP } from "../network/words.js";
import { createArrival } from "./arrival.js";
import { createPassedCalls, openServeControl, type ServeControl } from "./control.js";
import type { FromServices, Report, ServicesData } from "./messages.js";
import type { ServeOptions } from "./options.js";
import type { Place, PlaceEvents } from "./place.js";
import { checkCapture, checkRecording, takeApart, withHint } from "../remedy.js";
import { createStopSignals } from "../signals.js";
import { createReporter, type Reporter } from "./reporter.js";

/** How long connections may take to end in good order. */
const CLOSE_MS = 3_000;
/** How long services and goodbyes may take beyond that, before the process goes without them. */
const GRACE_MS = 2_000;

export async function serve(options: ServeOptions, io: Io): Promise<number> {
  const reporter = createReporter(options, io);
  const stop = createStopSignals(() => reporter.close());
  try {
    if (options.pcap !== undefined) checkCapture(options.pcap, options.force);
    checkRecordings(options);
    return await run(options, io, reporter, stop.asked);
  } catch (error) {
    throw withHint(error);
  } finally {
    stop.release();
    reporter.close();
  }
}

/** Of several files those that are there stay, and need no look. */
function checkRecordings({ record, force }: ServeOptions): void {
  if (record?.to !== undefined && record.rotate === undefined) checkRecording(record.to, force);
}

async function run(
  options: ServeOptions,
  io: Io,
  reporter: Reporter,
  stopAsked: Promise<void>,
): Promise<number> {
  let open = 0;
  const early: Report[] = [];
  const stopped = deferred<number>();
  const failed = deferred<never>();
  // Nobody may be waiting yet when it fails.
  failed.promise.catch(() => undefined);
  // The first line is the banner's, even if somebody connected before it was printed.
  const arrival = createArrival(reporter, () => {
    for (const report of early.splice(0)) reporter.report(report);
  });

  const calls = createPassedCalls();
  const events: PlaceEvents = {
    message(message: FromServices) {
      if (message.type === "stopped") stopped.resolve(message.cut);
      else if (message.type === "address") arrival.address(message);
      else if (message.type === "name") reporter.name(message);
      else if (message.type === "told") calls.told(message);
      if (message.type !== "report") return;
      open = message.open;
      if (arrival.begun) reporter.report(message);
      else early.push(message);
    },
    failed: (error) => failed.reject(error),
    note: (text) => reporter.note(text),
  };
  const { rows, reportMs } = reporter;
  const services = options.services.map(({ name, port }) => ({ name, port }));
  const { place, reason } = await openPlace(
    options,
    { version: io.version, services, rows, reportMs },
    events,
  );
  let control: ServeControl | undefined;
  try {
    control = await openServeControl(options.control, place, calls, events);
    arrival.opened({ ...place, controlName: control.name }, reason);
    await Promise.race([stopAsked, failed.promise]);
    if (open > 0) reporter.stopping(open);
    place.post({ type: "stop", withinMs: CLOSE_MS });
    const late = new Promise<number>((resolve) =>
      setTimeout(resolve, CLOSE_MS + GRACE_MS, open).unref(),
    );
    const cut = await Promise.race([stopped.promise, failed.promise, late]);
    await control.close();
    await place.close();
    reporter.stopped(cut);
    return EXIT_OK;
  } catch (error) {
    await control?.close();
    await place.close().catch(() => undefined);
    throw error;
  }
}

/** TAP where it may be opened, else user mode with the reason; what was asked for stays as it is. */
async function openPlace(
  options: ServeOptions,
  data: Omit<ServicesData, "link" | "dhcp">,
  events: PlaceEvents,
): Promise<{ place: Place; reason?: string }> {
  // Each way is loaded only when it is used: user mode works where koffi is not installed.
  const { startUser } = await import("./userPlace.js");
  if (options.link.kind === "user") return { place: await startUser(options, data, events) };
  if (isWire(options.link)) {
    const { startWire } = await import("./wirePlace.js");
    return { place: await startWire(options.link, options, data, events) };
  }
  const { startTap } = await import("./tapPlace.js");
  try {
    return { place: await startTap(options, data, events) };
  } catch (error) {
    if (options.link.kind === "tap" || !isMissingTap(error)) throw error;
    const { what, command } = takeApart(error);
    if (options.address === DHCP) {
      const text = `--address dhcp needs a TAP device: ${what}`;
      throw new CommandError("ENOTSUP", text, command, { cause: error });
    }
    const reason = command === undefined ? what : `${what}; to have it: ${command}`;
    return { place: await startUser(options, data, events), reason };
  }
}
