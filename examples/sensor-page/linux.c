/* A pump and nothing else: the page is in the module. What stands in for a sensor is the time of day. */

#include "motetcp.h"
#include "posix.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

int main(int count, char **words) {
  static struct mote_settings settings = {.prefix = 24};
  if (count != 3 || !mote_parse_address(words[2], settings.address)) {
    fprintf(stderr, "usage: %s DEVICE ADDRESS\n", words[0]);
    return 2;
  }
  int error = mote_posix_open(words[1]);
  if (error != 0) {
    fprintf(stderr, "TAP device %s: %s\n", words[1], strerror(error));
    return 1;
  }
  if (mote_pump_start(&settings) != 0) return 1;
  printf("http://%s/\n", words[2]);
  fflush(stdout);
  /* The module says where the value goes: behind the core's constants. */
  uint32_t place = mote_constant(MOTE_CONSTANT_COUNT);
  for (;;) {
    int32_t tenths = 200 + (int32_t)(time(NULL) % 100);
    memcpy(mote_pump_memory() + place, &tenths, sizeof tenths); /* little-endian, as the module is */
    mote_pump_turn();
    mote_pump_sleep_for(1000);
  }
}
