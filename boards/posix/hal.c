/* A program on Linux as a board: a TAP device is its Ethernet. */

#define _GNU_SOURCE
#include "hal.h"
#include "posix.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static int device = -1;
/** The device had no room for the last frame. */
static int is_full;

int mote_posix_open(const char *name) {
  struct ifreq request = {0};
  if (strlen(name) >= sizeof request.ifr_name) return ENAMETOOLONG;
  device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) return errno;
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  return ioctl(device, TUNSETIFF, &request) < 0 ? errno : 0;
}

int mote_hal_start(uint8_t mac[6]) {
  if (device < 0) return EBADF;
  static const uint8_t ours[6] = {2, 0, 0x6d, 0x6f, 0x74, 0x65}; /* locally administered, "mote" */
  memcpy(mac, ours, 6);
  return 0;
}

static struct timespec now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time;
}

uint32_t mote_hal_milliseconds(void) {
  struct timespec time = now();
  return (uint32_t)((uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000);
}

uint32_t mote_hal_microseconds(void) {
  struct timespec time = now();
  return (uint32_t)((uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000);
}

int mote_hal_random(uint8_t *bytes, uint32_t count) {
  return getrandom(bytes, count, 0) == (ssize_t)count ? 0 : 1;
}

int mote_hal_link(void) { return 1; }

uint32_t mote_hal_receive(uint8_t *frame, uint32_t most) {
  ssize_t bytes = read(device, frame, most);
  return bytes > 0 ? (uint32_t)bytes : 0;
}

int mote_hal_send(const uint8_t *frame, uint32_t bytes) {
  is_full = write(device, frame, bytes) < 0 && errno == EAGAIN;
  return is_full;
}

void mote_hal_sleep(uint32_t milliseconds) {
  struct pollfd wanted = {.fd = device, .events = is_full ? POLLIN | POLLOUT : POLLIN};
  poll(&wanted, 1, (int)milliseconds);
}

void mote_hal_log(const char *line) {
  fprintf(stderr, "%s\n", line);
}
