/* SHA-256 (FIPS 180-4) of bytes that lie in memory at once. */
#ifndef MOTE_SHA256_H
#define MOTE_SHA256_H

#include <stdint.h>

#define MOTE_SHA256_BYTES 32u

void mote_sha256(const uint8_t *bytes, uint32_t count, uint8_t digest[MOTE_SHA256_BYTES]);

/** The same in hexadecimal, with a zero behind it. */
void mote_sha256_text(const uint8_t *bytes, uint32_t count, char text[2 * MOTE_SHA256_BYTES + 1]);

#endif
