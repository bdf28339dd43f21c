// What a dgram.Socket has in place of a handle of the system: its port once it is bound, its peer, its groups
// and options. Calls answer with the code of an error or null, and never throw.

import { AsyncResource } from "node:async_hooks";
import { isIP } from "node:net";
import { hold, release } from "../core/keepAlive.js";
import type { Stack } from "../core/stack.js";
import type { World } from "../net/world.js";
import { Groups } from "./groups.js";
import { defaultOptions } from "./outlet.js";
import { broadcastSource, firstOwn, interfaceOf, isGroup, sourceTo } from "./own.js";
import type { Member, Port } from "./port.js";
import { portsOf } from "./ports.js";
import {
  ANY,
  LOOPBACK,
  tried,
  type Code,
  type Outgoing,
  type Place,
  type RemoteInfo,
  type SendOptions,
  type Sharing,
} from "./types.js";

/** Whom it tells, in the context in which it was made. */
export interface HandleOwner {
  onMessage(data: Buffer, from: RemoteInfo): void;
  onFailed(code: string): void;
  /** The stack has ended. */
  onClosed(): void;
}

/** Bytes of data in a datagram: the longest IPv4 packet has 65,535. */
const LONGEST = 65_507;
/** Datagrams that wait for room, or for the address behind a name: their bytes, each counted with what it costs to hold. */
const WAITING_BYTES = 4 * 1_048_576;
const WAITING_COST = 256;
/** setSendBufferSize() is not heeded below this. */
const LEAST_WAITING_BYTES = 65_536 + WAITING_COST;

export class Handle implements Member {
  readonly sharing: Sharing;
  peer: Place | null = null;
  /** Bytes that may wait. */
  sendBytes = WAITING_BYTES;
  readonly #world: World;
  readonly #owner: HandleOwner;
  readonly #context = new AsyncResource("UDPWRAP");
  readonly #waiting = new Set<Outgoing>();
  readonly #groups: Groups;
  #reserved = 0;
  #port: Port | null = null;
  #options: SendOptions | null = null;
  #multicastLoopback = true;
  /** "": none was chosen. */
  #multicastSource = "";
  #isRef = true;
  #isHeld = false;

  constructor(world: World, sharing: Sharing, owner: HandleOwner) {
    this.#world = world;
    this.sharing = sharing;
    this.#owner = owner;
    this.#groups = new Groups(() => this.#stack);
  }

