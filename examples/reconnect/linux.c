/* The example as a program on Linux, on a TAP device. */

#include "reconnect.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void reconnect_say(const char *line) {
  printf("%s\n", line);
  fflush(stdout);
}

int main(int count, char **words) {
  static struct mote_settings settings = {.prefix = 24};
  uint8_t server[4];
  if (count != 5 || !mote_parse_address(words[2], settings.address) || !mote_parse_address(words[3], server)) {
    fprintf(stderr, "usage: %s DEVICE ADDRESS SERVER PORT\n", words[0]);
    return 2;
  }
  int error = mote_posix_open(words[1]);
  if (error != 0) {
    fprintf(stderr, "TAP device %s: %s\n", words[1], strerror(error));
    return 1;
  }
  if (mote_pump_start(&settings) != 0) return 1;
  reconnect(server, (uint32_t)atoi(words[4]));
}
