/* The program of tests: without a word it prints their names, with a name it runs that one. */

#include "device.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST = 14, PADDED = 60, MOST = 1514, BURST = 64, LONGER = 2048, KEPT = 128 };

const uint8_t test_mac[6] = {0x02, 0x4d, 0x6f, 0x74, 0x65, 0x01};

static struct {
  uint8_t bytes[LONGER];
  uint32_t count;
} wire[KEPT];
static uint32_t first_sent, next_sent;

void failed(const char *file, int line, const char *condition, const char *format, ...) {
  va_list given;
  fprintf(stderr, "%s:%d: %s: ", file, line, condition);
  va_start(given, format);
  vfprintf(stderr, format, given);
  va_end(given);
  fputc('\n', stderr);
  exit(1);
}

void sent(const uint8_t *frame, uint32_t bytes) {
  CHECK(bytes <= LONGER, "a frame of %u bytes was sent", bytes);
  CHECK(next_sent - first_sent < KEPT, "nobody looks at what was sent");
  memcpy(wire[next_sent % KEPT].bytes, frame, bytes);
  wire[next_sent++ % KEPT].count = bytes;
}

uint32_t count_sent(void) { return next_sent - first_sent; }

void set_up(void) {
  device.reset();
  first_sent = next_sent = 0;
  int error = device.start(test_mac);
  CHECK(error == 0, "start: %d", error);
}

const uint8_t *make_frame(uint32_t bytes, uint32_t number) {
  static uint8_t frame[LONGER];
  CHECK(bytes <= LONGER, "%u", bytes);
  /* No byte is zero, so that padding shows. */
  for (uint32_t i = 0; i < bytes; i++) frame[i] = (uint8_t)(1 + (i * 31 + (i >> 8) * 17 + number * 101) % 255);
  memcpy(frame, test_mac, bytes < 6 ? bytes : 6);
  return frame;
}

void deliver_frame(uint32_t bytes, uint32_t number) {
  int kept = device.deliver(make_frame(bytes, number), bytes);
  CHECK(kept, "no room for frame %u of %u bytes", number, bytes);
}

void expect_frame(uint32_t bytes, uint32_t number, uint32_t most) {
  uint8_t *block = malloc(most + 1);
  uint8_t *frame = block + 1;
  memset(frame, 0xee, most);
  uint32_t got = device.receive(frame, most);
  CHECK(got == bytes, "frame %u: %u bytes instead of %u", number, got, bytes);
  CHECK(memcmp(frame, make_frame(bytes, number), bytes) == 0, "frame %u of %u bytes is another", number, bytes);
  for (uint32_t i = bytes; i < most; i++) CHECK(frame[i] == 0xee, "byte %u behind a frame of %u was written", i, bytes);
  free(block);
}

void expect_nothing(void) {
  uint8_t frame[MOST];
  uint32_t got = device.receive(frame, MOST);
  CHECK(got == 0, "a frame of %u bytes came", got);
}

int send_frame(uint32_t bytes, uint32_t number) {
  uint8_t *block = malloc(bytes + 1);
  memcpy(block + 1, make_frame(bytes, number), bytes);
  int result = device.send(block + 1, bytes);
  free(block);
  return result;
}

void expect_sent(uint32_t bytes, uint32_t number) {
  uint32_t padded = bytes < PADDED ? PADDED : bytes;
  CHECK(count_sent() > 0, "frame %u was not sent", number);
  uint32_t place = first_sent++ % KEPT;
  CHECK(wire[place].count == padded, "frame %u of %u bytes was sent with %u", number, bytes, wire[place].count);
  CHECK(memcmp(wire[place].bytes, make_frame(bytes, number), bytes) == 0, "frame %u was sent as another", number);
  for (uint32_t i = bytes; i < padded; i++) {
    CHECK(wire[place].bytes[i] == 0, "byte %u of the padding is %u", i, wire[place].bytes[i]);
  }
}

static void all_sizes_in(void) {
  set_up();
  for (uint32_t bytes = LEAST; bytes <= MOST; bytes++) {
    deliver_frame(bytes, bytes);
    expect_frame(bytes, bytes, bytes);
    expect_nothing();
  }
  CHECK(device.dropped() == 0, "%u dropped", device.dropped());
}

static void all_sizes_out(void) {
  set_up();
  for (uint32_t bytes = LEAST; bytes <= MOST; bytes++) {
    int result = send_frame(bytes, bytes);
    CHECK(result == 0, "%u bytes: %d", bytes, result);
    expect_sent(bytes, bytes);
    CHECK(count_sent() == 0, "%u more after %u bytes", count_sent(), bytes);
  }
  CHECK(device.dropped() == 0, "%u dropped", device.dropped());
}

/** What was sent before in the same place does not show in the padding. */
static void padding_after_long_frames(void) {
  set_up();
  for (uint32_t bytes = LEAST; bytes < PADDED; bytes++) {
    for (uint32_t i = 0; i < 32; i++) {
      CHECK(send_frame(MOST, i) == 0, "no room");
      expect_sent(MOST, i);
    }
    for (uint32_t i = 0; i < 8; i++) {
      CHECK(send_frame(bytes, i) == 0, "no room");
      expect_sent(bytes, i);
    }
  }
}

