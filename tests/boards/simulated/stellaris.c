/* The Ethernet controller of the LM3S6965 as its datasheet has it, with 2 KiB of FIFO each way and a PHY, or without
 * one as in QEMU. Anything that the datasheet does not allow ends the test. */

#include "stellaris.h"
#include "device.h"
#include "mmio.h"
#include <stddef.h>
#include <string.h>

enum { FIFO_WORDS = 2048 / 4, FRAMES = 31, FCS = 4, BUSY_READS = 3, LONGEST = 1600, NOTHING = -1 };

static struct {
  uint32_t rx[FIFO_WORDS], rx_words, frames, left;
  uint32_t tx[FIFO_WORDS], tx_words;
  uint32_t ris, rctl, tctl, thr, mdv, mrxd, mctl, mii_busy, low, high;
  uint32_t phy[32];
  uint32_t accesses, freeze_at;
  int new_tx, holds, frozen, is_absent, latched_down;
} mac_unit;

static void reset(void) {
  memset(&mac_unit, 0, sizeof mac_unit);
  mac_unit.freeze_at = UINT32_MAX;
  mac_unit.rctl = 8;
  mac_unit.thr = 0x3f;
  mac_unit.mdv = 0x80;
  mac_unit.phy[1] = 0x782d;
  mac_unit.phy[2] = 0x000e;
  mac_unit.phy[3] = 0x7237;
  mac_unit.phy[4] = 0x01e1;
  mac_unit.phy[5] = 0x45e1;
}

static void transmit(void) {
  uint8_t frame[2048];
  if (!mac_unit.new_tx || mac_unit.holds) return;
  uint32_t bytes = (mac_unit.tx[0] & 0xffff) + 14, words = (2 + bytes + 3) / 4;
  CHECK(mac_unit.tx_words == words, "%u words for a frame of %u bytes", mac_unit.tx_words, bytes);
  CHECK((mac_unit.tctl & 7) == 7, "MACTCTL %x", mac_unit.tctl);
  for (uint32_t i = 2; i < words * 4; i++) frame[i - 2] = (uint8_t)(mac_unit.tx[i / 4] >> i % 4 * 8);
  for (uint32_t i = bytes; i < words * 4 - 2; i++) CHECK(frame[i] == 0, "byte %u behind the frame is %u", i, frame[i]);
  for (; bytes < 60; bytes++) frame[bytes] = 0;
  sent(frame, bytes);
  mac_unit.tx_words = 0;
  mac_unit.new_tx = 0;
  mac_unit.ris |= 4;
}

static uint32_t rx_word(void) {
  CHECK(mac_unit.frames > 0, "read of an empty FIFO");
  uint32_t word = mac_unit.rx[0];
  if (mac_unit.left == 0) mac_unit.left = ((word & 0xffff) + 3) / 4;
  memmove(mac_unit.rx, mac_unit.rx + 1, --mac_unit.rx_words * sizeof *mac_unit.rx);
  if (--mac_unit.left == 0) mac_unit.frames--;
  return word;
}

static uint32_t mii_read(void) {
  if (mac_unit.frozen) return mac_unit.mctl | 1;
  return mac_unit.mii_busy > 0 ? mac_unit.mii_busy--, mac_unit.mctl | 1 : mac_unit.mctl & ~1u;
}

uint32_t mote_mmio_read(uintptr_t address) {
  mac_unit.frozen = ++mac_unit.accesses > mac_unit.freeze_at;
  if (mac_unit.is_absent) return 0xffffffff;
  switch (address - MOTE_STELLARIS_BASE) {
  case 0x00: return mac_unit.ris;
  case 0x10: return rx_word();
  case 0x14: return mac_unit.low;
  case 0x18: return mac_unit.high;
  case 0x20: return mii_read();
  case 0x30:
    CHECK(mac_unit.mii_busy == 0 || mac_unit.frozen, "MACMRXD before the PHY has answered");
    return mac_unit.mrxd;
  case 0x34: return mac_unit.frames;
  case 0x38: return (uint32_t)mac_unit.new_tx;
  default: CHECK(0, "read of register %x", (unsigned)(address - MOTE_STELLARIS_BASE)); return 0;
  }
}

