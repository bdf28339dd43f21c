// A UDP socket of the stack that a client of the control socket uses as its own: the call "bind". Datagrams that came wait in the
// stack's ring until the client takes items, and what the client sends waits here within a window: neither side holds
// more of them than that.

import type { Datagram } from "../core/socket.js";
import type { StackError } from "../core/errors.js";
import type { StackInstance } from "../core/instance.js";
import type { OptionName } from "../core/observe.js";
import {
  address,
  checkArguments,
  checkInput,
  flag,
  map,
  optionName,
  optionValue,
  text,
  wholeNumber,
  type Arguments,
} from "./arguments.js";
import { createItems } from "./items.js";
import { beyondWindow, errorOf } from "./lent.js";
import {
  controlError,
  DATAGRAM_COST_BYTES,
  LENT_WINDOW_BYTES,
  MOST_DATAGRAM_BYTES,
  type DatagramItem,
  type LentEnd,
  type Running,
  type StreamCalls,
  type Told,
} from "./protocol.js";

/** Of an item, about. */
const READ_BYTES = 48 * 1024;

const BIND_ARGUMENTS = {
  port: wholeNumber(0, 65_535),
  address,
  remoteAddress: address,
  remotePort: wholeNumber(1, 65_535),
  options: map(optionName, optionValue),
};

/** What `input` takes for it. */
const INPUTS = {
  send: {
    bytes: text(0, MOST_DATAGRAM_BYTES * 2),
    more: flag,
    address,
    port: wholeNumber(1, 65_535),
  },
  close: {},
};

interface Unsent {
  readonly bytes: Uint8Array;
  readonly port?: number;
  readonly address?: string;
}

type SendArguments = Omit<Unsent, "bytes"> & { readonly bytes?: string; readonly more?: boolean };

const costOf = (bytes: Uint8Array): number => bytes.length + DATAGRAM_COST_BYTES;

export function openSocket(
  stack: StackInstance,
  args: Arguments,
  tell: (told: Told) => void,
): Running {
  checkArguments("bind", BIND_ARGUMENTS, args);
  const socket = bind(stack, args as StreamCalls["bind"]["args"]);
  /** Of a datagram whose last piece has not come. */
  let pieces: Buffer[] = [];
  let pieceBytes = 0;
  const unsent: Unsent[] = [];
  let unsentBytes = 0;
  let taken = 0;
  let wantsClose = false;
  let isOver = false;

  function finish(reason: LentEnd["reason"], error: LentEnd["error"] = null): void {
    if (isOver) return;
    isOver = true;
    socket.close();
    tell({ end: { reason, error } satisfies LentEnd });
  }

  const items = createItems(tell, () => {
    if (isOver) return null;
    const datagrams = receive();
    if (datagrams.length === 0 && taken === 0) return null;
    const item = { datagrams, taken };
    taken = 0;
    return item;
  });

  function receive(): DatagramItem[] {
    const datagrams: DatagramItem[] = [];
    let bytes = 0;
    for (let one: Datagram | null; bytes < READ_BYTES && (one = socket.receive()) !== null;) {
      const { address: from, port, hops, toMany, data } = one;
      datagrams.push({
        ...{ address: from, port, hops, toMany },
        bytes: Buffer.from(data).toString("base64"),
      });
      bytes += costOf(data);
    }
    return datagrams;
  }

  /** What waits leaves as far as the ring has room. */
  function write(): void {
    for (let first; (first = unsent[0]) !== undefined;) {
      if (!socket.send(first.bytes, first.port, first.address)) return;
      unsent.shift();
      unsentBytes -= costOf(first.bytes);
      taken += costOf(first.bytes);
    }
    if (wantsClose && socket.drain()) finish("over");
  }

  function attempt(what: () => void): void {
    if (isOver) return;
    try {
      what();
      items.send();
    } catch (error) {
      finish("over", errorOf(error as StackError));
    }
  }

  function input(given: Arguments): void {
    if (isOver) return;
    const { action, rest } = checkInput(INPUTS, given);
    if (action === "send") gather(rest as SendArguments);
    else {
      wantsClose = true;
      attempt(write);
    }
  }

  /** A datagram may be longer than a line: its pieces come one behind the other. */
  function gather({ bytes = "", more = false, ...to }: SendArguments): void {
    const piece = Buffer.from(bytes, "base64");
    if (pieceBytes + piece.length > MOST_DATAGRAM_BYTES) {
      pieces = [];
      pieceBytes = 0;
      const most = `a datagram has at most ${MOST_DATAGRAM_BYTES} bytes`;
      throw controlError("EMSGSIZE", `input send: ${most}`);
    }
    if (unsentBytes + pieceBytes + costOf(piece) > LENT_WINDOW_BYTES) throw beyondWindow();
    pieces.push(piece);
    pieceBytes += piece.length;
    if (more) return;
    const whole = Buffer.concat(pieces);
    pieces = [];
    pieceBytes = 0;
    unsent.push({ bytes: whole, ...to });
    unsentBytes += costOf(whole);
    if (unsent.length === 1) attempt(write);
  }

  socket.onReadable = () => attempt(() => undefined);
  socket.onWritable = () => attempt(write);
  socket.onError = (error) => finish("over", errorOf(error));
  socket.onAbandoned = () => finish("closed");
  tell({ result: { address: socket.address, port: socket.port } });
  return {
    credit: items.credit,
    input,
    cancel: () => finish("cancelled"),
  };
}

/** Throws as Stack.bind(); nothing is left of it then. */
function bind(stack: StackInstance, args: StreamCalls["bind"]["args"]) {
  const { remoteAddress, remotePort, options = {}, ...own } = args;
  if ((remoteAddress === undefined) !== (remotePort === undefined))
    throw controlError("EINVAL", "bind: remoteAddress and remotePort go together");
  const socket = stack.bind(own);
  try {
    for (const [name, value] of Object.entries(options))
      socket.setOption(name as OptionName, value);
    if (remoteAddress !== undefined) socket.connect({ address: remoteAddress, port: remotePort! });
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}
