/* A virtio-net device behind virtio-mmio, version 2, as virtio 1.1 has it. It reads and writes the driver's queues
 * through the addresses that it was given. Anything that the standard does not allow ends the test. */

#include "virtio.h"
#include "device.h"
#include "mmio.h"
#include <stddef.h>
#include <string.h>

enum { BASE = 0x10003000, STEP = 0x1000, HEADER = 12, MOST = 1514, QUEUES = 2 };
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, FAILED = 128 };

struct desc {
  uint64_t address;
  uint32_t length;
  uint16_t flags, next;
};

struct avail {
  uint16_t flags, index, ring[];
};

struct used {
  uint16_t flags, index;
  struct {
    uint32_t id, length;
  } ring[];
};

static struct {
  uint32_t status, features_sel, driver_sel, queue_sel, id, magic, version;
  uint64_t offered, accepted;
  struct {
    uint32_t max, count, ready;
    uint64_t desc, avail, used;
    uint16_t taken;
  } queues[QUEUES];
  uint16_t link;
  uint32_t accesses, freeze_at;
  int holds, frozen, refuses;
  uint32_t notified[QUEUES];
} net;

static void reset_state(void) {
  net.status = 0;
  net.accepted = 0;
  for (int i = 0; i < QUEUES; i++) {
    uint32_t max = net.queues[i].max;
    memset(&net.queues[i], 0, sizeof net.queues[i]);
    net.queues[i].max = max;
    net.notified[i] = 0;
  }
}

static void reset(void) {
  memset(&net, 0, sizeof net);
  net.freeze_at = UINT32_MAX;
  net.magic = 0x74726976;
  net.version = 2;
  net.id = 1;
  net.link = 1;
  net.offered = 1ull << 32 | 1ull << 16 | 1ull << 15 | 1ull << 5 | 1ull << 1 | 1ull;
  for (int i = 0; i < QUEUES; i++) net.queues[i].max = 256;
}

static struct desc *descriptors(uint32_t i) { return (struct desc *)(uintptr_t)net.queues[i].desc; }
static struct avail *available(uint32_t i) { return (struct avail *)(uintptr_t)net.queues[i].avail; }
static struct used *used_of(uint32_t i) { return (struct used *)(uintptr_t)net.queues[i].used; }

/** The next descriptor that the driver has made available in a queue; NULL: none. */
static struct desc *next_buffer(uint32_t i, uint32_t *id) {
  if ((net.status & DRIVER_OK) == 0 || !net.queues[i].ready) return NULL;
  struct avail *avail = available(i);
  uint16_t waiting = (uint16_t)(avail->index - net.queues[i].taken);
  CHECK(waiting <= net.queues[i].count, "%u buffers in a queue of %u", waiting, net.queues[i].count);
  CHECK(avail->flags == 1, "interrupts that nobody takes");
  if (waiting == 0) return NULL;
  *id = avail->ring[net.queues[i].taken++ % net.queues[i].count];
  CHECK(*id < net.queues[i].count, "descriptor %u", *id);
  return descriptors(i) + *id;
}

static void use(uint32_t i, uint32_t id, uint32_t length) {
  struct used *used = used_of(i);
  used->ring[used->index % net.queues[i].count].id = id;
  used->ring[used->index % net.queues[i].count].length = length;
  used->index++;
}

static void transmit(void) {
  static const uint8_t no_header[HEADER];
  uint32_t id;
  struct desc *desc;
  while (!net.holds && net.notified[1] && (desc = next_buffer(1, &id)) != NULL) {
    const uint8_t *bytes = (const uint8_t *)(uintptr_t)desc->address;
    CHECK(desc->flags == 0, "flags %x of a frame to send", desc->flags);
    CHECK(desc->length >= HEADER + 14, "%u bytes", desc->length);
    CHECK(memcmp(bytes, no_header, HEADER) == 0, "a header with offload");
    sent(bytes + HEADER, desc->length - HEADER);
    use(1, id, 0);
  }
}

