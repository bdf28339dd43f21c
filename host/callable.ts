// Classes as Node's old ones are: without `new`, and called on objects of classes that inherit from them by hand.

/**
 * A class that can be called without `new`, and on an object of a class of old style that inherits from it.
 * `parameters`: how many it says it has.
 */
export function callable<Class extends abstract new (...args: never[]) => object>(
  Base: Class,
  parameters: number,
  setUpOn: (self: InstanceType<Class>, ...args: never[]) => void,
): Class {
  const proxy = new Proxy(Base, {
    apply(target, self: unknown, args: never[]) {
      if (!(self instanceof target)) return Reflect.construct(target, args);
      setUpOn(self as InstanceType<Class>, ...args);
      return self;
    },
  });
  Object.defineProperty(Base, "length", { value: parameters, configurable: true });
  Object.defineProperty(Base.prototype, "constructor", {
    value: proxy,
    writable: true,
    configurable: true,
  });
  return proxy;
}
