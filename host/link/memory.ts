// Two ends of a cable inside the process. Each direction is a bounded queue of copied frames:
// what does not fit is refused, and the writer hears when there is room again.

import { ETHERNET_HEADER_BYTES, type Link } from "./link.js";

export interface MemoryLinkOptions {
  /** Frames that each direction holds at most. Default 256. */
  capacity?: number;
  /** Bytes of the largest IP packet. Default 1500. */
  mtu?: number;
}

/** Frames on their way to one end, in slots that are made on first use and then kept. */
interface Queue {
  readonly slots: Uint8Array[];
  readonly lengths: Uint32Array;
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

export const MemoryLink = { pair: createMemoryLinkPair };

function createQueue(capacity: number): Queue {
  return { slots: [], lengths: new Uint32Array(capacity), head: 0, count: 0, refused: false };
}

function put(queue: Queue, frame: Uint8Array, slotBytes: number): void {
  const at = (queue.head + queue.count) % queue.lengths.length;
  const slot = (queue.slots[at] ??= new Uint8Array(slotBytes));
  slot.set(frame);
  queue.lengths[at] = frame.length;
  queue.count++;
}

function take(queue: Queue, into: Uint8Array): number {
  if (queue.count === 0) return 0;
  const { head } = queue;
  // A frame longer than the reader's buffer is cut: the core counts it as malformed.
  const length = Math.min(queue.lengths[head]!, into.length);
  into.set(queue.slots[head]!.subarray(0, length));
  queue.head = (head + 1) % queue.lengths.length;
  queue.count--;
  return length;
}
