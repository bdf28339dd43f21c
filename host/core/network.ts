// The interfaces of a stack, and what they have: links, addresses (given, or by DHCP and link-local),
// groups, routes. What happens to them by itself comes as events of their handles.

import type { Link } from "../link/link.js";
import { formatMac, localMac, parseAddress, parseMac, parsePrefix } from "./address.js";
import { findAddress, prefixesOf, readAddresses, type AddressStateName } from "./addressRecords.js";
import { optionalCall, type Core } from "./core.js";
import { check, stackError } from "./errors.js";
import { AddressFlag, Constant, Errno, Event } from "./generated/abi.js";
import { createInterface, usableMtu, type SeeFrame, type StackInterface } from "./interface.js";
import { autoBits, readLease, type AutoOptions, type LeaseInfo } from "./lease.js";
import { randomBytes } from "./random.js";
import { changeGroup, changeRoute, NO_ROUTER, readRoutes } from "./routing.js";
import type { RouteInfo, RouteOptions } from "./routing.js";
import type { SavedInterface } from "./saved.js";
import type { AddressOptions, AttachOptions, InterfaceInfo } from "./stack.js";

/** What the interfaces need of their stack. */
export interface NetworkOwner {
  readonly core: Core;
  onAddress: ((address: string, state: AddressStateName) => void) | null;
  onLink: ((index: number, up: boolean) => void) | null;
  onLease: ((index: number) => void) | null;
  onName: ((name: string) => void) | null;
  readonly hostName: string;
  enter(): void;
  work(): void;
  /** A link has frames, or room for them. */
  wake(): void;
  checkOpen(syscall: string): void;
}

interface Attached extends StackInterface {
  readonly handle: number;
  readonly mac: string;
  readonly mtu: number;
  up: boolean;
}

export type Network = ReturnType<typeof createNetwork>;

export function createNetwork(owner: NetworkOwner) {
  const interfaces: Attached[] = [];
  let seen: SeeFrame | null = null;

  /** Tells the time, does it, and asks for a turn. */
  function act<Result>(syscall: string, action: (core: Core) => Result): Result {
    owner.checkOpen(syscall);
    owner.enter();
    const result = action(owner.core);
    owner.work();
    return result;
  }

  function attach(link: Link, options: AttachOptions): number {
    return act("attach", (core) => {
      const index = interfaces.length;
      checkRoom(core, index);
      const mac = macOf(options.mac);
      const mtu = usableMtu(core, link, options.mtu);
      core.putAddress(mac);
      const handle = check(core.exports.interfaceConfigure(index, mtu), ATTACH);
      for (const given of options.addresses ?? []) addAddress(core, index, prefixOf(given));
      if (options.router !== undefined) {
        const length = core.putAddress(parseAddress(options.router));
        check(core.exports.interfaceRouter(index, length), ATTACH);
      }
      if (options.auto !== undefined) automate(core, index, options.auto);
      check(core.exports.interfaceLink(index, 1), ATTACH);
      const attached = createInterface(core, index, link, () => owner.wake());
      attached.watch(seen);
      interfaces.push(Object.assign(attached, { handle, mac: formatMac(mac), mtu, up: true }));
      return index;
    });
  }

  /** The core has the interfaces already: each gets its link again. */
  function resume(links: readonly Link[], saved: readonly SavedInterface[]): void {
    checkLinks(links, saved);
    saved.forEach(({ handle, mac, mtu, up, ...rest }, index) => {
      const wake = () => owner.wake();
      const attached = createInterface(owner.core, index, links[index]!, wake, rest);
      interfaces.push(Object.assign(attached, { handle, mac, mtu, up }));
    });
  }

  const saved = (): SavedInterface[] =>
    interfaces.map(({ handle, mac, mtu, up, saved: rest }) => ({
      handle,
      mac,
      mtu,
      up,
      ...rest(),
    }));

  const leaseOf = (index: number): LeaseInfo | null => readLease(owner.core, index);

  function describe({ index, mac, mtu, up, repliesLost }: Attached): InterfaceInfo {
    const addresses = prefixesOf(owner.core, index);
    return {
      index,
      mac,
      mtu: leaseOf(index)?.mtu || mtu,
      addresses,
      up,
      repliesLost: repliesLost(),
    };
  }

  function setLink(index: number, up: boolean): void {
    act("link", ({ exports }) => {
      check(exports.interfaceLink(index, up ? 1 : 0), { syscall: "link" });
      const attached = interfaces[index];
      if (attached) attached.up = up;
    });
  }

  /** Events of an address or interface; false: the handle is of something else. */
  function deliver(handle: number, events: number): boolean {
    if (events & Event.ADDRESS) return reportAddress(handle);
    const attached = interfaces.find((each) => each.handle === handle);
    if (attached === undefined) return false;
    if (events & Event.LINK) owner.onLink?.(attached.index, attached.up);
    if (events & Event.LEASE) owner.onLease?.(attached.index);
    if (events & Event.NAME) owner.onName?.(owner.hostName);
    return true;
  }

  function reportAddress(handle: number): boolean {
    const found = readAddresses(owner.core).find((each) => each.handle === handle);
    if (found) owner.onAddress?.(found.address, found.state);
    return true;
  }

  /** Gives back what came by itself. */
  function release(): void {
    for (const { index } of interfaces) {
      if (leaseOf(index) !== null) act("auto", (core) => automate(core, index, null));
    }
  }

  /** Throws EADDRNOTAVAIL; 0, any address, when none is named. */
  function addressHandle(text: string | undefined): number {
    if (text === undefined || text === NO_ADDRESS) return 0;
    takeLoopback(owner.core, text);
    return existing(owner.core, text).handle;
  }

  return {
    interfaces,
    /** Shows the frames of all interfaces, and of those to come; null: to nobody. */
    watchFrames(see: SeeFrame | null): void {
      seen = see;
      for (const each of interfaces) each.watch(see);
    },
    attach,
    resume,
    saved,
    info: (): InterfaceInfo[] => interfaces.map(describe),
    setLink,
    setAuto: (index: number, auto: AutoOptions | null): void =>
      act("auto", (core) => automate(core, index, auto)),
    lease: (index: number): LeaseInfo | null => {
      owner.enter();
      return leaseOf(index);
    },
    release,
    released: (): boolean => interfaces.every(({ index }) => leaseOf(index) === null),
    join: (group: string, index = 0): void =>
      act("join", (core) => changeGroup(core, "join", group, index)),
    leave: (group: string, index = 0): void =>
      act("leave", (core) => changeGroup(core, "leave", group, index)),
    addRoute: ({ interface: index = 0, router, ...network }: RouteOptions): void =>
      act("route", (core) => changeRoute(core, { ...network, interface: index }, router)),
    removeRoute: ({ interface: index = 0, ...network }: Omit<RouteOptions, "router">): void =>
      act("route", (core) => changeRoute(core, { ...network, interface: index }, NO_ROUTER)),
    routes: (): RouteInfo[] => readRoutes(owner.core),
    addressHandle,
    takeLoopback: (text: string): void => takeLoopback(owner.core, text),
    addressState: (text: string): AddressStateName => existing(owner.core, text).state,
    deliver,
  };
}

