// The services of `mote serve`, in the thread of the stack: a worker of its own over TAP, the main
// thread in user mode. Opens the listeners, hands connections to services and sessions, and stops
// them in good order when told.

import type { Listener } from "../../core/connection.js";
import type { DatagramSocket } from "../../core/socket.js";
import type { RunningServices, ServiceContext } from "../../core/services.js";
import type { Stack } from "../../core/stack.js";
import { createChargen } from "../services/chargen.js";
import { discardDatagrams, echoDatagrams } from "../services/datagrams.js";
import { createDiscard } from "../services/discard.js";
import { createEcho } from "../services/echo.js";
import { createHello } from "../services/hello.js";
import { createMetrics } from "../services/http/metrics.js";
import { createHttp, type HttpSources } from "../services/http/server.js";
import { createStatus } from "../services/http/status.js";
import type { ServiceName } from "../services/names.js";
import type { ServeConnection, ServiceTimers } from "../services/service.js";
import type { FromServices, ServedPort, ServicesData, ToServices } from "./messages.js";
import { reportAddress } from "./reportAddress.js";
import { createPassedOn } from "./passedOn.js";
import { createSessions } from "./sessions.js";

/** The services by name: adding one is adding a file, a name and a row. */
const factories: Readonly<
  Record<ServiceName, (timers: ServiceTimers, sources: HttpSources) => ServeConnection>
> = {
  hello: createHello,
  echo: createEcho,
  discard: createDiscard,
  chargen: createChargen,
  http: createHttp,
};

/** What answers datagrams, too, at the same port. */
const datagramServices: Readonly<Partial<Record<ServiceName, (socket: DatagramSocket) => void>>> = {
  echo: echoDatagrams,
  discard: discardDatagrams,
};

export function start({ stack, data, post }: ServiceContext): RunningServices {
  const { version, link, dhcp, services, rows, reportMs } = data as ServicesData;
  const tell = (message: FromServices): void => post(message);
  const sessions = createSessions(stack, { rows, reportMs, report: tell });
  const listeners: Listener[] = [];
  let served: readonly ServedPort[] = [];
  const address = (): string => stack.interfaces()[0]?.addresses.join(", ") || "no address yet";
  const passedOn = createPassedOn(stack, () => served, tell);
  const status = createStatus(stack, () => {
    return { version, link, address: address(), services: served };
  });
  const sources: HttpSources = { status, metrics: createMetrics(stack) };

  served = services.map(({ name, port: wanted }) => {
    const serve = factories[name](stack, sources);
    const listener = stack.listen({ port: wanted }, (connection) =>
      sessions.begin(name, serve, connection),
    );
    listeners.push(listener);
    if (stack.profile !== "tiny") {
      datagramServices[name]?.(stack.bind({ port: listener.port }));
    }
    return { name, port: listener.port, hostPort: listener.port };
  });
  const http = served.find(({ name }) => name === "http");
  if (stack.hostName !== "" && http !== undefined && tellsOfServices(stack)) {
    stack.publish("_http._tcp", http.port);
  }
  if (dhcp) stack.onLease = (index) => tell(reportAddress(stack, index));
  stack.onName = (name) => tell({ type: "name", time: Date.now(), name });
  tell({ type: "listening", services: served });

  function stop(withinMs: number): void {
    for (const listener of listeners.splice(0)) listener.close();
    sessions.stop(withinMs, (cut) => stack.withdraw(() => tell({ type: "stopped", cut })));
  }

  return {
    onMessage(message) {
      const order = message as ToServices;
      if (order.type === "published") served = order.services;
      else if (order.type === "stop") stop(order.withinMs);
      else passedOn(order);
    },
    close() {
      for (const listener of listeners.splice(0)) listener.close();
    },
  };
}

/** Small profiles answer for their name alone. */
function tellsOfServices(stack: Stack): boolean {
  return stack.pools().some(({ name, capacity }) => name === "service" && capacity > 0);
}
