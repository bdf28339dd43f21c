/* W5500 byte by byte on SPI, from its datasheet: three bytes of address and control after chip select, data with an
 * address that counts up, blocks of registers and buffers, socket 0 in MACRAW. Anything that the datasheet does not
 * allow ends the test. */

#include "w5500.h"
#include "device.h"
#include <stddef.h>
#include <string.h>

enum { MEMORY = 16384, SOCKETS = 8, COMMON_BYTES = 0x3a, SOCKET_BYTES = 0x30, LONGEST = 1518, BUSY_READS = 2 };
enum { MR = 0x00, SHAR = 0x09, SIR = 0x17, PHYCFGR = 0x2e, VERSIONR = 0x39 };
enum { SN_MR = 0x00, SN_CR, SN_IR, SN_SR, SN_RXBUF_SIZE = 0x1e, SN_TXBUF_SIZE, SN_TX_FSR, SN_TX_RD = 0x22 };
enum { SN_TX_WR = 0x24, SN_RX_RSR = 0x26, SN_RX_RD = 0x28, SN_RX_WR = 0x2a, SN_IMR = 0x2c };
enum { OPEN = 0x01, CLOSE = 0x10, SEND = 0x20, RECV = 0x40, SENDOK = 0x10, TIMEOUT = 0x08, RECEIVED = 0x04 };
enum { IN_COMMON, IN_REGISTERS, IN_TX, IN_RX };

static struct {
  uint8_t common[COMMON_BYTES], sockets[SOCKETS][SOCKET_BYTES], tx[MEMORY], rx[MEMORY];
  /** Pointers as the chip uses them; those in registers take effect with a command. */
  uint16_t tx_read, tx_end, rx_read, rx_write;
  int selected, sending, holds, frozen, times_out, link_is_down;
  uint32_t header_bytes, command_reads, reset_reads, transfers, accesses, freeze_at;
  uint8_t header[3];
  /** Nothing drives the line: what it reads as. */
  int is_gone;
  uint8_t line;
  uint16_t address;
  /** Where pointers begin after OPEN. */
  uint16_t origin;
  /** A frame of so many bytes comes between the two bytes of RSR, so often. */
  uint32_t tears, tear_bytes;
} chip;

static void get_ready(void) {
  memset(chip.common, 0, sizeof chip.common);
  memset(chip.sockets, 0, sizeof chip.sockets);
  chip.common[VERSIONR] = 0x04;
  chip.common[PHYCFGR] = chip.link_is_down ? 0xbe : 0xbf;
  for (int i = 0; i < SOCKETS; i++) {
    chip.sockets[i][SN_RXBUF_SIZE] = chip.sockets[i][SN_TXBUF_SIZE] = 2;
    chip.sockets[i][SN_IMR] = 0xff;
  }
  chip.sending = 0;
}

static void reset(void) {
  memset(&chip, 0, sizeof chip);
  chip.freeze_at = UINT32_MAX;
  get_ready();
}

static uint8_t *socket_0(void) { return chip.sockets[0]; }

static void set16(uint32_t place, uint32_t value) {
  socket_0()[place] = (uint8_t)(value >> 8);
  socket_0()[place + 1] = (uint8_t)value;
}

static uint16_t get16(uint32_t place) { return (uint16_t)(socket_0()[place] << 8 | socket_0()[place + 1]); }
static uint32_t rx_size(void) { return (uint32_t)socket_0()[SN_RXBUF_SIZE] * 1024; }
static uint32_t tx_size(void) { return (uint32_t)socket_0()[SN_TXBUF_SIZE] * 1024; }
static uint16_t waiting(void) { return (uint16_t)(chip.rx_write - chip.rx_read); }

/** Registers that the chip keeps, from its own pointers. */
static void tell(void) {
  set16(SN_RX_RSR, waiting());
  set16(SN_RX_WR, chip.rx_write);
  set16(SN_TX_RD, chip.tx_read);
  set16(SN_TX_FSR, tx_size() - (uint16_t)(chip.tx_end - chip.tx_read));
  chip.common[SIR] = 0;
  for (int i = 0; i < SOCKETS; i++) {
    if ((chip.sockets[i][SN_IR] & chip.sockets[i][SN_IMR]) != 0) chip.common[SIR] |= (uint8_t)(1 << i);
  }
}

