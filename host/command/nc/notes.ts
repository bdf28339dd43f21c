// What `mote nc -v` says on stderr; without -v nothing. And what a listener says of its place.

import type { Io } from "../io.js";
import type { Socket } from "../../net/module.js";

export type Note = (line: string) => void;

export function createNotes(io: Io, verbose: boolean): Note {
  return verbose ? (line) => io.stderr.write(`${line}\n`) : () => undefined;
}

/** Each change of state from now on, with its cause. */
export function noteStates(socket: Socket, note: Note): void {
  socket.on("stateChange", ({ from, to, cause }) => {
    note(`${from} -> ${to}${cause === null ? "" : ` (${cause})`}`);
  });
}

/** "198.18.0.1:7". */
export const peerOf = ({ remoteAddress, remotePort }: Socket): string =>
  `${remoteAddress}:${remotePort}`;

export const bytesText = (received: number, sent: number): string =>
  `${received} bytes received, ${sent} bytes sent`;
