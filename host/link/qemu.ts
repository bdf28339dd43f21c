// Links to QEMU's network cards: the far end of `-netdev stream`, over a Unix socket or TCP, whichever side
// listens. A link ends with its stream; to open it again is the caller's.

import type { Server, Socket } from "node:net";
import { kernelNet } from "../kernelNet.js";
import type { Link } from "./link.js";
import { createStreamLink, type StreamLinkOptions } from "./stream.js";

export type QemuLinkOptions = StreamLinkOptions;

/** Waits for machines. */
export interface QemuListener {
  /** Where it listens: a path, or HOST:PORT with the port that was got. */
  readonly where: string;
  /** Machines that come find nobody any more; links that are there live on. */
  close(): void;
}

type Place = { path: string } | { host: string; port: number };

/** Connects to a machine with `-netdev stream,server=on`: at a path, or at HOST:PORT. */
export function openQemuLink(where: string, options: QemuLinkOptions = {}): Promise<Link> {
  const place = placeOf(where);
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => reject(placeError("connect", where, cause));
    const socket = kernelNet.connect(place, () => {
      socket.off("error", fail);
      resolve(linkOf(socket, options));
    });
    socket.once("error", fail);
  });
}

/** Listens for machines with `-netdev stream,server=off`; `onLink` gets a link for each that comes. */
export function listenQemuLink(
  where: string,
  onLink: (link: Link) => void,
  options: QemuLinkOptions = {},
): Promise<QemuListener> {
  const place = placeOf(where);
  const server = kernelNet.createServer((socket) => onLink(linkOf(socket, options)));
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => reject(placeError("listen", where, cause));
    server.once("error", fail);
    server.listen(place, () => {
      server.off("error", fail);
      resolve({ where: whereOf(server, where), close: () => void server.close() });
    });
  });
}

function linkOf(socket: Socket, options: QemuLinkOptions): Link {
  // Frames are small and somebody waits for each. A Unix socket has no such option, and does not mind.
  socket.setNoDelay(true);
  return createStreamLink(socket, options);
}

/** HOST:PORT; anything else is a path, and so is whatever has a slash. */
function placeOf(where: string): Place {
  const [, host = "", digits = ""] = /^([^/:]+):(\d{1,5})$/.exec(where) ?? [];
  if (host === "") {
    if (where !== "") return { path: where };
    throw Object.assign(new Error("a path or HOST:PORT is needed"), { code: "EINVAL" });
  }
  const port = Number(digits);
  if (port <= 65_535) return { host, port };
  throw Object.assign(new Error(`${where}: a port is at most 65535`), { code: "EINVAL" });
}

function whereOf(server: Server, asked: string): string {
  const address = server.address();
  if (address === null || typeof address === "string") return asked;
  return `${address.address}:${address.port}`;
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: "there is no such socket; is QEMU running, with -netdev stream,server=on?",
  ECONNREFUSED: "nobody listens there; is QEMU running, with -netdev stream,server=on?",
  EADDRINUSE: "it is in use; if it is a socket that somebody left behind, remove it",
};

function placeError(call: string, where: string, cause: NodeJS.ErrnoException): Error {
  const { code = "EIO" } = cause;
  const text = `cannot ${call} for QEMU at ${where}: ${ADVICE[code] ?? cause.message} (${code})`;
  return Object.assign(new Error(text, { cause }), { code, syscall: call });
}
