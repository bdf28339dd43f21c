// Who looks at the frames of a stack: nobody, as a rule, and then no frame takes longer for it.

import type { SeeFrame } from "./interface.js";

/** Adds one who looks; the result ends that. */
export type WatchFrames = (see: SeeFrame) => () => void;

/** `apply`: shows frames to this one from now on, or to nobody. */
export function createFrameWatch(apply: (see: SeeFrame | null) => void): WatchFrames {
  const watchers = new Set<SeeFrame>();
  const toAll: SeeFrame = (index, direction, frame) => {
    for (const see of watchers) see(index, direction, frame);
  };
  return (see) => {
    watchers.add(see);
    apply(toAll);
    return () => {
      watchers.delete(see);
      if (watchers.size === 0) apply(null);
    };
  };
}