static uint32_t feature_word(uint64_t features, uint32_t which) {
  return which < 2 ? (uint32_t)(features >> which * 32) : 0;
}

/** Frozen, the queues stand still, and a status that was written shows, but nothing follows from it. */
static void count_access(void) {
  if (net.frozen || ++net.accesses <= net.freeze_at) return;
  net.frozen = 1;
  net.status |= ACKNOWLEDGE;
}

uint32_t mote_mmio_read(uintptr_t address) {
  count_access();
  if (address - BASE >= STEP) return 0;
  switch (address - BASE) {
  case 0x00: return net.magic;
  case 0x04: return net.version;
  case 0x08: return net.id;
  case 0x10: return feature_word(net.offered, net.features_sel);
  case 0x34: return net.queue_sel < QUEUES ? net.queues[net.queue_sel].max : 0;
  case 0x44: return net.queues[net.queue_sel].ready;
  case 0x70: return net.status;
  default: CHECK(0, "read of register %x", (unsigned)(address - BASE)); return 0;
  }
}

uint16_t mote_mmio_read16(uintptr_t address) {
  CHECK(address - BASE == 0x106, "16 bits of %x", (unsigned)address);
  CHECK((net.accepted & 1ull << 16) != 0, "the state of the link was not agreed on");
  return net.link;
}

/** Virtio 1.1, 3.1.1: in this order only. */
static void write_status(uint32_t value) {
  if (net.frozen) return;
  if (value == 0) {
    reset_state();
    return;
  }
  if ((value & FAILED) == 0) CHECK((value & net.status) == net.status, "status %x after %x", value, net.status);
  if ((value & FEATURES_OK) != 0 && (net.status & FEATURES_OK) == 0) {
    CHECK(net.status == (ACKNOWLEDGE | DRIVER), "status %x after %x", value, net.status);
    CHECK((net.accepted & ~net.offered) == 0, "features that were not offered");
    CHECK((net.accepted & ~(1ull << 32 | 1ull << 16)) == 0, "features that the driver does not know");
    if ((net.accepted & 1ull << 32) == 0 || net.refuses) value &= ~(uint32_t)FEATURES_OK;
  }
  if ((value & DRIVER_OK) != 0) {
    CHECK((net.status & FEATURES_OK) != 0, "DRIVER_OK without FEATURES_OK");
    CHECK(net.queues[0].ready && net.queues[1].ready, "DRIVER_OK without queues");
  }
  net.status = value;
}

static void write_address(uint64_t *place, uint32_t value, int high) {
  CHECK(!net.queues[net.queue_sel].ready, "an address of a queue that runs");
  *place = high ? (*place & 0xffffffff) | (uint64_t)value << 32 : (*place & ~0xffffffffull) | value;
}

static void write_ready(uint32_t value) {
  uint32_t i = net.queue_sel;
  CHECK(value == 1 && ((net.status & FEATURES_OK) != 0 || net.frozen), "a queue before the features");
  CHECK(net.queues[i].desc % 16 == 0 && net.queues[i].avail % 2 == 0 && net.queues[i].used % 4 == 0, "alignment");
  CHECK(net.queues[i].count > 0 && net.queues[i].count <= net.queues[i].max, "%u entries", net.queues[i].count);
  net.queues[i].ready = 1;
}

static void notify(uint32_t value) {
  CHECK(value < QUEUES && ((net.status & DRIVER_OK) != 0 || net.frozen), "notification of queue %u", value);
  net.notified[value] = 1;
  if (!net.frozen) transmit();
}

