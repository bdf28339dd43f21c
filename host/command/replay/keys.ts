// A replay step by step: it waits behind what it has shown until a key says how it goes on.

import type { ReadStream } from "node:tty";
import { cutLine, roomOf } from "../columns.js";
import { UsageError } from "../exit.js";
import type { Io } from "../io.js";

export interface Stepper {
  /** Behind something to see; false: enough. */
  mayGoOn(what: Shown): Promise<boolean>;
  /** Gives the terminal back. */
  end(): void;
}

export interface Shown {
  /** Number of its call. */
  readonly index: number;
  /** A connection has another state by now. */
  readonly hasChanged: boolean;
  /** Shows all control blocks. */
  blocks(): void;
}

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const CTRL_Z = "\u001a";

type Until = "moment" | "state" | "end";
const NEXT: Readonly<Record<string, Until>> = {
  ...{ "\r": "moment", "\n": "moment", " ": "moment", n: "moment" },
  ...{ s: "state", c: "end" },
};
const ERASE = "\r\u001b[K";
const HELP = "Enter: next, s: next state, b: control blocks, c: go on, q: end";

/** Throws a UsageError: nobody is there to press keys. */
export function checkTerminal({ stdin, stdout }: Io): void {
  if ((stdin as ReadStream).isTTY !== true || stdout.isTTY !== true)
    throw new UsageError("--keys waits for keys of a terminal; without one: --step");
}

/** `stopped` resolves when a signal asks for the end. */
export function createStepper(io: Io, stopped: Promise<unknown>): Stepper {
  const stdin = io.stdin as ReadStream;
  /** How far it goes by itself. */
  let until: Until = "moment";
  const typed: string[] = [];
  let wanted: ((key: string) => void) | null = null;

  const hear = (bytes: Buffer): void => {
    typed.push(...bytes.toString("latin1"));
    give();
  };
  const leave = (): void => hear(Buffer.from(CTRL_D));

  function give(): void {
    if (wanted === null || typed.length === 0) return;
    const take = wanted;
    wanted = null;
    take(typed.shift()!);
  }

  function key(): Promise<string> {
    return new Promise((resolve) => {
      wanted = resolve;
      give();
    });
  }

  /** Behind the signal it goes on: later, or at once where there is no shell to come back from. */
  function suspend(): void {
    stdin.setRawMode(false);
    process.kill(process.pid, "SIGTSTP");
    stdin.setRawMode(true);
  }

  stdin.setRawMode(true);
  stdin.on("data", hear).on("end", leave);
  void stopped.then(leave);
  return {
    async mayGoOn({ index, hasChanged, blocks }) {
      // As it goes on, this is the one key that counts.
      if (typed.includes(CTRL_C)) return false;
      if (until === "end" || (until === "state" && !hasChanged)) return true;
      for (;;) {
        const prompt = cutLine(`Call ${index}. ${HELP}`, roomOf(io.stdout) - 1);
        io.stdout.write(io.paint("dim", prompt));
        const pressed = await key();
        io.stdout.write(ERASE);
        if (pressed === "q" || pressed === CTRL_C || pressed === CTRL_D) return false;
        if (pressed === "b") blocks();
        if (pressed === CTRL_Z) suspend();
        const next = NEXT[pressed];
        if (next === undefined) continue;
        until = next;
        return true;
      }
    },
    end() {
      stdin.off("data", hear).off("end", leave);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
