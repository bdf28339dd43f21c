#include "sha256.h"
#include <string.h>

/** FIPS 180-4 section 4.2.2: fractions of the cube roots of the first primes. */
static const uint32_t K[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t right(uint32_t value, int bits) { return value >> bits | value << (32 - bits); }

/** FIPS 180-4 section 6.2.2. The schedule is kept as a window of 16 words. */
static void add_block(uint32_t hash[8], const uint8_t block[64]) {
  uint32_t w[16], v[8];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
  memcpy(v, hash, sizeof v);
  for (int i = 0; i < 64; i++) {
    if (i >= 16) {
      uint32_t two = w[(i - 2) & 15], fifteen = w[(i - 15) & 15];
      w[i & 15] += w[(i - 7) & 15] + (right(two, 17) ^ right(two, 19) ^ two >> 10) +
                   (right(fifteen, 7) ^ right(fifteen, 18) ^ fifteen >> 3);
    }
    uint32_t first = v[7] + (right(v[4], 6) ^ right(v[4], 11) ^ right(v[4], 25)) +
                     ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[i] + w[i & 15];
    uint32_t second = (right(v[0], 2) ^ right(v[0], 13) ^ right(v[0], 22)) +
                      ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    memmove(v + 1, v, 7 * sizeof *v);
    v[4] += first;
    v[0] = first + second;
  }
  for (int i = 0; i < 8; i++) hash[i] += v[i];
}

void mote_sha256(const uint8_t *bytes, uint32_t count, uint8_t digest[32]) {
  uint32_t hash[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint8_t block[64];
  uint32_t left = count;
  for (; left >= sizeof block; left -= sizeof block, bytes += sizeof block) add_block(hash, bytes);
  /* A one, zeros, and the length in bits. */
  memset(block, 0, sizeof block);
  memcpy(block, bytes, left);
  block[left] = 0x80;
  if (left >= 56) {
    add_block(hash, block);
    memset(block, 0, sizeof block);
  }
  for (int i = 0; i < 4; i++) block[63 - i] = (uint8_t)(count << 3 >> 8 * i);
  block[59] = (uint8_t)(count >> 29);
  add_block(hash, block);
  for (int i = 0; i < 32; i++) digest[i] = (uint8_t)(hash[i / 4] >> (24 - 8 * (i % 4)));
}
