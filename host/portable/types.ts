// Sockets of promises and streams, as programs see them: the shape that browsers and runtimes at the edge of
// networks have for theirs. The same on Node and in a page.

import type { ConnectionInfo } from "../core/observe.js";

export interface KeepAliveOptions {
  /** Seconds of silence until the first probe. Default 7200. */
  idleSeconds?: number;
  /** Seconds between probes. Default 75. */
  intervalSeconds?: number;
  /** Probes without an answer that end the connection. Default 10. */
  probes?: number;
}

/** Options that both sides of a connection have. */
export interface StreamOptions {
  /** Small segments leave at once (Nagle's algorithm off). Default false. */
  noDelay?: boolean;
  /** A silent peer is probed. Default false; true: with the stack's defaults. */
  keepAlive?: boolean | KeepAliveOptions;
}

export interface StreamConnectOptions extends StreamOptions {
  /** An address, or a name: its addresses are tried in their order. */
  hostname: string;
  port: number;
  localAddress?: string;
  /** Default: chosen. */
  localPort?: number;
  /** Gives the connection up: before it is open, and after. */
  signal?: AbortSignal;
}

export interface StreamListenOptions extends StreamOptions {
  /** 0: a free one is chosen. */
  port: number;
  /** One of the stack's own addresses. Default: any. */
  address?: string;
  /** Connections that may wait until they are taken. Default 128. */
  backlog?: number;
  /** Closes the listener. */
  signal?: AbortSignal;
}

/** What is known of a connection once it is open. */
export interface StreamSocketInfo {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

/** One TCP connection. */
export interface StreamSocket {
  /** Rejects when it cannot be opened: ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, ENOTFOUND ... */
  readonly opened: Promise<StreamSocketInfo>;
  /** Over in good order, or closed by us. Rejects when something else ended it: ECONNRESET, ETIMEDOUT ... */
  readonly closed: Promise<void>;
  /** What arrives, as a stream of bytes. Nothing is gathered here: who does not read closes the window. */
  readonly readable: ReadableStream<Uint8Array>;
  /** A chunk is done when the stack's ring has it. Closing it sends FIN; reading goes on. */
  readonly writable: WritableStream<Uint8Array>;
  /** Gives it up in good order: what was written still leaves, then FIN. The result is `closed`. */
  close(): Promise<void>;
  /** Resets it. Reads, writes and `closed` reject with the reason; default ECONNABORTED. */
  abort(reason?: unknown): void;
  /** Everything the core knows about it; null before it is open and once it is gone. */
  info(): ConnectionInfo | null;
}

/**
 * A passive open: `for await (const socket of listener)`. Connections wait in the core until they are asked
 * for; leaving the loop closes the listener.
 */
export interface StreamListener extends AsyncIterableIterator<StreamSocket> {
  /** It listens at once; for the same shape as a socket's. */
  readonly opened: Promise<StreamListenerInfo>;
  readonly localAddress: string;
  readonly localPort: number;
  /** Stops listening: the loop ends, sockets live on, and what waits is reset. */
  close(): void;
}

export interface StreamListenerInfo {
  readonly localAddress: string;
  readonly localPort: number;
}
