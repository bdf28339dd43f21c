/* Frames through a register of 32 bits behind which is a FIFO: the first byte is in the lowest bits. */
#ifndef MOTE_FIFO_H
#define MOTE_FIFO_H

#include "mmio.h"
#include <stdint.h>

/** Reads so many words, of which so many bytes belong to the frame; nothing is written behind those. */
static inline void mote_fifo_get(uintptr_t port, uint8_t *frame, uint32_t bytes, uint32_t words) {
  for (; bytes >= 4; bytes -= 4, words--, frame += 4) {
    uint32_t word = mote_mmio_read(port);
    frame[0] = (uint8_t)word;
    frame[1] = (uint8_t)(word >> 8);
    frame[2] = (uint8_t)(word >> 16);
    frame[3] = (uint8_t)(word >> 24);
  }
  for (; words > 0; words--) {
    uint32_t word = mote_mmio_read(port);
    for (; bytes > 0; bytes--, word >>= 8) *frame++ = (uint8_t)word;
  }
}

/** Writes so many words, of which so many bytes are the frame's, and the others zero. */
static inline void mote_fifo_put(uintptr_t port, const uint8_t *frame, uint32_t bytes, uint32_t words) {
  for (; bytes >= 4; bytes -= 4, words--, frame += 4) {
    mote_mmio_write(port, frame[0] | (uint32_t)frame[1] << 8 | (uint32_t)frame[2] << 16 | (uint32_t)frame[3] << 24);
  }
  for (; words > 0; words--) {
    uint32_t word = 0;
    for (uint32_t shift = 0; bytes > 0; bytes--, shift += 8) word |= (uint32_t)*frame++ << shift;
    mote_mmio_write(port, word);
  }
}

#endif
