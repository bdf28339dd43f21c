// One connection's part in a test, told alike to both sides: how much of the pattern to send, when,
// and what to do at the end. The kernel's side (node:net) is played here; station.ts plays the
// stack's.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { patternAt } from "./pattern.js";

export interface Flow {
  /** Bytes of the pattern to send, then FIN. */
  readonly send: number;
  /** "peerClosed": not before the peer's FIN. */
  readonly sendAfter?: "peerClosed";
  /** "afterPeer": the FIN waits for the peer's. */
  readonly fin?: "afterPeer";
  /** Nothing is read for so long, so that the peer's window closes. */
  readonly pauseMs?: number;
  /** On the first bytes: "close" leaves them unread, "abort" resets. Only the stack's side. */
  readonly onBytes?: "close" | "abort";
}

/** What one side saw. */
export interface FlowResult {
  readonly received: number;
  /** SHA-256, in hex, of what was received. */
  readonly digest: string;
  /** "" or what ended it: ECONNRESET, ECONNREFUSED ... */
  readonly error: string;
  readonly tookMs: number;
}

/** A client of the kernel that connects to the stack. `begun`: the first bytes came. */
export function connectFlow(
  host: string,
  port: number,
  flow: Flow,
  begun?: () => void,
): Promise<FlowResult> {
  return playFlow(connect({ host, port, allowHalfOpen: true }), flow, begun);
}

export interface KernelListener {
  readonly port: number;
  /** The result of the one connection it takes. */
  readonly result: Promise<FlowResult>;
}

/** A listener of the kernel for one connection from the stack. */
export async function listenFlow(
  host: string,
  flow: Flow,
  begun?: () => void,
): Promise<KernelListener> {
  const server = createServer({ allowHalfOpen: true });
  const result = new Promise<FlowResult>((resolve) => {
    server.once("connection", (socket) => {
      server.close();
      resolve(playFlow(socket, flow, begun));
    });
  });
  server.listen(0, host);
  await once(server, "listening");
  return { port: (server.address() as { port: number }).port, result };
}

async function playFlow(socket: Socket, flow: Flow, begun?: () => void): Promise<FlowResult> {
  const startMs = performance.now();
  const hash = createHash("sha256");
  let received = 0;
  let error = "";
  const read = () => {
    socket.on("data", (chunk: Buffer) => {
      if (received === 0) begun?.();
      hash.update(chunk);
      received += chunk.length;
    });
  };
  if (flow.pauseMs === undefined) read();
  else setTimeout(read, flow.pauseMs);
  socket.on("error", (reason: NodeJS.ErrnoException) => (error = reason.code ?? reason.message));
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const ended = new Promise<void>((resolve) => socket.once("end", () => resolve()));
  if (flow.sendAfter === "peerClosed") await Promise.race([ended, closed]);
  await sendPattern(socket, flow.send, closed);
  if (flow.fin === "afterPeer") await Promise.race([ended, closed]);
  if (!socket.destroyed) socket.end();
  await closed;
  return { received, digest: hash.digest("hex"), error, tookMs: performance.now() - startMs };
}

async function sendPattern(socket: Socket, length: number, closed: Promise<void>): Promise<void> {
  for (let position = 0; position < length && !socket.destroyed;) {
    const piece = patternAt(position, length - position);
    position += piece.length;
    if (socket.write(piece)) continue;
    const drained = new Promise<void>((resolve) => socket.once("drain", () => resolve()));
    await Promise.race([drained, closed]);
  }
}
