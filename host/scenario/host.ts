// A host of a world: its stack, what its applications do with it, and what they have seen. Each call is noted, so
// that the ladder shows it beside the state that comes of it.

import type { Connection, Listener } from "../core/connection.js";
import type { ConnectOptions, Stack } from "../core/stack.js";
import { keyOf } from "./log.js";
import type { Side } from "./scenario.js";

/** What a host needs of its world. */
export interface HostOwner {
  /** Notes a call, then does it, and what comes of it at once. */
  call<Result>(side: Side, key: string, text: string, action: () => Result): Result;
}

/** A connection as its application sees it. */
export interface Talk {
  readonly connection: Connection;
  readonly key: string;
  /** It was opened. */
  isOpen: boolean;
  /** Bytes read so far. */
  receivedBytes: number;
  /** The same as text. */
  received: string;
  /** The end of the peer's stream was read. */
  hasEnded: boolean;
  /** Code of the error that ended it; "": none has. */
  error: string;
  /** false: what arrives stays unread until read() is called. */
  isReading: boolean;
  /** Called once it is open. */
  onOpen: (() => void) | null;
  /** Called whenever something was read, or the end of the stream. */
  onRead: (() => void) | null;
  /** Writes a text, or so many bytes; how many were taken. */
  send(what: string | number, urgent?: boolean): number;
  /** Reads so many bytes at most. */
  read(limit: number): number;
  shutdown(): void;
  close(): void;
  abort(): void;
}

export interface Host {
  readonly side: Side;
  readonly address: string;
  readonly stack: Stack;
  /** Ports that it listens at. */
  readonly ports: ReadonlySet<number>;
  /** All connections, in the order in which they were opened. */
  readonly talks: readonly Talk[];
  listen(port: number, onTalk?: (talk: Talk) => void): Listener;
  /** A service takes the connections. */
  serve(port: number, service: (connection: Connection) => void): Listener;
  /** A connection to the other host. */
  connect(port: number, options?: Partial<ConnectOptions>): Talk;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const READ_BYTES = 65_536;

/** The bytes of a text, or letters, so that they can be recognised in a capture. */
function bytesOf(what: string | number): Uint8Array {
  if (typeof what === "string") return encoder.encode(what);
  return Uint8Array.from({ length: what }, (_, index) => 0x61 + (index % 26));
}

export function createHost(
  side: Side,
  stack: Stack,
  address: string,
  peerAddress: string,
  owner: HostOwner,
): Host {
  const ports = new Set<number>();
  const talks: Talk[] = [];

  function adopt(connection: Connection): Talk {
    const talk = createTalk(side, connection, owner);
    talks.push(talk);
    return talk;
  }

  return {
    side,
    address,
    stack,
    ports,
    talks,
    listen(port, onTalk) {
      ports.add(port);
      return stack.listen({ port }, (connection) => {
        const talk = adopt(connection);
        talk.isOpen = true;
        onTalk?.(talk);
      });
    },
    serve(port, service) {
      ports.add(port);
      return stack.listen({ port }, service);
    },
    connect(port, options = {}) {
      const localPort = options.localPort ?? nextPort(stack);
      const key = keyOf(side, localPort, port);
      return owner.call(side, key, "connect()", () => {
        const where = { host: peerAddress, port, localPort, ...options };
        return adopt(stack.connect(where));
      });
    },
  };
}

/** The first port of the range that RFC 6335 leaves to clients, by the number of opens: they are told apart at a glance. */
const FIRST_PORT = 50_001;
const nextPort = (stack: Stack): number => FIRST_PORT + stack.counters().tcp_active_opens;

function createTalk(side: Side, connection: Connection, owner: HostOwner): Talk {
  const key = keyOf(side, connection.localPort, connection.remotePort);
  const into = new Uint8Array(READ_BYTES);
  const call = <Result>(text: string, action: () => Result): Result =>
    owner.call(side, key, text, action);

  function take(limit: number): number {
    const count = connection.read(into.subarray(0, Math.min(limit, into.length)));
    if (count === 0) talk.hasEnded = true;
    if (count > 0) {
      talk.receivedBytes += count;
      talk.received += decoder.decode(into.subarray(0, count));
    }
    return count;
  }

  const talk: Talk = {
    connection,
    key,
    isOpen: false,
    receivedBytes: 0,
    received: "",
    hasEnded: false,
    error: "",
    isReading: true,
    onOpen: null,
    onRead: null,
    send: (what, urgent = false) =>
      call(urgent ? "send urgent" : `send ${bytesOf(what).length}`, () =>
        connection.write(bytesOf(what), urgent),
      ),
    read: (limit) => call(`read ${limit}`, () => take(limit)),
    shutdown: () => call("shutdown()", () => connection.shutdown()),
    close: () => call("close()", () => connection.close()),
    abort: () => call("abort()", () => connection.abort()),
  };
  connection.onConnect = () => {
    talk.isOpen = true;
    talk.onOpen?.();
  };
  connection.onError = (error) => (talk.error = error.code ?? "?");
  connection.onReadable = () => {
    if (!talk.isReading) return;
    while (take(READ_BYTES) > 0);
    talk.onRead?.();
  };
  return talk;
}
