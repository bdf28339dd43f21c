/* SMSC (Microchip) LAN9118 on a bus of 32 bits, as on ARM's MPS2 boards. Frames go between its FIFOs and the caller's
 * memory. driver.h says what the functions mean. */
#ifndef MOTE_LAN9118_H
#define MOTE_LAN9118_H

#include <stdint.h>

/** Where the chip is; by default where the MPS2 has it. */
#ifndef MOTE_LAN9118_BASE
#define MOTE_LAN9118_BASE 0x40200000u
#endif

int mote_lan9118_start(const uint8_t mac[6]);
int mote_lan9118_is_waiting(void);
uint32_t mote_lan9118_receive(uint8_t *frame, uint32_t most);
int mote_lan9118_send(const uint8_t *frame, uint32_t bytes);
int mote_lan9118_link(void);
uint32_t mote_lan9118_dropped(void);

#endif
