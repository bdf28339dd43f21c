/* The Ethernet controller in Luminary (TI) Stellaris LM3S6000 and LM3S8000. Frames go between its FIFOs and the
 * caller's memory. The board gives clocks to MAC and PHY before. driver.h says what the functions mean. */
#ifndef MOTE_STELLARIS_H
#define MOTE_STELLARIS_H

#include <stdint.h>

#ifndef MOTE_STELLARIS_BASE
#define MOTE_STELLARIS_BASE 0x40048000u
#endif

int mote_stellaris_start(const uint8_t mac[6]);
int mote_stellaris_is_waiting(void);
uint32_t mote_stellaris_receive(uint8_t *frame, uint32_t most);
int mote_stellaris_send(const uint8_t *frame, uint32_t bytes);
/** Where the PHY does not answer, as in QEMU, always 1. */
int mote_stellaris_link(void);
uint32_t mote_stellaris_dropped(void);

#endif
