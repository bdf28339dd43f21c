// The control socket of a stack: takes a name in the folder of this user, greets whoever connects, and passes calls
// on to where the stack is. A socket that is there already is in use as long as it can be connected to; what refuses
// that was left by a process that died, and is removed.

import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { kernelNet } from "../kernelNet.js";
import { packageVersion } from "../version.js";
import { knock } from "./knock.js";
import { checkSocket, controlFolder, prepareFolder, socketPath } from "./place.js";
import { CONTROL_VERSION, controlError, type Greeting } from "./protocol.js";
import { endInTime, serveClient, type Ask } from "./session.js";

/** A control socket that is open. It keeps no process alive. */
export interface ControlServer {
  /** Under which `mote netstat` finds it. */
  readonly name: string;
  /** Of the socket. */
  readonly path: string;
  /** Ends all connections and removes the socket. */
  close(): Promise<void>;
}

export interface OpenControlOptions {
  /** Default: DEFAULT_NAME, or with a number from 2 on where that is taken. */
  readonly name?: string | undefined;
  readonly ask: Ask;
  /** Default: where clients look. */
  readonly folder?: string;
  readonly limits?: Partial<ControlLimits>;
}

export interface ControlLimits {
  /** Connections at the same time. */
  readonly clients: number;
  /** How long a client may leave an answer unread. */
  readonly stallMs: number;
}

export const DEFAULT_NAME = "mote";
const DEFAULT_LIMITS: ControlLimits = { clients: 16, stallMs: 10_000 };
const MOST_NAMES = 100;

/** Rejects with EADDRINUSE (a stack has this name), EPERM, ENOTDIR, ENOTSOCK, ENAMETOOLONG, EINVAL, ENOTSUP ... */
export async function openControl(options: OpenControlOptions): Promise<ControlServer> {
  const { name, folder = controlFolder() } = options;
  prepareFolder(folder);
  if (name !== undefined) return openNamed(folder, name, options);
  for (let number = 1; ; number++) {
    const next = number === 1 ? DEFAULT_NAME : `${DEFAULT_NAME}${number}`;
    try {
      return await openNamed(folder, next, options);
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (!taken || number === MOST_NAMES) throw error;
    }
  }
}

async function openNamed(
  folder: string,
  name: string,
  { ask, limits }: OpenControlOptions,
): Promise<ControlServer> {
  const path = socketPath(folder, name);
  const { clients, stallMs } = { ...DEFAULT_LIMITS, ...limits };
  const version = packageVersion();
  const greeting: Greeting = { motetcp: CONTROL_VERSION, name, pid: process.pid, version };
  const sockets = new Set<Socket>();
  let served = 0;
  const server = kernelNet.createServer({ allowHalfOpen: true }, (socket) => {
    socket.unref();
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    if (served >= clients) {
      turnAway(socket, greeting, stallMs);
      return;
    }
    served++;
    socket.once("close", () => served--);
    serveClient(socket, { greeting, ask, stallMs });
  });
  // Beyond those that are told that there is no room, connections are closed without a word.
  server.maxConnections = 2 * clients;
  await takePath(server, path, name);
  // An accept that fails is made good by the client's next try.
  server.on("error", () => undefined);
  server.unref();
  const { ino } = lstatSync(path);
  /** At the end of a process nothing is closed by itself, and what stays behind would be in the way. */
  const remove = (): void => {
    if (lstatSync(path, { throwIfNoEntry: false })?.ino === ino) unlinkSync(path);
  };
  process.once("exit", remove);
  return {
    name,
    path,
    close() {
      process.off("exit", remove);
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function turnAway(socket: Socket, greeting: Greeting, withinMs: number): void {
  const message = "there are as many clients already as this stack takes at a time";
  const refusal = { id: null, error: { code: "EBUSY", message } };
  socket.on("error", () => socket.destroy());
  endInTime(socket, withinMs, `${JSON.stringify(greeting)}\n${JSON.stringify(refusal)}\n`);
}

async function takePath(server: Server, path: string, name: string): Promise<void> {
  if (!(await isFree(path)) || !(await listenAt(server, path))) {
    throw controlError("EADDRINUSE", `a stack with the name ${name} is running: it has ${path}`);
  }
}

/** Nothing is there, or nothing any more. */
async function isFree(path: string): Promise<boolean> {
  const before = checkSocket(path);
  if (before === null) return true;
  const found = await knock(path);
  if (found === "alive") return false;
  // Another process may have had the same thought in the meantime, and listen there by now.
  const now = checkSocket(path);
  if (now === null) return true;
  if (now.ino !== before.ino || now.ctimeMs !== before.ctimeMs) return false;
  unlinkSync(path);
  return true;
}

/** False: somebody was faster. */
function listenAt(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else
        reject(controlError(error.code ?? "EIO", `the control socket ${path}: ${error.message}`));
    });
    server.listen({ path }, () => {
      chmodSync(path, 0o600);
      resolve(true);
    });
  });
}
