// Bytes from one array to another.

/** Fewer are copied sooner than a view of them is made. */
const FEW_BYTES = 32;

/** `length` bytes from `from[start]` on, to `into[at]` on. */
export function copyBytes(
  into: Uint8Array,
  at: number,
  from: Uint8Array,
  start: number,
  length: number,
): void {
  if (length > FEW_BYTES) into.set(from.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) into[at + i] = from[start + i]!;
}
