/* Runs the core on a board: frames in and out, time, and what comes after a trap. One interface. Everything here and
 * every call of motetcp.h belongs to one task. */
#ifndef MOTE_PUMP_H
#define MOTE_PUMP_H

#include <stdint.h>

/** Addresses in network order. */
struct mote_settings {
  /** All zeros: from a DHCP server, or link-local (not on tiny, which needs one). */
  uint8_t address[4];
  /** Bits of the network, 1 to 32. */
  uint8_t prefix;
  /** All zeros: none. */
  uint8_t router[4];
  /** Told to DHCP servers, and answered for below .local; NULL: none. */
  const char *host_name;
};

/** Why a start failed; above 0: what mote_hal_start returned. */
enum mote_start_error {
  /** The module has another version of the boundary than motetcp.h. */
  MOTE_START_VERSION = -1,
  /** The random generator is not ready. */
  MOTE_START_RANDOM = -2,
  /** The core does not take the settings. */
  MOTE_START_SETTINGS = -3,
  /** The engine could not start. */
  MOTE_START_ENGINE = -4
};

/** Starts board and core; 0, or why not, which is logged too. The settings are kept for restarts: they must stay. */
int mote_pump_start(const struct mote_settings *settings);

/** One turn: frames that have come (16 at most, so that calls have their turn), timers, and frames to send. 1: the core
 * was started anew after a trap, and everything that was open is gone; else 0. */
int mote_pump_turn(void);

/** Sleeps until a turn has work. */
void mote_pump_sleep(void);

/** How often the core was started anew. */
uint32_t mote_pump_restarts(void);

/** Where the core's memory is, for mote_u32() and its kind. */
uint8_t *mote_pump_memory(void);

/** Bytes that have come for a connection: up to `most` of them are copied. 0: the peer has sent everything; below 0:
 * -MOTE_EAGAIN: none now (event READABLE tells), or what ended the connection. */
int32_t mote_read(uint32_t handle, void *bytes, uint32_t most);

/** Copies bytes to be sent; as many as there is room for. 0: none now (event WRITABLE tells); below 0: what ended the
 * connection. */
int32_t mote_write(uint32_t handle, const void *bytes, uint32_t count);

#endif