static void transmit(void) {
  uint8_t frame[MEMORY];
  uint16_t count = (uint16_t)(chip.tx_end - chip.tx_read);
  if (!chip.sending || chip.holds || chip.frozen) return;
  for (uint32_t i = 0; i < count; i++) frame[i] = chip.tx[(uint16_t)(chip.tx_read + i) % tx_size()];
  if (!chip.times_out) sent(frame, count);
  chip.tx_read = chip.tx_end;
  chip.sending = 0;
  socket_0()[SN_IR] |= chip.times_out ? TIMEOUT : SENDOK;
}

static void open_socket(void) {
  uint32_t rx_sum = 0, tx_sum = 0;
  CHECK(socket_0()[SN_SR] == 0, "OPEN of a socket that is open");
  CHECK((socket_0()[SN_MR] & 0x0f) == 4, "Sn_MR %x", socket_0()[SN_MR]);
  for (int i = 0; i < SOCKETS; i++) {
    rx_sum += chip.sockets[i][SN_RXBUF_SIZE];
    tx_sum += chip.sockets[i][SN_TXBUF_SIZE];
  }
  CHECK(rx_sum <= 16 && tx_sum <= 16, "more memory than there is: %u KiB, %u KiB", rx_sum, tx_sum);
  CHECK(rx_size() == MEMORY && tx_size() == MEMORY, "%u and %u bytes for socket 0", rx_size(), tx_size());
  chip.tx_read = chip.tx_end = chip.rx_read = chip.rx_write = chip.origin;
  set16(SN_TX_WR, chip.origin);
  set16(SN_RX_RD, chip.origin);
  socket_0()[SN_SR] = 0x42;
}

static void start_send(void) {
  uint16_t count = (uint16_t)(get16(SN_TX_WR) - chip.tx_end);
  CHECK(socket_0()[SN_SR] == 0x42, "SEND of a socket that is not open");
  CHECK(!chip.sending, "SEND before the last one is done");
  CHECK((socket_0()[SN_IR] & (SENDOK | TIMEOUT)) == 0, "what became of the last one was not taken");
  CHECK(count >= 60 && count <= 1514, "a frame of %u bytes", count);
  chip.tx_end = get16(SN_TX_WR);
  chip.sending = 1;
  transmit();
}

static void take(void) {
  uint16_t step = (uint16_t)(get16(SN_RX_RD) - chip.rx_read);
  CHECK(step > 0 && step <= waiting(), "RECV of %u bytes of %u", step, waiting());
  chip.rx_read = get16(SN_RX_RD);
}

static void execute(uint8_t command) {
  CHECK(socket_0()[SN_CR] == 0 || chip.frozen, "command %x during command %x", command, socket_0()[SN_CR]);
  socket_0()[SN_CR] = command;
  chip.command_reads = BUSY_READS;
  if (chip.frozen) return;
  if (command == OPEN) open_socket();
  else if (command == CLOSE) socket_0()[SN_SR] = 0, chip.sending = 0;
  else if (command == SEND) start_send();
  else if (command == RECV) take();
  else CHECK(0, "command %x", command);
}

static int put(const uint8_t *frame, uint32_t bytes, int32_t length) {
  uint8_t head[2] = {(uint8_t)(length >> 8), (uint8_t)length};
  if (socket_0()[SN_SR] != 0x42 || chip.frozen || waiting() + 2 + bytes > rx_size()) return 0;
  for (uint32_t i = 0; i < 2; i++) chip.rx[chip.rx_write++ % rx_size()] = head[i];
  for (uint32_t i = 0; i < bytes; i++) chip.rx[chip.rx_write++ % rx_size()] = frame[i];
  socket_0()[SN_IR] |= RECEIVED;
  return 1;
}

/** With MFEN only frames for the chip's MAC, groups and all. */
static int passes(const uint8_t *frame) {
  return (socket_0()[SN_MR] & 0x80) == 0 || (frame[0] & 1) != 0 || memcmp(frame, chip.common + SHAR, 6) == 0;
}

static int deliver(const uint8_t *frame, uint32_t bytes) {
  return bytes <= LONGEST && passes(frame) && put(frame, bytes, (int32_t)bytes + 2);
}

