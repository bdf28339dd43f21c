// A stack that runs elsewhere, as far as it can be used over its control socket: to open connections, to accept them, to send and
// receive datagrams, and to look names up. Each connection, and each socket for datagrams, has a connection of its own to the control socket.

import type { Connection, Listener } from "../../core/connection.js";
import type { Stack } from "../../core/stack.js";
import type { BindOptions, ConnectOptions, ListenOptions } from "../../core/stack.js";
import type { DatagramSocket } from "../../core/socket.js";
import type { OnLookup } from "../../core/names.js";
import type { ConnectionInfo, OptionName } from "../../core/observe.js";
import { realClock } from "../../link/clock.js";
import { openStack, openStream, type ControlClient, type ControlStream } from "../client.js";
import { controlError, type CallResults, type StreamCalls } from "../protocol.js";
import { RemoteConnection, type LentStream, type OptionValues } from "./connection.js";
import { RemoteListener } from "./listener.js";
import { RemoteSocket } from "./socket.js";

/** Whom a socket hears and speaks to alone. */
export interface SocketPeer {
  readonly address: string;
  readonly port: number;
}

export class RemoteStack {
  readonly profile: Stack["profile"];
  readonly clock = realClock;
  /** Of the running stack. */
  readonly name: string;
  readonly links: CallResults["interfaces"];
  /** For pings: calls and streams of this client's own. */
  readonly control: ControlClient;
  readonly #folder: string;
  readonly #open = new Set<{ readonly done: Promise<void> }>();
  readonly #options: OptionValues = {};
  #prepared: RemoteListener | null = null;
  #preparedSocket: RemoteSocket | null = null;
  #asStack: Stack | null = null;

  private constructor(
    control: ControlClient,
    folder: string,
    profile: Stack["profile"],
    links: CallResults["interfaces"],
  ) {
    this.control = control;
    this.name = control.greeting.name;
    this.profile = profile;
    this.links = links;
    this.#folder = folder;
  }

  /** Rejects as openStack() does. */
  static async open(name: string | undefined, folder: string): Promise<RemoteStack> {
    const control = await openStack(name, folder);
    try {
      const { profile } = await control.call("info");
      const links = await control.call("interfaces");
      return new RemoteStack(control, folder, profile, links);
    } catch (error) {
      control.close();
      throw error;
    }
  }

  /** The same for whoever takes a Stack; what it has not got throws ENOTSUP. */
  get asStack(): Stack {
    return (this.#asStack ??= this.#makeStack());
  }

  #makeStack(): Stack {
    return new Proxy(this as unknown as Stack, {
      get(target, name) {
        if (typeof name === "symbol" || name in target || name === "then") {
          const value = Reflect.get(target, name, target) as unknown;
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        }
        const text = `${name}() is not for a stack that runs elsewhere: it goes by its control socket`;
        throw controlError("ENOTSUP", text);
      },
    });
  }

  connect({ host, port, localAddress, localPort }: ConnectOptions): Connection {
    const place = {
      ...{ host, port },
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(localPort === undefined ? {} : { localPort }),
    };
    const known = { remoteAddress: host, remotePort: port };
    const begin = (options: OptionValues): Promise<LentStream> =>
      this.#stream("connect", { ...place, options: { ...this.#options, ...options } });
    return this.#keep(new RemoteConnection(begin, known, false));
  }

  /** Before listen(): only the stack knows whether the port is free. Rejects with what listen() would throw. */
  async prepare(options: ListenOptions): Promise<void> {
    const stream = await this.#stream("listen", { ...options, options: { ...this.#options } });
    this.#prepared = new RemoteListener(stream, (number, known) => {
      const begin = (): Promise<LentStream> => this.#stream("take", { connection: number });
      return this.#keep(new RemoteConnection(begin, known, true));
    });
  }

  /** What was prepared. */
  listen(_: ListenOptions, onConnection: (connection: Connection) => void): Listener {
    const listener = this.#prepared;
    if (listener === null) throw controlError("EINVAL", "prepare() comes before listen()");
    this.#prepared = null;
    listener.begin(onConnection);
    return listener;
  }

  /** Before bind(): rejects with what bind() and connect() would throw. */
  async prepareSocket(options: BindOptions, peer: SocketPeer | null): Promise<void> {
    const stream = await this.#stream("bind", {
      ...(options.port === undefined ? {} : { port: options.port }),
      ...(options.address === undefined ? {} : { address: options.address }),
      ...(peer === null ? {} : { remoteAddress: peer.address, remotePort: peer.port }),
      options: { ...this.#options },
    });
    this.#preparedSocket = this.#keep(new RemoteSocket(stream));
  }

  /** What was prepared. */
  bind(): DatagramSocket {
    const socket = this.#preparedSocket;
    if (socket === null) throw controlError("EINVAL", "prepareSocket() comes before bind()");
    this.#preparedSocket = null;
    socket.begin();
    return socket;
  }

  async lookup(name: string): Promise<string[]> {
    return [...(await this.control.call("resolve", { name })).addresses];
  }

  resolve(name: string, done: OnLookup): () => void {
    let isWanted = true;
    void this.#tell(name, (error, addresses) => {
      if (isWanted) done(error, addresses);
    });
    return () => (isWanted = false);
  }

  async #tell(name: string, done: OnLookup): Promise<void> {
    let error: Parameters<OnLookup>[0] = null;
    let addresses: string[] = [];
    try {
      addresses = await this.lookup(name);
    } catch (cause) {
      error = cause as NonNullable<typeof error>;
    }
    done(error, addresses);
  }

  after(delayMs: number, callback: () => void): () => void {
    return realClock.after(delayMs, callback, true);
  }

  /** For what is opened here from now on. */
  setOption(option: OptionName, value: number): void {
    this.#options[option] = value;
  }

  /** Its connections keep the process, as sockets do. */
  ref(): void {}

  /** Of nobody else's. */
  connections(): ConnectionInfo[] {
    return [];
  }

  /** Resolves when what was closed here has reached the stack. */
  async settled(): Promise<void> {
    await Promise.all([...this.#open].map(({ done }) => done));
  }

  close(): void {
    this.control.close();
  }

  #keep<Open extends { readonly done: Promise<void> }>(open: Open): Open {
    this.#open.add(open);
    void open.done.then(() => this.#open.delete(open));
    return open;
  }

  /** On a connection of its own to the control socket, closed with its end. */
  async #stream<Name extends "connect" | "take" | "listen" | "bind">(
    name: Name,
    args: StreamCalls[Name]["args"],
  ): Promise<ControlStream<Name>> {
    const { client, stream } = await openStream(this.name, this.#folder, name, args);
    return {
      ...stream,
      get end() {
        return stream.end;
      },
      async *items() {
        try {
          yield* stream.items();
        } finally {
          client.close();
        }
      },
    };
  }
}
