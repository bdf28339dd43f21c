// Stands between a core and all its calls, and writes them down: name, arguments, what they take from memory, result.
// Wrappers are written out for each number of arguments, and for the call that every frame comes with: one for all
// would be called with ever other targets, which costs more than the calls themselves.

import { Constant, type CoreExports } from "../core/generated/abi.js";
import { viewsAt } from "../core/views.js";
import { inputOf } from "./inputs.js";

/** Takes finished bytes, in order; they are only valid during the call. */
export type RecordingSink = (bytes: Uint8Array) => void;

/** Takes bytes as a RecordingSink does; `isWhole`: they end with the end of a call. */
export type PartSink = (bytes: Uint8Array, isWhole: boolean) => void;

/** Names and numbers of parameters, in the order of their numbers. */
export type CallTable = readonly (readonly [name: string, parameters: number])[];

export interface Recorder {
  /** The calls, each written down. */
  readonly exports: CoreExports;
  readonly calls: CallTable;
  /** Hands over what was gathered: it ends with a whole call, unless the core has trapped in the last. */
  flush(): void;
  /** A call has trapped: nothing is written down any more. */
  readonly hasTrapped: boolean;
}

/** Of a call without its bytes. */
const MOST_FIXED = 1 + 4 * 4 + 4 + 4;

/**
 * Calls are gathered up to here: few enough bytes to stay in a cache. Memory that is in none takes so many at once in two
 * thirds of the time that it needs for a frame at a time.
 */
const GATHERED_BYTES = 64 * 1024;

/** What a call takes from memory is gathered too, unless it is more: that goes to who keeps it from where it is. */
const LARGE_BYTES = 16 * 1024;

type Call = (...args: number[]) => number;

/** What is told by memory, or never changes, is no input. */
const isCall = ([name, value]: [string, unknown]) =>
  typeof value === "function" && name !== "constant";

const callsOf = (exports: CoreExports) =>
  Object.entries(exports as unknown as Record<string, unknown>).filter(isCall) as [string, Call][];

/** Names and numbers of parameters of all calls that a core has. */
export const callTable = (exports: CoreExports): CallTable =>
  callsOf(exports).map(([name, call]) => [name, call.length]);

/** Who gets what is written down. */
export interface RecorderOptions {
  readonly sink: PartSink;
  /** A call has trapped: what came into it is written down, and it has no result. */
  readonly trapped: () => void;
}

export function createRecorder(exports: CoreExports, options: RecorderOptions): Recorder {
  const { sink, trapped } = options;
  const memory = new Uint8Array(exports.memory.buffer);
  const memoryWords = new DataView(exports.memory.buffer);
  const constants = Array.from({ length: Constant.COUNT }, (_, id) => exports.constant(id) >>> 0);
  const constant = (id: number) => constants[id]!;
  const frameBytes = constant(Constant.FRAME_BYTES);
  const received = viewsAt(memory, constant(Constant.RX_FRAME));
  const gathered = new Uint8Array(GATHERED_BYTES + MOST_FIXED + LARGE_BYTES);
  const words = new DataView(gathered.buffer);
  /** So many there are. */
  let at = 0;
  /** From so many on they are handed over: behind a call whose beginning was, at once. */
  let fullBytes = GATHERED_BYTES;
  let isOver = false;

  function handOver(isWhole: boolean): void {
    const length = at;
    // Whoever is told may end, and ask for what is gathered.
    at = 0;
    if (length > 0) sink(gathered.subarray(0, length), isWhole);
  }

  function flush(): void {
    fullBytes = GATHERED_BYTES;
    handOver(true);
  }

  function trap(error: unknown): never {
    isOver = true;
    handOver(false);
    trapped();
    throw error;
  }

  function putWord(value: number): void {
    words.setInt32(at, value, true);
    at += 4;
  }

  function putBytes(bytes: Uint8Array): void {
    if (bytes.length <= LARGE_BYTES) {
      gathered.set(bytes, at);
      at += bytes.length;
      return;
    }
    handOver(false);
    sink(bytes, false);
    fullBytes = 0;
  }

  /**
   * What is gathered is handed over right behind a call: whoever looks at the memory then finds what that call has made
   * of it, and nothing that the host has written for the next.
   */
  function end(result: number): number {
    putWord(result);
    if (at >= fullBytes) flush();
    return result;
  }

  function wrapReceive(call: Call, number: number): Call {
    return (index, given) => {
      if (isOver) return call(index!, given!);
      const length = Math.max(0, Math.min(given!, frameBytes));
      gathered[at] = number;
      words.setInt32(at + 1, index!, true);
      words.setInt32(at + 5, given!, true);
      words.setInt32(at + 9, length, true);
      at += 13;
      putBytes(received(length));
      let result: number;
      try {
        result = call(index!, given!);
      } catch (error) {
        return trap(error);
      }
      return end(result);
    };
  }

  function wrapTaking(name: string, call: Call, number: number): Call {
    const { length: count } = call;
    const input = inputOf(name)!;
    return (a = 0, b = 0, c = 0, d = 0) => {
      if (isOver) return call(a, b, c, d);
      const args = [a, b, c, d];
      const { at: from, length } = input(constant, memoryWords, args);
      gathered[at++] = number;
      for (let i = 0; i < count; i++) putWord(args[i]!);
      putWord(length);
      putBytes(memory.subarray(from, from + length));
      let result: number;
      try {
        result = call(a, b, c, d);
      } catch (error) {
        return trap(error);
      }
      return end(result);
    };
  }

  function wrapWithout(call: Call, number: number): Call {
    return () => {
      if (isOver) return call();
      gathered[at++] = number;
      let result: number;
      try {
        result = call();
      } catch (error) {
        return trap(error);
      }
      return end(result);
    };
  }

  function wrapOne(call: Call, number: number): Call {
    return (a) => {
      if (isOver) return call(a!);
      gathered[at++] = number;
      putWord(a!);
      let result: number;
      try {
        result = call(a!);
      } catch (error) {
        return trap(error);
      }
      return end(result);
    };
  }

  function wrapMore(call: Call, number: number): Call {
    const { length: count } = call;
    return (a = 0, b = 0, c = 0, d = 0) => {
      if (isOver) return call(a, b, c, d);
      gathered[at++] = number;
      putWord(a);
      putWord(b);
      if (count > 2) putWord(c);
      if (count > 3) putWord(d);
      let result: number;
      try {
        result = call(a, b, c, d);
      } catch (error) {
        return trap(error);
      }
      return end(result);
    };
  }

  function wrap(name: string, call: Call, number: number): Call {
    if (name === "receive") return wrapReceive(call, number);
    if (inputOf(name) !== null) return wrapTaking(name, call, number);
    if (call.length === 0) return wrapWithout(call, number);
    return call.length === 1 ? wrapOne(call, number) : wrapMore(call, number);
  }

  const found = callsOf(exports);
  const wrapped = found.map(([name, call], i) => [name, wrap(name, call, i + 1)] as const);
  return {
    exports: { ...exports, ...Object.fromEntries(wrapped) } as CoreExports,
    calls: callTable(exports),
    flush,
    get hasTrapped() {
      return isOver;
    },
  };
}