/** As many as the device keeps come in order, and the next after them. */
static void burst_in(void) {
  static const uint32_t sizes[] = {60, 61, 590, 1514};
  for (uint32_t s = 0; s < 4; s++) {
    set_up();
    for (uint32_t round = 0; round < 20; round++) {
      uint32_t kept[BURST], count = 0;
      for (uint32_t i = 0; i < BURST; i++) {
        if (device.deliver(make_frame(sizes[s], round * BURST + i), sizes[s])) kept[count++] = round * BURST + i;
      }
      CHECK(count > 0, "none of the burst was kept");
      for (uint32_t i = 0; i < count; i++) expect_frame(sizes[s], kept[i], MOST);
      expect_nothing();
    }
    CHECK(device.dropped() == 0, "%u dropped", device.dropped());
  }
}

static void burst_out(void) {
  set_up();
  for (uint32_t i = 0; i < BURST; i++) {
    uint32_t bytes = LEAST + i * 23;
    for (uint32_t offers = 0; send_frame(bytes, i) != 0; offers++) CHECK(offers < 1000, "no room for frame %u", i);
    device.hold(i % 5 == 0);
  }
  device.hold(0);
  for (uint32_t i = 0; i < BURST; i++) expect_sent(LEAST + i * 23, i);
  CHECK(count_sent() == 0, "%u too many", count_sent());
}

static void no_room_then_room(void) {
  set_up();
  for (uint32_t round = 0; round < 5; round++) {
    uint32_t count = 0;
    device.hold(1);
    while (send_frame(1000, count) == 0) {
      count++;
      CHECK(count < BURST, "the device holds everything, and the driver takes more and more");
    }
    CHECK(count > 0, "no frame was taken");
    CHECK(send_frame(1000, count) == 1 && send_frame(1000, count) == 1, "room from nowhere");
    CHECK(count_sent() == 0, "sent while the wire was held");
    device.hold(0);
    CHECK(send_frame(1000, count) == 0, "no room once everything has left");
    for (uint32_t i = 0; i <= count; i++) expect_sent(1000, i);
  }
  CHECK(device.dropped() == 0, "%u dropped", device.dropped());
}

/** Longer than the caller's memory: dropped and counted, and the frames around it come. */
static void too_long(void) {
  static const uint32_t most[] = {60, 64, 590, 1513};
  for (uint32_t i = 0; i < 4; i++) {
    set_up();
    deliver_frame(60, 1);
    deliver_frame(most[i] + 1, 2);
    deliver_frame(60, 3);
    expect_frame(60, 1, most[i]);
    expect_frame(60, 3, most[i]);
    expect_nothing();
    CHECK(device.dropped() == 1, "%u dropped", device.dropped());
  }
}

static void longest_of_the_device(void) {
  set_up();
  for (uint32_t bytes = MOST + 1; bytes <= device.longest; bytes++) {
    deliver_frame(bytes, 1);
    deliver_frame(60, bytes);
    expect_frame(60, bytes, MOST);
    CHECK(device.dropped() == bytes - MOST, "%u dropped", device.dropped());
  }
}

static void damaged(void) {
  set_up();
  for (uint32_t round = 1; round <= 50; round++) {
    deliver_frame(100, 1);
    CHECK(device.deliver_damaged(make_frame(60 + round, 2), 60 + round), "no room");
    deliver_frame(101, 3);
    expect_frame(100, 1, MOST);
    expect_frame(101, 3, MOST);
    CHECK(device.dropped() == round, "%u dropped after %u", device.dropped(), round);
  }
}

/** However many in a row are dropped: a call has an end, and no frame behind them is lost. */
static void many_to_drop(void) {
  uint8_t small[60];
  set_up();
  uint32_t count = 0;
  while (count < 40 && device.deliver(make_frame(61, count), 61)) count++;
  for (uint32_t calls = 0; device.dropped() < count; calls++) {
    CHECK(device.receive(small, sizeof small) == 0, "a frame that does not fit");
    CHECK(calls < 40, "%u of %u were dropped", device.dropped(), count);
  }
  deliver_frame(60, 7);
  expect_frame(60, 7, 60);
  CHECK(device.dropped() == count, "%u dropped", device.dropped());
}

/** What can never be sent is no reason to offer it for ever. */
static void impossible_to_send(void) {
  static const uint32_t sizes[] = {0, 1, 13, 1515, 2048};
  set_up();
  for (uint32_t i = 0; i < 5; i++) {
    CHECK(send_frame(sizes[i], 1) == 0, "%u bytes wait for ever", sizes[i]);
    CHECK(device.dropped() == i + 1, "%u bytes: %u dropped", sizes[i], device.dropped());
  }
  CHECK(count_sent() == 0, "something was sent");
  CHECK(send_frame(60, 2) == 0, "no room");
  expect_sent(60, 2);
}