uint16_t mote_mmio_read16(uintptr_t address) {
  CHECK(0, "16 bits of %x", (unsigned)address);
  return 0;
}

static void write_rctl(uint32_t value) {
  if ((value & 0x10) != 0) {
    CHECK((value & 1) == 0, "the FIFO is reset while the receiver runs");
    mac_unit.rx_words = mac_unit.frames = mac_unit.left = 0;
  }
  mac_unit.rctl = value;
}

static void start_mii(uint32_t value) {
  uint32_t number = value >> 3 & 31;
  CHECK((value & 3) == 1 && value >> 8 == 0, "MACMCTL %x", value);
  CHECK(mac_unit.mii_busy == 0 || mac_unit.frozen, "an access while the last one runs");
  CHECK(mac_unit.mdv >= 9 && mac_unit.mdv <= 0x80, "MACMDV %x", mac_unit.mdv);
  mac_unit.mctl = value;
  mac_unit.mii_busy = BUSY_READS;
  mac_unit.mrxd = mac_unit.phy[number];
  if (number == 1 && mac_unit.latched_down) mac_unit.mrxd &= ~4u;
  if (number == 1) mac_unit.latched_down = 0;
}

static void write_data(uint32_t value) {
  CHECK(!mac_unit.new_tx, "data while a frame is on its way");
  CHECK(mac_unit.tx_words < FIFO_WORDS, "the FIFO is full");
  CHECK(mac_unit.tx_words > 0 || (value & 0xffff) <= 1500, "a length of %u", value & 0xffff);
  mac_unit.tx[mac_unit.tx_words++] = value;
}

static void write_ack(uint32_t value) {
  mac_unit.ris &= ~value;
  if ((value & 2) != 0) mac_unit.tx_words = 0;
}

void mote_mmio_write(uintptr_t address, uint32_t value) {
  if (mac_unit.is_absent) return;
  switch (address - MOTE_STELLARIS_BASE) {
  case 0x00: write_ack(value); break;
  case 0x04: CHECK(value == 0, "interrupts %x", value); break;
  case 0x08: write_rctl(value); break;
  case 0x0c: mac_unit.tctl = value; break;
  case 0x10: write_data(value); break;
  case 0x14: mac_unit.low = value; break;
  case 0x18: mac_unit.high = value; break;
  case 0x1c: mac_unit.thr = value; break;
  case 0x20: start_mii(value); break;
  case 0x24: mac_unit.mdv = value; break;
  case 0x38:
    CHECK(value == 1, "MACTR %x", value);
    mac_unit.new_tx = 1;
    if (!mac_unit.frozen) transmit();
    break;
  default: CHECK(0, "write of register %x", (unsigned)(address - MOTE_STELLARIS_BASE));
  }
}

/** Puts a frame with its FCS into the FIFO; length: what the FIFO says, by itself the right one. */
static int put(const uint8_t *frame, uint32_t bytes, int32_t length) {
  uint8_t all[2048];
  uint32_t total = 2 + bytes + FCS, words = (total + 3) / 4;
  if ((mac_unit.rctl & 1) == 0 || bytes > LONGEST) return 0;
  if (mac_unit.frames == FRAMES || mac_unit.rx_words + words > FIFO_WORDS) return 0;
  memset(all, 0xa5, sizeof all);
  uint32_t said = length == NOTHING ? total : (uint32_t)length;
  all[0] = (uint8_t)said;
  all[1] = (uint8_t)(said >> 8);
  memcpy(all + 2, frame, bytes);
  for (uint32_t i = 0; i < words * 4; i += 4) {
    mac_unit.rx[mac_unit.rx_words++] =
        all[i] | (uint32_t)all[i + 1] << 8 | (uint32_t)all[i + 2] << 16 | (uint32_t)all[i + 3] << 24;
  }
  mac_unit.frames++;
  return 1;
}

static int deliver(const uint8_t *frame, uint32_t bytes) { return put(frame, bytes, NOTHING); }

static void hold(int on) {
  mac_unit.holds = on;
  transmit();
}

static void set_link(int up) {
  mac_unit.phy[1] = (mac_unit.phy[1] & ~4u) | (up ? 4u : 0);
  if (!up) mac_unit.latched_down = 1;
}

