#include "sha256.h"
#include <string.h>

#define BLOCK 64u
#define ROUNDS 64u

/** FIPS 180-4 section 4.2.2. */
static const uint32_t constants[ROUNDS] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t value, uint32_t by) { return value >> by | value << (32 - by); }

static uint32_t word(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put_word(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/** Section 6.2.2. The schedule is a ring of the last 16 words: a stack of a few hundred bytes does. */
static void add_block(uint32_t state[8], const uint8_t *block) {
  uint32_t schedule[16], v[8];
  memcpy(v, state, sizeof v);
  for (uint32_t t = 0; t < ROUNDS; t++) {
    uint32_t w = t < 16 ? word(block + 4 * t) : schedule[t & 15];
    if (t >= 16) {
      uint32_t near = schedule[(t - 2) & 15], far = schedule[(t - 15) & 15];
      w += (rotate(near, 17) ^ rotate(near, 19) ^ near >> 10) + schedule[(t - 7) & 15];
      w += rotate(far, 7) ^ rotate(far, 18) ^ far >> 3;
    }
    schedule[t & 15] = w;
    uint32_t a = v[0], e = v[4];
    uint32_t one = v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & v[5]) ^ (~e & v[6])) +
                   constants[t] + w;
    uint32_t two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
    memmove(v + 1, v, 7 * sizeof v[0]);
    v[0] = one + two;
    v[4] += one;
  }
  for (int i = 0; i < 8; i++) state[i] += v[i];
}

void mote_sha256(const uint8_t *bytes, uint32_t count, uint8_t digest[MOTE_SHA256_BYTES]) {
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint8_t last[BLOCK];
  uint32_t at = 0;
  for (; count - at >= BLOCK; at += BLOCK) add_block(state, bytes + at);
  /* Section 5.1.1: a one bit, zeros, and the length in bits in the last eight bytes. */
  uint32_t rest = count - at;
  memset(last, 0, sizeof last);
  if (rest > 0) memcpy(last, bytes + at, rest);
  last[rest] = 0x80;
  if (rest >= BLOCK - 8) {
    add_block(state, last);
    memset(last, 0, sizeof last);
  }
  put_word(last + BLOCK - 8, count >> 29);
  put_word(last + BLOCK - 4, count << 3);
  add_block(state, last);
  for (int i = 0; i < 8; i++) put_word(digest + 4 * i, state[i]);
}

void mote_sha256_text(const uint8_t *bytes, uint32_t count, char text[2 * MOTE_SHA256_BYTES + 1]) {
  static const char digits[] = "0123456789abcdef";
  uint8_t digest[MOTE_SHA256_BYTES];
  mote_sha256(bytes, count, digest);
  for (uint32_t i = 0; i < MOTE_SHA256_BYTES; i++) {
    text[2 * i] = digits[digest[i] >> 4];
    text[2 * i + 1] = digits[digest[i] & 15];
  }
  text[2 * MOTE_SHA256_BYTES] = 0;
}
