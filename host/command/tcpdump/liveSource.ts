// Frames of a network interface of this host, as they pass.

import { setImmediate as nextTurn } from "node:timers/promises";
import { openPacketSocket } from "../../link/packetSocket.js";
import { withHint } from "../remedy.js";
import type { FrameSource, SeenFrame } from "./source.js";

/** Frames between two looks at signals. */
const PIECE_FRAMES = 256;

export async function openLiveSource(name: string): Promise<FrameSource> {
  const socket = await openPacketSocket(name).catch((error: unknown) => {
    throw withHint(error);
  });
  let closed = false;
  let lost = 0;

  function waiting(): SeenFrame[] {
    const frames: SeenFrame[] = [];
    while (frames.length < PIECE_FRAMES) {
      const frame = socket.read();
      if (frame === null) break;
      frames.push(frame);
    }
    return frames;
  }

  return {
    name,
    isLive: true,
    async *pieces() {
      for (;;) {
        if (closed) return;
        const frames = waiting();
        if (frames.length > 0) yield frames;
        await (frames.length < PIECE_FRAMES ? socket.wait() : nextTurn());
      }
    },
    lostBy: "the kernel",
    lost: () => (closed ? lost : (lost = socket.dropped())),
    close() {
      if (closed) return;
      lost = socket.dropped();
      closed = true;
      socket.close();
    },
  };
}
