// The stack that a verb works with: one that runs (running.ts), or one of its own, on a TAP device or another link, and on the event loop of this thread: opened, given an address (by
// DHCP, too), led to the host that it is to ask, and closed in good order.

import { Hold } from "../../core/keepAlive.js";
import type { Stack } from "../../core/stack.js";
import { createStack } from "../../node/createStack.js";
import type { RemoteStack } from "../../control/remote/stack.js";
import { impair } from "../../link/impair.js";
import type { UserLink } from "../../link/user.js";
import { deferred } from "../deferred.js";
import { codeOf, EXIT_FAILURE } from "../exit.js";
import type { Io } from "../io.js";
import { createStopSignals, type StopSignals } from "../signals.js";
import { onRunning } from "./running.js";
import { openDevice, type Device } from "./device.js";
import { stableMac } from "./tap.js";
import type { StationOptions } from "./stationOptions.js";
import { isWire } from "./wire.js";
import { explainSend, findTarget } from "./target.js";

/** A stack with an address. */
export interface Station {
  readonly stack: Stack;
  /** "tap:mote0". */
  readonly link: string;
  /** The stack's address, without prefix. */
  readonly from: string;
  /** In user mode: whose ports are this machine's. */
  readonly user: UserLink | undefined;
  /** A cable, QEMU or a WebSocket: its two ends go together. */
  readonly isWire: boolean;
  /** Each frame takes so much longer, in and out. */
  readonly delayMs: number;
  /** It is a stack that runs elsewhere. */
  readonly remote: RemoteStack | undefined;
  readonly stop: StopSignals;
  /** Rejects when the device has gone, or its other end. */
  readonly failed: Promise<never>;
}

/** Who asks whom. */
export interface Asking extends Pick<Station, "stack" | "link" | "from" | "remote"> {
  /** The host's address. */
  readonly address: string;
  /** Ends it with what keeps a packet from leaving. */
  fail(error: unknown): void;
  /** Called when a stop is asked for. */
  onStop(stop: () => void): void;
}

/** Says something to whoever waits. */
type Say = (line: string) => void;

/**
 * Opens a station, finds the host, lets `ask` do its work, and closes in good order; the exit code. One that
 * is stopped before it could ask has failed.
 */
export function withStation(
  { host, station }: { host: string; station: StationOptions },
  io: Io,
  ask: (asking: Asking) => Promise<number>,
): Promise<number> {
  return onStation(
    station,
    io,
    async ({ stack, link, from, remote, stop, failed }) => {
      const address = await Promise.race([findTarget(stack, host), stop.asked, failed]);
      if (!address) return EXIT_FAILURE;
      const unsent = deferred<never>();
      const fail = (error: unknown): void => unsent.reject(explainSend(error, address));
      const onStop = (end: () => void): void => void stop.asked.then(end);
      const asking = { stack, link, from, remote, address, fail, onStop };
      return Promise.race([ask(asking), unsent.promise, failed]);
    },
    EXIT_FAILURE,
  );
}

/** Opens a station, lets `work` be done with it, and closes in good order; `stopped` is how one ends that was stopped before. */
export async function onStation(
  options: StationOptions,
  io: Io,
  work: (station: Station) => Promise<number>,
  stopped: number,
): Promise<number> {
  const { running } = options;
  if (running !== undefined) return onRunning(running, io, work, stopped);
  const stop = createStopSignals(() => undefined);
  // Neither a link whose other end has gone nor a timer of the stack keeps the process.
  const hold = new Hold();
  hold.set(true);
  const say = (line: string): void => io.stderr.write(`${line}\n`);
  try {
    const { promise: failed, reject } = deferred<never>();
    // Nobody may be waiting yet when it fails.
    failed.catch(() => undefined);
    const { delayMs = 0 } = options;
    // Before the device: both ends of a cable begin when it is there.
    const stack = await createStack();
    let device: Device | undefined;
    try {
      device = await openDevice(options, { gone: reject, say, stop: stop.asked });
      const { name: link, user } = device;
      attach(stack, device, delayMs);
      const from = await Promise.race([awaitAddress(stack, link, say), stop.asked, failed]);
      if (!from) return stopped;
      const wire = isWire(options.link);
      const remote = undefined;
      return await work({ stack, link, from, user, remote, isWire: wire, delayMs, stop, failed });
    } finally {
      await closeStack(stack);
      device?.link.close();
    }
  } catch (error) {
    if (codeOf(error) === "ECANCELED" && stop.reason !== null) return stopped;
    throw error;
  } finally {
    hold.set(false);
    stop.release();
  }
}

function attach(stack: Stack, device: Device, delayMs: number): void {
  const { name, address, router, nameServers } = device;
  const link = delayMs > 0 ? impair(device.link, { delay: delayMs }) : device.link;
  if (address === undefined) {
    stack.attach(link, { auto: { dhcp: true }, mac: stableMac(name.replace(/^tap:/, "")) });
  } else stack.attach(link, { addresses: [address], router });
  if (nameServers.length > 0) stack.setNameServers(nameServers);
}

/** The address that was given, or the one that comes. */
function awaitAddress(stack: Stack, name: string, say: Say): Promise<string> {
  const [given] = stack.interfaces()[0]!.addresses;
  if (given !== undefined) return Promise.resolve(given.split("/")[0]!);
  say(`Waiting for an address by DHCP on ${name}.`);
  let told = false;
  return new Promise((resolve) => {
    stack.onLease = (index) => {
      const { address = null, linkLocal = false } = stack.lease(index) ?? {};
      if (address === null) {
        if (!told) say("No DHCP server has answered yet; without one comes a link-local address.");
        told = true;
        return;
      }
      stack.onLease = null;
      if (linkLocal) say(`No DHCP server answers: the stack has ${address}, a link-local address.`);
      resolve(address);
    };
  });
}

async function closeStack(stack: Stack): Promise<void> {
  await new Promise<void>((resolve) => stack.withdraw(resolve));
  stack.close();
}
