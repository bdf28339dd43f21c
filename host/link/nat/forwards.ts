// Ports of the virtual router that lead to places of the host's network, whatever the rules say.

import { parseEndpoint } from "./allow.js";
import type { Target } from "./wire.js";

export interface ForwardedPort {
  /** Of the virtual router. */
  port: number;
  /** Where it leads: HOST:PORT, with /tcp or /udp where it is not both. */
  to: string;
}

interface Forward extends ForwardedPort {
  readonly target: Target;
  readonly protocol: number | null;
}

export interface Forwards {
  /** Throws EINVAL, EADDRINUSE. */
  add(port: number, to: string): ForwardedPort;
  /** false: there was none. */
  remove(port: number): boolean;
  find(protocol: number, port: number): Target | null;
  list(): ForwardedPort[];
}

export function createForwards(): Forwards {
  const forwards: Forward[] = [];
  const overlaps = (a: number | null, b: number | null): boolean =>
    a === null || b === null || a === b;

  return {
    add(port, to) {
      if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        throw failure("EINVAL", `port ${port}: a port of the router is from 1 to 65535`);
      }
      const { host, firstPort, lastPort, protocol } = parseEndpoint(to);
      if (firstPort !== lastPort || firstPort === 0 || host.includes("/") || host.includes("*")) {
        throw failure("EINVAL", `"${to}": a port leads to one place, as in "127.0.0.1:5432"`);
      }
      if (forwards.some((each) => each.port === port && overlaps(each.protocol, protocol))) {
        throw failure("EADDRINUSE", `port ${port} of the router leads somewhere already`);
      }
      forwards.push({ port, to, protocol, target: { host, port: firstPort } });
      return { port, to };
    },
    remove(port) {
      const before = forwards.length;
      const others = forwards.filter((each) => each.port !== port);
      forwards.splice(0, before, ...others);
      return forwards.length < before;
    },
    find: (protocol, port) =>
      forwards.find((each) => each.port === port && overlaps(each.protocol, protocol))?.target ??
      null,
    list: () => forwards.map(({ port, to }) => ({ port, to })),
  };
}

function failure(code: string, text: string): Error {
  return Object.assign(new Error(text), { code });
}