static uint8_t read_common(uint32_t place) {
  CHECK(place < COMMON_BYTES, "common register %x", place);
  if (place == MR && (chip.frozen || (chip.reset_reads > 0 && chip.reset_reads-- > 0))) return 0x80;
  return chip.common[place];
}

static uint8_t read_register(uint32_t socket, uint32_t place) {
  CHECK(place < SOCKET_BYTES, "register %x of socket %u", place, socket);
  if (socket == 0 && place == SN_CR && !chip.frozen && chip.command_reads > 0 && --chip.command_reads == 0) {
    socket_0()[SN_CR] = 0;
  }
  uint8_t value = chip.sockets[socket][place];
  if (socket == 0 && place == SN_RX_RSR && chip.tears > 0) {
    chip.tears--;
    put(make_frame(chip.tear_bytes, chip.tears), chip.tear_bytes, (int32_t)chip.tear_bytes + 2);
    tell();
  }
  return value;
}

static uint8_t read_byte(uint32_t block, uint32_t place) {
  uint32_t kind = block % 4;
  if (block == 0) return read_common(place);
  CHECK(kind != IN_COMMON, "block %u", block);
  if (kind == IN_REGISTERS) return read_register(block / 4, place);
  CHECK(block / 4 == 0, "memory of socket %u", block / 4);
  return kind == IN_TX ? chip.tx[place % MEMORY] : chip.rx[place % MEMORY];
}

static void write_common(uint32_t place, uint8_t value) {
  if (place == MR) {
    CHECK(value == 0x80, "MR %x", value);
    if (!chip.frozen) get_ready();
    chip.reset_reads = BUSY_READS;
    return;
  }
  CHECK(place >= SHAR && place < SHAR + 6, "write of common register %x", place);
  chip.common[place] = value;
}

static void write_register(uint32_t socket, uint32_t place, uint8_t value) {
  static const uint8_t writable[] = {SN_MR,        SN_RXBUF_SIZE, SN_TXBUF_SIZE, SN_TX_WR,
                                     SN_TX_WR + 1, SN_RX_RD,      SN_RX_RD + 1};
  if (socket == 0 && place == SN_CR) execute(value);
  else if (place == SN_IR) chip.sockets[socket][SN_IR] &= (uint8_t)~value;
  else if (memchr(writable, (int)place, sizeof writable) != NULL) chip.sockets[socket][place] = value;
  else CHECK(0, "write of register %x of socket %u", place, socket);
}

static void write_byte(uint32_t block, uint32_t place, uint8_t value) {
  uint32_t kind = block % 4;
  if (block == 0) write_common(place, value);
  else if (kind == IN_REGISTERS) write_register(block / 4, place, value);
  else {
    CHECK(block == IN_TX, "write of block %u", block);
    uint16_t ahead = (uint16_t)(place - chip.tx_end);
    CHECK(!chip.sending || chip.frozen, "a frame is written while another leaves");
    CHECK(ahead < tx_size(), "byte %u behind the end of what is sent", ahead);
    chip.tx[place % MEMORY] = value;
  }
}

void mote_spi_select(int on) {
  if (on) CHECK(!chip.selected, "selected twice");
  chip.selected = on;
  chip.header_bytes = 0;
  chip.transfers++;
  if (++chip.accesses > chip.freeze_at) chip.frozen = 1;
}

static uint8_t exchange(uint8_t out) {
  CHECK(chip.selected, "a byte without chip select");
  if (chip.is_gone) return chip.line;
  if (chip.header_bytes < 3) {
    chip.header[chip.header_bytes++] = out;
    if (chip.header_bytes < 3) return 0x01 + (uint8_t)chip.header_bytes;
    CHECK((out & 3) == 0, "control %x: only variable length", out);
    chip.address = (uint16_t)(chip.header[0] << 8 | chip.header[1]);
    return 0x03;
  }
  tell();
  uint32_t block = chip.header[2] >> 3, place = chip.address++;
  if ((chip.header[2] & 4) == 0) return read_byte(block, place);
  write_byte(block, place, out);
  return 0;
}

void mote_spi_transfer(const uint8_t *out, uint8_t *in, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    uint8_t byte = exchange(out == NULL ? 0xff : out[i]);
    if (in != NULL) in[i] = byte;
  }
}