  get #stack(): Stack {
    return this.#world.stack;
  }

  // Where it is.

  bind(address: string, port: number): Code {
    if (this.#port !== null) return "EINVAL";
    if (isIP(address) !== 4) return "EINVAL";
    const code = tried(() => {
      this.#port = portsOf(this.#stack).bind(this, address, port);
      this.#options = defaultOptions(this.#stack);
    });
    this.#weigh();
    // An empty pool of records is as an empty table of files.
    return code === "ENOBUFS" ? "EMFILE" : code;
  }

  /** Its own end; null: it is not bound. */
  get own(): Place | null {
    const port = this.#port;
    if (port === null) return null;
    const chosen = this.peer === null ? null : this.#sourceTo(this.peer.address);
    const address = port.address === ANY ? (chosen ?? ANY) : port.address;
    return { address, port: port.number };
  }

  connect(address: string, port: number): Code {
    if (isIP(address) !== 4) return "EINVAL";
    const host = address === ANY ? LOOPBACK : address;
    const isBroadcast = !isGroup(host) && broadcastSource(this.#stack, host) !== null;
    if (isBroadcast && !this.#options?.broadcast) return "EACCES";
    if (this.#sourceTo(host) === null) return "ENETUNREACH";
    return this.#settle({ address: host, port });
  }

  disconnect(): Code {
    return this.#settle(null);
  }

  #settle(peer: Place | null): Code {
    const before = this.peer;
    this.peer = peer;
    const code = tried(() => this.#port?.settlePeer());
    if (code !== null) this.peer = before;
    return code;
  }

  /** The own address that leads to a host, or to a group. */
  #sourceTo(address: string): string | null {
    const isMany = isGroup(address) || address === "255.255.255.255";
    return isMany ? this.#groupSource() : sourceTo(this.#stack, address);
  }

  #groupSource(): string {
    return this.#multicastSource || firstOwn(this.#stack);
  }

  // Sending.

  /** Room for a datagram that has to wait; false: there is none. Each is given back, or sent. */
  reserve(bytes: number): boolean {
    const cost = bytes + WAITING_COST;
    if (this.#reserved + cost > this.sendBytes) return false;
    this.#reserved += cost;
    return true;
  }

  giveBack(bytes: number): void {
    this.#reserved -= bytes + WAITING_COST;
  }

  /** To the peer where `to` is null. `done` is called once the core has it, perhaps before this returns. */
  send(data: Uint8Array, to: Place | null, done: (code: Code) => void): void {
    const port = this.#port;
    const options = this.#options;
    if (port === null || options === null) return done("EBADF");
    const problem = this.#problemWith(data, to);
    if (problem !== null) return done(problem);
    const target = hostOf(to ?? this.peer!);
    const outgoing: Outgoing = {
      sender: this,
      data,
      to: to === null ? null : target,
      options,
      done: (code) => {
        this.#waiting.delete(outgoing);
        done(code);
      },
    };
    this.#waiting.add(outgoing);
    if (isGroup(target.address)) this.#sendToMany(port, outgoing, target, this.#groupSource());
    else if (options.broadcast) this.#sendPerhapsToAll(port, outgoing, target);
    else port.send(outgoing, this.peer);
  }

  #problemWith(data: Uint8Array, to: Place | null): Code {
    if (to === null && this.peer === null) return "EDESTADDRREQ";
    if (to !== null && this.peer !== null) return "EISCONN";
    if (to !== null && isIP(to.address) !== 4) return "EINVAL";
    return data.length > LONGEST ? "EMSGSIZE" : null;
  }

  #sendPerhapsToAll(port: Port, outgoing: Outgoing, target: Place): void {
    const source = broadcastSource(this.#stack, target.address);
    if (source === null) port.send(outgoing, this.peer);
    else this.#sendToMany(port, outgoing, target, source);
  }

  /** Away by the interface of an address, and to those here who hear it. */
  #sendToMany(port: Port, outgoing: Outgoing, target: Place, chosen: string): void {
    const source = port.address === ANY ? chosen : port.address;
    const isInside = source === LOOPBACK;
    const group = isGroup(target.address);
    const done = (code: Code): void => {
      // Loopback brings it back whatever the option says.
      const isForUs = isInside || !group || this.#multicastLoopback;
      if (code === null && isForUs)
        portsOf(this.#stack).copy(outgoing.data, { address: source, port: port.number }, target);
      outgoing.done(code);
    };
    const stays = isInside || (group && outgoing.options.multicastTtl === 0);
    if (stays) done(null);
    else port.sendFrom(source, { ...outgoing, to: target, done });
  }

  /** Datagrams for which the core has no room yet. */
  get waiting(): { readonly count: number; readonly bytes: number } {
    let bytes = 0;
    for (const each of this.#waiting) bytes += each.data.length;
    return { count: this.#waiting.size, bytes };
  }

  // Options: there are none before it is bound.

  setBroadcast(enable: boolean): Code {
    return this.#setOptions({ broadcast: enable });
  }

  setTTL(ttl: number): Code {
    return ttl >= 1 && ttl <= 255 ? this.#setOptions({ ttl }) : this.#unboundOr("EINVAL");
  }

  setMulticastTTL(multicastTtl: number): Code {
    const isFine = multicastTtl >= 0 && multicastTtl <= 255;
    return isFine ? this.#setOptions({ multicastTtl }) : this.#unboundOr("EINVAL");
  }

  setDscp(dscp: number): Code {
    return dscp >= 0 && dscp <= 63 ? this.#setOptions({ dscp }) : this.#unboundOr("EINVAL");
  }

  setMulticastLoopback(enable: boolean): Code {
    if (this.#port === null) return "EBADF";
    this.#multicastLoopback = enable;
    return null;
  }

  setMulticastInterface(address: string): Code {
    if (isIP(address) === 0) return "EINVAL";
    if (this.#port === null) return "EBADF";
    if (isIP(address) === 6) return "ENOPROTOOPT";
    if (address !== ANY && interfaceOf(this.#stack, address) === undefined) return "EADDRNOTAVAIL";
    this.#multicastSource = address === ANY ? "" : address;
    return null;
  }

  /** What waits keeps the options with which it was sent. */
  #setOptions(change: Partial<SendOptions>): Code {
    if (this.#options === null) return "EBADF";
    this.#options = { ...this.#options, ...change };
    return null;
  }

  #unboundOr(code: string): Code {
    return this.#port === null ? "EBADF" : code;
  }

  // Groups: joining one binds a socket that is not bound.

  addMembership(group: unknown, address?: unknown): Code {
    return this.#boundFor(() => this.#groups.join(group, address));
  }

  dropMembership(group: unknown, address?: unknown): Code {
    return this.#boundFor(() => this.#groups.leave(group, address));
  }

  #boundFor(action: () => Code): Code {
    const code = this.#port === null ? this.bind(ANY, 0) : null;
    return code ?? action();
  }

  /** Bytes of the core's queue of datagrams received; null: it is not bound. */
  get receiveBytes(): number | null {
    return this.#port?.receiveBytes ?? null;
  }

  set leastSendBytes(bytes: number) {
    this.sendBytes = Math.max(bytes, LEAST_WAITING_BYTES);
  }

  // Its life.

  get isBound(): boolean {
    return this.#port !== null;
  }

  ref(): void {
    this.#isRef = true;
    this.#weigh();
  }

  unref(): void {
    this.#isRef = false;
    this.#weigh();
  }

  close(): void {
    const port = this.#port;
    const lost = port?.cancel(this) ?? [];
    this.#groups.close();
    this.#port = null;
    this.#options = null;
    this.peer = null;
    port?.remove(this);
    this.#weigh();
    if (lost.length > 0) setImmediate(() => lost.forEach((each) => each.done("ECANCELED")));
  }

  // Of its port.

  onMessage(data: Buffer, from: RemoteInfo): void {
    this.#context.runInAsyncScope(this.#owner.onMessage, this.#owner, data, from);
  }

  onFailed(code: string): void {
    this.#context.runInAsyncScope(this.#owner.onFailed, this.#owner, code);
  }

  onClosed(): void {
    this.#weigh();
    this.#context.runInAsyncScope(this.#owner.onClosed, this.#owner);
  }

  /** A bound socket keeps the process alive, unless it is told not to, or its stack was closed. */
  #weigh(): void {
    const wanted = this.#isRef && this.#port !== null && this.#port.isOpen;
    if (wanted === this.#isHeld) return;
    this.#isHeld = wanted;
    if (wanted) hold();
    else release();
  }
}

/** As everywhere, nobody's address is our own. */
const hostOf = ({ address, port }: Place): Place => ({
  address: address === ANY ? LOOPBACK : address,
  port,
});
