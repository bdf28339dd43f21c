#include "lan9118.h"
#include "driver.h"
#include "fifo.h"
#include "mii.h"

/** Registers: offsets, with the datasheet's names. */
enum {
  RX_DATA_FIFO = 0x00,
  TX_DATA_FIFO = 0x20,
  RX_STATUS_FIFO = 0x40,
  TX_STATUS_FIFO = 0x48,
  ID_REV = 0x50,
  INT_STS = 0x58,
  INT_EN = 0x5c,
  BYTE_TEST = 0x64,
  RX_CFG = 0x6c,
  TX_CFG = 0x70,
  HW_CFG = 0x74,
  RX_FIFO_INF = 0x7c,
  TX_FIFO_INF = 0x80,
  PMT_CTRL = 0x84,
  MAC_CSR_CMD = 0xa4,
  MAC_CSR_DATA = 0xa8
};

/** Registers of the MAC, behind MAC_CSR_CMD. */
enum { MAC_CR = 1, ADDRH = 2, ADDRL = 3, MII_ACC = 6, MII_DATA = 7 };

#define BYTE_TEST_VALUE 0x87654321u
#define ID_LAN9118 0x0118u
#define HW_CFG_SRST (1u << 0)
/** "Must be one", and 5 KiB for sending: 10,560 bytes are left for frames that come. */
#define HW_CFG_MBO (1u << 20)
#define HW_CFG_TX_FIF_SZ_5 (5u << 16)
#define PMT_CTRL_READY (1u << 0)
#define TX_CFG_TX_ON (1u << 1)
#define INT_ALL 0xffffffffu

#define MAC_CSR_BUSY (1u << 31)
#define MAC_CSR_READ (1u << 30)
#define MAC_CR_FDPX (1u << 20)
/** All groups: the core chooses among them. */
#define MAC_CR_MCPAS (1u << 19)
#define MAC_CR_TXEN (1u << 3)
#define MAC_CR_RXEN (1u << 2)
#define MAC_CR_RUN (MAC_CR_MCPAS | MAC_CR_TXEN | MAC_CR_RXEN)
#define MII_BUSY (1u << 0)
#define MII_INTERNAL_PHY (1u << 11)
#define MII_REGISTER_SHIFT 6

#define RX_STATUS_ERROR (1u << 15)
#define TX_STATUS_ERROR (1u << 15)
#define TX_A_FIRST (1u << 13)
#define TX_A_LAST (1u << 12)
#define TX_COMMAND_BYTES 8

static int link_is_up;
static uint32_t dropped;

static uint32_t get(uint32_t offset) { return mote_mmio_read(MOTE_LAN9118_BASE + offset); }
static void put(uint32_t offset, uint32_t value) { mote_mmio_write(MOTE_LAN9118_BASE + offset, value); }

/** The chip needs up to 135 ns between some accesses, which is three cycles of its bus (datasheet, 6.1.1). */
static void settle(void) {
  for (int i = 0; i < 3; i++) get(BYTE_TEST);
}

/** Status of RX_FIFO_INF and TX_FIFO_INF: how many words are in the FIFO of status. */
static uint32_t in_status_fifo(uint32_t information) { return information >> 16 & 0xff; }
static uint32_t length_of(uint32_t rx_status) { return rx_status >> 16 & 0x3fff; }

static int mac_command(uint32_t command) {
  put(MAC_CSR_CMD, MAC_CSR_BUSY | command);
  settle();
  return mote_driver_wait_clear(MOTE_LAN9118_BASE + MAC_CSR_CMD, MAC_CSR_BUSY);
}

static int mac_write(uint32_t number, uint32_t value) {
  put(MAC_CSR_DATA, value);
  return mac_command(number);
}

static int mac_read(uint32_t number, uint32_t *value) {
  int error = mac_command(MAC_CSR_READ | number);
  *value = get(MAC_CSR_DATA);
  return error;
}

static int phy_read(uint32_t number, uint32_t *value) {
  uint32_t access = MII_BUSY;
  int error = mac_write(MII_ACC, MII_INTERNAL_PHY | number << MII_REGISTER_SHIFT | MII_BUSY);
  for (uint32_t i = 0; error == 0 && (access & MII_BUSY) != 0; i++) {
    error = i < MOTE_DRIVER_POLLS ? mac_read(MII_ACC, &access) : MOTE_DRIVER_SILENT;
  }
  return error != 0 ? error : mac_read(MII_DATA, value);
}

