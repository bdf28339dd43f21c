#include "board.h"
#include "sha256.h"
#include "wipe.h"
#include <string.h>

void mote_boot_mac(uint8_t mac[6]) {
  static const uint8_t first[3] = {2, 0x6d, 0x6f};
  memcpy(mac, first, sizeof first);
  memcpy(mac + sizeof first, mote_boot.station, sizeof mote_boot.station);
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
  mote_wipe(block, sizeof block);
  mote_wipe(hash, sizeof hash);
  return 0;
}
