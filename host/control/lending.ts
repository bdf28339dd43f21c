// The calls "connect", "listen" and "take": connections of the stack for clients of its control socket. One that was
// accepted waits a while to be taken, by a call of its own, on a connection of its own.

import type { Connection } from "../core/connection.js";
import type { StackInstance } from "../core/instance.js";
import type { OptionName } from "../core/observe.js";
import {
  address,
  checkArguments,
  map,
  optionName,
  optionValue,
  wholeNumber,
  type Arguments,
} from "./arguments.js";
import { createItems } from "./items.js";
import { endpointsOf, lend } from "./lent.js";
import {
  controlError,
  type ArrivedItem,
  type EndReason,
  type Running,
  type StreamCalls,
  type Told,
} from "./protocol.js";

/** How long an accepted connection waits for whoever takes it. */
const TAKE_MS = 10_000;
/** And how many of them do. */
const MOST_WAITING = 128;

const OPTIONS = map(optionName, optionValue);

const CONNECT_ARGUMENTS = {
  host: address,
  port: wholeNumber(1, 65_535),
  localAddress: address,
  localPort: wholeNumber(0, 65_535),
  options: OPTIONS,
};
const LISTEN_ARGUMENTS = {
  port: wholeNumber(0, 65_535),
  address,
  backlog: wholeNumber(1, 65_535),
  options: OPTIONS,
};
const TAKE_ARGUMENTS = { connection: wholeNumber(1, 2 ** 31 - 1) };

type Tell = (told: Told) => void;
type Open = (args: Arguments, tell: Tell) => Running;
type Options = Partial<Record<OptionName, number>>;

export function createLending(
  stack: StackInstance,
): Readonly<Record<"connect" | "listen" | "take", Open>> {
  /** Accepted, and not taken yet. */
  const waiting = new Map<number, Connection>();
  let last = 0;

  function connect(args: Arguments, tell: Tell): Running {
    checkArguments("connect", CONNECT_ARGUMENTS, args);
    const { host, port, options = {}, ...own } = args as StreamCalls["connect"]["args"];
    if (host === undefined || port === undefined)
      throw controlError("EINVAL", "connect needs host and port");
    const connection = stack.connect({ host, port, ...own });
    setOptions(connection, options);
    tell({ result: endpointsOf(connection) });
    return lend(connection, tell);
  }

  function listen(args: Arguments, tell: Tell): Running {
    checkArguments("listen", LISTEN_ARGUMENTS, args);
    const { port, options = {}, ...rest } = args as StreamCalls["listen"]["args"];
    if (port === undefined) throw controlError("EINVAL", "listen needs a port");
    let arrived: ArrivedItem["connections"][number][] = [];
    let isOver = false;
    const listener = stack.listen({ port, ...rest }, (connection) => {
      if (!hasOptions(connection, options)) return;
      const number = keep(connection);
      if (number === 0) return;
      arrived.push({ connection: number, ...endpointsOf(connection) });
      items.send();
    });

    const items = createItems(tell, (): ArrivedItem | null => {
      if (isOver || arrived.length === 0) return null;
      const connections = arrived;
      arrived = [];
      return { connections };
    });

    function end(reason: EndReason): void {
      if (isOver) return;
      isOver = true;
      listener.close();
      // Of those that were told the client may still take some.
      for (const { connection } of arrived) drop(connection);
      tell({ end: { reason } });
    }

    listener.onAbandoned = () => end("closed");
    tell({ result: { address: listener.address, port: listener.port } });
    return {
      credit: items.credit,
      cancel: () => end("cancelled"),
    };
  }

  /** It waits; 0: too many do. */
  function keep(connection: Connection): number {
    if (waiting.size >= MOST_WAITING) {
      connection.abort();
      return 0;
    }
    const number = ++last;
    waiting.set(number, connection);
    connection.onClosed = () => waiting.delete(number);
    stack.after(TAKE_MS, () => drop(number));
    return number;
  }

  function drop(number: number): void {
    waiting.get(number)?.abort();
    waiting.delete(number);
  }

  function take(args: Arguments, tell: Tell): Running {
    checkArguments("take", TAKE_ARGUMENTS, args);
    const number = Number(args["connection"]);
    const connection = waiting.get(number);
    if (connection === undefined) {
      throw controlError("ECONNABORTED", "take: there is no such connection, or none any more");
    }
    waiting.delete(number);
    tell({ result: endpointsOf(connection) });
    return lend(connection, tell);
  }

  return { connect, listen, take };
}

/** What cannot be set is nobody's connection: it is reset. Throws why. */
function setOptions(connection: Connection, options: Options): void {
  try {
    for (const [name, value] of Object.entries(options))
      connection.setOption(name as OptionName, value);
  } catch (error) {
    connection.abort();
    throw error;
  }
}

/** The same where nobody waits for an answer. */
function hasOptions(connection: Connection, options: Options): boolean {
  try {
    setOptions(connection, options);
    return true;
  } catch {
    return false;
  }
}