void mote_mmio_write(uintptr_t address, uint32_t value) {
  count_access();
  CHECK(address - BASE < STEP && net.queue_sel < QUEUES, "write to another device");
  switch (address - BASE) {
  case 0x14: net.features_sel = value; break;
  case 0x20:
    net.accepted &= ~(0xffffffffull << net.driver_sel * 32);
    net.accepted |= (uint64_t)value << net.driver_sel * 32;
    break;
  case 0x24:
    CHECK(value < 2, "features %u", value);
    net.driver_sel = value;
    break;
  case 0x30: net.queue_sel = value; break;
  case 0x38: net.queues[net.queue_sel].count = value; break;
  case 0x44: write_ready(value); break;
  case 0x50: notify(value); break;
  case 0x70: write_status(value); break;
  case 0x80: case 0x84: write_address(&net.queues[net.queue_sel].desc, value, address % 8 == 4); break;
  case 0x90: case 0x94: write_address(&net.queues[net.queue_sel].avail, value, address % 8 == 4); break;
  case 0xa0: case 0xa4: write_address(&net.queues[net.queue_sel].used, value, address % 8 == 4); break;
  default: CHECK(0, "write of register %x", (unsigned)(address - BASE));
  }
}

/** Fills a buffer, and says that it has so many bytes of this descriptor. */
static int put(const uint8_t *frame, uint32_t bytes, int32_t more_length, uint32_t more_id) {
  uint32_t id;
  struct desc *desc = net.frozen ? NULL : next_buffer(0, &id);
  if (desc == NULL) return 0;
  CHECK(desc->flags == 2, "flags %x of a buffer to fill", desc->flags);
  CHECK(desc->length >= HEADER + bytes, "a buffer of %u bytes", desc->length);
  memset((uint8_t *)(uintptr_t)desc->address, 0xa5, desc->length);
  memcpy((uint8_t *)(uintptr_t)desc->address + HEADER, frame, bytes);
  use(0, id + more_id, HEADER + bytes + (uint32_t)more_length);
  return 1;
}

static int deliver(const uint8_t *frame, uint32_t bytes) { return put(frame, bytes, 0, 0); }

/** Lengths that cannot be: shorter than header and Ethernet header, longer than the buffer. */
static int deliver_damaged(const uint8_t *frame, uint32_t bytes) {
  static const int32_t lengths[] = {0, 1, 11, 12, 25, HEADER + MOST + 1, 0x7fffffff, -1};
  return put(frame, bytes, lengths[bytes % 8] - (int32_t)(HEADER + bytes), 0);
}

static void hold(int on) {
  net.holds = on;
  transmit();
}

static void set_link(int up) { net.link = (uint16_t)(up | 2); }

static int start(const uint8_t mac[6]) { return mote_virtio_start(BASE, mac); }

static void freeze_after(uint32_t accesses) { net.freeze_at = net.accesses + accesses; }

static void absent(void) { net.id = 2; }

static void expect_error(int error) {
  int got = start(test_mac);
  CHECK(got == error, "start: %d", got);
  CHECK((net.status & DRIVER_OK) == 0, "status %x", net.status);
}

static void other_versions(void) {
  reset();
  net.version = 1;
  expect_error(1);
  reset();
  net.magic = 0;
  expect_error(1);
  reset();
  net.id = 0;
  expect_error(1);
  CHECK(mote_virtio_start(0, test_mac) == 1, "a device at address 0");
}

static void what_the_driver_needs(void) {
  reset();
  net.offered &= ~(1ull << 32);
  expect_error(3);
  CHECK((net.status & FAILED) != 0, "status %x", net.status);
  reset();
  net.refuses = 1;
  expect_error(3);
  reset();
  net.queues[1].max = 0;
  expect_error(3);
  reset();
  net.queues[0].max = MOTE_VIRTIO_RX_FRAMES / 2;
  expect_error(3);
  net.queues[0].max = MOTE_VIRTIO_RX_FRAMES;
  CHECK(start(test_mac) == 0, "start after errors");
}

static void finds(void) {
  reset();
  CHECK(mote_virtio_find(BASE - 2 * STEP, STEP, 8) == BASE, "not found");
  CHECK(mote_virtio_find(BASE - 2 * STEP, STEP, 2) == 0, "found where it is not");
  net.id = 2;
  CHECK(mote_virtio_find(BASE - 2 * STEP, STEP, 8) == 0, "a disk for a network");
}

static void without_link_state(void) {
  reset();
  net.offered &= ~(1ull << 16);
  net.link = 0;
  CHECK(start(test_mac) == 0, "start");
  CHECK(mote_virtio_link() == 1, "a link that nobody knows is down");
}

