/* ESP32-C3 without an SDK: the ROM starts this image straight out of flash. A W5500 at SPI2 is its Ethernet, UART0 its
 * console. Addresses and bits are those of the ESP32-C3's technical reference manual. */

#include "board.h"
#include "hal.h"
#include "mmio.h"
#include "sha256.h"
#include "w5500.h"
#include "wipe.h"
#include <string.h>

/* Watchdogs run from reset on. */
#define RTC_CNTL 0x60008000u
enum rtc_register { RTC_WDTCONFIG0 = 0x90, RTC_WDTWPROTECT = 0xa8, RTC_SWD_CONF = 0xac, RTC_SWD_WPROTECT = 0xb0 };
#define RTC_SWD_AUTO_FEED (1u << 31)
#define SWD_KEY 0x8f1d312au
#define TIMER_GROUP(n) (0x6001f000u + 0x1000u * (n))
enum timer_group_register { TIMG_WDTCONFIG0 = 0x48, TIMG_WDTWPROTECT = 0x64 };
#define WDT_KEY 0x50d83aa1u
/** Without it a new setting stays where it was written, and the watchdog goes on. */
#define TIMG_WDT_UPDATE (1u << 22)

/* Clocks: the processor at 160 MHz from the PLL that the ROM has left running, peripherals at 80 MHz. */
#define SYSTEM 0x600c0000u
enum system_register { SYSTEM_CPU_PER_CONF = 0x08, SYSTEM_PERIP_CLK_EN0 = 0x10, SYSTEM_PERIP_RST_EN0 = 0x18, SYSTEM_SYSCLK_CONF = 0x58 };
#define CPU_PER_160_MHZ 5u
#define SYSCLK_FROM_PLL (1u << 10)
#define PERIP_SPI2 (1u << 6)

#define SYSTIMER 0x60023000u
enum systimer_register { SYSTIMER_UNIT0_OP = 0x04, SYSTIMER_UNIT0_HIGH = 0x40, SYSTIMER_UNIT0_LOW = 0x44 };
#define SYSTIMER_UPDATE (1u << 30)
#define SYSTIMER_VALID (1u << 29)
#define SYSTIMER_PER_US 16u

#define UART 0x60000000u
enum uart_register { UART_FIFO = 0x00, UART_STATUS = 0x1c };
#define UART_RX_COUNT(status) ((status) & 0x3ff)
#define UART_TX_COUNT(status) ((status) >> 16 & 0x3ff)
#define UART_TX_MOST 126u

#define RANDOM 0x600260b0u

/* SPI2 by the matrix of pins: SCK 6, MOSI 7, MISO 2; chip select is an ordinary output, 10. */
#define GPIO 0x60004000u
enum gpio_register { GPIO_OUT_SET = 0x08, GPIO_OUT_CLEAR = 0x0c, GPIO_ENABLE_SET = 0x24, GPIO_IN_SELECT = 0x154, GPIO_OUT_SELECT = 0x554 };
#define IO_MUX 0x60009000u
#define IO_MUX_PIN(n) (IO_MUX + 4 + 4 * (n))
#define IO_MUX_GPIO_INPUT (1u << 12 | 1u << 9 | 2u << 10) /* function GPIO, input on, 20 mA */
enum pin { PIN_MISO = 2, PIN_SCK = 6, PIN_MOSI = 7, PIN_SELECT = 10 };
enum signal { SIGNAL_SPI_CLOCK = 63, SIGNAL_SPI_MISO = 64, SIGNAL_SPI_MOSI = 65, SIGNAL_GPIO = 128 };
#define GPIO_IN_FROM_MATRIX (1u << 6)

#define SPI2 0x60024000u
enum spi_register {
  SPI_CMD = 0x00, SPI_CLOCK = 0x0c, SPI_USER = 0x10, SPI_MS_DLEN = 0x1c, SPI_DMA_CONF = 0x30, SPI_W0 = 0x98,
  SPI_SLAVE = 0xe0, SPI_CLK_GATE = 0xe8
};
#define SPI_CMD_UPDATE (1u << 23)
#define SPI_CMD_RUN (1u << 24)
#define SPI_CLOCK_20_MHZ (3u << 12 | 1u << 6 | 3u) /* 80 MHz by 4, high for two of them */
#define SPI_USER_BOTH_WAYS (1u << 0 | 1u << 27 | 1u << 28) /* full duplex, MOSI, MISO */
#define SPI_CLK_GATE_ON 7u
#define SPI_BUFFER_BYTES 64u
#define SPI_POLLS 100000

