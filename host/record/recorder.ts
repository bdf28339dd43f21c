// Stands between a core and all its calls, and writes them down: name, arguments, what they take from memory, result.

import { Constant, type CoreExports } from "../core/generated/abi.js";
import { END } from "./format.js";
import { inputOf } from "./inputs.js";

/** Takes finished bytes, in order; they are only valid during the call. */
export type RecordingSink = (bytes: Uint8Array) => void;

export interface Recorder {
  /** The calls, each written down. */
  readonly exports: CoreExports;
  /** Names and numbers of parameters, in the order of their numbers. */
  readonly calls: readonly (readonly [string, number])[];
  /** Hands over what was gathered. */
  flush(): void;
  /** The end: with what the memory was then. Nothing is written down any more. */
  end(digest: Uint8Array): void;
}

const CHUNK_BYTES = 256 * 1024;
/** Of a call without its bytes. */
const MOST_FIXED = 1 + 4 * 4 + 4 + 4;

type Call = (...args: number[]) => number;

/** What is told by memory, or never changes, is no input. */
const isCall = ([name, value]: [string, unknown]) =>
  typeof value === "function" && name !== "constant";

export function createRecorder(exports: CoreExports, sink: RecordingSink): Recorder {
  const memory = new Uint8Array(exports.memory.buffer);
  const memoryWords = new DataView(exports.memory.buffer);
  const constants = Array.from({ length: Constant.COUNT }, (_, id) => exports.constant(id) >>> 0);
  const constant = (id: number) => constants[id]!;
  const chunk = new Uint8Array(CHUNK_BYTES);
  const words = new DataView(chunk.buffer);
  let at = 0;
  let isOver = false;

  function flush(): void {
    if (at > 0) sink(chunk.subarray(0, at));
    at = 0;
  }

  function putWord(value: number): void {
    words.setInt32(at, value, true);
    at += 4;
  }

  /** What is behind the arguments in a call that takes bytes. */
  function putBytes(from: number, length: number): void {
    if (at + 4 + length + 4 > CHUNK_BYTES) flush();
    putWord(length);
    chunk.set(memory.subarray(from, from + length), at);
    at += length;
  }

  function wrap(name: string, call: Call, number: number): Call {
    const { length: count } = call;
    const input = inputOf(name);
    return (a = 0, b = 0, c = 0, d = 0) => {
      if (isOver) return call(a, b, c, d);
      if (at + MOST_FIXED > CHUNK_BYTES) flush();
      chunk[at++] = number;
      if (count > 0) putWord(a);
      if (count > 1) putWord(b);
      if (count > 2) putWord(c);
      if (count > 3) putWord(d);
      if (input !== null) {
        const taken = input(constant, memoryWords, [a, b, c, d]);
        putBytes(taken.at, taken.length);
      }
      const result = call(a, b, c, d);
      putWord(result);
      return result;
    };
  }

  const found = Object.entries(exports as unknown as Record<string, unknown>).filter(isCall);
  const wrapped = found.map(([name, call], i) => [name, wrap(name, call as Call, i + 1)] as const);
  const { constant: tell, memory: buffer } = exports;
  return {
    exports: {
      ...Object.fromEntries(wrapped),
      constant: tell,
      memory: buffer,
    } as unknown as CoreExports,
    calls: found.map(([name, call]) => [name, (call as Call).length]),
    flush,
    end(digest) {
      if (isOver) return;
      isOver = true;
      if (at + 1 + digest.length > CHUNK_BYTES) flush();
      chunk[at++] = END;
      chunk.set(digest, at);
      at += digest.length;
      flush();
    },
  };
}
