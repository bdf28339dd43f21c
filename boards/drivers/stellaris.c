#include "stellaris.h"
#include "driver.h"
#include "fifo.h"
#include "mii.h"

/** Registers: offsets, with the datasheet's names. */
enum {
  MACRIS = 0x00,
  MACIACK = 0x00,
  MACIM = 0x04,
  MACRCTL = 0x08,
  MACTCTL = 0x0c,
  MACDATA = 0x10,
  MACIA0 = 0x14,
  MACIA1 = 0x18,
  MACTHR = 0x1c,
  MACMCTL = 0x20,
  MACMDV = 0x24,
  MACMRXD = 0x30,
  MACNP = 0x34,
  MACTR = 0x38
};

enum {
  INT_TXER = 1 << 1,
  RCTL_RXEN = 1 << 0,
  /** All groups: the core chooses among them. */
  RCTL_AMUL = 1 << 1,
  /** The MAC keeps frames with a wrong FCS to itself. */
  RCTL_BADCRC = 1 << 3,
  RCTL_RSTFIFO = 1 << 4,
  RCTL_RUN = RCTL_RXEN | RCTL_AMUL | RCTL_BADCRC,
  TCTL_TXEN = 1 << 0,
  TCTL_PADEN = 1 << 1,
  TCTL_CRC = 1 << 2,
  TCTL_DUPLEX = 1 << 4,
  TCTL_RUN = TCTL_TXEN | TCTL_PADEN | TCTL_CRC,
  /** A frame leaves when MACTR says so, not before. */
  THR_NONE = 0x3f,
  MCTL_START = 1 << 0,
  MCTL_REGADR_SHIFT = 3,
  /** MDC is the system's clock through 2 (DIV + 1): within 2.5 MHz at the 50 MHz that the chip has at most. */
  MDV_DIV = 10,
  NP_NPR = 0x3f,
  TR_NEWTX = 1 << 0
};

enum {
  /** A frame in the FIFO begins with its length, which counts itself and the FCS. */
  LENGTH_BYTES = 2,
  RX_LEAST = LENGTH_BYTES + MOTE_ETHERNET_HEADER + MOTE_ETHERNET_FCS,
  FIFO_BYTES = 2048
};

static int has_phy, link_is_up;
static uint32_t dropped;

static uint32_t get(uint32_t offset) { return mote_mmio_read(MOTE_STELLARIS_BASE + offset); }
static void put(uint32_t offset, uint32_t value) { mote_mmio_write(MOTE_STELLARIS_BASE + offset, value); }

static int phy_read(uint32_t number, uint32_t *value) {
  put(MACMCTL, number << MCTL_REGADR_SHIFT | MCTL_START);
  int error = mote_driver_wait_clear(MOTE_STELLARIS_BASE + MACMCTL, MCTL_START);
  *value = get(MACMRXD) & 0xffff;
  return error;
}

static void start_receiver(void) {
  put(MACRCTL, RCTL_RSTFIFO);
  put(MACRCTL, RCTL_RUN);
}

int mote_stellaris_start(const uint8_t mac[6]) {
  uint32_t identifier, status;
  link_is_up = 0;
  dropped = 0;
  put(MACIM, 0);
  put(MACRCTL, 0);
  put(MACTCTL, 0);
  put(MACIA0, mote_driver_mac_low(mac));
  put(MACIA1, mote_driver_mac_high(mac));
  /* No register says which device this is: one that does not keep the address is none. */
  if (get(MACIA0) != mote_driver_mac_low(mac)) return MOTE_DRIVER_ABSENT;
  if ((get(MACIA1) & 0xffff) != mote_driver_mac_high(mac)) return MOTE_DRIVER_ABSENT;
  put(MACTHR, THR_NONE);
  put(MACMDV, MDV_DIV);
  if (phy_read(MOTE_MII_IDENTIFIER, &identifier) != 0) return MOTE_DRIVER_SILENT;
  has_phy = identifier != 0;
  /* The first reading tells of a link that was lost before. */
  if (has_phy && phy_read(MOTE_MII_STATUS, &status) != 0) return MOTE_DRIVER_SILENT;
  put(MACTCTL, TCTL_RUN | TCTL_DUPLEX);
  start_receiver();
  return 0;
}

/** The MAC must take the wire as PHY and partner have agreed to. */
static int follow_duplex(void) {
  uint32_t advertisement, partner;
  if (phy_read(MOTE_MII_ADVERTISEMENT, &advertisement) != 0) return MOTE_DRIVER_SILENT;
  if (phy_read(MOTE_MII_PARTNER, &partner) != 0) return MOTE_DRIVER_SILENT;
  int full = mote_mii_is_full_duplex(advertisement, partner);
  put(MACTCTL, (uint32_t)TCTL_RUN | (full ? TCTL_DUPLEX : 0));
  return 0;
}

int mote_stellaris_link(void) {
  uint32_t status;
  if (!has_phy) return 1;
  int up = phy_read(MOTE_MII_STATUS, &status) == 0 && (status & MOTE_MII_LINK) != 0;
  if (up && !link_is_up && follow_duplex() != 0) up = 0;
  link_is_up = up;
  return up;
}

int mote_stellaris_is_waiting(void) { return (get(MACNP) & NP_NPR) != 0; }

uint32_t mote_stellaris_receive(uint8_t *frame, uint32_t most) {
  for (int i = 0; i < MOTE_DRIVER_SKIPS; i++) {
    if (!mote_stellaris_is_waiting()) return 0;
    uint32_t first = get(MACDATA);
    uint32_t length = first & 0xffff;
    if (length < RX_LEAST || length > FIFO_BYTES) {
      /* This was no beginning of a frame: nobody knows where the next is. */
      dropped++;
      start_receiver();
      return 0;
    }
    uint32_t bytes = length - LENGTH_BYTES - MOTE_ETHERNET_FCS;
    int good = bytes <= most;
    if (good) {
      frame[0] = (uint8_t)(first >> 16);
      frame[1] = (uint8_t)(first >> 24);
    }
    mote_fifo_get(MOTE_STELLARIS_BASE + MACDATA, frame + 2, good ? bytes - 2 : 0, mote_driver_words(length) - 1);
    if (good) return bytes;
    dropped++;
  }
  return 0;
}

int mote_stellaris_send(const uint8_t *frame, uint32_t bytes) {
  if (!mote_driver_can_send(bytes)) {
    dropped++;
    return 0;
  }
  if ((get(MACTR) & TR_NEWTX) != 0) return 1;
  if ((get(MACRIS) & INT_TXER) != 0) {
    dropped++;
    put(MACIACK, INT_TXER);
  }
  /* The MAC pads to 60 bytes by itself. Its length counts what follows the header. */
  put(MACDATA, (bytes - MOTE_ETHERNET_HEADER) | (uint32_t)frame[0] << 16 | (uint32_t)frame[1] << 24);
  mote_fifo_put(MOTE_STELLARIS_BASE + MACDATA, frame + 2, bytes - 2, mote_driver_words(bytes - 2));
  put(MACTR, TR_NEWTX);
  return 0;
}

uint32_t mote_stellaris_dropped(void) { return dropped; }
