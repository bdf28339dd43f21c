// The local addresses, read from the core's memory: those that the host gave an interface, and those
// that came by DHCP or link-local.

import { prefixLengthOf } from "./address.js";
import type { Core } from "./core.js";
import { AddressField, AddressFlag, AddressState, Constant } from "./generated/abi.js";
import { addressAt, handleOf, interfaceOf, localText, readField } from "./records.js";

/** TENTATIVE while it is probed, VALID in use, DUPLICATE when another host has it (RFC 5227). */
export type AddressStateName = keyof typeof AddressState;

export interface LocalAddress {
  /** 0: nobody holds it, as 127.0.0.1 where the profile cannot bind to it. */
  handle: number;
  /** Interface number; -1: loopback. */
  interface: number;
  address: string;
  prefixLength: number;
  state: AddressStateName;
  /** By DHCP or link-local. */
  leased: boolean;
}

const STATES = Object.keys(AddressState) as AddressStateName[];

/** All that are there, in whatever state, in the order of their records. */
export function readAddresses(core: Core): LocalAddress[] {
  const found: LocalAddress[] = [];
  for (let i = 0; i < core.constant(Constant.ADDRESSES); i++) {
    const at = addressAt(core, i);
    const number = readField(core, at, AddressField.state);
    const state = STATES.find((name) => AddressState[name] === number);
    if (state === undefined) continue;
    found.push({
      handle: handleOf(core, firstSlot(core) + i),
      interface: interfaceOf(core, i),
      address: localText(core, i),
      prefixLength: prefixLengthOf(readField(core, at, AddressField.mask)),
      state,
      leased: (readField(core, at, AddressField.flags) & AddressFlag.LEASED) !== 0,
    });
  }
  return found;
}

/** The one of that text that has a handle. */
export function findAddress(core: Core, text: string): LocalAddress | undefined {
  return readAddresses(core).find(({ address, handle }) => address === text && handle !== 0);
}

/** "198.18.0.2/30" for each address of an interface. */
export function prefixesOf(core: Core, index: number): string[] {
  return readAddresses(core)
    .filter((each) => each.interface === index)
    .map(({ address, prefixLength }) => `${address}/${prefixLength}`);
}

const firstSlot = ({ constant }: Core) => constant(Constant.TCBS) + constant(Constant.LISTENERS);
