// Numbers behind the names that arguments and results have. They are Linux's; where FreeBSD's differ
// and a script may show them as numbers, the call knows both.

import { constants } from "node:os";
import { suggestion } from "../suggest.js";
import { mistake } from "./errors.js";
import type { Expression } from "./script.js";

const NAMES: Readonly<Record<string, number>> = {
  AF_UNSPEC: 0,
  AF_INET: 2,
  PF_INET: 2,
  AF_INET6: 10,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_RAW: 3,
  SOCK_NONBLOCK: 0x800,
  SOCK_CLOEXEC: 0x80000,
  IPPROTO_IP: 0,
  IPPROTO_ICMP: 1,
  IPPROTO_TCP: 6,
  IPPROTO_UDP: 17,
  SOMAXCONN: 128,
  F_GETFL: 3,
  F_SETFL: 4,
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_NONBLOCK: 0x800,
  SHUT_RD: 0,
  SHUT_WR: 1,
  SHUT_RDWR: 2,
  MSG_OOB: 1,
  MSG_PEEK: 2,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_EOR: 0x80,
  MSG_EOF: 0x200,
  MSG_WAITALL: 0x100,
  MSG_NOSIGNAL: 0x4000,
  MSG_MORE: 0x8000,
  MSG_ZEROCOPY: 0x4000000,
  MSG_FASTOPEN: 0x20000000,
  POLLIN: 1,
  POLLPRI: 2,
  POLLOUT: 4,
  POLLERR: 8,
  POLLHUP: 16,
  POLLNVAL: 32,
  POLLRDNORM: 64,
  POLLRDBAND: 128,
  POLLWRNORM: 256,
  POLLRDHUP: 0x2000,
  IPTOS_LOWDELAY: 0x10,
  IPTOS_THROUGHPUT: 8,
  IPTOS_RELIABILITY: 4,
  IPTOS_MINCOST: 2,
  IP_PMTUDISC_DONT: 0,
  IP_PMTUDISC_WANT: 1,
  IP_PMTUDISC_DO: 2,
  NULL: 0,
};

const ERRNOS = constants.errno as Readonly<Record<string, number>>;

/** The value of a name; an errno's is the system's own. */
export function constantOf(name: string): number | undefined {
  return Object.hasOwn(NAMES, name) ? NAMES[name] : ERRNOS[name];
}

/** A number, a name of one, or several joined by |. */
export function numberOf(expression: Expression, what = "a number"): number {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "word": {
      const value = constantOf(expression.name);
      if (value !== undefined) return value;
      const names = Object.keys(NAMES);
      const hint = suggestion(
        expression.name,
        names.filter((name) => name.length > 3),
      );
      throw mistake(
        `expected ${what}, found ${expression.name}${hint.startsWith(" (did") ? hint : ""}`,
        expression.place,
      );
    }
    case "or":
      return numberOf(expression.left, what) | numberOf(expression.right, what);
    case "call":
      if (/^(htons|htonl|ntohs|ntohl)$/.test(expression.name) && expression.args[0]) {
        return numberOf(expression.args[0], what);
      }
      throw mistake(`expected ${what}, found ${expression.name}(`, expression.place);
    default:
      throw mistake(`expected ${what}, found ${shownKind(expression)}`, expression.place);
  }
}

export function shownKind({ kind }: Expression): string {
  const words = { any: "...", string: "a string", list: "[", struct: "{" } as const;
  return kind in words ? words[kind as keyof typeof words] : kind;
}

/** `[4]`, and `4` where that is how a dialect writes it. */
export function singleOf(expression: Expression): Expression {
  const [first] = expression.kind === "list" ? expression.items : [expression];
  return first ?? expression;
}

export function fieldOf(expression: Expression, name: string): Expression | undefined {
  if (expression.kind !== "struct") return undefined;
  return expression.fields.find((field) => field.name === name)?.value;
}