const ATTACH = { syscall: "attach" };
const NO_ADDRESS = "0.0.0.0";

/** All of 127/8 is the stack's own (RFC 1122 3.2.1.3 (g)): an address of it gets a record when it is first used. */
function takeLoopback(core: Core, text: string): void {
  if (!text.startsWith("127.") || findAddress(core, text) !== undefined) return;
  const length = core.putAddress(parseAddress(text));
  // Where none is free, or loopback has but one, it stays an address that is nowhere.
  core.exports.addressAdd(core.constant(Constant.INTERFACES), length, 32, 0);
}

function existing(core: Core, address: string) {
  const found = findAddress(core, address);
  if (found === undefined) throw stackError(Errno.EADDRNOTAVAIL, { syscall: "bind", address });
  return found;
}

function checkRoom({ profile, interfaces }: Core, index: number): void {
  if (index < interfaces) return;
  const text = `attach ENOBUFS: the ${profile} profile has ${interfaces} interface(s)`;
  throw Object.assign(new Error(text), { code: "ENOBUFS" });
}

function checkLinks(links: readonly Link[], saved: readonly SavedInterface[]): void {
  const fail = (text: string): never => {
    throw Object.assign(new RangeError(`restore EINVAL: ${text}`), { code: "EINVAL" });
  };
  const { length } = saved;
  if (links.length !== length)
    fail(`the snapshot has ${length} interface(s), and links names ${links.length}: one for each`);
  saved.forEach(({ mtu }, i) => {
    const carried = links[i]!.mtu;
    if (carried < mtu)
      fail(`interface ${i} sends packets of up to ${mtu} bytes, and its link carries ${carried}`);
  });
}

function automate(core: Core, index: number, auto: AutoOptions | null): void {
  const place = { syscall: "auto" };
  check(optionalCall(core, "interfaceAuto", place)(index, autoBits(auto)), place);
}

function addAddress(core: Core, index: number, options: AddressOptions): void {
  const { address, prefixLength, conflictDetection } = options;
  const length = core.putAddress(parseAddress(address));
  const flags = conflictDetection ? AddressFlag.CONFLICT_DETECTION : 0;
  const result = core.exports.addressAdd(index, length, prefixLength, flags);
  check(result, { ...ATTACH, address });
}

function prefixOf(given: string | AddressOptions): AddressOptions {
  return typeof given === "string" ? parsePrefix(given) : given;
}

/** Without one, a random one of our own. */
function macOf(given: string | Uint8Array | undefined): Uint8Array {
  if (typeof given === "string") return parseMac(given);
  return given ?? localMac(randomBytes(6));
}
