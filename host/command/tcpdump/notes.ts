// A frame with everything that is known of it: what all forms of output are made of.

import type { Segment } from "../../dissect/conversations.js";
import type { Packet } from "../../dissect/packet.js";
import type { SeenFrame } from "./source.js";

export interface Note {
  /** In the source, from 1. */
  readonly number: number;
  readonly frame: SeenFrame;
  readonly packet: Packet;
  /** Of TCP: what it means where it stands. */
  readonly segment: Segment | null;
}

/** Shows notes in one form. */
export interface Form {
  add(note: Note): void;
  /** The source has ended. */
  end(): void;
}
