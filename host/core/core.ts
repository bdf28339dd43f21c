// The one module that knows the calls of the core and its memory. Everything else in host/ reaches the
// boundary (docs/abi.md) through the object made here. The memory never grows, so the views are
// made once; none of them leaves host/.

import { stackError, type ErrorPlace } from "./errors.js";
import { Abi, Constant, Errno, type CoreExports } from "./generated/abi.js";
import { viewsAt } from "./views.js";

/** The builds of the core, by their limits: docs/footprint.md has them. */
export type ProfileName = "tiny" | "esp32" | "desktop";
/** The build for use, with its assertions, or with names for a debugger. */
export type VariantName = "release" | "checked" | "debug";

export const PROFILES: readonly ProfileName[] = ["tiny", "esp32", "desktop"];
export const VARIANTS: readonly VariantName[] = ["release", "checked", "debug"];

/** A step of time is fed to the core in pieces of at most this many ms. */
const LONGEST_STEP_MS = 2 ** 30;
const NEVER = 0xffffffff;
/** Characters that the buffer for names takes, and more than any name has. */
const LONGEST_NAME = 255;

export interface Core {
  readonly profile: ProfileName;
  /** The exports themselves: i32 in, i32 out. Who writes them down takes their places here while it does. */
  readonly exports: CoreExports;
  /** All of linear memory. */
  readonly memory: Uint8Array;
  /** The same bytes for words, little-endian. */
  readonly words: DataView;
  /** Where a received frame goes. */
  readonly rx: Uint8Array;
  readonly frameBytes: number;
  readonly interfaces: number;
  /** A number of this build, or the place of an area in its memory. */
  constant(id: number): number;
  /** Where the span begins that sendSpan or receiveSpan has just given. */
  spanPointer(): number;
  /** The first `length` bytes of the frame to send. Views are kept: one per length ever seen. */
  tx(length: number): Uint8Array;
  /** Tells the time: a moment in ms that may have a fraction. Never runs backwards. */
  advance(nowMs: number): void;
  /** The moment that was told last. */
  told(): number;
  /** Told when its stack has ended: whoever follows it. */
  readonly onEnd: Set<() => void>;
  /** The memory is another instance's by now: this is the moment that one was told last. */
  resume(toldMs: number): void;
  /** Moment, on the clock that advance() was told, at which expire() has work; Infinity: none. */
  deadline(): number;
  /** Writes an address into the exchange buffer; its length. */
  putAddress(bytes: Uint8Array): number;
  /** Writes a name into its buffer; its length, or -1: it is too long, or not ASCII. */
  putName(text: string): number;
  seed(entropy: Uint8Array): number;
}

/**
 * Checks and initialises what an instance exports. The seed is the caller's business: nothing opens before it.
 * Without a profile: the one that the module is.
 */
export function startCore(exports: CoreExports, profile = profileOf(exports)): Core {
  // Before version 2 there was no such call.
  const version = exports.constant?.(Constant.ABI_VERSION) ?? 1;
  if (version !== Abi.VERSION) {
    const text = `the core speaks ABI ${version}, this package ABI ${Abi.VERSION}; run: npm run build`;
    throw Object.assign(new Error(text), { code: "ENOEXEC" });
  }
  exports.initialise();
  return wrap(profile, exports);
}

/** Which one a module is, by what the larger ones have. */
function profileOf(exports: Partial<CoreExports>): ProfileName {
  if (exports.bind === undefined) return "tiny";
  return (exports.constant?.(Constant.TRACE_RECORDS) ?? 0) > 0 ? "desktop" : "esp32";
}

/** A call that not every profile has. Throws EAFNOSUPPORT where it is not there. */
export function optionalCall<Name extends keyof CoreExports>(
  core: Core,
  name: Name,
  place: ErrorPlace,
): CoreExports[Name] {
  const call = (core.exports as Partial<CoreExports>)[name];
  if (call === undefined) throw stackError(Errno.EAFNOSUPPORT, place);
  return call as CoreExports[Name];
}

function wrap(profile: ProfileName, given: CoreExports): Core {
  const exports = { ...given };
  const memory = new Uint8Array(exports.memory.buffer);
  const words = new DataView(exports.memory.buffer);
  const constants = Array.from({ length: Constant.COUNT }, (_, id) => exports.constant(id) >>> 0);
  const constant = (id: number) => constants[id]!;
  const frameBytes = constant(Constant.FRAME_BYTES);
  const rxPointer = constant(Constant.RX_FRAME);
  const spanAt = constant(Constant.SPAN_POINTER);
  let lastMs = 0;

  /** Bitwise or keeps the lowest 32 bits, however far the moment is. */
  const tell = (ms: number) => exports.advance(ms | 0, (ms * 1000) | 0);

  return {
    profile,
    exports,
    memory,
    words,
    rx: memory.subarray(rxPointer, rxPointer + frameBytes),
    frameBytes,
    interfaces: constant(Constant.INTERFACES),
    constant,
    spanPointer: () => words.getUint32(spanAt, true),
    tx: viewsAt(memory, constant(Constant.TX_FRAME)),
    advance(nowMs) {
      while (nowMs - lastMs > LONGEST_STEP_MS) {
        lastMs += LONGEST_STEP_MS;
        tell(lastMs);
        while (exports.expire() !== 0);
      }
      lastMs = Math.max(lastMs, nowMs);
      tell(lastMs);
    },
    told: () => lastMs,
    onEnd: new Set(),
    resume(toldMs) {
      lastMs = toldMs;
    },
    deadline() {
      const delay = exports.nextDeadline() >>> 0;
      // The core counts whole milliseconds: what is due 5 ms after 100.7 is due at 105.
      return delay === NEVER ? Infinity : Math.floor(lastMs) + delay;
    },
    putAddress(bytes) {
      memory.set(bytes, constant(Constant.ADDRESS_BUFFER));
      return bytes.length;
    },
    putName(text) {
      if (text.length > LONGEST_NAME || /[^\x20-\x7e]/.test(text)) return -1;
      const at = constant(Constant.NAME_BUFFER);
      for (let i = 0; i < text.length; i++) memory[at + i] = text.charCodeAt(i);
      return text.length;
    },
    seed(entropy) {
      if (entropy.length !== 32) {
        throw Object.assign(new RangeError("entropy takes 32 bytes"), { code: "EINVAL" });
      }
      memory.set(entropy, constant(Constant.ENTROPY));
      return exports.seed();
    },
  };
}
