// Shows every frame of a link to a capture writer. The link behaves as before.

import { machine } from "../core/machine.js";
import { realClock, type Clock } from "./clock.js";
import type { Link } from "./link.js";
import type { CaptureWriter, Direction } from "./pcapng.js";
import { wrapLink } from "./wrap.js";

export interface TeeOptions {
  /** Stamps the frames. Default: the time of day. */
  clock?: Clock;
  /** Timers of the loop that the link is served by. Default: the clock's. */
  after?: (delayMs: number, callback: () => void) => void;
}

/** Whoever watches the file sees a frame at most this late. */
const FLUSH_MS = 1_000;

/** The link, with every frame it carries written to `writer`; closed together with it. */
export function tee(link: Link, writer: CaptureWriter, options: TeeOptions = {}): Link {
  const { clock } = options;
  const nowUs = clock
    ? () => clock.now() * 1000
    : () => (performance.timeOrigin + performance.now()) * 1000;
  const after = options.after ?? ((ms, callback) => void (clock ?? realClock).after(ms, callback));
  let closed = false;
  let flushIsDue = false;

  function flushLater(): void {
    if (flushIsDue) return;
    flushIsDue = true;
    after(FLUSH_MS, () => {
      flushIsDue = false;
      if (!closed) writer.flush();
    });
  }

  function record(bytes: Uint8Array, direction: Direction): void {
    if (closed) return;
    writer.frame(bytes, direction, nowUs());
    flushLater();
  }

  const close = () => {
    if (closed) return;
    closed = true;
    forget();
    writer.close();
  };
  // What was gathered reaches the file even when nobody closes the link.
  const forget = machine().onExit(close);

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
