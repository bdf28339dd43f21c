#include "w5500.h"
#include "driver.h"
#include <stddef.h>
#include <string.h>

/** Blocks of the chip, and the direction: the third byte of a transfer (datasheet, 2.2.2), variable length. */
enum { COMMON = 0 << 3, SOCKET_0 = 1 << 3, TX_BUFFER = 2 << 3, RX_BUFFER = 3 << 3 };
enum { NEXT_SOCKET = 4 << 3, WRITE = 1 << 2 };

/** Registers of the common block, with the datasheet's names. */
enum { MR = 0x00, SHAR = 0x09, PHYCFGR = 0x2e, VERSIONR = 0x39 };

/** Registers of a socket. */
enum {
  SN_MR = 0x00,
  SN_CR = 0x01,
  SN_IR = 0x02,
  SN_SR = 0x03,
  SN_RXBUF_SIZE = 0x1e,
  SN_TXBUF_SIZE = 0x1f,
  SN_TX_FSR = 0x20,
  SN_TX_WR = 0x24,
  SN_RX_RSR = 0x26,
  SN_RX_RD = 0x28
};

enum {
  MR_RST = 1 << 7,
  PHYCFGR_LNK = 1 << 0,
  VERSION_W5500 = 0x04,
  SOCKETS = 8,
  /** Of RXBUF_SIZE and TXBUF_SIZE: all that there is, in KiB. */
  ALL_MEMORY = 16,
  SN_MR_MACRAW = 4,
  /** Only frames to the chip's own MAC, to groups and to all. */
  SN_MR_MFEN = 1 << 7,
  SN_CR_OPEN = 0x01,
  SN_CR_CLOSE = 0x10,
  SN_CR_SEND = 0x20,
  SN_CR_RECV = 0x40,
  SN_IR_TIMEOUT = 1 << 3,
  SN_IR_SENDOK = 1 << 4,
  SN_IR_ALL = 0x1f,
  SOCK_MACRAW = 0x42
};

enum {
  /** Before each frame in the chip's memory: its length, which counts itself. */
  LENGTH_BYTES = 2,
  /** The longest that the chip keeps, with tags of VLANs. */
  LONGEST = 1522,
  /** Transfers until a register has the value that is waited for. */
  POLLS = 1000,
  /** Readings until two are the same. */
  READINGS = 16,
  /** Offers of a frame while another is on its way: some 10 ms at the fastest, where a frame takes 1.2 ms. */
  OFFERS = 2000
};

static uint8_t own_mac[6];
static int is_open, is_sending;
/** Offers since the last frame that went. */
static uint32_t offers;
static uint32_t dropped;

static void begin(uint32_t address, uint32_t control) {
  uint8_t header[3] = {(uint8_t)(address >> 8), (uint8_t)address, (uint8_t)control};
  mote_spi_select(1);
  mote_spi_transfer(header, NULL, sizeof header);
}

static void get(uint32_t address, uint32_t block, uint8_t *bytes, uint32_t count) {
  begin(address, block);
  mote_spi_transfer(NULL, bytes, count);
  mote_spi_select(0);
}

static void put(uint32_t address, uint32_t block, const uint8_t *bytes, uint32_t count) {
  begin(address, block | WRITE);
  mote_spi_transfer(bytes, NULL, count);
  mote_spi_select(0);
}

static uint32_t get8(uint32_t address, uint32_t block) {
  uint8_t value = 0;
  get(address, block, &value, 1);
  return value;
}

static void put8(uint32_t address, uint32_t block, uint32_t value) {
  uint8_t byte = (uint8_t)value;
  put(address, block, &byte, 1);
}

static uint32_t number(const uint8_t *bytes) { return (uint32_t)bytes[0] << 8 | bytes[1]; }

static void put16(uint32_t address, uint32_t block, uint32_t value) {
  uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
  put(address, block, bytes, sizeof bytes);
}

/** Reads registers of socket 0 that the chip changes meanwhile, until two readings are the same; 0: they are. */
static int get_stable(uint32_t address, uint8_t *bytes, uint32_t count) {
  uint8_t again[6];
  get(address, SOCKET_0, again, count);
  for (int i = 0; i < READINGS; i++) {
    memcpy(bytes, again, count);
    get(address, SOCKET_0, again, count);
    if (memcmp(bytes, again, count) == 0) return 0;
  }
  return MOTE_DRIVER_SILENT;
}

/** 0: a register has this value now. */
static int wait_for(uint32_t address, uint32_t block, uint32_t value) {
  for (uint32_t i = 0; i < POLLS; i++) {
    if (get8(address, block) == value) return 0;
  }
  return MOTE_DRIVER_SILENT;
}

static int command(uint32_t value) {
  put8(SN_CR, SOCKET_0, value);
  return wait_for(SN_CR, SOCKET_0, 0);
}

static int set_mac(void) {
  uint8_t kept[6];
  put(SHAR, COMMON, own_mac, sizeof own_mac);
  get(SHAR, COMMON, kept, sizeof kept);
  return memcmp(kept, own_mac, sizeof kept) == 0 ? 0 : MOTE_DRIVER_REFUSED;
}

