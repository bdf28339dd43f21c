/* What all drivers of Ethernet devices share. Each has
 *
 *   mote_NAME_start    0, or a number of mote_driver_error; sets the MAC in the device
 *   mote_NAME_is_waiting  1: something has come that receive has not taken
 *   mote_NAME_receive  the next frame's bytes without its FCS, `most` at most; 0: there is none
 *   mote_NAME_send     0: sent or copied (or it can never be sent, and is dropped); 1: no room now
 *   mote_NAME_link     1: frames pass
 *   mote_NAME_dropped  frames lost by the driver in either direction: damaged, longer than `most`, impossible to send
 *
 * with the meaning of boards/common/hal.h. One task calls them; they allocate nothing, need no interrupt, and each wait
 * in them has an end. */
#ifndef MOTE_DRIVER_H
#define MOTE_DRIVER_H

#include "mmio.h"
#include <stdint.h>

/** Why a start failed. */
enum mote_driver_error {
  /** What answers there, if anything, is not the device: wrong address, wrong chip, no power. */
  MOTE_DRIVER_ABSENT = 1,
  /** The device does not finish what it was told. */
  MOTE_DRIVER_SILENT = 2,
  /** The device does not take what the driver needs of it. */
  MOTE_DRIVER_REFUSED = 3
};

enum {
  MOTE_ETHERNET_HEADER = 14,
  /** Bytes of the shortest and the longest frame on the wire, without FCS. */
  MOTE_ETHERNET_LEAST = 60,
  MOTE_ETHERNET_MOST = 1514,
  MOTE_ETHERNET_FCS = 4
};

enum {
  /** How often a register is read until it says what is waited for: 10 ms and more on a fast processor, where MII
   * takes the longest with 0.2 ms. */
  MOTE_DRIVER_POLLS = 100000,
  /** Frames that one call of receive leaves out before it says that there is none. */
  MOTE_DRIVER_SKIPS = 16
};

/** 0: these bits of a register are clear now; else MOTE_DRIVER_SILENT. */
static inline int mote_driver_wait_clear(uintptr_t address, uint32_t bits) {
  for (uint32_t i = 0; i < MOTE_DRIVER_POLLS; i++) {
    if ((mote_mmio_read(address) & bits) == 0) return 0;
  }
  return MOTE_DRIVER_SILENT;
}

/** Whether a frame can be sent at all. */
static inline int mote_driver_can_send(uint32_t bytes) {
  return bytes >= MOTE_ETHERNET_HEADER && bytes <= MOTE_ETHERNET_MOST;
}

/** Bytes on the wire of a frame to send. */
static inline uint32_t mote_driver_padded(uint32_t bytes) {
  return bytes < MOTE_ETHERNET_LEAST ? MOTE_ETHERNET_LEAST : bytes;
}

static inline uint32_t mote_driver_words(uint32_t bytes) { return (bytes + 3) / 4; }

/** The first four bytes of a MAC as a register has them, and the last two. */
static inline uint32_t mote_driver_mac_low(const uint8_t mac[6]) {
  return mac[0] | (uint32_t)mac[1] << 8 | (uint32_t)mac[2] << 16 | (uint32_t)mac[3] << 24;
}

static inline uint32_t mote_driver_mac_high(const uint8_t mac[6]) { return mac[4] | (uint32_t)mac[5] << 8; }

#endif
