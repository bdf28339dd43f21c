// The ports of a stack that sockets of node:dgram's shape have, the groups that they have joined, and what
// they send to many: that is for this stack, too, and the core sends it away only.

import type { Stack } from "../core/stack.js";
import { interfaceOf, isGroup } from "./own.js";
import { handToAll, Port, type Member } from "./port.js";
import { ANY, codeOf, type Place } from "./types.js";

/** A datagram to many that others here are to hear. */
interface Copy {
  readonly from: Place;
  readonly data: Uint8Array;
  readonly hearers: readonly Member[];
}

/** Heard by everybody, without joining. */
const ALL_HOSTS = "224.0.0.1";
/** Copies that wait: their bytes, each counted with what it costs to hold. More are lost, as in a full queue of the core. */
const COPY_BYTES = 1_048_576;
const COPY_COST = 256;
const COPIES_PER_TURN = 64;
/** The core chooses a port that is free at an address, and another address may have it. */
const TRIES = 16;

const all = new WeakMap<Stack, Ports>();

/** Those of a stack. */
export function portsOf(stack: Stack): Ports {
  let ports = all.get(stack);
  if (ports === undefined) {
    ports = new Ports(stack);
    all.set(stack, ports);
  }
  return ports;
}

export class Ports {
  readonly #stack: Stack;
  readonly #ports = new Set<Port>();
  /** How many have joined, by group and interface. */
  readonly #groups = new Map<string, number>();
  readonly #copies: Copy[] = [];
  #copyBytes = 0;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  /** Throws as stack.bind() does. */
  bind(member: Member, address: string, number: number): Port {
    const others = this.#overlapping(address, number);
    if (!others.every((each) => each.allows(member.sharing)))
      throw Object.assign(new Error("the port is in use"), { code: "EADDRINUSE" });
    const same = others.find((each) => each.address === address);
    const port = same ?? this.#open(address, number);
    port.add(member);
    return port;
  }

  #overlapping(address: string, number: number): Port[] {
    if (number === 0) return [];
    return [...this.#ports].filter((each) => each.isOpen && each.overlaps(address, number));
  }

  #open(address: string, number: number): Port {
    const port = number === 0 ? this.#openFree(address, TRIES) : this.#openAt(address, number);
    this.#ports.add(port);
    return port;
  }

  #openAt(address: string, number: number): Port {
    const open = (): Port =>
      new Port(this.#stack, address, number, (port) => void this.#ports.delete(port));
    try {
      return open();
    } catch (error) {
      if (codeOf(error) !== "ENOBUFS" || !this.#makeRoom()) throw error;
      return open();
    }
  }

  /**
   * A program that opens, sends and closes without end gives the stack no turn to send in: here is one. What
   * waits for its next hop even then has to go. False: none is about to leave.
   */
  #makeRoom(): boolean {
    const leaving = () => [...this.#ports].filter((each) => each.isLeaving);
    const before = leaving();
    if (before.length === 0) return false;
    this.#stack.turn();
    if (leaving().length === before.length) before[0]!.giveUp();
    return true;
  }

  #openFree(address: string, tries: number): Port {
    const port = this.#openAt(address, 0);
    if (tries === 0 || this.#overlapping(address, port.number).length === 0) return port;
    port.giveUp();
    return this.#openFree(address, tries - 1);
  }

  /** Throws as stack.join() does. */
  join(group: string, index: number): void {
    const key = keyOf(group, index);
    if (index >= 0 && group !== ALL_HOSTS) this.#stack.join(group, index);
    this.#groups.set(key, (this.#groups.get(key) ?? 0) + 1);
  }

  /** Throws as stack.leave() does. */
  leave(group: string, index: number): void {
    const key = keyOf(group, index);
    const users = (this.#groups.get(key) ?? 1) - 1;
    if (users > 0) this.#groups.set(key, users);
    else this.#groups.delete(key);
    if (index >= 0 && group !== ALL_HOSTS) this.#stack.leave(group, index);
  }

  /** What was sent to many, for those who hear it here at this moment: they get it later. */
  copy(data: Uint8Array, from: Place, to: Place): void {
    const hearers = this.#hearers(from, to);
    const cost = data.length + COPY_COST;
    if (hearers.length === 0 || this.#copyBytes + cost > COPY_BYTES) return;
    this.#copyBytes += cost;
    this.#copies.push({ from, data: new Uint8Array(data), hearers });
    if (this.#copies.length === 1) setImmediate(() => this.#handOut());
  }

  #hearers(from: Place, to: Place): Member[] {
    if (isGroup(to.address) && !this.#isHeard(to.address, from.address)) return [];
    const ports = [...this.#ports].filter((each) => each.number === to.port);
    return ports.flatMap((each) => (each.address === ANY ? each.hearers(from) : []));
  }

  #handOut(): void {
    try {
      for (let count = 0; count < COPIES_PER_TURN; count++) {
        const next = this.#copies.shift();
        if (next === undefined) return;
        this.#copyBytes -= next.data.length + COPY_COST;
        handToAll(next.hearers, next.data, next.from);
      }
    } finally {
      // Also where a listener has thrown.
      if (this.#copies.length > 0) setImmediate(() => this.#handOut());
    }
  }

  #isHeard(group: string, source: string): boolean {
    if (group === ALL_HOSTS) return true;
    const index = interfaceOf(this.#stack, source);
    return index !== undefined && this.#groups.has(keyOf(group, index));
  }
}

const keyOf = (group: string, index: number): string => `${group} ${index}`;
