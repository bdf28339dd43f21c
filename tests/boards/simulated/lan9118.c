/* LAN9118 as its datasheet has it: FIFOs of words, MAC registers behind a command, a PHY behind the MAC. Anything that
 * the datasheet does not allow ends the test. */

#include "lan9118.h"
#include "device.h"
#include "mmio.h"
#include <stddef.h>
#include <string.h>

enum { RX_WORDS = 10560 / 4, RX_STATUS = 176, TX_WORDS = 4608 / 4, TX_STATUS = 128, FCS = 4, LONGEST = 1536 };
enum { PHY_ADDRESS = 1, BUSY_READS = 3 };

static struct {
  uint32_t rx_data[RX_WORDS], rx_status[RX_STATUS], tx_data[TX_WORDS], tx_status[TX_STATUS];
  uint32_t rx_words, rx_frames, tx_words, tx_statuses;
  /** Words that are still to be read of the frame whose status was read. */
  uint32_t rx_left;
  uint32_t mac[16], mac_data, mac_command, mac_busy, mii_busy;
  uint32_t phy[32];
  uint32_t hw_cfg, tx_cfg, rx_cfg, reset_reads;
  uint32_t id, byte_test, accesses, freeze_at;
  int latched_down, holds, frozen, tx_error, phy_is_silent;
} chip;

static void reset_registers(void) {
  chip.rx_words = chip.rx_frames = chip.rx_left = chip.tx_words = chip.tx_statuses = 0;
  chip.hw_cfg = chip.tx_cfg = chip.rx_cfg = 0;
  memset(chip.mac, 0, sizeof chip.mac);
  chip.mac[1] = 1u << 18;
}

static void reset(void) {
  memset(&chip, 0, sizeof chip);
  chip.freeze_at = UINT32_MAX;
  chip.id = 0x01180001;
  chip.byte_test = 0x87654321;
  chip.phy[1] = 0x782d;
  chip.phy[2] = 0x0007;
  chip.phy[3] = 0xc0d1;
  chip.phy[4] = 0x01e1;
  chip.phy[5] = 0x45e1;
  reset_registers();
}

static void take_word(uint32_t *words, uint32_t *count) {
  --*count;
  memmove(words, words + 1, *count * sizeof *words);
}

/** Sends the frames that are complete in the FIFO. */
static void transmit(void) {
  while (!chip.holds && chip.tx_words >= 2) {
    uint32_t a = chip.tx_data[0], b = chip.tx_data[1];
    uint32_t bytes = b & 0x7ff, words = (bytes + 3) / 4;
    uint8_t frame[2048];
    CHECK((a & 0x3000) == 0x3000, "a frame in one buffer: %x", a);
    CHECK((a & 0x7ff) == bytes, "buffer %x, frame %x", a, b);
    CHECK((a & ~0x37ffu) == 0 && (b & ~0x7ffu) == 0, "commands %x %x", a, b);
    if (chip.tx_words < 2 + words) return;
    if (chip.tx_statuses == TX_STATUS) return;
    CHECK((chip.mac[1] & 8) != 0 && (chip.tx_cfg & 2) != 0, "sending is not switched on");
    for (uint32_t i = 0; i < words * 4; i++) frame[i] = (uint8_t)(chip.tx_data[2 + i / 4] >> i % 4 * 8);
    for (uint32_t i = bytes; i < words * 4; i++) CHECK(frame[i] == 0, "byte %u behind the frame is %u", i, frame[i]);
    sent(frame, bytes);
    for (uint32_t i = 0; i < 2 + words; i++) take_word(chip.tx_data, &chip.tx_words);
    chip.tx_status[chip.tx_statuses++] = chip.tx_error ? 1u << 15 : 0;
  }
}

static uint32_t phy_read(uint32_t number) {
  uint32_t value = chip.phy[number];
  CHECK(number <= 5, "PHY register %u", number);
  if (number == 1 && chip.latched_down) value &= ~4u;
  if (number == 1) chip.latched_down = 0;
  return value;
}

static void mac_execute(uint32_t command) {
  uint32_t number = command & 15;
  CHECK((command & ~0xc000000fu) == 0 && number >= 1 && number <= 12, "MAC command %x", command);
  CHECK(chip.mac_busy == 0 || chip.frozen, "MAC command %x while it is busy", command);
  chip.mac_busy = BUSY_READS;
  if ((command & 1u << 30) != 0) {
    chip.mac_data = chip.mac[number];
    if (number == 6 && chip.mii_busy > 0) chip.mii_busy -= !chip.phy_is_silent, chip.mac_data |= 1;
    return;
  }
  chip.mac[number] = chip.mac_data;
  if (number != 6) return;
  CHECK(chip.mii_busy == 0, "MII access while it is busy");
  CHECK(chip.mac_data >> 11 == PHY_ADDRESS && (chip.mac_data & 0x3f) == 1, "MII access %x", chip.mac_data);
  chip.mac[6] &= ~1u;
  chip.mii_busy = BUSY_READS;
  chip.mac[7] = phy_read(chip.mac_data >> 6 & 31);
}

