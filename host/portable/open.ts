// From a name and a port to an open connection: addresses of the name are tried one after the other.

import type { Connection } from "../core/connection.js";
import { isAddress } from "../core/address.js";
import { checkPort, Errno, stackError } from "../core/errors.js";
import type { OnLookup } from "../core/names.js";
import type { ConnectOptions } from "../core/stack.js";
import { configure } from "./configure.js";
import type { StackStreamSocket } from "./socket.js";
import type { StreamConnectOptions } from "./types.js";

/** What it takes of the stack. */
export interface Opener {
  connect(options: ConnectOptions): Connection;
  resolve(name: string, done: OnLookup): () => void;
}

/** Opens the socket, or fails it. Never throws. */
export function open(
  opener: Opener,
  options: StreamConnectOptions,
  socket: StackStreamSocket,
): void {
  const { hostname } = options;
  try {
    checkTarget(options);
    const found: OnLookup = (error, addresses) => {
      if (error === null) tryEach(opener, addresses, options, socket);
      else socket.fail(error);
    };
    if (isAddress(hostname)) found(null, [hostname]);
    else socket.onOver(opener.resolve(hostname, found));
  } catch (error) {
    socket.fail(error);
  }
}

function checkTarget({ hostname, port }: StreamConnectOptions): void {
  const place = { syscall: "connect", address: hostname, port };
  checkPort(port, place);
  if (port === 0) throw stackError(Errno.EINVAL, place);
  // No name has a colon in it: that is an address of the other family.
  if (String(hostname).includes(":")) throw stackError(Errno.EAFNOSUPPORT, place);
}

/** The last one's error is that of the socket. */
function tryEach(
  opener: Opener,
  [host = "", ...others]: string[],
  options: StreamConnectOptions,
  socket: StackStreamSocket,
): void {
  const onFailed = (error: unknown): void => {
    if (others.length > 0) tryEach(opener, others, options, socket);
    else socket.fail(error);
  };
  const { port, localAddress, localPort } = options;
  let connection: Connection | null = null;
  try {
    connection = opener.connect({ host, port, localAddress, localPort });
    configure(connection, options);
  } catch (error) {
    connection?.abort();
    onFailed(error);
    return;
  }
  socket.attempt(connection, onFailed);
}
