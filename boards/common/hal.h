/* What a board brings: an Ethernet driver, two clocks, random bytes, a way to sleep and to say something. All of it
 * is called by the one task that runs the pump; interrupts only queue frames and wake it. */
#ifndef MOTE_HAL_H
#define MOTE_HAL_H

#include <stdint.h>

/** Makes driver and clocks ready, and says which MAC the board has. 0, or a number for the log. */
int mote_hal_start(uint8_t mac[6]);

/** Clocks that never stop and wrap at 2^32. Without a finer one microseconds may be milliseconds times 1000. */
uint32_t mote_hal_milliseconds(void);
uint32_t mote_hal_microseconds(void);

/** Bytes from a true random generator: 0; anything else: it is not ready, and nothing may open. */
int mote_hal_random(uint8_t *bytes, uint32_t count);

/** 1: frames pass. */
int mote_hal_link(void);

/** The next frame that has come, without its FCS: its bytes, `most` at most; 0: there is none. A longer one is dropped
 * by the driver. */
uint32_t mote_hal_receive(uint8_t *frame, uint32_t most);

/** 0: the frame is sent or copied; 1: there is no room now, and the pump offers it again. */
int mote_hal_send(const uint8_t *frame, uint32_t bytes);

/** Returns when a frame has come, the link has changed, or after so many ms. Earlier is no harm. While the driver has no
 * room it is called with 1. */
void mote_hal_sleep(uint32_t milliseconds);

/** A line for whoever looks after the board. */
void mote_hal_log(const char *line);

#endif
