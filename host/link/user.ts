// User mode: a link that needs no rights. Behind it a second stack, the carrier, sits on a virtual Ethernet and
// carries ordinary host sockets to the first: every published port has a listener of the host, and each of
// its connections is joined to one of the carrier's. The other way, from the stack to the host's network,
// the virtual router is a NAT (nat/) that lets through what rules allow: nothing, where there are none.

import type { Socket } from "node:net";
import { numberToAddress, parsePrefix } from "../core/address.js";
import { createStack } from "../node/createStack.js";
import { peerAddress, rangeOf } from "./addresses.js";
import { realClock } from "./clock.js";
import { copyFrame, type Link } from "./link.js";
import { createMemoryLinkPair } from "./memory.js";
import type { ForwardedPort } from "./nat/forwards.js";
import { forwardNames, NAME_PORT } from "./nat/names.js";
import { createNat, NAT_ADDRESS } from "./nat/nat.js";
import { checkOutbound, type OutboundOptions, type OutboundState } from "./nat/outbound.js";
import { noCounts } from "./nat/wire.js";
import { publishDatagrams, publishStream, type HostPort, type Publishing } from "./published.js";
import { wrapLink } from "./wrap.js";

export { defaultHostPort } from "./hostPort.js";

/** What a published port carries. */
export type PublishedProtocol = "tcp" | "udp";

/** A port of the stack that the host listens for. */
export interface PublishedPort {
  /** Port of the stack. */
  port: number;
  /** Port on the host. */
  hostPort: number;
  /** Where the host listens: "127.0.0.1". */
  hostAddress: string;
  /** Left out for TCP. */
  protocol?: PublishedProtocol;
}

/** The addresses of user mode. */
export interface UserLinkOptions {
  /**
   * Address of the stack that will be attached, default "198.18.0.2/30". The user side takes
   * another address of that block.
   */
  stackAddress?: string;
  /** Where the host's listeners are. Default "127.0.0.1". */
  hostAddress?: string;
  /** What the stack may reach on the host's network. Default: nothing. */
  outbound?: OutboundOptions;
}

/** Attach it to the stack, then publish ports. */
export interface UserLink extends Link {
  /**
   * Opens a port of the host for one of the stack. Without hostPort: the same number (below
   * 1024: plus 8000), or the next free one. With hostPort: exactly that, or EADDRINUSE.
   */
  publish(port: number, hostPort?: number, protocol?: PublishedProtocol): Promise<PublishedPort>;
  /** Closes the host's ports for one of the stack; connections live on. false: there was none. */
  unpublish(port: number, protocol?: PublishedProtocol): boolean;
  /** What was published so far. */
  readonly published: readonly PublishedPort[];
  /** Host connections carried now. */
  readonly connections: number;
  /** The address of the virtual router: the host itself, to the stack. */
  readonly router: string;
  /**
   * A port of the virtual router leads to a place of the host's network, "127.0.0.1:5432", whatever the rules
   * say. Throws EINVAL, EADDRINUSE.
   */
  forward(port: number, to: string): ForwardedPort;
  /** Ends that; connections live on. false: there was none. */
  unforward(port: number): boolean;
  /** What goes out by the NAT. */
  readonly outbound: OutboundState;
}

/** Frames on the virtual Ethernet: more than a full window of the desktop profile. */
const CAPACITY = 512;
/** Answers of the virtual router that wait: those beyond are lost, and whoever wants one asks again. */
const MOST_ANSWERS = 256;