#define POWER_ON_MS 1000u

const char mote_board_name[] = "esp32c3-direct";
struct mote_boot mote_boot;
/** Of flash: set by the linker script. */
extern const struct mote_boot mote_boot_page;

static void stop_watchdogs(void) {
  mote_mmio_write(RTC_CNTL + RTC_WDTWPROTECT, WDT_KEY);
  mote_mmio_write(RTC_CNTL + RTC_WDTCONFIG0, 0);
  mote_mmio_write(RTC_CNTL + RTC_SWD_WPROTECT, SWD_KEY);
  mote_mmio_write(RTC_CNTL + RTC_SWD_CONF, mote_mmio_read(RTC_CNTL + RTC_SWD_CONF) | RTC_SWD_AUTO_FEED);
  for (uint32_t n = 0; n < 2; n++) {
    mote_mmio_write(TIMER_GROUP(n) + TIMG_WDTWPROTECT, WDT_KEY);
    mote_mmio_write(TIMER_GROUP(n) + TIMG_WDTCONFIG0, TIMG_WDT_UPDATE);
  }
}

static uint64_t systimer(void) {
  mote_mmio_write(SYSTIMER + SYSTIMER_UNIT0_OP, SYSTIMER_UPDATE);
  while (!(mote_mmio_read(SYSTIMER + SYSTIMER_UNIT0_OP) & SYSTIMER_VALID)) continue;
  uint32_t low = mote_mmio_read(SYSTIMER + SYSTIMER_UNIT0_LOW);
  return (uint64_t)mote_mmio_read(SYSTIMER + SYSTIMER_UNIT0_HIGH) << 32 | low;
}

/* Flash is not written back, so that each boot begins with the same seed: what differs comes from the chip. Its register
 * is a true generator only with the radio or the bootloader's source of noise running; without them the secret of the
 * page is what nobody else knows, and the readings keep two boots from being alike. */
static void read_boot(void) {
  struct {
    struct mote_boot boot;
    uint32_t readings[32];
  } mixed;
  memcpy(&mixed.boot, &mote_boot_page, sizeof mixed.boot);
  mote_boot = mixed.boot;
  uint8_t any = 0;
  for (uint32_t i = 0; i < sizeof mote_boot.seed; i++) any |= mote_boot.seed[i];
  for (int i = 0; i < 32; i++) mixed.readings[i] = mote_mmio_read(RANDOM) ^ (uint32_t)systimer();
  if (any != 0) mote_sha256((const uint8_t *)&mixed, sizeof mixed, mote_boot.seed);
  mote_wipe(&mixed, sizeof mixed);
}

static void start_spi(void) {
  mote_mmio_write(SYSTEM + SYSTEM_PERIP_CLK_EN0, mote_mmio_read(SYSTEM + SYSTEM_PERIP_CLK_EN0) | PERIP_SPI2);
  mote_mmio_write(SYSTEM + SYSTEM_PERIP_RST_EN0, mote_mmio_read(SYSTEM + SYSTEM_PERIP_RST_EN0) & ~PERIP_SPI2);
  static const uint8_t pins[] = {PIN_MISO, PIN_SCK, PIN_MOSI, PIN_SELECT};
  for (uint32_t i = 0; i < sizeof pins; i++) mote_mmio_write(IO_MUX_PIN(pins[i]), IO_MUX_GPIO_INPUT);
  mote_mmio_write(GPIO + GPIO_OUT_SELECT + 4 * PIN_SCK, SIGNAL_SPI_CLOCK);
  mote_mmio_write(GPIO + GPIO_OUT_SELECT + 4 * PIN_MOSI, SIGNAL_SPI_MOSI);
  mote_mmio_write(GPIO + GPIO_OUT_SELECT + 4 * PIN_SELECT, SIGNAL_GPIO);
  mote_mmio_write(GPIO + GPIO_IN_SELECT + 4 * SIGNAL_SPI_MISO, GPIO_IN_FROM_MATRIX | PIN_MISO);
  mote_mmio_write(GPIO + GPIO_OUT_SET, 1u << PIN_SELECT);
  mote_mmio_write(GPIO + GPIO_ENABLE_SET, 1u << PIN_SELECT | 1u << PIN_SCK | 1u << PIN_MOSI);
  mote_mmio_write(SPI2 + SPI_CLK_GATE, SPI_CLK_GATE_ON);
  mote_mmio_write(SPI2 + SPI_SLAVE, 0);
  mote_mmio_write(SPI2 + SPI_CLOCK, SPI_CLOCK_20_MHZ);
  mote_mmio_write(SPI2 + SPI_DMA_CONF, 0);
}

