/* What comes to port 7 goes back. */

#include "firmware.h"
#include "motetcp.h"
#include "pump.h"

#define ECHO_PORT 7
#define BACKLOG 2

static uint32_t listener;

int mote_firmware_open(void) {
  int32_t handle = mote_listen(0, ECHO_PORT, BACKLOG);
  listener = handle > 0 ? (uint32_t)handle : 0;
  return handle <= 0;
}

static void echo(uint32_t handle) {
  uint8_t bytes[256];
  int32_t room, count;
  while ((room = mote_send_span(handle)) > 0) {
    count = mote_read(handle, bytes, room < (int32_t)sizeof bytes ? (uint32_t)room : sizeof bytes);
    if (count <= 0) {
      if (count == 0) mote_shutdown(handle);
      return;
    }
    mote_write(handle, bytes, (uint32_t)count);
  }
}

void mote_firmware_serve(void) {
  for (uint32_t handle; (handle = mote_next_event()) != 0;) {
    uint32_t events = (uint32_t)mote_take_events(handle);
    if (handle == listener) {
      while (mote_accept(listener) > 0) continue;
      continue;
    }
    if (events & (MOTE_EVENT_READABLE | MOTE_EVENT_WRITABLE)) echo(handle);
    if (events & (MOTE_EVENT_CLOSED | MOTE_EVENT_ERROR)) mote_close(handle);
  }
}
