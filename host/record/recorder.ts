// Stands between a core and all its calls, and writes them down: name, arguments, what they take from memory, result.
// Wrappers are written out for each number of arguments, and for the call that every frame comes with: one for all
// would be called with ever other targets, which costs more than the calls themselves.

import { Constant, type CoreExports } from "../core/generated/abi.js";
import { inputOf } from "./inputs.js";

/** Takes finished bytes, in order; they are only valid during the call. */
export type RecordingSink = (bytes: Uint8Array) => void;

/** Names and numbers of parameters, in the order of their numbers. */
export type CallTable = readonly (readonly [name: string, parameters: number])[];

export interface Recorder {
  /** The calls, each written down. */
  readonly exports: CoreExports;
  readonly calls: CallTable;
  /** Hands over what was gathered: whole calls, unless the core has trapped in the last. */
  flush(): void;
  /** A call has trapped: nothing is written down any more. */
  readonly hasTrapped: boolean;
}

/** Of a call without its bytes. */
const MOST_FIXED = 1 + 4 * 4 + 4 + 4;

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
  readonly sink: RecordingSink;
  /** Where it writes what comes next: `leastBytes` at least. Asked for again behind all that is handed over. */
  readonly room: (leastBytes: number) => Uint8Array;
  /** A call has trapped: what came into it is written down, and it has no result. */
  readonly trapped: () => void;
}

export function createRecorder(exports: CoreExports, options: RecorderOptions): Recorder {
  const { sink, room, trapped } = options;
  const memory = new Uint8Array(exports.memory.buffer);
  const memoryWords = new DataView(exports.memory.buffer);
  const constants = Array.from({ length: Constant.COUNT }, (_, id) => exports.constant(id) >>> 0);
  const constant = (id: number) => constants[id]!;
  const frameAt = constant(Constant.RX_FRAME);
  const frameBytes = constant(Constant.FRAME_BYTES);
  /** Of received frames, one for each length. */
  const frames: (Uint8Array | undefined)[] = [];
  const mostOfCall = MOST_FIXED + Math.max(frameBytes, constant(Constant.SEND_RING_BYTES));
  let chunk: Uint8Array;
  let words: DataView;
  /** Beyond that there may be no room for another call. */
  let fullBytes: number;
  let at = 0;
  let isOver = false;

  function flush(): void {
    const length = at;
    // Whoever is told may end, and ask for what is gathered.
    at = 0;
    if (length > 0) sink(chunk.subarray(0, length));
    openRoom();
  }

  function openRoom(): void {
    chunk = room(mostOfCall);
    words = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    fullBytes = chunk.length - mostOfCall;
  }

  function trap(error: unknown): never {
    isOver = true;
    flush();
    trapped();
    throw error;
  }

  function putWord(value: number): void {
    words.setInt32(at, value, true);
    at += 4;
  }

  /**
   * What is gathered is handed over right behind a call: whoever looks at the memory then finds what that call has made
   * of it, and nothing that the host has written for the next.
   */
  function end(result: number): number {
    putWord(result);
    if (at > fullBytes) flush();
    return result;
  }

  function wrapReceive(call: Call, number: number): Call {
    return (index, given) => {
      if (isOver) return call(index!, given!);
      const length = Math.max(0, Math.min(given!, frameBytes));
      chunk[at] = number;
      words.setInt32(at + 1, index!, true);
      words.setInt32(at + 5, given!, true);
      words.setInt32(at + 9, length, true);
      chunk.set((frames[length] ??= memory.subarray(frameAt, frameAt + length)), at + 13);
      at += 13 + length;
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
      chunk[at++] = number;
      for (let i = 0; i < count; i++) putWord(args[i]!);
      putWord(length);
      chunk.set(memory.subarray(from, from + length), at);
      at += length;
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
      chunk[at++] = number;
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
      chunk[at++] = number;
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
      chunk[at++] = number;
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

  openRoom();
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
