// Multicast groups that an interface hears, and routes beside those of addresses and routers.

import { parseAddress, prefixLengthOf, wordToAddress } from "./address.js";
import { optionalCall, type Core } from "./core.js";
import { check } from "./errors.js";
import { Constant, RouteField, RouteSize } from "./generated/abi.js";
import { readField } from "./records.js";

/** What is below a network goes to a router. */
export interface RouteOptions {
  /** "10.1.0.0": no bit is set beyond the prefix. */
  network: string;
  /** 1 to 32. */
  prefixLength: number;
  /** A host on the interface's own network. */
  router: string;
  /** Default 0, the first. */
  interface?: number;
}

/** A route that was added. */
export type RouteInfo = Required<RouteOptions>;

/** Hears a group on an interface, or does so no longer. */
export function changeGroup(
  core: Core,
  call: "join" | "leave",
  group: string,
  index: number,
): void {
  const place = { syscall: call, address: group };
  const change = optionalCall(core, call, place);
  check(change(index, core.putAddress(parseAddress(group))), place);
}

/** Bytes of the exchange buffer between a network and its router. */
const ROUTER_AT = 16;

/** Adds a route, replaces the router of one that is there, or, without a router, removes it. */
export function changeRoute(core: Core, options: Omit<RouteInfo, "router">, router: string): void {
  const { network, prefixLength, interface: index } = options;
  const place = { syscall: "route", address: `${network}/${prefixLength}` };
  const change = optionalCall(core, "route", place);
  const both = new Uint8Array(ROUTER_AT + 4);
  const bytes = parseAddress(network);
  both.set(bytes);
  both.set(parseAddress(router), ROUTER_AT);
  core.putAddress(both);
  check(change(index, bytes.length, prefixLength), place);
}

export const NO_ROUTER = "0.0.0.0";

export function readRoutes(core: Core): RouteInfo[] {
  const area = core.constant(Constant.ROUTE_AREA);
  const count = area === 0 ? 0 : core.constant(Constant.ROUTES);
  return Array.from({ length: count }, (_, i) => area + i * RouteSize)
    .filter((at) => readField(core, at, RouteField.router) !== 0)
    .map((at) => ({
      network: wordToAddress(readField(core, at, RouteField.network)),
      prefixLength: prefixLengthOf(readField(core, at, RouteField.mask)),
      router: wordToAddress(readField(core, at, RouteField.router)),
      interface: readField(core, at, RouteField.interface),
    }));
}
