// One client of a control socket, seen from the server: takes a line, answers it, takes the next. While an answer has
// not left no further line is read, so that a client that asks and never reads holds one answer in memory and no
// more; after a while of that it is let go. A call that gives many answers goes on beside the others, with no more items than
// the client reads; there is one at a time, and its client may take as long as it likes.

import type { Socket } from "node:net";
import { createLines, TOO_LONG } from "./lines.js";
import {
  controlError,
  errorOf,
  isStreamName,
  MOST_REQUEST_BYTES,
  type Answer,
  type ControlRequest,
  type Greeting,
  type Running,
  type Told,
} from "./protocol.js";

/** Passes a call to where the stack is; `reply` follows, at once or later, and again where the call gives many answers. */
export type Ask = (request: ControlRequest, reply: (told: Told) => void) => Running | void;

/** A call under way. */
interface Call {
  readonly id: ControlRequest["id"];
  running: Running | null;
  /** Of items that have not left. */
  owed: number;
  hasReplied: boolean;
  isOver: boolean;
}

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
  /** What goes on behind its first answer; null: nothing. */
  let stream: Call | null = null;

  function send(value: Greeting | Answer): void {
    blocked = !socket.write(`${JSON.stringify(value)}\n`);
    watchStall();
  }

  /** A client that leaves an answer unread is let go; what goes on may be left for as long as one likes. */
  function watchStall(): void {
    clearTimeout(stall);
    if (!blocked || stream !== null) return;
    stall = setTimeout(() => socket.destroy(), stallMs).unref();
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
    if (request.call === "cancel") {
      cancel(request);
      return;
    }
    if (request.call === "input") {
      input(request);
      return;
    }
    const isStream = isStreamName(request.call);
    if (isStream && stream !== null) {
      refuse("EBUSY", `${request.call}: another call goes on; cancel it first`, request.id);
      return;
    }
    waiting = true;
    const { id } = request;
    const call: Call = { id, running: null, owed: 0, hasReplied: false, isOver: false };
    if (isStream) stream = call;
    call.running = ask(request, (told) => hear(call, told)) ?? null;
  }

  function hear(call: Call, told: Told): void {
    if (call.isOver || socket.destroyed) return;
    if (!call.hasReplied) {
      call.hasReplied = true;
      waiting = false;
    }
    if ("end" in told || "error" in told) finishCall(call);
    send({ id: call.id, ...told });
    if ("item" in told) {
      if (blocked) call.owed++;
      else call.running?.credit();
    }
    pump();
  }

  function finishCall(call: Call): void {
    call.isOver = true;
    if (stream === call) stream = null;
  }

  function cancel({ id, args }: ControlRequest): void {
    const { id: wanted } = args;
    if (stream === null || stream.id !== wanted) {
      refuse("EINVAL", 'cancel takes the id of a call that goes on: {"id":1}', id);
      return;
    }
    send({ id, result: {} });
    stream.running?.cancel();
  }

  /** Answered only where it is refused: it may come thousands of times. */
  function input({ id, args: { id: wanted, ...args } }: ControlRequest): void {
    try {
      if (stream === null || stream.id !== wanted)
        throw controlError("EINVAL", 'input takes the id of a call that goes on: {"id":1}');
      if (stream.running?.input === undefined)
        throw controlError("EINVAL", "input: the call that goes on takes none");
      stream.running.input(args);
    } catch (error) {
      const { code, message } = errorOf(error);
      refuse(code, message, id);
    }
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
      else if (ended && stream === null) finish();
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
    for (let owed = takeOwed(); owed > 0; owed--) stream?.running?.credit();
    pump();
  });
  function takeOwed(): number {
    if (stream === null) return 0;
    const { owed } = stream;
    stream.owed = 0;
    return owed;
  }

  // A client that has said all it has to say still gets its answers; what goes on ends then: it may have gone, and
  // nothing else would tell.
  socket.on("end", () => {
    ended = true;
    stream?.running?.cancel();
    pump();
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    over = true;
    clearTimeout(stall);
    const call = stream;
    stream = null;
    call?.running?.cancel();
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
  const { id = null, call, args = {} } = (value ?? {}) as Record<string, unknown>;
  if (typeof id !== "number" && typeof id !== "string") {
    const form = 'a request is an object with an id and a call: {"id":1,"call":"connections"}';
    return { problem: form, code: "EINVAL", id: null };
  }
  if (typeof call !== "string")
    return { problem: "a request has a call: its name", code: "EINVAL", id };
  if (typeof args === "object" && args !== null && !Array.isArray(args))
    return { id, call, args: args as Record<string, unknown> };
  return { problem: "args are an object, by their names", code: "EINVAL", id };
}
