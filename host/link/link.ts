// What a stack is attached to: something that carries Ethernet frames both ways.
// A link never keeps a reference to a frame it was given: the bytes are sent or copied before
// write() returns, because they may lie in the memory of a core.

/** A frame carrier. Directions are the stack's: read() is into it, write() out of it. */
export interface Link {
  /** Reads one frame straight into `into`; its length, or 0 when none waits. */
  read(into: Uint8Array): number;
  /** Sends one frame. false: no room now, the frame was not taken; onWritable follows. */
  write(frame: Uint8Array): boolean;
  /** Called when frames may wait. Setting it asks for the call; null: nobody listens. */
  onReadable: (() => void) | null;
  /** Called when write() may succeed again after it returned false. */
  onWritable: (() => void) | null;
  /** Bytes of the largest IP packet the link carries. */
  readonly mtu: number;
  /** Offload features, a set of bits; 0: none. */
  readonly offload: number;
  /** true: many peers share one address behind this link, so limits per source make no sense. */
  readonly sharedSource?: boolean;
  /** Gives back what it holds. What is written later is lost, nothing can be read. */
  close(): void;
}

/** Bytes of an Ethernet header: a frame is at most mtu + ETHERNET_HEADER_BYTES long. */
export const ETHERNET_HEADER_BYTES = 14;

/** Copies a frame to a reader's memory; its length there. One that is too long is cut: the core counts it as malformed. */
export function copyFrame(frame: Uint8Array, into: Uint8Array): number {
  const length = Math.min(frame.length, into.length);
  into.set(length === frame.length ? frame : frame.subarray(0, length));
  return length;
}
