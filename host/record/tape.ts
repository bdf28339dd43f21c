// What is written down of one core, for all who want it: a file, what is kept in memory, whoever joins while it runs. Each
// gets whole calls, from between two of them on. While nobody does, calls go straight to the core.

import type { Core } from "../core/core.js";
import type { CoreExports } from "../core/generated/abi.js";
import { createRecorder, type CallTable, type Recorder } from "./recorder.js";

/** Who gets what is written down. */
export interface Taker {
  /** Whole calls, in order; only valid during this, unless they are in room that it gave. */
  take(bytes: Uint8Array): void;
  /** It keeps all: what comes next is written there, and need not be copied. null: there is none at the moment. */
  room?(leastBytes: number): Uint8Array | null;
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

/** Small enough to stay in a cache: who keeps bytes copies them from there. */
const CHUNK_BYTES = 256 * 1024;

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
  const chunk = new Uint8Array(CHUNK_BYTES);
  /** Whose calls go straight, or through the recorder. */
  let core: Core | null = null;
  const recorder: Recorder = createRecorder(raw, {
    sink(bytes) {
      for (const taker of takers) taker.take(bytes);
    },
    room(leastBytes) {
      for (const taker of takers) {
        const room = taker.room?.(leastBytes);
        if (room) return room;
      }
      return chunk;
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
      // From now on it may be whose room is written to.
      recorder.flush();
    },
    remove(taker) {
      recorder.flush();
      takers.delete(taker);
      // Its room is written to no more.
      recorder.flush();
      if (takers.size === 0) put(raw);
    },
    flush: recorder.flush,
  };
  return tape;
}
