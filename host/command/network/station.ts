// A stack of a verb's own, on a TAP device or another link, and on the event loop of this thread: opened, given an address (by
// DHCP, too), led to the host that it is to ask, and closed in good order.

import type { Stack } from "../../core/stack.js";
import { createStack } from "../../node/createStack.js";
import type { Link } from "../../link/link.js";
import { openTap } from "../../link/tap.js";
import { deferred } from "../deferred.js";
import { codeOf, CommandError, EXIT_FAILURE } from "../exit.js";
import type { Io } from "../io.js";
import { takeApart } from "../remedy.js";
import { createStopSignals } from "../signals.js";
import { addressesFor, isMissingTap, openFirst, stableMac } from "./tap.js";
import type { StationOptions } from "./stationOptions.js";
import { explainSend, findTarget } from "./target.js";
import { isWire, openWire, WIRE_ADDRESS } from "./wire.js";
import { DHCP, type LinkChoice } from "./words.js";

/** Who asks whom. */
export interface Asking {
  readonly stack: Stack;
  /** "tap:mote0". */
  readonly link: string;
  /** The stack's address, and the host's; without prefix. */
  readonly from: string;
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
export async function withStation(
  { host, station }: { host: string; station: StationOptions },
  io: Io,
  ask: (asking: Asking) => Promise<number>,
): Promise<number> {
  const stop = createStopSignals(() => undefined);
  try {
    const failed = deferred<never>();
    // Nobody may be waiting yet when it fails.
    failed.promise.catch(() => undefined);
    const device = await openDevice(station, (error) => failed.reject(error));
    const { name, link } = device;
    const stack = await createStack();
    const orEnd = <T>(work: Promise<T>) => Promise.race([work, stop.asked, failed.promise]);
    try {
      attach(stack, device, station);
      const say = (line: string): void => io.stderr.write(`${line}\n`);
      const from = await orEnd(awaitAddress(stack, name, say));
      const address = from && (await orEnd(findTarget(stack, host)));
      if (!from || !address) return EXIT_FAILURE;
      const fail = (error: unknown): void => failed.reject(explainSend(error, address));
      const onStop = (end: () => void): void => void stop.asked.then(end);
      const asking = { stack, link: name, from, address, fail, onStop };
      return await Promise.race([ask(asking), failed.promise]);
    } finally {
      await closeStack(stack);
      link.close();
    }
  } finally {
    stop.release();
  }
}

function attach(
  stack: Stack,
  { name, link, address }: Device,
  { router, nameServers }: StationOptions,
): void {
  if (address === undefined) {
    stack.attach(link, { auto: { dhcp: true }, mac: stableMac(name.replace(/^tap:/, "")) });
  } else stack.attach(link, { addresses: [address], router });
  if (nameServers.length > 0) stack.setNameServers(nameServers);
}

interface Device {
  /** "tap:mote0". */
  readonly name: string;
  readonly link: Link;
  /** With prefix; undefined: it comes by DHCP. */
  readonly address: string | undefined;
}

async function openDevice(
  { link, address }: StationOptions,
  gone: (error: CommandError) => void,
): Promise<Device> {
  if (!isWire(link)) return openTapDevice(link, address, gone);
  const given = address === DHCP ? undefined : (address ?? WIRE_ADDRESS);
  const wire = await openWire(link, given, { gone, played: () => undefined });
  return { name: wire.name, link: wire.link, address: given };
}

async function openTapDevice(
  choice: LinkChoice,
  wanted: string | undefined,
  gone: (error: CommandError) => void,
): Promise<Device> {
  try {
    return await openFirst(choice, async (name) => {
      const { stack: address, host: hostAddress } = addressesFor(name, wanted);
      const link = await openTap(name, { hostAddress });
      link.onGone = () => gone(new CommandError("ENODEV", `TAP device ${name} was deleted`));
      return { name: `tap:${name}`, link, address };
    });
  } catch (error) {
    if (!isMissingTap(error)) throw error;
    const { what, command } = takeApart(error);
    const plain = what.replace(/; use: --link user$/, "");
    const text = `${plain} (user mode would not do: it lets no echo requests through)`;
    throw new CommandError(codeOf(error), text, command, { cause: error });
  }
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
