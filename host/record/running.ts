// A recording of a core that runs: begins with its memory as it is, and goes on in one file after another where that was
// asked for. Each file stands for itself.

import { existsSync, rmSync } from "node:fs";
import type { Core } from "../core/core.js";
import { machine } from "../core/machine.js";
import { createFile, type RecordingFile } from "./file.js";
import { endOf, pagesOf, startOf } from "./origin.js";
import { tapeOf, type Taker } from "./tape.js";

export interface RunningOptions {
  readonly path: string;
  readonly overwrite: boolean;
  /** null: all of it is one file. */
  readonly rotate: Rotation | null;
}

/** Files are PATH.1, PATH.2 and so on. */
export interface Rotation {
  /** Of calls, before the next file begins: its memory comes on top of that. */
  readonly bytes: number;
  /** As many as stay: the oldest goes when another one begins. */
  readonly keep: number;
}

/** A recording of a stack that runs. */
export interface StackRecording {
  /** Of the file that is written. */
  readonly path: string;
  /** ms since 1970. */
  readonly startedAtMs: number;
  /** Of calls, written so far, in all files. */
  readonly bytes: number;
  /** Why it ended by itself; null: it did not. */
  readonly error: Error | null;
  /** It has ended, by stop(), with the stack, or by an error. */
  readonly isOver: boolean;
  /** Ends it, with what the memory is. */
  stop(): void;
  /** Told once, when it has ended, by itself or not. */
  readonly ended: Set<() => void>;
}

/** Throws what the file system says, EEXIST in words; EBADF: the core has trapped. */
export function startRunning(core: Core, options: RunningOptions): StackRecording {
  const { path, overwrite, rotate } = options;
  const tape = tapeOf(core);
  if (tape.hasTrapped) throw trappedError();
  const names: string[] = [];
  let count = 0;
  let file = begin();
  let inFile = 0;
  let bytes = 0;
  const startedAtMs = Date.now();
  const ended = new Set<() => void>();
  let isOver = false;
  let failure: Error | null = null;

  function isTaken(name: string): boolean {
    return !overwrite && existsSync(name);
  }

  function nextName(): string {
    if (rotate === null) return path;
    count++;
    // What another run has left there stays.
    while (isTaken(`${path}.${count}`)) count++;
    return `${path}.${count}`;
  }

  function begin(): RecordingFile {
    const next = createFile(nextName(), overwrite);
    next.write(startOf(core, tape.calls, "all", { pages: Buffer.concat(pagesOf(core, "all")) }));
    names.push(next.path);
    return next;
  }

  function write(part: Uint8Array, isWhole: boolean): void {
    file.write(part);
    inFile += part.length;
    bytes += part.length;
    // All that is written has happened, and nothing else has: here the memory is that of the next file.
    if (rotate !== null && isWhole && inFile >= rotate.bytes) turnOver(rotate);
  }

  function turnOver({ keep }: Rotation): void {
    file.write(endOf(core, "all"));
    file.close();
    file = begin();
    inFile = 0;
    while (names.length > keep) rmSync(names.shift()!, { force: true });
  }

  const taker: Taker = {
    take(part, isWhole) {
      if (isOver) return;
      try {
        write(part, isWhole);
      } catch (error) {
        // A disk that is full must not end what is recorded.
        failure = error as Error;
        end();
      }
    },
    trapped: () => end(),
  };

  /** Forgets what it holds. */
  function end(): void {
    if (isOver) return;
    isOver = true;
    core.onEnd.delete(stop);
    forget();
    tape.remove(taker);
    file.close();
    for (const tell of ended) tell();
  }

  function stop(): void {
    if (isOver) return;
    tape.flush();
    try {
      if (!isOver) file.write(endOf(core, "all"));
    } catch (error) {
      failure = error as Error;
    }
    end();
  }

  tape.add(taker);
  core.onEnd.add(stop);
  // A process that just ends leaves a recording without its end, and all that was gathered.
  const forget = machine().onExit(tape.flush);
  return {
    get path() {
      return file.path;
    },
    startedAtMs,
    get bytes() {
      return bytes;
    },
    get error() {
      return failure;
    },
    get isOver() {
      return isOver;
    },
    stop,
    ended,
  };
}

export function trappedError(): Error {
  const text = "recording EBADF: the core of this stack has trapped, and does nothing any more";
  return Object.assign(new Error(text), { code: "EBADF", syscall: "record" });
}
