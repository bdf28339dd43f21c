/* The application: what boards/common/services.c offers. The main task is the one that runs the stack. */

#include "firmware.h"
#include "hal.h"
#include "motetcp.h"
#include "sdkconfig.h"
#include <stddef.h>

static struct mote_settings settings = {
  .prefix = CONFIG_MOTE_PREFIX,
  .host_name = sizeof CONFIG_MOTE_HOST_NAME > 1 ? CONFIG_MOTE_HOST_NAME : NULL,
};

/** 1: it is one, or empty. */
static int is_address(const char *text, uint8_t address[4]) {
  return *text == 0 || mote_parse_address(text, address);
}

void app_main(void) {
  if (!is_address(CONFIG_MOTE_ADDRESS, settings.address) || !is_address(CONFIG_MOTE_ROUTER, settings.router)) {
    mote_hal_log("MOTE_ADDRESS or MOTE_ROUTER is no IPv4 address");
  } else if (mote_pump_start(&settings) == 0 && mote_firmware_open() == 0) {
    for (;;) {
      if (mote_pump_turn() != 0) mote_firmware_open();
      mote_firmware_serve();
      mote_pump_sleep();
    }
  }
  mote_hal_log("stopped");
}
