/* ARM MPS2 with the AN385 image (Cortex-M3 at 25 MHz), as QEMU has it: LAN9118 and the first UART. */

#include "board.h"
#include "cortexM.h"
#include "hal.h"
#include "lan9118.h"
#include "mmio.h"

#define UART 0x40004000u
enum uart_register { UART_DATA = 0, UART_STATE = 4, UART_CTRL = 8, UART_BAUDDIV = 16 };
#define UART_STATE_TX_FULL 1u
#define UART_STATE_RX_FULL 2u
#define UART_CTRL_BOTH 3u

#define LAN9118_IRQ 13

const char mote_board_name[] = "mps2-an385";

void mote_board_start(void) {
  mote_mmio_write(UART + UART_BAUDDIV, MOTE_CLOCK_HZ / 115200);
  mote_mmio_write(UART + UART_CTRL, UART_CTRL_BOTH);
}

void mote_board_put(uint8_t byte) {
  while (mote_mmio_read(UART + UART_STATE) & UART_STATE_TX_FULL) continue;
  mote_mmio_write(UART + UART_DATA, byte);
}

int mote_board_get(void) {
  if (!(mote_mmio_read(UART + UART_STATE) & UART_STATE_RX_FULL)) return -1;
  return (int)(mote_mmio_read(UART + UART_DATA) & 0xff);
}

int mote_hal_start(uint8_t mac[6]) {
  mote_boot_mac(mac);
  return mote_lan9118_start(mac);
}

static int is_due(void) {
  return mote_lan9118_is_waiting() || (mote_mmio_read(UART + UART_STATE) & UART_STATE_RX_FULL) != 0;
}

int mote_hal_random(uint8_t *bytes, uint32_t count) { return mote_boot_random(bytes, count); }
int mote_hal_link(void) { return mote_lan9118_link(); }
uint32_t mote_hal_receive(uint8_t *frame, uint32_t most) { return mote_lan9118_receive(frame, most); }
int mote_hal_send(const uint8_t *frame, uint32_t bytes) { return mote_lan9118_send(frame, bytes); }
void mote_hal_sleep(uint32_t ms) { mote_cortex_m_sleep(ms, LAN9118_IRQ, is_due); }
