#include "board.h"

#define PAINT 0xa5a5a5a5u
/** Of the painter's own frame, and what an interrupt may put there. */
#define PAINT_MARGIN 64

/* No function of libc: it would clean up after itself. */
void mote_stack_paint(void) {
  volatile uint32_t *end = (volatile uint32_t *)((uintptr_t)__builtin_frame_address(0) - PAINT_MARGIN);
  for (volatile uint32_t *at = mote_stack_low; at < end; at++) *at = PAINT;
}

uint32_t mote_stack_used(void) {
  const uint32_t *at = mote_stack_low;
  while (at < mote_stack_top && *at == PAINT) at++;
  return (uint32_t)((const uint8_t *)mote_stack_top - (const uint8_t *)at);
}
