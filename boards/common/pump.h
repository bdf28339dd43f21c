/* Runs the core on a board: frames in and out, time, and what comes after a trap. One interface. motetcp.h includes it.
 *
 *   mote_pump_start(&settings), then what is to be open at once;
 *   for (;;) {
 *     if (mote_pump_turn() != 0) forget all handles, and open anew;
 *     while ((handle = mote_poll(&events)) != 0) ...;
 *     mote_pump_sleep();
 *   }
 *
 * Everything here and every call of motetcp.h belongs to one task; interrupts only queue frames and wake it.
 *
 * Sending: the core has one frame to send at a time, in TX_FRAME. When the driver has no room for it (mote_hal_send
 * returns 1), the pump keeps it there and takes no frame in until the driver has taken it: frames wait in the driver's
 * queue, where those that find it full are lost, as on any wire. No frame that the driver took is lost. Connections then
 * fill their send rings, mote_write returns 0, and WRITABLE follows once frames leave again. */
#ifndef MOTE_PUMP_H
#define MOTE_PUMP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

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
 * was started anew after a trap: everything that was open is gone, and a handle from before may soon be that of something
 * else. Else 0. When that start fails (no random bytes just then), it is tried again after a second, and so on; until
 * then frames are dropped and every call returns 0. After a start that failed in mote_pump_start a turn does nothing. */
int mote_pump_turn(void);

/** Sleeps until a turn has work; or for `most` ms at most, for what the application has to do by then. Never longer than
 * 2^29 ms (6 days), so that the core hears of the time. */
void mote_pump_sleep(void);
void mote_pump_sleep_for(uint32_t most);

/** The board's clock, which wraps at 2^32: compare by differences. */
uint32_t mote_pump_milliseconds(void);

/** How often the core was started anew. */
uint32_t mote_pump_restarts(void);

/** Where the core's memory is, for mote_u32() and its kind. */
uint8_t *mote_pump_memory(void);

#ifdef __cplusplus
}
#endif

#endif
