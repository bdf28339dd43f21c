#include "board.h"
#include "hal.h"
#include "sha256.h"
#include <string.h>

#define PAINT 0xa5a5a5a5u
/** Of the painter's own frame, and what an interrupt may put there. */
#define PAINT_MARGIN 64

void mote_put_text(const char *text) {
  for (; *text != 0; text++) {
    if (*text == '\n') mote_board_put('\r');
    mote_board_put((uint8_t)*text);
  }
}

void mote_put_number(uint32_t value) {
  char digits[11];
  char *at = digits + sizeof digits - 1;
  *at = 0;
  do {
    *--at = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  mote_put_text(at);
}

void mote_hal_log(const char *line) {
  mote_put_text(line);
  mote_put_text("\n");
}

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

static int is_seeded(void) {
  uint8_t any = 0;
  for (uint32_t i = 0; i < sizeof mote_boot.seed; i++) any |= mote_boot.seed[i];
  return mote_boot.mark == MOTE_BOOT_MARK && any != 0;
}

int mote_boot_random(uint8_t *bytes, uint32_t count) {
  uint8_t block[sizeof mote_boot.seed + 1], hash[32];
  if (!is_seeded()) return 1;
  for (uint32_t part; count != 0; bytes += part, count -= part) {
    memcpy(block, mote_boot.seed, sizeof mote_boot.seed);
    block[sizeof block - 1] = 1;
    mote_sha256(block, sizeof block, hash);
    part = count < sizeof hash ? count : sizeof hash;
    memcpy(bytes, hash, part);
    block[sizeof block - 1] = 0;
    mote_sha256(block, sizeof block, mote_boot.seed);
  }
  memset(block, 0, sizeof block);
  memset(hash, 0, sizeof hash);
  return 0;
}
