// What node:net has that is no socket: kept as it is, so that settings are those of the whole program.

import * as net from "node:net";

export {
  BlockList,
  getDefaultAutoSelectFamily,
  getDefaultAutoSelectFamilyAttemptTimeout,
  isIP,
  isIPv4,
  isIPv6,
  setDefaultAutoSelectFamily,
  setDefaultAutoSelectFamilyAttemptTimeout,
  SocketAddress,
} from "node:net";

type ConnectOptions = { port?: unknown; host?: unknown; path?: unknown; [name: string]: unknown };

type Normalized = [ConnectOptions, (() => void) | null];

/** The forms of arguments of connect() and listen() as options and callback; not in Node's types. */
export const _normalizeArgs = (net as unknown as { _normalizeArgs(args: unknown[]): Normalized })
  ._normalizeArgs;

/** The same, also for what went through it before and is marked so. */
export function normalizedOnce(args: unknown[]): Normalized {
  const [first] = args;
  if (Array.isArray(first) && Object.getOwnPropertySymbols(first).length > 0)
    return first as unknown as Normalized;
  return _normalizeArgs(args);
}
