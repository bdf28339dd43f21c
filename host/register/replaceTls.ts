// TLS over the sockets of a stack. Node's TLSSocket stays what it is and stands on a socket of the stack as on
// any other stream; a tls.Server gets the stack's listen(), and so do those of https and http2.

import net, { type NetConnectOpts } from "node:net";
import tls, { type ConnectionOptions, type TLSSocket } from "node:tls";
import { keepAddresses } from "../net/secure.js";
import { _normalizeArgs as normalizeArgs } from "../net/system.js";

/** After replaceNet(); `Socket`: that of the stack. */
export function replaceTls(Socket: typeof net.Socket): void {
  Object.setPrototypeOf(tls.Server.prototype, net.Server.prototype);
  Object.setPrototypeOf(tls.Server, net.Server);
  replaceConnect();
  replaceInit(Socket);
  // A TLSSocket would take a socket that has one for a socket of the system.
  Object.defineProperty(Socket.prototype, "_handle", { value: undefined, configurable: true });
}

/** tls.connect() gets a connection of node:net as it is now, unless it has one, or goes to a path. */
function replaceConnect(): void {
  const onStream = tls.connect as (options: ConnectionOptions, done?: () => void) => TLSSocket;
  const connect = (...args: unknown[]): TLSSocket => {
    const { options, done } = optionsOf(args);
    if (options.socket || options.path) return onStream(options, done);
    const socket = net.connect(forConnection(options));
    const secure = onStream({ ...options, socket }, done);
    if (options.timeout) secure.setTimeout(options.timeout);
    return secure;
  };
  Object.assign(tls, { connect });
}

/**
 * A TLSSocket believes that a socket without a handle of the system is not connected yet, and asks the handle
 * who is there: of a socket of the stack it is told both.
 */
function replaceInit(Socket: typeof net.Socket): void {
  const prototype = tls.TLSSocket.prototype as unknown as {
    _init(this: TLSSocket & { connecting: boolean }, below: unknown, wrap: unknown): void;
  };
  const init = prototype._init;
  prototype._init = function (below, wrap) {
    init.call(this, below, wrap);
    if (!(below instanceof Socket)) return;
    this.connecting = below.connecting;
    keepAddresses(this, below);
  };
}

/** connect(options, done), connect(port, host, options, done), and what is between. */
function optionsOf(args: readonly unknown[]) {
  const [options, callback] = normalizeArgs([...args]);
  const more = args.slice(1).find((arg) => arg !== null && typeof arg === "object");
  return {
    options: { ...options, ...more } as ConnectionOptions & { path?: string },
    done: callback ?? undefined,
  };
}

/** What of it is of the connection below. */
const BELOW = [
  "host",
  "port",
  "family",
  "hints",
  "lookup",
  "localAddress",
  "localPort",
  "autoSelectFamily",
  "autoSelectFamilyAttemptTimeout",
  "noDelay",
  "keepAlive",
  "keepAliveInitialDelay",
  "allowHalfOpen",
] as const;

function forConnection(options: object): NetConnectOpts {
  const given = options as Record<string, unknown>;
  const known = BELOW.filter((name) => given[name] !== undefined);
  return Object.fromEntries(known.map((name) => [name, given[name]])) as unknown as NetConnectOpts;
}
