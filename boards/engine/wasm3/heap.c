/* First fit. In front of the bytes of a block stand four with its size, a multiple of 8, and whether it is used; free
 * neighbours become one when somebody looks for room. What is never freed, which is almost everything here, costs
 * four bytes and no gaps. */

#include "heap.h"
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define HIDE(at, bytes) __asan_poison_memory_region(at, bytes)
#define SHOW(at, bytes) __asan_unpoison_memory_region(at, bytes)
#else
#define HIDE(at, bytes) ((void)(at), (void)(bytes))
#define SHOW(at, bytes) ((void)(at), (void)(bytes))
#endif

#ifndef MOTE_WASM3_HEAP
#error "MOTE_WASM3_HEAP: bytes for the interpreter (docs/boards.md)"
#endif

#define HEAD 4u
#define UNIT 8u
#define USED 1u
#define HEAP ((MOTE_WASM3_HEAP) / UNIT * UNIT)

/** Heads lie four bytes before a multiple of 8. */
static _Alignas(8) uint8_t area[UNIT + HEAP];
#define HEADS (area + HEAD)

/** Behind the last block; and the figures. */
static uint32_t end, used, most;

static uint32_t head_of(uint32_t at) {
  uint32_t head;
  memcpy(&head, HEADS + at, HEAD);
  return head;
}

static void put_head(uint32_t at, uint32_t head) {
  SHOW(HEADS + at, HEAD);
  memcpy(HEADS + at, &head, HEAD);
}

static uint32_t size_of(uint32_t at) { return head_of(at) & ~USED; }
static uint8_t *bytes_of(uint32_t at) { return HEADS + at + HEAD; }
static uint32_t block_of(const void *given) { return (uint32_t)((const uint8_t *)given - HEADS) - HEAD; }

/** What a block for so many bytes takes; 0: more than the whole area has. */
static uint32_t size_for(size_t bytes) {
  if (bytes > HEAP - HEAD) return 0;
  return ((uint32_t)bytes + HEAD + UNIT - 1) / UNIT * UNIT;
}

/** The free room from here to the next used block; the last one has all that is left. */
static uint32_t free_room(uint32_t at) {
  uint32_t next = at;
  while (next < end && (head_of(next) & USED) == 0) next += size_of(next);
  return next == end ? HEAP - at : next - at;
}

/** Takes the first bytes of free room, and leaves the rest of it as one free block. */
static void take(uint32_t at, uint32_t room, uint32_t size) {
  uint32_t behind = at + size;
  if (at + room == HEAP) {
    end = behind;
    if (end > most) most = end;
  } else if (room > size) {
    put_head(behind, room - size);
  }
  put_head(at, size | USED);
}

void mote_heap_empty(void) {
  end = used = 0;
  HIDE(area, sizeof area);
}

void *mote_heap_allocate(size_t bytes) {
  uint32_t size = size_for(bytes), at = 0, room;
  if (size == 0) return NULL;
  while ((room = free_room(at)) < size) {
    if (at + room == HEAP) return NULL;
    if (room > 0) put_head(at, room);
    at += size_of(at);
  }
  take(at, room, size);
  used += size;
  SHOW(bytes_of(at), bytes);
  return memset(bytes_of(at), 0, bytes);
}

void mote_heap_free(void *given) {
  if (given == NULL) return;
  uint32_t at = block_of(given), size = size_of(at);
  put_head(at, size);
  HIDE(bytes_of(at), size - HEAD);
  used -= size;
  if (at + size == end) end = at;
}

void *mote_heap_resize(void *given, size_t bytes) {
  if (given == NULL) return mote_heap_allocate(bytes);
  uint32_t at = block_of(given), old = size_of(at), size = size_for(bytes);
  if (size == 0) return NULL;
  uint32_t room = old + (at + old == end ? HEAP - end : free_room(at + old));
  if (room >= size) {
    take(at, room, size);
    used += size - old;
    HIDE(bytes_of(at), size - HEAD);
    SHOW(bytes_of(at), bytes);
    return given;
  }
  void *moved = mote_heap_allocate(bytes);
  if (moved == NULL) return NULL;
  SHOW(given, old - HEAD);
  memcpy(moved, given, old - HEAD);
  mote_heap_free(given);
  return moved;
}

uint32_t mote_heap_room(void) { return HEAP - end; }
uint32_t mote_heap_used(void) { return used; }
uint32_t mote_heap_most(void) { return most; }
