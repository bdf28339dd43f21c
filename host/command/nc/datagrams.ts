// `mote nc -u`: each piece of stdin is a datagram, each datagram goes to stdout. Nothing ends it but -w without a
// datagram either way, or a stop: there is no FIN in UDP.

import type { Socket } from "node:dgram";
import { dgramOf, type DgramSocket } from "../../dgram/module.js";
import { deferred } from "../deferred.js";
import { explainFailure } from "../network/failure.js";
import type { Station } from "../network/station.js";
import { findTarget } from "../network/target.js";
import type { Input } from "./input.js";
import type { Note } from "./notes.js";
import type { NcOptions } from "./options.js";
import { publishPort } from "../network/publish.js";

/** Of stdin in one datagram, as other netcats have it. */
const MOST_BYTES = 16_384;

interface Peer {
  readonly address: string;
  readonly port: number;
}

export interface DatagramEnds {
  readonly input: Input;
  readonly stdout: NodeJS.WritableStream;
  readonly note: Note;
}

/** Resolves when nothing was sent or heard for as long as -w says. */
export async function exchange(
  station: Station,
  options: NcOptions,
  ends: DatagramEnds,
): Promise<void> {
  const { listens, port, host, keepOpen } = options;
  const { promise: over, resolve, reject } = deferred<void>();
  const called = listens ? null : { address: await findTarget(station.stack, host!), port };
  const place = called === null ? `${host ?? station.from}:${port}` : textOf(called);
  const socket: DgramSocket = dgramOf(station.stack).createSocket("udp4") as DgramSocket;
  socket.on("error", (error) => reject(explainFailure(error, place)));
  const silence = watchSilence(options.waitMs, resolve);
  const output = createOutput(ends, silence);
  let detach = (): void => undefined;
  let peer: Peer | null = called;

  /** From now on stdin goes there. */
  function attach(): void {
    detach = ends.input.attach({
      onChunk(chunk) {
        silence.heard();
        ends.input.pause();
        const failed = (error: Error): void => reject(explainFailure(error, textOf(peer!)));
        sendPieces(socket, chunk, listens ? peer : null, failed, () => ends.input.resume());
      },
      onEnd: () => undefined,
    });
  }

  socket.on("message", (bytes, { address, port: from }) => {
    if (peer === null) {
      peer = { address, port: from };
      ends.note(`datagrams from ${textOf(peer)}`, { event: "datagrams", from: textOf(peer) });
      attach();
    }
    if (address === peer.address && from === peer.port) output.write(bytes);
    else if (keepOpen) {
      peer = { address, port: from };
      output.write(bytes);
    }
  });
  try {
    await Promise.race([bind(socket, options), over]);
    if (called !== null) await Promise.race([callAt(socket, called), over]);
    if (listens) await publishPort(station, options, ends.note);
    else {
      const from = `${station.from}:${socket.address().port}`;
      ends.note(`datagrams to ${place} from ${from}`, { event: "datagrams", to: place, from });
      attach();
    }
    await Promise.race([over, station.failed]);
  } finally {
    silence.end();
    detach();
    const { dropped } = output;
    if (dropped > 0)
      ends.note(`${dropped} datagrams dropped: stdout was full`, { event: "dropped", dropped });
    socket.close();
  }
}

/** What goes wrong is an 'error' of the socket. */
async function bind(socket: DgramSocket, options: NcOptions): Promise<void> {
  const { listens, host, port, sourcePort, ttl, dscp } = options;
  const own = listens && host !== undefined ? { port, address: host } : { port };
  await new Promise<void>((done) => {
    socket.bind(listens ? own : { port: sourcePort }, done);
  });
  if (ttl !== undefined) socket.setTTL(ttl);
  if (dscp !== undefined) socket.setDSCP(dscp);
}

function callAt(socket: DgramSocket, { address, port }: Peer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.connect(port, address, ((error?: Error) => {
      if (error) reject(explainFailure(error, textOf({ address, port })));
      else resolve();
    }) as () => void);
  });
}

/** One after the other; `to` null: to the peer that the socket is connected to. */
function sendPieces(
  socket: Socket,
  chunk: Buffer,
  to: Peer | null,
  failed: (error: Error) => void,
  done: () => void,
): void {
  const piece = chunk.subarray(0, MOST_BYTES);
  const sent = (error: Error | null): void => {
    if (error) failed(error);
    else if (chunk.length > MOST_BYTES)
      sendPieces(socket, chunk.subarray(MOST_BYTES), to, failed, done);
    else done();
  };
  if (to === null) socket.send(piece, sent);
  else socket.send(piece, to.port, to.address, sent);
}

interface Silence {
  heard(): void;
  end(): void;
}

function watchSilence(waitMs: number, tooLong: () => void): Silence {
  if (waitMs === 0) return { heard: () => undefined, end: () => undefined };
  const timer = setTimeout(tooLong, waitMs);
  return { heard: () => void timer.refresh(), end: () => clearTimeout(timer) };
}

interface Output {
  readonly dropped: number;
  write(bytes: Buffer): void;
}

/** Datagrams do not wait: one for which stdout has no room is dropped. */
function createOutput({ stdout }: DatagramEnds, silence: Silence): Output {
  let isFull = false;
  let dropped = 0;
  return {
    get dropped() {
      return dropped;
    },
    write(bytes) {
      silence.heard();
      if (isFull) {
        dropped++;
        return;
      }
      isFull = !stdout.write(bytes);
      if (isFull) stdout.once("drain", () => (isFull = false));
    },
  };
}

const textOf = ({ address, port }: Peer): string => `${address}:${port}`;
