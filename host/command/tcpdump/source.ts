// Where frames come from. A source gives them in pieces, as they come; whoever reads decides what becomes of them.

import type { Direction } from "../../link/pcapng.js";

/** A frame that was seen; its bytes stay valid. */
export interface SeenFrame {
  /** Microseconds since 1970. */
  readonly timeUs: number;
  readonly bytes: Uint8Array;
  /** On the wire: more than `bytes` where only the beginning was kept. */
  readonly length: number;
  /** null: nobody has told it. */
  readonly direction: Direction | null;
}

export interface FrameSource {
  /** "mote.pcapng", "mote0". */
  readonly name: string;
  /** It goes on until it is stopped, and somebody watches. */
  readonly isLive: boolean;
  /** In order. Ends with the source, or after close(); throws what keeps it from going on. */
  pieces(): AsyncIterable<readonly SeenFrame[]>;
  /** Frames that have passed and were not seen; null: there can be none. */
  lost(): number | null;
  /** Who has dropped them. */
  readonly lostBy: string;
  close(): void;
}
