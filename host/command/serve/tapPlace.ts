// Serves over a TAP device: a worker owns device, stack and services. The stack has an address of a block
// that nobody uses, or one that the network gives it.

import { runDedicated, type Dedicated } from "../../node/dedicated.js";
import { addressesFor, openFirst, stableMac } from "../network/tap.js";
import type { ServeOptions } from "./options.js";
import type { FromServices, ServedPort, ServicesData } from "./messages.js";
import type { Place, PlaceEvents } from "./place.js";

/** Opens the device that was named, or the first free one of ours. */
export function startTap(
  options: ServeOptions,
  data: Omit<ServicesData, "link" | "dhcp">,
  events: PlaceEvents,
): Promise<Place> {
  return openFirst(options.link, (name) => startNamed(name, options, data, events));
}

async function startNamed(
  name: string,
  options: ServeOptions,
  data: Omit<ServicesData, "link" | "dhcp">,
  events: PlaceEvents,
): Promise<Place> {
  const { profile, router, hostName, pcap, record } = options;
  const { stack, host } = addressesFor(name, options.address);
  const link = `tap:${name}`;
  const dhcp = stack === undefined;
  const dedicated = await runDedicated({
    profile,
    tap: { name, hostAddress: host },
    ...(dhcp ? { auto: { dhcp }, mac: stableMac(name) } : { address: stack }),
    router,
    hostName,
    pcap,
    record,
    services: {
      module: new URL("./worker.js", import.meta.url),
      data: { ...data, link, dhcp } satisfies ServicesData,
    },
  });
  return place(dedicated, { link, stack, hostName }, events);
}

interface Known {
  readonly link: string;
  readonly stack: string | undefined;
  readonly hostName: string | undefined;
}

async function place(
  dedicated: Dedicated,
  { link, stack = "", hostName }: Known,
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
    ...(hostName === undefined ? {} : { hostName }),
    services,
    post: (message) => dedicated.post(message),
    close: () => dedicated.close(),
  };
}