/** Indices of 16 bits wrap, in both queues. */
static void indices_wrap(void) {
  set_up();
  for (uint32_t i = 0; i < 70000; i++) {
    deliver_frame(60, i);
    expect_frame(60, i, 60);
    CHECK(send_frame(60, i) == 0, "no room for frame %u", i);
    expect_sent(60, i);
  }
}

/** Descriptors that there are not. */
static void foreign_descriptors(void) {
  set_up();
  put(make_frame(60, 1), 60, 0, MOTE_VIRTIO_RX_FRAMES);
  put(make_frame(60, 1), 60, 0, 0x7fffffff);
  deliver_frame(60, 2);
  expect_frame(60, 2, 60);
  CHECK(mote_virtio_dropped() == 2, "%u dropped", mote_virtio_dropped());
  for (uint32_t id = MOTE_VIRTIO_TX_FRAMES; id != 0; id *= 2) use(1, id, 0);
  CHECK(send_frame(60, 3) == 0, "no room");
  expect_sent(60, 3);
}

/** The caller's memory may be larger than the driver's. */
static void lengths_beyond_the_buffer(void) {
  uint8_t frame[4096];
  set_up();
  put(make_frame(60, 1), 60, MOST + 1 - 60, 0);
  CHECK(mote_virtio_receive(frame, sizeof frame) == 0 && mote_virtio_dropped() == 1, "bytes from nowhere");
  put(make_frame(MOST, 1), MOST, 0, 0);
  CHECK(mote_virtio_receive(frame, sizeof frame) == MOST, "the longest");
}

/** Buffers come back in another order than they went. */
static void another_order(void) {
  uint32_t ids[MOTE_VIRTIO_TX_FRAMES];
  set_up();
  for (uint32_t round = 0; round < 10; round++) {
    net.holds = 1;
    for (uint32_t i = 0; i < MOTE_VIRTIO_TX_FRAMES; i++) CHECK(send_frame(100, i) == 0, "no room");
    for (uint32_t i = 0; i < MOTE_VIRTIO_TX_FRAMES; i++) CHECK(next_buffer(1, &ids[i]) != NULL, "not available");
    for (uint32_t i = MOTE_VIRTIO_TX_FRAMES; i-- > 0;) {
      use(1, ids[i], 0);
      CHECK(send_frame(200, i) == 0 && send_frame(200, i) == 1, "not just one is free");
      uint32_t id;
      CHECK(next_buffer(1, &id) != NULL && id == ids[i], "a buffer that the device has");
      use(1, id, 0);
      CHECK(send_frame(200, i) == 0 && next_buffer(1, &ids[i]) != NULL, "no room");
    }
    for (uint32_t i = 0; i < MOTE_VIRTIO_TX_FRAMES; i++) use(1, ids[i], 0);
  }
}

static const struct named_test tests[] = {{"virtio: other versions and devices", other_versions},
                                          {"virtio: a device without what the driver needs", what_the_driver_needs},
                                          {"virtio: looks for the device", finds},
                                          {"virtio: a device that does not tell of its link", without_link_state},
                                          {"virtio: indices wrap", indices_wrap},
                                          {"virtio: descriptors that there are not", foreign_descriptors},
                                          {"virtio: lengths beyond the buffer", lengths_beyond_the_buffer},
                                          {"virtio: frames are sent in another order", another_order},
                                          {NULL, NULL}};

const struct device device = {.name = "virtio",
                              .start = start,
                              .receive = mote_virtio_receive,
                              .send = mote_virtio_send,
                              .link = mote_virtio_link,
                              .dropped = mote_virtio_dropped,
                              .reset = reset,
                              .deliver = deliver,
                              .deliver_damaged = deliver_damaged,
                              .longest = MOST,
                              .hold = hold,
                              .set_link = set_link,
                              .freeze_after = freeze_after,
                              .absent = absent,
                              .mac = NULL,
                              .tests = tests};
