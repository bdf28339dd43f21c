// What system calls share: how they get at their arguments and sockets, and how the core's errors
// become errnos.

import { ErrnoName, State } from "../../core/generated/abi.js";
import { readError, readState } from "../../core/records.js";
import { numberOf } from "../constants.js";
import { mistake } from "../errors.js";
import type { CallEvent, Expression } from "../script.js";
import type { Attempt, Outcome, Run, Socket } from "../state.js";

/** What a call does; it may be tried again until it no longer would block. */
export type SystemCall = (run: Run, event: CallEvent) => Attempt;

export function argument(event: CallEvent, index: number, what: string): Expression {
  const found = event.args[index];
  if (found) return found;
  throw mistake(`expected ${what} as argument ${index + 1} of ${event.name}, found )`, event.place);
}

export function numberArgument(event: CallEvent, index: number, what: string): number {
  return numberOf(argument(event, index, what), what);
}

/** The socket of the first argument, or the outcome for a number that is none. */
export function socketOf(run: Run, event: CallEvent): Socket | undefined {
  return run.sockets.get(numberArgument(event, 0, "a socket"));
}

export const succeed = (value: number, alternatives: readonly number[] = []): Outcome => ({
  value,
  alternatives,
});

export const fail = (errno: string): Outcome => ({ value: -1, errno });

/** -Errno of the core. */
export const failCore = (result: number): Outcome => fail(ErrnoName[-result] ?? "EIO");

/** A call on a socket, once: it never waits. */
export function once(act: (run: Run, socket: Socket, event: CallEvent) => Outcome): SystemCall {
  return waiting(act);
}

/** A call on a socket that waits for as long as it gives undefined. */
export function waiting(
  act: (run: Run, socket: Socket, event: CallEvent) => Outcome | undefined,
): SystemCall {
  return (run, event) => {
    const socket = socketOf(run, event);
    return () => (socket ? act(run, socket, event) : fail("EBADF"));
  };
}

/** The error that ended the socket's connection, told once as POSIX has it. */
export function takeError(run: Run, socket: Socket): string | undefined {
  const { core } = run.wire;
  if (socket.handle === 0 || socket.errorTold) return undefined;
  if (readState(core, socket.handle) !== State.CLOSED) return undefined;
  const number = readError(core, socket.handle);
  if (number <= 0) return undefined;
  socket.errorTold = true;
  return ErrnoName[number] ?? "EIO";
}

/** The state of the socket's connection; CLOSED where there is none. */
export function stateOf(run: Run, socket: Socket): number {
  const state = readState(run.wire.core, socket.handle);
  return socket.handle === 0 || state < 0 ? State.CLOSED : state;
}
