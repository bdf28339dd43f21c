/* QEMU's RISC-V board "virt" as an RV32IMC microcontroller: virtio-net and a 16550. */

#include "board.h"
#include "hal.h"
#include "mmio.h"
#include "virtio.h"

#define UART 0x10000000u
/* Registers of a byte each. */
#define UART_DATA (*(volatile uint8_t *)(UART + 0))
#define UART_LSR (*(volatile uint8_t *)(UART + 5))
#define UART_LSR_DATA 0x01u
#define UART_LSR_EMPTY 0x20u

/* The core-local interruptor: MTIME counts at 10 MHz. */
#define MTIMECMP 0x02004000u
#define MTIME 0x0200bff8u
#define MTIME_PER_MS 10000u
#define MTIME_PER_US 10u
/** No interrupt tells of the link: the pump looks at it between two sleeps. */
#define LONGEST_SLEEP_MS 500

#define VIRTIO 0x10001000u
#define VIRTIO_STEP 0x1000u
#define VIRTIO_DEVICES 8

const char mote_board_name[] = "riscv32-virt";

void mote_board_start(void) {}

void mote_board_put(uint8_t byte) {
  while (!(UART_LSR & UART_LSR_EMPTY)) continue;
  UART_DATA = byte;
}

int mote_board_get(void) { return (UART_LSR & UART_LSR_DATA) ? UART_DATA : -1; }

static uint64_t mtime(void) {
  uint32_t high, low;
  do {
    high = mote_mmio_read(MTIME + 4);
    low = mote_mmio_read(MTIME);
  } while (high != mote_mmio_read(MTIME + 4));
  return (uint64_t)high << 32 | low;
}

uint32_t mote_hal_milliseconds(void) { return (uint32_t)(mtime() / MTIME_PER_MS); }
uint32_t mote_hal_microseconds(void) { return (uint32_t)(mtime() / MTIME_PER_US); }

uint32_t mote_board_ticks(void) {
  uint32_t retired;
  __asm__ volatile("csrr %0, minstret" : "=r"(retired));
  return retired;
}

int mote_hal_start(uint8_t mac[6]) {
  mote_boot_mac(mac);
  return mote_virtio_start(mote_virtio_find(VIRTIO, VIRTIO_STEP, VIRTIO_DEVICES), mac);
}

int mote_hal_random(uint8_t *bytes, uint32_t count) { return mote_boot_random(bytes, count); }
int mote_hal_link(void) { return mote_virtio_link(); }
uint32_t mote_hal_receive(uint8_t *frame, uint32_t most) { return mote_virtio_receive(frame, most); }
int mote_hal_send(const uint8_t *frame, uint32_t bytes) { return mote_virtio_send(frame, bytes); }

/* The timer is let through as far as waking: interrupts stay off. Once a millisecond the console is looked at. */
void mote_hal_sleep(uint32_t ms) {
  uint32_t since = mote_hal_milliseconds();
  if (ms > LONGEST_SLEEP_MS) ms = LONGEST_SLEEP_MS;
  while (mote_hal_milliseconds() - since < ms) {
    if (mote_virtio_is_waiting() || (UART_LSR & UART_LSR_DATA)) return;
    uint64_t until = mtime() + MTIME_PER_MS;
    mote_mmio_write(MTIMECMP + 4, 0xffffffffu);
    mote_mmio_write(MTIMECMP, (uint32_t)until);
    mote_mmio_write(MTIMECMP + 4, (uint32_t)(until >> 32));
    __asm__ volatile("csrs mie, %0\n wfi" ::"r"(1u << 7) : "memory");
  }
}