static uint32_t rx_word(void) {
  CHECK(chip.rx_left > 0, "more words than the frame has");
  uint32_t word = chip.rx_data[0];
  chip.rx_left--;
  take_word(chip.rx_data, &chip.rx_words);
  return word;
}

static uint32_t rx_status(void) {
  CHECK(chip.rx_left == 0, "%u words of the last frame were not read", chip.rx_left);
  CHECK(chip.rx_frames > 0, "status without frame");
  uint32_t status = chip.rx_status[0];
  chip.rx_left = ((status >> 16 & 0x3fff) + 3) / 4;
  take_word(chip.rx_status, &chip.rx_frames);
  return status;
}

static uint32_t tx_status(void) {
  CHECK(chip.tx_statuses > 0, "status without frame");
  uint32_t status = chip.tx_status[0];
  take_word(chip.tx_status, &chip.tx_statuses);
  transmit();
  return status;
}

static uint32_t reset_bit(void) {
  if (chip.frozen) return 1;
  return chip.reset_reads > 0 ? chip.reset_reads-- > 0 : 0;
}

uint32_t mote_mmio_read(uintptr_t address) {
  chip.frozen = ++chip.accesses > chip.freeze_at;
  switch (address - MOTE_LAN9118_BASE) {
  case 0x00: return rx_word();
  case 0x40: return rx_status();
  case 0x48: return tx_status();
  case 0x50: return chip.id;
  case 0x64: return chip.byte_test;
  case 0x74: return chip.hw_cfg | reset_bit();
  case 0x7c: return chip.rx_frames << 16 | chip.rx_words * 4;
  case 0x80: return chip.tx_statuses << 16 | (TX_WORDS - chip.tx_words) * 4;
  case 0x84: return chip.frozen ? 0 : 1;
  case 0xa4:
    if (chip.frozen) return chip.mac_command | 1u << 31;
    return chip.mac_busy > 0 && chip.mac_busy-- > 0 ? chip.mac_command | 1u << 31 : chip.mac_command & ~(1u << 31);
  case 0xa8: return chip.mac_data;
  default: CHECK(0, "read of register %x", (unsigned)(address - MOTE_LAN9118_BASE)); return 0;
  }
}

uint16_t mote_mmio_read16(uintptr_t address) {
  CHECK(0, "16 bits of %x", (unsigned)address);
  return 0;
}

static void write_hw_cfg(uint32_t value) {
  if ((value & 1) != 0) {
    reset_registers();
    chip.reset_reads = BUSY_READS;
    return;
  }
  CHECK(chip.reset_reads == 0, "a setting during reset");
  CHECK(value == (1u << 20 | 5u << 16), "HW_CFG %x", value);
  chip.hw_cfg = value;
}

void mote_mmio_write(uintptr_t address, uint32_t value) {
  switch (address - MOTE_LAN9118_BASE) {
  case 0x20:
    CHECK(chip.tx_words < TX_WORDS, "the FIFO is full");
    chip.tx_data[chip.tx_words++] = value;
    if (!chip.frozen) transmit();
    break;
  case 0x58: break;
  case 0x5c: CHECK(value == 0, "interrupts %x", value); break;
  case 0x6c: chip.rx_cfg = value; break;
  case 0x70: chip.tx_cfg = value; break;
  case 0x74: write_hw_cfg(value); break;
  case 0xa4:
    chip.mac_command = value;
    if ((value & 1u << 31) != 0 && !chip.frozen) mac_execute(value);
    break;
  case 0xa8: chip.mac_data = value; break;
  default: CHECK(0, "write of register %x", (unsigned)(address - MOTE_LAN9118_BASE));
  }
}

/** Puts a frame with its FCS into the FIFO; the last word ends with anything. */
static int put(const uint8_t *frame, uint32_t bytes, uint32_t errors) {
  uint32_t length = bytes + FCS, words = (length + 3) / 4;
  CHECK(chip.rx_cfg == 0 && chip.tx_cfg == 2, "settings %x %x", chip.rx_cfg, chip.tx_cfg);
  if ((chip.mac[1] & 4) == 0 || bytes > LONGEST) return 0;
  if (chip.rx_frames == RX_STATUS || chip.rx_words + words > RX_WORDS) return 0;
  for (uint32_t i = 0; i < words; i++) {
    uint32_t word = 0xa5c3f0e1u;
    for (uint32_t k = 0; k < 4 && i * 4 + k < bytes; k++) {
      word = (word & ~(0xffu << k * 8)) | (uint32_t)frame[i * 4 + k] << k * 8;
    }
    chip.rx_data[chip.rx_words++] = word;
  }
  chip.rx_status[chip.rx_frames++] = length << 16 | errors;
  return 1;
}

static int deliver(const uint8_t *frame, uint32_t bytes) { return put(frame, bytes, 0); }

/** Error summary, and the bit of a wrong FCS, or another. */
static int deliver_damaged(const uint8_t *frame, uint32_t bytes) {
  return put(frame, bytes, 1u << 15 | 1u << bytes % 8);
}

static void hold(int on) {
  chip.holds = on;
  transmit();
}