static void hold(int on) {
  chip.holds = on;
  transmit();
}

static void set_link(int up) {
  chip.link_is_down = !up;
  chip.common[PHYCFGR] = (uint8_t)((chip.common[PHYCFGR] & ~1) | up);
}

static void freeze_after(uint32_t accesses) { chip.freeze_at = chip.accesses + accesses; }
static void absent(void) { chip.common[VERSIONR] = 0xff; }
static const uint8_t *mac(void) { return chip.common + SHAR; }

/** Lengths that cannot be: the socket is opened anew, and the next frame comes. */
static void lengths_that_cannot_be(void) {
  static const int32_t lengths[] = {0, 1, 2, 15, 102 + 102 + 1, 1525, 0x4000, 0xffff};
  set_up();
  for (uint32_t i = 0; i < 8; i++) {
    put(make_frame(100, 1), 100, lengths[i]);
    deliver_frame(100, 2);
    chip.transfers = 0;
    expect_nothing();
    CHECK(chip.transfers < 200, "%u transfers", chip.transfers);
    CHECK(mote_w5500_dropped() == i + 1, "length %x: %u dropped", (unsigned)lengths[i], mote_w5500_dropped());
    expect_nothing();
    deliver_frame(1514, i);
    expect_frame(1514, i, 1514);
    CHECK(send_frame(70, i) == 0, "no room");
    expect_sent(70, i);
  }
}

/** Longer than any frame, though all of it is there. */
static void longer_than_a_frame(void) {
  uint8_t frame[4096];
  set_up();
  put(make_frame(1523, 1), 1523, 1525);
  CHECK(mote_w5500_receive(frame, sizeof frame) == 0 && mote_w5500_dropped() == 1, "a frame");
  deliver_frame(60, 1);
  expect_frame(60, 1, 60);
}

/** Pointers of 16 bits and buffers of 16 KiB wrap at every place of a frame. */
static void pointers_wrap(void) {
  for (uint32_t origin = 0; origin < 0x20000; origin += 61) {
    reset();
    chip.origin = (uint16_t)(origin < 0x10000 ? MEMORY - 100 + origin % 120 : 0x10000 - 100 + origin % 120);
    CHECK(mote_w5500_start(test_mac) == 0, "start");
    for (uint32_t i = 0; i < 3; i++) {
      deliver_frame(64 + i, i);
      expect_frame(64 + i, i, 1514);
      CHECK(send_frame(50 + i, i) == 0, "no room");
      expect_sent(50 + i, i);
    }
  }
}

static void many_rounds(void) {
  set_up();
  for (uint32_t i = 0; i < 1000; i++) {
    uint32_t bytes = 14 + i * 37 % 1501;
    deliver_frame(bytes, i);
    deliver_frame(1514, i + 1);
    expect_frame(bytes, i, 1514);
    expect_frame(1514, i + 1, 1514);
    CHECK(send_frame(bytes, i) == 0, "no room");
    expect_sent(bytes, i);
  }
}

/** A frame comes while its size is read: 0x00fe + 0x104 shows as 0x0002 to who reads once. */
static void sizes_that_change(void) {
  set_up();
  for (uint32_t round = 0; round < 20; round++) {
    deliver_frame(252, 9);
    chip.tear_bytes = 258;
    chip.tears = 1;
    expect_frame(252, 9, 1514);
    expect_frame(258, 0, 1514);
    expect_nothing();
  }
  CHECK(mote_w5500_dropped() == 0, "%u dropped", mote_w5500_dropped());
}

/** One that never has two equal readings is left alone, for now. */
static void sizes_that_never_stop(void) {
  set_up();
  chip.tear_bytes = 14;
  chip.tears = 100;
  deliver_frame(60, 1);
  chip.transfers = 0;
  expect_nothing();
  CHECK(chip.transfers < 100, "%u transfers", chip.transfers);
  chip.tears = 0;
  expect_frame(60, 1, 1514);
}

