// One connection between stdin and stdout, until both directions have ended. Neither side is read faster than the other
// takes it, and nothing is kept but what the streams themselves hold.

import type { Socket } from "../../net/module.js";
import { explainFailure, tooLong } from "../network/failure.js";
import type { Input } from "./input.js";
import { bytesText, type Note } from "./notes.js";
import type { NcOptions } from "./options.js";

export interface RelayEnds {
  readonly input: Input;
  readonly stdout: NodeJS.WritableStream;
  readonly note: Note;
  /** "198.18.0.1:7". */
  readonly peer: string;
}

/** From one try to the next when there was no room for urgent bytes. */
const ROOM_MS = 10;

/** Rejects with what ended it too early. */
export function relay(socket: Socket, ends: RelayEnds, options: NcOptions): Promise<void> {
  const { input, stdout, note, peer } = ends;
  const { shutdown, halfClose, heartbeat, urgent } = options;
  let failure: unknown;
  let peerEnded = false;
  const silence = watchSilence(socket, options.waitMs, peer);
  const send = urgent ? sendUrgent : sendPlain;

  const detach = input.attach({
    onChunk(chunk) {
      silence.heard();
      send(socket, chunk, input);
    },
    onEnd() {
      if (!halfClose) socket.destroySoon();
      else if (shutdown || peerEnded) socket.end();
    },
  });
  if (heartbeat !== undefined) socket.setHeartbeat(heartbeat.everyMs, heartbeat.text);
  socket.on("data", silence.heard);
  socket.pipe(stdout, { end: false });
  socket.on("end", () => {
    peerEnded = true;
    if (!halfClose) socket.destroySoon();
    else if (input.ended) socket.end();
    else {
      const then = input.isTerminal ? "; Ctrl-D closes this one" : "";
      note(`${peer} has closed its side${then}`, { event: "end", peer });
    }
  });
  socket.on("error", (error) => (failure = error));
  return new Promise((resolve, reject) => {
    socket.on("close", () => {
      silence.end();
      detach();
      const { bytesRead: received, bytesWritten: sent } = socket;
      note(`${peer}: ${bytesText(received, sent)}`, { event: "closed", peer, received, sent });
      if (failure === undefined) resolve();
      else reject(explainFailure(failure, peer));
    });
  });
}

function sendPlain(socket: Socket, chunk: Buffer, input: Input): void {
  if (socket.write(chunk)) return;
  input.pause();
  socket.once("drain", () => input.resume());
}

/** Its last byte is urgent; the rest of stdin waits until the stack has taken all of it. */
function sendUrgent(socket: Socket, chunk: Buffer, input: Input): void {
  input.pause();
  let rest = chunk;
  const push = (): void => {
    if (!socket.writable) return;
    try {
      rest = rest.subarray(socket.writeUrgent(rest));
    } catch (error) {
      socket.destroy(error as Error);
      return;
    }
    if (rest.length > 0) setTimeout(push, ROOM_MS);
    else input.resume();
  };
  push();
}

interface Silence {
  heard(): void;
  end(): void;
}

/** Ends a connection on which nothing has moved for `waitMs`. Heartbeats do not count. */
function watchSilence(socket: Socket, waitMs: number, peer: string): Silence {
  if (waitMs === 0) return { heard: () => undefined, end: () => undefined };
  const timer = setTimeout(() => socket.destroy(tooLong(peer, waitMs, "silence")), waitMs);
  return { heard: () => void timer.refresh(), end: () => clearTimeout(timer) };
}
