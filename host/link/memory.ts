// Two ends of a cable inside the process. Each direction is a bounded queue of copied frames:
// what does not fit is refused, and the writer hears when there is room again.

import { copyFrame, ETHERNET_HEADER_BYTES, type Link } from "./link.js";

/** What a cable holds and carries. */
export interface MemoryLinkOptions {
  /** Frames that each direction holds at most. Default 256. */
  capacity?: number;
  /** Bytes of the largest IP packet. Default 1500. */
  mtu?: number;
}

/** Frames on their way to one end, in slots that are made on first use and then kept. */
interface Queue {
  readonly capacity: number;
  readonly slots: Uint8Array[];
  /** What each slot holds. Frames of one length follow each other: a view is made anew only for another. */
  readonly frames: Uint8Array[];
  head: number;
  count: number;
  /** The writer was refused: it is told when half of the queue is free again. */
  refused: boolean;
}

interface End extends Link {
  closed: boolean;
}

/** A cable: what one end writes, the other reads. */
export function createMemoryLinkPair(options: MemoryLinkOptions = {}): [Link, Link] {
  const { capacity = 256, mtu = 1500 } = options;
  const slotBytes = mtu + ETHERNET_HEADER_BYTES;
  const [toA, toB] = [createQueue(capacity), createQueue(capacity)];

  function createEnd(incoming: Queue, outgoing: Queue, peer: () => End): End {
    return {
      mtu,
      offload: 0,
      onReadable: null,
      onWritable: null,
      closed: false,
      read(into) {
        const length = take(incoming, into);
        if (incoming.refused && incoming.count <= capacity >> 1) {
          incoming.refused = false;
          peer().onWritable?.();
        }
        return length;
      },
      write(frame) {
        // A cable without a listener, or a frame it cannot carry, loses what is sent into it.
        if (this.closed || peer().closed || frame.length > slotBytes) return true;
        if (outgoing.count === capacity) {
          outgoing.refused = true;
          return false;
        }
        put(outgoing, frame, slotBytes);
        if (outgoing.count === 1) peer().onReadable?.();
        return true;
      },
      close() {
        this.closed = true;
        this.onReadable = this.onWritable = null;
        incoming.count = 0;
        if (incoming.refused) peer().onWritable?.();
        incoming.refused = false;
      },
    };
  }

  const a: End = createEnd(toA, toB, () => b);
  const b: End = createEnd(toB, toA, () => a);
  return [a, b];
}

/** Cables inside the process. */
export const MemoryLink = {
  /** A cable: what one end writes, the other reads. */
  pair: createMemoryLinkPair,
};

function createQueue(capacity: number): Queue {
  return { capacity, slots: [], frames: [], head: 0, count: 0, refused: false };
}

function put(queue: Queue, frame: Uint8Array, slotBytes: number): void {
  const at = (queue.head + queue.count) % queue.capacity;
  const slot = (queue.slots[at] ??= new Uint8Array(slotBytes));
  const { length } = frame;
  if (queue.frames[at]?.length !== length) queue.frames[at] = slot.subarray(0, length);
  slot.set(frame);
  queue.count++;
}

function take(queue: Queue, into: Uint8Array): number {
  if (queue.count === 0) return 0;
  const frame = queue.frames[queue.head]!;
  queue.head = (queue.head + 1) % queue.capacity;
  queue.count--;
  return copyFrame(frame, into);
}
