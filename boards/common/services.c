/* The services that the core has by itself: nothing but the pump is needed to serve them. */

#include "firmware.h"
#include "hal.h"
#include "motetcp.h"

/** Connections that each may have: as many as there are rings, on the largest profile of boards. */
#define BACKLOG 8

static const struct {
  uint16_t service, port;
} services[] = {
  {MOTE_SERVICE_HELLO, 8000}, {MOTE_SERVICE_ECHO, 7},      {MOTE_SERVICE_DISCARD, 9},
  {MOTE_SERVICE_HTTP, 80},   {MOTE_SERVICE_CHARGEN, 19},
};

int mote_firmware_open(void) {
  for (uint32_t i = 0; i < sizeof services / sizeof *services; i++) {
    if (mote_serve(services[i].service, 0, services[i].port, BACKLOG) <= 0) {
      mote_hal_log("a service does not start");
      return 1;
    }
  }
  return 0;
}

/* Nothing is left for the application; events of addresses are taken, so that they do not wait for ever. */
void mote_firmware_serve(void) {
  for (uint32_t handle; (handle = mote_next_event()) != 0;) mote_take_events(handle);
}