static int reset(void) {
  put(HW_CFG, HW_CFG_SRST);
  int error = mote_driver_wait_clear(MOTE_LAN9118_BASE + HW_CFG, HW_CFG_SRST);
  if (error != 0) return error;
  for (uint32_t i = 0; (get(PMT_CTRL) & PMT_CTRL_READY) == 0; i++) {
    if (i == MOTE_DRIVER_POLLS) return MOTE_DRIVER_SILENT;
  }
  return 0;
}

static int set_mac(const uint8_t mac[6]) {
  uint32_t low, high;
  int error = mac_write(ADDRL, mote_driver_mac_low(mac));
  if (error == 0) error = mac_write(ADDRH, mote_driver_mac_high(mac));
  if (error == 0) error = mac_read(ADDRL, &low);
  if (error == 0) error = mac_read(ADDRH, &high);
  if (error != 0) return error;
  int same = low == mote_driver_mac_low(mac) && (high & 0xffff) == mote_driver_mac_high(mac);
  return same ? 0 : MOTE_DRIVER_REFUSED;
}

int mote_lan9118_start(const uint8_t mac[6]) {
  uint32_t status;
  link_is_up = 0;
  dropped = 0;
  if (get(BYTE_TEST) != BYTE_TEST_VALUE || get(ID_REV) >> 16 != ID_LAN9118) return MOTE_DRIVER_ABSENT;
  int error = reset();
  if (error != 0) return error;
  put(HW_CFG, HW_CFG_MBO | HW_CFG_TX_FIF_SZ_5);
  put(INT_EN, 0);
  put(INT_STS, INT_ALL);
  put(RX_CFG, 0);
  put(TX_CFG, TX_CFG_TX_ON);
  error = set_mac(mac);
  if (error == 0) error = mac_write(MAC_CR, MAC_CR_RUN | MAC_CR_FDPX);
  /* The first reading tells of a link that was lost before. */
  if (error == 0) error = phy_read(MOTE_MII_STATUS, &status);
  return error;
}

/** The MAC must take the wire as PHY and partner have agreed to. */
static int follow_duplex(void) {
  uint32_t advertisement, partner;
  if (phy_read(MOTE_MII_ADVERTISEMENT, &advertisement) != 0) return MOTE_DRIVER_SILENT;
  if (phy_read(MOTE_MII_PARTNER, &partner) != 0) return MOTE_DRIVER_SILENT;
  int full = mote_mii_is_full_duplex(advertisement, partner);
  return mac_write(MAC_CR, MAC_CR_RUN | (full ? MAC_CR_FDPX : 0));
}

int mote_lan9118_link(void) {
  uint32_t status;
  int up = phy_read(MOTE_MII_STATUS, &status) == 0 && (status & MOTE_MII_LINK) != 0;
  if (up && !link_is_up && follow_duplex() != 0) up = 0;
  link_is_up = up;
  return up;
}

int mote_lan9118_is_waiting(void) { return in_status_fifo(get(RX_FIFO_INF)) != 0; }

uint32_t mote_lan9118_receive(uint8_t *frame, uint32_t most) {
  for (int i = 0; i < MOTE_DRIVER_SKIPS; i++) {
    if (!mote_lan9118_is_waiting()) return 0;
    uint32_t status = get(RX_STATUS_FIFO);
    uint32_t length = length_of(status);
    uint32_t bytes = length - MOTE_ETHERNET_FCS;
    int good = (status & RX_STATUS_ERROR) == 0 && length >= MOTE_ETHERNET_HEADER + MOTE_ETHERNET_FCS && bytes <= most;
    mote_fifo_get(MOTE_LAN9118_BASE + RX_DATA_FIFO, frame, good ? bytes : 0, mote_driver_words(length));
    if (good) return bytes;
    dropped++;
    settle();
  }
  return 0;
}

/** Status of frames that were sent: with the FIFO full of it the chip would send no more. */
static void take_status(void) {
  for (uint32_t count = in_status_fifo(get(TX_FIFO_INF)); count > 0; count--) {
    if ((get(TX_STATUS_FIFO) & TX_STATUS_ERROR) != 0) dropped++;
  }
}

int mote_lan9118_send(const uint8_t *frame, uint32_t bytes) {
  uint32_t padded = mote_driver_padded(bytes);
  uint32_t words = mote_driver_words(padded);
  if (!mote_driver_can_send(bytes)) {
    dropped++;
    return 0;
  }
  take_status();
  if ((get(TX_FIFO_INF) & 0xffff) < TX_COMMAND_BYTES + words * 4) return 1;
  put(TX_DATA_FIFO, TX_A_FIRST | TX_A_LAST | padded);
  put(TX_DATA_FIFO, padded);
  mote_fifo_put(MOTE_LAN9118_BASE + TX_DATA_FIFO, frame, bytes, words);
  return 0;
}

uint32_t mote_lan9118_dropped(void) { return dropped; }