void mote_board_start(void) {
  stop_watchdogs();
  mote_mmio_write(SYSTEM + SYSTEM_CPU_PER_CONF, CPU_PER_160_MHZ);
  mote_mmio_write(SYSTEM + SYSTEM_SYSCLK_CONF, SYSCLK_FROM_PLL);
  read_boot();
}

void mote_board_put(uint8_t byte) {
  while (UART_TX_COUNT(mote_mmio_read(UART + UART_STATUS)) >= UART_TX_MOST) continue;
  mote_mmio_write(UART + UART_FIFO, byte);
}

int mote_board_get(void) {
  if (UART_RX_COUNT(mote_mmio_read(UART + UART_STATUS)) == 0) return -1;
  return (int)(mote_mmio_read(UART + UART_FIFO) & 0xff);
}

uint32_t mote_board_ticks(void) { return (uint32_t)systimer(); }
uint32_t mote_hal_microseconds(void) { return (uint32_t)(systimer() / SYSTIMER_PER_US); }
uint32_t mote_hal_milliseconds(void) { return (uint32_t)(systimer() / (1000 * SYSTIMER_PER_US)); }

void mote_spi_select(int on) { mote_mmio_write(GPIO + (on ? GPIO_OUT_CLEAR : GPIO_OUT_SET), 1u << PIN_SELECT); }

static void spi_command(uint32_t command) {
  mote_mmio_write(SPI2 + SPI_CMD, command);
  for (int i = 0; i < SPI_POLLS && (mote_mmio_read(SPI2 + SPI_CMD) & command) != 0; i++) continue;
}

static void transfer(const uint8_t *out, uint8_t *in, uint32_t count) {
  uint32_t words[SPI_BUFFER_BYTES / 4] = {0};
  uint32_t used = (count + 3) / 4;
  if (out != NULL) {
    memcpy(words, out, count);
    for (uint32_t i = 0; i < used; i++) mote_mmio_write(SPI2 + SPI_W0 + 4 * i, words[i]);
  }
  mote_mmio_write(SPI2 + SPI_MS_DLEN, count * 8 - 1);
  mote_mmio_write(SPI2 + SPI_USER, SPI_USER_BOTH_WAYS);
  spi_command(SPI_CMD_UPDATE);
  spi_command(SPI_CMD_RUN);
  if (in == NULL) return;
  for (uint32_t i = 0; i < used; i++) words[i] = mote_mmio_read(SPI2 + SPI_W0 + 4 * i);
  memcpy(in, words, count);
}

void mote_spi_transfer(const uint8_t *out, uint8_t *in, uint32_t count) {
  for (uint32_t part; count != 0; count -= part) {
    part = count < SPI_BUFFER_BYTES ? count : SPI_BUFFER_BYTES;
    transfer(out, in, part);
    if (out != NULL) out += part;
    if (in != NULL) in += part;
  }
}

int mote_hal_start(uint8_t mac[6]) {
  mote_boot_mac(mac);
  start_spi();
  /* After power-on the chip needs its time. */
  uint32_t since = mote_hal_milliseconds();
  int error;
  while ((error = mote_w5500_start(mac)) != 0 && mote_hal_milliseconds() - since < POWER_ON_MS) continue;
  return error;
}

int mote_hal_random(uint8_t *bytes, uint32_t count) { return mote_boot_random(bytes, count); }
int mote_hal_link(void) { return mote_w5500_link(); }
uint32_t mote_hal_receive(uint8_t *frame, uint32_t most) { return mote_w5500_receive(frame, most); }
int mote_hal_send(const uint8_t *frame, uint32_t bytes) { return mote_w5500_send(frame, bytes); }

/** No interrupt tells of the link: the pump looks at it between two sleeps. */
#define LONGEST_SLEEP_MS 500u

/* The W5500 is asked, as its interrupt line need not be connected. */
void mote_hal_sleep(uint32_t ms) {
  uint32_t since = mote_hal_milliseconds();
  if (ms > LONGEST_SLEEP_MS) ms = LONGEST_SLEEP_MS;
  while (mote_hal_milliseconds() - since < ms) {
    if (mote_w5500_is_waiting() || UART_RX_COUNT(mote_mmio_read(UART + UART_STATUS)) != 0) return;
  }
}