static void set_link(int up) {
  chip.phy[1] = (chip.phy[1] & ~4u) | (up ? 4u : 0);
  if (!up) chip.latched_down = 1;
}

static void freeze_after(uint32_t accesses) { chip.freeze_at = chip.accesses + accesses; }
static void absent(void) { chip.byte_test = 0xffffffff; }

static const uint8_t *mac(void) {
  static uint8_t bytes[6];
  for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(chip.mac[3] >> i * 8);
  for (int i = 0; i < 2; i++) bytes[4 + i] = (uint8_t)(chip.mac[2] >> i * 8);
  return bytes;
}

static void another_chip(void) {
  reset();
  chip.id = 0x92210000;
  CHECK(mote_lan9118_start(test_mac) == 1, "start");
}

static void silent_phy(void) {
  reset();
  chip.phy_is_silent = 1;
  CHECK(mote_lan9118_start(test_mac) == 2, "start");
}

/** Groups pass, everything else that is not for the MAC stays outside. */
static void filter(void) {
  set_up();
  CHECK((chip.mac[1] & 1u << 19) != 0, "groups do not pass: MAC_CR %x", chip.mac[1]);
  CHECK((chip.mac[1] & (1u << 18 | 1u << 11)) == 0, "all pass, or broadcasts do not: MAC_CR %x", chip.mac[1]);
}

static void duplex_after(uint32_t partner, int full) {
  set_up();
  chip.phy[5] = partner;
  CHECK(mote_lan9118_link() == 1, "down");
  CHECK(((chip.mac[1] & 1u << 20) != 0) == full, "partner %x: MAC_CR %x", partner, chip.mac[1]);
  CHECK((chip.mac[1] & 12) == 12, "MAC_CR %x", chip.mac[1]);
}

static void duplex(void) {
  duplex_after(0x01e1, 1);
  duplex_after(0x0081, 0);
  duplex_after(0x00e1, 0);
  duplex_after(0x0061, 1);
  duplex_after(0x0021, 0);
  duplex_after(0x0000, 0);
}

static void link_lost_before_start(void) {
  reset();
  chip.latched_down = 1;
  CHECK(mote_lan9118_start(test_mac) == 0, "start");
  CHECK(mote_lan9118_link() == 1, "down");
}

/** More frames than the FIFO has room for statuses: nobody may let it fill. */
static void statuses(void) {
  set_up();
  for (uint32_t i = 0; i < 2 * TX_STATUS; i++) {
    CHECK(send_frame(60, i) == 0, "no room for frame %u", i);
    expect_sent(60, i);
  }
}

/** The FIFO fills to its last word, and not beyond. */
static void full_to_the_last_word(void) {
  for (uint32_t first = 60; first < 60 + 4 * 20; first += 4) {
    for (uint32_t bytes = 60; bytes <= 1514; bytes += 4) {
      set_up();
      chip.holds = 1;
      CHECK(send_frame(first, 0) == 0, "no room");
      while (send_frame(bytes, 0) == 0) continue;
      uint32_t room = TX_WORDS - chip.tx_words, needs = 2 + (bytes + 3) / 4;
      CHECK(room < needs, "no room for %u words in %u", needs, room);
    }
  }
}

static void errors_of_sending(void) {
  set_up();
  chip.tx_error = 1;
  for (uint32_t i = 0; i < 10; i++) CHECK(send_frame(60, i) == 0, "no room");
  chip.tx_error = 0;
  CHECK(send_frame(60, 10) == 0 && mote_lan9118_dropped() == 10, "%u dropped", mote_lan9118_dropped());
}

/** A status without error whose frame is shorter than a header. */
static void runts(void) {
  set_up();
  for (uint32_t bytes = 0; bytes < 14; bytes++) {
    put(make_frame(14, 1), bytes, 0);
    deliver_frame(60, bytes);
    expect_frame(60, bytes, 1514);
  }
  CHECK(mote_lan9118_dropped() == 14, "%u dropped", mote_lan9118_dropped());
}

static const struct named_test tests[] = {{"LAN9118: another chip of the family", another_chip},
                                          {"LAN9118: the PHY never answers", silent_phy},
                                          {"LAN9118: filter", filter},
                                          {"LAN9118: duplex as negotiated", duplex},
                                          {"LAN9118: a link that was lost before the start", link_lost_before_start},
                                          {"LAN9118: full to the last word", full_to_the_last_word},
                                          {"LAN9118: statuses of sent frames are taken", statuses},
                                          {"LAN9118: frames that the chip could not send", errors_of_sending},
                                          {"LAN9118: frames without header", runts},
                                          {NULL, NULL}};

const struct device device = {.name = "lan9118",
                              .start = mote_lan9118_start,
                              .receive = mote_lan9118_receive,
                              .send = mote_lan9118_send,
                              .link = mote_lan9118_link,
                              .dropped = mote_lan9118_dropped,
                              .reset = reset,
                              .deliver = deliver,
                              .deliver_damaged = deliver_damaged,
                              .longest = LONGEST,
                              .hold = hold,
                              .set_link = set_link,
                              .freeze_after = freeze_after,
                              .absent = absent,
                              .mac = mac,
                              .tests = tests};
