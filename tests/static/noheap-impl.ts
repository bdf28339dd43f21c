// Allocators that cannot be compiled. asc reaches for them wherever code needs a heap: `new`, a
// string, an array literal. Compiling the core against them proves that it needs none. What does
// not allocate (reference counting hooks of managed types) may be there, and does nothing.

// @ts-ignore: decorator
@global @unsafe
export function __alloc(size: usize): usize {
  ERROR("the core must not allocate: __alloc");
  return size;
}

// @ts-ignore: decorator
@global @unsafe
export function __realloc(pointer: usize, size: usize): usize {
  ERROR("the core must not allocate: __realloc");
  return pointer + size;
}

// @ts-ignore: decorator
@global @unsafe
export function __free(pointer: usize): void {
  ERROR("the core must not free: __free");
}

// @ts-ignore: decorator
@global @unsafe
export function __new(size: usize, id: u32): usize {
  ERROR("the core must not create objects: __new");
  return size + id;
}

// @ts-ignore: decorator
@global @unsafe
export function __renew(pointer: usize, size: usize): usize {
  ERROR("the core must not resize objects: __renew");
  return pointer + size;
}

// @ts-ignore: decorator
@global @unsafe
export function __link(parent: usize, child: usize, multiple: bool): void {}

// @ts-ignore: decorator
@global @unsafe
export function __pin(pointer: usize): usize {
  return pointer;
}

// @ts-ignore: decorator
@global @unsafe
export function __unpin(pointer: usize): void {}

// @ts-ignore: decorator
@global @unsafe
function __visit(pointer: usize, cookie: u32): void {}

// @ts-ignore: decorator
@global @unsafe
export function __collect(): void {}
