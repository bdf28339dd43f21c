// The boundary of the core, as docs/abi.md has it, made of the interfaces of the library again: a host that was written for
// the module runs on the component. What hosts read lies in a memory of this file, which follows that of the core.

import {
  Commit,
  Constant,
  Counter,
  Pool,
  type CoreExports,
} from "../../../host/core/generated/abi.js";
import { errnoOf, eventBits, optionOf } from "./names.js";
import type { Address, Library } from "./library.js";

const NEVER = 0xffffffff;
/** Of profiles with more memory than can be copied after every call: records that scripts use. */
const RECORDS = 64;
const COPIED_WHOLE = 1 << 16;

/** Negative results in place of errors. */
function result(call: () => number | undefined | void): number {
  try {
    return call() ?? 0;
  } catch (error) {
    const { payload } = error as { payload?: unknown };
    if (typeof payload !== "string") throw error;
    return errnoOf(payload);
  }
}

/** Places of areas that hosts read, and their bytes: all of a small memory, else what the runner of scripts looks at. */
function areasOf({ inspect }: Library): (readonly [number, number])[] {
  const at = (id: number) => inspect.constant(id);
  const end = at(Constant.MEMORY_BYTES);
  if (end <= COPIED_WHOLE) return [[0, end]];
  const slots = at(Constant.TCBS) + at(Constant.LISTENERS) + at(Constant.ADDRESSES);
  const record = 256;
  return [
    [at(Constant.GLOBALS), 512],
    [at(Constant.COUNTER_AREA), 4 * Counter.COUNT],
    [at(Constant.POOL_AREA), 8 * Pool.COUNT],
    [at(Constant.GENERATION_AREA), 2 * slots],
    [at(Constant.EVENT_AREA), 2 * slots],
    [at(Constant.TCB_AREA), record * RECORDS],
    [at(Constant.SYN_AREA), 48 * RECORDS],
    [at(Constant.TIME_WAIT_AREA), 36 * RECORDS],
    [at(Constant.LISTENER_AREA), 12 * RECORDS],
    [at(Constant.ADDRESS_AREA), 28 * at(Constant.ADDRESSES)],
    [at(Constant.SPAN_POINTER), 4],
  ];
}

/** Milliseconds and microseconds that wrap at 2^32, as one clock that does not. */
function createClock() {
  let ms: number | undefined;
  return {
    reset: () => (ms = undefined),
    ms: () => BigInt(ms ?? 0),
    us(nowMs: number, nowUs: number): bigint {
      const step = ms === undefined ? 0 : (nowMs - ms) | 0;
      ms = ms === undefined ? nowMs >>> 0 : ms + step;
      const rest = (nowUs - Math.imul(nowMs, 1000)) >>> 0;
      return BigInt(ms) * 1000n + BigInt(rest);
    },
  };
}

/** Calls of the library by the names and numbers of the core. UDP and clients are left out: scripts do not use them. */
export function boundaryOf(library: Library): CoreExports {
  const { lifecycle, time, network, frames, tcp, events, options, inspect } = library;
  const buffer = new ArrayBuffer(inspect.constant(Constant.MEMORY_BYTES));
  const memory = new Uint8Array(buffer);
  const words = new DataView(buffer);
  const place = (id: number) => inspect.constant(id);
  const areas = areasOf(library);
  const clock = createClock();
  const span = () => words.getUint32(place(Constant.SPAN_POINTER), true);
  const bytesAt = (at: number, length: number) => memory.slice(at, at + length);
  /** What a call has given, and where the core has it, too. */
  let given: { readonly bytes: Uint8Array; readonly at: () => number } | undefined;
  const give = (bytes: Uint8Array | undefined, at: () => number) => {
    if (bytes) given = { bytes, at };
    return bytes?.length;
  };
  const follow = () => {
    for (const [at, length] of areas) memory.set(inspect.readMemory(at, length), at);
    if (given) memory.set(given.bytes, given.at());
    given = undefined;
  };
  const address = (): Address => {
    const [a = 0, b = 0, c = 0, d = 0] = bytesAt(place(Constant.ADDRESS_BUFFER), 4);
    return { tag: "ipv4", val: [a, b, c, d] };
  };
  const handleOr0 = (handle: number) => (handle === 0 ? undefined : handle);
  const sent = (frame: Uint8Array | undefined) => give(frame, () => place(Constant.TX_FRAME));
  const calls: Partial<CoreExports> = {
    initialise: () => {
      clock.reset();
      return result(() => lifecycle.initialise());
    },
    seed: () => result(() => lifecycle.seed(bytesAt(place(Constant.ENTROPY), 32))),
    interfaceConfigure: (index, mtu) =>
      result(() => {
        const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytesAt(
          place(Constant.ADDRESS_BUFFER),
          6,
        );
        return network.configure(index, [a, b, c, d, e, f], mtu);
      }),
    interfaceLink: (index, up) => result(() => network.setLink(index, up === 1)),
    interfaceRouter: (index, length) =>
      result(() => network.setRouter(index, length === 0 ? undefined : address())),
    addressAdd: (index, _length, prefixLength, flags) =>
      result(() => network.addAddress(index, address(), prefixLength, flags !== 0)),
    addressRemove: (handle) => result(() => network.removeAddress(handle)),
    receive: (index, length) =>
      result(() => sent(frames.receive(index, bytesAt(place(Constant.RX_FRAME), length)))),
    transmit: (index) => result(() => sent(frames.transmit(index))),
    advance: (nowMs, nowUs) => void result(() => time.advance(clock.us(nowMs, nowUs))),
    nextDeadline: () => {
      const us = time.deadline();
      return us === undefined ? NEVER | 0 : Number(us / 1000n - clock.ms());
    },
    expire: () => (time.expire() ? 1 : 0),
    listen: (local, port, backlog) => result(() => tcp.listen(handleOr0(local), port, backlog)),
    connect: (_length, port, local, localPort) =>
      result(() => tcp.connect({ address: address(), port }, handleOr0(local), localPort)),
    accept: (listener) => result(() => tcp.accept(listener)),
    sendSpan: (handle) => result(() => tcp.room(handle)),
    commit: (handle, marked) =>
      result(() => {
        const length = marked & ~Commit.URGENT;
        const write = marked & Commit.URGENT ? tcp.writeUrgent : tcp.write;
        const taken = write(handle, bytesAt(span(), length));
        if (taken !== length) throw new Error(`${taken} of ${length} bytes were taken`);
      }),
    receiveSpan: (handle) => result(() => give(tcp.peek(handle, NEVER), span)),
    consume: (handle, length) => result(() => void tcp.discard(handle, length)),
    shutdown: (handle) => result(() => tcp.shutdown(handle)),
    close: (handle) => result(() => tcp.close(handle)),
    abort: (handle) => result(() => tcp.abort(handle)),
    setOption: (handle, option, value) =>
      result(() => options.set(handleOr0(handle), optionOf(option), value)),
    nextEvent: () => result(() => events.next()),
    takeEvents: (handle) => result(() => eventBits(events.take(handle))),
  };
  const following = Object.entries(calls).map(([name, call]) => {
    const called = (...given: number[]) => {
      const answer = (call as (...given: number[]) => number | undefined)(...given);
      follow();
      return answer;
    };
    return [name, called] as const;
  });
  return {
    ...Object.fromEntries(following),
    constant: (id: number) => inspect.constant(id) | 0,
    memory: { buffer } as WebAssembly.Memory,
  } as unknown as CoreExports;
}
