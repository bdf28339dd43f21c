// One interface of a stack: moves frames between a link and the core. A received frame is read
// straight into the core's buffer, a built one is sent straight from it.

import { ETHERNET_HEADER_BYTES, type Link } from "../link/link.js";
import type { Core } from "./core.js";
import type { SavedInterface } from "./saved.js";

/** Bounds of one turn, so that a flood leaves the application its share. */
const FRAMES_PER_TURN = 64;
const BYTES_PER_TURN = 256 * 1024;
const SENT_FRAMES_PER_TURN = 512;

export interface StackInterface {
  readonly index: number;
  readonly link: Link;
  /** true: the link refused a frame; onWritable will clear it. */
  isBlocked(): boolean;
  /** Immediate replies that the link had no room for. Their peers ask again. */
  repliesLost(): number;
  /** Reads a bounded batch; true: more may wait. */
  receive(): boolean;
  /** Sends what the core has for this interface; true: more waits. */
  transmit(): boolean;
  /** Shows each frame that the link gives and takes from now on; null: to nobody, which costs nothing. */
  watch(see: SeeFrame | null): void;
  saved(): Pick<SavedInterface, "repliesLost" | "refused">;
}

/** Sees a frame, which is only valid during the call: rx is into the stack. */
export type SeeFrame = (index: number, direction: "rx" | "tx", frame: Uint8Array) => void;

export function createInterface(
  core: Core,
  index: number,
  link: Link,
  wake: () => void,
  saved?: Pick<SavedInterface, "repliesLost" | "refused">,
) {
  const { exports, rx } = core;
  // The frame that the link refused: the core has handed it over and will not build it again.
  const held = new Uint8Array(core.frameBytes);
  let heldLength = 0;
  let port: Port = link;
  let repliesLost = saved?.repliesLost ?? 0;
  if (saved?.refused) {
    held.set(saved.refused);
    heldLength = saved.refused.length;
  }

  function receive(): boolean {
    let bytes = 0;
    for (let frames = 0; frames < FRAMES_PER_TURN && bytes < BYTES_PER_TURN; frames++) {
      const length = port.read(rx);
      if (length === 0) return false;
      bytes += length;
      const reply = exports.receive(index, length);
      if (reply > 0 && !port.write(core.tx(reply))) repliesLost++;
    }
    return true;
  }

  function transmit(): boolean {
    if (heldLength > 0) {
      if (!port.write(held.subarray(0, heldLength))) return false;
      heldLength = 0;
    }
    for (let frames = 0; frames < SENT_FRAMES_PER_TURN; frames++) {
      const length = exports.transmit(index);
      if (length === 0) return false;
      const frame = core.tx(length);
      if (port.write(frame)) continue;
      held.set(frame);
      heldLength = length;
      return false;
    }
    return true;
  }

  link.onReadable = wake;
  link.onWritable = wake;
  return {
    index,
    link,
    isBlocked: () => heldLength > 0,
    repliesLost: () => repliesLost,
    receive,
    transmit,
    watch(see) {
      port = see === null ? link : seenThrough(link, index, see);
    },
    saved: () => ({
      repliesLost,
      refused: heldLength === 0 ? null : held.slice(0, heldLength),
    }),
  } satisfies StackInterface;
}

/** What moves frames: the link, or whoever looks at those that it carries. */
type Port = Pick<Link, "read" | "write">;

function seenThrough(link: Link, index: number, see: SeeFrame): Port {
  return {
    read(into) {
      const length = link.read(into);
      if (length > 0) see(index, "rx", into.subarray(0, length));
      return length;
    },
    write(frame) {
      const isTaken = link.write(frame);
      if (isTaken) see(index, "tx", frame);
      return isTaken;
    },
  };
}

/** The MTU to configure: the link's, or less where the profile's frames are shorter. */
export function usableMtu(core: Core, link: Link, asked?: number): number {
  return Math.min(asked ?? link.mtu, link.mtu, core.frameBytes - ETHERNET_HEADER_BYTES);
}
