// A link over a stream socket, as QEMU's `-netdev stream` speaks it: each frame after its length in four bytes,
// big-endian.

import type { Socket } from "node:net";
import { copyFrame, ETHERNET_HEADER_BYTES, type Link } from "./link.js";

const LENGTH_BYTES = 4;
/** Bytes that wait for the other side at most; what comes then is refused. */
const MOST_WAITING = 1024 * 1024;
/** Frames read and not yet taken; then the socket rests. */
const MOST_READ = 256;

/** What a link over a stream carries. */
export interface StreamLinkOptions {
  /** Bytes of the largest IP packet. Default 1500. */
  mtu?: number;
  /** Told when the other side has closed, or has sent what is no frame. */
  onEnd?: (error: Error | null) => void;
}

export function createStreamLink(socket: Socket, options: StreamLinkOptions = {}): Link {
  const { mtu = 1500, onEnd } = options;
  const most = mtu + ETHERNET_HEADER_BYTES;
  const frames: Buffer[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let isRefused = false;
  let isOver = false;

  function end(error: Error | null): void {
    if (isOver) return;
    isOver = true;
    socket.destroy();
    onEnd?.(error);
  }

  /** Cuts what has come into frames. One that is too long for the link, or none at all, is dropped. */
  function cut(): void {
    while (rest.length >= LENGTH_BYTES) {
      const length = rest.readUInt32BE(0);
      if (length > 65_536)
        return end(new Error(`a frame of ${length} bytes: this is no stream of frames`));
      if (rest.length < LENGTH_BYTES + length) return;
      // What is shorter than its own header is none, and would look like the end of what waits.
      if (length >= ETHERNET_HEADER_BYTES && length <= most)
        frames.push(rest.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
      rest = rest.subarray(LENGTH_BYTES + length);
    }
  }

  const link: Link = {
    mtu,
    offload: 0,
    onReadable: null,
    onWritable: null,
    read(into) {
      const frame = frames.shift();
      if (frames.length < MOST_READ && socket.isPaused()) socket.resume();
      if (frame === undefined) return 0;
      return copyFrame(frame, into);
    },
    write(frame) {
      if (isOver || frame.length > most) return true;
      if (socket.writableLength > MOST_WAITING) {
        isRefused = true;
        return false;
      }
      const bytes = Buffer.allocUnsafe(LENGTH_BYTES + frame.length);
      bytes.writeUInt32BE(frame.length);
      bytes.set(frame, LENGTH_BYTES);
      socket.write(bytes);
      return true;
    },
    close() {
      link.onReadable = link.onWritable = null;
      end(null);
    },
  };
  socket.on("data", (bytes: Buffer) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    cut();
    if (frames.length >= MOST_READ) socket.pause();
    if (frames.length > 0) link.onReadable?.();
  });
  socket.on("drain", () => {
    if (!isRefused) return;
    isRefused = false;
    link.onWritable?.();
  });
  socket.on("error", end);
  socket.on("close", () => end(null));
  return link;
}
