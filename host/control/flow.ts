// Items of a call that goes on, between the socket that brings them and whoever takes them: while more wait than there
// should, the socket is not read, so that whoever gives them hears of it.

import type { Socket } from "node:net";

const MOST_WAITING = 4;

export interface Flow {
  add(item: unknown): void;
  finish(end: unknown): void;
  fail(error: Error): void;
  items(): AsyncGenerator<unknown, void, undefined>;
  /** null: it goes on. */
  readonly end: unknown;
}

export function createFlow(socket: Pick<Socket, "pause" | "resume">): Flow {
  const waiting: unknown[] = [];
  let wake: (() => void) | null = null;
  let end: unknown = null;
  let failure: Error | null = null;

  function changed(): void {
    wake?.();
    wake = null;
  }

  return {
    add(item) {
      waiting.push(item);
      if (waiting.length >= MOST_WAITING) socket.pause();
      changed();
    },
    finish(value) {
      end = value;
      changed();
    },
    fail(error) {
      failure = error;
      changed();
    },
    async *items() {
      for (;;) {
        for (let item; (item = waiting.shift()) !== undefined;) {
          if (waiting.length < MOST_WAITING) socket.resume();
          yield item;
        }
        if (end !== null) return;
        if (failure !== null) throw failure;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    get end() {
      return end;
    },
  };
}
