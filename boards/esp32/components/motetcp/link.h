/* Between hal.c and the link that menuconfig has chosen, which brings mote_hal_random, too. */
#ifndef MOTE_LINK_H
#define MOTE_LINK_H

#include "esp_err.h"
#include <stdint.h>

/* Of link_wifi.c or link_eth.c, for the task: */

esp_err_t mote_link_start(uint8_t mac[6]);

/** ESP_OK: copied; ESP_ERR_NO_MEM: there is no room now; any other: the frame is lost. */
esp_err_t mote_link_send(const uint8_t *frame, uint32_t bytes);

/** Gives a received frame's buffer back to the driver. */
void mote_link_release(void *buffer);

/* Of hal.c, for callbacks of the driver, in whatever task they run: */

/** A frame has come, in a buffer that is ours from here on. */
void mote_link_came(void *frame, uint32_t bytes, void *buffer);

/** The link is up or down. Wakes the task in either case. */
void mote_link_changed(int is_up);

#endif
