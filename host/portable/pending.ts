// A promise that somebody waits for: as long as it is not settled, the process stays.

import { hold, release } from "../core/keepAlive.js";

export interface Pending<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(reason: unknown): void;
}

export function createPending<Value>(): Pending<Value> {
  let settle: Pick<Pending<Value>, "resolve" | "reject">;
  let isOver = false;
  const promise = new Promise<Value>((resolve, reject) => (settle = { resolve, reject }));
  hold();

  function once(action: () => void): void {
    if (isOver) return;
    isOver = true;
    release();
    action();
  }

  return {
    promise,
    resolve: (value) => once(() => settle.resolve(value)),
    reject: (reason) => once(() => settle.reject(reason)),
  };
}

/** Nobody has to listen to it: what it rejects with is told in other places, too. */
export function unobserved<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined);
  return promise;
}
