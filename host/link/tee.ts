// Shows every frame of a link to a capture writer. The link behaves as before.

import type { Clock } from "./clock.js";
import type { Link } from "./link.js";
import type { CaptureWriter, Direction } from "./pcapng.js";
import { wrapLink } from "./wrap.js";

export interface TeeOptions {
  /** Stamps the frames. Default: the time of day. */
  clock?: Clock;
}

const FLUSH_US = 1_000_000;

/** The link, with every frame it carries written to `writer`; closed together with it. */
export function tee(link: Link, writer: CaptureWriter, options: TeeOptions = {}): Link {
  const { clock } = options;
  const nowUs = clock
    ? () => clock.now() * 1000
    : () => (performance.timeOrigin + performance.now()) * 1000;
  let closed = false;
  let flushedUs = 0;

  function record(bytes: Uint8Array, direction: Direction): void {
    if (closed) return;
    const atUs = nowUs();
    writer.frame(bytes, direction, atUs);
    // Whoever watches the file sees frames at most this late, as long as frames come.
    if (atUs - flushedUs < FLUSH_US) return;
    flushedUs = atUs;
    writer.flush();
  }

  const close = () => {
    if (closed) return;
    closed = true;
    process.off("exit", close);
    writer.close();
  };
  // What was gathered reaches the file even when nobody closes the link.
  process.on("exit", close);

  return wrapLink(link, {
    read(into) {
      const length = link.read(into);
      if (length > 0) record(into.subarray(0, length), "rx");
      return length;
    },
    write(frame) {
      if (!link.write(frame)) return false;
      record(frame, "tx");
      return true;
    },
    close() {
      close();
      link.close();
    },
  });
}
