// Serves in user mode: no rights needed. The stack runs on the event loop of this thread, and
// ordinary sockets of the host on 127.0.0.1 are carried to it. Ports below 1024 appear at + 8000.

import type { Stack } from "../../core/stack.js";
import { createStack } from "../../node/createStack.js";
import type { RunningServices } from "../../core/services.js";
import { createPcapngFile } from "../../link/pcapngFile.js";
import { tee } from "../../link/tee.js";
import { defaultHostPort, openUserLink, type UserLink } from "../../link/user.js";
import { codeOf, CommandError } from "../exit.js";
import { defaultPorts } from "../services/names.js";
import { start } from "./worker.js";
import type { ServeOptions, ServicePort } from "./options.js";
import type { FromServices, ServedPort, ServicesData } from "./messages.js";
import type { Place, PlaceEvents } from "./place.js";

const DEFAULT_ADDRESS = "198.18.0.2/30";
const HOST_ADDRESS = "127.0.0.1";

export async function startUser(
  options: ServeOptions,
  data: Omit<ServicesData, "link" | "dhcp">,
  events: PlaceEvents,
): Promise<Place> {
  const stackAddress = options.address ?? DEFAULT_ADDRESS;
  const link = await openUserLink({ stackAddress, hostAddress: HOST_ADDRESS });
  let stack: Stack | undefined;
  try {
    const captured = options.pcap === undefined ? link : tee(link, createPcapngFile(options.pcap));
    const { profile, record } = options;
    stack = await createStack({ profile, record });
    stack.attach(captured, { addresses: [stackAddress] });
    const listening: { services: readonly ServedPort[] } = { services: [] };
    const running = start({
      stack,
      data: {
        ...data,
        services: stackPorts(data.services),
        link: "user mode",
        dhcp: false,
      } satisfies ServicesData,
      post: (received) => {
        const message = received as FromServices;
        if (message.type === "listening") listening.services = message.services;
        events.message(message);
      },
    });
    const services = await publishAll(link, options.services, listening.services);
    running.onMessage?.({ type: "published", services });
    return place(stack, running, stackAddress, services);
  } catch (error) {
    if (stack === undefined) link.close();
    else stack.close();
    throw error;
  }
}

function place(
  stack: Stack,
  running: RunningServices,
  stackAddress: string,
  services: readonly ServedPort[],
): Place {
  return {
    kind: "user",
    link: "user mode",
    address: HOST_ADDRESS,
    stackAddress,
    services,
    post: (message) => running.onMessage?.(message),
    async close() {
      running.close?.();
      stack.close();
    },
  };
}

/** --port NAME=0 asks for any port of the host; inside the stack the default is as good as any. */
function stackPorts(services: ServicesData["services"]): ServicesData["services"] {
  const taken = new Set(services.map(({ port }) => port));
  return services.map(({ name, port }) => {
    return port === 0 && !taken.has(defaultPorts[name])
      ? { name, port: defaultPorts[name] }
      : { name, port };
  });
}

/** The ports that were asked for first: a default that is taken may move, they may not. */
async function publishAll(
  link: UserLink,
  wanted: readonly ServicePort[],
  listening: readonly ServedPort[],
): Promise<ServedPort[]> {
  const hostPorts = new Map<string, number>();
  const asked = wanted.filter((service) => service.asked);
  for (const { name, port } of asked) {
    const { port: stackPort } = listening.find((service) => service.name === name)!;
    hostPorts.set(name, await publishExactly(link, stackPort, publishedPort(port), name));
  }
  for (const { name, port } of listening) {
    if (!hostPorts.has(name)) hostPorts.set(name, (await link.publish(port)).hostPort);
  }
  return listening.map((service) => ({ ...service, hostPort: hostPorts.get(service.name)! }));
}

/** The host's port for a port that was asked for; 0 stays "any". */
export function publishedPort(port: number): number {
  return port === 0 ? 0 : defaultHostPort(port);
}

async function publishExactly(
  link: UserLink,
  stackPort: number,
  hostPort: number,
  name: string,
): Promise<number> {
  try {
    return (await link.publish(stackPort, hostPort)).hostPort;
  } catch (error) {
    if (codeOf(error) !== "EADDRINUSE") throw error;
    throw new CommandError(
      "EADDRINUSE",
      `port ${hostPort} of ${HOST_ADDRESS}, asked for ${name}, is in use by another program`,
      `ss -ltnp 'sport = :${hostPort}' shows which; --port ${name}=0 takes a free one`,
      { cause: error },
    );
  }
}
