// Serves over a link to another program, or out of a recording: the stack runs on the event loop of this thread,
// and is reached from the other end.

import type { AttachOptions, Stack } from "../../core/stack.js";
import { createStack } from "../../node/createStack.js";
import type { Link } from "../../link/link.js";
import { createPcapngFile } from "../../link/pcapngFile.js";
import { tee } from "../../link/tee.js";
import { plural } from "../format.js";
import { stableMac } from "../network/tap.js";
import { openWire, WIRE_ADDRESS, type Wire } from "../network/wire.js";
import { DHCP, type WireChoice } from "../network/words.js";
import type { FromServices, ServedPort, ServicesData } from "./messages.js";
import type { ServeOptions } from "./options.js";
import type { Place, PlaceEvents } from "./place.js";
import { start } from "./worker.js";

export async function startWire(
  choice: WireChoice,
  options: ServeOptions,
  data: Omit<ServicesData, "link" | "dhcp">,
  events: PlaceEvents,
): Promise<Place> {
  const { profile, pcap, hostName, record } = options;
  const dhcp = options.address === DHCP;
  const address = dhcp ? undefined : (options.address ?? WIRE_ADDRESS);
  const wire = await openWire(choice, address, {
    gone: (error) => events.failed(error),
    played: ({ framesReplayed, framesSent }) =>
      events.note?.(
        `The recording has been played: ${plural(framesReplayed, "frame")}; the stack has sent ${framesSent}.`,
      ),
  });
  let stack: Stack | undefined;
  try {
    const link: Link = pcap === undefined ? wire.link : tee(wire.link, createPcapngFile(pcap));
    stack = await createStack({ profile, record, ...(hostName === undefined ? {} : { hostName }) });
    stack.attach(link, attachOptions(wire, address, options.router));
    return serveOn(stack, { ...data, link: wire.name, dhcp }, { address, hostName }, events);
  } catch (error) {
    if (stack === undefined) wire.link.close();
    else stack.close();
    throw error;
  }
}

function attachOptions(
  { name, mac }: Wire,
  address: string | undefined,
  router: string | undefined,
): AttachOptions {
  if (address === undefined) {
    const own = stableMac(name);
    return { auto: { dhcp: true }, ...(own === undefined ? {} : { mac: own }) };
  }
  return {
    addresses: [address],
    ...(router === undefined ? {} : { router }),
    ...(mac === undefined ? {} : { mac }),
  };
}

function serveOn(
  stack: Stack,
  data: ServicesData,
  { address = "", hostName }: { address: string | undefined; hostName: string | undefined },
  events: PlaceEvents,
): Place {
  let services: readonly ServedPort[] = [];
  const running = start({
    stack,
    data,
    post(received) {
      const message = received as FromServices;
      if (message.type === "listening") services = message.services;
      events.message(message);
    },
  });
  return {
    kind: "wire",
    link: data.link,
    address: address.split("/")[0]!,
    stackAddress: address,
    ...(hostName === undefined ? {} : { hostName }),
    services,
    post: (message) => running.onMessage?.(message),
    async close() {
      running.close?.();
      stack.close();
    },
  };
}
