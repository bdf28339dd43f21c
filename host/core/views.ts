// Views of what begins at one place in memory, each made once: making one costs more than copying the frame that it shows.

/** Views of fewer bytes are kept. All of them have a place from the beginning: an array that grows by a leap is a dictionary to V8. */
const KEPT_LENGTHS = 2048;

/** Gives the view of so many bytes behind `at`; of long ones only the last is kept. */
export function viewsAt(memory: Uint8Array, at: number): (length: number) => Uint8Array {
  const kept = new Array<Uint8Array | undefined>(KEPT_LENGTHS).fill(undefined);
  let last = memory.subarray(at, at);
  return (length) => {
    if (length < KEPT_LENGTHS) return (kept[length] ??= memory.subarray(at, at + length));
    if (last.length !== length) last = memory.subarray(at, at + length);
    return last;
  };
}
