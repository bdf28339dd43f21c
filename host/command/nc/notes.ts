// What `mote nc` says on stderr with -v, for people, or with --json, for programs; without both nothing.

import type { Io } from "../io.js";
import type { Socket } from "../../net/module.js";

/** The same for people and for programs. */
export type Note = (line: string, event: Event) => void;

interface Event {
  readonly event: string;
  readonly [fact: string]: unknown;
}

export function createNotes(io: Io, verbose: boolean, json: boolean): Note {
  if (json) return (_line, event) => io.stderr.write(`${JSON.stringify(event)}\n`);
  return verbose ? (line) => io.stderr.write(`${line}\n`) : () => undefined;
}

/** Each change of state from now on, with its cause. */
export function noteStates(socket: Socket, note: Note): void {
  socket.on("stateChange", ({ from, to, cause }) => {
    const event = { event: "state", from, to, cause };
    note(`${from} -> ${to}${cause === null ? "" : ` (${cause})`}`, event);
  });
}

/** "198.18.0.1:7". */
export const peerOf = ({ remoteAddress, remotePort }: Socket): string =>
  `${remoteAddress}:${remotePort}`;

export const bytesText = (received: number, sent: number): string =>
  `${received} bytes received, ${sent} bytes sent`;
