/* TI/Luminary LM3S6965 evaluation board (Cortex-M3 at 50 MHz, 64 KiB of RAM): its own MAC and first UART. */

#include "board.h"
#include "cortexM.h"
#include "hal.h"
#include "mmio.h"
#include "stellaris.h"

#define SYSTEM 0x400fe000u
enum system_register { SYSTEM_RCC = 0x060, SYSTEM_RCGC1 = 0x104, SYSTEM_RCGC2 = 0x108 };
/* Main oscillator of 8 MHz through the PLL, divided by 4. */
#define RCC_50_MHZ 0x01ce0380u
#define RCGC1_UART0 1u
#define RCGC2_ETHERNET 0x50000001u /* MAC, PHY; port A */

#define UART 0x4000c000u
enum uart_register { UART_DR = 0x00, UART_FR = 0x18, UART_IBRD = 0x24, UART_FBRD = 0x28, UART_LCRH = 0x2c, UART_CTL = 0x30 };
#define UART_FR_RX_EMPTY 0x10u
#define UART_FR_TX_FULL 0x20u
#define UART_LCRH_8_BITS_FIFO 0x70u
#define UART_CTL_BOTH 0x301u
/* 115,200 baud of 50 MHz: 27 + 8/64. */
#define UART_DIVISOR 27u
#define UART_DIVISOR_64TH 8u

#define ETHERNET_IRQ 42

const char mote_board_name[] = "lm3s6965evb";

void mote_board_start(void) {
  mote_mmio_write(SYSTEM + SYSTEM_RCC, RCC_50_MHZ);
  mote_mmio_write(SYSTEM + SYSTEM_RCGC1, RCGC1_UART0);
  mote_mmio_write(SYSTEM + SYSTEM_RCGC2, RCGC2_ETHERNET);
  mote_mmio_write(UART + UART_IBRD, UART_DIVISOR);
  mote_mmio_write(UART + UART_FBRD, UART_DIVISOR_64TH);
  mote_mmio_write(UART + UART_LCRH, UART_LCRH_8_BITS_FIFO);
  mote_mmio_write(UART + UART_CTL, UART_CTL_BOTH);
}

void mote_board_put(uint8_t byte) {
  while (mote_mmio_read(UART + UART_FR) & UART_FR_TX_FULL) continue;
  mote_mmio_write(UART + UART_DR, byte);
}

int mote_board_get(void) {
  if (mote_mmio_read(UART + UART_FR) & UART_FR_RX_EMPTY) return -1;
  return (int)(mote_mmio_read(UART + UART_DR) & 0xff);
}

int mote_hal_start(uint8_t mac[6]) {
  mote_boot_mac(mac);
  return mote_stellaris_start(mac);
}

static int is_due(void) {
  return mote_stellaris_is_waiting() || !(mote_mmio_read(UART + UART_FR) & UART_FR_RX_EMPTY);
}

int mote_hal_random(uint8_t *bytes, uint32_t count) { return mote_boot_random(bytes, count); }
int mote_hal_link(void) { return mote_stellaris_link(); }
uint32_t mote_hal_receive(uint8_t *frame, uint32_t most) { return mote_stellaris_receive(frame, most); }
int mote_hal_send(const uint8_t *frame, uint32_t bytes) { return mote_stellaris_send(frame, bytes); }
void mote_hal_sleep(uint32_t ms) { mote_cortex_m_sleep(ms, ETHERNET_IRQ, is_due); }