/** Drivers may say once that the link is down when it is up again, as a PHY does. */
static int settled_link(void) {
  device.link();
  return device.link();
}

static void link_down_and_up(void) {
  set_up();
  CHECK(device.link() == 1, "down at the start");
  for (uint32_t i = 0; i < 3; i++) {
    device.set_link(0);
    CHECK(device.link() == 0, "still up");
    CHECK(device.link() == 0, "up by itself");
    device.set_link(1);
    CHECK(settled_link() == 1, "still down");
    deliver_frame(200, i);
    expect_frame(200, i, MOST);
    CHECK(send_frame(300, i) == 0, "no room");
    expect_sent(300, i);
  }
}

static void starts_without_link(void) {
  device.reset();
  device.set_link(0);
  CHECK(device.start(test_mac) == 0, "start");
  CHECK(device.link() == 0, "up");
  device.set_link(1);
  CHECK(settled_link() == 1, "down");
}

static void mac_is_set(void) {
  static const uint8_t other[6] = {0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54};
  set_up();
  CHECK(memcmp(device.mac(), test_mac, 6) == 0, "another MAC");
  CHECK(device.start(other) == 0, "start");
  CHECK(memcmp(device.mac(), other, 6) == 0, "another MAC");
}

/** A second start, with frames left from the first, is a start. */
static void starts_again(void) {
  set_up();
  for (uint32_t i = 0; i < 3; i++) {
    deliver_frame(70, i);
    device.hold(1);
    send_frame(80, i);
    CHECK(device.start(test_mac) == 0, "start");
    device.hold(0);
    while (count_sent() > 0) first_sent++;
    expect_nothing();
    deliver_frame(90, i);
    expect_frame(90, i, MOST);
    CHECK(send_frame(1000, i) == 0, "no room");
    expect_sent(1000, i);
  }
}

static void another_device(void) {
  device.reset();
  device.absent();
  int error = device.start(test_mac);
  CHECK(error == 1, "start: %d", error);
}

static void device_that_never_answers(void) {
  device.reset();
  device.freeze_after(0);
  int error = device.start(test_mac);
  CHECK(error == 2, "start: %d", error);
}

/** Wherever a start stands when the device freezes: it ends, and does not say that the device is another. */
static void freezes_during_start(void) {
  int started = 0;
  for (uint32_t accesses = 1; !started; accesses++) {
    CHECK(accesses < 2000, "a start without end");
    device.reset();
    device.freeze_after(accesses);
    int error = device.start(test_mac);
    CHECK(error == 0 || error == 2 || error == 3, "frozen after %u accesses: %d", accesses, error);
    started = error == 0;
  }
}

/** Frozen while it runs: nothing comes, nothing goes, and every call ends. */
static void freezes_later(void) {
  set_up();
  device.freeze_after(0);
  for (uint32_t i = 0; i < 50; i++) {
    uint8_t frame[MOST];
    device.receive(frame, MOST);
    send_frame(1000, i);
    device.link();
  }
}

static const struct named_test common_tests[] = {
    {"frames of all sizes come", all_sizes_in},
    {"frames of all sizes are sent, and the padding is zeros", all_sizes_out},
    {"the padding has nothing of frames sent before", padding_after_long_frames},
    {"of bursts of 64 come those that the device kept, in order", burst_in},
    {"bursts of 64 are sent in order", burst_out},
    {"a full device has no room, then it has", no_room_then_room},
    {"a frame that is too long is dropped, those around it come", too_long},
    {"frames up to the longest that the device keeps are dropped", longest_of_the_device},
    {"a damaged frame is dropped, those around it come", damaged},
    {"many frames to drop, and then a good one", many_to_drop},
    {"what can never be sent is dropped", impossible_to_send},
    {"the link goes down and up", link_down_and_up},
    {"a start without link", starts_without_link},
    {"the device knows its MAC", mac_is_set},
    {"a second start", starts_again},
    {"another device in its place is an error", another_device},
    {"a device that never answers is an error", device_that_never_answers},
    {"a start ends when the device stops answering in the midst of it", freezes_during_start},
    {"every call ends when the device does not answer any more", freezes_later},
    {NULL, NULL}};

/** Whether the device can do what a test is about. */
static int applies(const struct named_test *test) {
  if (test->run == longest_of_the_device) return device.longest > MOST;
  if (test->run == damaged) return device.deliver_damaged != NULL;
  return test->run != mac_is_set || device.mac != NULL;
}

static int run_named(const struct named_test *tests, const char *name) {
  for (; tests->name != NULL; tests++) {
    if (!applies(tests)) continue;
    if (name == NULL) puts(tests->name);
    else if (strcmp(tests->name, name) == 0) return tests->run(), 1;
  }
  return 0;
}

int main(int count, char **words) {
  const char *name = count > 1 ? words[1] : NULL;
  int found = run_named(common_tests, name) || run_named(device.tests, name);
  return name == NULL || found ? 0 : 2;
}
