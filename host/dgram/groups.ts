// The groups that one socket has joined: each once on an interface, and all are left when it closes.

import { isIP } from "node:net";
import type { Stack } from "../core/stack.js";
import { interfaceOf, isGroup } from "./own.js";
import { portsOf } from "./ports.js";
import { tried, type Code } from "./types.js";

interface Membership {
  readonly group: string;
  readonly interface: number;
}

export class Groups {
  readonly #stackOf: () => Stack;
  readonly #joined: Membership[] = [];

  constructor(stackOf: () => Stack) {
    this.#stackOf = stackOf;
  }

  join(group: unknown, address: unknown): Code {
    const where = this.#resolve(group, address);
    if (typeof where === "string") return where;
    if (this.#find(where) >= 0) return "EADDRINUSE";
    return tried(() => {
      portsOf(this.#stackOf()).join(where.group, where.interface);
      this.#joined.push(where);
    });
  }

  leave(group: unknown, address: unknown): Code {
    const where = this.#resolve(group, address);
    if (typeof where === "string") return where;
    const at = this.#find(where);
    if (at < 0) return "EADDRNOTAVAIL";
    this.#joined.splice(at, 1);
    return tried(() => portsOf(this.#stackOf()).leave(where.group, where.interface));
  }

  close(): void {
    for (const { group, interface: index } of this.#joined.splice(0)) {
      // A stack that was closed before has left them.
      tried(() => portsOf(this.#stackOf()).leave(group, index));
    }
  }

  #find({ group, interface: index }: Membership): number {
    return this.#joined.findIndex((each) => each.group === group && each.interface === index);
  }

  /** What is meant, or the code of what is wrong with it. */
  #resolve(group: unknown, given: unknown): Membership | string {
    const address = given ?? undefined;
    if (typeof group !== "string" || isIP(group) === 0) return "EINVAL";
    if (address !== undefined && (typeof address !== "string" || isIP(address) === 0))
      return "EINVAL";
    if (isIP(group) === 6) return "ENOPROTOOPT";
    if (!isGroup(group)) return "EINVAL";
    const index = interfaceOf(this.#stackOf(), address);
    return index === undefined ? "ENODEV" : { group, interface: index };
  }
}