static void filter(void) {
  static const uint8_t to_all[60] = {255, 255, 255, 255, 255, 255, 1}, to_group[60] = {1, 0, 0x5e, 0, 0, 0xfb, 1};
  static const uint8_t to_other[60] = {0x02, 0, 0, 0, 0, 0x55, 1};
  uint8_t frame[1514];
  set_up();
  CHECK((socket_0()[SN_MR] & 0x70) == 0, "Sn_MR %x", socket_0()[SN_MR]);
  CHECK(deliver(to_all, 60) && mote_w5500_receive(frame, 1514) == 60, "to all");
  CHECK(deliver(to_group, 60) && mote_w5500_receive(frame, 1514) == 60, "to a group");
  CHECK(!deliver(to_other, 60), "for another");
}

static void given_up_by_the_chip(void) {
  set_up();
  chip.times_out = 1;
  for (uint32_t i = 0; i < 10; i++) CHECK(send_frame(60, i) == 0, "no room");
  chip.times_out = 0;
  CHECK(send_frame(60, 10) == 0 && mote_w5500_dropped() == 10, "%u dropped", mote_w5500_dropped());
  expect_sent(60, 10);
}

/** A frame that never leaves: after many offers the socket is opened anew, and the next goes. */
static void never_done(void) {
  set_up();
  CHECK(send_frame(60, 1) == 0, "no room");
  expect_sent(60, 1);
  chip.holds = 1;
  CHECK(send_frame(60, 2) == 0, "no room");
  uint32_t offers = 0;
  while (send_frame(60, 3) == 1) CHECK(++offers < 5000, "for ever");
  CHECK(offers > 100, "given up after %u offers", offers);
  CHECK(mote_w5500_dropped() == 1, "%u dropped", mote_w5500_dropped());
  hold(0);
  expect_sent(60, 3);
}

/** The chip has lost its settings, as after a fall of its supply. */
static void loses_its_settings(void) {
  set_up();
  get_ready();
  CHECK(mote_w5500_link() == 1, "down");
  CHECK(memcmp(mac(), test_mac, 6) == 0, "the MAC is lost");
  deliver_frame(100, 1);
  expect_frame(100, 1, 1514);
  CHECK(send_frame(100, 2) == 0, "no room");
  expect_sent(100, 2);
}

/** Nothing drives the line: all ones, or all zeros; when the chip is back it goes on. */
static void is_gone_for_a_while(void) {
  uint8_t frame[1514];
  set_up();
  for (uint32_t round = 0; round < 2; round++) {
    chip.is_gone = 1;
    chip.line = round == 0 ? 0xff : 0;
    chip.transfers = 0;
    for (uint32_t i = 0; i < 10; i++) {
      CHECK(mote_w5500_receive(frame, sizeof frame) == 0, "a frame");
      send_frame(100, i);
      CHECK(mote_w5500_link() == 0, "up");
    }
    CHECK(chip.transfers < 30 * 20, "%u transfers", chip.transfers);
    chip.is_gone = 0;
    get_ready();
    CHECK(mote_w5500_link() == 1, "down");
    deliver_frame(100, round);
    expect_frame(100, round, 1514);
    CHECK(send_frame(100, round) == 0, "no room");
    expect_sent(100, round);
  }
}

static void another_version(void) {
  reset();
  chip.common[VERSIONR] = 0x03;
  CHECK(mote_w5500_start(test_mac) == 1, "another version");
  chip.common[VERSIONR] = 0x04;
  CHECK(mote_w5500_start(test_mac) == 0, "start");
}

static const struct named_test tests[] = {{"W5500: lengths that cannot be", lengths_that_cannot_be},
                                          {"W5500: longer than any frame", longer_than_a_frame},
                                          {"W5500: pointers wrap", pointers_wrap},
                                          {"W5500: buffers wrap many times", many_rounds},
                                          {"W5500: a size that changes while it is read", sizes_that_change},
                                          {"W5500: sizes that never stop changing", sizes_that_never_stop},
                                          {"W5500: filter", filter},
                                          {"W5500: frames that the chip gives up", given_up_by_the_chip},
                                          {"W5500: a frame that never leaves", never_done},
                                          {"W5500: a chip that loses its settings", loses_its_settings},
                                          {"W5500: a chip that is gone for a while", is_gone_for_a_while},
                                          {"W5500: another version", another_version},
                                          {NULL, NULL}};

const struct device device = {.name = "w5500",
                              .start = mote_w5500_start,
                              .receive = mote_w5500_receive,
                              .send = mote_w5500_send,
                              .link = mote_w5500_link,
                              .dropped = mote_w5500_dropped,
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