/** A link that needs no rights. Rejects with EINVAL for an address that is none. */
export async function openUserLink(options: UserLinkOptions = {}): Promise<UserLink> {
  const { stackAddress = "198.18.0.2/30", hostAddress = "127.0.0.1" } = options;
  const clock = realClock;
  const { allow, lookup, limits } = checkOutbound(options.outbound, () => clock.now());
  const { address: stack, prefixLength } = parsePrefix(stackAddress);
  const routerPrefix = peerAddress(stackAddress);
  const { address: router } = parsePrefix(routerPrefix);
  const counts = noCounts();

  const [outside, inside] = createMemoryLinkPair({ capacity: CAPACITY });
  const carrier = await createStack();
  // The host's sockets keep the process, not what comes after them: TIME-WAIT lasts a minute.
  carrier.ref(false);
  // All that comes by the NAT has one address.
  const carrierLink = Object.assign(inside, { sharedSource: true });
  carrier.attach(carrierLink, { addresses: [routerPrefix, `${NAT_ADDRESS}/32`] });
  const block = rangeOf(stack, prefixLength);
  // From the NAT's address the stack is on no network of the carrier's.
  carrier.addRoute({ network: numberToAddress(block[0]), prefixLength, router: stack });
  /** What the virtual router itself says. */
  const answers: Uint8Array[] = [];
  const nat = createNat({
    ...{ carrier, stack, router, block, clock, allow, limits, counts },
    mtu: outside.mtu,
    answersNames: lookup !== null,
    toStack(frame) {
      if (answers.push(frame) > MOST_ANSWERS) answers.pop();
      outside.onReadable?.();
    },
    toCarrier: (frame) => void outside.write(frame),
  });
  if (lookup !== null) {
    forwardNames(carrier.bind({ port: NAME_PORT, address: router }), {
      ...{ lookup, router },
      learn: (...learned) => allow.learn(...learned),
      asked: () => void counts.lookups++,
    });
  }

  const sockets = new Set<Socket>();
  const publishing: Publishing = {
    ...{ carrier, stack, router, hostAddress, sockets },
    datagrams: nat.datagrams,
  };
  const open: { entry: PublishedPort; host: HostPort }[] = [];

  async function publish(
    port: number,
    asked?: number,
    protocol: PublishedProtocol = "tcp",
  ): Promise<PublishedPort> {
    const way = protocol === "udp" ? publishDatagrams : publishStream;
    const host = await way(publishing, port, asked);
    const kind = protocol === "udp" ? { protocol } : {};
    const entry = { port, hostPort: host.hostPort, hostAddress, ...kind };
    open.push({ entry, host });
    return entry;
  }

  function unpublish(port: number, protocol: PublishedProtocol = "tcp"): boolean {
    const isMeant = ({ entry }: (typeof open)[number]): boolean =>
      entry.port === port && (entry.protocol ?? "tcp") === protocol;
    const meant = open.filter(isMeant);
    for (const { host } of meant) host.close();
    open.splice(0, open.length, ...open.filter((each) => !isMeant(each)));
    return meant.length > 0;
  }

  const outbound: OutboundState = Object.defineProperties(counts, {
    connections: { get: () => nat.streams.active, enumerable: true },
    associations: { get: () => nat.datagrams.size, enumerable: true },
    forwards: { get: () => nat.forwards.list(), enumerable: true },
  }) as typeof counts & OutboundState;

  const link = wrapLink(outside, {
    read(into) {
      const answer = answers.shift();
      if (answer !== undefined) return copyFrame(answer, into);
      for (let length; (length = outside.read(into)) > 0;) {
        if (nat.incoming(into, length)) return length;
      }
      return 0;
    },
    write(frame) {
      const passed = nat.outgoing(frame);
      return passed === null || outside.write(passed);
    },
    close() {
      for (const { host } of open.splice(0)) host.close();
      for (const socket of sockets) socket.destroy();
      nat.close();
      carrier.close();
      outside.close();
    },
  });
  const calls = {
    ...{ publish, unpublish, router, outbound, sharedSource: true },
    forward: (port: number, to: string) => nat.forwards.add(port, to),
    unforward: (port: number) => nat.forwards.remove(port),
  };
  return Object.defineProperties(Object.assign(link, calls), {
    connections: { get: () => sockets.size },
    published: { get: () => open.map(({ entry }) => entry) },
  }) as unknown as UserLink;
}
