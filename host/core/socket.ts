// One socket for datagrams, thin: UDP, or ICMP echo. Calls go straight to the core, handlers are called
// from the stack's turn, and each datagram is copied exactly once each way.

import { formatAddress, parseAddress } from "./address.js";
import type { Core } from "./core.js";
import { check, checkPort, stackError, type ErrorPlace, type StackError } from "./errors.js";
import {
  Constant,
  DatagramField,
  DatagramSize,
  Errno,
  Event,
  Option,
  Reading,
  SocketField,
  SocketSize,
} from "./generated/abi.js";
import type { OptionName } from "./observe.js";
import { localText, readField, slotOfSocket } from "./records.js";
import type { SavedSocket } from "./saved.js";

/** UDP, or ICMP echo requests of one's own. */
export type SocketProtocol = "udp" | "echo";

/** IPv4's numbers of what a socket speaks. */
export const PROTOCOLS: Readonly<Record<SocketProtocol, number>> = { udp: 17, echo: 1 };

/** What receive() gives; it is the caller's own. */
export interface Datagram {
  /** Who sent it. */
  address: string;
  /** The sender's port; of an echo socket: the sequence number. */
  port: number;
  /** IPv4 time to live that was left. */
  hops: number;
  /** It went to several hosts: to a group, or a broadcast address. */
  toMany: boolean;
  /** null; of an echo socket, an ICMP error about a request of its own, sent by `address`. */
  error: {
    /** Type of the ICMP message. */
    type: number;
    /** Code of the ICMP message. */
    code: number;
  } | null;
  /** A copy; 0 to 65,507 bytes on desktop. */
  data: Uint8Array;
}

/** A socket for datagrams. Handlers are null by default; none is called after its close(). */
export interface DatagramSocket {
  /** Handle in the core; 0 once it is gone. */
  readonly handle: number;
  /** As bind() was told. */
  readonly protocol: SocketProtocol;
  /** "0.0.0.0": any address of the stack. */
  readonly address: string;
  /** Its port; of an echo socket its identifier. */
  readonly port: number;
  /**
   * Queues one datagram: to the peer if there is one, else to `port` (of an echo socket: the sequence
   * number) of `address`. False: no room now; onWritable follows. Throws EMSGSIZE, EACCES, ENETUNREACH,
   * EDESTADDRREQ, ENOBUFS (the stack has no ring to lend), and once what an ICMP error has said about the peer (ECONNREFUSED, EHOSTUNREACH).
   */
  send(data: Uint8Array, port?: number, address?: string): boolean;
  /** The next datagram, or null. Throws ICMP errors as send() does. */
  receive(): Datagram | null;
  /** UDP: hears and speaks to this peer alone; null: to all again. */
  connect(peer: { address: string; port: number } | null): void;
  /** TTL, DSCP, BROADCAST, MULTICAST_TTL. Throws EBADF, EINVAL, ENOPROTOOPT. */
  setOption(option: OptionName, value: number): void;
  /** Bytes of its queue of datagrams received. */
  readonly receiveBytes: number;
  /** true: all that was sent has left, or is lost. false: onWritable follows once it is so. */
  drain(): boolean;
  /** What has not left is lost. */
  close(): void;

  /** Datagrams can be received. Called again only after receive() gave null. */
  onReadable: (() => void) | null;
  /** The queue is empty after send() found no room, or drain() found it in use. */
  onWritable: (() => void) | null;
  /** An ICMP error about what was sent to the peer. */
  onError: ((error: StackError) => void) | null;
  /** The stack was closed, or stopped for a snapshot, and the socket is gone with it. */
  onAbandoned: (() => void) | null;
}

/** What a socket needs of its stack. */
export interface SocketOwner {
  readonly core: Core;
  enter(): void;
  work(): void;
  forgetSocket(handle: number): void;
  /** Any of 127/8 is the stack's own once it is used. */
  takeLoopback(address: string): void;
}

/** Bytes of an address that stands at the end of a longer one where IPv6 is in the build. */
const V4_BYTES = 4;

/** 127.0.0.1 itself is there from the beginning. */
const isOtherLoopback = (address: string): boolean =>
  address.startsWith("127.") && address !== "127.0.0.1";

export class StackSocket implements DatagramSocket {
  handle: number;
  readonly protocol: SocketProtocol;
  readonly address: string;
  readonly port: number;
  onReadable: (() => void) | null = null;
  onWritable: (() => void) | null = null;
  onError: ((error: StackError) => void) | null = null;
  onAbandoned: (() => void) | null = null;
  readonly #owner: SocketOwner;
  readonly #core: Core;
  /** Bytes before the data of a datagram in its span. */
  readonly #head: number;
  /** Where its record lies. */
  readonly #record: number;
  /** onWritable is owed. */
  #blocked = false;

