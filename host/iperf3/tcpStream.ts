// A stream over TCP. The sender writes one block again and again, as far as the send ring has room, and goes on when it
// has again; the receiver throws away without copying.

import type { Connection } from "../core/connection.js";
import { createPacer } from "./pacer.js";
import { idOf, numberOf, type Stream, type StreamPart } from "./stream.js";

/** At once, of what has come: more is there than the ring holds. */
const MOST_DISCARDED = 1024 * 1024;

export function createTcpStream(connection: Connection, part: StreamPart): Stream {
  const { stack, settings, index, sends, budget } = part;
  const block = new Uint8Array(sends ? settings.length : 0).fill(0x6d);
  const pacer = createPacer(settings.bitrate);
  let bytes = 0;
  /** Since it began, for the pace. */
  let sent = 0;
  let phase: "waiting" | "running" | "hushed" | "stopped" = "waiting";
  let cancelTimer: (() => void) | null = null;

  function fill(): void {
    cancelTimer?.();
    cancelTimer = null;
    while (isDue()) {
      const wanted = budget.left < block.length ? block.subarray(0, budget.left) : block;
      const taken = connection.write(wanted);
      sent += taken;
      bytes += taken;
      budget.left -= taken;
      if (taken > 0) part.moved(stream);
      if (taken < wanted.length) return;
    }
  }

  /** Whether a block is to be sent now. */
  function isDue(): boolean {
    if (phase !== "running" || budget.left <= 0 || connection.handle === 0) return false;
    const waitMs = pacer.waitMs(stack.clock.now(), sent);
    if (waitMs > 0) cancelTimer = stack.after(Math.max(1, waitMs), fill);
    return waitMs === 0;
  }

  function drop(): void {
    if (phase === "waiting") return;
    let taken;
    while ((taken = connection.discard(MOST_DISCARDED)) > 0) {
      if (phase === "stopped" || sends) continue;
      bytes += taken;
      part.moved(stream);
    }
    if (taken === 0 && phase !== "stopped") part.ended(null);
  }

  const stream: Stream = {
    id: idOf(index),
    number: numberOf(index),
    sends,
    local: { address: connection.localAddress, port: connection.localPort },
    remote: { address: connection.remoteAddress, port: connection.remotePort },
    get bytes() {
      return bytes;
    },
    packets: 0,
    arrivals: null,
    begin() {
      phase = "running";
      pacer.begin(stack.clock.now());
      if (sends) fill();
      drop();
    },
    hush() {
      cancelTimer?.();
      if (phase !== "running") return;
      phase = "hushed";
      // The last piece waits for no acknowledgment.
      if (sends && connection.handle !== 0) connection.setOption("NO_DELAY", 1);
    },
    isDrained: () => (connection.info()?.sendQueue ?? 0) === 0,
    stop() {
      stream.hush();
      phase = "stopped";
    },
    endSending() {
      stream.hush();
      if (sends) connection.shutdown();
    },
    forget() {
      bytes = 0;
    },
    close() {
      stream.stop();
      connection.close();
    },
    info: () => connection.info(),
  };
  connection.onWritable = sends ? fill : null;
  connection.onReadable = drop;
  connection.onError = (error) => part.ended(error);
  return stream;
}
