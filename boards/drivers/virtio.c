#include "virtio.h"
#include "driver.h"
#include <string.h>

/** Registers: offsets, with the names of virtio 1.1, 4.2.2, and of the configuration of 5.1.4. */
enum {
  MAGIC_VALUE = 0x00,
  VERSION = 0x04,
  DEVICE_ID = 0x08,
  DEVICE_FEATURES = 0x10,
  DEVICE_FEATURES_SEL = 0x14,
  DRIVER_FEATURES = 0x20,
  DRIVER_FEATURES_SEL = 0x24,
  QUEUE_SEL = 0x30,
  QUEUE_NUM_MAX = 0x34,
  QUEUE_NUM = 0x38,
  QUEUE_READY = 0x44,
  QUEUE_NOTIFY = 0x50,
  STATUS = 0x70,
  QUEUE_DESC_LOW = 0x80,
  QUEUE_DRIVER_LOW = 0x90,
  QUEUE_DEVICE_LOW = 0xa0,
  HIGH = 0x04,
  CONFIG_STATUS = 0x106
};

enum {
  /** "virt", the lowest byte first. */
  MAGIC = 0x74726976,
  VERSION_2 = 2,
  ID_NETWORK = 1
};

enum {
  STATUS_ACKNOWLEDGE = 1,
  STATUS_DRIVER = 2,
  STATUS_DRIVER_OK = 4,
  STATUS_FEATURES_OK = 8,
  STATUS_FAILED = 128
};

enum {
  /** Bits 0 to 31 of the features: the device tells the state of its link. */
  NET_F_STATUS = 1 << 16,
  /** Bits 32 to 63. */
  F_VERSION_1 = 1 << 0,
  NET_S_LINK_UP = 1
};

enum { RX_QUEUE = 0, TX_QUEUE = 1 };
enum { DESC_F_WRITE = 2, AVAIL_F_NO_INTERRUPT = 1 };

/** What stands before each frame. Without offload the driver's is all zero, and of the device's nothing matters. */
enum { HEADER_BYTES = 12, BUFFER_BYTES = HEADER_BYTES + MOTE_ETHERNET_MOST };

struct descriptor {
  uint32_t address_low, address_high, length;
  uint16_t flags, next;
};

struct used_element {
  uint32_t id, length;
};

/** A queue of virtio 1.1, 2.6, with so many entries. */
#define QUEUE(entries)                                                                                                 \
  struct {                                                                                                             \
    _Alignas(16) struct descriptor descriptors[entries];                                                               \
    struct {                                                                                                           \
      uint16_t flags, index, ring[entries];                                                                            \
    } available;                                                                                                       \
    struct {                                                                                                           \
      _Alignas(4) uint16_t flags;                                                                                      \
      uint16_t index;                                                                                                  \
      struct used_element ring[entries];                                                                               \
    } used;                                                                                                            \
  }

#define IS_POWER_OF_TWO(value) ((value) > 0 && ((value) & ((value) - 1)) == 0)
_Static_assert(IS_POWER_OF_TWO(MOTE_VIRTIO_RX_FRAMES), "virtio wants powers of two");
_Static_assert(IS_POWER_OF_TWO(MOTE_VIRTIO_TX_FRAMES) && MOTE_VIRTIO_TX_FRAMES <= 32, "virtio wants powers of two");

static QUEUE(MOTE_VIRTIO_RX_FRAMES) rx;
static QUEUE(MOTE_VIRTIO_TX_FRAMES) tx;
static _Alignas(4) uint8_t rx_buffers[MOTE_VIRTIO_RX_FRAMES][(BUFFER_BYTES + 3) & ~3];
static _Alignas(4) uint8_t tx_buffers[MOTE_VIRTIO_TX_FRAMES][(BUFFER_BYTES + 3) & ~3];
/** Entries that were taken from the used rings. */
static uint16_t rx_taken, tx_taken;
/** A bit for each buffer that the device has. */
static uint32_t tx_busy;
static uintptr_t base;
static int tells_link;
static uint32_t dropped;

