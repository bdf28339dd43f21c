// `mote nc -u`: each piece of stdin is a datagram, each datagram goes to stdout. Nothing ends it but -w without a
// datagram either way, or a stop: there is no FIN in UDP.

import type { Datagram, DatagramSocket } from "../../core/socket.js";
import type { BindOptions } from "../../core/stack.js";
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

/** Resolves when nothing was sent or heard for as long as -w says, or at a stop. */
export async function exchange(
  station: Station,
  options: NcOptions,
  ends: DatagramEnds,
): Promise<void> {
  const { listens, port, host, keepOpen } = options;
  const { promise: over, resolve, reject } = deferred<void>();
  const called = listens ? null : { address: await findTarget(station.stack, host!), port };
  const place = called === null ? `${host ?? station.from}:${port}` : textOf(called);
  const own = ownEnd(options);
  await station.remote?.prepareSocket(own, called).catch((error: unknown) => {
    throw explainFailure(error, place);
  });
  const socket = openSocket(station, own, called, place);
  socket.onError = (error) => reject(explainFailure(error, place));
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
        const failed = (error: unknown): void => reject(explainFailure(error, textOf(peer!)));
        sendPieces(socket, chunk, listens ? peer : null, failed, () => ends.input.resume());
      },
      onEnd: () => undefined,
    });
  }

  function hear({ address, port: from, data }: Datagram): void {
    if (peer === null) {
      peer = { address, port: from };
      ends.note(`datagrams from ${textOf(peer)}`, { event: "datagrams", from: textOf(peer) });
      attach();
    }
    if (address === peer.address && from === peer.port) output.write(data);
    else if (keepOpen) {
      peer = { address, port: from };
      output.write(data);
    }
  }

  socket.onReadable = () => {
    for (let datagram; (datagram = socket.receive()) !== null;) hear(datagram);
  };
  try {
    if (listens) await publishPort(station, options, ends.note);
    else {
      const from = `${station.from}:${socket.port}`;
      ends.note(`datagrams to ${place} from ${from}`, { event: "datagrams", to: place, from });
      attach();
    }
    await Promise.race([over, station.failed, station.stop.asked]);
  } finally {
    silence.end();
    detach();
    const { dropped } = output;
    if (dropped > 0)
      ends.note(`${dropped} datagrams dropped: stdout was full`, { event: "dropped", dropped });
    socket.close();
  }
}

/** With the peer that it speaks to alone; TTL and DSCP are the defaults of all that is opened. Throws what is wrong, in words. */
function openSocket(
  { stack, remote }: Station,
  own: BindOptions,
  peer: Peer | null,
  place: string,
) {
  try {
    const socket = stack.bind(own);
    // Elsewhere it has been told of its peer already.
    if (remote === undefined && peer !== null) socket.connect(peer);
    return socket;
  } catch (error) {
    throw explainFailure(error, place);
  }
}

function ownEnd({ listens, host, port, sourcePort }: NcOptions): BindOptions {
  if (!listens) return { port: sourcePort };
  return { port, ...(host === undefined ? {} : { address: host }) };
}

/** One after the other; `to` null: to the peer that the socket is connected to. */
function sendPieces(
  socket: DatagramSocket,
  chunk: Buffer,
  to: Peer | null,
  failed: (error: unknown) => void,
  done: () => void,
): void {
  let at = 0;
  const go = (): void => {
    try {
      for (; at < chunk.length; at += MOST_BYTES) {
        const piece = chunk.subarray(at, at + MOST_BYTES);
        if (!socket.send(piece, to?.port, to?.address)) return;
      }
    } catch (error) {
      failed(error);
      return;
    }
    socket.onWritable = null;
    done();
  };
  socket.onWritable = go;
  go();
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
  write(bytes: Uint8Array): void;
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
