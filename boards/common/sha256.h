/* SHA-256 (FIPS 180-4). */
#ifndef MOTE_SHA256_H
#define MOTE_SHA256_H

#include <stdint.h>

/** The digest of a run of bytes; it may overwrite them. */
void mote_sha256(const uint8_t *bytes, uint32_t count, uint8_t digest[32]);

#endif
