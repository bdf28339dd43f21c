// A link over a WebSocket, whichever end of it: each binary message is one Ethernet frame. Works with the
// browser's WebSocket, Node 22's, and both ends of the npm package ws. Uses nothing of Node.

import { realClock, type Clock } from "./clock.js";
import { ETHERNET_HEADER_BYTES, type Link } from "./link.js";

export type WebSocketEvent = "open" | "message" | "error" | "close";

/** What the link uses of a WebSocket. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  /** Bytes given to send() that have not left yet. */
  readonly bufferedAmount: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(): void;
  // oxlint-disable-next-line no-explicit-any -- events of each implementation have types of their own
  addEventListener(type: WebSocketEvent, listener: (event: any) => void): void;
}

export interface WebSocketLinkOptions {
  /** Bytes of the largest IP packet. Default 1500. */
  mtu?: number;
  /** Bytes that wait for the other side at most; what comes then is refused. Default 1 MiB. */
  mostBuffered?: number;
  /** Frames that have come and are not yet read at most; what comes then is dropped. Default 1024. */
  mostRead?: number;
  /** Looks whether there is room again, which no WebSocket tells. Default: the machine's. */
  clock?: Clock;
  /** Told once when the WebSocket is closed by the other side, or fails. */
  onEnd?: (error: Error | null) => void;
}

export interface WebSocketLink extends Link {
  /** Messages that are no frame of this link (text, too short, too long), or found no room. */
  readonly framesDropped: number;
  /** The WebSocket has been closed, by whichever side. */
  readonly closed: boolean;
}

export interface OpenWebSocketOptions extends WebSocketLinkOptions {
  /** The constructor. Default: globalThis.WebSocket. */
  WebSocket?: WebSocketConstructor;
  /** Subprotocols that are offered. Default: none. */
  protocols?: string | string[];
}

/** The second argument is undefined without subprotocols. */
export type WebSocketConstructor = new (
  url: string,
  protocols?: string | string[],
) => WebSocketLike;

const CONNECTING = 0;
const OPEN = 1;
const MOST_BUFFERED = 1024 * 1024;
const MOST_READ = 1024;
/** How often a link that is full looks for room. */
const LOOK_MS = 4;

/** Makes a link of a WebSocket that is open or opening. Closing the link closes it. */
export function createWebSocketLink(
  socket: WebSocketLike,
  options: WebSocketLinkOptions = {},
): WebSocketLink {
  const { mtu = 1500, mostBuffered = MOST_BUFFERED, mostRead = MOST_READ } = options;
  const { clock = realClock, onEnd } = options;
  const most = mtu + ETHERNET_HEADER_BYTES;
  const frames: Uint8Array[] = [];
  let framesDropped = 0;
  let isOver = false;
  let cancelLook: (() => void) | null = null;

  function end(error: Error | null): void {
    if (isOver) return;
    isOver = true;
    cancelLook?.();
    onEnd?.(error);
  }

  function hasRoom(): boolean {
    return socket.readyState !== CONNECTING && socket.bufferedAmount <= mostBuffered;
  }

  /** While it is full: no WebSocket says when it is no longer. */
  function lookLater(): void {
    cancelLook ??= clock.after(LOOK_MS, () => {
      cancelLook = null;
      if (isOver) return;
      if (hasRoom()) link.onWritable?.();
      else lookLater();
    });
  }

  const link: WebSocketLink = {
    mtu,
    offload: 0,
    onReadable: null,
    onWritable: null,
    get framesDropped() {
      return framesDropped;
    },
    get closed() {
      return isOver;
    },
    read(into) {
      const frame = frames.shift();
      if (frame === undefined) return 0;
      const length = Math.min(frame.length, into.length);
      into.set(length === frame.length ? frame : frame.subarray(0, length));
      return length;
    },
    write(frame) {
      if (isOver || frame.length > most) return true;
      if (!hasRoom()) {
        lookLater();
        return false;
      }
      // A copy: an implementation may keep what it is given until it has left. One that is closing takes nothing.
      if (socket.readyState === OPEN) socket.send(Uint8Array.from(frame));
      return true;
    },
    close() {
      link.onReadable = link.onWritable = null;
      frames.length = 0;
      if (isOver) return;
      isOver = true;
      cancelLook?.();
      socket.close();
    },
  };

  function take(data: unknown): void {
    if (isOver) return;
    const bytes = bytesOf(data);
    const isFrame = bytes && bytes.length >= ETHERNET_HEADER_BYTES && bytes.length <= most;
    if (!isFrame || frames.length >= mostRead) {
      framesDropped++;
      return;
    }
    frames.push(bytes);
    if (frames.length === 1) link.onReadable?.();
  }

  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", (event: { data: unknown }) => take(event.data));
  socket.addEventListener("open", () => {
    if (!isOver) link.onWritable?.();
  });
  socket.addEventListener("error", (event: object) => end(errorOf(event)));
  socket.addEventListener("close", () => end(null));
  return link;
}

/** Opens a WebSocket to a server that speaks frames. Rejects when it does not open. */
export function openWebSocketLink(
  url: string | URL,
  options: OpenWebSocketOptions = {},
): Promise<WebSocketLink> {
  const { WebSocket = globalConstructor(), protocols, onEnd, ...rest } = options;
  return new Promise((resolve, reject) => {
    if (WebSocket === undefined) throw noConstructor();
    const socket = new WebSocket(String(url), protocols);
    let isOpen = false;
    const link = createWebSocketLink(socket, {
      ...rest,
      onEnd(error) {
        if (isOpen) onEnd?.(error);
        else reject(notOpened(String(url), error));
      },
    });
    socket.addEventListener("open", () => {
      isOpen = true;
      resolve(link);
    });
  });
}

function bytesOf(data: unknown): Uint8Array | null {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (!ArrayBuffer.isView(data)) return null;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Browsers say nothing of what went wrong; ws and Node 22 do. */
function errorOf(event: { error?: unknown; message?: unknown }): Error {
  if (event.error instanceof Error) return event.error;
  const text = typeof event.message === "string" && event.message !== "" ? event.message : "";
  return new Error(text || "the WebSocket failed");
}

function globalConstructor(): WebSocketConstructor | undefined {
  return (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
}

function noConstructor(): Error {
  const text =
    "there is no WebSocket here: Node has one from version 22 on; else pass a constructor, " +
    "as in openWebSocketLink(url, { WebSocket }) with that of the package ws";
  return Object.assign(new Error(text), { code: "ENOTSUP" });
}

function notOpened(url: string, cause: Error | null): Error {
  const why = cause === null ? "it was closed before it opened" : cause.message;
  const code = (cause as { code?: string } | null)?.code ?? "ECONNABORTED";
  return Object.assign(new Error(`no WebSocket to ${url}: ${why} (${code})`, { cause }), { code });
}
