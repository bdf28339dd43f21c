// What is written down of one core, for all who want it: a file, what is kept in memory, whoever joins while it runs. Each
// gets whole calls, from between two of them on. While nobody does, calls go straight to the core.

import type { Core } from "../core/core.js";
import type { CoreExports } from "../core/generated/abi.js";
import { createRecorder, type CallTable, type Recorder } from "./recorder.js";

/** Who gets what is written down. */
export interface Taker {
  /** Bytes of calls, in order; only valid during this. `isWhole`: they end with the end of a call. */
  take(bytes: Uint8Array, isWhole: boolean): void;
  /** The core has trapped in the call that came last. Nothing follows. */
  trapped(): void;
}

export interface Tape {
  readonly calls: CallTable;
  /** A call has trapped: what the memory is by now nobody can tell. */
  readonly hasTrapped: boolean;
  add(taker: Taker): void;
  /** It gets what was gathered before. */
  remove(taker: Taker): void;
  /** Hands over what was gathered. */
  flush(): void;
}

/** A tape from the first call on: `exports` stand between the core and all its calls. */
export interface EarlyTape extends Tape {
  readonly exports: CoreExports;
  /** Now there is a core. */
  bind(core: Core): void;
}

type Functions = Record<string, unknown>;

const tapes = new WeakMap<Core, Tape>();

/** The one of a core. */
export function tapeOf(core: Core): Tape {
  const known = tapes.get(core);
  if (known !== undefined) return known;
  const tape = createEarlyTape({ ...core.exports });
  tape.bind(core);
  return tape;
}

export function createEarlyTape(raw: CoreExports): EarlyTape {
  const takers = new Set<Taker>();
  /** Whose calls go straight, or through the recorder. */
  let core: Core | null = null;
  const recorder: Recorder = createRecorder(raw, {
    sink(bytes, isWhole) {
      for (const taker of takers) taker.take(bytes, isWhole);
    },
    trapped() {
      for (const taker of [...takers]) taker.trapped();
    },
  });

  function put(functions: CoreExports): void {
    if (core !== null) Object.assign(core.exports as unknown as Functions, functions);
  }

  const tape: EarlyTape = {
    exports: recorder.exports,
    calls: recorder.calls,
    get hasTrapped() {
      return recorder.hasTrapped;
    },
    bind(made) {
      core = made;
      tapes.set(made, tape);
      put(takers.size > 0 ? recorder.exports : raw);
    },
    add(taker) {
      // What was gathered is for those who were there.
      recorder.flush();
      if (takers.size === 0) put(recorder.exports);
      takers.add(taker);
    },
    remove(taker) {
      recorder.flush();
      takers.delete(taker);
      if (takers.size === 0) put(raw);
    },
    flush: recorder.flush,
  };
  return tape;
}