/** Settings and socket, as after a reset; OPEN empties the buffers. */
static int open_socket(void) {
  is_open = is_sending = 0;
  offers = 0;
  if (get8(VERSIONR, COMMON) != VERSION_W5500) return MOTE_DRIVER_ABSENT;
  int error = set_mac();
  if (error == 0) error = command(SN_CR_CLOSE);
  if (error != 0) return error;
  for (uint32_t i = SOCKETS; i-- > 0;) {
    put8(SN_RXBUF_SIZE, SOCKET_0 + i * NEXT_SOCKET, i == 0 ? ALL_MEMORY : 0);
    put8(SN_TXBUF_SIZE, SOCKET_0 + i * NEXT_SOCKET, i == 0 ? ALL_MEMORY : 0);
  }
  put8(SN_MR, SOCKET_0, SN_MR_MACRAW | SN_MR_MFEN);
  put8(SN_IR, SOCKET_0, SN_IR_ALL);
  error = command(SN_CR_OPEN);
  if (error == 0) error = wait_for(SN_SR, SOCKET_0, SOCK_MACRAW);
  is_open = error == 0;
  return error;
}

int mote_w5500_start(const uint8_t mac[6]) {
  is_open = 0;
  dropped = 0;
  memcpy(own_mac, mac, sizeof own_mac);
  mote_spi_select(0);
  if (get8(VERSIONR, COMMON) != VERSION_W5500) return MOTE_DRIVER_ABSENT;
  put8(MR, COMMON, MR_RST);
  int error = wait_for(MR, COMMON, 0);
  return error != 0 ? error : open_socket();
}

int mote_w5500_link(void) {
  if (is_open && get8(SN_SR, SOCKET_0) != SOCK_MACRAW) is_open = 0;
  if (!is_open && open_socket() != 0) return 0;
  return (get8(PHYCFGR, COMMON) & PHYCFGR_LNK) != 0;
}

/** The frame that ends before this place was taken. */
static void release(uint32_t end) {
  put16(SN_RX_RD, SOCKET_0, end);
  if (command(SN_CR_RECV) != 0) is_open = 0;
}

int mote_w5500_is_waiting(void) {
  uint8_t size[2];
  return is_open && get_stable(SN_RX_RSR, size, sizeof size) == 0 && number(size) != 0;
}

uint32_t mote_w5500_receive(uint8_t *frame, uint32_t most) {
  for (int i = 0; i < MOTE_DRIVER_SKIPS; i++) {
    uint8_t size_and_place[4], length_bytes[LENGTH_BYTES];
    if (!is_open && open_socket() != 0) return 0;
    if (get_stable(SN_RX_RSR, size_and_place, sizeof size_and_place) != 0) return 0;
    uint32_t waiting = number(size_and_place), place = number(size_and_place + 2);
    if (waiting == 0) return 0;
    get(place, RX_BUFFER, length_bytes, sizeof length_bytes);
    uint32_t length = number(length_bytes);
    if (length < LENGTH_BYTES + MOTE_ETHERNET_HEADER || length > LENGTH_BYTES + LONGEST || length > waiting) {
      /* This was no beginning of a frame: nobody knows where the next is. */
      dropped++;
      open_socket();
      return 0;
    }
    uint32_t bytes = length - LENGTH_BYTES;
    if (bytes <= most) get(place + LENGTH_BYTES, RX_BUFFER, frame, bytes);
    release(place + length);
    if (bytes <= most) return bytes;
    dropped++;
  }
  return 0;
}

/** Whether the last frame has gone, or was given up by the chip. */
static int has_sent(void) {
  uint32_t done = get8(SN_IR, SOCKET_0) & (SN_IR_SENDOK | SN_IR_TIMEOUT);
  if (done == 0) return 0;
  put8(SN_IR, SOCKET_0, done);
  if ((done & SN_IR_TIMEOUT) != 0) dropped++;
  return 1;
}

/** A chip that never has room is opened anew; what was in it is lost. */
static int no_room(void) {
  if (++offers >= OFFERS) {
    dropped++;
    open_socket();
  }
  return 1;
}

static void fill(uint32_t place, const uint8_t *frame, uint32_t bytes, uint32_t padded) {
  static const uint8_t zeros[MOTE_ETHERNET_LEAST - MOTE_ETHERNET_HEADER];
  begin(place, TX_BUFFER | WRITE);
  mote_spi_transfer(frame, NULL, bytes);
  if (padded > bytes) mote_spi_transfer(zeros, NULL, padded - bytes);
  mote_spi_select(0);
}

int mote_w5500_send(const uint8_t *frame, uint32_t bytes) {
  uint8_t sizes[6];
  uint32_t padded = mote_driver_padded(bytes);
  if (!mote_driver_can_send(bytes)) {
    dropped++;
    return 0;
  }
  if (!is_open && open_socket() != 0) return 1;
  if (is_sending && !has_sent()) return no_room();
  is_sending = 0;
  if (get_stable(SN_TX_FSR, sizes, sizeof sizes) != 0 || number(sizes) < padded) return no_room();
  uint32_t place = number(sizes + SN_TX_WR - SN_TX_FSR);
  fill(place, frame, bytes, padded);
  put16(SN_TX_WR, SOCKET_0, place + padded);
  if (command(SN_CR_SEND) != 0) is_open = 0;
  is_sending = 1;
  offers = 0;
  return 0;
}

uint32_t mote_w5500_dropped(void) { return dropped; }
