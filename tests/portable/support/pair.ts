// Two stacks on a cable for sockets of promises: on the event loop, or under virtual time, where the clock moves
// on when neither the stacks nor the promises of the test have anything to do.

import { createStack } from "../../../host/node/createStack.js";
import type { Stack } from "../../../host/core/stack.js";
import { settle } from "../../../host/core/virtual.js";
import { createVirtualClock } from "../../../host/link/clock.js";
import { impair, type Impairments } from "../../../host/link/impair.js";
import { MemoryLink, type MemoryLinkOptions } from "../../../host/link/memory.js";
import { wrapLink } from "../../../host/link/wrap.js";
import type {
  StreamConnectOptions,
  StreamListener,
  StreamSocket,
} from "../../../host/portable/types.js";
import { entropy } from "../../host/support/pair.js";

export const A = "198.18.0.1";
export const B = "198.18.0.2";

export interface StreamPair {
  a: Stack;
  b: Stack;
  /** Waits for a promise; under virtual time it moves the clock, too. */
  wait<Value>(promise: Promise<Value>): Promise<Value>;
  close(): void;
}

/** On the event loop. */
export async function createPair(options: MemoryLinkOptions = {}): Promise<StreamPair> {
  const [left, right] = MemoryLink.pair(options);
  const a = await createStack({ link: left, addresses: [`${A}/24`] });
  const b = await createStack({ link: right, addresses: [`${B}/24`] });
  return { a, b, wait: (promise) => promise, close: () => closeBoth(a, b) };
}

export interface VirtualPair extends StreamPair {
  now(): number;
  /** What `a` sends is lost from now on, but for what finds neighbours. */
  silence(): void;
}

const ARP_TYPE = 0x0806;
const isArp = (frame: Uint8Array) => ((frame[12]! << 8) | frame[13]!) === ARP_TYPE;

/** Virtual time that a test may take, ms. */
const LIMIT_MS = 3_600_000;

/** Under virtual time; the cable of `a` may be bad in both directions. */
export async function createVirtualPair(impairments?: Impairments): Promise<VirtualPair> {
  const clock = createVirtualClock(1_000);
  const [left, right] = MemoryLink.pair();
  let isSilent = false;
  const lossy = wrapLink(left, {
    write: (frame) => (isSilent && !isArp(frame) ? true : left.write(frame)),
  });
  const link = impairments ? impair(lossy, { ...impairments, clock }) : lossy;
  const shared = { clock, loop: false } as const;
  const a = await createStack({ ...shared, entropy: entropy(0), link, addresses: [`${A}/24`] });
  const b = await createStack({
    ...shared,
    entropy: entropy(1),
    link: right,
    addresses: [`${B}/24`],
  });
  const stacks = [a, b];
  let hasWork = false;
  for (const stack of stacks) stack.onWork = () => (hasWork = true);

  /** Everything that is due now, of stacks and of promises. */
  async function settleAll(): Promise<void> {
    do {
      hasWork = false;
      settle({ stacks });
      await new Promise(setImmediate);
    } while (hasWork);
  }

  async function wait<Value>(promise: Promise<Value>): Promise<Value> {
    let isDone = false;
    const end = () => void (isDone = true);
    promise.then(end, end);
    for (const startMs = clock.now(); ;) {
      await settleAll();
      if (isDone) return promise;
      const delays = stacks.map((stack) => stack.nextDeadline());
      const delayMs = Math.min(...delays, Math.max(0, clock.nextDue() - clock.now()));
      if (delayMs === Infinity) throw new Error("nothing is due any more, and the promise waits");
      if (clock.now() - startMs > LIMIT_MS) throw new Error("the promise waits for an hour");
      clock.advance(delayMs);
    }
  }
  return {
    a,
    b,
    wait,
    now: () => clock.now(),
    silence: () => void (isSilent = true),
    close: () => closeBoth(a, b),
  };
}

function closeBoth(a: Stack, b: Stack): void {
  a.close();
  b.close();
}

/** The next socket of a listener. */
export async function accept(listener: StreamListener): Promise<StreamSocket> {
  const { done, value } = await listener.next();
  if (done) throw new Error("the listener is closed");
  return value as StreamSocket;
}

/** An open connection from `a` to `b`, both ends; the listener is closed again. */
export async function openBoth(
  pair: StreamPair,
  options: Partial<StreamConnectOptions> = {},
): Promise<[StreamSocket, StreamSocket]> {
  const listener = pair.b.listen({ port: 7 });
  const client = pair.a.connect({ hostname: B, port: 7, ...options });
  const [, server] = await pair.wait(Promise.all([client.opened, accept(listener)]));
  listener.close();
  return [client, server];
}

/** All that comes until the end. */
export async function readAll(readable: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const reader = readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    chunks.push(value);
  }
}

/** Writes everything, then the end. */
export async function writeAll(
  writable: WritableStream<Uint8Array>,
  bytes: Uint8Array,
): Promise<void> {
  const writer = writable.getWriter();
  await writer.write(bytes);
  await writer.close();
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
