// The call "frames": what the links of a stack give and take, as it passes. Frames wait in a queue of bounded size for
// a client that reads slowly, and what has no room there is counted; the stack never waits.

import type { StackInstance } from "../core/instance.js";
import { wholeNumber, type ArgumentKinds, type Arguments } from "./arguments.js";
import { createItems } from "./items.js";
import type { EndReason, FrameItem, Running, StreamCalls, Told } from "./protocol.js";

const MOST_SNAP = 65_549;
const MOST_INTERFACES = 255;

export const FRAMES_ARGUMENTS: ArgumentKinds = {
  snap: wholeNumber(14, MOST_SNAP),
  interface: wholeNumber(0, MOST_INTERFACES),
};

/** Of frames that wait. */
export const MOST_QUEUED_BYTES = 4 * 1024 * 1024;
/** Of an item, about: enough that a line costs little. */
const ITEM_BYTES = 128 * 1024;
/** What a frame takes beside its bytes. */
const FRAME_OVERHEAD = 128;
/** Whoever looks sees a frame at most this late. */
const LATEST_MS = 20;

interface Waiting extends Omit<FrameItem, "bytes"> {
  readonly bytes: Buffer;
}

export function openFrames(
  stack: StackInstance,
  args: Arguments,
  tell: (told: Told) => void,
): Running {
  const { snap = MOST_SNAP, interface: only } = args as StreamCalls["frames"]["args"];
  const { clock } = stack;
  const epochUs = Math.round(Date.now() * 1000 - clock.now() * 1000);
  let queue: Waiting[] = [];
  let queuedBytes = 0;
  let seen = 0;
  let dropped = 0;
  let isDue = false;
  let isOver = false;

  function see(index: number, direction: "rx" | "tx", frame: Uint8Array): void {
    if (only !== undefined && index !== only) return;
    seen++;
    const length = Math.min(frame.length, snap);
    if (queuedBytes + length + FRAME_OVERHEAD > MOST_QUEUED_BYTES) {
      dropped++;
      return;
    }
    queuedBytes += length + FRAME_OVERHEAD;
    const bytes = Buffer.from(frame.subarray(0, length));
    const timeUs = epochUs + Math.round(clock.now() * 1000);
    queue.push({ timeUs, interface: index, direction, length: frame.length, bytes });
    if (queuedBytes >= ITEM_BYTES) items.send();
    else sendSoon();
  }

  function sendSoon(): void {
    if (isDue || !items.hasRoom) return;
    isDue = true;
    stack.after(LATEST_MS, () => {
      isDue = false;
      items.send();
    });
  }

  const items = createItems(tell, (): StreamCalls["frames"]["item"] | null =>
    isOver || queue.length === 0 ? null : { frames: takeFrames(), dropped },
  );

  function takeFrames(): FrameItem[] {
    let bytes = 0;
    let count = 0;
    while (count < queue.length && bytes < ITEM_BYTES) {
      bytes += queue[count++]!.bytes.length + FRAME_OVERHEAD;
    }
    const taken = queue.slice(0, count);
    queue = queue.slice(count);
    queuedBytes -= bytes;
    return taken.map((frame) => ({ ...frame, bytes: frame.bytes.toString("base64") }));
  }

  function end(reason: EndReason): void {
    if (isOver) return;
    unwatch();
    stack.core.onEnd.delete(closed);
    // The last frames go with the end: the queue holds no more than it may.
    items.flush();
    isOver = true;
    tell({ end: { seen, dropped, reason } satisfies StreamCalls["frames"]["end"] });
  }

  const closed = (): void => end("closed");
  tell({ result: { interfaces: stack.interfaces() } satisfies StreamCalls["frames"]["first"] });
  const unwatch = stack.watchFrames(see);
  stack.core.onEnd.add(closed);
  return {
    credit: items.credit,
    cancel: () => end("cancelled"),
  };
}
