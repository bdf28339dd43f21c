/* The heap of the interpreter: one static area of a fixed size, and nothing of libc. It is emptied as a whole before
 * the core is started anew, so that whatever happened before leaves nothing behind. */
#ifndef MOTE_WASM3_HEAP_H
#define MOTE_WASM3_HEAP_H

#include <stddef.h>
#include <stdint.h>

void mote_heap_empty(void);

/** Bytes that are zero, at a multiple of 8; NULL: there is no room. */
void *mote_heap_allocate(size_t bytes);

/** More or fewer bytes for what was allocated: in place where that goes, else moved. NULL: no room, and nothing changes. */
void *mote_heap_resize(void *given, size_t bytes);

void mote_heap_free(void *given);

/** Bytes behind everything that is in use: there may be more room between. */
uint32_t mote_heap_room(void);

/** Bytes of blocks in use now, and how far the area was ever filled: what MOTE_WASM3_HEAP must be at least. */
uint32_t mote_heap_used(void);
uint32_t mote_heap_most(void);

#endif
