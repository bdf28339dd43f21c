// The canonical ABI of the component model, as far as the library needs it: where arguments that are lists are put, where
// results are laid out, and what a result looks like. Nothing outlives a call: arguments and results lie in an arena that
// is empty again when the next call begins.

/** Where results are laid out: more than the longest record. */
const ANSWER = memory.data(128, 8);
/** Copies go by 8 bytes, so that many may be touched behind what is asked for. */
const SLACK: usize = 8;
const PAGE_BITS: u64 = 16;

let top: usize = __heap_base;

/** Bytes of the arena; they are whoever's turn it is until the call has returned. */
export function allocate(bytes: usize, align: usize = 8): usize {
  const at = (top + align - 1) & ~(align - 1);
  const end = <u64>at + <u64>bytes + SLACK;
  const room = (<u64>memory.size()) << PAGE_BITS;
  // A list that is longer than this memory can get has no place to be refused at.
  if (end > room && memory.grow(<i32>((end - room + 0xffff) >> PAGE_BITS)) < 0) unreachable();
  top = at + bytes;
  return at;
}

/** Called by whoever calls an export, for each list among its arguments. */
export function realloc(old: usize, oldBytes: usize, align: usize, bytes: usize): usize {
  const at = allocate(bytes, align);
  if (old != 0) memory.copy(at, old, min(oldBytes, bytes));
  return at;
}

/** Gives all of the arena back. */
export function empty(): void {
  top = __heap_base;
}

/** The result is complete: it is read before anything is allocated again. */
export function answer(): usize {
  empty();
  return ANSWER;
}

/** Where field `at` of the result lies. */
export function field(at: usize): usize {
  return ANSWER + at;
}

/** result<_, error-code>, from what the core says: negative is -Errno. */
export function outcome(result: i32): usize {
  return result < 0 ? failure(result, 1) : success();
}

/** result<_, error-code> that is good. */
export function success(): usize {
  store<u8>(ANSWER, 0);
  return answer();
}

/** The error of a result whose other case begins at byte `at`. */
export function failure(result: i32, at: usize = 4): usize {
  store<u8>(ANSWER, 1);
  store<u8>(ANSWER + at, <u8>(-result - 1));
  return answer();
}

/** result<u32, error-code>. */
export function numberOr(result: i32): usize {
  if (result < 0) return failure(result);
  store<u8>(ANSWER, 0);
  store<u32>(ANSWER + 4, result);
  return answer();
}

/** result<option<list<u8>>, error-code>, of bytes. */
export function someBytes(at: usize, length: u32): usize {
  store<u8>(ANSWER, 0);
  store<u8>(ANSWER + 4, 1);
  list(ANSWER + 8, at, length);
  return answer();
}

/** result<option<...>, error-code>: none. */
export function nothing(): usize {
  store<u8>(ANSWER, 0);
  store<u8>(ANSWER + 4, 0);
  return answer();
}

/** A list, where a result has one. */
export function list(where: usize, at: usize, length: u32): void {
  store<usize>(where, at);
  store<u32>(where, length, 4);
}