static void freeze_after(uint32_t accesses) { mac_unit.freeze_at = mac_unit.accesses + accesses; }
static void absent(void) { mac_unit.is_absent = 1; }

static const uint8_t *mac(void) {
  static uint8_t bytes[6];
  for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(mac_unit.low >> i * 8);
  for (int i = 0; i < 2; i++) bytes[4 + i] = (uint8_t)(mac_unit.high >> i * 8);
  return bytes;
}

/** A length that cannot be: the FIFO is emptied, and the next frame comes. */
static void lengths_that_cannot_be(void) {
  static const uint16_t lengths[] = {0, 1, 2, 6, 19, 2049, 0x7fff, 0xffff};
  set_up();
  for (uint32_t i = 0; i < 8; i++) {
    put(make_frame(100, 1), 100, lengths[i]);
    deliver_frame(100, 2);
    expect_nothing();
    CHECK(mote_stellaris_dropped() == i + 1, "length %u: %u dropped", lengths[i], mote_stellaris_dropped());
    CHECK(mac_unit.rctl == 0xb, "MACRCTL %x", mac_unit.rctl);
    deliver_frame(1514, i);
    expect_frame(1514, i, 1514);
  }
}

static void filter(void) {
  set_up();
  CHECK(mac_unit.rctl == 0xb, "own, groups, and none with a wrong FCS: MACRCTL %x", mac_unit.rctl);
  CHECK(mac_unit.thr == 0x3f, "MACTHR %x", mac_unit.thr);
}

static void without_phy_reading(uint32_t value) {
  reset();
  for (int i = 0; i < 32; i++) mac_unit.phy[i] = value;
  CHECK(mote_stellaris_start(test_mac) == 0, "start");
  CHECK(mote_stellaris_link() == 1, "a link that nobody knows is down");
}

static void without_phy(void) {
  without_phy_reading(0);
  without_phy_reading(0xffff);
}

static void duplex_after(uint32_t partner, int full) {
  set_up();
  mac_unit.phy[5] = partner;
  CHECK(mote_stellaris_link() == 1, "down");
  CHECK(mac_unit.tctl == (full ? 0x17u : 0x07u), "partner %x: MACTCTL %x", partner, mac_unit.tctl);
}

static void duplex(void) {
  duplex_after(0x01e1, 1);
  duplex_after(0x0081, 0);
  duplex_after(0x00e1, 0);
  duplex_after(0x0061, 1);
  duplex_after(0x0021, 0);
}

static void link_lost_before_start(void) {
  reset();
  mac_unit.latched_down = 1;
  CHECK(mote_stellaris_start(test_mac) == 0, "start");
  CHECK(mote_stellaris_link() == 1, "down");
}

/** The MAC says that it could not send: its FIFO is emptied before the next frame. */
static void errors_of_sending(void) {
  set_up();
  mac_unit.ris |= 2;
  mac_unit.tx_words = 5;
  CHECK(send_frame(100, 1) == 0, "no room");
  expect_sent(100, 1);
  CHECK(mote_stellaris_dropped() == 1 && (mac_unit.ris & 2) == 0, "%u dropped", mote_stellaris_dropped());
  CHECK(send_frame(100, 2) == 0 && mote_stellaris_dropped() == 1, "%u dropped", mote_stellaris_dropped());
}

static const struct named_test tests[] = {{"Stellaris: lengths that cannot be", lengths_that_cannot_be},
                                          {"Stellaris: filter", filter},
                                          {"Stellaris: without PHY the link is up", without_phy},
                                          {"Stellaris: duplex as negotiated", duplex},
                                          {"Stellaris: a link that was lost before the start", link_lost_before_start},
                                          {"Stellaris: frames that the MAC could not send", errors_of_sending},
                                          {NULL, NULL}};

const struct device device = {.name = "stellaris",
                              .start = mote_stellaris_start,
                              .receive = mote_stellaris_receive,
                              .send = mote_stellaris_send,
                              .link = mote_stellaris_link,
                              .dropped = mote_stellaris_dropped,
                              .reset = reset,
                              .deliver = deliver,
                              .deliver_damaged = NULL,
                              .longest = LONGEST,
                              .hold = hold,
                              .set_link = set_link,
                              .freeze_after = freeze_after,
                              .absent = absent,
                              .mac = mac,
                              .tests = tests};