static uint32_t get(uint32_t offset) { return mote_mmio_read(base + offset); }
static void put(uint32_t offset, uint32_t value) { mote_mmio_write(base + offset, value); }

/** The device writes it at any time. */
static uint16_t now(const uint16_t *index) { return *(const volatile uint16_t *)index; }

static void put_address(uint32_t offset, const void *where) {
  uint64_t address = (uintptr_t)where;
  put(offset, (uint32_t)address);
  put(offset + HIGH, (uint32_t)(address >> 32));
}

static void describe(struct descriptor *descriptor, const void *where, uint16_t flags) {
  uint64_t address = (uintptr_t)where;
  descriptor->address_low = (uint32_t)address;
  descriptor->address_high = (uint32_t)(address >> 32);
  descriptor->length = BUFFER_BYTES;
  descriptor->flags = flags;
  descriptor->next = 0;
}

uintptr_t mote_virtio_find(uintptr_t first, uint32_t step, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    uintptr_t address = first + (uintptr_t)i * step;
    if (mote_mmio_read(address + MAGIC_VALUE) != MAGIC) continue;
    if (mote_mmio_read(address + DEVICE_ID) == ID_NETWORK) return address;
  }
  return 0;
}

/** Virtio 1.1, 3.1.1: reset, and features. */
static int negotiate(void) {
  put(STATUS, 0);
  int error = mote_driver_wait_clear(base + STATUS, 0xffffffff);
  if (error != 0) return error;
  put(STATUS, STATUS_ACKNOWLEDGE);
  put(STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
  put(DEVICE_FEATURES_SEL, 1);
  if ((get(DEVICE_FEATURES) & F_VERSION_1) == 0) return MOTE_DRIVER_REFUSED;
  put(DEVICE_FEATURES_SEL, 0);
  tells_link = (get(DEVICE_FEATURES) & NET_F_STATUS) != 0;
  put(DRIVER_FEATURES_SEL, 0);
  put(DRIVER_FEATURES, tells_link ? NET_F_STATUS : 0);
  put(DRIVER_FEATURES_SEL, 1);
  put(DRIVER_FEATURES, F_VERSION_1);
  put(STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
  return (get(STATUS) & STATUS_FEATURES_OK) != 0 ? 0 : MOTE_DRIVER_REFUSED;
}

static int start_queue(uint32_t number, uint32_t entries, const void *descriptors, const void *available,
                       const void *used) {
  put(QUEUE_SEL, number);
  if (get(QUEUE_READY) != 0 || get(QUEUE_NUM_MAX) < entries) return MOTE_DRIVER_REFUSED;
  put(QUEUE_NUM, entries);
  put_address(QUEUE_DESC_LOW, descriptors);
  put_address(QUEUE_DRIVER_LOW, available);
  put_address(QUEUE_DEVICE_LOW, used);
  put(QUEUE_READY, 1);
  return 0;
}

static void prepare_queues(void) {
  memset(&rx, 0, sizeof rx);
  memset(&tx, 0, sizeof tx);
  memset(tx_buffers, 0, sizeof tx_buffers);
  rx_taken = tx_taken = 0;
  tx_busy = 0;
  rx.available.flags = tx.available.flags = AVAIL_F_NO_INTERRUPT;
  for (uint32_t i = 0; i < MOTE_VIRTIO_RX_FRAMES; i++) {
    describe(&rx.descriptors[i], rx_buffers[i], DESC_F_WRITE);
    rx.available.ring[i] = (uint16_t)i;
  }
  rx.available.index = MOTE_VIRTIO_RX_FRAMES;
  for (uint32_t i = 0; i < MOTE_VIRTIO_TX_FRAMES; i++) describe(&tx.descriptors[i], tx_buffers[i], 0);
}

static int start_device(void) {
  int error = negotiate();
  if (error != 0) return error;
  prepare_queues();
  mote_mmio_barrier();
  error = start_queue(RX_QUEUE, MOTE_VIRTIO_RX_FRAMES, rx.descriptors, &rx.available, &rx.used);
  if (error != 0) return error;
  return start_queue(TX_QUEUE, MOTE_VIRTIO_TX_FRAMES, tx.descriptors, &tx.available, &tx.used);
}

int mote_virtio_start(uintptr_t address, const uint8_t mac[6]) {
  (void)mac;
  base = address;
  dropped = 0;
  if (base == 0 || get(MAGIC_VALUE) != MAGIC) return MOTE_DRIVER_ABSENT;
  if (get(VERSION) != VERSION_2 || get(DEVICE_ID) != ID_NETWORK) return MOTE_DRIVER_ABSENT;
  int error = start_device();
  if (error != 0) {
    put(STATUS, STATUS_FAILED);
    return error;
  }
  put(STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
  put(QUEUE_NOTIFY, RX_QUEUE);
  return 0;
}

int mote_virtio_link(void) {
  return !tells_link || (mote_mmio_read16(base + CONFIG_STATUS) & NET_S_LINK_UP) != 0;
}

/** The device may fill the buffer again. */
static void give_back(uint32_t id) {
  rx.available.ring[rx.available.index % MOTE_VIRTIO_RX_FRAMES] = (uint16_t)id;
  mote_mmio_barrier();
  rx.available.index++;
  mote_mmio_barrier();
  put(QUEUE_NOTIFY, RX_QUEUE);
}

int mote_virtio_is_waiting(void) { return now(&rx.used.index) != rx_taken; }

uint32_t mote_virtio_receive(uint8_t *frame, uint32_t most) {
  for (int i = 0; i < MOTE_DRIVER_SKIPS && mote_virtio_is_waiting(); i++) {
    mote_mmio_barrier();
    struct used_element element = rx.used.ring[rx_taken % MOTE_VIRTIO_RX_FRAMES];
    uint32_t bytes = element.length - HEADER_BYTES;
    rx_taken++;
    if (element.id >= MOTE_VIRTIO_RX_FRAMES) {
      dropped++;
      continue;
    }
    int good = element.length >= HEADER_BYTES + MOTE_ETHERNET_HEADER && element.length <= BUFFER_BYTES && bytes <= most;
    if (good) memcpy(frame, rx_buffers[element.id] + HEADER_BYTES, bytes);
    give_back(element.id);
    if (good) return bytes;
    dropped++;
  }
  return 0;
}

/** Buffers that the device has sent are free. */
static void take_back(void) {
  for (int i = 0; i < MOTE_VIRTIO_TX_FRAMES && now(&tx.used.index) != tx_taken; i++) {
    mote_mmio_barrier();
    uint32_t id = tx.used.ring[tx_taken % MOTE_VIRTIO_TX_FRAMES].id;
    tx_taken++;
    if (id < MOTE_VIRTIO_TX_FRAMES) tx_busy &= ~(1u << id);
  }
}

int mote_virtio_send(const uint8_t *frame, uint32_t bytes) {
  uint32_t id = 0;
  uint32_t padded = mote_driver_padded(bytes);
  if (!mote_driver_can_send(bytes)) {
    dropped++;
    return 0;
  }
  take_back();
  while (id < MOTE_VIRTIO_TX_FRAMES && (tx_busy & 1u << id) != 0) id++;
  if (id == MOTE_VIRTIO_TX_FRAMES) return 1;
  memcpy(tx_buffers[id] + HEADER_BYTES, frame, bytes);
  memset(tx_buffers[id] + HEADER_BYTES + bytes, 0, padded - bytes);
  tx.descriptors[id].length = HEADER_BYTES + padded;
  tx_busy |= 1u << id;
  tx.available.ring[tx.available.index % MOTE_VIRTIO_TX_FRAMES] = (uint16_t)id;
  mote_mmio_barrier();
  tx.available.index++;
  mote_mmio_barrier();
  put(QUEUE_NOTIFY, TX_QUEUE);
  return 0;
}

uint32_t mote_virtio_dropped(void) { return dropped; }
