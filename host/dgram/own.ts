// The stack's own addresses: which of them something leaves by, what is for all hosts of a network, and which
// interface an address names.

import { addressToNumber, parsePrefix } from "../core/address.js";
import type { Stack } from "../core/stack.js";
import { ANY, LOOPBACK } from "./types.js";

/** The number of what stays inside the stack; interfaces count from 0. */
export const INSIDE = -1;

interface Own {
  readonly address: string;
  readonly prefixLength: number;
  readonly interface: number;
}

/** Addresses in use on interfaces that are up, in the order of the interfaces. */
function ownAddresses(stack: Stack): Own[] {
  return stack
    .interfaces()
    .filter(({ up }) => up)
    .flatMap(({ index, addresses }) =>
      addresses.map((prefix) => ({ ...parsePrefix(prefix), interface: index })),
    )
    .filter(({ address }) => stack.addressState(address) === "VALID");
}

/** The network part of an address, as a number. */
const networkOf = (address: string, prefixLength: number): number =>
  Math.floor(addressToNumber(address) / 2 ** (32 - prefixLength));

const isWithin = (address: string, network: string, prefixLength: number): boolean =>
  networkOf(address, prefixLength) === networkOf(network, prefixLength);

export const isGroup = (address: string): boolean => {
  const first = Number.parseInt(address, 10);
  return first >= 224 && first < 240;
};

const isLoopback = (address: string): boolean => address.startsWith("127.");

/** The address that a group, or all hosts, are reached from where nothing says otherwise: the first interface's. */
export function firstOwn(stack: Stack): string {
  return ownAddresses(stack)[0]?.address ?? LOOPBACK;
}

/** The own address on the network of which this is a broadcast address; null: it is none. */
export function broadcastSource(stack: Stack, address: string): string | null {
  if (address === "255.255.255.255") return firstOwn(stack);
  if (address === "127.255.255.255") return LOOPBACK;
  const own = ownAddresses(stack).find(
    (each) => each.prefixLength < 31 && isEdge(address, each.address, each.prefixLength),
  );
  return own?.address ?? null;
}

/** The first or the last address of a network: the old and the new form of a broadcast. */
function isEdge(address: string, network: string, prefixLength: number): boolean {
  if (!isWithin(address, network, prefixLength)) return false;
  const host = addressToNumber(address) % 2 ** (32 - prefixLength);
  return host === 0 || host === 2 ** (32 - prefixLength) - 1;
}

/** The own address that a host is reached from, or null: there is none but loopback's. */
export function sourceTo(stack: Stack, address: string): string | null {
  if (isLoopback(address)) return LOOPBACK;
  const own = ownAddresses(stack);
  if (own.some((each) => each.address === address)) return address;
  const routes = stack.routes();
  const weigh = ({ address: mine, prefixLength, interface: index }: Own): number => {
    const near = isWithin(address, mine, prefixLength) ? 2 * prefixLength + 1 : 0;
    const far = routes
      .filter((each) => each.interface === index)
      .filter((each) => isWithin(address, each.network, each.prefixLength))
      .map((each) => 2 * each.prefixLength);
    return Math.max(near, ...far);
  };
  let best: Own | undefined = own[0];
  for (const each of own) if (best && weigh(each) > weigh(best)) best = each;
  return best?.address ?? null;
}

/** More than one interface has addresses: what goes to a group could leave by another than is meant. */
export function isMultihomed(stack: Stack): boolean {
  return new Set(ownAddresses(stack).map((each) => each.interface)).size > 1;
}

/** The interface of an own address; of none, the first. Undefined: it is nobody's here. */
export function interfaceOf(stack: Stack, address: string | undefined): number | undefined {
  const interfaces = stack.interfaces();
  if (!address || address === ANY) return interfaces[0]?.index ?? INSIDE;
  if (address === LOOPBACK) return INSIDE;
  const found = interfaces.find((each) =>
    each.addresses.some((prefix) => parsePrefix(prefix).address === address),
  );
  return found?.index;
}
