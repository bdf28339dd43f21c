/* A program outside of the project: what it knows is motetcp.h. Who connects to port 13 is told who answers; datagrams to
 * port 7 go back. */

#include "motetcp.h"
#include <stdio.h>
#include <string.h>

static uint32_t listener, datagrams;

static int open_all(void) {
  int32_t handle = mote_listen(0, 13, 1);
  if (handle <= 0) return fprintf(stderr, "listen: %s\n", mote_error_name(handle));
  listener = (uint32_t)handle;
#ifdef MOTE_HAS_SOCKETS
  if ((handle = mote_bind(MOTE_PROTOCOL_UDP, 0, 7)) <= 0) return fprintf(stderr, "bind: %s\n", mote_error_name(handle));
  datagrams = (uint32_t)handle;
#endif
  return 0;
}

static void greet(void) {
  char line[80] = "this is " MOTE_PROFILE " at ", address[MOTE_ADDRESS_TEXT];
  uint8_t own[4] = {0};
  int32_t handle;
  mote_own_address(own);
  mote_append_text(line + strlen(line), mote_print_address(own, address));
  while ((handle = mote_accept(listener)) > 0) {
    mote_write((uint32_t)handle, line, (uint32_t)strlen(line));
    mote_shutdown((uint32_t)handle);
  }
}

static void answer(void) {
#ifdef MOTE_HAS_SOCKETS
  uint8_t bytes[512];
  struct mote_peer peer;
  int32_t count;
  while ((count = mote_receive_from(datagrams, &peer, bytes, sizeof bytes)) >= 0)
    mote_send_to(datagrams, &peer, bytes, (uint32_t)count);
#endif
}

int main(int count, char **words) {
  static struct mote_settings settings = {.prefix = 24};
  uint32_t handle, events;
  if (count != 3 || !mote_parse_address(words[2], settings.address)) return 2;
  if (mote_posix_open(words[1]) != 0 || mote_pump_start(&settings) != 0 || open_all() != 0) return 1;
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    if (mote_pump_turn() != 0) open_all();
    while ((handle = mote_poll(&events)) != 0) {
      if (handle == listener) greet();
      else if (handle == datagrams) answer();
      else if (events & (MOTE_EVENT_CLOSED | MOTE_EVENT_ERROR)) mote_close(handle);
    }
    mote_pump_sleep();
  }
}
