/* An application: what comes to port 7 goes back. Beside it the core's own hello. */

#include "motetcp.h"
#include "posix.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ECHO_PORT 7
#define HELLO_PORT 8000
#define BACKLOG 2

static uint32_t listener;

static void open_listener(void) {
  int32_t handle = mote_listen(0, ECHO_PORT, BACKLOG);
  if (handle <= 0 || mote_serve(MOTE_SERVICE_HELLO, 0, HELLO_PORT, BACKLOG) <= 0) exit(1);
  listener = (uint32_t)handle;
}

/** Copies what has come to where it goes, as long as there is room for it. */
static void echo(uint32_t handle) {
  uint8_t copy[256];
  const uint8_t *bytes;
  int32_t there, taken;
  while ((there = mote_peek(handle, &bytes)) > 0) {
    if (there > (int32_t)sizeof copy) there = sizeof copy;
    memcpy(copy, bytes, (size_t)there); /* the next call ends what was lent */
    if ((taken = mote_write(handle, copy, (uint32_t)there)) <= 0) return;
    mote_peek(handle, &bytes);
    mote_consume(handle, (uint32_t)taken);
  }
  if (there == 0) mote_shutdown(handle);
}

static void handle_events(uint32_t handle, uint32_t events) {
  if (handle == listener) {
    while (mote_accept(listener) > 0) continue;
    return;
  }
  if (events & (MOTE_EVENT_READABLE | MOTE_EVENT_WRITABLE)) echo(handle);
  if (events & (MOTE_EVENT_CLOSED | MOTE_EVENT_ERROR)) mote_close(handle);
}

int main(int count, char **words) {
  static struct mote_settings settings = {.prefix = 24, .host_name = NULL};
  if (count != 3 || !mote_parse_address(words[2], settings.address)) {
    fprintf(stderr, "usage: %s DEVICE ADDRESS   (answers on port %d of a /24 on a TAP device)\n",
            words[0], ECHO_PORT);
    return 2;
  }
  int error = mote_posix_open(words[1]);
  if (error != 0) {
    fprintf(stderr, "TAP device %s: %s\n", words[1], strerror(error));
    return 1;
  }
  if (mote_pump_start(&settings) != 0) return 1;
  open_listener();
  printf("echo on %s port %d\n", words[2], ECHO_PORT);
  fflush(stdout);
  for (;;) {
    if (mote_pump_turn() != 0) open_listener();
    for (uint32_t handle, events; (handle = mote_poll(&events)) != 0;) handle_events(handle, events);
    mote_pump_sleep();
  }
}
