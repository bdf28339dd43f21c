/* The firmware of tests: whoever is at the other end of the console makes the calls of the core, one by one, and drives
 * its time. Numbers are little-endian.
 *
 *     H                          a line of JSON about the core
 *     S                          starts the core anew; u8 trap
 *     W u32 at, u16 n, bytes     writes into its memory; no answer
 *     R u32 at, u16 n            reads from it; bytes
 *     C u8 n, name, u8 n, u32s   a call; u8 trap, u32 result, u32 ticks
 *     M                          u32 CRC of all its memory */

#include "board.h"
#include "engine.h"
#include "exports.h"
#include "profile.h"
#include <string.h>

#define MOST_ARGUMENTS 8
#define LONGEST_NAME 32

static uint8_t next(void) {
  int byte;
  while ((byte = mote_board_get()) < 0) continue;
  return (uint8_t)byte;
}

static uint32_t next_number(int bytes) {
  uint32_t value = 0;
  for (int i = 0; i < bytes; i++) value |= (uint32_t)next() << (8 * i);
  return value;
}

static void put(uint32_t value) {
  for (int i = 0; i < 4; i++) mote_board_put((uint8_t)(value >> (8 * i)));
}

/** Of IEEE 802.3, four bits at a time. */
static uint32_t crc(const uint8_t *bytes, uint32_t count) {
  static const uint32_t table[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
  };
  uint32_t sum = 0xffffffff;
  for (; count != 0; bytes++, count--) {
    sum ^= *bytes;
    sum = table[sum & 15] ^ sum >> 4;
    sum = table[sum & 15] ^ sum >> 4;
  }
  return ~sum;
}

static void tell(void) {
  uint32_t before = mote_board_ticks();
  uint32_t overhead = mote_board_ticks() - before;
  mote_put_text("{\"board\":\"");
  mote_put_text(mote_board_name);
  mote_put_text("\",\"engine\":\"" MOTE_ENGINE "\",\"profile\":\"" MOTE_PROFILE "\",\"sha256\":\"");
  mote_put_text(mote_engine_core());
  mote_put_text("\",\"memoryBytes\":");
  mote_put_number(mote_engine_memory_bytes());
  mote_put_text(",\"overhead\":");
  mote_put_number(overhead);
  mote_put_text(",\"stack\":");
  mote_put_number(mote_stack_used());
  mote_put_text(",\"heap\":");
  mote_put_number(mote_engine_heap_most());
  mote_put_text("}\n");
}

/** A place in memory, and how many bytes from it on; outside of it there are none. */
static uint8_t *area(uint32_t *bytes) {
  uint32_t at = next_number(4), most = mote_engine_memory_bytes();
  *bytes = next_number(2);
  if (at > most || *bytes > most - at) *bytes = 0;
  return mote_engine_memory() + at;
}

static const struct mote_named_call *find(const char *name) {
  for (uint32_t i = 0; i < mote_named_call_count; i++) {
    if (strcmp(mote_named_calls[i].name, name) == 0) return mote_named_calls + i;
  }
  return 0;
}

static void make_call(void) {
  char name[LONGEST_NAME] = {0};
  uint32_t given[MOST_ARGUMENTS] = {0}, result = 0, ticks = 0;
  uint32_t length = next();
  for (uint32_t i = 0; i < length; i++) {
    char letter = (char)next();
    if (i < LONGEST_NAME - 1) name[i] = letter;
  }
  uint32_t count = next();
  for (uint32_t i = 0; i < count; i++) {
    uint32_t value = next_number(4);
    if (i < MOST_ARGUMENTS) given[i] = value;
  }
  const struct mote_named_call *wanted = find(name);
  if (wanted != 0) {
    ticks = mote_board_ticks();
    result = wanted->call(given);
    ticks = mote_board_ticks() - ticks;
  }
  mote_board_put(wanted == 0 ? 0xff : (uint8_t)mote_engine_trap());
  put(result);
  put(ticks);
}

int main(void) {
  uint32_t bytes;
  uint8_t *at;
  mote_put_text("probe\n");
  for (;;) {
    switch (next()) {
      case 'H': tell(); break;
      case 'S': mote_board_put((uint8_t)mote_engine_start()); break;
      case 'W':
        at = area(&bytes);
        for (uint32_t i = 0; i < bytes; i++) at[i] = next();
        break;
      case 'R':
        at = area(&bytes);
        for (uint32_t i = 0; i < bytes; i++) mote_board_put(at[i]);
        break;
      case 'C': make_call(); break;
      case 'M': put(crc(mote_engine_memory(), mote_engine_memory_bytes())); break;
      default: break;
    }
  }
}
