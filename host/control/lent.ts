// A connection of the stack that a client of the control socket uses as its own: the calls "connect" and "take". Bytes go
// from ring to client as fast as it takes items, and from client to ring within a window, so that neither side holds
// more of them than that.

import type { Connection } from "../core/connection.js";
import type { StackError } from "../core/errors.js";
import type { OptionName } from "../core/observe.js";
import { checkInput, flag, optionName, optionValue, text, type Arguments } from "./arguments.js";
import { createItems } from "./items.js";
import {
  controlError,
  LENT_WINDOW_BYTES,
  type Endpoints,
  type LentEnd,
  type LentEvent,
  type Running,
  type Told,
} from "./protocol.js";

/** Of an item. */
const READ_BYTES = 48 * 1024;

/** What `input` takes for it. */
const INPUTS = {
  send: { bytes: text(0, LENT_WINDOW_BYTES), urgent: flag },
  shutdown: {},
  close: {},
  abort: {},
  option: { option: optionName, value: optionValue },
};

interface Unsent {
  bytes: Uint8Array;
  readonly urgent: boolean;
}

export const endpointsOf = (connection: Connection): Endpoints => {
  const { localAddress, localPort, remoteAddress, remotePort } = connection;
  return { localAddress, localPort, remoteAddress, remotePort };
};

/** From now on it is the client's; the first answer has been told. */
export function lend(connection: Connection, tell: (told: Told) => void): Running {
  const buffer = Buffer.alloc(READ_BYTES);
  let events: LentEvent[] = [];
  let unsent: Unsent[] = [];
  let unsentBytes = 0;
  let taken = 0;
  let failure: LentEnd["error"] = null;
  /** Nothing more will come but what can still be read. */
  let isDone = false;
  let hasToldEnd = false;
  let wantsShutdown = false;
  let wantsClose = false;
  let isOver = false;

  function finish(reason: LentEnd["reason"]): void {
    if (isOver) return;
    isOver = true;
    tell({ end: { reason, error: failure } satisfies LentEnd });
  }

  const items = createItems(tell, () => {
    if (isOver) return null;
    read();
    if (taken > 0) events.push({ type: "taken", bytes: taken });
    taken = 0;
    if (events.length === 0) return null;
    const told = events;
    events = [];
    return { events: told };
  });

  /** What there is to tell, and behind all of it the end. */
  function pump(): void {
    items.send();
    if (isDone && items.hasRoom) finish("over");
  }

  function read(): void {
    if (hasToldEnd || failure !== null) return;
    const length = connection.read(buffer);
    if (length > 0) events.push({ type: "data", bytes: buffer.toString("base64", 0, length) });
    else if (length === 0) {
      hasToldEnd = true;
      events.push({ type: "end" });
    }
  }

  /** What waits goes into the ring as far as there is room, and then what was to follow it. */
  function write(): void {
    while (unsent.length > 0) {
      const first = unsent[0]!;
      const count = connection.write(first.bytes, first.urgent);
      taken += count;
      unsentBytes -= count;
      if (count < first.bytes.length) {
        first.bytes = first.bytes.subarray(count);
        return;
      }
      unsent.shift();
    }
    if (wantsShutdown) connection.shutdown();
    wantsShutdown = false;
    if (!wantsClose) return;
    connection.close();
    finish("over");
  }

  function forgetUnsent(): void {
    unsent = [];
    unsentBytes = 0;
  }

  function attempt(what: () => void): void {
    try {
      what();
    } catch (error) {
      // EPIPE and its like: the connection tells of its end by itself.
      forgetUnsent();
      failure ??= errorOf(error as StackError);
      if (connection.handle === 0 || wantsClose) finish("over");
    }
    pump();
  }

  function input(args: Arguments): void {
    if (isOver) return;
    const { action, rest } = checkInput(INPUTS, args);
    if (action === "send") take(rest as { bytes?: string; urgent?: boolean });
    else if (action === "option") setOption(rest as { option: OptionName; value: number });
    else if (action === "abort") {
      connection.abort();
      finish("over");
    } else {
      if (action === "close") wantsClose = true;
      else wantsShutdown = true;
      attempt(write);
    }
  }

  function take({ bytes = "", urgent = false }: { bytes?: string; urgent?: boolean }): void {
    const chunk = Buffer.from(bytes, "base64");
    if (unsentBytes + chunk.length > LENT_WINDOW_BYTES) throw beyondWindow();
    unsentBytes += chunk.length;
    unsent.push({ bytes: chunk, urgent });
    if (unsent.length === 1) attempt(write);
  }

  function setOption({ option, value }: { option: OptionName; value: number }): void {
    if (connection.handle !== 0) connection.setOption(option, value);
  }

  connection.onConnect = () => {
    events.push({ type: "connected", ...endpointsOf(connection) });
    attempt(write);
  };
  connection.onReadable = pump;
  connection.onWritable = () => attempt(write);
  connection.onState = ({ from, to, cause }) => {
    events.push({ type: "state", from, to, cause });
    pump();
  };
  connection.onError = (error) => {
    failure = errorOf(error);
  };
  connection.onClosed = () => {
    isDone = true;
    pump();
  };
  connection.onAbandoned = () => finish("closed");
  pump();

  return {
    credit() {
      items.credit();
      pump();
    },
    input,
    cancel() {
      forgetUnsent();
      connection.close();
      finish("cancelled");
    },
  };
}

export function beyondWindow(): Error {
  const most = `${LENT_WINDOW_BYTES} bytes may be on their way to the stack`;
  return controlError("ENOBUFS", `input send: at most ${most}; "taken" tells of room`);
}

export const errorOf = ({ code, syscall }: StackError): LentEnd["error"] => ({ code, syscall });
