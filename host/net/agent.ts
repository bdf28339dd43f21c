// Clients of Node's own libraries on a stack: an Agent for http and https, and undici's `connect`.

import { Agent as HttpAgent, type AgentOptions } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as tlsConnect, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { Stack } from "../core/stack.js";
import { netOf } from "./attach.js";
import { keepAddresses } from "./secure.js";

type Created = (error: Error | null, socket: Duplex | null) => void;
type Place = { host?: string; port?: number | string; servername?: string; timeout?: number };

/** An http.Agent whose connections are the stack's. */
export function agentOf(stack: Stack, options: AgentOptions = {}): HttpAgent {
  class Agent extends HttpAgent {
    override createConnection(where: Place): Duplex {
      return netOf(stack).connect(where as never);
    }
  }
  return new Agent(options);
}

/** The same for https. */
export function secureAgentOf(stack: Stack, options: AgentOptions = {}): HttpsAgent {
  class Agent extends HttpsAgent {
    override createConnection(where: ConnectionOptions & Place): Duplex {
      const socket = connectBelow(stack, where);
      // Node's own keeps the sessions that later connections resume.
      const secure = createSecure.call(this, { ...where, socket });
      if (where.timeout) secure.setTimeout(where.timeout);
      return keepAddresses(secure, socket);
    }
  }
  return new Agent(options);
}

const createSecure = (
  HttpsAgent.prototype as unknown as { createConnection(where: object): TLSSocket }
).createConnection;

const connectBelow = (stack: Stack, { host = "localhost", port }: ConnectionOptions): Socket =>
  netOf(stack).connect({ host, port: Number(port), noDelay: true });

/**
 * tls.connect() over a connection of the stack. Unlike a TLSSocket over any other Duplex this one has the
 * addresses of the connection below.
 */
export function connectSecure(stack: Stack, options: ConnectionOptions): TLSSocket {
  const { host = "localhost", servername = isIP(host) ? "" : host } = options;
  const socket = connectBelow(stack, options);
  const secure = tlsConnect({ ...options, servername, socket } as ConnectionOptions);
  if (options.timeout) secure.setTimeout(options.timeout);
  return keepAddresses(secure, socket);
}

export interface ConnectorOptions extends ConnectionOptions {
  /** ms until a connection must be there. Default: as long as the stack tries. */
  timeout?: number;
}

export interface UndiciTarget {
  hostname: string;
  port: string;
  protocol: string;
  servername?: string;
}

/** What undici calls for a connection. */
export type UndiciConnect = (target: UndiciTarget, done: Created) => void;

/** For undici: `new Agent({ connect: connectorOf(stack) })`. Options are those of tls.connect, for https. */
export function connectorOf(stack: Stack, options: ConnectorOptions = {}): UndiciConnect {
  return ({ hostname, port, protocol, servername }, done) => {
    const isSecure = protocol === "https:";
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    const number = Number(port) || (isSecure ? 443 : 80);
    const name = servername || (isIP(host) ? "" : host);
    const socket: Socket = isSecure
      ? connectSecure(stack, {
          ALPNProtocols: ["http/1.1"],
          ...options,
          host,
          port: number,
          servername: name,
        })
      : netOf(stack).connect({ host, port: number, noDelay: true });
    const settle = (error: Error | null): void => {
      socket.off(ready, onReady).off("error", settle);
      clearTimeout(timer);
      done(error, error === null ? socket : null);
    };
    const ready = isSecure ? "secureConnect" : "connect";
    const onReady = (): void => settle(null);
    const tooLate = (): void => {
      const text = `connect ETIMEDOUT ${host}:${number}: no connection within ${options.timeout} ms`;
      socket.destroy(Object.assign(new Error(text), { code: "ETIMEDOUT" }));
    };
    const timer = options.timeout ? setTimeout(tooLate, options.timeout) : undefined;
    socket.once(ready, onReady).once("error", settle);
  };
}
