// What a station sits on: a TAP device, user mode, or a link to another program, opened with the stack's address on it.

import type { Link } from "../../link/link.js";
import { openTap } from "../../link/tap.js";
import { openUserLink, type UserLink } from "../../link/user.js";
import { codeOf, CommandError } from "../exit.js";
import { takeApart, withHint } from "../remedy.js";
import type { StationOptions } from "./stationOptions.js";
import { addressesFor, isMissingTap, openFirst } from "./tap.js";
import { isWire, openWire, WIRE_ADDRESS } from "./wire.js";
import { DHCP, type LinkChoice } from "./words.js";

export interface Device {
  /** "tap:mote0". */
  readonly name: string;
  readonly link: Link;
  /** With prefix; undefined: it comes by DHCP. */
  readonly address: string | undefined;
  readonly router?: string | undefined;
  readonly nameServers: readonly string[];
  /** Whose ports are those of this machine, in user mode. */
  readonly user?: UserLink;
}

export interface DeviceEvents {
  /** It has gone, or its other end. */
  gone(error: CommandError): void;
  /** Something that people may want to know. */
  say(line: string): void;
  /** It is not wanted any more. */
  readonly stop: Promise<void>;
}

export async function openDevice(options: StationOptions, events: DeviceEvents): Promise<Device> {
  const { link, address, router, nameServers } = options;
  const around = { router, nameServers };
  if (link.kind === "user") return openUser(options);
  if (!isWire(link)) return openTapOrUser(options, events);
  const given = address === DHCP ? undefined : address;
  const { gone, say: waits, stop } = events;
  const wire = await openWire(link, given, { gone, waits, stop, played: () => undefined });
  const own = address === DHCP ? undefined : wire.address;
  return { ...around, name: wire.name, link: wire.link, address: own };
}

async function openTapOrUser(options: StationOptions, events: DeviceEvents): Promise<Device> {
  const { link, address, router, nameServers } = options;
  try {
    const device = await openTapDevice(link, address, events.gone);
    return { ...device, router, nameServers };
  } catch (error) {
    if (!isMissingTap(error)) throw error;
    if (options.allow === undefined) throw noEcho(error);
    const isChosen = link.kind === "tap" || address === DHCP || router !== undefined;
    if (isChosen || nameServers.length > 0) throw withHint(error);
    events.say(`In user mode, as there is no TAP device: ${plainly(error)}`);
    return openUser(options);
  }
}

async function openUser({ address = WIRE_ADDRESS, allow = [] }: StationOptions): Promise<Device> {
  const user = await openUserLink({ stackAddress: address, outbound: { allow } });
  const { router } = user;
  return { name: "user", link: user, user, address, router, nameServers: [router] };
}

async function openTapDevice(
  choice: LinkChoice,
  wanted: string | undefined,
  gone: (error: CommandError) => void,
): Promise<Omit<Device, "nameServers">> {
  return openFirst(choice, async (name) => {
    const { stack: address, host: hostAddress } = addressesFor(name, wanted);
    const link = await openTap(name, { hostAddress });
    link.onGone = () => gone(new CommandError("ENODEV", `TAP device ${name} was deleted`));
    return { name: `tap:${name}`, link, address };
  });
}

const plainly = (error: unknown): string =>
  takeApart(error).what.replace(/; use: --link user$/, "");

function noEcho(cause: unknown): CommandError {
  const text = `${plainly(cause)} (user mode would not do: it lets no echo requests through)`;
  return new CommandError(codeOf(cause), text, takeApart(cause).command, { cause });
}