  constructor(owner: SocketOwner, handle: number) {
    this.#owner = owner;
    this.#core = owner.core;
    this.handle = handle;
    const addressBytes = this.#core.constant(Constant.ADDRESS_BYTES);
    this.#head = DatagramSize + addressBytes;
    const slot = slotOfSocket(this.#core, handle);
    this.#record = this.#core.constant(Constant.SOCKET_AREA) + slot * (SocketSize + addressBytes);
    this.protocol = this.#field("protocol") === PROTOCOLS.udp ? "udp" : "echo";
    const local = this.#field("address");
    this.address = local === Reading.ANY_ADDRESS ? "0.0.0.0" : localText(this.#core, local);
    this.port = this.#field("localPort");
  }

  get receiveBytes(): number {
    return this.#core.constant(Constant.RECEIVE_RING_BYTES);
  }

  #field(name: keyof typeof SocketField): number {
    return readField(this.#core, this.#record, SocketField[name]);
  }

  send(data: Uint8Array, port = 0, address = "0.0.0.0"): boolean {
    const core = this.#core;
    const place = { syscall: "send", address, port };
    const to = parseAddress(address);
    checkPort(port, place);
    if (isOtherLoopback(address)) this.#owner.takeLoopback(address);
    this.#owner.enter();
    const room = core.exports.sendSpan(this.handle);
    if (room === -Errno.EAGAIN) return this.#wait();
    check(room, place);
    const length = this.#head + data.length;
    if (length > room) return this.#refuse(room, place);
    const at = core.spanPointer();
    core.words.setUint16(at + DatagramField.port.offset, port, true);
    core.memory.set(to, at + this.#head - V4_BYTES);
    core.memory.set(data, at + this.#head);
    check(core.exports.commit(this.handle, length), place);
    this.#owner.work();
    return true;
  }

  /** Room comes when the queue is empty; where it is empty already there will never be more. */
  #refuse(room: number, place: ErrorPlace): boolean {
    const { exports } = this.#core;
    const ring = this.#core.constant(Constant.SEND_RING_BYTES);
    // An empty span gives a ring back that holds nothing.
    exports.commit(this.handle, 0);
    if (room >= ring - V4_BYTES) throw stackError(Errno.EMSGSIZE, place);
    return this.#wait();
  }

  #wait(): boolean {
    this.#blocked = true;
    return false;
  }

  receive(): Datagram | null {
    const core = this.#core;
    this.#owner.enter();
    const length = core.exports.receiveSpan(this.handle);
    if (length === -Errno.EAGAIN) return null;
    check(length, { syscall: "recv" });
    const at = core.spanPointer();
    const kind = core.words.getUint16(at + DatagramField.kind.offset, true);
    const datagram = {
      address: formatAddress(core.memory.subarray(at + this.#head - V4_BYTES, at + this.#head)),
      port: core.words.getUint16(at + DatagramField.port.offset, true),
      hops: core.memory[at + DatagramField.hops.offset] ?? 0,
      toMany: core.memory[at + DatagramField.local.offset] === Reading.ANY_ADDRESS,
      error: kind === 0 ? null : { type: kind >> 8, code: kind & 255 },
      data: core.memory.slice(at + this.#head, at + length),
    };
    core.exports.consume(this.handle, length);
    return datagram;
  }

  connect(peer: { address: string; port: number } | null): void {
    const core = this.#core;
    if (peer !== null && isOtherLoopback(peer.address)) this.#owner.takeLoopback(peer.address);
    this.#owner.enter();
    const length = peer === null ? 0 : core.putAddress(parseAddress(peer.address));
    const result = core.exports.associate(this.handle, length, peer?.port ?? 0);
    check(result, { syscall: "connect", ...peer });
  }

  setOption(option: OptionName, value: number): void {
    const place = { syscall: "setsockopt" };
    // Handle 0 would set the default of the whole stack.
    if (this.handle === 0) throw stackError(Errno.EBADF, place);
    check(this.#core.exports.setOption(this.handle, Option[option] ?? 0, value), place);
  }

  drain(): boolean {
    const core = this.#core;
    if (this.handle === 0 || this.#field("sendUsed") === 0) return true;
    this.#owner.enter();
    // Asking for room is what the event is owed for; an error about the peer is told in place of room, once.
    const room = core.exports.sendSpan(this.handle);
    const again = room < 0 ? core.exports.sendSpan(this.handle) : room;
    if (again === -Errno.EBADF) return true;
    this.#wait();
    return false;
  }

  /** Called by the stack with the events of the handle; any handler may close. */
  deliver(events: number): void {
    if (events & Event.ERROR) this.#tellError();
    if (events & Event.READABLE && this.handle !== 0) this.onReadable?.();
    if (events & Event.WRITABLE && this.#blocked && this.handle !== 0) {
      this.#blocked = false;
      this.onWritable?.();
    }
  }

  /** What a new owner must hear in any case. */
  untold(): number {
    return (this.#field("receiveUsed") > 0 ? Event.READABLE : 0) | Event.WRITABLE;
  }

  saved(): SavedSocket {
    return { handle: this.handle, blocked: this.#blocked };
  }

  resume({ blocked }: SavedSocket): void {
    this.#blocked = blocked;
  }

  /** With a handler it is told there, and no call throws it. */
  #tellError(): void {
    if (this.onError === null) return;
    const result = this.#core.exports.receiveSpan(this.handle);
    if (result >= 0 || result === -Errno.EAGAIN) return;
    this.onError(stackError(-result, { syscall: "recv" }));
  }

  /** Called by the stack when it ends. */
  abandon(): void {
    this.close();
    this.onAbandoned?.();
  }

  close(): void {
    if (this.handle === 0) return;
    const { handle } = this;
    this.handle = 0;
    this.#owner.forgetSocket(handle);
    this.#owner.enter();
    this.#core.exports.close(handle);
    this.#owner.work();
  }
}
