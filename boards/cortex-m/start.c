/* From reset to main() on ARMv7-M, the clock on SysTick, and sleep until an interrupt. */

#include "board.h"
#include "cortexM.h"
#include "hal.h"

extern uint32_t mote_data_source[], mote_data_start[], mote_data_end[], mote_bss_start[], mote_bss_end[];
int main(void);

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYST_CSR REGISTER(0xe000e010)
#define SYST_RVR REGISTER(0xe000e014)
#define SYST_CVR REGISTER(0xe000e018)
#define SYST_CSR_RUN 7u /* processor clock, interrupt, enabled */
#define NVIC_ISER(irq) REGISTER(0xe000e100 + 4 * ((irq) / 32))
#define NVIC_ICER(irq) REGISTER(0xe000e180 + 4 * ((irq) / 32))
#define NVIC_ICPR(irq) REGISTER(0xe000e280 + 4 * ((irq) / 32))
#define NVIC_BIT(irq) (1u << ((irq) % 32))
#define CFSR REGISTER(0xe000ed28)
#define BFAR REGISTER(0xe000ed38)

#define TICKS_PER_MS (MOTE_CLOCK_HZ / 1000)
/** No interrupt tells of the link: the pump looks at it between two sleeps. */
#define LONGEST_SLEEP_MS 500

static volatile uint32_t milliseconds;

static void tick(void) { milliseconds++; }

/** A bug of the board's C: says where to look, and stays. */
static void fault(void) {
  mote_put_text("fault: CFSR ");
  mote_put_number(CFSR);
  mote_put_text(", BFAR ");
  mote_put_number(BFAR);
  mote_put_text("\n");
  for (;;) continue;
}

void mote_reset(void);
void mote_reset(void) {
  const uint32_t *source = mote_data_source;
  for (uint32_t *at = mote_data_start; at < mote_data_end; at++) *at = *source++;
  for (uint32_t *at = mote_bss_start; at < mote_bss_end; at++) *at = 0;
  SYST_RVR = TICKS_PER_MS - 1;
  SYST_CVR = 0;
  SYST_CSR = SYST_CSR_RUN;
  mote_board_start();
  mote_stack_paint();
  main();
  for (;;) continue;
}

typedef void (*vector)(void);
__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
  (vector)mote_stack_top, mote_reset, fault, fault, fault, fault, fault, 0,
  0, 0, 0, fault, 0, 0, fault, tick,
};

/** Milliseconds, and ticks since the last one. */
static uint32_t now(uint32_t *ticks) {
  uint32_t before;
  do {
    before = milliseconds;
    *ticks = TICKS_PER_MS - 1 - SYST_CVR;
  } while (before != milliseconds);
  return before;
}

uint32_t mote_hal_milliseconds(void) { return milliseconds; }

uint32_t mote_hal_microseconds(void) {
  uint32_t ticks, ms = now(&ticks);
  return ms * 1000 + ticks / (MOTE_CLOCK_HZ / 1000000);
}

uint32_t mote_board_ticks(void) {
  uint32_t ticks, ms = now(&ticks);
  return ms * TICKS_PER_MS + ticks;
}

/* The device's interrupt only ends the wait: it is let through just then, and never taken. */
void mote_cortex_m_sleep(uint32_t ms, uint32_t irq, int (*is_due)(void)) {
  uint32_t since = milliseconds;
  if (ms > LONGEST_SLEEP_MS) ms = LONGEST_SLEEP_MS;
  while (milliseconds - since < ms) {
    int due;
    __asm__ volatile("cpsid i" ::: "memory");
    due = is_due();
    if (!due) {
      NVIC_ISER(irq) = NVIC_BIT(irq);
      __asm__ volatile("dsb\n wfi" ::: "memory");
      NVIC_ICER(irq) = NVIC_BIT(irq);
      NVIC_ICPR(irq) = NVIC_BIT(irq);
    }
    __asm__ volatile("cpsie i\n isb" ::: "memory");
    if (due) return;
  }
}
