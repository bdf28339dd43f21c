/* Registers of an Ethernet PHY (IEEE 802.3, 22.2.4). Drivers only read them: what to advertise is set by pins. */
#ifndef MOTE_MII_H
#define MOTE_MII_H

#include <stdint.h>

enum {
  MOTE_MII_STATUS = 1,
  MOTE_MII_IDENTIFIER = 2,
  MOTE_MII_ADVERTISEMENT = 4,
  MOTE_MII_PARTNER = 5
};

enum {
  /** Of the status. Once the link was lost it is 0 when it is read for the first time. */
  MOTE_MII_LINK = 1 << 2,
  /** Of advertisement and partner. */
  MOTE_MII_10_FULL = 1 << 6,
  MOTE_MII_100_HALF = 1 << 7,
  MOTE_MII_100_FULL = 1 << 8
};

/** What both agree on: the first that they have in common of 100 full, 100 half, 10 full, 10 half (IEEE 802.3, 28B.3).
 * A partner that does not negotiate shows as one that has half duplex only, and that is what it means. */
static inline int mote_mii_is_full_duplex(uint32_t advertisement, uint32_t partner) {
  uint32_t common = advertisement & partner;
  if ((common & (MOTE_MII_100_FULL | MOTE_MII_100_HALF)) != 0) return (common & MOTE_MII_100_FULL) != 0;
  return (common & MOTE_MII_10_FULL) != 0;
}

#endif
