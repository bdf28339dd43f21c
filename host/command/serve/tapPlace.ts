// Serves over a TAP device: a worker owns device, stack and services. Chooses name and addresses so
// that nothing on this machine is shadowed.

import { runDedicated, type Dedicated } from "../../core/dedicated.js";
import { chooseAddresses, overlaps, peerAddress, rangesInUse } from "../../link/addresses.js";
import { codeOf, CommandError } from "../exit.js";
import type { ServeOptions } from "./options.js";
import type { FromServices, ServedPort, ServicesData } from "./messages.js";
import type { Place, PlaceEvents } from "./place.js";

const DEFAULT_NAME = "mote";
/** Names tried when nobody chose one and other instances of this command run: mote0 to mote7. */
const NAMES_TRIED = 8;

/** Opens the device that was named, or the first free one of ours. */
export async function startTap(
  options: ServeOptions,
  data: Omit<ServicesData, "link" | "address">,
  events: PlaceEvents,
): Promise<Place> {
  if (options.link.kind === "tap") return startNamed(options.link.name, options, data, events);
  for (let index = 0; ; index++) {
    try {
      return await startNamed(`${DEFAULT_NAME}${index}`, options, data, events);
    } catch (error) {
      if (codeOf(error) !== "EBUSY" || index === NAMES_TRIED - 1) throw error;
    }
  }
}

async function startNamed(
  name: string,
  options: ServeOptions,
  data: Omit<ServicesData, "link" | "address">,
  events: PlaceEvents,
): Promise<Place> {
  const { stack, host } = addressesFor(name, options.address);
  const link = `tap:${name}`;
  const dedicated = await runDedicated({
    profile: options.profile,
    tap: { name, hostAddress: host },
    address: stack,
    ...(options.pcap === undefined ? {} : { pcap: options.pcap }),
    services: {
      module: new URL("./worker.js", import.meta.url),
      data: { ...data, link, address: stack } satisfies ServicesData,
    },
  });
  return place(dedicated, { link, stack }, events);
}

async function place(
  dedicated: Dedicated,
  { link, stack }: { link: string; stack: string },
  events: PlaceEvents,
): Promise<Place> {
  const services = await new Promise<readonly ServedPort[]>((resolve, reject) => {
    dedicated.onError = (error) => {
      reject(error);
      events.failed(error);
    };
    dedicated.onMessage = (received) => {
      const message = received as FromServices;
      if (message.type === "listening") resolve(message.services);
      events.message(message);
    };
  });
  return {
    kind: "tap",
    link,
    address: stack.split("/")[0]!,
    stackAddress: stack,
    services,
    post: (message) => dedicated.post(message),
    close: () => dedicated.close(),
  };
}

/** The two ends of the link. What the device of that name has itself does not count as in use. */
function addressesFor(name: string, wanted: string | undefined): { stack: string; host: string } {
  const used = rangesInUse(name);
  if (wanted === undefined) return chooseAddresses(used);
  if (overlaps(wanted, used)) {
    throw new CommandError(
      "EADDRINUSE",
      `--address ${wanted} overlaps an address or a route of this machine`,
      "ip route; then choose another block, or leave --address out",
    );
  }
  return { stack: wanted, host: peerAddress(wanted) };
}
