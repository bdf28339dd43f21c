// One client of a control socket, seen from the server: takes a line, answers it, takes the next. While an answer has
// not left no further line is read, so that a client that asks and never reads holds one answer in memory and no
// more; after a while of that it is let go.

import type { Socket } from "node:net";
import { createLines, TOO_LONG } from "./lines.js";
import {
  MOST_REQUEST_BYTES,
  type Answer,
  type ControlRequest,
  type Greeting,
  type Outcome,
} from "./protocol.js";

/** Passes a call to where the stack is; `reply` follows, at once or later. */
export type Ask = (request: ControlRequest, reply: (outcome: Outcome) => void) => void;

export interface SessionOptions {
  readonly greeting: Greeting;
  readonly ask: Ask;
  /** How long a client may leave an answer unread. */
  readonly stallMs: number;
}

export function serveClient(socket: Socket, { greeting, ask, stallMs }: SessionOptions): void {
  const lines = createLines(MOST_REQUEST_BYTES);
  let waiting = false;
  let blocked = false;
  /** The client has said all. */
  let ended = false;
  /** Nothing follows from here. */
  let over = false;
  let pumping = false;
  let stall: NodeJS.Timeout | undefined;

  function send(value: Greeting | Answer): void {
    blocked = !socket.write(`${JSON.stringify(value)}\n`);
    if (blocked) stall = setTimeout(() => socket.destroy(), stallMs).unref();
  }

  /** What the client still says is thrown away: closed over it, the socket would reset what it has been told. */
  function finish(): void {
    over = true;
    clearTimeout(stall);
    endInTime(socket, stallMs);
  }

  function refuse(code: string, message: string, id: Answer["id"] = null): void {
    send({ id, error: { code, message } });
  }

  function take(line: string): void {
    const request = readRequest(line);
    if ("problem" in request) {
      refuse(request.code, request.problem, request.id);
      return;
    }
    waiting = true;
    let replied = false;
    ask(request, (outcome) => {
      if (replied || socket.destroyed) return;
      replied = true;
      waiting = false;
      send({ id: request.id, ...outcome });
      pump();
    });
  }

  /** For another line. */
  const isReady = (): boolean => !waiting && !blocked && !over;

  function pump(): void {
    // An answer that comes at once comes from inside of this loop, which goes on by itself.
    if (pumping) return;
    pumping = true;
    while (isReady()) {
      const line = lines.take();
      if (line === TOO_LONG) {
        refuse("EMSGSIZE", `a request has at most ${MOST_REQUEST_BYTES} bytes`);
        finish();
      } else if (line !== null) take(line);
      else if (ended) finish();
      else break;
    }
    pumping = false;
    if (isReady() || over) socket.resume();
    else socket.pause();
  }

  socket.on("data", (bytes) => {
    if (over) return;
    lines.push(bytes);
    pump();
  });
  socket.on("drain", () => {
    blocked = false;
    clearTimeout(stall);
    stall = undefined;
    pump();
  });
  // A client that has said all it has to say still gets its answers.
  socket.on("end", () => {
    ended = true;
    pump();
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    over = true;
    clearTimeout(stall);
  });
  send(greeting);
}

/** Says that nothing follows, and waits a while for the other side to say so, too. */
export function endInTime(socket: Socket, withinMs: number, last = ""): void {
  const timer = setTimeout(() => socket.destroy(), withinMs).unref();
  socket.once("close", () => clearTimeout(timer));
  socket.resume();
  if (last !== "") socket.write(last);
  socket.end();
}

type Problem = {
  readonly problem: string;
  readonly code: string;
  readonly id: Answer["id"];
};

function readRequest(line: string): ControlRequest | Problem {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: "a request is one line of JSON", code: "EPROTO", id: null };
  }
  const { id = null, call } = (value ?? {}) as { id?: unknown; call?: unknown };
  if (typeof id !== "number" && typeof id !== "string") {
    const form = 'a request is an object with an id and a call: {"id":1,"call":"connections"}';
    return { problem: form, code: "EINVAL", id: null };
  }
  if (typeof call === "string") return { id, call };
  return { problem: "a request has a call: its name", code: "EINVAL", id };
}
