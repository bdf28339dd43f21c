/* WIZnet W5500 over SPI: only as an Ethernet MAC (socket 0 in MACRAW with all of the chip's memory); its own TCP/IP
 * stays off. driver.h says what the functions mean. */
#ifndef MOTE_W5500_H
#define MOTE_W5500_H

#include <stdint.h>

/* What the board brings: SPI mode 0 or 3, the highest bit first, 80 MHz at most. */

/** 1: chip select is low from here on; 0: high. */
void mote_spi_select(int on);

/** So many bytes out and in; out NULL: any bytes; in NULL: what comes is left out. */
void mote_spi_transfer(const uint8_t *out, uint8_t *in, uint32_t count);

int mote_w5500_start(const uint8_t mac[6]);
int mote_w5500_is_waiting(void);
uint32_t mote_w5500_receive(uint8_t *frame, uint32_t most);
int mote_w5500_send(const uint8_t *frame, uint32_t bytes);
/** Looks after the chip, too: one that has lost its settings gets them again. */
int mote_w5500_link(void);
uint32_t mote_w5500_dropped(void);

#endif
