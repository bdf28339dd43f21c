/* Secrets that are no longer needed. */
#ifndef MOTE_WIPE_H
#define MOTE_WIPE_H

#include <stdint.h>
#include <string.h>

/** Zeros that a compiler may not leave out, though nobody reads them. */
static inline void mote_wipe(void *at, uint32_t bytes) {
  memset(at, 0, bytes);
  __asm__ volatile("" ::"r"(at) : "memory");
}

#endif
