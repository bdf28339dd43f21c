// Puts the sockets of a stack in place of those of node:net, in the module object itself: `require("net")`,
// imports, http, https, http2 and fetch all look there. What has a descriptor or a handle of the system
// (standard input and output, pipes to children, terminals) or a path stays Node's.

import net from "node:net";
import { kernelNet } from "../kernelNet.js";
import type { NetModule } from "../net/module.js";
import { _normalizeArgs as normalizeArgs } from "../net/system.js";

type AnyClass = abstract new (...args: never[]) => object;
type Arguments = readonly unknown[];

/** The functions and classes of node:net that make sockets, on the stack of `own`. */
export function replaceNet(own: NetModule): void {
  const Socket = dispatching(own.Socket, kernelNet.Socket, isOfTheSystem);
  const Server = dispatching(own.Server, kernelNet.Server, () => false);
  const connect = (...args: Arguments) => {
    const [{ path }] = normalizeArgs([...args]);
    const from = path ? kernelNet : own;
    return from.connect(...(args as Parameters<typeof net.connect>));
  };
  const { createServer } = own;
  Object.assign(net, { Socket, Stream: Socket, Server, connect, createConnection: connect });
  Object.assign(net, { createServer });
}

function isOfTheSystem([options]: Arguments): boolean {
  if (typeof options === "number") return true;
  const { fd, handle } = (options ?? {}) as { fd?: unknown; handle?: unknown };
  return fd !== undefined || Boolean(handle);
}

/**
 * A class that makes `own` objects, but the system's for arguments that only it can serve, and goes on with
 * objects that are the system's already: a TLSSocket or a terminal calls the class on itself.
 */
function dispatching<Class extends AnyClass>(
  own: Class,
  kernel: AnyClass,
  isKernels: (args: Arguments) => boolean,
): Class {
  const proxy: Class = new Proxy(own, {
    apply(target, self: unknown, args: never[]) {
      if (self instanceof kernel) return Reflect.apply(kernel as never, self, args) as unknown;
      if (!(self instanceof target)) return Reflect.construct(proxy, args);
      return Reflect.apply(target as never, self, args) as unknown;
    },
    construct(target, args: never[], made) {
      if (made === proxy && isKernels(args)) return Reflect.construct(kernel, args);
      return Reflect.construct(target, args, made);
    },
    get: (target, key, receiver) =>
      key === Symbol.hasInstance ? isInstance : Reflect.get(target, key, receiver),
  });
  // Classes that extend it inherit this, too, and mean themselves.
  function isInstance(this: Function, value: unknown): boolean {
    const isOf = (Class: Function) => Function.prototype[Symbol.hasInstance].call(Class, value);
    return this === proxy ? isOf(own) || isOf(kernel) : isOf(this);
  }
  return proxy;
}
