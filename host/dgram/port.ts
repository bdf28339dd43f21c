// A port at an address: a socket of the core, and the sockets of programs that share it. What is for one host
// goes to one of them, what is for many to all.

import type { Stack } from "../core/stack.js";
import type { Datagram } from "../core/socket.js";
import { Outlet, type OutletOwner } from "./outlet.js";
import { isMultihomed } from "./own.js";
import { ANY, type Outgoing, type Place, type RemoteInfo, type Sharing } from "./types.js";

/** A socket of a program. */
export interface Member {
  readonly sharing: Sharing;
  /** The only one that it hears, if any. */
  readonly peer: Place | null;
  /** It has not been closed. */
  readonly isBound: boolean;
  /** The bytes are its own from then on. */
  onMessage(data: Buffer, from: RemoteInfo): void;
  onFailed(code: string): void;
  /** The stack was closed. */
  onClosed(): void;
}

export class Port implements OutletOwner {
  readonly address: string;
  readonly number: number;
  readonly #stack: Stack;
  readonly #main: Outlet;
  /** For groups by another interface than the core would choose, by their address. */
  readonly #others = new Map<string, Outlet>();
  readonly #onGone: (port: Port) => void;
  /** In the order in which they came. */
  readonly #members: Member[] = [];
  /** The core knows the peer of the only member. */
  #isAssociated = false;

  /** Throws as stack.bind() does. */
  constructor(stack: Stack, address: string, number: number, onGone: (port: Port) => void) {
    this.#stack = stack;
    this.address = address;
    this.#main = this.#open(address, number);
    this.number = this.#main.socket.port;
    this.#onGone = onGone;
  }

  /** Both would be for the same datagrams. */
  overlaps(address: string, number: number): boolean {
    const isSameAddress = this.address === address || this.address === ANY || address === ANY;
    return this.number === number && isSameAddress;
  }

  get isOpen(): boolean {
    return this.#main.isOpen;
  }

  get receiveBytes(): number {
    return this.#main.socket.receiveBytes;
  }

  allows({ address, port }: Sharing): boolean {
    return this.#members.every(
      ({ sharing }) => (sharing.address && address) || (sharing.port && port),
    );
  }

  add(member: Member): void {
    if (this.#members.length === 0) for (const each of this.#outlets()) each.stay();
    this.#members.push(member);
    this.settlePeer();
  }

  remove(member: Member): void {
    this.#members.splice(this.#members.indexOf(member), 1);
    this.settlePeer();
    if (this.#members.length > 0) return;
    for (const each of this.#outlets()) {
      each.leave(() => {
        if (this.#outlets().every((outlet) => !outlet.isOpen)) this.#onGone(this);
      });
    }
  }

  /** Nobody has it any more, or yet. */
  get isLeaving(): boolean {
    return this.isOpen && this.#members.length === 0;
  }

  /** What has not left is lost. */
  giveUp(): void {
    for (const each of this.#outlets()) each.giveUp();
  }

  /** The core hears one peer at most: that of a member that shares with nobody. Throws as connect() does. */
  settlePeer(): void {
    const [only, second] = this.#members;
    const peer = second === undefined ? (only?.peer ?? null) : null;
    if (!this.isOpen || (peer === null && !this.#isAssociated)) return;
    this.#isAssociated = peer !== null;
    this.#main.socket.connect(peer);
  }

  /** To one host. */
  send(outgoing: Outgoing, peer: Place | null): void {
    const isForPeer = outgoing.to === null && this.#isAssociated;
    this.#main.send(isForPeer ? outgoing : { ...outgoing, to: outgoing.to ?? peer });
  }

  /** To several, by the interface that has this address. */
  sendFrom(source: string, outgoing: Outgoing): void {
    try {
      this.#outletFrom(source).send(outgoing);
    } catch (error) {
      outgoing.done((error as NodeJS.ErrnoException).code ?? "EIO");
    }
  }

  cancel(sender: Member): Outgoing[] {
    return this.#outlets().flatMap((each) => each.cancel(sender));
  }

  /** Who gets what somebody sends to many. */
  hearers(from: Place): Member[] {
    return this.#members.filter((each) => hears(each, from));
  }

  // Of its outlets.

  onDatagram({ data, address, port, toMany }: Datagram): void {
    const from = { address, port };
    if (toMany && this.#members.length > 1) {
      handToAll(this.hearers(from), data, from);
      return;
    }
    const member = this.#memberFor(from);
    if (member !== undefined) hand(member, data, from);
  }

  onFailed(code: string): void {
    if (this.#members.length === 1) this.#members[0]!.onFailed(code);
  }

  onClosed(): void {
    for (const each of [...this.#members]) each.onClosed();
  }

  #memberFor(from: Place): Member | undefined {
    const [only, second] = this.#members;
    // The core has looked at its peer, and what came before there was one is heard as everywhere.
    if (second === undefined && this.#others.size === 0) return only;
    const able = this.hearers(from);
    const connected = able.filter((each) => each.peer !== null);
    const chosen = connected.length > 0 ? connected : able;
    const last = chosen.at(-1);
    return last?.sharing.port ? chosen[hashOf(from) % chosen.length] : last;
  }

  #outlets(): Outlet[] {
    return [this.#main, ...this.#others.values()];
  }

  #outletFrom(source: string): Outlet {
    if (this.address !== ANY || !isMultihomed(this.#stack)) return this.#main;
    const known = this.#others.get(source);
    if (known?.isOpen) return known;
    const outlet = this.#open(source, this.number);
    this.#others.set(source, outlet);
    return outlet;
  }

  #open(address: string, number: number): Outlet {
    const where = address === ANY ? {} : { address };
    return new Outlet(this.#stack, this.#stack.bind({ ...where, port: number }), this);
  }
}

const hears = ({ peer }: Member, { address, port }: Place): boolean =>
  peer === null || (peer.port === port && peer.address === address);

/** Each gets bytes of its own. */
export function handToAll(members: readonly Member[], data: Uint8Array, from: Place): void {
  for (const each of members) if (each.isBound) hand(each, new Uint8Array(data), from);
}

function hand(member: Member, data: Uint8Array, { address, port }: Place): void {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  member.onMessage(bytes, { address, family: "IPv4", port, size: bytes.length });
}

/** The same sender comes to the same socket. */
function hashOf({ address, port }: Place): number {
  let hash = port;
  for (const part of address.split(".")) hash = (hash * 31 + Number(part)) % 65_521;
  return hash;
}
