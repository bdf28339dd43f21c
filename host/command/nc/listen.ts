// `mote nc -l`: waits for a connection, and with -k for the next one when it has ended. Those that come meanwhile wait,
// unread, and only so many.

import type { Server } from "node:net";
import { netOf } from "../../net/attach.js";
import type { Socket } from "../../net/module.js";
import { messageOf } from "../exit.js";
import type { Io } from "../io.js";
import { explainFailure } from "../network/failure.js";
import type { Station } from "../network/station.js";
import { limitSegments } from "./connect.js";
import { noteStates, peerOf, type Note } from "./notes.js";
import type { NcOptions } from "./options.js";
import { publishPort } from "../network/publish.js";

/** With -k: the one that is attended to, and those that wait. */
const MOST_OPEN = 16;

export interface Attending {
  readonly io: Io;
  readonly note: Note;
  /** A connection is there. */
  watch(socket: Socket): void;
  /** Until both directions have ended. */
  converse(socket: Socket, peer: string): Promise<void>;
}

/** Ends with the first conversation; with -k never by itself. */
export async function listen(
  station: Station,
  options: NcOptions,
  { io, note, watch, converse }: Attending,
): Promise<void> {
  const { keepOpen } = options;
  const server = netOf(station.stack).createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.maxConnections = keepOpen ? MOST_OPEN : 1;
  const next = arrivals(server, watch);
  await begin(server, station, options);
  await publishPort(station, options, note);
  for (;;) {
    const socket = await Promise.race([next(), station.failed]);
    if (!keepOpen) server.close();
    const peer = peerOf(socket);
    const to = `${socket.localAddress}:${socket.localPort}`;
    note(`connection from ${peer} to ${to}`, { event: "connection", from: peer, to });
    if (options.verbose || options.json) noteStates(socket, note);
    limitSegments(socket, options);
    try {
      await converse(socket, peer);
    } catch (error) {
      if (!keepOpen) throw error;
      io.stderr.write(`mote nc: ${messageOf(error)}\n`);
    }
    if (!keepOpen) return;
  }
}

async function begin(server: Server, station: Station, options: NcOptions): Promise<void> {
  const { host, port } = options;
  const place = host === undefined ? { port } : { port, host };
  try {
    await station.remote?.prepare({ port, ...(host === undefined ? {} : { address: host }) });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(place, resolve);
    });
  } catch (error) {
    throw explainFailure(error, `${host ?? station.from}:${port}`);
  }
}

/** One socket after the other, those that came early first. */
function arrivals(server: Server, watch: (socket: Socket) => void): () => Promise<Socket> {
  const waiting: Socket[] = [];
  let wanted: ((socket: Socket) => void) | null = null;
  server.on("connection", (arrived) => {
    const socket = arrived as Socket;
    watch(socket);
    // One that is reset while it waits is found out by whoever attends to it.
    socket.on("error", () => undefined);
    if (wanted === null) waiting.push(socket);
    else wanted(socket);
    wanted = null;
  });
  return () =>
    new Promise((resolve) => {
      const first = waiting.shift();
      if (first === undefined) wanted = resolve;
      else resolve(first);
    });
}
