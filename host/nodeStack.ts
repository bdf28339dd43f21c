// A stack as programs on Node use it: beside the thin calls the modules of Node's own shape, servers and clients
// of Node's libraries.

import type { Agent, AgentOptions } from "node:http";
import type { Agent as SecureAgent, AgentOptions as SecureAgentOptions } from "node:https";
import type { Server as NetServer } from "node:net";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import type { AttachOptions, Stack } from "./core/stack.js";
import {
  createStack as createThinStack,
  createStackSync as createThinStackSync,
  type NodeStackOptions,
} from "./node/createStack.js";
import { dgramOf, type DgramModule } from "./dgram/module.js";
import type { Link } from "./link/link.js";
import {
  agentOf,
  connectorOf,
  connectSecure,
  secureAgentOf,
  type ConnectorOptions,
  type UndiciConnect,
} from "./net/agent.js";
import { attachServer, netOf, type Attachable, type AttachServerOptions } from "./net/attach.js";
import type { NetModule } from "./net/module.js";
import { dumpRecording } from "./record/stackRecordings.js";
import { takeSnapshot, type SnapshotOptions } from "./snapshot/take.js";

/** What a stack has on Node beside the rest. */
export interface NodeExtras {
  /** node:net, on this stack. Names are looked up by the stack. */
  readonly net: NetModule;
  /** node:dgram, on this stack. Names are looked up by the stack. */
  readonly dgram: DgramModule;
  /** Attaches a link; its interface number. The link belongs to the stack from then on. */
  attach(link: Link, options: AttachOptions): number;
  /**
   * Hands the connections of a port to an http, https, http2 or tls server, or to anything that handles
   * 'connection'. server.close() ends it; the result is the listener below. An address in use is an 'error'
   * of the server.
   */
  attach(server: Attachable, options: AttachServerOptions): NetServer;
  /** An agent for http.request() and http.get(). */
  agent(options?: AgentOptions): Agent;
  /** An agent for https. */
  secureAgent(options?: SecureAgentOptions): SecureAgent;
  /** For undici: `new Agent({ connect: stack.connector() })`. Options are those of tls.connect(). */
  connector(options?: ConnectorOptions): UndiciConnect;
  /** tls.connect() over a connection of this stack; it knows the addresses of both ends. */
  connectSecure(options: ConnectionOptions): TLSSocket;
  /**
   * All of the stack at this moment, for restoreStack(): as secret as its keys and all that its connections
   * hold. Throws EBADF: it is closed, EBUSY: one of its handlers runs.
   */
  snapshot(options?: SnapshotOptions): Uint8Array;
  /**
   * What the flight recorder has, up to now, as a recording for `mote replay` and openRecording(): as secret as what came
   * in. Throws ENOTSUP: the option record.flight was not set.
   */
  dumpRecording(): Uint8Array;
}

/** A stack as this entry makes it. */
export type NodeStack = Stack & NodeExtras;

/** Creates, seeds and starts a stack. */
export async function createStack(options: NodeStackOptions = {}): Promise<NodeStack> {
  return extend(await createThinStack(options));
}

/** The same at once; what is read and compiled for it stays for the next. */
export function createStackSync(options: NodeStackOptions = {}): NodeStack {
  return extend(createThinStackSync(options));
}

export function extend(stack: Stack): NodeStack {
  const attachLink = stack.attach.bind(stack);
  const extras = {
    attach: (what: Link | Attachable, options: AttachOptions | AttachServerOptions) =>
      isLink(what)
        ? attachLink(what, options as AttachOptions)
        : attachServer(stack, what, options as AttachServerOptions),
    agent: (options?: AgentOptions) => agentOf(stack, options),
    secureAgent: (options?: SecureAgentOptions) => secureAgentOf(stack, options),
    connector: (options?: ConnectorOptions) => connectorOf(stack, options),
    connectSecure: (options: ConnectionOptions) => connectSecure(stack, options),
    snapshot: (options?: SnapshotOptions) => takeSnapshot(stack, options),
    dumpRecording: () => dumpRecording(stack),
  };
  return Object.assign(Object.defineProperties(stack, MODULES), extras) as unknown as NodeStack;
}

/** Made when they are asked for, by the same functions for all stacks: V8 keeps objects whose getters differ as dictionaries, and a turn is slow then. */
const MODULES = {
  net: {
    get(this: Stack) {
      return netOf(this);
    },
  },
  dgram: {
    get(this: Stack) {
      return dgramOf(this);
    },
  },
};

const isLink = (what: Link | Attachable): what is Link =>
  typeof (what as Link).read === "function" && typeof (what as Link).mtu === "number";
